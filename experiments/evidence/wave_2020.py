"""The wave of 2020 in Belarus: its targets (``targets/belarus-2020.csv``) and its weekly table. All in people."""

import datetime as dt
import functools
from pathlib import Path

import pandas as pd

from experiments.evidence import targets as evidence
from experiments.evidence.targets import FEWEST, Target
from model.episode import Episode, load_episode

__all__ = [
    "EPISODE",
    "FEWEST",
    "HISTORY",
    "by_date",
    "distance",
    "is_wave_of_2020",
    "misses",
    "shown_by",
    "targets",
    "weekly",
]

EPISODE = "belarus-2020"
HISTORY = "belarus-2022"
"""The episode whose past begins with the wave."""
LAST_NIGHT = "2020-08-12"
"""Until this date the crowds of Belarus' weekly table are of the whole country."""
DATA = Path(__file__).parents[2] / "model" / "data" / "belarus_2020_weekly.csv"


@functools.cache
def weekly() -> pd.DataFrame:
    """Return the weekly table of 2020: Minsk crowds (9 to 12 August: nationwide) and detentions, low to high."""
    frame = pd.read_csv(DATA)
    return frame.set_index(frame["date"].str[:10])


def is_wave_of_2020(episode: Episode) -> bool:
    """Whether an episode lives the wave of Belarus in 2020, for which there is a weekly table."""
    return episode in (load_episode(EPISODE), load_episode(HISTORY))


def by_date(episode: Episode) -> tuple[tuple[str, str, int], ...]:
    """Return what the figure of an episode wants to know of a run by date: name, measure and day."""
    if not is_wave_of_2020(episode):
        return ()
    days = [(date, episode.day_of(dt.date.fromisoformat(date)) + episode.past_days) for date in weekly().index]
    crowds = [(f"crowd {date}", "crowd" if date <= LAST_NIGHT else "capital_crowd", day) for date, day in days]
    return (*crowds, *((f"detained {date}", "detained_today", day) for date, day in days))


@functools.cache
def targets() -> tuple[Target, ...]:
    """Return all targets, by the day on which they are known.

    30 August is a rally between two regimes of policing, and left out.
    """
    return evidence.read_targets(evidence.FOLDER / f"{EPISODE}.csv", load_episode(EPISODE))


def shown_by(rows: list[list[float]], forces: float, *, until: int) -> dict[str, float]:
    """Return what a run shows of each target that is known by a day."""
    return evidence.shown_by(targets(), rows, forces, until=until)


def misses(values: dict[str, float]) -> dict[str, float]:
    """Return the miss of each target that was shown, in errors."""
    return evidence.misses(targets(), values)


def distance(values: dict[str, float]) -> float:
    """Return the root mean square miss over all targets."""
    return evidence.distance(targets(), values)
