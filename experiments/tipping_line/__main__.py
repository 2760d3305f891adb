"""At which losses does entry tip the country into an uprising, and what moves that line?

Claim C6 says that entering might spark an uprising. Here he enters in every run, over the accepted worlds, and
what each 1,000 of the men sent lose a week is the same in every week after entry: one number, from next to
nothing to far beyond any army's. The front stands still, so that nothing else changes losses or Moscow's need.

One draw of a world lives several times, with the same dice: entry with all else as drawn; then with another
loyalty of the forces, another support of Moscow on the first day, another grip on the media, other troops, each
in place of what the world has; and once he stays. Moscow's support is what it has given when the year begins:
from then on it follows its own rule (C15), and may raise or drop it. A smooth chance is fitted to each panel
(logistic, with curvature and interaction) and held against the runs in bins; its
uncertainty is a bootstrap over the accepted worlds.
"""

import itertools
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter
from scipy.special import expit
from scipy.stats import qmc
from tqdm import tqdm

from agents.security import willingness
from experiments.lab import statistics
from experiments.lab.command import one_clear_line, shared_options
from experiments.lab.design import apply
from experiments.lab.runner import Run, key
from experiments.lab.study import Study, carried, publish
from experiments.lab.tasks import run_summary
from experiments.show.figures import canvas, headline, in_percent, save, style
from experiments.show.palette import BLACK, ENDING_COLOURS
from model.episode import SUPPORTS, Episode, load_episode
from model.outcomes import FALLS, Ending
from model.parameters import SWITCHES, Parameters
from model.simulation import Arm
from model.worlds import FILE, World, draw, informed

EXAMPLES = """\b
Examples:
  python -m experiments.tipping_line
  python -m experiments.tipping_line --worlds 100 --citizens 5000      a first look, in a minute
  python -m experiments.tipping_line --without media_grip"""

EPISODE = "belarus-2022"
LOSSES = (0.5, 30.0)
"""Killed per 1,000 sent a week; at 21 a week, all who were sent are dead within the year."""
DRAWS = 1_700
TROOPS = 10_000
OTHER_TROOPS = (5_000, 20_000)
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
        title: its name.
        unit: what the numbers mean.
        low: the lower end.
        high: the upper end.
        log: whether it is drawn, and shown, by even ratios.
        plain: whether the chance is fitted in the number itself all the same, because anger is its multiple.
        levels: the names of the levels 0, 1, 2, ... if it has levels.
        shown: the values that the table shows, beside that of 2022.
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

    def words(self, value: float) -> str:
        """Return a value in words."""
        return self.levels[round(value)] if self.levels else f"{value:.2g}"


LOSS = Axis(key="losses", title="Losses", unit="killed per 1,000 sent a week", low=LOSSES[0], high=LOSSES[1], log=True)
LOYALTY = Axis(
    key="loyalty", title="Loyalty of the forces", unit="logit, change since 2020", low=-1.5, high=1.0,
    shown=(-1.5, 1.0), block="loyalty",
)  # fmt: skip
SUPPORT = Axis(
    key="support", title="Moscow's support", unit="given when the year begins", low=0, high=len(SUPPORTS) - 1,
    levels=SUPPORTS, shown=tuple(range(len(SUPPORTS))), block="support",
)  # fmt: skip
GRIP = Axis(
    key="grip", title="Media grip", unit="share of bad news kept from state audiences", low=0.1, high=0.9,
    shown=(0.1, 0.9), block="grip",
)  # fmt: skip
SHOCK = Axis(
    key="r_w", title="First shock of entry, r_w", unit="multiple of the anger of 2020", low=0.03, high=3.0, log=True,
    plain=True, shown=(0.1, 0.3, 1.0, 3.0), block="entry",
)  # fmt: skip
MEN = Axis(
    key="men", title="Troops", unit="people", low=0, high=2, levels=("5,000", "10,000", "20,000"), shown=(0, 1, 2),
    block="troops",
)  # fmt: skip
PANELS = (LOYALTY, SUPPORT, GRIP, SHOCK)
BLOCKS = ("entry", "loyalty", "support", "grip", "troops", "stay")


