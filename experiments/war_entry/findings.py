"""What the twin worlds show: chances, differences, curves, worked out once and from the numbers alone."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.plan import BEYOND
from experiments.lab.statistics import (
    Curve,
    Estimate,
    between_draws,
    chance,
    cumulative_incidence,
    foretold_share,
    logistic_curve,
    paired_difference,
)
from experiments.show.words import FALL, OUTCOMES, happened
from model.episode import FRONTS, Episode
from model.outcomes import FALLS, Ending
from model.parameters import DECLARED
from model.simulation import Arm
from model.worlds import RUN, Origin

STEP = "citizen.war_shock"
LOSSES, HALF_LOSSES = "citizen.loss_anger", "citizen.loss_half"


NO_FIT = Origin(file=None)


@dataclass(frozen=True, kw_only=True)
class Bare:
    """The answer of the prior alone: draws of all ranges, of which those count in which he is there on the eve."""

    draws: int
    survived: int
    """In so many he is still there on the eve."""
    n_citizens: int
    stay: Estimate | None
    enter: Estimate | None
    effect: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure, worked out once."""

    episode: Episode
    horizon: int
    without: tuple[str, ...]
    worlds: int
    runs: int
    """Runs of each world in each arm."""
    n_citizens: int
    twins: pd.DataFrame
    """A row a pair: columns of both arms, with ``_stay`` and ``_enter``."""
    chances: Mapping[tuple[str, str], Estimate]
    """The chance of an outcome in an arm, by (arm, outcome)."""
    effects: Mapping[str, Estimate]
    """By how much entering changes the chance of an outcome."""
    incidence: pd.DataFrame
    """For each day and arm the share that has fallen by then, and how."""
    curves: Mapping[tuple[str, str], Curve | None]
    """The chance of an outcome after entry along ``beyond`` or the losses ahead, by (column, outcome)."""
    foretold: float | None
    spread: float | None
    decides: pd.DataFrame
    calibration: Mapping[str, Any] | None
    origin: Origin
    gates: Sequence[Gate] | None = None
    """What the fitted model showed of the gates stated before the fit; None: they were not tried."""
    bare: Bare | None = None
    """What the prior alone answers; None: it was not asked."""
    by_run: Mapping[int, Estimate] = dataclasses.field(default_factory=dict)
    """The chance of a fall after entry in the histories of each run of the fit; they should agree."""

    @property
    def entry_day(self) -> int:
        """The day on which he enters in the arm ``enter``."""
        return self.episode.day_of(self.episode.entering.date)

    def table(self) -> pd.DataFrame:
        """Return a row for each outcome: its chance in every arm, and what entering changes, with intervals."""
        rows = []
        for outcome in OUTCOMES:
            row: dict[str, Any] = {"outcome": outcome}
            for arm in Arm:
                row |= _columns(str(arm), self.chances.get((str(arm), outcome)))
            rows.append(row | _columns("difference", self.effects[outcome]) | {"method": self.effects[outcome].method})
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the main numbers as plain values, for the record."""
        return {
            "worlds": self.worlds,
            "runs_of_each_world": self.runs,
            "interval": "95 % Monte Carlo interval of a posterior mean, over draws of worlds",
            "outcomes": self.table().to_dict("records"),
            "foretold_by_prior": self.foretold,
            "spread_between_worlds": self.spread,
            "by_run_of_the_fit": {run: dataclasses.asdict(fall) for run, fall in self.by_run.items()},
            "prior_alone": dataclasses.asdict(self.bare) if self.bare else None,
            "enters_when_he_decides": float(self.decides["entered_on"].notna().mean()) if len(self.decides) else None,
        }


def _columns(name: str, estimate: Estimate | None) -> dict[str, float]:
    if estimate is None:
        return {}
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def twins_of(done: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each pair of finished runs of one world and seed, one that stays and one that enters."""
    if done.empty:
        return done
    of_run = [RUN] if RUN in done else []
    own = done[["world", "front", "seed", *of_run, *DECLARED]].drop_duplicates(["world", "seed"])
    seen = [name for name in done.columns if name not in own.columns]
    stay, enter = (done.loc[done["arm"] == arm, ["world", "seed", *seen]] for arm in (Arm.STAY, Arm.ENTER))
    pairs = stay.merge(enter, on=["world", "seed"], suffixes=("_stay", "_enter"), validate="one_to_one")
    return pairs.merge(own, on=["world", "seed"]).sort_values(["world", "seed"], ignore_index=True)


