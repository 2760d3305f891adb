"""The specification curve: sorted dots with intervals above, a grid of the choices below."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from experiments.robustness.findings import DRAWN, NEAR, Findings
from experiments.robustness.specifications import CHOICES, MODEL, Specification
from experiments.robustness.words import finding
from experiments.show import figures
from experiments.show.palette import BLACK, BLUE, GREY, ORANGE, VERMILLION

COLOURS = {"the model": VERMILLION, "one choice otherwise": BLUE, "a mixture": ORANGE}


def kind_of(one: Specification) -> str:
    """Return what a specification is, as the legend has it."""
    return "the model" if one is MODEL else "one choice otherwise" if len(one.choices) == 1 else "a mixture"


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw what entering adds under every specification in both places, and which choices each makes."""
    order = result.sorted()
    with figures.style():
        figure = figures.canvas(12.5, 10.2)
        drawn, near, grid = figure.subplots(3, 1, sharex=True, height_ratios=[1.0, 1.0, 1.75])
        _dots(drawn, result, order, DRAWN, "Entry as shocking as each world has it")
        title = f"Nearer the line: entry {result.near:g} times as shocking as lending the land"
        _dots(near, result, order, NEAR, title)
        _grid(grid, result, order)
        for kind, colour in COLOURS.items():
            drawn.plot([], [], "o", color=colour, ms=5, label=kind)
        drawn.legend(loc="upper left", ncols=3)
        beneath = (
            f"{result.worlds} {result.origin.words}, the same dice in each specification, sorted by the upper panel. "
            "95 % Monte Carlo intervals over worlds; the band is the model's own. Choices with a star change the past, "
            "which is lived anew and not fitted again; the others hold from the eve on."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _dots(axes: Axes, result: Findings, order: list[Specification], place: str, title: str) -> None:
    """Draw what entering adds under every specification, over the band of the model's own interval."""
    own = result.adds[MODEL.name, place]
    axes.axhspan(own.low, own.high, color=VERMILLION, alpha=0.1, lw=0)
    axes.axhline(0.0, color=GREY, lw=1)
    for x, one in enumerate(order):
        estimate = result.adds[one.name, place]
        figures.interval(axes, x, (estimate.value, estimate.low, estimate.high), COLOURS[kind_of(one)])
    axes.set(title=title, ylabel="entering adds, in points")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+.0f}" if value else "0"))
    axes.set_ylim(top=axes.get_ylim()[1] + 0.12 * (axes.get_ylim()[1] - axes.get_ylim()[0]))


def _grid(axes: Axes, result: Findings, order: list[Specification]) -> None:
    """Draw which choices every specification makes, a row a choice, and how many of its histories fit."""
    rows = list(CHOICES)
    for y, choice in enumerate(rows):
        for x, one in enumerate(order):
            made = choice in one.choices
            axes.plot(x, y, "s" if made else ".", color=COLOURS[kind_of(one)] if made else "0.85", ms=6 if made else 2)
        if y and rows[y - 1].about != choice.about:
            axes.axhline(y - 0.5, color="0.8", lw=0.8)
    labels = [choice.title + ("" if choice.keeps_history else " *") for choice in rows]
    if result.fits:
        for x, one in enumerate(order):
            axes.text(x, len(rows), f"{100 * result.fits[one.name]:.0f}", ha="center", va="center", fontsize=7.5)
        labels.append("histories that fit, in %")
        axes.axhline(len(rows) - 0.5, color=BLACK, lw=0.8)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(-0.7, len(order) - 0.3)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.grid(False)
    axes.set_title("What each specification chooses otherwise")
