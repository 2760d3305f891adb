"""Designs: at which points of the space of parameters and episode fields a sweep looks.

Ways to give points, for any parameter (``citizen.noise``), any plain field of the episode
(``entry.troops``, ``entry.front``, ``entry.date``, ``start.debt``, ``end_date``) or the episode itself:

- a list ``0.2,0.5,0.8``, or a range ``5000:25000:5`` of evenly spaced values (``1:100:3:log`` for even ratios);
- ``grid``: every value of each with every value of the others; ``list``: first with first, second with second;
- ``lhs``: a Latin hypercube (McKay, Beckman and Conover 1979) and ``sobol``: a scrambled Sobol sequence over
  ``low:high`` ranges, or over the declared ones; a list has each of its values equally often;
- a file: a CSV with a column a name and a line a point, in its own order, where lines may be equal.
"""

import dataclasses
import datetime as dt
import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from experiments.lab.table import read_table
from model import episode as episodes
from model.episode import Entry, Episode, EpisodeError, Start, load_episode
from model.parameters import DECLARED, Parameters, nearest

KINDS = ("grid", "list", "lhs", "sobol")
RANDOM = ("lhs", "sobol")
FILE = "file"
"""The kind of a design whose points stand in a file; it is asked for by the file, not by this word."""
MOST_POINTS = 1_000_000
TYPES = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    dt.date: "a date such as 2022-03-24",
}

type Value = float | int | str | bool | dt.date | None


class DesignError(ValueError):
    """A design that cannot be; the message names the number, what was given and what is expected."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One number or field that varies: over some values, or between two ends (evenly, or by even ratios)."""

    name: str
    values: tuple[Value, ...] = ()
    low: Value = None
    high: Value = None
    log: bool = False

    def spec(self) -> list[Any] | str:
        """Return the axis as plain values, for records."""
        if self.values:
            return [plain(value) for value in self.values]
        return f"{plain(self.low)}:{plain(self.high)}" + (":log" if self.log else "")

    def at(self, ranks: np.ndarray) -> list[Value]:
        """Return the values at ranks [0 to 1): between the ends, or of the list, each equally often."""
        if self.values:
            return [self.values[min(int(rank * len(self.values)), len(self.values) - 1)] for rank in ranks]
        return [_between(self, float(rank)) for rank in ranks]


@dataclass(frozen=True, kw_only=True)
class Design:
    """The names that vary, and the points: a tuple of values each, in the order of the names."""

    kind: str
    axes: tuple[Axis, ...]
    points: tuple[tuple[Value, ...], ...]
    asked: int | None = None
    """How many points were asked for, where the values do not say."""
    file: str | None = None
    """The file that the points were read from."""
    lines: tuple[tuple[int, int], ...] = ()
    """The lines of that file, in its order: the number of each, and the place of its point. Equal lines share one."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that vary."""
        return tuple(axis.name for axis in self.axes)

    @property
    def rows(self) -> tuple[int, ...]:
        """The place of the point of each row of a table: every point once, or as the lines of the file have them."""
        return tuple(place for _, place in self.lines) or tuple(range(len(self.points)))

    def where(self, place: int) -> str:
        """Return where a point is given, as the beginning of a complaint about it: the first line that has it."""
        return next((f"{self.file}, line {line}: " for line, of in self.lines if of == place), "")

    def spec(self) -> dict[str, Any]:
        """Return what is asked for, as plain values: the spec that a store keeps (see ``growing``)."""
        if self.kind in ("list", FILE):
            return {"design": self.kind, "names": list(self.names), "rows": [list(map(plain, p)) for p in self.points]}
        spec: dict[str, Any] = {"design": self.kind, "vary": {axis.name: axis.spec() for axis in self.axes}}
        # The first points of a Sobol sequence stay when there are more; those of a Latin hypercube do not.
        return spec | ({"points": self.asked} if self.kind == "lhs" else {})

    def growing(self) -> list[str]:
        """Return which lists of ``spec`` may grow from one command to the next."""
        if self.kind in ("list", FILE):
            return ["rows"]
        return [f"vary.{axis.name}" for axis in self.axes] if self.kind == "grid" else []


