"""The figure of shocks: what was told of other countries as bars, the model's lives beside them."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.evidence.shocks import CONDITIONS
from experiments.shocks.findings import Findings
from experiments.shocks.words import CALLED, headline
from experiments.show import figures
from experiments.show.palette import BLUE, GREY, ORANGE, PURPLE, VERMILLION

COLOURS = {"stay": BLUE, "entry": VERMILLION, "war": ORANGE, "defeat": PURPLE}
LEAST, MOST = 3e-4, 10.0
"""The ends of the axis of ratios; what is smaller stands at its left end."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw each condition of the model above the countries that it stands beside."""
    with figures.style():
        figure = figures.canvas(11.0, 6.6)
        axes = figure.subplots()
        names: list[str] = []
        colours: list[str] = []
        for condition in ("stay", *CONDITIONS):
            spread, place = result.spreads[condition], len(names)
            names.append(f"Model: {CALLED[condition]}")
            colours.append(COLOURS[condition])
            if spread:
                median, low, high, *band = (_clipped(x) for x in (spread.median, spread.low, spread.high, *spread.band))
                axes.plot(band, [place] * 2, color=COLOURS[condition], lw=7, alpha=0.3, solid_capstyle="butt")
                axes.plot([low, high], [place] * 2, color=COLOURS[condition], lw=2.5)
                axes.plot(median, place, "o", color=COLOURS[condition], ms=7, zorder=3)
            for check in (check for check in result.checks if check.shock.condition == condition):
                one = check.shock
                low, high = _clipped(one.low), _clipped(one.high)
                hatch = None if one.evidence else "////"
                axes.barh(len(names), high - low, left=low, height=0.55, color="0.87", ec="0.55", lw=0.6, hatch=hatch)
                inside = "no life" if check.inside is None else f"{100 * check.inside.value:.0f} % of lives in it"
                axes.annotate(
                    inside + (": missed" if check.misses else ""), (1.01, len(names)), va="center", fontsize=8,
                    xycoords=("axes fraction", "data"), color="black" if check.misses else "0.35",
                    fontweight="bold" if check.misses else "normal", annotation_clip=False,
                )  # fmt: skip
                names.append(one.name)
                colours.append("0.25")
        axes.set_xscale("log")
        axes.set(
            xlim=(LEAST, MOST), xlabel="largest crowd after the shock / that of the country's own reference crisis"
        )
        axes.axvline(1.0, color=GREY, lw=1, ls="--")
        axes.set_yticks(range(len(names)), names)
        for tick, colour in zip(axes.get_yticklabels(), colours, strict=True):
            tick.set_color(colour)
        axes.set_ylim(len(names) - 0.4, -0.6)
        beneath = (
            f"{result.worlds} draws of accepted histories. Dots: the model's median, thick line its 95 % interval, "
            "pale band 90 % of lives. Grey bars: what was told of a country; hatched: from memory, no evidence. What "
            f"is smaller than {LEAST:g} stands at the left end. Those who joined elsewhere are a selected lot; here "
            "every history is made to enter."
        )
        figures.headline(figure, headline(result), beneath)
        figures.save(figure, path, record)


def _clipped(value: float) -> float:
    return MOST if math.isinf(value) else min(MOST, max(LEAST, value))
