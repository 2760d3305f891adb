"""Boxes that hold much of something: PRIM, the patient rule induction method (Friedman and Fisher 1999).

A box begins as everything. Again and again a thin slice is peeled off one side of one number: that slice whose loss
raises the mean inside most for each point lost. Of all boxes on the way the one is taken that holds most above what
its size would give, and limits that hardly help are dropped again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

SLICE = 0.05
"""Share of a box's points that a peel takes away."""
LEAST = 0.05
"""A box holds this share of all points, at least."""
KEPT = 0.95
"""Limits are dropped while a box keeps so much of its gain [share]."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box: of each restricted number the least and the largest value inside, and how it does at the points."""

    limits: Mapping[str, tuple[float, float]]
    share: float
    """Share of all points inside."""
    density: float
    """Mean inside."""
    coverage: float
    """Share of all that there is inside."""

    @property
    def gain(self) -> float:
        """How much more it holds than a box of its size would anywhere: weighted relative accuracy."""
        base = self.share * self.density / self.coverage if self.coverage > 0.0 else self.density
        return self.share * (self.density - base)


def inside(limits: Mapping[str, tuple[float, float]], points: pd.DataFrame) -> np.ndarray:
    """Return which points lie within all limits, ends included.

    >>> inside({"x": (0.5, 2.0)}, pd.DataFrame({"x": [0.4, 0.5, 2.0, 2.1]})).tolist()
    [False, True, True, False]
    """
    held = np.ones(len(points), bool)
    for name, (low, high) in limits.items():
        values = points[name].to_numpy(float)
        held &= (values >= low) & (values <= high)
    return held


def box_of(limits: Mapping[str, tuple[float, float]], points: pd.DataFrame, chance: np.ndarray) -> Box:
    """Return a box with how it does."""
    held = inside(limits, points)
    total, within = float(chance.sum()), float(chance[held].sum())
    return Box(
        limits=dict(limits), share=float(held.mean()), density=within / held.sum() if held.any() else 0.0,
        coverage=within / total if total > 0.0 else 0.0,
    )  # fmt: skip


def peeled(points: pd.DataFrame, chance: np.ndarray) -> list[Box]:
    """Return the boxes on the way from everything to the smallest, each peeled from the one before."""
    names, values = list(points.columns), points.to_numpy(float)
    low, high = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    held = np.ones(len(points), bool)
    boxes = [box_of({}, points, chance)]
    while (cut := _best_cut(values[held], chance[held], LEAST * len(points))) is not None:
        column, side, limit = cut
        (low if side == "low" else high)[column] = limit
        held &= (values[:, column] >= low[column]) & (values[:, column] <= high[column])
        limits = {
            name: (float(low[place]), float(high[place]))
            for place, name in enumerate(names) if np.isfinite(low[place]) or np.isfinite(high[place])
        }  # fmt: skip
        boxes.append(box_of(limits, points, chance))
    return boxes


def _best_cut(values: np.ndarray, chance: np.ndarray, least: float) -> tuple[int, str, float] | None:
    """Return the peel that raises the mean most for each point it takes: column, side, limit; None if none does."""
    mean, best, gain = chance.mean(), None, 0.0
    for column in range(values.shape[1]):
        x = values[:, column]
        for side, limit in (("low", _next_above(x, SLICE)), ("high", -_next_above(-x, SLICE))):
            kept = x >= limit if side == "low" else x <= limit
            n = int(kept.sum())
            if not np.isfinite(limit) or n < max(least, 1.0) or n == x.size:
                continue
            more = (chance[kept].mean() - mean) / (x.size - n)
            if more > gain:
                best, gain = (column, side, float(limit)), more
    return best


def _next_above(x: np.ndarray, share: float) -> float:
    """Return the least value that a peel of a share from below keeps; what is equal goes or stays together."""
    above = x[x > np.quantile(x, share, method="lower")]
    return float(above.min()) if above.size else np.inf


def chosen(boxes: Sequence[Box], points: pd.DataFrame, chance: np.ndarray) -> Box:
    """Return the box that gains most, without the limits that hardly help."""
    box = max(boxes, key=lambda one: one.gain)
    enough = KEPT * box.gain
    while True:
        simpler = [box_of(limits, points, chance) for limits in _with_one_less(box.limits)]
        best = max(simpler, key=lambda one: one.gain, default=None)
        if best is None or best.gain < enough or not best.limits:
            return box
        box = best


def _with_one_less(limits: Mapping[str, tuple[float, float]]) -> list[dict[str, tuple[float, float]]]:
    """Return the limits without each of their ends."""
    ways = []
    for name, (low, high) in limits.items():
        for own in ((-np.inf, high), (low, np.inf)):
            if own != (low, high):
                rest = {other: ends for other, ends in limits.items() if other != name}
                ways.append(rest | ({name: own} if np.isfinite(own).any() else {}))
    return ways
