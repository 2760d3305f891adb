"""How well each sign foretells a fall: day by day (ROC), and as an alarm, with its lead and its false alarms.

A day is dangerous if he falls within ``AHEAD`` days of it. Of a world that outlives the episode the last ``AHEAD``
days are left out: nobody knows what follows them. An alarm is raised when a sign reaches a threshold, and stands for
``AHEAD`` days; it is true if he falls meanwhile. The threshold for a rate of false alarms is found in one half of the
worlds and judged in the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.packed import unpack
from experiments.lab.statistics import FEW, LEVEL, Estimate, chance
from experiments.show.words import FALL, happened
from experiments.warning.indicators import CALENDAR, SIGNS, Sign
from model.episode import Episode
from model.worlds import Origin

AHEAD = 30
"""How far ahead a fall is to be foretold, and how long an alarm stands [days]."""
RATES = (0.5, 1.0, 2.0)
"""False alarms a year at which the signs are compared."""
MAIN = 1.0
"""The rate that is told first."""
STEPS = 80
"""Thresholds that are tried: so many quantiles of a sign."""
RESAMPLES = 200
"""Resamples of worlds behind the interval of an area under the curve."""
YEAR = 365.0


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One world after entry: the days on which an alarm could be raised, from the first, and when he falls."""

    world: int
    signs: Mapping[str, np.ndarray]
    fall: int | None
    """After how many days from the first he falls; None: he does not, as far as is known."""

    @property
    def days(self) -> int:
        """How many days are watched."""
        return len(next(iter(self.signs.values())))

    @property
    def danger(self) -> np.ndarray:
        """Whether he falls within ``AHEAD`` days of each day."""
        if self.fall is None:
            return np.zeros(self.days, bool)
        return self.fall - np.arange(self.days) <= AHEAD


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure: a row of the table for each sign and rate of false alarms."""

    episode: Episode
    beyond: float
    """How shocking the entry is [multiple of the lent land]."""
    origin: Origin
    worlds: int
    falls: int
    """In so many he falls after entry and a day or more of it."""
    at_once: int
    """In so many he falls on the day of entry: nobody could warn."""
    years: float
    """World-years that were watched."""
    table: pd.DataFrame
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]]
    """Of each sign: false and true positive rate along its thresholds."""
    gates: Sequence[Gate] | None = None

    def at(self, rate: float) -> pd.DataFrame:
        """Return the rows of a rate of false alarms, the largest area first."""
        if self.table.empty:
            return self.table
        return self.table[self.table["rate"] == rate].sort_values("area", ascending=False, kind="stable")

    @property
    def enough(self) -> bool:
        """Whether there are falls enough to compare signs by."""
        return self.falls >= FEW and not self.table.empty


def watched(rows: pd.DataFrame, entry: int, signs: Mapping[str, Sign] = SIGNS) -> Iterator[Watched]:
    """Yield each world that still stood on the evening of entry, from finished runs with their days.

    Args:
        rows: a row a run, with ``daily``, ``ended_on``, ``ending``.
        entry: the day of entry.
        signs: the signs that are watched.
    """
    fell = happened(rows["ending"], FALL) > 0.0
    for row, falls in zip(rows.itertuples(), fell, strict=True):
        names, values = unpack(str(row.daily))
        days = pd.DataFrame(values, columns=names)
        last = len(days) - 1 if falls else len(days) - AHEAD  # the day of the fall is too late to warn
        own = {name: sign.of(days).to_numpy(float)[entry - 1 : last] for name, sign in signs.items()}
        if last >= entry:
            fall = int(str(row.ended_on).partition(".")[0]) - entry if falls else None
            yield Watched(world=int(str(row.world)), signs=own, fall=fall)


def alarms(values: np.ndarray, threshold: float) -> list[int]:
    """Return the days on which an alarm is raised: at the threshold, when none stands.

    >>> alarms(np.array([0.0, 2.0, 2.0, 0.0] + [0.0] * 28 + [3.0]), 2.0)
    [1, 32]
    """
    raised: list[int] = []
    for day in np.flatnonzero(values >= threshold):
        if not raised or day - raised[-1] >= AHEAD:
            raised.append(int(day))
    return raised


def judged(worlds: Sequence[Watched], name: str, threshold: float) -> tuple[int, list[int | None]]:
    """Return how many false alarms a sign raises, and of each fall how many days before it the alarm was raised.

    None where none stood. A fall that is warned of on the last evening has a lead of one day.
    """
    false, leads = 0, []
    for world in worlds:
        raised = alarms(world.signs[name], threshold)
        true = [day for day in raised if world.fall is not None and world.fall - day <= AHEAD]
        false += len(raised) - len(true)
        if world.fall is not None:
            leads.append(world.fall - true[0] if true else None)
    return false, leads


def threshold_for(worlds: Sequence[Watched], name: str, rate: float) -> float:
    """Return the lowest threshold of a sign above which no tried one raises more false alarms a year than that."""
    values = np.concatenate([world.signs[name] for world in worlds])
    years = values.size / YEAR
    best = np.inf
    for tried in np.unique(np.quantile(values, np.linspace(0.0, 1.0, STEPS)))[::-1]:
        if judged(worlds, name, float(tried))[0] > rate * years:
            break
        best = float(tried)
    return best


def findings_of(
    rows: pd.DataFrame,
    episode: Episode,
    beyond: float,
    origin: Origin,
    gates: Sequence[Gate] | None = None,
    signs: Mapping[str, Sign] = SIGNS,
) -> Findings:
    """Work out all numbers from finished runs: a row each, with world, ending and days."""
    entry = episode.day_of(episode.entering.date)
    rows = rows.sort_values("world", kind="stable")
    worlds = list(watched(rows, entry, signs))
    at_once = int((happened(rows["ending"], FALL) * (rows["ended_on"] == entry).to_numpy(float)).sum())
    falls = sum(world.fall is not None for world in worlds)
    danger = np.concatenate([world.danger for world in worlds]) if worlds else np.zeros(0, bool)
    table = pd.DataFrame()
    curves: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    if 0 < danger.sum() < danger.size and len(worlds) > 1:
        areas, curves = _areas(worlds, danger, list(signs))
        table = pd.DataFrame(
            {"sign": name, "rate": rate} | areas[name] | _as_alarm(worlds, name, rate)
            for name in signs for rate in RATES
        )  # fmt: skip
    return Findings(
        episode=episode, beyond=beyond, origin=origin, worlds=rows["world"].nunique(), falls=falls, at_once=at_once,
        years=danger.size / YEAR, table=table, curves=curves, gates=gates,
    )  # fmt: skip


def _areas(
    worlds: Sequence[Watched], danger: np.ndarray, names: Sequence[str]
) -> tuple[dict[str, dict[str, float]], dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return each sign's area under its ROC curve, with a bootstrap over worlds, and against the calendar's."""
    from sklearn.metrics import roc_auc_score, roc_curve  # slow to import, and needed here only

    place = np.repeat(np.arange(len(worlds)), [world.days for world in worlds])
    dice = np.random.default_rng(20_220_224)
    picks = dice.multinomial(len(worlds), np.full(len(worlds), 1.0 / len(worlds)), size=RESAMPLES)
    weights = [pick for pick in picks if _both(danger, pick[place])]
    tails = [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0]
    found, lines, curves = {}, {}, {}
    for name in names:
        values = np.concatenate([world.signs[name] for world in worlds])
        _, order = np.unique(values, return_inverse=True)
        lines[name] = np.array([area(order, danger, pick[place]) for pick in weights])
        false, true, _ = roc_curve(danger, values)
        curves[name] = false, true
        found[name] = {"area": float(roc_auc_score(danger, values))}
    for name in names:
        low, high = np.quantile(lines[name], tails)
        less, more = np.quantile(lines[name] - lines.get(CALENDAR, 0.5), tails)
        found[name] |= {"area_low": float(low), "area_high": float(high)}
        found[name] |= {"beats_low": float(less), "beats_high": float(more)}
    return found, curves


