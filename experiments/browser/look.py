"""A look at a world: all that is drawn, copied at one moment, so that it may go on while the page draws."""

import datetime as dt
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from agents.citizen.rules import Status
from agents.regime import Posture, Rung
from agents.security import Doing
from experiments.browser import ground
from experiments.browser.events import COLUMNS, events
from experiments.browser.gauge import Gauge, at_home, in_moscow
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
    home: tuple[Gauge, ...]
    moscow: tuple[Gauge, ...]
    lean: np.ndarray
    """By day, how much nearer Moscow's side is than home's [-1 to 1]."""
    rung: str
    posture: str
    support: str
    running: bool
    ending: str
    ended_on: int | None
    cause: str
    observed: pd.DataFrame | None
    marked: int = 0
    """The day that the reader looks back to; 0: none."""

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
            notes=tuple(sorted([*world.notes, *world.stage.notes, *events(table, judge)], key=lambda note: note[0])),
            acts=tuple(world.interventions),
            home=at_home(world),
            moscow=in_moscow(world),
            lean=leaning(world, table),
            rung=Rung(world.regime.rung).name.lower(),
            posture=Posture(world.regime.posture).name.lower(),
            support=world.moscow.support.name.lower(),
            running=world.running,
            ending=str(judge.ending),
            ended_on=judge.ended_on,
            cause=judge.cause,
            observed=observed() if episode.name == "belarus-2020" else None,
        )


def leaning(world: BrowserWorld, table: np.ndarray) -> np.ndarray:
    """Return by day how much nearer the steps to a fall are in Moscow than at home [-1 to 1].

    At home: all who are ready against what the willing hold, and the half of the elite that must hedge; in Moscow: how
    weak he looks, and his refusals (``gauge`` has the same and more, for today alone).
    """
    numbers = world.parameters.moscow
    at_home = np.maximum(table[:, COLUMNS["movement_load"]], table[:, COLUMNS["hedging"]] / 0.5)
    in_moscow = np.maximum(
        (1.0 - table[:, COLUMNS["strength_shown"]]) / (1.0 - numbers.drop_strength),
        table[:, COLUMNS["refusals"]] / numbers.replace_refusals,
    )
    return np.clip(np.minimum(in_moscow, 1.2) - np.minimum(at_home, 1.2), -1.0, 1.0)


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
