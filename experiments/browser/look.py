"""A look at a world: all that is drawn, copied at one moment, so that it may go on while the page draws."""

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from agents.citizen.rules import Status
from agents.regime import Posture, Rung
from agents.security import Doing
from experiments.browser import ground
from experiments.browser.events import COLUMNS, events
from experiments.browser.gauge import Gauge, gauge
from experiments.browser.world import BrowserWorld

OBSERVED = Path(__file__).parents[2] / "model" / "data" / "belarus_2020_weekly.csv"
NATIONWIDE = dt.date(2020, 8, 12)
"""Up to this day the observed crowds are those of the whole country, after it those of Minsk."""


@dataclass(frozen=True)
class Unit:
    """A unit as a mark on the map."""

    row: int
    region: int
    doing: Doing
    name: str
    heads: float


@dataclass(frozen=True)
class Look:
    """A world at one moment."""

    day: int
    days: int
    date: dt.date
    start: dt.date
    ground: ground.Ground
    people: np.ndarray
    """Electors by status and region [people]."""
    ready: np.ndarray
    """Mobilised, but not in the street today, by region [people]."""
    crowd: np.ndarray
    units: tuple[Unit, ...]
    table: np.ndarray
    """A row a day, a column a measure."""
    stances: np.ndarray
    notes: tuple[tuple[int, str], ...]
    acts: tuple[tuple[int, str], ...]
    gauge: Gauge
    lean: np.ndarray
    """By day, how much more of a way to a fall is covered by the patron's hand than at home [-1 to 1]."""
    patron: str
    rung: str
    posture: str
    support: str
    running: bool
    ending: str
    ended_on: int | None
    cause: str
    observed: pd.DataFrame | None
    war: bool = True
    """Whether there is a war that he could enter."""
    marked: int = 0
    """The day that the reader looks back to; 0: none."""
    usual: Mapping[str, np.ndarray] = field(default_factory=dict)
    """The bands of many histories to be drawn behind the lines, by measure: quantile by day."""

    def of(self, measure: str) -> np.ndarray:
        """Return one measure by day."""
        return self.table[:, COLUMNS[measure]]

    def last(self, measure: str) -> float:
        """Return today's value of a measure; 0 before the first day."""
        return float(self.table[-1, COLUMNS[measure]]) if len(self.table) else 0.0

    def date_of(self, day: int) -> dt.date:
        """Return the date of a day."""
        return self.start + dt.timedelta(days=day - 1)


def look(world: BrowserWorld) -> Look:
    """Copy what is drawn of a world."""
    with world.stage.lock:
        people, episode, judge = world.citizens, world.episode, world.judge
        columns = world.forces.columns
        table = np.array(world.rows, float).reshape(-1, len(COLUMNS))
        by_status = np.array([people.by_region(people.by_status[status]) for status in Status])
        mobilised = people.by_region(people.n_mobilised)
        return Look(
            day=world.day,
            days=episode.days,
            date=world.date,
            start=episode.start_date,
            ground=ground.of(episode),
            people=by_status,
            ready=np.maximum(0.0, mobilised - by_status[Status.STREET]),
            crowd=world.crowd.people.copy(),
            units=tuple(
                Unit(row, int(region), Doing(doing), world.forces.name(row), float(heads))
                for row, (region, doing, heads) in enumerate(
                    zip(
                        columns["region"],
                        np.where(world.forces.front, Doing.FRONT, columns["doing"]),
                        columns["heads"],
                        strict=True,
                    )
                )
            ),
            table=table,
            stances=np.array(world.stage.stances, float),
            notes=tuple(
                sorted([*world.notes, *world.stage.notes, *events(table, judge, episode)], key=lambda note: note[0])
            ),
            acts=tuple(world.interventions),
            gauge=gauge(world),
            lean=np.array(world.stage.leans),
            patron=episode.patron,
            rung=Rung(world.regime.rung).name.lower(),
            posture=Posture(world.regime.posture).name.lower(),
            support=world.moscow.support.name.lower(),
            running=world.running,
            ending=str(judge.ending),
            ended_on=judge.ended_on,
            cause=judge.cause,
            observed=observed() if episode.name == "belarus-2020" else None,
            war=episode.entry is not None,
        )


@functools.lru_cache(maxsize=1)
def observed() -> pd.DataFrame | None:
    """Return the crowds of 2020 as observed: date, low, mid, high, whether of the whole country; None without file."""
    try:
        crowds = pd.read_csv(OBSERVED)
        dates = pd.to_datetime(crowds["date"].astype(str).str.slice(0, 10))
        columns = [pd.to_numeric(crowds[f"crowd_{part}"]) for part in ("low", "mid", "high")]
    except (OSError, KeyError, ValueError):
        return None
    table = pd.concat([dates, *columns], axis=1, keys=["date", "low", "mid", "high"]).dropna()
    return table.assign(nationwide=table["date"].dt.date <= NATIONWIDE)