def area(order: np.ndarray, danger: np.ndarray, weight: np.ndarray) -> float:
    """Return the chance that a dangerous day stands above a quiet one, of weighted days; a tie is half of it.

    The area under the ROC curve, as ``roc_auc_score`` has it, from places that are sorted once for all resamples.

    >>> area(np.array([0, 2, 1, 3]), np.array([False, False, True, True]), np.ones(4))
    0.75
    """
    high = np.bincount(order, weight * danger)
    low = np.bincount(order, weight * ~danger)
    below = np.cumsum(low) - low / 2.0
    return float(high @ below / (high.sum() * low.sum()))


def _both(danger: np.ndarray, weight: np.ndarray) -> bool:
    """Whether a resample holds days of both kinds."""
    return bool(weight[danger].any() and weight[~danger].any())


def _as_alarm(worlds: Sequence[Watched], name: str, rate: float) -> dict[str, Any]:
    """Return what a sign does as an alarm, each half of the worlds by the threshold of the other."""
    halves = [worlds[::2], worlds[1::2]]
    false = 0
    leads: list[int | None] = []
    for here, other in (halves, halves[::-1]):
        more, own = judged(here, name, threshold_for(other, name, rate))
        false, leads = false + more, leads + own
    years = sum(world.days for world in worlds) / YEAR
    early = np.array([lead for lead in leads if lead is not None], float)
    warned = share_of([lead is not None for lead in leads])
    told: dict[str, Any] = {"false_a_year": false / years, "falls": len(leads), "warned": warned.value}
    told |= {"warned_low": warned.low, "warned_high": warned.high}
    return told | {
        f"lead_{quantile}": float(np.quantile(early, quantile / 100)) if early.size else None
        for quantile in (25, 50, 75)
    }


def share_of(warned: Sequence[bool]) -> Estimate:
    """Return the share of falls that an alarm stood before."""
    return chance(np.asarray(warned, float), range(len(warned)))


def by_luck(rate: float) -> float:
    """Return the share of falls before which an alarm stands that is raised at random at such a rate.

    >>> round(by_luck(1.0), 3)  # a year of 30-day alarms, a twelfth of all days
    0.079
    """
    return 1.0 - float(np.exp(-rate * AHEAD / YEAR))
