"""What the sizes found: chances, peaks and histories against the number of citizens, the verdict, and the figure.

The rule of the verdict: take the change in the chance of a fall from 20,000 citizens to the largest world, over the
same worlds and seeds, with its 95 % interval.

- ``survives large N``: the interval lies within ``MARGIN`` on both sides of zero. A true change of that size would
  pass with a chance of 2.5 % at most.
- ``artefact of N``: the interval lies below minus ``MARGIN``: with more people, he falls less. A tipping that does
  not change at all would be called so with a chance of 2.5 % at most.
- ``moves with N``: the interval leaves zero out, and neither of the above holds.
- ``undecided``: none of these; more seeds are needed.
"""

import json
import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from scipy import stats

from experiments.lab.statistics import Estimate, by_draw, chance, paired_difference
from experiments.show.figures import canvas, headline, in_people, in_percent, interval, save, style
from experiments.show.palette import BLACK, BLUE, ENDING_COLOURS, GREEN, GREY, ORANGE, VERMILLION
from experiments.show.words import FALL, date_words, short_endings
from model.episode import Episode
from model.outcomes import FALLS
from model.worlds import Origin

REFERENCE = 20_000
"""The size of all other experiments, with which the rest is compared [citizens]."""
MARGIN = 0.10
"""A change in a chance that would matter."""
HUSH = 1_000.0
"""Added to crowds before their logarithm, so that quiet weeks do not count for much [people]."""
PERMUTATIONS = 10_000
ENDINGS = tuple(map(str, FALLS))


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Chances and crowds by kind of run and size, the change against ``REFERENCE``, and tests for a trend."""

    episode: Episode
    wave: Episode | None
    """The episode that the worlds were fitted to, where it was lived too."""
    origin: Origin
    """Where the worlds are from."""
    table: pd.DataFrame
    chances: dict[tuple[int, str], Estimate]
    """Of each ending and any fall after entry, by size."""
    changes: dict[tuple[int, str], Estimate]
    """In these chances against ``REFERENCE``, by size."""
    peaks: dict[tuple[str, int], Estimate]
    """Mean log ratio of the peak crowd to that at ``REFERENCE``, by kind and size."""
    weeks: dict[int, Estimate]
    """The same of the weekly crowds of the wave."""
    history: dict[int, np.ndarray]
    """Median weekly crowd of the wave, by size [people]."""
    trends: dict[str, float]
    """Chance of as strong a trend with size from ``REFERENCE`` up, if size does not matter."""
    n_near: int
    scouted: int

    @property
    def largest(self) -> int:
        """Return the largest size [citizens]."""
        return max(size for size, _ in self.chances)

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as plain values."""
        return {
            "table": self.table.to_dict("records"),
            "trends": self.trends,
            "verdicts": {what: judged(self.changes[self.largest, what]) for what in (FALL, "uprising")},
            "near_the_line": self.n_near,
            "scouted": self.scouted,
        }