def fields() -> dict[str, type]:
    """Return the type of everything that can vary, by name."""
    names: dict[str, type] = {name: type(number.default) for name, number in DECLARED.items()}
    names |= {"episode": str, "start_date": dt.date, "end_date": dt.date}
    for group, record in (("entry", Entry), ("start", Start)):
        for field in dataclasses.fields(record):
            kind: Any = field.type
            names[f"{group}.{field.name}"] = dt.date if kind == dt.date | None else kind
    return names


def design(kind: str, vary: Mapping[str, Any], points: int | None = None, seed: int = 0) -> Design:
    """Return the points of a design.

    Args:
        kind: grid, list, lhs or sobol.
        vary: for each name what it takes: a list of values, one value, or a text as on the command line.
        points: how many points, for lhs and sobol.
        seed: seed of lhs and sobol.

    Raises:
        DesignError: if a name does not exist, a value cannot be read, or the design does not hold together.

    >>> design("grid", {"entry.troops": "5000:25000:3", "regime.media_grip": [0.2, 0.8]}).points[:3]
    ((5000, 0.2), (5000, 0.8), (15000, 0.2))
    """
    if kind not in KINDS:
        raise DesignError(f"design = {kind}; expected one of {', '.join(KINDS)}{nearest(str(kind), list(KINDS))}")
    if not vary and kind != "grid":
        raise DesignError(f"a {kind} design varies nothing: name what varies, as in entry.troops=5000:25000")
    axes = tuple(_axis(name, values, ends=kind in RANDOM) for name, values in vary.items())
    if kind in RANDOM:
        drawn = dict.fromkeys(_random_points(kind, axes, points, seed))  # whole numbers may come twice
        return Design(kind=kind, axes=axes, points=tuple(drawn), asked=points)
    if points is not None:
        raise DesignError(
            f"points = {points} has no meaning in a {kind} design: its values say how many (lhs and sobol ask)"
        )
    counts = [len(axis.values) for axis in axes]
    if kind == "list" and len(set(counts)) > 1:
        lengths = ", ".join(f"{axis.name} has {len(axis.values)}" for axis in axes)
        raise DesignError(
            f"a list design takes first with first, second with second: expected equally many values; {lengths}"
        )
    if kind == "grid" and math.prod(counts) > MOST_POINTS:
        raise DesignError(f"{math.prod(counts):,} points; expected at most {MOST_POINTS:,}")
    rows = zip(*(axis.values for axis in axes), strict=True) if kind == "list" else None
    together = list(rows) if rows else list(itertools.product(*(axis.values for axis in axes)))
    if len(set(together)) < len(together):
        raise DesignError("the same point is given twice")
    return Design(kind=kind, axes=axes, points=tuple(together))


def points_from(path: str | Path) -> Design:
    """Return the design whose points are the lines of a CSV file, below a header of names.

    The rows of its tables are the lines, in their order. Equal lines are one point, which is run once.

    Raises:
        TableError: if the file is missing or broken.
        DesignError: if a line of it cannot be; the message names the line.
    """
    known = fields()
    table = read_table(path, most=MOST_POINTS)
    for name in table.names:
        if name not in known:
            raise DesignError(f"{table.where(1)}: no parameter or episode field {name}{nearest(name, list(known))}")
    places: dict[tuple[Value, ...], int] = {}
    lines = []
    for line, cells in table.lines:
        pairs = zip(table.names, cells, strict=True)
        point = tuple(_read(f"{table.where(line)}: {name}", known[name], cell) for name, cell in pairs)
        lines.append((line, places.setdefault(point, len(places))))
    columns = zip(table.names, zip(*places, strict=True), strict=True)
    axes = tuple(Axis(name=name, values=values) for name, values in columns)
    return Design(kind=FILE, axes=axes, points=tuple(places), file=str(path), lines=tuple(lines))


def pairs_of(texts: Sequence[str], option: str) -> dict[str, str]:
    """Return ``NAME=VALUES`` texts by name.

    Raises:
        DesignError: if a name is given twice.

    >>> pairs_of(["entry.troops=5000,7000", "citizen.noise"], "--vary")
    {'entry.troops': '5000,7000', 'citizen.noise': ''}
    """
    pairs: dict[str, str] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name.strip() in pairs:
            raise DesignError(f"{option} {name.strip()} is given twice: give all of it at once")
        pairs[name.strip()] = value
    return pairs


