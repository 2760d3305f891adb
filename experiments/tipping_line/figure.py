"""The figure of the tipping line: the chance over losses and each axis, the lines, and where the draws lie."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter

from experiments.show.figures import canvas, headline, in_percent, save, style
from experiments.show.palette import BLACK, ENDING_COLOURS
from experiments.tipping_line.findings import (
    FALL,
    FEW,
    FINE,
    GRID,
    GRIP,
    LOSS,
    LOSSES,
    UPRISING,
    Axis,
    Findings,
    losses_at,
)
from experiments.tipping_line.words import title_of
from model.outcomes import Ending

CHANCE_COLOURS = LinearSegmentedColormap.from_list("chance", ["white", ENDING_COLOURS[str(Ending.UPRISING)]])
LINES = {0.1: ("dotted", 1.6), 0.5: ("solid", 2.2), 0.9: ("dashed", 1.6)}


def draw_figure(result: Findings, path: Path, record: Mapping[str, Any]) -> None:
    """Draw the chance over losses and each axis, with the lines, their uncertainty, and where the draws lie."""
    panels = result.axes[1:]
    with style():
        figure = canvas(14.5, 8.2)
        strip, body = figure.subfigures(2, 1, height_ratios=(0.045, 1.0), squeeze=False).ravel()
        strip.legend(handles=_legend(), loc="center left", ncols=5)
        grid = body.subplots(2, len(panels), sharex=True)
        for row, outcome in zip(grid, (UPRISING, FALL), strict=True):
            for axes, axis in zip(row, panels, strict=True):
                image = _panel(axes, axis, outcome, result)
                axes.set_title(f"{outcome.capitalize()}: {axis.title_in(result.episode)}")
                axes.set_xlabel(LOSS.unit if outcome == FALL else "")
                axes.set_ylabel(textwrap.fill(axis.unit, 30))
        bar = body.colorbar(image, ax=grid, aspect=40, pad=0.01, label="chance after entry")
        in_percent(bar.ax.yaxis)
        for level, (dashes, width) in LINES.items():
            bar.ax.axhline(level, color=BLACK, ls=dashes, lw=width)
        headline(figure, title_of(result), _beneath(result))
        save(figure, path, record)


def _panel(axes: Axes, axis: Axis, outcome: str, result: Findings) -> Any:
    """Draw one panel; return its image."""
    fitted = result.fits[axis.key, outcome]
    values = np.arange(len(axis.levels)) if axis.levels else axis.at(np.linspace(0.0, 1.0, FINE))
    shape = (len(values), GRID.size)
    at_losses, at_values = np.meshgrid(GRID, values)
    chances = fitted.chances(at_losses, at_values) if fitted else np.full((2, at_losses.size), math.nan)
    low, high = np.quantile(chances[1:], [0.025, 0.975], axis=0)
    middle, low, high = (part.reshape(shape) for part in (chances[0], low, high))
    image = axes.pcolormesh(GRID, values, middle, cmap=CHANCE_COLOURS, vmin=0.0, vmax=1.0, shading="nearest")
    if fitted is None:
        words = f"fewer than {FEW} worlds with it,\nor without it: no lines"
        axes.text(0.03, 0.03, words, transform=axes.transAxes, fontsize=8.5, color="0.35")
    for level, (dashes, width) in LINES.items():
        if axis.levels:
            _level_lines(axes, values, (middle, low, high), level)
        elif fitted:
            open_question = np.minimum(high - level, level - low)
            if (open_question > 0.0).any():
                axes.contourf(GRID, values, open_question, levels=[0.0, 1.0], colors=BLACK, alpha=0.16)
            if middle.min() < level < middle.max():
                axes.contour(GRID, values, middle, levels=[level], colors=BLACK, linestyles=dashes, linewidths=width)
    (x, left, right), (y, down, up) = result.place.losses, result.place.axes[axis.key]
    axes.errorbar(
        x, y, xerr=[[x - left], [right - x]], yerr=[[y - down], [up - y]] if up > down else None, fmt="D", ms=6,
        color=BLACK, mfc="white", mew=1.6, lw=1.4, capsize=3, zorder=5,
    )  # fmt: skip
    axes.set(xscale="log", xlim=LOSSES)
    axes.grid(visible=False)
    axes.xaxis.set_major_locator(FixedLocator((0.5, 1, 2, 5, 10, 20)))
    axes.xaxis.set_minor_locator(FixedLocator(()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if axis.levels:
        axes.set_yticks(values, axis.levels)
    elif axis.log:
        axes.set(yscale="log", ylim=(axis.low, axis.high))
        axes.yaxis.set_major_locator(FixedLocator((0.03, 0.1, 0.3, 1, 3)))
        axes.yaxis.set_minor_locator(FixedLocator(()))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    elif axis is GRIP:
        in_percent(axes.yaxis)
    return image


def _level_lines(axes: Axes, values: np.ndarray, bands: Sequence[np.ndarray], level: float) -> None:
    """Draw a line through the levels of an axis: an upright stroke a level, and what is not excluded beside it."""
    dashes, width = LINES[level]
    for value, chances, least, most in zip(values, *bands, strict=True):
        if np.isnan(chances).any():
            continue
        not_excluded = (least <= level) & (level <= most)
        axes.fill_between(GRID, value - 0.46, value + 0.46, where=not_excluded, color=BLACK, alpha=0.16, lw=0)
        crossing = float(losses_at(level, chances[None, :])[0])
        if 0.0 < crossing < math.inf:
            axes.plot([crossing] * 2, [value - 0.46, value + 0.46], color=BLACK, ls=dashes, lw=width)


def _legend() -> list[Any]:
    strokes = [
        Line2D([], [], color=BLACK, ls=dashes, lw=width, label=f"chance {100 * level:.0f} %")
        for level, (dashes, width) in LINES.items()
    ]
    band = Patch(color=BLACK, alpha=0.16, label="where a line may be (95 %, over worlds)")
    words = "middle and 90 % of the draws"
    here = Line2D([], [], color=BLACK, marker="D", mfc="white", mew=1.6, ls="-", label=words)
    return [*strokes, band, here]


def _beneath(result: Findings) -> str:
    assert result.episode.entry is not None
    return (
        f"{result.episode.title}: {len(result.runs):,} runs ({result.origin.words}), {result.episode.entry.troops:,} "
        "troops in these panels; losses are the same every week to the end. All but a panel's two axes is as each "
        "world has it. Nobody has seen him enter: this is the prior on r, on beyond and on the answer to losses."
    )