def findings_of(
    rows: pd.DataFrame, scouted: int, episode: Episode, wave_lived: Episode | None, origin: Origin
) -> Findings:
    """Return what follows from the runs: a row a run with kind, world, turn, n_citizens, ending, fell, peaks, weeks."""
    ended = {ending: (rows["ending"] == ending).astype(int) for ending in ENDINGS}
    rows = rows.assign(**{FALL: rows["fell"]} | ended)
    line, wave = rows[rows["kind"] == "line"], rows[rows["kind"] == "wave"]
    sizes = sorted(int(n) for n in rows["n_citizens"].unique())
    chances, changes, peaks, weeks, history, table = {}, {}, {}, {}, {}, []
    for n in sizes:
        for kind, some in (("line", line), ("wave", wave)):
            here = some[some["n_citizens"] == n]
            if here.empty:
                continue
            pairs = here.merge(some[some["n_citizens"] == REFERENCE], on=["world", "turn"], suffixes=("", " before"))
            ratio = np.log((pairs["peak_crowd"] + HUSH) / (pairs["peak_crowd before"] + HUSH))
            peaks[kind, n] = mean_of(ratio, pairs["world"])
            row = {"kind": kind, "n_citizens": n, "runs": len(here), "worlds": here["world"].nunique()}
            for what in (*ENDINGS, FALL):
                estimate, change = chance(here[what], here["world"]), None
                if n != REFERENCE:
                    change = paired_difference(pairs[what], pairs[f"{what} before"], pairs["world"])
                if kind == "line":
                    chances[n, what] = estimate
                    if change:
                        changes[n, what] = change
                row |= {what: estimate.value, f"{what}_low": estimate.low, f"{what}_high": estimate.high}
                if change:
                    ends = {"": change.value, "_low": change.low, "_high": change.high}
                    row |= {f"{what}_change{end}": value for end, value in ends.items()}
            low, middle, high = here["peak_crowd"].quantile([0.05, 0.5, 0.95])
            row |= {"peak_5": low, "peak_50": middle, "peak_95": high}
            row |= {"peak_ratio": math.exp(peaks[kind, n].value), "peak_ratio_low": math.exp(peaks[kind, n].low)}
            row |= {"peak_ratio_high": math.exp(peaks[kind, n].high)}
            if kind == "wave":
                weeks[n] = mean_of(
                    [
                        compared(*pair)
                        for pair in zip(pairs["crowd_by_week"], pairs["crowd_by_week before"], strict=True)
                    ],
                    pairs["world"],
                )
                lived = [json.loads(text) for text in here["crowd_by_week"]]
                longest = max(map(len, lived))
                history[n] = np.nanmedian([crowds + [np.nan] * (longest - len(crowds)) for crowds in lived], axis=0)
            table.append(row)
    return Findings(
        episode=episode,
        wave=wave_lived,
        origin=origin,
        table=pd.DataFrame(table),
        chances=chances,
        changes=changes,
        peaks=peaks,
        weeks=weeks,
        history=history,
        trends={what: trend(line[line["n_citizens"] >= REFERENCE], what) for what in (FALL, *ENDINGS)},
        n_near=line["world"].nunique(),
        scouted=scouted,
    )


def compared(weeks: str, before: str) -> float:
    """Return the mean log ratio of two histories of weekly crowds, over the weeks that both lived.

    >>> compared("[0, 9000, 1000]", "[0, 4000, 1000, 7]") == math.log(2.0) / 3.0
    True
    """
    pairs = list(zip(json.loads(weeks), json.loads(before), strict=False))
    return math.fsum(math.log((crowd + HUSH) / (other + HUSH)) for crowd, other in pairs) / len(pairs)


def mean_of(values: Any, worlds: Any) -> Estimate:
    """Return the mean over worlds with Student's interval, from the spread between worlds."""
    means = by_draw(np.asarray(values, float), np.asarray(worlds))
    error = float(means.std(ddof=1)) / math.sqrt(means.size)
    half, value = float(stats.t.ppf(0.975, means.size - 1)) * error, float(means.mean())
    return Estimate(
        value=value, low=value - half, high=value + half, error=error, draws=means.size, method="Student, over worlds"
    )


def trend(rows: pd.DataFrame, what: str, permutations: int = PERMUTATIONS) -> float:
    """Return the chance of as strong a trend with log N if N does not matter: sizes dealt anew within world and seed.

    Cochran and Armitage's statistic within each world and seed, which share all luck but the citizens'; two-sided.

    >>> runs = pd.DataFrame({"world": np.repeat(range(30), 2), "turn": 0, "n_citizens": [2_000, 20_000] * 30})
    >>> trend(runs.assign(fell=[1, 0] * 30), "fell") < 0.001, trend(runs.assign(fell=[1, 0, 0, 1] * 15), "fell")
    (True, 1.0)
    """
    dice = np.random.default_rng(2_022)
    observed, dealt = 0.0, np.zeros(permutations)
    for _, twins in rows.groupby(["world", "turn"]):
        place = np.log10(twins["n_citizens"].to_numpy(float))
        place, values = place - place.mean(), twins[what].to_numpy(float)
        if values.min() < values.max():
            observed += place @ values
            dealt += dice.permuted(np.tile(place, (permutations, 1)), axis=1) @ values
    return float((np.abs(dealt) >= abs(observed) - 1e-9).sum() + 1) / (permutations + 1)