def findings_of(
    done: pd.DataFrame,
    episode: Episode,
    horizon: int,
    without: Sequence[str],
    calibration: Mapping[str, Any] | None,
    origin: Origin = NO_FIT,
    gates: Sequence[Gate] | None = None,
    bare: pd.DataFrame | None = None,
) -> Findings:
    """Work out all numbers from the finished runs.

    Args:
        done: a row a run, with the numbers of its world.
        episode: the episode (of any of the worlds).
        horizon: the last day of a run.
        without: the claims that are switched off.
        calibration: what the calibration says of itself, if anything.
        origin: what the worlds were fitted to.
        gates: what the fitted model showed of its gates.
        bare: a row for each run of the prior alone.
    """
    pairs = twins_of(done)
    decides = done[done["arm"] == Arm.DECIDE]
    chances, effects = {}, {}
    for outcome in OUTCOMES:
        for arm in (Arm.STAY, Arm.ENTER):
            seen = happened(pairs[f"ending_{arm}"], outcome)
            chances[str(arm), outcome] = chance(seen, pairs["world"])
        if len(decides):
            chances["decide", outcome] = chance(happened(decides["ending"], outcome), decides["world"])
        stay, enter = (happened(pairs[f"ending_{arm}"], outcome) for arm in (Arm.STAY, Arm.ENTER))
        effects[outcome] = paired_difference(enter, stay, pairs["world"])
    fell = happened(pairs["ending_enter"], FALL)
    # Only worlds in which he lasts until the entry can say what it does along a number.
    at_risk = ~(pairs["ended_on_enter"] < episode.day_of(episode.entering.date)).to_numpy()
    if horizon < episode.day_of(episode.entering.date):
        at_risk[:] = False
    curves = {
        (column, outcome): _curve(pairs[at_risk], column, outcome)
        for column in (BEYOND, "dead_in_store_enter")
        for outcome in (FALL, str(Ending.UPRISING))
    }
    entered = pairs[at_risk]
    return Findings(
        episode=episode,
        horizon=horizon,
        without=tuple(without),
        worlds=pairs["world"].nunique(),
        runs=round(len(pairs) / pairs["world"].nunique()),
        n_citizens=int(pairs["n_citizens_stay"].iloc[0]),
        twins=pairs,
        chances=chances,
        effects=effects,
        incidence=_incidence(pairs, horizon, episode),
        curves=curves,
        foretold=foretold_share(_prior_numbers(entered), fell[at_risk], entered["world"]) if len(entered) else None,
        spread=between_draws(fell, pairs["world"]),
        decides=decides,
        calibration=calibration,
        origin=origin,
        gates=gates,
        bare=None if bare is None else bare_of(bare),
        by_run=by_run_of(pairs),
    )


def by_run_of(pairs: pd.DataFrame) -> dict[int, Estimate]:
    """Return the chance of a fall after entry by the run of the fit that found the worlds; nothing for one run."""
    if RUN not in pairs or pairs[RUN].nunique() < 2:
        return {}
    each = pairs.dropna(subset=RUN).groupby(RUN)
    return {int(run): chance(happened(own["ending_enter"], FALL), own["world"]) for run, own in each}


def bare_of(rows: pd.DataFrame) -> Bare:
    """Return what the prior alone answers, by draws in which nothing would have ended him before."""
    arms = {arm: rows[rows["arm"] == arm].set_index("world") for arm in (Arm.STAY, Arm.ENTER)}
    stay, enter = arms[Arm.STAY], arms[Arm.ENTER]
    there = stay.index[stay["fell_before"].isna()].intersection(enter.index)
    fell = {arm: happened(table.loc[there, "ending"], FALL) for arm, table in arms.items()}
    worlds = there.to_series(index=range(len(there)))
    told = dict.fromkeys(("stay", "enter", "effect"))
    if len(there):
        told = {str(arm): chance(falls, worlds) for arm, falls in fell.items()}
        told["effect"] = paired_difference(fell[Arm.ENTER], fell[Arm.STAY], worlds)
    return Bare(draws=len(stay), survived=len(there), n_citizens=int(stay["n_citizens"].iloc[0]), **told)


def _curve(pairs: pd.DataFrame, column: str, outcome: str) -> Curve | None:
    """Return the chance of an outcome after entry along the logarithm of a number."""
    if pairs.empty or not (pairs[column] > 0.0).all():
        return None
    x = np.log10(pairs[column].to_numpy(float))
    grid = np.linspace(x.min(), x.max(), 61)
    return logistic_curve(x, happened(pairs["ending_enter"], outcome), pairs["world"], grid)


def _prior_numbers(pairs: pd.DataFrame) -> np.ndarray:
    """Return the numbers of which the fit says nothing and the answer to entry hangs on, a column each."""
    fronts = [(pairs["front"] == front).to_numpy(float) for front in FRONTS[1:]]
    logs = [
        np.log10(np.maximum(pairs[name].to_numpy(float), 1e-9)) for name in (BEYOND, HALF_LOSSES, "dead_in_store_enter")
    ]
    return np.column_stack([*logs, pairs[LOSSES].to_numpy(float), *fronts])


def _incidence(pairs: pd.DataFrame, horizon: int, episode: Episode) -> pd.DataFrame:
    """Return the cumulative incidence of each kind of fall in each arm, a row a day and arm."""
    tables = []
    for arm in (Arm.STAY, Arm.ENTER):
        days, causes = pairs[f"ended_on_{arm}"].to_numpy(float), pairs[f"ending_{arm}"]
        table: dict[str, Any] = {
            "day": range(horizon + 1),
            "date": [episode.date_of(day) for day in range(horizon + 1)],
            "arm": str(arm),
        }
        table |= {str(c): cumulative_incidence(days, causes, str(c), horizon) for c in FALLS}
        tables.append(pd.DataFrame(table | {FALL: cumulative_incidence(days, causes, None, horizon)}))
    return pd.concat(tables, ignore_index=True)


def entered_pairs(result: Findings) -> pd.DataFrame:
    """Return the pairs in which he lasts until the day of entry."""
    return result.twins[~(result.twins["ended_on_enter"] < result.entry_day)]


def thirds(values: np.ndarray, fell: np.ndarray) -> list[tuple[float, float, int, int]]:
    """Return for the low, the middle and the high third of a number: its range, falls, runs.

    >>> thirds(np.arange(6.0), np.array([0, 0, 0, 1, 1, 1]))
    [(0.0, 1.0, 0, 2), (2.0, 3.0, 1, 2), (4.0, 5.0, 2, 2)]
    """
    order = np.argsort(values, kind="stable")
    parts = np.array_split(order, 3)
    return [(float(values[p].min()), float(values[p].max()), int(fell[p].sum()), len(p)) for p in parts if len(p)]