# The runs.


def points(n: int, seed: int, episode: Episode) -> pd.DataFrame:
    """Return where each draw of a world is looked at: a value of each axis, by a Latin hypercube.

    Levels are those that the plain entry does not have.

    >>> points(3, 0, load_episode("belarus-2022"))["support"].sort_values().tolist()  # money is given
    [0, 1, 3]
    """
    dice = np.random.default_rng([seed, 6])
    ranks = qmc.LatinHypercube(5, rng=dice).random(n)
    others = [level for level, name in enumerate(SUPPORTS) if name != episode.start.support]
    return pd.DataFrame(
        {axis.key: axis.at(ranks[:, place]) for place, axis in enumerate((LOSS, LOYALTY, GRIP))}
        | {"support": _each(others, ranks[:, 3]), "troops": _each(OTHER_TROOPS, ranks[:, 4])}
    )


def _each(levels: Sequence[int], ranks: np.ndarray) -> np.ndarray:
    """Return one of some levels for each rank [0 to 1), all equally often."""
    return np.array(levels)[(ranks * len(levels)).astype(int)]


def runs_of(worlds: Sequence[World], places: pd.DataFrame, episode: Episode, n_citizens: int) -> Iterator[Run]:
    """Yield every run: each draw of a world, at its place, in each block, with the same dice."""
    codes = rows_of(worlds)
    for world, place, row in zip(worlds, places.to_dict("records"), codes, strict=True):
        for block in BLOCKS:
            yield _run(block, world, place, row, episode, n_citizens)


def rows_of(worlds: Sequence[World]) -> list[int]:
    """Return which accepted world each draw comes from (draws of one share what 2020 informs), as a number."""
    told = pd.Series([tuple(numbers) for numbers in _informed(worlds).tolist()])
    return [int(code) for code in pd.factorize(told)[0]]


def _informed(worlds: Sequence[World]) -> np.ndarray:
    """Return what 2020 informs, a row for each draw."""
    names = informed()
    flat = [world.parameters.flat() for world in worlds]
    return np.array([[numbers[name] for name in names] for numbers in flat])


def _run(block: str, world: World, place: Mapping[str, Any], row: int, episode: Episode, n_citizens: int) -> Run:
    """Return one run: a world with the losses of its place, and what its block changes."""
    numbers, losses = world.parameters, float(place["losses"])
    has = {
        "losses": losses,
        "loyalty": numbers.carry.loyalty_drift,
        "support": SUPPORTS.index(episode.start.support),
        "grip": numbers.regime.media_grip,
        "troops": TROOPS,
    }
    has |= {block: place[block]} if block in has else {}
    told = {
        "war.killed_first": losses,
        "war.killed_later": losses,
        "carry.loyalty_drift": float(has["loyalty"]),
        "start.support": SUPPORTS[int(has["support"])],
        "regime.media_grip": float(has["grip"]),
        "entry.troops": int(has["troops"]),
    }
    episode, parameters = apply(tuple(told), tuple(told.values()), episode, numbers, front="stalemate")
    drawn = {"r_w": numbers.citizen.war_shock, "r_c": numbers.citizen.loss_anger, "d_0": numbers.citizen.loss_half}
    return Run(
        episode=episode,
        parameters=parameters,
        arm=str(Arm.STAY if block == "stay" else Arm.ENTER),
        seed=world.seed,
        n_citizens=n_citizens,
        labels={"block": block, "draw": world.number, "accepted": row} | has | drawn,
    )


def seen(rows: Sequence[Mapping[str, Any]], entry_day: int) -> pd.DataFrame:
    """Return the finished runs that reached the day of entry, with what happened after it.

    Entry and its twin that stays are alike until that day, so the same draws are left out of both.
    """
    frame = pd.DataFrame(rows)
    frame = frame[frame["status"] == "done"].reset_index(drop=True)
    fell = frame["ending"] != Ending.SURVIVED
    frame = frame[~fell | (frame["ended_on"].astype(float) >= entry_day)].copy()
    frame[UPRISING] = (frame["ending"] == Ending.UPRISING).astype(float)
    frame[FALL] = frame["ending"].isin([str(ending) for ending in FALLS]).astype(float)
    sizes = (OTHER_TROOPS[0], TROOPS, OTHER_TROOPS[1])
    frame["men"] = [sizes.index(int(troops)) for troops in frame["troops"]]
    return frame.sort_values(["block", "draw"], ignore_index=True)


