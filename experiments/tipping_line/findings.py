"""What the runs of the tipping line show: the fitted chance over losses and each axis, and where the lines are."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from tqdm import tqdm

from experiments.lab import statistics
from model.episode import SUPPORTS, Episode
from model.outcomes import FALLS, Ending
from model.worlds import Origin, World, informed

LOSSES = (0.5, 30.0)
"""Killed per 1,000 sent a week; at 21 a week, all who were sent are dead within the year."""
LEVELS = (0.1, 0.5, 0.9)
"""The chances whose lines are drawn."""
UPRISING, FALL = "uprising", "any fall"
RESAMPLES = 500
FEW = statistics.FEW
GRID = np.geomspace(*LOSSES, 121)
FINE = 41
"""Steps of a panel's other axis."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What may move the line: a number between two ends, or one of a few levels.

    Args:
        key: the column in the table of runs.
        title: its name, in which {patron} stands for the patron's.
        unit: what the numbers mean.
        low: the lower end.
        high: the upper end.
        log: whether it is drawn, and shown, by even ratios.
        plain: whether the chance is fitted in the number itself all the same, because anger is its multiple.
        levels: the names of the levels 0, 1, 2, ... if it has levels.
        shown: the values that the table shows, beside what is drawn.
        block: in which runs it varies.
    """

    key: str
    title: str
    unit: str
    low: float
    high: float
    log: bool = False
    plain: bool = False
    levels: tuple[str, ...] = ()
    shown: tuple[float, ...] = ()
    block: str = ""

    def scaled(self, values: Any) -> np.ndarray:
        """Return values on a scale from -1 (the lower end) to 1, on which the chance is fitted."""
        low, high, values = self.low, self.high, np.asarray(values, float)
        if self.log and not self.plain:
            low, high, values = math.log(low), math.log(high), np.log(values)
        return 2.0 * (values - low) / (high - low) - 1.0

    def at(self, ranks: np.ndarray) -> np.ndarray:
        """Return the values at ranks [0 to 1)."""
        if self.log:
            return self.low * (self.high / self.low) ** ranks
        return self.low + (self.high - self.low) * ranks

    def title_in(self, episode: Episode) -> str:
        """Return the name of the axis in an episode.

        >>> from model.episode import load_episode
        >>> SUPPORT.title_in(load_episode("belarus-2022"))
        "Moscow's support"
        """
        title = self.title.format(patron=episode.patron)
        return title[:1].upper() + title[1:]

    def words(self, value: float) -> str:
        """Return a value in words."""
        return self.levels[round(value)] if self.levels else f"{value:.2g}"


LOSS = Axis(key="losses", title="Losses", unit="killed per 1,000 sent a week", low=LOSSES[0], high=LOSSES[1], log=True)
LOYALTY = Axis(
    key="loyalty", title="Loyalty of the forces", unit="logit, change since the last revolt", low=-1.5, high=1.0,
    shown=(-1.5, 1.0), block="loyalty",
)  # fmt: skip
SUPPORT = Axis(
    key="support", title="{patron}'s support", unit="given on the first day", low=0, high=len(SUPPORTS) - 1,
    levels=SUPPORTS, shown=tuple(range(len(SUPPORTS))), block="support",
)  # fmt: skip
GRIP = Axis(
    key="grip", title="Media grip", unit="share of bad news kept from state audiences", low=0.1, high=0.9,
    shown=(0.1, 0.9), block="grip",
)  # fmt: skip
BEYOND = Axis(
    key="beyond", title="Entry, beyond lending the land", unit="multiple of its answer", low=0.5, high=2.0, log=True,
    plain=True, shown=(0.5, 1.0, 2.0), block="entry",
)  # fmt: skip
PANELS = (LOYALTY, SUPPORT, GRIP, BEYOND)
BLOCKS = ("entry", "loyalty", "support", "grip", "troops", "stay")


def troops_of(episode: Episode) -> tuple[int, ...]:
    """Return the troops that are compared: half of his, his, and twice his or all there are, in order [people]."""
    assert episode.entry is not None
    own, heads = episode.entry.troops, sum(force.heads for force in episode.forces if force.sent)
    return tuple(sorted({max(1, own // 2), own, min(2 * own, heads)}))


def men_axis(episode: Episode) -> Axis:
    """Return the axis of the troops of an episode; its levels are those that are compared."""
    troops = troops_of(episode)
    return Axis(
        key="men", title="Troops", unit="people", low=0, high=len(troops) - 1, levels=tuple(f"{n:,}" for n in troops),
        shown=tuple(range(len(troops))), block="troops",
    )  # fmt: skip


def own_level(episode: Episode) -> int:
    """Return which of the compared troops are his."""
    assert episode.entry is not None
    return troops_of(episode).index(episode.entry.troops)


def seen(rows: pd.DataFrame, episode: Episode) -> pd.DataFrame:
    """Return the finished runs that reached the day of entry, with what happened after it.

    Entry and its twin that stays are alike until that day, so the same draws are left out of both.
    """
    assert episode.entry is not None
    fell = rows["ending"] != Ending.SURVIVED
    reached = rows["ended_on"].astype(float) >= episode.day_of(episode.entry.date)
    frame = rows[~fell | reached].copy()
    frame[UPRISING] = (frame["ending"] == Ending.UPRISING).astype(float)
    frame[FALL] = frame["ending"].isin([str(ending) for ending in FALLS]).astype(float)
    troops = troops_of(episode)
    frame["men"] = [troops.index(int(sent)) for sent in frame["troops"]]
    return frame.sort_values(["block", "draw"], ignore_index=True)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The chance of something over losses and one axis.

    ``weights`` has a row for the runs as they are, and one for each resample of the worlds.
    """

    axis: Axis
    weights: np.ndarray

    def chances(self, losses: Any, value: Any) -> np.ndarray:
        """Return the chance at some places, a row for each row of weights."""
        return expit(self.weights @ features(self.axis, losses, value).T)


