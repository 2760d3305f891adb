"""How much each number carries: of the prior by Morris, Sobol and Shapley, of the accepted histories by PAWN."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import LEVEL, RESAMPLES
from experiments.sensitivity.designs import DICE, FRONT, LEVELS, Factor, names, problem, salibs
from experiments.show.words import FALL, happened
from model.episode import FRONTS, Episode
from model.worlds import Origin, World, informed

NEAR, CROWD, FELL, DAYS = "nearness", "crowd", "fall", "days"
OUTPUTS: Mapping[str, str] = {
    NEAR: "how near he comes to falling at home (0 to 1; 1: he falls)",
    CROWD: "the largest crowd, in powers of ten",
    FELL: "whether he falls",
    DAYS: "days in office after entry",
}
"""What is asked of a life with entry. Falls are rare, so the first leads: it moves where no fall is counted."""
SMALLEST = 100.0
"""Crowds below this count as so many [people]: what is nobody has no logarithm."""
SLICES = 8
"""Slices of a number's values in which PAWN looks at the output."""
SHAMS = 100
"""Numbers that mean nothing, by which PAWN's luck is measured: one in twenty of them lies above the line drawn."""
AGAIN = 60
"""Resamples of the accepted histories behind PAWN's intervals."""
DRAWN = 12
"""So many numbers have their interval worked out for the accepted histories, the largest."""

type Interval = tuple[float, float, float]
"""A value, and the ends of its 95 % interval."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    lives: Mapping[str, int]
    """How many lives each design took, by its name."""
    n_citizens: tuple[int, int]
    """Citizens of a world of the prior, and of an accepted history."""
    ended: float
    """The share of the prior's lives in which something would have ended him before the eve."""
    falls: Mapping[str, float]
    """The share of lives with a fall, under the prior and in the accepted histories."""
    screened: pd.DataFrame
    """Morris: a row a number and output: mu_star with its interval, mu, sigma."""
    top: tuple[str, ...]
    factors: pd.DataFrame
    """Sobol and Shapley: a row a factor and output, shares of the spread with their intervals."""
    pawn: pd.DataFrame
    """PAWN: a row a number and output, with the line that a twentieth of numbers that mean nothing pass."""
    luck: Mapping[str, Interval]
    """In the accepted histories: of the spread, the share that differs between lives of one world, by output."""
    gates: Sequence[Gate] | None = None

    def share(self, factor: str, output: str, method: str = "shapley") -> Interval:
        """Return a factor's share of the spread of an output by a method: shapley, first or total."""
        row = self.factors[(self.factors["factor"] == factor) & (self.factors["output"] == output)].iloc[0]
        return float(row[method]), float(row[f"{method}_low"]), float(row[f"{method}_high"])

    def ordered(self, output: str) -> list[str]:
        """Return the factors but chance, that with the largest Shapley effect first."""
        rows = self.factors[(self.factors["output"] == output) & (self.factors["factor"] != DICE)]
        return list(rows.sort_values("shapley", ascending=False, kind="stable")["factor"])

    def told(self, output: str) -> pd.DataFrame:
        """Return the numbers that stand above what means nothing in the accepted histories, the largest first."""
        rows = self.pawn[(self.pawn["output"] == output) & self.pawn["above"]]
        return rows.sort_values("pawn", ascending=False, kind="stable")

    @property
    def varies(self) -> list[str]:
        """The outputs that differ between the prior's lives at all."""
        return [name for name in OUTPUTS if (self.factors["output"] == name).any()]


def outputs_of(rows: pd.DataFrame, entry_day: int) -> pd.DataFrame:
    """Return what is asked of each life, a column each."""
    fell = happened(rows["ending"], FALL)
    last = rows["ended_on"].astype(float).fillna(rows["days"].astype(float))
    return pd.DataFrame(
        {
            NEAR: rows["nearness"].to_numpy(float),
            CROWD: np.log10(np.maximum(rows["peak_crowd"].to_numpy(float), SMALLEST)),
            FELL: fell,
            DAYS: np.maximum(last.to_numpy(float) - entry_day, 0.0),
        }
    )