# The fitted chance.


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
    """Fit the chance of an outcome over losses and an axis; None if too few runs saw it, or did not.

    Args:
        frame: the runs, as from ``seen``.
        axis: the axis; the runs along it are taken.
        outcome: ``uprising`` or ``any fall``.
        resamples: a row of weights of the accepted worlds for each resample, as from ``resampled``.
    """
    runs = runs_along(frame, axis)
    happened = runs[outcome].to_numpy(float)
    if min(happened.sum(), (1.0 - happened).sum()) < FEW:
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


# What was found.


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the world of 2022 stands: the middle and nine tenths of what is drawn, of losses and of each axis."""

    losses: Number
    axes: Mapping[str, Number]


def place_of_2022(worlds: Sequence[World], episode: Episode) -> Place:
    """Return where 2022 stands; its losses are the mean of the weeks after entry, times the drawn front's multiple."""
    assert episode.entry is not None
    days = episode.days - episode.day_of(episode.entry.date) + 1
    course = {"advance": "advance_losses", "defeat": "defeat_losses"}
    losses = []
    for world in worlds:
        war = world.parameters.war
        mean = (28 * war.killed_first + (days - 28) * war.killed_later) / days
        losses.append(mean * (getattr(war, course[world.front]) if world.front in course else 1.0))
    given = float(SUPPORTS.index(episode.start.support))
    return Place(
        losses=_nine_tenths(losses),
        axes={
            "loyalty": _nine_tenths([world.parameters.carry.loyalty_drift for world in worlds]),
            "support": (given, given, given),
            "grip": _nine_tenths([world.parameters.regime.media_grip for world in worlds]),
            "r_w": _nine_tenths([world.parameters.citizen.war_shock for world in worlds]),
            "men": (1.0, 1.0, 1.0),
        },
    )


