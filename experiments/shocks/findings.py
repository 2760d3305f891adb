"""The model's ratios after each shock, and how many of its lives lie where another country was."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evidence.shocks import Shock
from experiments.lab.statistics import Estimate, Z, chance
from experiments.show.words import FALL, happened

WINDOW = 84
"""Twelve weeks after the entry [days]."""
RARE = 0.1
"""A range in which fewer of the model's lives lie than this is missed."""
READ = {"stay": ("stay", "after"), "entry": ("entry", "after"), "war": ("entry", "later"),
        "defeat": ("defeat", "after_defeat")}  # fmt: skip
"""Which life each number is read from, and the crowd in it."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Ratios of many lives: the median with its 95 % interval, the middle 90 % of lives, and how many there are."""

    median: float
    low: float
    high: float
    band: tuple[float, float]
    lives: int


@dataclass(frozen=True, kw_only=True)
class Check:
    """A shock elsewhere, and the share of the model's lives that lie in its range (None: there is no such life)."""

    shock: Shock
    inside: Estimate | None

    @property
    def misses(self) -> bool:
        """Whether hardly a life lies in the range."""
        return self.inside is not None and self.inside.value < RARE


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The checks, the ratios by condition (None: no life), those of who would join and who would not, and the falls."""

    checks: tuple[Check, ...]
    spreads: Mapping[str, Spread | None]
    joiners: Spread | None
    others: Spread | None
    falls: Mapping[str, tuple[int, int]]
    worlds: int
    n_citizens: int
    origin: str

    def table(self) -> pd.DataFrame:
        """Return the checks as rows."""
        rows = []
        for check in self.checks:
            one, spread = check.shock, self.spreads[check.shock.condition]
            rows.append(
                {
                    "case": one.name, "type": one.type, "beside": one.condition, "ratio_low": one.low,
                    "ratio_high": one.high if math.isfinite(one.high) else None, "origin": one.origin,
                    "median": spread.median if spread else None, "lives": spread.lives if spread else 0,
                    "inside": check.inside.value if check.inside else None,
                    "misses": check.misses if check.inside else None,
                }
            )  # fmt: skip
        return pd.DataFrame(rows)


def findings_of(rows: pd.DataFrame, shocks: Sequence[Shock], origin: str) -> Findings:
    """Return what the runs say beside each shock."""
    ratios = {condition: ratios_of(rows, *where) for condition, where in READ.items()}
    joins = rows.loc[(rows["lived"] == "choice") & rows["entered_on"].notna(), "world"]
    entered = ratios["entry"]
    own = entered.index.isin(joins)
    return Findings(
        checks=tuple(check_of(one, ratios[one.condition]) for one in shocks),
        spreads={condition: spread_of(each) for condition, each in ratios.items()},
        joiners=spread_of(entered[own]), others=spread_of(entered[~own]),
        falls={
            str(lived): (int(happened(each["ending"], FALL).sum()), len(each))
            for lived, each in rows.groupby("lived", sort=False)
        },
        worlds=rows["world"].nunique(), n_citizens=int(rows["n_citizens"].iloc[0]), origin=origin,
    )  # fmt: skip


def ratios_of(rows: pd.DataFrame, lived: str, crowd: str) -> pd.Series:
    """Return the ratio of a crowd to the reference, by world; a life without one of them does not count.

    >>> lives = {"lived": ["entry"] * 3, "world": [1, 2, 3], "reference": [200.0, 0.0, 1.0], "after": [50.0, 1.0, None]}
    >>> ratios_of(pd.DataFrame(lives), "entry", "after").to_dict()
    {1: 0.25}
    """
    own = rows[(rows["lived"] == lived) & (rows["reference"] > 0.0)].set_index("world")
    return (own[crowd].astype(float) / own["reference"]).dropna()


def spread_of(ratios: pd.Series) -> Spread | None:
    """Return how ratios lie; the median's interval is that of order statistics (a binomial's, by its normal form).

    >>> one = spread_of(pd.Series(range(1, 101)))
    >>> one.median, one.low, one.high
    (50.5, 40.0, 61.0)
    """
    values = np.sort(ratios.to_numpy(float))
    n = values.size
    if not n:
        return None
    half = Z * math.sqrt(n) / 2.0
    first, last = max(1, math.floor(n / 2.0 - half)), min(n, math.ceil(1.0 + n / 2.0 + half))
    band = np.quantile(values, [0.05, 0.95])
    return Spread(
        median=float(np.median(values)), low=float(values[first - 1]), high=float(values[last - 1]),
        band=(float(band[0]), float(band[1])), lives=n,
    )  # fmt: skip


def check_of(shock: Shock, ratios: pd.Series) -> Check:
    """Return how many lives lie in a shock's range.

    >>> check = check_of(Shock("A", "1968", "entry", 0.0, 0.5, "", "S"), pd.Series([0.1, 0.5, 0.6, 2.0]))
    >>> check.inside.value, check.misses
    (0.5, False)
    """
    if ratios.empty:
        return Check(shock=shock, inside=None)
    inside = ratios.between(shock.low, shock.high)
    return Check(shock=shock, inside=chance(inside.to_numpy(float), ratios.index.to_numpy()))
