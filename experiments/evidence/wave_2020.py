"""The wave of 2020 as targets: what was seen, what a run shows, and how far they are apart.

Everything is in people. A target's error is its own (low to high, read as a 90 % range of its logarithm) and
the model's (``MODEL_ERROR``). The distance of a run is the root mean square of its misses, in such errors.
"""

import datetime as dt
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from model.episode import load_episode
from model.measures import MEASURES

EPISODE = "belarus-2020"
DATA = Path(__file__).parents[2] / "model" / "data" / "belarus_2020_weekly.csv"
MODEL_ERROR = 0.2
"""What no model of this kind can be expected to hit [log units]; set before the first run."""
FEWEST = 30.0
"""Added to arrests that may be none, so that their logarithm exists [people]."""

FIRST_NIGHTS = ("2020-08-09", "2020-08-10", "2020-08-11")
RESTRAINT = ("2020-08-16", "2020-08-23")
AUTUMN = ("2020-09-06", "2020-09-13", "2020-09-20", "2020-09-27", "2020-10-04", "2020-10-11")
OCTOBER = ("2020-10-18",)
NOVEMBER = ("2020-11-08", "2020-11-15")
LATE = ("2020-11-22", "2020-11-29", "2020-12-06", "2020-12-13", "2020-12-20")
# 30 August is a rally between two regimes of policing and 25 October an ultimatum (a focal event): both left out.


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something seen in 2020: best value and 90 % range, the day on which it is known, and how a run shows it."""

    name: str
    unit: str
    low: float
    mid: float
    high: float
    known_on: int
    shown: Callable[["History"], float]
    source: str

    def miss(self, value: float) -> float:
        """Return how far a run's value is off, in errors of the target and the model."""
        sd = math.hypot(math.log(self.high / self.low) / 3.29, MODEL_ERROR)
        return (math.log(value) - math.log(self.mid)) / sd


class History:
    """The daily measures of a run so far, by name and date."""

    def __init__(self, rows: list[list[float]], forces: float) -> None:
        """Take the rows of a run, and the heads of the forces on the first day [people]."""
        self.values = np.array(rows)
        self.forces = forces

    def on(self, measure: str, dates: tuple[str, ...]) -> np.ndarray:
        """Return a measure on some dates."""
        return self.values[[_day(date) - 1 for date in dates], _COLUMN[measure]]

    def typical(self, measure: str, dates: tuple[str, ...], least: float = 20.0) -> float:
        """Return the geometric mean of a measure over some dates; nothing counts as ``least``."""
        return float(np.exp(np.log(np.maximum(self.on(measure, dates), least)).mean()))

    def total(self, measure: str, dates: tuple[str, ...]) -> float:
        """Return the sum of a measure over some dates."""
        return float(self.on(measure, dates).sum())


_COLUMN = {name: place for place, name in enumerate(MEASURES)}


@functools.cache
def _day(date: str) -> int:
    return load_episode(EPISODE).day_of(dt.date.fromisoformat(date))


@functools.cache
def weekly() -> pd.DataFrame:
    """Return the weekly table of 2020: Minsk crowds (9 to 12 August: nationwide) and detentions, low to high."""
    frame = pd.read_csv(DATA)
    return frame.set_index(frame["date"].str[:10])


def _crowd_target(name: str, dates: tuple[str, ...], measure: str = "capital_crowd") -> Target:
    """Return the typical crowd over some dates as a target."""
    rows = weekly().loc[list(dates)]
    low, mid, high = (float(np.exp(np.log(rows[f"crowd_{c}"]).mean())) for c in ("low", "mid", "high"))
    return Target(
        name=name, unit="people", low=low, mid=mid, high=high, known_on=_day(dates[-1]),
        shown=lambda run: run.typical(measure, dates), source="belarus_2020_weekly.csv",
    )  # fmt: skip


def _detained_target(name: str, dates: tuple[str, ...]) -> Target:
    """Return the typical number detained on some Sundays as a target (counters differ by a tenth at least)."""
    rows = weekly().loc[list(dates)]
    low, high = (float(np.exp(np.log(rows[f"detained_{c}"]).mean())) for c in ("low", "high"))
    mid = math.sqrt(low * high)
    return Target(
        name=name, unit="people", low=min(low, 0.9 * mid), mid=mid, high=max(high, 1.1 * mid), known_on=_day(dates[-1]),
        shown=lambda run: run.typical("detained_today", dates), source="belarus_2020_weekly.csv",
    )  # fmt: skip