def judged(change: Estimate) -> str:
    """Return what a change in a chance means, by the rule at the top of this file.

    >>> def change(low, high):
    ...     return Estimate(value=0.0, low=low, high=high, error=0.0, draws=9, method="")
    >>> judged(change(-0.05, 0.02)), judged(change(-0.4, -0.2)), judged(change(-0.3, -0.05)), judged(change(-0.2, 0.2))
    ('survives large N', 'artefact of N', 'moves with N', 'undecided')
    """
    if change.low > -MARGIN and change.high < MARGIN:
        return "survives large N"
    if change.high < -MARGIN:
        return "artefact of N"
    return "moves with N" if change.shows else "undecided"


def verdict(result: Findings) -> str:
    """Return in words what follows from the sizes."""
    largest = result.largest
    lines = []
    for what, words in ((FALL, "that he falls"), ("uprising", "of an uprising")):
        change = result.changes[largest, what]
        lines.append(
            f"{'Tipping' if what == FALL else 'The uprising alone'} {said(judged(change))}: from {REFERENCE:,} to "
            f"{largest:,} citizens the chance {words} changes by {100 * change.value:+.1f} points "
            f"(95 % {100 * change.low:+.1f} to {100 * change.high:+.1f}; margin {100 * MARGIN:.0f}); "
            f"trend p = {result.trends[what]:.2g}."
        )
    lines.append(
        f"{result.episode.title}: {result.n_near} worlds near the line of {result.scouted} scouted "
        f"({result.origin.words}); the same worlds and seeds at every size, so that only the citizens' luck differs. "
        "A true change of the margin passes as surviving with a chance of 2.5 % "
        "at most; no change at all is called an artefact with a chance of 2.5 % at most."
    )
    smallest = min(size for size, _ in result.chances)
    if smallest < REFERENCE:
        change = result.changes[smallest, FALL]
        shown = "are too few" if change.shows else "make no difference that shows"
        lines.append(
            f"{smallest:,} citizens {shown}: against {REFERENCE:,} the chance of a fall is {100 * change.value:+.1f} "
            f"points off ({100 * change.low:+.1f} to {100 * change.high:+.1f})."
        )
    for n in sorted({size for size, _ in result.chances} - {REFERENCE}):
        words = f"peak after entry x {ratio(result.peaks['line', n])}"
        if result.wave and n in result.weeks:
            week, peak = result.weeks[n], result.peaks["wave", n]
            words = f"weekly crowds of {result.wave.title} x {ratio(week)}, their peak x {ratio(peak)}; {words}"
        lines.append(f"{n:,} against {REFERENCE:,}: {words}.")
    return "\n".join(lines)


def said(judgement: str) -> str:
    """Return a judgement as a verb."""
    return {"artefact of N": "is an artefact of N"}.get(judgement, judgement).replace("undecided", "is undecided")


