"""The figure of the tipping line: what was counted at each place, the line through it, and where it may be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter
from scipy.special import logit

from experiments.lab.statistics import Z
from experiments.show.figures import canvas, headline, in_percent, save, style
from experiments.show.palette import BLACK, BLUE, VERMILLION
from experiments.show.words import percent
from experiments.tipping_line.axes import Axis
from experiments.tipping_line.findings import Findings
from experiments.tipping_line.words import finding, what_words

COLOURS = LinearSegmentedColormap.from_list("share", [BLUE, "#EFEFEF", VERMILLION])
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
LARGEST = 220.0
"""Of the largest circle [points squared]."""


def draw_figure(result: Findings, path: Path, record: Mapping[str, Any]) -> None:
    """Draw the counted places (size: runs, colour: share), and the line with its band where the counts bear it out."""
    box, counts = result.box, result.counts
    x, y = box.places.T
    with style():
        figure = canvas(9.6, 6.4)
        axes = figure.subplots()
        if result.surface is not None:
            _line(axes, result)
        seen = counts.runs > 0
        shares = counts.hits[seen] / counts.runs[seen]
        most = counts.runs.max()
        axes.scatter(
            x[seen], y[seen], s=LARGEST * counts.runs[seen] / most, c=shares, cmap=COLOURS, vmin=0.0, vmax=1.0,
            edgecolors="0.35", linewidths=0.6, zorder=3,
        )  # fmt: skip
        _drawn(axes, result)
        for axis, own, side in ((box.x, axes.xaxis, "x"), (box.y, axes.yaxis, "y")):
            _scale(axis, own, side, axes)
            name = axis.title_in(result.episode)
            getattr(axes, f"set_{side}label")(f"{name} [{axis.unit}]")
        bar = figure.colorbar(ScalarMappable(Normalize(0.0, 1.0), COLOURS), ax=axes, aspect=35, pad=0.02)
        bar.set_label(f"share of runs with {what_words(result)}")
        in_percent(bar.ax.yaxis)
        bar.ax.axhline(result.level, color=BLACK, lw=1.8)
        axes.legend(
            handles=_legend(result, most), loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, borderaxespad=0.2
        )
        headline(figure, finding(result), _beneath(result))
        save(figure, path, record)


def _line(axes: Axes, result: Findings) -> None:
    """Draw the line and where it may be, without the parts in which the fit leaves the counts."""
    assert result.surface is not None
    box = result.box
    x, y = box.x.ranks(box.steps), box.y.ranks(box.steps)
    trusted = result.trusted.reshape(box.shape)
    away = np.ma.array((result.surface.mean - logit(result.level)).reshape(box.shape), mask=~trusted)
    sd = result.surface.sd.reshape(box.shape)
    maybe = Z * sd - abs(away)
    if (maybe > 0.0).any():
        axes.contourf(x, y, maybe, levels=[0.0, float(maybe.max()) + 1.0], colors=[BLACK], alpha=0.13, zorder=1)
    if away.min() < 0.0 < away.max():
        axes.contour(x, y, away, levels=[0.0], colors=[BLACK], linewidths=2.2, zorder=2)
    if not trusted.all():
        axes.contourf(x, y, (~trusted).astype(float), levels=[0.5, 1.5], colors="none", hatches=["///"], zorder=1)


def _drawn(axes: Axes, result: Findings) -> None:
    """Mark what the worlds have of both axes: the middle, and nine tenths of them."""
    (x, left, right), (y, down, up) = (
        [float(np.clip(axis.rank(value), 0.0, 1.0)) for value in result.drawn[axis.name]]
        for axis in (result.box.x, result.box.y)
    )
    axes.errorbar(
        x, y, xerr=[[x - left], [right - x]], yerr=[[y - down], [up - y]], fmt="D", ms=7, color=BLACK, mfc="white",
        mew=1.6, lw=1.4, capsize=3, zorder=5,
    )  # fmt: skip


def _scale(axis: Axis, own: Any, side: str, axes: Axes) -> None:
    """Write the values of an axis at their ranks: levels, ratios, or even steps."""
    if axis.levels:
        places, words = list(axis.ranks(0)), list(axis.levels)
    else:
        steps = axis.low + (axis.high - axis.low) * np.linspace(0.0, 1.0, 6)
        values = [tick for tick in TICKS if axis.low <= tick <= axis.high] if axis.log else list(steps)
        places, words = [axis.rank(value) for value in values], [axis.words(value) for value in values]
    own.set_major_locator(FixedLocator(places))
    own.set_major_formatter(FuncFormatter(lambda _, place: words[place] if place is not None else ""))
    getattr(axes, f"set_{side}lim")(-0.03, 1.03)


def _legend(result: Findings, most: float) -> list[Any]:
    handles: list[Any] = [
        Line2D(
            [], [], color="none", marker="o", mfc="white", mec="0.35", ms=(LARGEST * runs / most) ** 0.5, label=words
        )
        for runs, words in ((most, f"{most:.0f} runs"), (max(1.0, most / 8.0), f"{max(1.0, most / 8.0):.0f}"))
    ]
    handles.append(
        Line2D([], [], color=BLACK, marker="D", mfc="white", mew=1.6, label="drawn: middle and 90 % of the worlds")
    )
    if result.surface is None:
        return handles
    if not result.side:
        handles.append(Line2D([], [], color=BLACK, lw=2.2, label=f"chance {percent(result.level)}"))
    if result.open > 0.0:
        handles.append(Patch(color=BLACK, alpha=0.13, label="where it may be (95 %)"))
    if not result.trusted.all():
        handles.append(
            Patch(facecolor="none", edgecolor="0.35", hatch="///", label="the counts leave the fit: no line")
        )
    return handles


def _beneath(result: Findings) -> str:
    fixed = f"; {', '.join(result.fixed)}" if result.fixed else ""
    return (
        f"{result.episode.title}: {result.runs:,} runs ({result.origin.words}), each entering in a world of its "
        f"own{fixed}. Runs go where they tell most of the side of the line. Nobody has seen him enter; how shocking "
        "that is, is informed by nothing."
    )
