"""What is usual among many histories, day by day: bands of a measure over those in which he has not fallen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.lab.packed import pack
from experiments.lab.runner import Run
from experiments.lab.tasks import world_of

BAND = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles of a band: nine tenths and the middle half of all histories, and their median."""
BANDED = ("crowd", "detained_today", "against", "obeying_share", "dead")
"""The measures of which bands are kept."""
WEEKLY = ("crowd", "detained_today")
"""What is drawn as the highest of seven days, for rallies are on Sundays."""


def shown(measure: str, values: np.ndarray) -> np.ndarray:
    """Return a measure by day as it is drawn.

    >>> shown("crowd", np.array([3.0, 1.0, 0.0])).tolist(), shown("dead", np.array([3.0, 4.0])).tolist()
    ([3.0, 3.0, 3.0], [3.0, 4.0])
    """
    return pd.Series(values).rolling(7, min_periods=1).max().to_numpy() if measure in WEEKLY else values


def band(measure: str, lives: Sequence[np.ndarray], days: int) -> np.ndarray:
    """Return by day the quantiles of a measure over the histories in which he has not fallen: quantile by day.

    Args:
        measure: its name.
        lives: its values by day, of each history to its end.
        days: how many days at most; those that no history has lived are left out.

    >>> band("dead", [np.array([0.0, 8.0]), np.array([4.0])], days=3)[2].tolist()
    [2.0, 8.0]
    """
    table = np.full((len(lives), days), np.nan)
    for row, life in zip(table, lives, strict=True):
        row[: life.size] = shown(measure, life)
    return np.nanquantile(table[:, np.isfinite(table).any(axis=0)], BAND, axis=0)


def daily(run: Run) -> dict[str, Any]:
    """Live a run's days, and return every day of what bands are kept of."""
    series = world_of(run).run(run.days).series()
    return {"daily": pack(BANDED, series[list(BANDED)].to_numpy())}
