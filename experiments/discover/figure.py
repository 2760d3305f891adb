"""The figure of the boxes: what is given up in coverage for density on the way, and where the limits stand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.discover.findings import Findings
from experiments.discover.words import finding, limit_words
from experiments.show import figures
from experiments.show.palette import BLACK, BLUE, GREY, VERMILLION

COLOURS = (VERMILLION, BLUE)


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the way to the first box with what fresh runs say, and each limit among the draws."""
    with figures.style():
        figure = figures.canvas(12.0, 4.4 + 0.2 * len(result.ranks))
        way, limits = figure.subplots(1, 2, width_ratios=[1.0, 1.1])
        way.plot(
            [box.coverage for box in result.way], [box.density for box in result.way], ".-", color=GREY, lw=1,
            label="on the way to box 1, as the forest foretells",
        )  # fmt: skip
        for place, (held, colour) in enumerate(zip(result.boxes, COLOURS, strict=False), 1):
            box = held.box
            way.plot(box.coverage, box.density, "s", color=colour, ms=8, mfc="none", label=f"box {place}, foretold")
            if held.density is not None and held.coverage is not None:
                density, coverage = held.density, held.coverage
                way.errorbar(
                    coverage.value, density.value,
                    xerr=[[coverage.value - coverage.low], [coverage.high - coverage.value]],
                    yerr=[[density.value - density.low], [density.high - density.value]],
                    fmt="o", color=colour, capsize=3, ms=5, lw=1.6, label=f"box {place}, in fresh runs",
                )  # fmt: skip
        if result.fresh:
            base = result.fresh_falls / result.fresh
            way.axhline(base, color=BLACK, ls=":", lw=1, label="all fresh runs")
        way.set(xlim=(0.0, 1.03), ylim=(0.0, 1.0), xlabel="coverage: share of all falls that it holds")
        way.set(ylabel="density: share inside that fall", title="What a smaller box gains and gives up")
        figures.in_percent(way.xaxis)
        figures.in_percent(way.yaxis)
        words = []
        for row, one in enumerate(result.ranks.itertuples()):
            held = result.boxes[int(str(one.box)) - 1]
            low, high = held.box.limits[str(one.number)]
            colour = COLOURS[(int(str(one.box)) - 1) % len(COLOURS)]
            limits.barh(row, 1.0, color="0.93", height=0.6)
            first, last = float(str(one.low)), float(str(one.high))
            limits.barh(row, last - first, left=first, color=colour, height=0.6)
            words.append(limit_words(str(one.number), low, high))
        limits.set_yticks(range(len(words)), words)
        limits.set_ylim(max(len(words), 1) - 0.4, -0.6)
        limits.set(xlim=(0.0, 1.0), xlabel="share of the draws, from the smallest value", title="Where the boxes stand")
        limits.tick_params(axis="y", length=0)
        limits.grid(False)
        figures.in_percent(limits.xaxis)
        way.legend(loc="upper left", bbox_to_anchor=(0.0, -0.16), borderaxespad=0.0, ncols=2)
        beneath = (
            f"{result.learnt} {result.origin.words} taught the forest, {result.fresh} others judge; 95 % intervals. "
            f"How shocking entry is was drawn up to {result.beyond:g} times the lent land, and is informed by nothing."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)