def _nine_tenths(values: Sequence[float]) -> Number:
    low, middle, high = np.quantile(np.asarray(values, float), [0.05, 0.5, 0.95])
    return float(middle), float(low), float(high)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that the verdict and the figure tell."""

    runs: pd.DataFrame
    fits: Mapping[tuple[str, str], Fit | None]
    """By axis and outcome."""
    place: Place
    lines: pd.DataFrame
    """A row for each setting and outcome: the chance at the losses of 2022, and where the lines are."""
    bins: pd.DataFrame
    """Runs observed and chance fitted, bin by bin."""
    told: Mapping[str, float | None]
    """How much of who falls is foretold by what."""


def findings(frame: pd.DataFrame, worlds: Sequence[World], episode: Episode, *, progress: bool = False) -> Findings:
    """Fit the panels and find the lines."""
    place, resamples = place_of_2022(worlds, episode), resampled(int(frame["accepted"].max()) + 1)
    axes = (MEN, *PANELS)
    asked = tqdm(list(itertools.product(axes, (UPRISING, FALL))), desc="fitting", unit="panel", disable=not progress)
    fits = {(axis.key, outcome): fit(frame, axis, outcome, resamples) for axis, outcome in asked}
    lines = pd.DataFrame([row for axis in axes for row in _rows_of_lines(axis, fits, place)])
    bins = pd.concat([_binned(frame, found) for found in fits.items() if found[1]] or [pd.DataFrame()])
    return Findings(runs=frame, fits=fits, place=place, lines=lines, bins=bins, told=foretold(frame, worlds))


def _rows_of_lines(axis: Axis, fits: Mapping[Any, Fit | None], place: Place) -> Iterator[dict[str, Any]]:
    """Yield a row for each shown value of an axis and each outcome."""
    values = {value: axis.words(value) for value in axis.shown}
    if not axis.levels and axis is not SHOCK:
        values |= {place.axes[axis.key][0]: f"{axis.words(place.axes[axis.key][0])} (2022)"}
    for value in sorted(values):
        for outcome in (UPRISING, FALL):
            row: dict[str, Any] = {"axis": axis.key, "value": value, "words": values[value], "outcome": outcome}
            found = fits[axis.key, outcome]
            if found:
                curves = found.chances(GRID, value)
                typical = found.chances(place.losses[0], value)[:, 0]
                numbers = {"at_2022": with_interval(typical), "at_most": with_interval(curves[:, -1])}
                numbers |= {f"line_{level:.0%}": with_interval(losses_at(level, curves)) for level in LEVELS}
                for name, (middle, low, high) in numbers.items():
                    row |= {name: middle, f"{name}_low": low, f"{name}_high": high}
            yield row


def _binned(frame: pd.DataFrame, found: tuple[tuple[str, str], Fit]) -> pd.DataFrame:
    """Return observed and fitted chance in bins: fifths of the losses by fourths (or levels) of the axis."""
    (name, outcome), fitted = found
    axis = fitted.axis
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
    known = _informed([worlds[draw] for draw in runs["draw"]])
    shock, losses = SHOCK.scaled(runs["r_w"]), LOSS.scaled(runs["losses"])
    answer = np.column_stack([runs["r_c"], np.log(runs["d_0"])])
    columns = {
        "the first shock, r_w": np.column_stack([shock, shock**2]),
        "the losses, over the whole range": np.column_stack([losses, losses**2]),
        "the answer to losses, r_c and D0": np.column_stack([answer, answer[:, 0] * losses]),
        f"the {known.shape[1]} numbers that 2020 informs": known,
    }
    return {name: statistics.foretold_share(column, runs[UPRISING], runs["draw"]) for name, column in columns.items()}


# In words.


def percent(number: Number | Sequence[float]) -> str:
    """Return a chance with its interval in words.

    >>> percent((0.124, 0.1, 0.15)), percent((0.0, 0.0, 0.0016))
    ('12 % [10 to 15]', '0 % [0 to 0.2]')
    """
    hundreds = [100.0 * value for value in number]
    middle, low, high = (f"{value:.1f}" if 0.05 <= value < 0.95 else f"{value:.0f}" for value in hundreds)
    return f"{middle} % [{low} to {high}]"


def where(number: Number | Sequence[float]) -> str:
    """Return the losses at which a line lies, with their interval, in words.

    >>> where((9.1, 6.2, math.inf)), where((math.inf, 20.0, math.inf)), where((0.0, 0.0, 0.0))
    ('9.1 [6.2 to >30]', '>30 [20 to >30]', '<0.5')
    """
    middle, low, high = (_one(value) for value in number)
    return middle if low == middle == high else f"{middle} [{low} to {high}]"


def _one(losses: float) -> str:
    if losses == 0.0:
        return f"<{LOSSES[0]:g}"
    return f">{LOSSES[1]:g}" if math.isinf(losses) else f"{losses:.2g}"


def _number(row: pd.Series, name: str) -> Number:
    return row[name], row[f"{name}_low"], row[f"{name}_high"]


def line_words(row: pd.Series) -> str:
    """Return in words at which losses something has the chance one half."""
    what = row["outcome"] if row["outcome"] == FALL else f"an {row['outcome']}"
    if pd.isna(row.get("at_2022", math.nan)):
        return f"too few runs for a line (fewer than {FEW} with {what}, or without it)"
    middle, low, high = line = _number(row, "line_50%")
    if middle == 0.0:
        return f"the chance of {what} is one half or more already at {LOSSES[0]:g} [line: {where(line)}]"
    if math.isinf(middle):
        end = percent(_number(row, "at_most"))
        sure = "" if math.isinf(low) else f" (the interval of the line begins at {_one(low)})"
        within = f"between {LOSSES[0]:g} and {LOSSES[1]:g} killed per 1,000 a week"
        return f"the chance of {what} never reaches one half {within}: it is {end} at {LOSSES[1]:g}{sure}"
    return f"the chance of {what} reaches one half at {where((middle, low, high))} killed per 1,000 a week"


def axis_words(axis: Axis, found: Findings) -> str:
    """Return in words how the line, and the chance at the losses of 2022, move along an axis."""
    fitted = found.fits[axis.key, UPRISING]
    if fitted is None:
        return f"{axis.title}: too few runs for a line (fewer than {FEW} with an uprising, or without it)."
    ends = (min(axis.shown), max(axis.shown))
    losses = found.place.losses[0]
    first, last = (fitted.chances(losses, end)[:, 0] for end in ends)
    change = with_interval(100.0 * (last - first))
    shown = "" if change[1] > 0.0 or change[2] < 0.0 else ", so no difference is shown"
    before, after = (percent(with_interval(chances)) for chances in (first, last))
    words = [f"{axis.words(end)}" for end in ends]
    lines = [where(with_interval(losses_at(0.5, fitted.chances(GRID, end)))) for end in ends]
    unit = "" if axis.levels else f" [{axis.unit}]"
    return (
        f"{axis.title}, from {words[0]} to {words[1]}{unit}: the line of one half goes from {lines[0]} to {lines[1]}; "
        f"the chance at {losses:.2g} killed goes from {before} to {after}, "
        f"by {change[0]:+.0f} points [{change[1]:+.0f} to {change[2]:+.0f}]{shown}."
    )


def main_line(found: Findings, outcome: str) -> pd.Series:
    """Return the row of entry with 10,000 troops."""
    lines = found.lines
    return lines[(lines["axis"] == MEN.key) & (lines["value"] == 1) & (lines["outcome"] == outcome)].iloc[0]


def title_of(found: Findings) -> str:
    """Return the finding in one sentence, for the figure."""
    row, losses = main_line(found, UPRISING), found.place.losses[0]
    if not _fitted(row):
        return f"Entry with {TROOPS:,} troops: {line_words(row)}"
    line = row["line_50%"]
    if math.isinf(line):
        end = percent(_number(row, "at_most"))
        words = f"never makes an uprising as likely as not, up to {LOSSES[1]:g} killed per 1,000 a week ({end})"
    elif line == 0.0:
        words = f"makes an uprising as likely as not even with {LOSSES[0]:g} killed per 1,000 a week"
    else:
        words = f"makes an uprising as likely as not at {where(_number(row, 'line_50%'))} killed per 1,000 a week"
    chance = percent(_number(row, "at_2022"))
    return f"Entry with {TROOPS:,} troops {words}; at the {losses:.2g} of 2022 its chance is {chance}"


def verdict(found: Findings, facts: Mapping[str, Any]) -> str:
    """Return in plain words where the line is, what moves it, and how far to trust it."""
    frame, place = found.runs, found.place
    stay, entry = (frame[frame["block"] == block].set_index("draw") for block in ("stay", "entry"))
    both = stay.index.intersection(entry.index)
    lines = [
        f"{facts['worlds']} draws of {facts['accepted']} accepted worlds, {facts['runs']:,} runs"
        + (f", {facts['failed']} of them failed" if facts["failed"] else "")
        + f"; in {facts['early']:,} he fell before the day of entry, and they are left out.",
        f"Losses are killed per 1,000 sent a week, the same every week until the year's end, {LOSSES[0]:g} to "
        f"{LOSSES[1]:g}; the front stands still. The losses drawn for 2022 come to {place.losses[0]:.2g} "
        f"({place.losses[1]:.2g} to {place.losses[2]:.2g}). Intervals: 95 %, over worlds.",
        "",
    ]
    for outcome in (UPRISING, FALL):
        words = line_words(main_line(found, outcome))
        lines.append(f"Entry with {TROOPS:,} troops: {words}.")
    for outcome in (UPRISING, FALL):
        base = statistics.chance(stay.loc[both, outcome], list(both))
        effect = statistics.paired_difference(entry.loc[both, outcome], stay.loc[both, outcome], list(both))
        shown = "" if effect.shows else ": no difference is shown"
        lines.append(
            f"If he stays, the chance of {'an uprising' if outcome == UPRISING else outcome} in the same time is "
            f"{percent((base.value, base.low, base.high))}; entry adds {100 * effect.value:.0f} points "
            f"[{100 * effect.low:.0f} to {100 * effect.high:.0f}], averaged over the whole range of losses{shown}."
        )
    table = len(lines)
    lines += [axis_words(axis, found) for axis in (MEN, LOYALTY, SUPPORT, GRIP)]
    lines += [
        "(Of units of mean loyalty at rest, {:.0f}, {:.0f} and {:.0f} in 100 would obey".format(
            *(100.0 * share for share in facts["willing"])
        )
        + f" at {LOYALTY.low:g}, 0 and {LOYALTY.high:g} logit.)",
        "",
        "How much of it is the prior: " + axis_words(SHOCK, found),
        "Share of the variance of an uprising between runs that is foretold by " + _told_words(found.told),
        "",
        check_words(found.bins),
        "Belarus never entered: the effect of entry is not identified. This is the prior on r_w and on the answer to "
        "losses, carried through a machine fitted to 2020; an average over them holds under this prior only. Losses "
        "at the upper end are a question to the model, not an event that any army has lived through.",
    ]
    lines = [textwrap.fill(line, 120) for line in lines]
    return "\n".join([*lines[:table], "", *_table(found), "", *lines[table:]])


def _table(found: Findings) -> list[str]:
    """Return the lines of the table: a row for each setting."""
    titles = [f"chance at {found.place.losses[0]:.2g}", *(f"{100 * level:.0f} % line" for level in LEVELS)]
    told = [f"{'uprising after entry':<36}{''.join(f'{title:>20}' for title in titles)}{'any fall: 50 % line':>21}"]
    for axis in (MEN, *PANELS):
        rows = found.lines[found.lines["axis"] == axis.key]
        for _, cell in rows.groupby("value", sort=True):
            uprising, fall = (cell[cell["outcome"] == outcome].iloc[0] for outcome in (UPRISING, FALL))
            name = f"{axis.title}: {uprising['words']}"
            numbers = [percent(_number(uprising, "at_2022"))] if _fitted(uprising) else ["-"]
            numbers += [where(_number(uprising, f"line_{level:.0%}")) if _fitted(uprising) else "-" for level in LEVELS]
            last = where(_number(fall, "line_50%")) if _fitted(fall) else "-"
            told.append(f"{name:<36}" + "".join(f"{number:>20}" for number in numbers) + f"{last:>21}")
    return told


def _fitted(row: pd.Series) -> bool:
    return not pd.isna(row.get("at_2022", math.nan))


def _told_words(told: Mapping[str, float | None]) -> str:
    if None in told.values():
        return f"any number: too few runs to tell (fewer than {FEW} with an uprising, or without it)."
    parts = [f"{name}: {100.0 * max(0.0, share or 0.0):.0f} %" for name, share in told.items()]
    return "; ".join(parts) + " (judged on draws left out of the fit; luck within a world is in the rest)."


def check_words(bins: pd.DataFrame) -> str:
    """Return in words how well the fitted chances describe the runs, bin by bin."""
    if bins.empty:
        return "Check: nothing was fitted."
    missed = math.sqrt(float(((bins["observed"] - bins["fitted"]) ** 2).mean()))
    luck = math.sqrt(float((bins["by_chance"] ** 2).mean()))
    well = missed <= 1.5 * luck
    return (
        f"Check: in {len(bins)} bins of losses and axis, observed and fitted chance differ by "
        f"{100 * missed:.1f} points (root mean square); luck alone makes {100 * luck:.1f}. "
        + ("The curves describe the runs." if well else "The curves do NOT describe the runs well: trust bins.csv.")
    )


# The figure.

CHANCE_COLOURS = LinearSegmentedColormap.from_list("chance", ["white", ENDING_COLOURS[str(Ending.UPRISING)]])
LINES = {0.1: ("dotted", 1.6), 0.5: ("solid", 2.2), 0.9: ("dashed", 1.6)}


def draw_figure(found: Findings, record: Mapping[str, Any], path: Path) -> None:
    """Draw the chance over losses and each axis, with the lines, their uncertainty, and the place of 2022."""
    with style():
        figure = canvas(14.5, 8.2)
        strip, body = figure.subfigures(2, 1, height_ratios=(0.045, 1.0))
        strip.legend(handles=_legend(), loc="center left", ncols=5)
        grid = body.subplots(2, len(PANELS), sharex=True)
        for row, outcome in zip(grid, (UPRISING, FALL), strict=True):
            for axes, axis in zip(row, PANELS, strict=True):
                image = _panel(axes, axis, outcome, found)
                axes.set_title(f"{outcome.capitalize()}: {axis.title}")
                axes.set_xlabel(LOSS.unit if outcome == FALL else "")
                axes.set_ylabel(textwrap.fill(axis.unit, 30))
        bar = body.colorbar(image, ax=grid, aspect=40, pad=0.01, label="chance after entry")
        in_percent(bar.ax.yaxis)
        for level, (dashes, width) in LINES.items():
            bar.ax.axhline(level, color=BLACK, ls=dashes, lw=width)
        headline(figure, title_of(found), _beneath(found))
        save(figure, path, record)


def _panel(axes: Axes, axis: Axis, outcome: str, found: Findings) -> Any:
    """Draw one panel; return its image."""
    fitted = found.fits[axis.key, outcome]
    values = np.arange(len(axis.levels)) if axis.levels else axis.at(np.linspace(0.0, 1.0, FINE))
    shape = (len(values), GRID.size)
    at_losses, at_values = np.meshgrid(GRID, values)
    chances = fitted.chances(at_losses, at_values) if fitted else np.full((2, at_losses.size), math.nan)
    low, high = np.quantile(chances[1:], [0.025, 0.975], axis=0)
    middle, low, high = (part.reshape(shape) for part in (chances[0], low, high))
    image = axes.pcolormesh(GRID, values, middle, cmap=CHANCE_COLOURS, vmin=0.0, vmax=1.0, shading="nearest")
    if fitted is None:
        words = f"fewer than {FEW} runs with it,\nor without it: no lines"
        axes.text(0.03, 0.03, words, transform=axes.transAxes, fontsize=8.5, color="0.35")
    for level, (dashes, width) in LINES.items():
        if axis.levels:
            _level_lines(axes, values, (middle, low, high), level)
        elif fitted:
            open_question = np.minimum(high - level, level - low)
            if (open_question > 0.0).any():
                axes.contourf(GRID, values, open_question, levels=[0.0, 1.0], colors=BLACK, alpha=0.16)
            if middle.min() < level < middle.max():
                axes.contour(GRID, values, middle, levels=[level], colors=BLACK, linestyles=dashes, linewidths=width)
    (x, left, right), (y, down, up) = found.place.losses, found.place.axes[axis.key]
    axes.errorbar(
        x, y, xerr=[[x - left], [right - x]], yerr=[[y - down], [up - y]] if up > down else None, fmt="D", ms=6,
        color=BLACK, mfc="white", mew=1.6, lw=1.4, capsize=3, zorder=5,
    )  # fmt: skip
    axes.set(xscale="log", xlim=LOSSES)
    axes.grid(visible=False)
    axes.xaxis.set_major_locator(FixedLocator((0.5, 1, 2, 5, 10, 20)))
    axes.xaxis.set_minor_locator(FixedLocator(()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if axis.levels:
        axes.set_yticks(values, axis.levels)
    elif axis.log:
        axes.set(yscale="log", ylim=(axis.low, axis.high))
        axes.yaxis.set_major_locator(FixedLocator((0.03, 0.1, 0.3, 1, 3)))
        axes.yaxis.set_minor_locator(FixedLocator(()))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    elif axis is GRIP:
        in_percent(axes.yaxis)
    return image


def _level_lines(axes: Axes, values: np.ndarray, bands: Sequence[np.ndarray], level: float) -> None:
    """Draw a line through the levels of an axis: an upright stroke a level, and what is not excluded beside it."""
    dashes, width = LINES[level]
    for value, chances, least, most in zip(values, *bands, strict=True):
        if np.isnan(chances).any():
            continue
        not_excluded = (least <= level) & (level <= most)
        axes.fill_between(GRID, value - 0.46, value + 0.46, where=not_excluded, color=BLACK, alpha=0.16, lw=0)
        crossing = float(losses_at(level, chances[None, :])[0])
        if 0.0 < crossing < math.inf:
            axes.plot([crossing] * 2, [value - 0.46, value + 0.46], color=BLACK, ls=dashes, lw=width)


def _legend() -> list[Any]:
    strokes = [
        Line2D([], [], color=BLACK, ls=dashes, lw=width, label=f"chance {100 * level:.0f} %")
        for level, (dashes, width) in LINES.items()
    ]
    band = Patch(color=BLACK, alpha=0.16, label="where a line may be (95 %, over worlds)")
    words = "2022: middle and 90 % of the draws"
    here = Line2D([], [], color=BLACK, marker="D", mfc="white", mew=1.6, ls="-", label=words)
    return [*strokes, band, here]


def _beneath(found: Findings) -> str:
    return (
        f"{len(found.runs):,} runs of accepted worlds, {TROOPS:,} troops in these panels; losses are the same every "
        "week until the year's end. All but a panel's two axes is as each world has it. Belarus never entered: this "
        "is the prior on r_w and on the answer to losses, carried through a machine fitted to 2020."
    )


# The command.


def willing(worlds: Sequence[World], drift: float) -> float:
    """Return the mean chance of a unit of mean loyalty, at rest, to think obeying right, at some drift of loyalty."""
    return float(
        np.mean(
            [willingness(world.parameters.security.obedience + drift, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0) for world in worlds]
        )
    )


@click.command(epilog=EXAMPLES, help=__doc__)
@click.option(
    "--worlds", "n_worlds", default=DRAWS, show_default=True, type=click.IntRange(10), help="Draws of worlds."
)
@click.option("--accepted", default=FILE, type=Path, help="File of accepted worlds  [default: model/data/worlds.csv]")
@click.option("--without", multiple=True, type=click.Choice(list(SWITCHES)), help="Turn a claim's mechanism off.")
@click.option("--gallery", is_flag=True, help="Put the figure into the README's gallery.")
@shared_options("results/tipping_line")
@one_clear_line
def main(
    n_worlds: int,
    accepted: Path,
    without: tuple[str, ...],
    gallery: bool,
    seed: int,
    n_citizens: int,
    results: str,
    workers: int | None,
) -> None:
    """Carry out the sweep, and say where the line is."""
    episode = load_episode(EPISODE)
    options = {"worlds": n_worlds, "seed": seed, "citizens": n_citizens, "without": list(without)}
    study = Study(question="tipping_line", results=results, options=options, workers=workers, spec={})
    worlds = draw(n_worlds, seed, accepted, Parameters().switch_off(*without))
    keys: set[str] = set()

    def listed() -> Iterator[Run]:
        for run in runs_of(worlds, points(n_worlds, seed, episode), episode, n_citizens):
            keys.add(key(run, run_summary))
            yield run

    total = n_worlds * len(BLOCKS)
    with study.store() as store:
        tally = carried(study, store, listed(), run_summary, total=total)
        rows = store.results(keys)
    assert episode.entry is not None
    frame = seen(rows, episode.day_of(episode.entry.date))
    result = findings(frame, worlds, episode, progress=True)
    facts = {
        "worlds": n_worlds,
        "accepted": len(set(rows_of(worlds))),
        "runs": len(rows),
        "failed": tally.failed + tally.crashed,
        "early": sum(row["status"] == "done" for row in rows) - len(frame),
        "willing": [willing(worlds, drift) for drift in (LOYALTY.low, 0.0, LOYALTY.high)],
    }
    publish(
        study,
        tables={"runs.csv": frame, "lines.csv": result.lines, "bins.csv": result.bins},
        verdict=verdict(result, facts),
        record={"seed": seed, "citizens": n_citizens, "without": list(without)} | facts,
        figure=lambda path, record: draw_figure(result, record, path),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
