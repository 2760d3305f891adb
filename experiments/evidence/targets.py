"""Targets: what was seen of a country, what a run shows of it, and how far they are apart.

A file of targets has a line for each: its name, the measure, how it is summed over its dates, the dates, the best
value with its 90 % range, unit and source. A target's error is its own (low to high, read as a 90 % range of its
logarithm) and the model's (``MODEL_ERROR``). The distance of a run is the root mean square of its misses, in errors.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.lab.table import TableError, date_of, number_of, read_table
from model.episode import Episode
from model.measures import MEASURES
from model.parameters import nearest

FOLDER = Path(__file__).parent / "targets"
COLUMNS = ("name", "measure", "how", "dates", "low", "middle", "high", "unit", "source")
MODEL_ERROR = 0.2
"""What no model of this kind can be expected to hit [log units]; set before the first run."""
FEWEST = 30.0
"""Added to arrests that may be none, so that their logarithm exists [people]."""

_COLUMN = {measure: place for place, measure in enumerate(MEASURES)}


class History:
    """The daily measures of a run so far, by name and day."""

    def __init__(self, rows: Sequence[Sequence[float]], forces: float) -> None:
        """Take the rows of a run, and the heads of the forces on the first day [people]."""
        self.values = np.array(rows)
        self.forces = forces

    def on(self, measure: str, days: Sequence[int]) -> np.ndarray:
        """Return a measure on some days (the first is 1)."""
        return self.values[[day - 1 for day in days], _COLUMN[measure]]


def _typical(run: History, measure: str, days: Sequence[int]) -> float:
    return float(np.exp(np.log(np.maximum(run.on(measure, days), 20.0)).mean()))


def _share_of_detained(run: History, measure: str, days: Sequence[int]) -> float:
    caught = max(float(run.on("detained_today", days).sum()), 1.0)
    return max(float(run.on(measure, days).sum()) / caught, 0.01)


def _by_capital(run: History, measure: str, days: Sequence[int]) -> float:
    capital = run.on("capital_crowd", days)
    peak = int(capital.argmax())
    return max(float(run.on(measure, days)[peak]), 20.0) / max(float(capital[peak]), 20.0)


def _first_day(run: History, measure: str, days: Sequence[int]) -> float:
    reached = run.values[: days[-1], _COLUMN[measure]] >= 1.0
    return float(reached.argmax() + 1 if reached.any() else days[-1] + 1)


def _by_then(run: History, measure: str, days: Sequence[int]) -> float:
    then, at_last = run.on(measure, days)
    return max(float(then), 1e-4) / max(float(at_last), 1e-4)


HOW: Mapping[str, Callable[[History, str, Sequence[int]], float]] = {
    "typical": _typical,  # the geometric mean; nothing counts as 20
    "total": lambda run, measure, days: max(float(run.on(measure, days).sum()), FEWEST),
    "share_of_detained": _share_of_detained,
    "peak": lambda run, measure, days: max(float(run.on(measure, days).max()), 20.0),
    "mean_and_30": lambda run, measure, days: FEWEST + float(run.on(measure, days).sum()) / len(days),
    "share": lambda run, measure, days: max(float(run.on(measure, days)[-1]), 1e-4),
    "by_capital": _by_capital,  # at the capital's largest crowd, by that crowd
    "first_day": _first_day,  # on which it first reached 1; the day after the last, if it never did
    "by_then": _by_then,  # on the first of two dates, by what it was on the second
    "share_of_forces": lambda run, measure, days: max(float(run.on(measure, days)[-1]), 1.0) / run.forces,
}
"""How a measure is summed over a target's days, each with the least it returns: a logarithm is taken of it."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something seen: best value and 90 % range, and the days, the measure and the sum by which a run shows it.

    Days are counted from the first that is lived, of the episode's past if it has one.
    """

    name: str
    measure: str
    how: str
    days: tuple[int, ...]
    low: float
    mid: float
    high: float
    unit: str
    source: str

    @property
    def known_on(self) -> int:
        """The day from which a run shows it."""
        return max(self.days)

    def shown(self, history: History) -> float:
        """Return what a run shows of it."""
        return HOW[self.how](history, self.measure, self.days)

    @property
    def error(self) -> float:
        """Its own error and the model's [log units]."""
        return math.hypot(math.log(self.high / self.low) / 3.29, MODEL_ERROR)

    def miss(self, value: float) -> float:
        """Return how far a run's value is off, in errors of the target and the model."""
        return (math.log(value) - math.log(self.mid)) / self.error


def read_targets(path: str | Path, episode: Episode) -> tuple[Target, ...]:
    """Read a file of targets of an episode, in the order in which they are known.

    Raises:
        TableError: if it is missing or broken, or a line of it names something that cannot be.
    """
    table = read_table(path)
    if sorted(table.names) != sorted(COLUMNS):
        raise TableError(f"{table.where(1)}: columns {', '.join(table.names)}; expected {', '.join(COLUMNS)}")
    read = [_target(where, row, episode) for where, row in table.rows()]
    if len({target.name for target in read}) < len(read):
        raise TableError(f"{path}: expected each target with its own name")
    return tuple(sorted(read, key=lambda target: target.known_on))


def _target(where: str, row: dict[str, str], episode: Episode) -> Target:
    """Make a target of a line, refusing what cannot be."""
    for column, known in (("measure", MEASURES), ("how", HOW)):
        if row[column] not in known:
            raise TableError(f"{where}: no {column} {row[column]}{nearest(row[column], list(known))}")
    found = [date_of(date) for date in row["dates"].split()]
    dates = [date for date in found if date is not None and episode.first_date <= date <= episode.end_date]
    if not dates or len(dates) < len(found):
        span = f"{episode.first_date} to {episode.end_date}"
        raise TableError(f"{where}: dates = {row['dates']}; expected dates such as 2020-08-09, within {span}")
    low, middle, high = (number_of(row[column]) for column in ("low", "middle", "high"))
    if not 0.0 < low <= middle <= high < math.inf or low == high:
        given = ", ".join(row[column] for column in ("low", "middle", "high"))
        raise TableError(f"{where}: low, middle, high = {given}; expected three numbers above 0, from low to high")
    days = tuple(episode.day_of(date) + episode.past_days for date in dates)
    return Target(
        name=row["name"], measure=row["measure"], how=row["how"], days=days, low=low, mid=middle, high=high,
        unit=row["unit"], source=row["source"],
    )  # fmt: skip


def shown_by(
    targets: Sequence[Target], rows: Sequence[Sequence[float]], forces: float, *, until: int
) -> dict[str, float]:
    """Return what a run shows of each target that is known by a day."""
    history = History(rows, forces)
    return {target.name: target.shown(history) for target in targets if target.known_on <= until}


def misses(targets: Sequence[Target], values: Mapping[str, float]) -> dict[str, float]:
    """Return the miss of each target that was shown, in errors."""
    return {target.name: target.miss(values[target.name]) for target in targets if target.name in values}


def distance(targets: Sequence[Target], values: Mapping[str, float]) -> float:
    """Return the root mean square miss over all targets; one not shown (he fell before) is infinitely far."""
    if len(values) < len(targets):
        return math.inf
    return math.sqrt(sum(miss**2 for miss in misses(targets, values).values()) / len(targets))