def fixed_values(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Return names and values of ``NAME=VALUE`` texts, each of its own type.

    >>> fixed_values(["citizen.war_shock=1", "entry.troops=5000"])
    (('citizen.war_shock', 'entry.troops'), (1.0, 5000))
    """
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or "," in value or ":" in value:
            raise DesignError(f"--set {text}: expected NAME=VALUE with one value, as in citizen.war_shock=1")
        if name.strip() == "episode":
            raise DesignError("--set episode: the episode is given by --episode")
    pairs = pairs_of(texts, "--set")
    if not pairs:
        return (), ()
    fixed = design("list", pairs)
    return fixed.names, fixed.points[0]


def apply(
    names: Sequence[str], point: Sequence[Value], episode: Episode, parameters: Parameters, front: str | None = None
) -> tuple[Episode, Parameters]:
    """Return an episode and parameters as they are at a point of a design.

    Args:
        names: what varies.
        point: the values.
        episode: the episode, if the point does not name another.
        parameters: all other numbers.
        front: the course of the front, if the point does not say.

    Raises:
        EpisodeError, ParameterError: if a value is not allowed there.
    """
    numbers: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    start: dict[str, Any] = {}
    for name, value in zip(names, point, strict=True):
        group, _, field = name.rpartition(".")
        if name in DECLARED:
            numbers[name] = value
        elif name == "episode":
            episode = _episode(value)
        elif group == "start":
            start[field] = value
        else:
            changes[f"{group}_{field}" if group else field] = value
    if start:
        changes["start"] = dataclasses.replace(episode.start, **start)
    if front and episode.entry:
        changes.setdefault("entry_front", front)
    if numbers.keys() & dict(episode.numbers).keys():  # what is asked counts more than what a country's file says
        changes["numbers"] = tuple(pair for pair in episode.numbers if pair[0] not in numbers)
    return (episode.replace(**changes) if changes else episode), (
        parameters.replace(numbers) if numbers else parameters
    )


@functools.lru_cache(maxsize=64)
def _episode(name: str) -> Episode:
    return load_episode(name)


def plain(value: Value) -> float | int | str | None:
    """Return a value as it stands in tables: a date as text, true as 1."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value


def parameters_from(path: str | Path) -> Parameters:
    """Read parameters from a TOML file: tables by group, as in ``[citizen]`` and ``noise = 0.2``; the rest by default.

    Raises:
        DesignError: if the file is missing or broken.
        ParameterError: if a name does not exist or a value is not allowed.
    """
    tables = read_toml(path)
    numbers: dict[str, Any] = {}
    for group, table in tables.items():
        if not isinstance(table, dict):
            raise DesignError(f"{path}: {group} = {table!r}; expected a table [{group}] of numbers")
        numbers |= {f"{group}.{name}": value for name, value in table.items()}
    return Parameters().replace(numbers)


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        DesignError: if it is missing or broken.
    """
    try:
        return episodes.read_toml(Path(path))
    except FileNotFoundError:
        raise DesignError(f"there is no file {path}") from None
    except EpisodeError as error:
        raise DesignError(str(error)) from None


def _axis(name: str, values: Any, *, ends: bool) -> Axis:
    """Make an axis of what was given for a name: a list, a value, or a text as on the command line."""
    known = fields()
    if name not in known:
        raise DesignError(f"no parameter or episode field {name}{nearest(name, list(known))}")
    values = values.tolist() if isinstance(values, np.ndarray) else values
    if values in ("", None):
        if not ends or name not in DECLARED:
            raise DesignError(f"{name} has no values: give some, as in {name}=1,2,3 or {name}=1:3:5")
        notes = DECLARED[name].metadata
        return Axis(name=name, low=notes["low"], high=notes["high"], log=notes["scale"] == "log")
    if isinstance(values, str) and ":" in values:
        return _range(name, known[name], values, ends=ends)
    if isinstance(values, str):
        values = values.split(",")
    elif not isinstance(values, (list, tuple)):
        values = [values]
    if not values:
        raise DesignError(f"{name} has no values")
    return Axis(name=name, values=tuple(_read(name, known[name], value) for value in values))


def _range(name: str, kind: type, text: str, *, ends: bool) -> Axis:
    """Make an axis of ``low:high`` (two ends) or ``low:high:count`` (so many values), by even ratios with ``:log``."""
    parts = text.split(":")
    log = parts[-1] == "log"
    low, high, *count = parts[: len(parts) - log] if len(parts) - log in (2, 3) else ("", "")
    if not (low and high) or kind in (str, bool) or (not count and not ends) or (log and kind is dt.date):
        way = "low:high or low:high:count" if ends else "low:high:count, or values with commas"
        raise DesignError(
            f"{name} = {text}; expected {way}{'' if kind not in (str, bool) else ' (only values: it is no number)'}"
        )
    first, last = _read(name, kind, low), _read(name, kind, high)
    axis = Axis(name=name, low=first, high=last, log=log)
    if not first < last or (log and first <= 0):
        raise DesignError(f"{name} = {text}; expected the lower end first{', above 0' if log else ''}")
    if not count:
        return axis
    number = _read(f"the count of {name}", int, count[0])
    if not 2 <= number <= MOST_POINTS:
        raise DesignError(f"{name} = {text}; expected 2 values or more")
    values = tuple(_between(axis, step / (number - 1)) for step in range(number))
    if len(set(values)) < number:
        raise DesignError(f"{name} = {text}; there are not {number} whole values between {low} and {high}")
    return Axis(name=name, values=values)


def _between(axis: Axis, rank: float) -> Value:
    """Return the value at a rank [0 to 1] between an axis's ends, of the ends' own type."""
    first: Any = axis.low
    last: Any = axis.high  # both are numbers, or both are dates
    if isinstance(first, dt.date):
        return first + dt.timedelta(days=round(rank * (last - first).days))
    low, high = float(first), float(last)
    value = low * (high / low) ** rank if axis.log else low + (high - low) * rank
    whole = isinstance(first, int)
    # Twelve digits: 0.1:0.5:5 means 0.3, not 0.30000000000000004.
    return round(value) if whole else min(max(float(f"{value:.12g}"), low), high)


def _read(name: str, kind: type, value: Any) -> Any:
    """Return a value as the type that its field has, from text, a file's own types or NumPy's numbers."""
    value = value.item() if isinstance(value, np.generic) else value
    try:
        if isinstance(value, str) and kind is not str:
            return _from_text(kind, value.strip())
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if kind is int and isinstance(value, float) and value.is_integer():
            return int(value)
        if type(value) is kind:
            return value.strip() if isinstance(value, str) else value
    except ValueError:
        pass
    raise DesignError(f"{name} = {value}; expected {TYPES[kind]}") from None


def _from_text(kind: type, text: str) -> Value:
    if kind is bool:
        return {"true": True, "false": False}[text.lower()] if text.lower() in ("true", "false") else _refuse()
    if kind is dt.date:
        return dt.date.fromisoformat(text)
    number = float(text)
    if not math.isfinite(number) or (kind is int and not number.is_integer()):
        _refuse()
    return int(number) if kind is int else number


def _refuse() -> NoReturn:
    raise ValueError


def _random_points(kind: str, axes: Sequence[Axis], points: int | None, seed: int) -> tuple[tuple[Value, ...], ...]:
    """Return the points of a Latin hypercube or of a Sobol sequence."""
    if isinstance(points, bool) or not isinstance(points, int) or not 1 <= points <= MOST_POINTS:
        raise DesignError(f"points = {points}; a {kind} design expects how many, 1 to {MOST_POINTS}")
    from scipy.stats import qmc  # slow to import, and needed here only

    if kind == "sobol":
        below = 2 ** (points.bit_length() - 1)
        if points != below:
            raise DesignError(
                f"points = {points}; a Sobol design is balanced at powers of two: expected {below} or {2 * below}"
            )
        ranks = qmc.Sobol(len(axes), rng=np.random.default_rng(seed)).random(points)
    else:
        ranks = qmc.LatinHypercube(len(axes), rng=np.random.default_rng(seed)).random(points)
    return tuple(zip(*(axis.at(ranks[:, place]) for place, axis in enumerate(axes)), strict=True))
