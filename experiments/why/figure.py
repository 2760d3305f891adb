"""The figure of one fall: the street of both twins by day, and the part of luck."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.lab.left_out import DAY, ELITE, MIXED, UNIT
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK, GREEN, ORANGE, VERMILLION
from experiments.show.words import date_words, ends_of
from experiments.why.findings import WHOLE, Findings
from experiments.why.words import finding

LABELS = {
    WHOLE: "as it was", UNIT: "without the smallest\nset of units", ELITE: "without the smallest\nset of the elite",
    DAY: "without the smallest\nset of days", MIXED: "without the smallest\nset of all kinds",
}  # fmt: skip


AFTER = 14
"""So many days after the fall the twin is drawn on."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the capital's street by day in both twins, who leaves him, and falls with other luck."""
    with figures.style():
        figure = figures.canvas(12.0, 6.4)
        grid = figure.add_gridspec(2, 2, width_ratios=[2.0, 1.0])
        street = figure.add_subplot(grid[0, 0])
        forces = figure.add_subplot(grid[1, 0], sharex=street)
        luck = figure.add_subplot(grid[:, 1])
        _street(street, result)
        _forces(forces, result)
        _luck(luck, result)
        beneath = (
            f"Draw {result.world}; {result.found.searched} searched; {result.origin.words}. The twins share all dice "
            f"and are one until the entry on {date_words(result.episode.entering.date)}. Right: "
            f"{result.futures[WHOLE].draws} futures with other luck from the entry on, 95 % Monte Carlo intervals. One "
            "run of a model, no account of a country."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _dates(result: Findings, days: int) -> list[np.datetime64]:
    return [np.datetime64(result.episode.date_of(day)) for day in range(1, days + 1)]


def _street(axes: Axes, result: Findings) -> None:
    """Draw the capital's street by day in both twins, and when he enters and falls."""
    last = (result.fall.ended_on or result.episode.days) + AFTER
    looks = ((result.twin, "stay", "if he stays", 3.0), (result.fall, "enter", "if he enters", 1.3))
    for life, arm, label, width in looks:
        crowd = life.series["capital_crowd"][:last]
        axes.plot(_dates(result, len(crowd)), crowd, color=ARM_COLOURS[arm], lw=width, label=label)
    axes.set(title="The capital's street by day", ylabel="people", ylim=(0.0, None))
    figures.in_people(axes.yaxis)
    axes.tick_params(axis="x", labelbottom=False)
    for day, words in ((result.entry, "entry"), (result.fall.ended_on or result.episode.days, "fall")):
        figures.upright(axes, np.datetime64(result.episode.date_of(day)), words, before=words == "entry")
    axes.legend(loc="best")


def _forces(axes: Axes, result: Findings) -> None:
    """Draw who refuses, stands aside and hedges, in the run that fell."""
    fall = result.fall
    dates = _dates(result, len(fall.series["standing_aside"]))
    for name, colour, label in (
        ("refused", ORANGE, "of the men told to fight refuse"),
        ("standing_aside", VERMILLION, "of the capital's force stand aside"),
        ("hedging", BLACK, "of the elite hedge or plot"),
    ):
        axes.plot(dates, fall.series[name], color=colour, lw=1.4, label=label)
    axes.set(title="Who leaves him, if he enters", ylabel="share", ylim=(0.0, 1.02))
    figures.in_percent(axes.yaxis)
    figures.in_months(axes.xaxis)
    figures.legend_below(axes)


def _luck(axes: Axes, result: Findings) -> None:
    """Draw the chance to fall with other luck: as it was, and without each smallest set."""
    names = [WHOLE, *result.changes]
    for place, name in enumerate(names):
        value, low, high = ends_of(result.futures[name])
        colour = ARM_COLOURS["enter"] if name == WHOLE else GREEN
        ends = [[max(0.0, value - low)], [max(0.0, high - value)]]
        axes.errorbar(value, place, xerr=ends, fmt="o", color=colour, capsize=3, ms=5, lw=1.6)
    axes.set_yticks(range(len(names)), [LABELS[name] for name in names])
    axes.set(title="Falls with other luck from the entry on", xlim=(0.0, 1.02), ylim=(len(names) - 0.5, -0.5))
    axes.tick_params(axis="y", length=0)
    figures.in_percent(axes.xaxis)
