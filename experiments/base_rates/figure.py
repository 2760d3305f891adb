"""The figure of base rates: what was published as a bar, the model's as a dot with its interval."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from experiments.base_rates.findings import Check, Findings
from experiments.base_rates.words import CALLED, headline
from experiments.show import figures
from experiments.show.palette import BLUE, GREY, ORANGE, VERMILLION

COLOURS = {"quiet": BLUE, "protest": ORANGE, "war": VERMILLION}
PANELS = (
    (("attempts", "falls"), "Events a hundred years", "events a hundred years"),
    (("success", "coups_of_falls", "fell"), "Shares", "share"),
    (("attempts_times",), "Attempts, beside quiet years", "times as many attempts a year"),
)
SHORT = {
    "attempts": "coup attempts", "falls": "falls", "success": "attempts that succeed", "fell": "he falls",
    "coups_of_falls": "coups among coups, uprisings", "attempts_times": "coup attempts",
}  # fmt: skip
LEAST, MOST = 0.1, 20.0
"""The ends of the axis of ratios."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw all rates in three panels by their units."""
    with figures.style():
        figure = figures.canvas(12.5, 5.6)
        for axes, (measures, title, unit) in zip(figure.subplots(1, 3, width_ratios=[1, 1.1, 1]), PANELS, strict=True):
            _panel(axes, [check for check in result.checks if check.published.measure in measures])
            axes.set(title=title, xlabel=unit)
            if unit == "share":
                axes.set_xlim(-0.03, 1.03)
                figures.in_percent(axes.xaxis)
            elif measures == ("attempts_times",):
                axes.set_xscale("log")
                axes.set_xlim(LEAST, MOST)
                axes.axvline(1.0, color=GREY, lw=1, ls="--")
            else:
                axes.set_xlim(left=0.0)
        beneath = (
            f"{result.worlds} draws of accepted worlds. Dots and whiskers: the model, 95 %. Grey bars: the published "
            "range; hatched: told from memory. No bar: no source found. “None”: nothing of it "
            "happened."
        )
        figures.headline(figure, headline(result), beneath)
        figures.save(figure, path, record)


def _panel(axes: Axes, checks: list[Check]) -> None:
    for place, check in enumerate(checks):
        one = check.published
        if one.found:
            high = MOST if math.isinf(one.high) else one.high
            hatch = "////" if one.origin == "M" else None
            axes.barh(place, high - one.low, left=one.low, height=0.6, color="0.85", ec="0.6", lw=0.6, hatch=hatch)
        if check.model is None:
            axes.annotate("none", (0.02, place), xycoords=("axes fraction", "data"), va="center", color="0.35")
            continue
        value, low, high = check.model
        colour = COLOURS[one.condition]
        if math.isinf(value):  # none in quiet years: the ratio has a lower end only
            axes.annotate("", (MOST, place), (low, place), arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.6})
            axes.plot(low, place, "|", color=colour, ms=9, mew=1.6, zorder=3)
            continue
        span = [[value - low], [min(high, MOST) - value if one.measure == "attempts_times" else high - value]]
        axes.errorbar(value, place, xerr=span, fmt="o", color=colour, capsize=3, ms=6, lw=1.6, zorder=3)
    words = [f"{CALLED[check.published.condition]}:\n{SHORT[check.published.measure]}" for check in checks]
    axes.set_yticks(range(len(checks)), words)
    for tick, check in zip(axes.get_yticklabels(), checks, strict=True):
        tick.set_color(COLOURS[check.published.condition])
    axes.set_ylim(len(checks) - 0.4, -0.6)