def screened_by(design: np.ndarray, outputs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return Morris' measures of every number: how far an output moves for a step, over its range were it straight.

    Args:
        design: the trajectories, as ranks.
        outputs: a column each, rows as in the design.
        seed: of the bootstrap.
    """
    from SALib.analyze import morris

    tables = []
    for output, values in outputs.items():
        told = morris.analyze(
            problem(names()), design, values.to_numpy(float), num_levels=LEVELS, num_resamples=RESAMPLES,
            seed=salibs(seed),
        )  # fmt: skip
        tables.append(
            pd.DataFrame(
                {
                    "number": told["names"], "output": output, "mu_star": np.asarray(told["mu_star"], float),
                    "half": np.asarray(told["mu_star_conf"], float), "mu": np.asarray(told["mu"], float),
                    "sigma": np.asarray(told["sigma"], float),
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def top_of(screened: pd.DataFrame, count: int) -> tuple[str, ...]:
    """Return the numbers that move the first output most."""
    rows = screened[screened["output"] == NEAR].sort_values("mu_star", ascending=False, kind="stable")
    return tuple(rows["number"].iloc[:count])


def shares_of(
    factors: Sequence[Factor],
    frozen: pd.DataFrame,
    orders: tuple[np.ndarray, pd.DataFrame],
    seed: int,
) -> pd.DataFrame:
    """Return each factor's share of the spread: Sobol's first and total, and Shapley's, which add up to 1.

    Args:
        factors: in the order of the designs' columns.
        frozen: the outputs of Sobol's design.
        orders: Goda's design, and its outputs.
        seed: of the bootstrap.
    """
    from SALib.analyze import shapley, sobol

    told, tables = problem([factor.words for factor in factors]), []
    for output in OUTPUTS:
        values, stepped = frozen[output].to_numpy(float), orders[1][output].to_numpy(float)
        if values.std() == 0.0 or stepped.std() == 0.0:
            continue
        by_sobol = sobol.analyze(
            told, values, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL, seed=salibs(seed)
        )
        by_order = shapley.analyze(told, orders[0], stepped, conf_level=LEVEL)
        table = pd.DataFrame({"factor": told["names"], "output": output})
        for name, value, half in (
            ("shapley", by_order["shapley_normalized"], by_order["shapley_normalized_conf"]),
            ("first", by_sobol["S1"], by_sobol["S1_conf"]),
            ("total", by_sobol["ST"], by_sobol["ST_conf"]),
        ):
            middle, half = np.asarray(value, float), np.asarray(half, float)
            table = table.assign(**{name: middle, f"{name}_low": middle - half, f"{name}_high": middle + half})
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["factor", "output"])


def numbers_of(worlds: Sequence[World]) -> pd.DataFrame:
    """Return the numbers of accepted worlds, and the course of their front, a row each."""
    rows = [world.parameters.flat() | {FRONT: float(FRONTS.index(world.front))} for world in worlds]
    return pd.DataFrame(rows)[names()]


def pawn_of(numbers: pd.DataFrame, histories: Sequence[int], outputs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return PAWN of every number that differs between worlds, with the line that what means nothing seldom passes.

    PAWN is how far the distribution of an output moves when a number is known to lie in a slice of its values: the
    median over slices of the Kolmogorov-Smirnov distance. It asks nothing of the numbers' independence, and tells of
    association. Shams are numbers drawn by lot, one value a world; or one value a *history*, for what histories share.

    Args:
        numbers: a row a life.
        histories: which accepted history each life is of.
        outputs: a column each, a row a life.
        seed: of shams and bootstrap.
    """
    dice = np.random.default_rng(np.random.SeedSequence([seed, 30]))
    varying = [name for name in numbers if numbers[name].nunique() > 1]
    table = numbers[varying].to_numpy(float)
    _, of = np.unique(np.asarray(histories), return_inverse=True)
    _, world = np.unique(np.column_stack([of, table]), axis=0, return_inverse=True)
    shams = {True: dice.random((of.max() + 1, SHAMS))[of], False: dice.random((world.max() + 1, SHAMS))[world.ravel()]}
    shared = {name: name in set(informed()) for name in varying}
    tables = []
    for output, values in outputs.items():
        y = values.to_numpy(float)
        if y.std() == 0.0:
            continue
        found = _pawn(table, y)
        lines = {kind: float(np.quantile(_pawn(sham, y), LEVEL)) for kind, sham in shams.items()}
        rows = pd.DataFrame({"number": varying, "output": output, "pawn": found})
        rows["nothing"] = [lines[shared[name]] for name in varying]
        rows["above"] = rows["pawn"] > rows["nothing"]
        largest = np.argsort(-found, kind="stable")[:DRAWN]
        again = np.array([_pawn(table[pick][:, largest], y[pick]) for pick in _resampled(of, dice, AGAIN)])
        ends = np.full((2, len(varying)), np.nan)
        ends[:, largest] = np.quantile(again, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], axis=0)
        tables.append(rows.assign(low=np.minimum(ends[0], found), high=np.maximum(ends[1], found)))
    columns = ["number", "output", "pawn", "nothing", "above", "low", "high"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _pawn(table: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return PAWN (the median over slices) of each column, as SALib does, without its p values, which take long.

    >>> _pawn(np.arange(16.0).reshape(-1, 1), np.arange(16.0) < 8).round(2)
    array([0.5])
    """
    order = np.argsort(y, kind="stable")
    last = np.searchsorted(y[order], y[order], side="right") - 1  # equal values of y are one step of its curve
    whole = (last + 1) / y.size
    medians = np.zeros(table.shape[1])
    for place, column in enumerate(table.T):
        edges = np.quantile(column, np.arange(SLICES + 1) / SLICES)[:, None]
        sliced = ((column >= edges[:-1]) & (column < edges[1:]))[:, order]
        sizes = sliced.sum(axis=1, keepdims=True)
        sliced, sizes = sliced[sizes[:, 0] > 0], sizes[sizes > 0]  # a slice of a whole number may be empty
        apart = np.abs(sliced.cumsum(axis=1)[:, last] / sizes[:, None] - whole).max(axis=1, initial=0.0)
        medians[place] = np.median(apart) if sizes.size else 0.0
    return medians


def _resampled(of: np.ndarray, dice: np.random.Generator, count: int) -> list[np.ndarray]:
    """Return resamples of rows, by whole histories: rows of one history are no independent ones."""
    places = [np.flatnonzero(of == history) for history in range(of.max() + 1)]
    return [np.concatenate([places[k] for k in dice.integers(0, len(places), len(places))]) for _ in range(count)]


def luck_of(values: np.ndarray, worlds: Sequence[int], dice: np.random.Generator) -> Interval:
    """Return the share of the spread that differs between lives of one world: chance, with a bootstrap over worlds.

    >>> two = np.array([0.0, 0.0, 1.0, 1.0] * 25)  # two lives of a world are alike: no chance in it
    >>> luck_of(two, np.repeat(range(50), 2), np.random.default_rng(0))
    (0.0, 0.0, 0.0)
    >>> round(luck_of(np.array([0.0, 1.0] * 50), np.repeat(range(50), 2), np.random.default_rng(0))[0], 2)
    1.0
    """
    order = np.argsort(np.asarray(worlds), kind="stable")
    _, counts = np.unique(np.asarray(worlds), return_counts=True)
    assert np.all(counts == counts[0]) and counts[0] > 1
    lives = np.asarray(values, float)[order].reshape(-1, counts[0])

    def share(some: np.ndarray) -> float:
        whole = float(some.var())
        within = float(some.var(axis=1, ddof=1).mean())
        return min(1.0, within / whole) if whole > 0.0 else 0.0

    again = [share(lives[dice.integers(0, len(lives), len(lives))]) for _ in range(RESAMPLES)]
    low, high = np.quantile(again, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return share(lives), float(low), float(high)


def record_of(result: Findings) -> dict[str, Any]:
    """Return the main numbers as plain values, for the record."""
    return {
        "worlds": result.origin.words, "lives": dict(result.lives), "citizens": list(result.n_citizens),
        "ended_before_the_eve": result.ended, "falls": dict(result.falls), "top": list(result.top),
        "chance_in_accepted_histories": {name: list(share) for name, share in result.luck.items()},
        "interval": "95 %: normal (Shapley), bootstrap (Sobol, Morris), bootstrap over histories (PAWN) or worlds",
    }  # fmt: skip
