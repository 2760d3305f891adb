"""What many runs of one episode have shown, day by day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.lab.packed import pack, unpack
from experiments.lab.runner import Run
from experiments.lab.tasks import world_of
from model.episode import Episode
from model.measures import MEASURES, summary

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
CROWD_IN = "crowd in "
SHOWN = ("capital_crowd", "detained_today", "obeying_share", "rung")
"""The measures that have a panel in the figure."""


def live_daily(run: Run) -> dict[str, Any]:
    """Live a run's days; return how it ended, and every measure and every region's crowd of every day, packed."""
    world = world_of(run)
    names = [*MEASURES, *(CROWD_IN + region.name for region in world.episode.regions)]
    crowds = []
    for _ in range(run.days or world.episode.days):
        if not world.running:
            break
        world.step()
        crowds.append(world.crowd.people.copy())
    return summary(world) | {"daily": pack(names, np.column_stack([world.rows, crowds]))}


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What many runs of one episode in one arm have shown."""

    episode: Episode
    arm: str
    rows: pd.DataFrame
    """A row a finished run."""
    names: tuple[str, ...]
    cube: np.ndarray
    """Run by day by measure; NaN from the day on which he has fallen."""
    drawn: bool
    """Whether the runs are draws of worlds, and not seeds of one."""

    def of(self, name: str) -> np.ndarray:
        """Return one measure, run by day."""
        return self.cube[:, :, self.names.index(name)]

    @property
    def days(self) -> int:
        """How many days the longest run has."""
        return self.cube.shape[1]

    @property
    def draws(self) -> np.ndarray:
        """The unit of chance of every run: its world, or in one world its seed."""
        return self.rows["world" if self.drawn else "seed"].to_numpy()


def lived(rows: pd.DataFrame, episode: Episode, arm: str, drawn: bool) -> Lived:
    """Return what finished runs have shown, their days side by side."""
    unpacked = [unpack(text) for text in rows["daily"]]
    names = unpacked[0][0]
    cube = np.full((len(unpacked), max(len(values) for _, values in unpacked), len(names)), np.nan)
    for place, (_, values) in enumerate(unpacked):
        cube[place, : len(values)] = values
    rows = rows.drop(columns="daily")
    return Lived(episode=episode, arm=arm, rows=rows, names=tuple(names), cube=cube, drawn=drawn)


def daily_table(result: Lived) -> pd.DataFrame:
    """Return for each measure and day the quantiles over the runs that still go on, and how many these are."""
    tables = []
    for name in result.names:
        values = result.of(name)
        table = pd.DataFrame(np.nanquantile(values, QUANTILES, axis=0).T, columns=[f"q{q:g}" for q in QUANTILES])
        table.insert(0, "runs", np.isfinite(values).sum(axis=0))
        table.insert(0, "measure", name)
        table.insert(0, "date", [result.episode.date_of(day + 1) for day in range(result.days)])
        tables.append(table.assign(mean=np.nanmean(values, axis=0)))
    return pd.concat(tables, ignore_index=True)


def by_span(values: np.ndarray, length: int, how: Callable[..., Any]) -> np.ndarray:
    """Return a measure by spans of days: run by span, by the largest, the sum or the mean of a span's days.

    A run that falls within a span counts with its days until then; later it counts no more.

    >>> by_span(np.array([[1.0, 5.0, 2.0, np.nan]]), 2, np.nanmax).tolist()
    [[5.0, 2.0]]
    """
    spans = -(-values.shape[1] // length)
    result = np.full((values.shape[0], spans), np.nan)
    for span in range(spans):
        days = values[:, span * length : (span + 1) * length]
        goes_on = np.isfinite(days).any(axis=1)
        result[goes_on, span] = how(days[goes_on], axis=1)
    return result
