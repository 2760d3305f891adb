"""What repeated runs can say, with its interval: chances, differences between twins, when, and along a number.

Draws of worlds are the units: runs of one draw share its parameters, so every interval comes from the spread
between draws. All intervals are 95 % Monte Carlo intervals; none knows of an error of the model.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, expit, gammaincinv

type Values = Sequence[float] | np.ndarray
"""A value for each run."""
Z = 1.959964
"""Two-sided 95 % of a normal."""
LEVEL = 0.95
FEW = 10
"""With fewer draws than this on the rare side, a bootstrap of a chance or a difference is not to be trusted."""
RESAMPLES = 1_000

type Interval = tuple[float, float]


def wilson(hits: float, n: float) -> Interval:
    """Return Wilson's interval for a chance after ``hits`` of ``n`` (Wilson 1927; Newcombe 1998).

    >>> [round(end, 4) for end in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    if n <= 0:
        return 0.0, 1.0
    middle = hits + Z * Z / 2.0
    half = Z * math.sqrt(max(0.0, hits * (n - hits) / n) + Z * Z / 4.0)
    low = 0.0 if hits <= 0 else max(0.0, (middle - half) / (n + Z * Z))
    high = 1.0 if hits >= n else min(1.0, (middle + half) / (n + Z * Z))
    return low, high


def jeffreys(hits: float, n: float) -> Interval:
    """Return Jeffreys' interval for a chance: it reaches 0 and 1 where nothing or everything happened.

    >>> [round(end, 3) for end in jeffreys(0, 100)]
    [0.0, 0.025]
    """
    tail = (1.0 - LEVEL) / 2.0
    low = 0.0 if hits <= 0 else float(betaincinv(hits + 0.5, n - hits + 0.5, tail))
    high = 1.0 if hits >= n else float(betaincinv(hits + 0.5, n - hits + 0.5, 1.0 - tail))
    return low, high


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number, its 95 % Monte Carlo interval, its standard error, from how many draws, and by which method."""

    value: float
    low: float
    high: float
    error: float
    draws: int
    method: str

    @property
    def shows(self) -> bool:
        """Whether the interval leaves zero out: then the sign is shown."""
        return self.low > 0.0 or self.high < 0.0


def by_draw(values: Values, draws: Values) -> np.ndarray:
    """Return the mean of each draw, in the order of the draws' numbers.

    >>> by_draw([0, 1, 1, 1], [7, 7, 3, 3]).tolist()
    [1.0, 0.5]
    """
    _, place = np.unique(np.asarray(draws), return_inverse=True)
    return np.bincount(place, np.asarray(values, float)) / np.bincount(place)


def chance(happened: Values, draws: Values) -> Estimate:
    """Return the chance of something, with Jeffreys' interval for as many independent runs as the draws are worth.

    >>> one = chance([0, 1, 1, 1] * 50, range(200))
    >>> one.value, round(one.low, 3), round(one.high, 3)
    (0.75, 0.687, 0.806)
    """
    means = by_draw(happened, draws)
    value = float(means.mean())
    worth = _worth(happened, draws)
    low, high = jeffreys(value * worth, worth)
    return Estimate(value=value, low=low, high=high, error=_error(means), draws=means.size, method="Jeffreys")


def rate(events: Values, times: Values, draws: Values) -> Estimate:
    """Return how often something happens in a unit of time, with Jeffreys' interval for a Poisson count.

    Where draws differ by more than chance, the interval is that of as much less time (no less than chance is taken).

    >>> one = rate([1, 0, 0, 1] * 25, [10.0] * 100, range(100))
    >>> one.value, round(one.low, 4), round(one.high, 4)
    (0.05, 0.0375, 0.0653)
    """
    count, time, worth = _counted(events, times, draws)
    tail = (1.0 - LEVEL) / 2.0
    shape = count / worth + 0.5
    low = 0.0 if count == 0.0 else float(gammaincinv(shape, tail)) * worth / time
    high = float(gammaincinv(shape, 1.0 - tail)) * worth / time
    error = math.sqrt(count * worth) / time
    n = np.unique(np.asarray(draws)).size
    return Estimate(value=count / time, low=low, high=high, error=error, draws=n, method="Jeffreys, Poisson")


def rate_ratio(
    events: Values, times: Values, draws: Values, base_events: Values, base_times: Values, base_draws: Values
) -> Interval:
    """Return the interval of how many times a rate is another one: given both counts, one is a share of their sum.

    >>> [round(end, 2) for end in rate_ratio([20], [100.0], [0], [10], [100.0], [0])]
    [0.96, 4.38]
    >>> rate_ratio([0], [100.0], [0], [0], [100.0], [0])
    (0.0, inf)
    """
    (a, time, worth), (b, base_time, base_worth) = (
        _counted(events, times, draws),
        _counted(base_events, base_times, base_draws),
    )
    a, b = a / max(worth, base_worth), b / max(worth, base_worth)
    if a + b == 0.0:
        return 0.0, math.inf
    low, high = jeffreys(a, a + b)
    below, above = (math.inf if end >= 1.0 else end / (1.0 - end) * base_time / time for end in (low, high))
    return below, above


def _counted(events: Values, times: Values, draws: Values) -> tuple[float, float, float]:
    """Return events, time, and by how much draws spread more than a Poisson count would (1 or more)."""
    _, place = np.unique(np.asarray(draws), return_inverse=True)
    counts, spans = np.bincount(place, np.asarray(events, float)), np.bincount(place, np.asarray(times, float))
    count, time = float(counts.sum()), float(spans.sum())
    if count == 0.0 or counts.size < 2:
        return count, time, 1.0
    squares = float(((counts - count / time * spans) ** 2).sum()) * counts.size / (counts.size - 1)
    return count, time, max(1.0, squares / count)


def paired_difference(after: Values, before: Values, draws: Values) -> Estimate:
    """Return by how much a chance differs between twins: the mean over draws of the paired difference.

    The standard error is the spread between draws. The interval is a bootstrap over draws, never over runs.
    Where fewer than ``FEW`` draws saw the event in either arm, or did not, or differ between the arms, it is
    Newcombe's for paired shares, which holds for rare events (Newcombe 1998, method 10).

    >>> effect = paired_difference([1] * 30 + [0] * 70, [1] * 10 + [0] * 90, range(100))
    >>> round(effect.value, 2), round(effect.error, 2), effect.method, effect.shows
    (0.2, 0.04, 'bootstrap over draws', True)
    """
    then, first = np.asarray(after, float), np.asarray(before, float)
    new, old = by_draw(then, draws), by_draw(first, draws)
    differences = new - old
    value, error = float(differences.mean()), _error(differences)
    counts = [np.count_nonzero(differences), *(np.count_nonzero(arm) for arm in (new, old, 1 - new, 1 - old))]
    if min(counts) < FEW:
        worth = _worth(then - first, draws)
        both, only_after, only_before, neither = (
            float(by_draw(pair, draws).mean()) * worth
            for pair in (then * first, then * (1 - first), (1 - then) * first, (1 - then) * (1 - first))
        )
        low, high = newcombe_paired(both, only_after, only_before, neither)
        return Estimate(value=value, low=low, high=high, error=error, draws=new.size, method="Newcombe")
    picks = _resamples(new.size)
    low, high = np.quantile(picks @ differences / new.size, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    method = "bootstrap over draws"
    return Estimate(value=value, low=float(low), high=float(high), error=error, draws=new.size, method=method)


def newcombe_paired(both: float, only_after: float, only_before: float, neither: float) -> Interval:
    """Return Newcombe's interval for a difference of paired shares (Newcombe 1998b, method 10).

    >>> [round(end, 4) for end in newcombe_paired(36, 12, 2, 0)]  # his own example
    [0.0569, 0.3404]
    """
    n = both + only_after + only_before + neither
    after, before = (both + only_after) / n, (both + only_before) / n
    (low_1, high_1), (low_2, high_2) = wilson(after * n, n), wilson(before * n, n)
    product = (both + only_after) * (only_before + neither) * (both + only_before) * (only_after + neither)
    alike = 0.0
    if product > 0.0:
        cross = both * neither - only_after * only_before
        alike = (cross if cross <= 0.0 else max(cross - n / 2.0, 0.0)) / math.sqrt(product)
    below, above = (after - low_1, high_2 - before), (high_1 - after, before - low_2)
    down, up = (math.sqrt(max(0.0, a * a - 2.0 * alike * a * b + b * b)) for a, b in (below, above))
    return after - before - down, after - before + up


def between_draws(values: Values, draws: Values) -> float | None:
    """Return the standard deviation between draws of a chance, luck taken out; None with one run a draw.

    The mean product of two different runs of one draw estimates the mean square of its chance.

    >>> round(between_draws([1, 1, 0, 0] * 50, np.repeat(range(100), 2)), 2)
    0.5
    >>> between_draws([1, 0] * 100, np.repeat(range(100), 2))
    0.0
    """
    seen = np.asarray(values, float)
    _, place = np.unique(np.asarray(draws), return_inverse=True)
    runs = np.bincount(place)
    if runs.min() < 2:
        return None
    totals, squares = np.bincount(place, seen), np.bincount(place, seen * seen)
    products = (totals * totals - squares) / (runs * (runs - 1))
    m, means = runs.size, totals / runs
    square_of_mean = (means.sum() ** 2 - means @ means) / (m * (m - 1)) if m > 1 else means[0] ** 2
    return math.sqrt(max(0.0, float(products.mean() - square_of_mean)))


def cumulative_incidence(days: Values, causes: Sequence[str], cause: str | None, horizon: int) -> np.ndarray:
    """Return for each day from 0 to the horizon the share of runs in which it has happened by then.

    Every run goes on until something happens or the horizon is reached, so nobody is lost from sight, and the
    estimator of Aalen and Johansen (1978) for competing causes is a plain share.

    Args:
        days: the day on which something happened; NaN where nothing did.
        causes: what happened.
        cause: which of them counts; None for any.
        horizon: the last day.

    >>> cumulative_incidence([1, 3, np.nan, 3], ["coup", "uprising", "", "coup"], "coup", 4).tolist()
    [0.0, 0.25, 0.25, 0.5, 0.5]
    """
    dates = np.asarray(days, float)
    counts = np.isfinite(dates) if cause is None else np.isfinite(dates) & (np.asarray(causes) == cause)
    on = np.bincount(dates[counts].astype(int), minlength=horizon + 1)[: horizon + 1]
    return np.cumsum(on) / dates.size


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A chance along a number: where, the chance there and its band, and the slope per unit with its interval."""

    x: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slope: Estimate

    def at(self, x: float) -> tuple[float, float, float]:
        """Return the chance and its band at one place."""
        value, low, high = (float(np.interp(x, self.x, line)) for line in (self.value, self.low, self.high))
        return value, low, high


def logistic_curve(x: Values, happened: Values, draws: Values, grid: Values) -> Curve | None:
    """Return the chance of something along x by logistic regression, with a bootstrap band over draws.

    None where fewer than ``FEW`` draws saw it, or did not: then there is nothing to draw a curve through. The
    slope is held back a little (normal, sd 2.5 per sd of x), so that a clean step of chances stays finite.

    >>> x = np.linspace(-2.0, 2.0, 400)
    >>> curve = logistic_curve(x, x > np.sin(50.0 * x), range(400), [-1.0, 0.0, 1.0])
    >>> bool(curve.low[0] < curve.value[0] < curve.value[1] < curve.value[2] <= curve.high[2]), curve.slope.shows
    (True, True)
    """
    x, grid = np.asarray(x, float), np.asarray(grid, float)
    means, places = by_draw(happened, draws), by_draw(x, draws)
    sd = float(places.std())
    if min(np.count_nonzero(means), np.count_nonzero(1.0 - means)) < FEW or sd == 0.0:
        return None
    middle = float(places.mean())
    u = (places - middle) / sd
    weights = np.vstack([np.ones(u.size), _resamples(u.size)])
    level, slope = logistic(np.column_stack([np.ones(u.size), u]), means, weights, level_hold=1e-2).T
    lines = expit(level[:, None] + slope[:, None] * ((grid - middle) / sd)[None, :])
    tails = [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0]
    low, high = np.quantile(lines[1:], tails, axis=0)
    slopes = slope / sd
    ends = np.quantile(slopes[1:], tails)
    return Curve(
        x=grid,
        value=lines[0],
        low=low,
        high=high,
        slope=Estimate(
            value=float(slopes[0]), low=float(ends[0]), high=float(ends[1]), error=float(slopes[1:].std()),
            draws=u.size, method="bootstrap over draws",
        ),
    )  # fmt: skip


def foretold_share(features: np.ndarray, happened: Values, draws: Values, folds: int = 10) -> float | None:
    """Return how much of the variance between draws some numbers foretell in draws they were not fitted to.

    1 less the ratio of squared errors (Brier 1950) of a logistic regression, fitted to nine tenths of the draws and
    judged on the last, to those of the plain mean: 0 or less means that they foretell nothing.

    >>> x = np.linspace(-2.0, 2.0, 400)
    >>> foretold_share(x[:, None], x > 0.0, range(400)) > 0.8
    True
    >>> foretold_share(np.cos(900.0 * x)[:, None], x > 0.0, range(400)) < 0.1
    True
    """
    means = by_draw(happened, draws)
    columns = np.column_stack([by_draw(column, draws) for column in np.asarray(features, float).T])
    varies = columns.std(axis=0) > 0.0
    if min(np.count_nonzero(means), np.count_nonzero(1.0 - means)) < FEW or not varies.any():
        return None
    columns = columns[:, varies]
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    design = np.column_stack([np.ones(means.size), columns])
    fold = np.arange(means.size) % folds
    missed = guessed = 0.0
    for left_out in range(folds):
        kept, judged = fold != left_out, fold == left_out
        every_draw = np.ones((1, int(kept.sum())))
        coefficients = logistic(design[kept], means[kept], every_draw, level_hold=1e-6)[0]
        missed += float(((means[judged] - expit(design[judged] @ coefficients)) ** 2).sum())
        guessed += float(((means[judged] - means[kept].mean()) ** 2).sum())
    return 1.0 - missed / guessed


PRIOR_SD = 2.5
"""Of a slope per sd of its number, so that no fit runs away (Gelman and others 2008)."""
STEPS = 50
SETTLED = 1e-9
"""Newton's steps end when they are smaller than this."""


def logistic(design: np.ndarray, happened: np.ndarray, weights: np.ndarray, level_hold: float = 1e-4) -> np.ndarray:
    """Return the coefficients of a logistic regression for each row of weights of the runs, by Newton's steps.

    All coefficients but the first are held back by a normal of ``PRIOR_SD``, the first by a precision of its own.

    >>> x = np.array([-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0] * 50)
    >>> y = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0] * 50)
    >>> level, slope = logistic(np.column_stack([np.ones(400), x]), y, np.ones((1, 400)))[0]
    >>> round(float(slope), 2)  # the logit of 3/4
    1.1
    """
    width = design.shape[1]
    hold = np.full(width, 1.0 / PRIOR_SD**2)
    hold[0] = level_hold
    squares = (design[:, :, None] * design[:, None, :]).reshape(len(design), width * width)
    coefficients = np.zeros((len(weights), width))
    for _ in range(STEPS):
        p = expit(coefficients @ design.T)
        gradient = (weights * (happened - p)) @ design - hold * coefficients
        curvature = ((weights * p * (1.0 - p)) @ squares).reshape(-1, width, width) + np.diag(hold)
        step = np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0]
        coefficients = coefficients + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < SETTLED:
            break
    return coefficients