def _total_target(name: str, date: str, low: float, mid: float, high: float) -> Target:
    """Return a cumulative number of detentions as a target."""
    return Target(
        name=name, unit="people", low=low, mid=mid, high=high, known_on=_day(date),
        shown=lambda run: max(run.total("detained_total", (date,)), FEWEST), source="facts.md 3b",
    )  # fmt: skip


def _minsk_target(name: str, dates: tuple[str, ...], low: float, mid: float, high: float) -> Target:
    """Return Minsk's share of detentions on some dates as a target."""
    return Target(
        name=name, unit="share", low=low, mid=mid, high=high, known_on=_day(dates[-1]),
        shown=lambda run: max(
            run.total("detained_capital", dates) / max(run.total("detained_today", dates), 1.0), 0.01
        ),
        source="belarus_2020_weekly.csv",
    )  # fmt: skip


@functools.cache
def targets() -> tuple[Target, ...]:
    """Return all targets, by the day on which they are known."""
    last = load_episode(EPISODE).days
    all_of_them = [
        _crowd_target("crowd, first nights (country)", FIRST_NIGHTS, "crowd"),
        _total_target("detained, 9 to 12 August", "2020-08-12", 6_200.0, 6_700.0, 7_400.0),
        _minsk_target("Minsk's share of detentions, first night", FIRST_NIGHTS[:1], 0.25, 0.33, 0.45),
        Target(
            name="crowd, peak of August", unit="people", low=100_000.0, mid=200_000.0, high=250_000.0,
            known_on=_day(RESTRAINT[-1]), source="belarus_2020_weekly.csv",
            shown=lambda run: max(float(run.on("capital_crowd", RESTRAINT).max()), 20.0),
        ),
        Target(
            name="detained, restraint of August (+30)", unit="people", low=FEWEST, mid=FEWEST + 5.0, high=FEWEST + 20.0,
            known_on=_day(RESTRAINT[-1]), source="belarus_2020_weekly.csv",
            shown=lambda run: FEWEST + run.total("detained_today", RESTRAINT) / len(RESTRAINT),
        ),
        _crowd_target("crowd, plateau of autumn", AUTUMN),
        _detained_target("detained, Sundays of autumn", AUTUMN + OCTOBER),
        _crowd_target("crowd, 18 October", OCTOBER),
        _total_target("detained, to 18 October", OCTOBER[0], 11_000.0, 13_000.0, 15_000.0),
        _minsk_target("Minsk's share of detentions, autumn Sundays", AUTUMN + OCTOBER, 0.65, 0.75, 0.85),
        _crowd_target("crowd, break of November", NOVEMBER),
        _detained_target("detained, Sundays of November", NOVEMBER),
        _total_target("detained, to 15 November", NOVEMBER[-1], 16_000.0, 21_000.0, 26_000.0),
        _crowd_target("crowd, late Sundays", LATE),
        _detained_target("detained, late Sundays", LATE),
        _total_target("detained, to the year's end", "2020-12-31", 25_000.0, 29_000.0, 33_000.0),
        Target(
            name="ever took part", unit="share of electors", low=0.09, mid=0.12, high=0.15, known_on=last,
            source="ZOiS2020", shown=lambda run: max(float(run.values[-1, _COLUMN["took_part"]]), 1e-4),
        ),
        Target(
            name="left the forces", unit="share of the forces", low=0.005, mid=0.0125, high=0.03, known_on=last,
            source="BySol2020", shown=lambda run: max(float(run.values[-1, _COLUMN["resigned"]]), 1.0) / run.forces,
        ),
    ]  # fmt: skip
    return tuple(sorted(all_of_them, key=lambda target: target.known_on))


def shown_by(rows: list[list[float]], forces: float, *, until: int) -> dict[str, float]:
    """Return what a run shows of each target that is known by a day."""
    history = History(rows, forces)
    return {target.name: target.shown(history) for target in targets() if target.known_on <= until}


def misses(values: dict[str, float]) -> dict[str, float]:
    """Return the miss of each target that was shown, in errors."""
    return {target.name: target.miss(values[target.name]) for target in targets() if target.name in values}


def distance(values: dict[str, float]) -> float:
    """Return the root mean square miss over all targets; a target not shown (he fell before) is infinitely far."""
    if len(values) < len(targets()):
        return math.inf
    return math.sqrt(sum(miss**2 for miss in misses(values).values()) / len(targets()))
