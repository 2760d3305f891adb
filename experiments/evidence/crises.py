"""Crises of many countries: an episode each, what was seen of its largest crowd, and how it ended.

``cases/`` holds a file each, and ``cases/README.md`` tells how to write one. A file is an episode with a table
``[case]`` beside it: the people on the largest day (low and high), and, where they are known, whether he fell, whether
the forces broke, and after how many days he fell.
"""

import dataclasses
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.episode import Episode, EpisodeError, episode_of, read_toml
from model.parameters import brief, nearest

FOLDER = Path(__file__).parent / "cases"
FITTED_TO = "BLR20"
"""The case in which the numbers of the rules were fitted: it is shown, and not scored."""
FIELDS = ("row", "peak", "fell", "broke", "days")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A crisis: its episode, the people on its largest day (low and high), and how it ended, where that is known."""

    row: str
    """Its name in ``model/data/cases.csv``, or that of its file."""
    episode: Episode
    peak: tuple[float, float]
    fell: bool | None = None
    broke: bool | None = None
    """Whether the forces broke: units of them refused, changed sides, or took power."""
    days: int | None = None
    """The days until he fell."""

    @property
    def name(self) -> str:
        """The country and the year in which it began.

        >>> shipped()["ARM18"].name
        'Armenia 2018'
        """
        return f"{self.episode.country} {self.episode.start_date.year}"

    @property
    def arm(self) -> str:
        """What he does: a war of his that the file tells of is fought."""
        return "stay" if self.episode.entry is None else "enter"

    @property
    def heads(self) -> int:
        """The heads of all his forces [people]."""
        return sum(force.heads for force in self.episode.forces)

    @property
    def middle(self) -> float:
        """The middle of the largest crowd: the geometric mean of low and high [people]."""
        return math.sqrt(self.peak[0] * self.peak[1])

    def shocked(self, size: float) -> Episode:
        """Return the episode with its shock of some size [reference anger].

        >>> [event.size for event in shipped()["ARM18"].shocked(0.5).events if event.kind == "shock"]
        [0.5]
        """
        events = tuple(
            dataclasses.replace(event, size=size) if event.kind == "shock" else event for event in self.episode.events
        )
        return self.episode.replace(events=events)


def read_case(path: str | Path) -> Case:
    """Read a case from its file.

    Raises:
        EpisodeError: if it is missing or broken, or tells of something that cannot be.
    """
    path = Path(path)
    try:
        tables = read_toml(path)
    except FileNotFoundError:
        raise EpisodeError(f"there is no file {path}") from None
    name, told = path.stem, tables.pop("case", None)
    if not isinstance(told, dict):
        raise EpisodeError(f"{name}: case = {brief(told)}; expected a table [case] with the largest crowd, peak")
    for field in told:
        if field not in FIELDS:
            raise EpisodeError(f"{name}: case.{field} does not exist{nearest(field, list(FIELDS))}")
    row, days = told.get("row", name), told.get("days")
    if not isinstance(row, str) or not row.isprintable() or not 1 <= len(row) <= 60:
        raise EpisodeError(f"{name}: case.row = {brief(row)}; expected text in quotes, 1 to 60 characters")
    for field in ("fell", "broke"):
        if field in told and not isinstance(told[field], bool):
            raise EpisodeError(f"{name}: case.{field} = {brief(told[field])}; expected true or false")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 3_700):
        raise EpisodeError(f"{name}: case.days = {brief(days)}; expected a whole number, 1 to 3700 [days]")
    episode = episode_of(name, tables)
    shocks = [event for event in episode.events if event.kind == "shock"]
    if len(shocks) != 1:
        raise EpisodeError(f"{name}: {len(shocks)} events of the kind shock; expected one, whose size is fitted")
    return Case(
        row=row, episode=episode, peak=_peak(name, told, episode), fell=told.get("fell"), broke=told.get("broke"),
        days=days,
    )  # fmt: skip


def _peak(name: str, told: Mapping[str, Any], episode: Episode) -> tuple[float, float]:
    """Return the largest crowd, or refuse what is none: two numbers in order, at most the electors."""
    given: Any = told.get("peak")
    numbers = isinstance(given, list) and all(type(number) in (int, float) for number in given)
    if not numbers or len(given) != 2 or not 0 <= given[0] <= given[1] <= episode.electors:
        expected = f"[low, high], 0 to {episode.electors} [people, the electors]"
        raise EpisodeError(f"{name}: case.peak = {brief(given)}; expected {expected}")
    if given[0] == 0 < given[1]:
        raise EpisodeError(f"{name}: case.peak = {brief(given)}; expected both 0 (no crowd) or both above")
    return float(given[0]), float(given[1])


@functools.cache
def shipped() -> Mapping[str, Case]:
    """Return the cases of the folder by their rows.

    >>> len(shipped()), sum(bool(case.fell) for row, case in shipped().items() if row != FITTED_TO)
    (18, 8)
    """
    cases = [read_case(file) for file in sorted(FOLDER.glob("*.toml"))]
    return {case.row: case for case in cases}