def worth(weights: Values) -> float:
    """Return how many equal draws weighted ones are worth: (sum w)^2 / sum w^2 (Kish).

    >>> worth([0.25, 0.25, 0.25, 0.25]), worth([1.0, 0.0])
    (4.0, 1.0)
    """
    weights = np.asarray(weights, float)
    return float(weights.sum() ** 2 / (weights**2).sum())


@functools.lru_cache(maxsize=4)
def _resamples(draws: int) -> np.ndarray:
    """Return how often each draw is picked in each resample; the same for everything, so that results compare."""
    dice = np.random.default_rng(20_220_224)
    return dice.multinomial(draws, np.full(draws, 1.0 / draws), size=RESAMPLES).astype(float)


def _error(means: np.ndarray) -> float:
    """Return the standard error of a mean over draws; infinite with one draw."""
    return float(means.std(ddof=1)) / math.sqrt(means.size) if means.size > 1 else math.inf


def _worth(values: Values, draws: Values) -> float:
    """Return how many independent runs these are worth for their mean: one a draw at least, one a run at most.

    Where all of them stand there several times alike, they are as many as if each stood there once.
    """
    values, means = np.asarray(values, float), by_draw(values, draws)
    spread = float(means.var(ddof=1)) if means.size > 1 else 0.0
    if spread == 0.0:
        return float(means.size)
    _, place = np.unique(np.asarray(draws), return_inverse=True)
    _, alike = np.unique(np.column_stack([place, values]), axis=0, return_counts=True)
    most = max(means.size, values.size // int(np.gcd.reduce(alike)))
    return float(np.clip(means.size * values.var() / spread, means.size, most))