def features(axis: Axis, losses: Any, value: Any) -> np.ndarray:
    """Return what the logit of a chance is made of: curved in log losses and in the axis, each bending the other.

    Each level of an axis with levels has its own height and slope; they share the curvature. Losses stand in their
    logarithm, as in the anger that they raise (Mueller 1973); the first shock as it is, for anger is its multiple.
    """
    x, value = np.broadcast_arrays(LOSS.scaled(losses), np.asarray(value, float))
    x = x.ravel()
    if axis.levels:
        each = (value.ravel()[:, None] == np.arange(len(axis.levels))).astype(float)
        return np.column_stack([np.ones(x.size), each, x, x * x, each * x[:, None]])
    z = axis.scaled(value.ravel())
    return np.column_stack([np.ones(x.size), x, x * x, z, z * z, x * z])


def fit(frame: pd.DataFrame, axis: Axis, outcome: str, resamples: np.ndarray) -> Fit | None:
    """Fit the chance of an outcome over losses and an axis; None if too few accepted worlds saw it, or did not.

    Args:
        frame: the runs, as from ``seen``.
        axis: the axis; the runs along it are taken.
        outcome: ``uprising`` or ``any fall``.
        resamples: a row of weights of the accepted worlds for each resample, as from ``resampled``.
    """
    runs = runs_along(frame, axis)
    happened = runs[outcome].to_numpy(float)
    if min(runs.loc[happened == seen_it, "accepted"].nunique() for seen_it in (0.0, 1.0)) < FEW:
        return None
    weights = np.vstack([np.ones(len(runs)), resamples[:, runs["accepted"].to_numpy(int)]])
    design = features(axis, runs["losses"], runs[axis.key])
    return Fit(axis=axis, weights=statistics.logistic(design, happened, weights))


