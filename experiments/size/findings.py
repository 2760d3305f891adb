"""What the sizes found: chances, peaks and histories against the number of citizens.

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
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.lab.statistics import Estimate, by_draw, chance, paired_difference
from experiments.show.words import FALL
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
    from scipy import stats  # slow to import, and needed here only

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
