"""What the model foretold of each crisis, beside what happened, and what that was worth."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from experiments.evidence.crises import FITTED_TO, Case
from experiments.lab.statistics import chance, logistic

NOTHING = 1e-4
"""The least crowd for each man of the forces in the logit, where nobody was seen."""
RESAMPLES = 4_000
QUESTIONS = ("fell", "broke")
METHODS = ("model", "base", "logit")


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A row a case, and the scores by question and method."""

    table: pd.DataFrame
    scores: pd.DataFrame
    worlds: int

    @property
    def scored(self) -> pd.DataFrame:
        """The cases that are scored: not the one that the numbers were fitted to."""
        return self.table[self.table["case"] != FITTED_TO]

    def score(self, question: str, method: str) -> pd.Series:
        """Return the scores of a question by a method."""
        found = self.scores[(self.scores["question"] == question) & (self.scores["method"] == method)]
        return found.iloc[0]


def one_of(case: Case, rows: pd.DataFrame) -> pd.Series:
    """Return what a case's runs say: chances with their intervals over worlds, days, and how well its crowd was met."""
    own = rows[rows["fits"] == 1]
    row: dict[str, Any] = {
        "case": case.row, "name": case.name, "patron": float(not case.episode.alone),
        "crowd_a_man": max(case.middle / case.heads, NOTHING), "worlds": len(rows), "fits": len(own),
        "size": float(own["size"].median()) if len(own) else None,
        "peak_share": case.middle / case.episode.electors,
    }  # fmt: skip
    for question in QUESTIONS:
        known = getattr(case, question)
        row[question] = None if known is None else float(known)
        if len(own):
            estimate = chance(own[question].to_numpy(float), own["world"].to_numpy())
            row |= {f"{question}_model": estimate.value, f"{question}_low": estimate.low}
            row[f"{question}_high"] = estimate.high
            row[f"{question}_said"] = (own[question].sum() + 0.5) / (len(own) + 1.0)
        else:
            row |= dict.fromkeys((f"{question}_{end}" for end in ("model", "low", "high", "said")), math.nan)
    days = pd.to_numeric(own.loc[own["fell"] == 1, "ended_on"])
    for name, share in (("days_low", 0.05), ("days_middle", 0.5), ("days_high", 0.95)):
        row[name] = float(days.quantile(share)) if len(days) else None
    causes = own.loc[own["fell"] == 1, "cause"].value_counts()
    row |= {"cause": str(causes.index[0]) if len(causes) else "", "days": case.days}
    return pd.Series(row)


def findings_of(cases: Sequence[Case], rows: pd.DataFrame, seed: int = 0) -> Findings:
    """Return what was foretold of every case, and the scores."""
    table = pd.DataFrame([one_of(case, rows[rows["case"] == case.row]) for case in cases])
    scored = table["case"] != FITTED_TO
    for question in QUESTIONS:
        known = scored & table[question].notna()
        seen = table.loc[known, question].to_numpy(float)
        table.loc[known, f"{question}_base"] = left_out_rate(seen)
        design = np.column_stack([table.loc[known, "patron"], np.log(table.loc[known, "crowd_a_man"].astype(float))])
        table.loc[known, f"{question}_logit"] = left_out_logit(design, seen)
        # Of a crisis whose crowd no world can have, the model knows nothing: it says the base rate.
        said = table[f"{question}_said"].fillna(table[f"{question}_base"])
        table[f"{question}_said"] = said
    return Findings(table=table, scores=scores(table[scored]), worlds=int(rows["world"].nunique()))


def left_out_rate(seen: np.ndarray) -> np.ndarray:
    """Return for each case the share of the others in which it happened, with half a case either way.

    >>> left_out_rate(np.array([1.0, 0.0, 0.0])).tolist()
    [0.16666666666666666, 0.5, 0.5]
    """
    return (seen.sum() - seen + 0.5) / seen.size


def left_out_logit(design: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return for each case what a logistic regression says that was fitted to the others."""
    said = np.empty(seen.size)
    for place in range(seen.size):
        kept = np.arange(seen.size) != place
        middle, spread = design[kept].mean(axis=0), design[kept].std(axis=0)
        scaled = (design - middle) / np.where(spread > 0.0, spread, 1.0)
        whole = np.column_stack([np.ones(seen.size), scaled])
        (coefficients,) = logistic(whole[kept], seen[kept], np.ones((1, int(kept.sum()))))
        said[place] = expit(whole[place] @ coefficients)
    return said


def brier(seen: np.ndarray, said: np.ndarray) -> float:
    """Return the mean square miss.

    >>> brier(np.array([1.0, 0.0]), np.array([0.5, 0.0]))
    0.125
    """
    return float(((said - seen) ** 2).mean())


def log_loss(seen: np.ndarray, said: np.ndarray) -> float:
    """Return the mean surprise [nats].

    >>> round(log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    return float(-np.log(np.where(seen == 1.0, said, 1.0 - said)).mean())


def balanced(seen: np.ndarray, said: np.ndarray) -> float:
    """Return the mean of the shares of falls and of survivals that were called so, at one half; 0.5 is no skill.

    >>> balanced(np.array([1.0, 1.0, 0.0]), np.array([0.9, 0.1, 0.1]))
    0.75
    """
    right = np.where(said == 0.5, 0.5, (said > 0.5) == (seen == 1.0))
    if not 0.0 < seen.mean() < 1.0:
        return math.nan
    return float((right[seen == 1.0].mean() + right[seen == 0.0].mean()) / 2.0)


SCORES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {"balanced": balanced, "brier": brier, "log": log_loss}


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of each question and method with 95 % intervals from a bootstrap over cases.

    Beside them stands by how much a method's loss is above the model's, with the interval of that paired difference.
    The base rate says the same of all, so its balanced accuracy is one half by definition.
    """
    rows = []
    for question in QUESTIONS:
        known = table[table[question].notna()]
        seen = known[question].to_numpy(float)
        said = {name: known[f"{question}_{'said' if name == 'model' else name}"].to_numpy(float) for name in METHODS}
        dice = np.random.default_rng(20_220_224)
        picks = dice.integers(0, seen.size, (RESAMPLES, seen.size))
        for method in METHODS:
            row: dict[str, Any] = {"question": question, "method": method, "cases": seen.size}
            for name, score in SCORES.items():
                flat = method == "base" and name == "balanced"
                drawn = np.array([score(seen[pick], said[method][pick]) for pick in picks])
                row[name] = 0.5 if flat else score(seen, said[method])
                row[f"{name}_low"], row[f"{name}_high"] = (0.5, 0.5) if flat else np.nanquantile(drawn, [0.025, 0.975])
                if method != "model" and name != "balanced":
                    mine = np.array([score(seen[pick], said["model"][pick]) for pick in picks])
                    row[f"{name}_saved"] = row[name] - score(seen, said["model"])
                    row[f"{name}_saved_low"], row[f"{name}_saved_high"] = np.quantile(drawn - mine, [0.025, 0.975])
            rows.append(row)
    return pd.DataFrame(rows)
