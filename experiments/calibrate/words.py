"""What a calibration teaches: bands of fresh runs, what narrowed, whether runs agree, and the verdict in words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibrate.trials import Fit
from experiments.evidence.targets import Target
from experiments.show.words import fold
from model.worlds import informed, rank

CLAIMS = {"the debt (C3)": "debt", "conditional support (C15)": "conditional_support"}
"""Claims that are switched off in the same worlds, by the words of the verdict."""
INDENT = "  "
CHANGES = 4
"""So many targets are named that change most without a claim."""


def contraction(table: pd.DataFrame) -> pd.Series:
    """Return how much narrower each number has become: 1 - variance / variance of the prior, in ranks of its range."""
    weight = table["weight"].to_numpy(float)
    gone = {}
    for name in informed():
        ranks = rank(name, table[name].to_numpy())
        mean = np.average(ranks, weights=weight)
        gone[name] = 1.0 - float(np.average((ranks - mean) ** 2, weights=weight)) * 12.0
    return pd.Series(gone).sort_values(ascending=False)


def disagreement(tables: Sequence[pd.DataFrame]) -> pd.Series:
    """Return how little independent runs agree on each number: the potential scale reduction of Gelman-Rubin (1992).

    1 is agreement; above about 1.1 the runs have not found the same worlds. Empty for one run. A world of weight two
    counts as two.
    """
    if len(tables) < 2:
        return pd.Series(dtype=float)
    whole = [table.loc[table.index.repeat(table["weight"].astype(int))] for table in tables]
    ranks = [np.column_stack([rank(name, table[name].to_numpy()) for name in informed()]) for table in whole]
    within = np.mean([rank.var(axis=0, ddof=1) for rank in ranks], axis=0)
    between = np.var([rank.mean(axis=0) for rank in ranks], axis=0, ddof=1)
    apart = np.divide(between, within, out=np.where(between > 0.0, np.inf, 0.0), where=within > 0.0)
    return pd.Series(np.sqrt(1.0 + apart), index=informed()).sort_values(ascending=False)


def kept_of(record: dict[str, Any]) -> str:
    """Return in a sentence what became of the worlds of earlier runs; nothing where there were none."""
    earlier = record.get("earlier")
    if not earlier:
        return ""
    return f"Of {earlier['lived']} worlds of earlier runs, lived again by the model as it is now, {earlier['fit']} fit."


def apart_of(record: dict[str, Any]) -> str:
    """Return what is compared by run: independent runs, or where worlds stand that began in different ones.

    >>> apart_of({"together": 32})
    'Worlds that began in different runs and walked on together for 32 steps'
    """
    steps = record.get("together")
    return (
        f"Worlds that began in different runs and walked on together for {steps} steps" if steps else "Independent runs"
    )


def bands(targets: Sequence[Target], rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return every target with the model's 90 % band of fresh runs, and whether the observed lies outside."""
    banded = []
    for target in targets:
        low, middle, high = np.quantile(rows[target.name].dropna(), [0.05, 0.5, 0.95])
        banded.append(
            {
                "name": target.name, "unit": target.unit, "observed": target.mid, "low": target.low,
                "high": target.high, "band_low": float(low), "band_mid": float(middle), "band_high": float(high),
                "outside": bool(not low <= target.mid <= high), "source": target.source,
            }
        )  # fmt: skip
    return banded


def ablation(fit: Fit, rows: pd.DataFrame, without: pd.DataFrame) -> str:
    """Return in a sentence whether the targets change without a claim, over the same worlds and seeds."""
    pairs = rows.set_index("draw").join(without.set_index("draw").add_suffix(" off"))
    names = [target.name for target in fit.targets]
    changes = {name: float(np.log(pairs[f"{name} off"] / pairs[name]).median()) for name in names}
    changes = {name: change for name, change in changes.items() if np.isfinite(change)}
    most = sorted(changes, key=lambda name: -abs(changes[name]))[:CHANGES]
    gone = float((without["ending"] != "survived").mean() - (rows["ending"] != "survived").mean())
    again, before = (float((frame["distance"] <= fit.tolerance).mean()) for frame in (without, rows))
    ratios = ", ".join(f"{name} x{np.exp(changes[name]):.2f}" for name in most)
    return (
        f"the largest of {len(names)} median ratios: {ratios}; "
        f"falls {gone:+.3f}; within the tolerance again {again:.0%} of fresh runs (with it {before:.0%})"
    )


def verdict(record: dict[str, Any]) -> str:
    """Return what the calibration says, in words."""
    fresh_runs, sizes = record["fresh_runs"], ", ".join(f"{size:.0f}" for size in record["ess"])
    lines = [
        fold(
            f"{record['worlds']} worlds lie within {record['tolerance']} errors of what was seen: "
            f"{record['episode']['title']} (effective sample size of each run: {sizes}). Fresh runs of them: "
            f"{fresh_runs['survived']:.0%} survive to {record['episode']['end_date']}, "
            f"{fresh_runs['within_tolerance']:.0%} fit again, median distance {record['distance']['median']:.2f}; in "
            f"{fresh_runs['beyond_control_some_day']:.0%} the crowd was more than he could hold on some day. "
            + kept_of(record)
        ),
        "",
    ]
    width = max(len(row["name"]) for row in record["targets"]) + 2
    lines.append(f"{'target':<{width}}{'seen':>12}  90 % of fresh runs")
    for row in record["targets"]:
        shown = "{:,.3f}" if row["unit"].startswith("share") else "{:,.0f}"
        band = f"{shown.format(row['band_low'])} to {shown.format(row['band_high'])}"
        outside = "  OUTSIDE" if row["outside"] else ""
        lines.append(f"{row['name']:<{width}}{shown.format(row['observed']):>12}  {band}{outside}")
    known = [f"{name} {value:.2f}" for name, value in record["contraction"].items() if value >= 0.2]
    rest = [name for name, value in record["contraction"].items() if value < 0.2]
    lines += [
        "",
        "What that teaches (1: all, 0: nothing; share of the range's variance that is gone):",
        fold("  " + ", ".join(known), INDENT),
        fold(f"  little or nothing about {len(rest)} others: " + ", ".join(rest), INDENT),
    ]
    apart = record["gelman_rubin"]
    if apart:
        disagreed = [f"{name} {value:.2f}" for name, value in apart.items() if value > 1.1]
        lines.append(
            fold(
                f"{apart_of(record)} agree on {len(apart) - len(disagreed)} of {len(apart)} numbers "
                "(Gelman-Rubin at most 1.1)" + (f"; not on {', '.join(disagreed)}." if disagreed else ".")
            )
        )
    lines += [fold(f"Without {name}: {words}", INDENT) for name, words in record["without"].items()]
    return "\n".join(lines)