def ratio(estimate: Estimate) -> str:
    """Return a mean log ratio as a ratio with its interval."""
    value, low, high = (math.exp(number) for number in (estimate.value, estimate.low, estimate.high))
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def draw_figure(result: Findings, path: Path, record: Mapping[str, Any]) -> None:
    """Draw chances, their change, peaks and histories against the number of citizens."""
    largest = result.largest
    change = result.changes[largest, FALL]
    sizes = sorted({size for size, _ in result.chances})
    with style():
        figure = canvas(11.0, 7.6)
        (ends, changes), (peaks, weeks) = figure.subplots(2, 2)
        words_of = short_endings(result.episode.patron)
        headline(
            figure,
            f"Tipping {said(judged(change))}: {100 * change.value:+.1f} points "
            f"({100 * change.low:+.1f} to {100 * change.high:+.1f}) from {REFERENCE:,} to {largest:,} citizens",
            f"{result.episode.title}: {result.n_near} worlds near the line (he falls in 20 to 80 % of scouting runs "
            f"after entry), of {result.scouted} scouted ({result.origin.words}); "
            "the same worlds and seeds at every size; whiskers: 95 % intervals over worlds",
        )
        kinds = [(what, ENDING_COLOURS[what]) for what in ENDINGS] + [(FALL, BLACK)]
        for step, (what, colour) in enumerate(kinds):
            places = [n * 10 ** (0.05 * (step - 1.5)) for n in sizes]
            for place, n in zip(places, sizes, strict=True):
                share = result.chances[n, what]
                interval(ends, place, (share.value, share.low, share.high), colour)
            ends.plot(places, [result.chances[n, what].value for n in sizes], color=colour, lw=1, label=words_of[what])
            changed = [(place, n) for place, n in zip(places, sizes, strict=True) if n != REFERENCE]
            for place, n in changed:
                added = result.changes[n, what]
                interval(changes, place, (added.value, added.low, added.high), colour)
        ends.set(xscale="log", ylabel="chance after entry", ylim=(0.0, 1.0))
        ends.set_title("Chance of each ending")
        ends.legend(loc="upper left", ncols=2)
        in_percent(ends.yaxis)
        changes.axhspan(-MARGIN, MARGIN, color=GREY, alpha=0.2, lw=0, label=f"margin: {100 * MARGIN:.0f} points")
        changes.axhline(0.0, color=GREY, lw=1)
        changes.set(xscale="log", ylabel=f"change against {REFERENCE:,} citizens")
        changes.set_title("Its change, same worlds and seeds")
        changes.legend(loc="lower right")
        in_percent(changes.yaxis)
        kinds_of_run = [("line", VERMILLION, "after entry")]
        if result.wave and result.history:
            kinds_of_run.append(("wave", BLUE, "in the wave that was fitted"))
        for step, (kind, colour, words) in enumerate(kinds_of_run):
            some = result.table[result.table["kind"] == kind]
            places = some["n_citizens"].to_numpy(float) * 10 ** (0.06 * (step - 0.5))
            middle = some["peak_50"].to_numpy()
            span = [middle - some["peak_5"], some["peak_95"] - middle]
            peaks.errorbar(places, middle, yerr=span, fmt="o-", color=colour, capsize=3, lw=1.2, ms=5, label=words)
        peaks.set(xscale="log", xlabel="citizens", ylabel="peak crowd [people]")
        peaks.set_title("Peak crowd: median and 90 % of runs")
        peaks.set_ylim(0.0, result.table["peak_95"].max() * 1.3)
        peaks.legend(loc="upper left", ncols=2)
        in_people(peaks.yaxis)
        for axes in (ends, changes, peaks):
            axes.set_xticks(sizes, [f"{n:,}" for n in sizes])
            axes.set_xlim(min(sizes) / 2.5, max(sizes) * 2.5)
            axes.minorticks_off()
        changes.set_xlabel("citizens")
        ends.set_xlabel("citizens")
        if result.wave and result.history:
            _panel_weeks(weeks, result, result.wave)
        else:
            weeks.set_axis_off()  # no other episode was fitted: there is no wave to compare
        save(figure, path, record)


def _panel_weeks(axes: Axes, result: Findings, wave: Episode) -> None:
    """Draw the median weekly crowds of the wave, by citizens."""
    looks = zip(
        (ORANGE, BLACK, GREEN, BLUE, VERMILLION), sorted(result.history), ("-", "-", "--", ":", "-."), strict=False
    )
    for colour, n, dash in looks:
        axes.plot(np.arange(1, result.history[n].size + 1), result.history[n], color=colour, ls=dash, label=f"{n:,}")
    axes.set(xlabel=f"week, from {date_words(wave.start_date)}", ylabel="largest crowd of the week [people]")
    axes.set_title(textwrap.fill(f"{wave.title}: median of runs, by citizens", 60))
    axes.legend(loc="upper right", title="citizens")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    in_people(axes.yaxis)
