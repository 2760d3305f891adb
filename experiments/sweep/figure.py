"""The figure of a sweep: an outcome as a map over two numbers, or as a curve over one."""

import math
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from experiments.lab.design import FILE, RANDOM
from experiments.lab.store import StoreError
from experiments.show.figures import canvas, headline, in_percent, save, style
from experiments.show.palette import ARM_COLOURS, BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from experiments.sweep.words import (
    CHANCES,
    Cells,
    Estimate,
    axis_words,
    binned,
    capital,
    estimate_of,
    number_words,
    outcome_words,
    short,
)
from model.parameters import DECLARED

if TYPE_CHECKING:
    from experiments.sweep.__main__ import Plan

COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)


def plot(
    frame: pd.DataFrame, plan: "Plan", x: str, y: str, outcome: str, path: str | Path, record: Mapping[str, Any]
) -> None:
    """Draw an outcome over x: as a map if y is a number, else a curve with its interval for each y (``-``: no y)."""
    done = frame[frame["status"] == "done"]
    if plan.design.kind in (*RANDOM, FILE):
        done = done.assign(**{name: binned(done[name]) for name in (x, y) if name in plan.design.names})
    names = [name for name in dict.fromkeys((x, "arm", y)) if name != "-"]
    cells = {}
    for key, cell in done.groupby(names):
        at = dict(zip(names, key, strict=True))
        cells[at[x], at["arm"], at.get(y, "")] = estimate_of(cell, outcome, plan)
    cells = {at: numbers for at, numbers in cells.items() if not math.isnan(numbers[0])}
    if not cells:
        raise StoreError(f"no figure: {outcome} was seen in no run")
    numeric = y in plan.design.names and pd.api.types.is_numeric_dtype(frame[y]) and done[y].nunique() > 1
    least = min(cells, key=lambda cell: (cells[cell][0], cells[cell][2]))
    most = max(cells, key=lambda cell: (cells[cell][0], cells[cell][1]))
    ends = [(_cell_words(cell, x, y, plan), cells[cell]) for cell in (least, most)]
    note = f"{len(done):,} runs in {f'{len(plan.worlds)} accepted worlds' if plan.drawn else 'one world'}"
    others = [name for name in plan.design.names if name not in (x, y)]
    mean_over = f"; mean over {', '.join(others)}" if others else ""
    with style():
        figure = (_map if numeric else _curves)(cells, plan, x, y, outcome)
        headline(figure, _finding(outcome, *ends), f"{note}; 95 % Monte Carlo intervals{mean_over}")
        save(figure, path, record)


def _curves(cells: Cells, plan: "Plan", x: str, y: str, outcome: str) -> Figure:
    """Draw a curve with its interval for each arm and each value of y."""
    figure = canvas(8, 5)
    axes = figure.add_subplot()
    places = sorted({column for column, _, _ in cells})
    words = isinstance(places[0], str)
    series = sorted({(arm, row) for _, arm, row in cells}, key=lambda curve: (plan.arms.index(curve[0]), curve[1]))
    for number, (arm, row) in enumerate(series):
        own = [place for place in places if (place, arm, row) in cells]
        mean, low, high = np.array([cells[place, arm, row] for place in own]).T
        colour = ARM_COLOURS[arm] if y in ("-", "arm") else COLOURS[number % len(COLOURS)]
        named = [arm] if len(plan.arms) > 1 else []
        label = ", ".join(named + ([short(row)] if y not in ("-", "arm") else []))
        look: dict[str, Any] = {"color": colour, "marker": "osD^vPX"[number % 7], "label": label}
        if words:  # nothing lies between words
            at = np.array([places.index(place) for place in own]) + (number - (len(series) - 1) / 2) * 0.12
            axes.errorbar(at, mean, (mean - low, high - mean), linestyle="none", capsize=3, **look)
        else:
            axes.fill_between(own, low, high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(own, mean, **look)
    if words:
        axes.set_xticks(range(len(places)), [short(place) for place in places])
    elif x in DECLARED and DECLARED[x].metadata["scale"] == "log" and min(places) > 0.0:
        axes.set_xscale("log")
        axes.set_xticks(places, [short(place) for place in places])
        axes.minorticks_off()
    axes.set(xlabel=axis_words(x), ylabel=capital(outcome_words(outcome)))
    if outcome in CHANCES:
        axes.set_ylim(-0.02, 1.02)
        in_percent(axes.yaxis)
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    if len(series) > 1:
        axes.legend(title=y if y not in ("-", "arm") else None)
    return figure


def _map(cells: Cells, plan: "Plan", x: str, y: str, outcome: str) -> Figure:
    """Draw a map over x and y for each arm, with the interval written into each field."""
    columns, rows = (sorted({cell[place] for cell in cells}) for place in (0, 2))
    figure = canvas(2.6 + max(0.85 * len(columns), 2.5) * len(plan.arms), 2.2 + 0.6 * len(rows))
    panels = figure.subplots(1, len(plan.arms), squeeze=False, sharey=True)[0]
    means = [mean for mean, _, _ in cells.values()]
    span = (0.0, 1.0) if outcome in CHANCES else (min(means), max(means))
    for arm, axes in zip(plan.arms, panels, strict=True):
        grid = [[cells.get((column, arm, row), (math.nan,))[0] for column in columns] for row in rows]
        image = axes.pcolormesh(np.array(grid), cmap="cividis", edgecolors="white", vmin=span[0], vmax=span[1])
        for (column, named, row), (mean, low, high) in cells.items():
            if named == arm:
                text = f"{number_words(mean, outcome)}\n{number_words(low, outcome)} to {number_words(high, outcome)}"
                dark = mean - span[0] < 0.55 * (span[1] - span[0])
                at = (columns.index(column) + 0.5, rows.index(row) + 0.5)
                axes.annotate(text, at, ha="center", va="center", fontsize=7, color="white" if dark else "black")
        axes.set_xticks(np.arange(len(columns)) + 0.5, [short(value) for value in columns])
        axes.set_yticks(np.arange(len(rows)) + 0.5, [short(value) for value in rows])
        axes.grid(visible=False)
        axes.set(xlabel=textwrap.fill(axis_words(x), 40), title=f"arm {arm}" if len(plan.arms) > 1 else "")
    panels[0].set_ylabel(textwrap.fill(axis_words(y), 34))
    bar = figure.colorbar(image, ax=panels, label=capital(outcome_words(outcome)))
    if outcome in CHANCES:
        in_percent(bar.ax.yaxis)
    return figure


def _finding(outcome: str, least: tuple[str, Estimate], most: tuple[str, Estimate]) -> str:
    """Return the figure's title: the lowest and the highest, and whether they differ."""
    what = capital(outcome_words(outcome))
    low, high = (f"{number_words(numbers[0], outcome)} at {where}" for where, numbers in (least, most))
    if most[1][1] > least[1][2]:
        return f"{what}: from {low} to {high}"
    return f"{what}: no difference shown from {low} to {high}"


def _cell_words(cell: tuple[Any, ...], x: str, y: str, plan: "Plan") -> str:
    words = [f"{x} {short(cell[0])}"] + ([f"{y} {short(cell[2])}"] if y not in ("-", "arm") else [])
    return ", ".join(words + ([f"arm {cell[1]}"] if len(plan.arms) > 1 and "arm" not in (x,) else []))