def runs_along(frame: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Return the runs in which an axis varies; the plain entry is one of the levels of an axis with levels."""
    return frame[frame["block"].isin([axis.block, "entry"] if axis.levels else [axis.block])]


def resampled(n_accepted: int, seed: int = 0) -> np.ndarray:
    """Return weights of the accepted worlds for each resample: the Bayesian bootstrap (Rubin 1981), mean 1."""
    return np.random.default_rng([seed, 1981]).standard_exponential((RESAMPLES, n_accepted))


def losses_at(level: float, chances: np.ndarray) -> np.ndarray:
    """Return the lowest losses at which each row of chances along ``GRID`` reaches a level.

    0 where it is reached below the range already, infinite where it is never reached within it.

    >>> losses_at(0.5, np.array([GRID / 60.0, GRID / 10.0, GRID * 0.0 + 0.9])).round(1).tolist()
    [30.0, 5.0, 0.0]
    >>> losses_at(0.6, np.array([GRID / 60.0])).tolist()
    [inf]
    """
    reached = chances >= level
    first = reached.argmax(axis=1)
    rows, right = np.arange(len(chances)), np.maximum(first, 1)
    below, above = chances[rows, right - 1], chances[rows, right]
    share = np.clip((level - below) / np.where(above > below, above - below, 1.0), 0.0, 1.0)
    between = np.exp(np.log(GRID[right - 1]) + share * np.log(GRID[right] / GRID[right - 1]))
    return np.where(reached.any(axis=1), np.where(first == 0, 0.0, between), np.inf)


type Number = tuple[float, float, float]
"""A number and its 95 % interval."""


def with_interval(values: np.ndarray) -> Number:
    """Return the first of some values and the 95 % interval of the others; they may be infinite."""
    others = np.sort(values[1:])
    low, high = (others[round(share * (others.size - 1))] for share in (0.025, 0.975))
    return float(values[0]), float(min(low, values[0])), float(max(high, values[0]))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the worlds stand: the middle and nine tenths of what is drawn, of losses and of each axis."""

    losses: Number
    axes: Mapping[str, Number]


def place_of(worlds: Sequence[World], episode: Episode) -> Place:
    """Return where the worlds stand; losses are the mean of all weeks after entry, as the drawn front has them."""
    assert episode.entry is not None
    days = episode.days - episode.day_of(episode.entry.date) + 1
    first = min(28, days)
    course = {"advance": "advance_losses", "defeat": "defeat_losses"}
    losses = []
    for world in worlds:
        war = world.parameters.war
        mean = (first * war.killed_first + (days - first) * war.killed_later) / days
        losses.append(mean * (getattr(war, course[world.front]) if world.front in course else 1.0))
    given, own = float(SUPPORTS.index(episode.start.support)), float(own_level(episode))
    return Place(
        losses=_nine_tenths(losses),
        axes={
            "loyalty": _nine_tenths([world.parameters.security.loyalty_drift for world in worlds]),
            "support": (given, given, given),
            "grip": _nine_tenths([world.parameters.regime.media_grip for world in worlds]),
            "beyond": _nine_tenths([world.parameters.citizen.war_beyond for world in worlds]),
            "men": (own, own, own),
        },
    )


def _nine_tenths(values: Sequence[float]) -> Number:
    low, middle, high = np.quantile(np.asarray(values, float), [0.05, 0.5, 0.95])
    return float(middle), float(low), float(high)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that the verdict and the figure tell."""

    episode: Episode
    origin: Origin
    """Where the worlds are from."""
    axes: tuple[Axis, ...]
    """Troops first, then those of the panels."""
    runs: pd.DataFrame
    fits: Mapping[tuple[str, str], Fit | None]
    """By axis and outcome."""
    place: Place
    lines: pd.DataFrame
    """A row for each setting and outcome: the chance at the losses drawn, and where the lines are."""
    bins: pd.DataFrame
    """Runs observed and chance fitted, bin by bin."""
    foretold: Mapping[str, float | None]
    """How much of who falls is foretold by what."""


def findings_of(
    frame: pd.DataFrame, worlds: Sequence[World], episode: Episode, origin: Origin, *, progress: bool = False
) -> Findings:
    """Fit the panels and find the lines."""
    place, resamples = place_of(worlds, episode), resampled(int(frame["accepted"].max()) + 1)
    axes = (men_axis(episode), *PANELS)
    panels = tqdm(list(itertools.product(axes, (UPRISING, FALL))), desc="fitting", unit="panel", disable=not progress)
    fits = {(axis.key, outcome): fit(frame, axis, outcome, resamples) for axis, outcome in panels}
    lines = pd.DataFrame([row for axis in axes for row in _rows_of_lines(axis, fits, place)])
    bins = pd.concat(
        [_binned(frame, fitted, outcome) for (_, outcome), fitted in fits.items() if fitted] or [pd.DataFrame()]
    )
    return Findings(
        episode=episode, origin=origin, axes=axes, runs=frame, fits=fits, place=place, lines=lines, bins=bins,
        foretold=foretold(frame, worlds),
    )  # fmt: skip


def _rows_of_lines(axis: Axis, fits: Mapping[Any, Fit | None], place: Place) -> Iterator[dict[str, Any]]:
    """Yield a row for each shown value of an axis and each outcome."""
    values = {value: axis.words(value) for value in axis.shown}
    if not axis.levels and axis is not BEYOND:
        values |= {place.axes[axis.key][0]: f"{axis.words(place.axes[axis.key][0])} (as drawn)"}
    for value in sorted(values):
        for outcome in (UPRISING, FALL):
            row: dict[str, Any] = {"axis": axis.key, "value": value, "words": values[value], "outcome": outcome}
            fitted = fits[axis.key, outcome]
            if fitted:
                curves = fitted.chances(GRID, value)
                typical = fitted.chances(place.losses[0], value)[:, 0]
                estimates = {"as_drawn": with_interval(typical), "at_most": with_interval(curves[:, -1])}
                estimates |= {f"line_{level:.0%}": with_interval(losses_at(level, curves)) for level in LEVELS}
                for name, (middle, low, high) in estimates.items():
                    row |= {name: middle, f"{name}_low": low, f"{name}_high": high}
            yield row


def _binned(frame: pd.DataFrame, fitted: Fit, outcome: str) -> pd.DataFrame:
    """Return observed and fitted chance in bins: fifths of the losses by fourths (or levels) of the axis."""
    axis, name = fitted.axis, fitted.axis.key
    runs = runs_along(frame, axis)
    table = pd.DataFrame(
        {
            "losses": pd.qcut(runs["losses"], 5, labels=False),
            name: runs[name] if axis.levels else pd.qcut(runs[name], 4, labels=False),
            "observed": runs[outcome],
            "fitted": fitted.chances(runs["losses"], runs[name])[0],
        }
    )
    bins = table.groupby(["losses", name]).agg(
        runs=("observed", "size"), observed=("observed", "mean"), fitted=("fitted", "mean"),
        by_chance=("fitted", lambda p: math.sqrt(float((p * (1.0 - p)).sum())) / len(p)),
    )  # fmt: skip
    bins = bins.reset_index().rename(columns={"losses": "losses_bin", name: "axis_bin"})
    return bins.assign(axis=name, outcome=outcome)


def foretold(frame: pd.DataFrame, worlds: Sequence[World]) -> dict[str, float | None]:
    """Return which share of the variance of an uprising between draws is foretold by which numbers, at entry."""
    runs = frame[frame["block"] == "entry"]
    known = informed_numbers([worlds[draw] for draw in runs["draw"]])
    shock, losses = BEYOND.scaled(runs["beyond"]), LOSS.scaled(runs["losses"])
    answer = np.column_stack([runs["r_c"], np.log(runs["d_0"])])
    columns = {
        "the shock of entry, beyond": np.column_stack([shock, shock**2]),
        "the losses, over the whole range": np.column_stack([losses, losses**2]),
        "the answer to losses, r_c and D0": np.column_stack([answer, answer[:, 0] * losses]),
        f"the {known.shape[1]} numbers that a fit informs": known,
    }
    return {name: statistics.foretold_share(column, runs[UPRISING], runs["draw"]) for name, column in columns.items()}


def informed_numbers(worlds: Sequence[World]) -> np.ndarray:
    """Return the numbers that a fit informs, a row for each draw."""
    names = informed()
    flat = [world.parameters.flat() for world in worlds]
    return np.array([[parameters[name] for name in names] for parameters in flat])
