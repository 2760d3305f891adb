"""A chance too small to count, with its interval from repeats, where it comes from, and what counting would cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import LEVEL, RESAMPLES, Estimate, jeffreys
from experiments.rare.splitting import Split
from model.episode import Episode
from model.worlds import Origin


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    ending: str
    """What was asked for: an uprising, or any fall."""
    draw: int | None
    """The one draw in which all lives start; None: each in its own."""
    n: int
    """Lives in a repeat."""
    splits: Sequence[Split]
    fixed: Sequence[str] = ()
    gates: Sequence[Gate] | None = None

    @property
    def chances(self) -> np.ndarray:
        """What each repeat estimates."""
        return np.array([split.chance for split in self.splits])

    @property
    def tied(self) -> int:
        """In so many repeats all that were left tied, and were killed together."""
        return sum(bool(split.path) and split.path[-1][1] == 0.0 for split in self.splits)

    @property
    def chance(self) -> Estimate:
        """The chance, with the interval of its Monte Carlo error: the spread between repeats."""
        return over_repeats(self.chances, self.n)

    @property
    def by_start(self) -> np.ndarray:
        """The chance of each start, over all repeats; its mean is the chance."""
        held = np.zeros(self.n)
        for split in self.splits:
            if split.arrived:
                share = split.chance * self.n / len(split.arrived)
                np.add.at(held, list(split.arrived), share / len(self.splits))
        return held

    @property
    def between(self) -> tuple[float, float]:
        """The interval of the chance if other histories had been drawn: a bootstrap over the starts."""
        dice = np.random.default_rng(20_220_224)
        held = self.by_start
        means = held[dice.integers(held.size, size=(RESAMPLES, held.size))].mean(axis=1)
        low, high = np.quantile(means, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
        return float(low), float(high)

    @property
    def lives(self) -> int:
        """Lives in all repeats."""
        return sum(split.lives for split in self.splits)

    @property
    def counting(self) -> float | None:
        """How many lives must be counted for an error as small as that of all repeats; None: that is not known."""
        value, error = self.chance.value, self.chance.error
        return value * (1.0 - value) / error**2 if value > 0.0 and error > 0.0 else None

    @property
    def saved(self) -> float | None:
        """How many times as many days counting would live, at equal error; below 1 counting is the cheaper."""
        if self.counting is None:
            return None
        counted = self.counting * float(np.mean([split.first_steps for split in self.splits]))
        return counted / sum(split.steps for split in self.splits)

    def table(self) -> pd.DataFrame:
        """Return a row for each repeat."""
        return pd.DataFrame(
            {"repeat": place, "chance": split.chance, "levels": split.levels, "lives": split.lives,
             "days": split.steps, "starts": len(set(split.arrived))}
            for place, split in enumerate(self.splits)
        )  # fmt: skip


def over_repeats(chances: np.ndarray, n: int) -> Estimate:
    """Return the mean of independent estimates with Student's interval, which is not below 0.

    Where no repeat saw it, the upper end is that of as many lives as began, counted (Jeffreys).

    >>> one = over_repeats(np.array([0.01, 0.03]), 10)
    >>> one.value, one.error, one.low
    (0.02, 0.01, 0.0)
    """
    from scipy.stats import t  # slow to import, and needed here only

    repeats = chances.size
    value, error = float(chances.mean()), float(chances.std(ddof=1)) / math.sqrt(repeats)
    half = float(t.ppf((1.0 + LEVEL) / 2.0, repeats - 1)) * error
    low, high = max(0.0, value - half), min(1.0, value + half)
    if value == 0.0:
        low, high = jeffreys(0, n * repeats)
    return Estimate(value=value, low=low, high=high, error=error, draws=repeats, method="Student over repeats")
