"""The chance over a box of two numbers, from runs counted at some places, and where the next runs tell most.

The logit of the chance is a Gaussian process (Rasmussen and Williams 2006). The counts of a place are binomial; the
process is fitted by Laplace's approximation (their section 3.4), whose Newton steps are each a regression on the
places' working logits with a noise of their own, so that scikit-learn's regressor can take them. The next places are
those whose runs, as expected now, leave the least of the box on an unknown side of the line (the integrated contour
uncertainty of Lyu, Binois and Ludkovski 2021).
"""

import warnings
from collections.abc import Generator
from dataclasses import dataclass

import click
import numpy as np
from scipy.special import expit, logit, ndtr

from experiments.lab.statistics import Z, jeffreys
from experiments.tipping_line.axes import Axis

STEPS = 21
"""Places along an axis without levels."""
FIRST = 5
"""Places along an axis at which the search begins."""
BEGINS = 4
"""Runs at each of them."""
BATCH = 8
"""Runs at a place each time after that, each in a world of its own."""
ROUND = 64
"""Runs until the surface is fitted anew."""
PARTS = 4
"""Parts along an axis in which the counted runs are held against the fit."""
NEWTON, LEARNT = 12, 3
"""Newton's steps at most, and in how many of the first of them the process learns how smooth it is."""
SETTLED = 1e-3
"""Newton's steps end when they are smaller than this [logit]."""
EDGE = 0.002
"""Chances are kept this far from 0 and 1, where a logit has no end."""
PRIOR_VARIANCE = 9.0
"""Of the level of the logit, before anything is seen: from 0.3 % to 99.7 % at two standard deviations."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """Two axes and the places at which the runs can be: every rank of one with every rank of the other."""

    x: Axis
    y: Axis
    steps: int = STEPS

    @property
    def shape(self) -> tuple[int, int]:
        """How many places there are along y and along x."""
        return self.y.ranks(self.steps).size, self.x.ranks(self.steps).size

    @property
    def places(self) -> np.ndarray:
        """The ranks of each place, x and y, row by row of y."""
        x, y = np.meshgrid(self.x.ranks(self.steps), self.y.ranks(self.steps))
        return np.column_stack([x.ravel(), y.ravel()])

    @property
    def parts(self) -> np.ndarray:
        """In which part of the box each place lies."""
        x, y = self.places.T
        return _part(self.y, y) * PARTS + _part(self.x, x)

    def values(self, place: int) -> tuple[float, float]:
        """Return the values of both axes at a place."""
        x, y = self.places[place].tolist()
        return self.x.at(x), self.y.at(y)

    def lattice(self, along: int) -> list[int]:
        """Return even places of the box, at most so many along each axis; every level of one with levels."""
        height, width = self.shape
        down, across = (
            np.unique(np.linspace(0, n - 1, n if axis.levels else min(along, n)).round().astype(int))
            for n, axis in ((height, self.y), (width, self.x))
        )
        return [int(row * width + column) for row in down for column in across]


def _part(axis: Axis, ranks: np.ndarray) -> np.ndarray:
    parts = len(axis.levels) or PARTS
    return np.minimum((ranks * parts).astype(int), parts - 1)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """At each place of a box: how many runs there were, and in how many of them it happened."""

    runs: np.ndarray
    hits: np.ndarray

    @classmethod
    def none(cls, box: Box) -> "Counts":
        """Return counts of nothing."""
        return cls(runs=np.zeros(len(box.places)), hits=np.zeros(len(box.places)))

    def more(self, places: list[int], answers: list[bool | None]) -> "Counts":
        """Return the counts with the answers of some places; one that is None does not count."""
        told = [(place, answer) for place, answer in zip(places, answers, strict=True) if answer is not None]
        where, hit = [place for place, _ in told], [answer for _, answer in told]
        n = self.runs.size
        return Counts(
            runs=self.runs + np.bincount(np.array(where, int), minlength=n),
            hits=self.hits + np.bincount(np.array(where, int), np.array(hit, float), minlength=n),
        )


@dataclass(frozen=True, kw_only=True)
class Surface:
    """The logit of the chance at every place of a box: its mean, and its covariance between the places."""

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """The standard deviation at every place [logit]."""
        return np.sqrt(np.maximum(self.covariance.diagonal(), 1e-12))

    def chance(self, place: int) -> tuple[float, float, float]:
        """Return the chance at a place and its 95 % interval."""
        value, low, high = (float(expit(self.mean[place] + z * self.sd[place])) for z in (0.0, -Z, Z))
        return value, low, high

    def unknown(self, level: float) -> np.ndarray:
        """Return for every place the chance that it lies on the other side of the line than it seems."""
        return ndtr(-np.abs(self.mean - logit(level)) / self.sd)

    def drawn(self, places: np.ndarray, n: int = 1_000) -> np.ndarray:
        """Return what the chances at some places may be, together: the mean's first, then so many draws."""
        dice = np.random.default_rng(20_220_224)
        covariance = self.covariance[np.ix_(places, places)]
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        moved = dice.standard_normal((n, places.size)) @ root.T
        return expit(np.vstack([self.mean[places], self.mean[places] + moved]))


