"""The figure of what carries the answer: shares of the prior's spread, and what goes with it in accepted histories."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from experiments.sensitivity.designs import DICE
from experiments.sensitivity.findings import NEAR, Findings
from experiments.sensitivity.words import finding
from experiments.show import figures
from experiments.show.palette import BLACK, BLUE, GREY, ORANGE, VERMILLION
from experiments.show.words import percent

SHOWN = 12
"""So many numbers are drawn of the screening, and of the accepted histories."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw three panels: Shapley's and Sobol's shares, Morris' screening, PAWN in the accepted histories."""
    with figures.style():
        figure = figures.canvas(14.0, 5.9)
        shares, screening, accepted = figure.subplots(1, 3)
        if NEAR in result.varies:
            _shares(shares, result)
        _screening(screening, result)
        _accepted(accepted, result)
        luck = result.luck[NEAR]
        prior = sum(result.lives.values()) - result.lives["PAWN"]
        beneath = (
            f"If he enters. Left and middle: {prior:,} lives of {result.n_citizens[0]:,} citizens, all numbers from "
            f"their ranges and independent. Right: {result.lives['PAWN']:,} lives ({result.origin.words}), where "
            f"numbers hang together; chance is {percent(luck[0])} [{100 * luck[1]:.0f} to {100 * luck[2]:.0f}] of the "
            "spread there. Whiskers: 95 % Monte Carlo intervals. How near: 0 to 1, where 1 is a fall; what leads to "
            "one at home is counted, by the definitions of the endings."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _shares(axes: Axes, result: Findings) -> None:
    """Draw what each factor carries of the spread: Shapley's share as a bar, Sobol's total as a diamond."""
    rows = [*result.ordered(NEAR), DICE]
    for place, factor in enumerate(rows):
        value, low, high = result.share(factor, NEAR)
        colour = ORANGE if factor == DICE else BLUE
        axes.barh(place, max(value, 0.0), color=colour, alpha=0.75, height=0.62, lw=0)
        _whisker(axes, value, low, high, place - 0.12, colour=BLACK, fmt="none")
        _whisker(axes, *result.share(factor, NEAR, "total"), place + 0.18, colour=VERMILLION, fmt="D")
    axes.plot([], [], "s", color=BLUE, alpha=0.75, ms=8, label="its share (Shapley; all add up to 100 %)")
    axes.plot([], [], "s", color=ORANGE, alpha=0.75, ms=8, label="the share of chance")
    axes.plot([], [], "D", color=VERMILLION, ms=4, label="all that it takes part in (Sobol's total)")
    _rows(axes, rows)
    figures.in_percent(axes.xaxis)
    axes.set(xlabel="share of the spread of how near he comes", title="The prior's spread, shared out")
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.13), borderaxespad=0.0)


def _screening(axes: Axes, result: Findings) -> None:
    """Draw Morris' measure of the numbers that move most."""
    rows = result.screened[result.screened["output"] == NEAR].sort_values("mu_star", ascending=False, kind="stable")
    rows = rows.head(SHOWN)
    for place, (_, row) in enumerate(rows.iterrows()):
        own = row["number"] in result.top
        axes.barh(place, row["mu_star"], color=BLUE if own else GREY, alpha=0.75, height=0.62, lw=0)
        half = row["half"]
        _whisker(axes, row["mu_star"], row["mu_star"] - half, row["mu_star"] + half, place, colour=BLACK, fmt="none")
    axes.plot([], [], "s", color=BLUE, alpha=0.75, ms=8, label="a factor of its own on the left")
    axes.plot([], [], "s", color=GREY, alpha=0.75, ms=8, label="left among its actor's others")
    _rows(axes, list(rows["number"]))
    axes.set(xlabel="change for its whole range, from steps of two thirds", title="Screening of all numbers (Morris)")
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.13), borderaxespad=0.0)


def _accepted(axes: Axes, result: Findings) -> None:
    """Draw PAWN of the numbers that go with the answer most, with the line of what means nothing."""
    rows: pd.DataFrame = result.pawn[result.pawn["output"] == NEAR].sort_values("pawn", ascending=False, kind="stable")
    rows = rows.head(SHOWN)
    for place, (_, row) in enumerate(rows.iterrows()):
        axes.barh(place, row["pawn"], color=BLUE if row["above"] else GREY, alpha=0.75, height=0.62, lw=0)
        if np.isfinite(row["low"]):
            _whisker(axes, row["pawn"], row["low"], row["high"], place, colour=BLACK, fmt="none")
        axes.plot([row["nothing"]] * 2, [place - 0.42, place + 0.42], color=VERMILLION, lw=1.6)
    axes.plot([], [], color=VERMILLION, lw=1.6, label="1 in 20 meaningless numbers gets here")
    axes.plot([], [], "s", color=BLUE, alpha=0.75, ms=8, label="above it")
    _rows(axes, list(rows["number"]))
    axes.set(xlabel="PAWN: how far the distribution moves (0 to 1)", title="What goes with it in accepted histories")
    axes.set_xlim(left=0.0)
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.13), borderaxespad=0.0)


def _whisker(axes: Axes, value: float, low: float, high: float, place: float, *, colour: str, fmt: str) -> None:
    spans = [[max(0.0, value - low)], [max(0.0, high - value)]]
    axes.errorbar(value, place, xerr=spans, fmt=fmt, color=colour, ecolor=colour, capsize=2, ms=4, lw=1.2)


def _rows(axes: Axes, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(max(len(labels), 1) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.axvline(0.0, color=GREY, lw=1)