def fit(box: Box, counts: Counts) -> Surface:
    """Fit the surface to what was counted.

    Raises:
        click.ClickException: if scikit-learn is missing.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel
    except ImportError:
        raise click.ClickException("the line needs a package more: pip install scikit-learn") from None

    seen = counts.runs > 0
    places, runs, hits = box.places[seen], counts.runs[seen], counts.hits[seen]
    shares = hits / runs
    f = logit((hits + 0.5) / (runs + 1.0))
    smooth = ConstantKernel(4.0, (0.05, 50.0)) * RBF([0.7, 0.7], (0.2, 5.0))
    kernel = smooth + ConstantKernel(PRIOR_VARIANCE, "fixed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a number at the end of its range is a number
        for step in range(NEWTON):
            p = np.clip(expit(f), EDGE, 1.0 - EDGE)
            told = runs * p * (1.0 - p)
            working = logit(p) + (shares - p) / (p * (1.0 - p))
            learns = {} if step < LEARNT else {"optimizer": None}
            process = GaussianProcessRegressor(kernel, alpha=1.0 / told, **learns).fit(places, working)
            kernel, before = process.kernel_, f
            f = process.predict(places)
            if step >= LEARNT and np.abs(f - before).max() < SETTLED:
                break
        mean, covariance = process.predict(box.places, return_cov=True)
    return Surface(mean=mean, covariance=covariance)


def where_next(surface: Surface, level: float, n: int) -> list[int]:
    """Return the places of the next n runs, in batches: those that, as expected, leave least of the box unknown.

    What runs at a place would tell is known before they are lived: it hangs on how they are spread, not on what comes
    of them. So each batch is placed as if those before it had been lived.
    """
    covariance, away = surface.covariance.copy(), np.abs(surface.mean - logit(level))
    p = np.clip(expit(surface.mean), EDGE, 1.0 - EDGE)
    chosen: list[int] = []
    while len(chosen) < n:
        size = min(BATCH, n - len(chosen))
        noise = 1.0 / (size * p * (1.0 - p))
        variance = covariance.diagonal()
        left = variance[:, None] - covariance**2 / (variance + noise)[None, :]
        unknown = ndtr(-away[:, None] / np.sqrt(np.maximum(left, 1e-12))).sum(axis=0)
        best = int(np.argmin(unknown.round(9)))
        chosen += [best] * size
        told = covariance[:, best]
        covariance = covariance - np.outer(told, told) / (variance[best] + noise[best])
    return chosen


type Hunt = Generator[list[int], list[bool | None], Counts]
"""Asks for runs at places, hears in which of them it happened, and asks again; returns what was counted."""


def hunt(box: Box, n: int, level: float) -> Hunt:
    """Look for the line with n runs: first evenly, then where they tell most of the side on which a place lies."""
    first = box.lattice(FIRST)
    asked, counts, left = (first * BEGINS)[:n], Counts.none(box), n
    while True:
        counts = counts.more(asked, (yield asked))
        left -= len(asked)
        if left <= 0:
            return counts
        asked = where_next(fit(box, counts), level, min(ROUND, left)) if counts.runs.any() else (first * left)[:left]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a box: what was counted in it, with Jeffreys' interval, and the mean that is fitted to these runs."""

    runs: int
    share: float
    low: float
    high: float
    fitted: float

    @property
    def agrees(self) -> bool:
        """Whether the fit lies within the interval of the counts."""
        return self.low <= self.fitted <= self.high


def parts(box: Box, counts: Counts, surface: Surface) -> dict[int, Part]:
    """Hold the fit against the counted runs, in each part of the box that has any."""
    told = {}
    for part in np.unique(box.parts):
        here = (box.parts == part) & (counts.runs > 0)
        runs, hits = float(counts.runs[here].sum()), float(counts.hits[here].sum())
        if runs:
            low, high = jeffreys(hits, runs)
            fitted = float(np.average(expit(surface.mean[here]), weights=counts.runs[here]))
            told[int(part)] = Part(runs=int(runs), share=hits / runs, low=low, high=high, fitted=fitted)
    return told
