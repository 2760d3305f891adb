"""The figure of one fall: the street of both twins by day, and the part of luck."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK, GREEN, VERMILLION
from experiments.show.words import date_words
from experiments.why.findings import MIXED, WHOLE, Findings
from experiments.why.replay import DAY, ELITE, UNIT
from experiments.why.words import finding

LABELS = {
    WHOLE: "as it was", UNIT: "without the smallest\nset of units", ELITE: "without the smallest\nset of the elite",
    DAY: "without the smallest\nset of days", MIXED: "without the smallest\nset of all kinds",
}  # fmt: skip


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the capital's street by day in both twins, who stood aside or hedged, and falls with other luck."""
    with figures.style():
        figure = figures.canvas(12.0, 6.2)
        grid = figure.add_gridspec(2, 2, width_ratios=[2.2, 1.0])
        street, forces, luck = (figure.add_subplot(place) for place in (grid[0, 0], grid[1, 0], grid[:, 1]))
        _street(street, result)
        _forces(forces, result)
        _luck(luck, result)
        beneath = (
            f"Draw {result.world} of {result.found.searched} searched; {result.origin.words}. The twins share all dice "
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
    last = (result.fall.ended_on or result.episode.days) + 14
    for life, arm, label in ((result.twin, "stay", "if he stays"), (result.fall, "enter", "if he enters")):
        crowd = life.series["capital_crowd"][:last]
        axes.plot(_dates(result, len(crowd)), crowd, color=ARM_COLOURS[arm], lw=1.4, label=label)
    axes.set(title="The capital's street by day", ylabel="people", ylim=(0.0, None))
    figures.in_people(axes.yaxis)
    figures.in_months(axes.xaxis)
    for day, words in ((result.entry, "entry"), (result.fall.ended_on or result.episode.days, "fall")):
        figures.upright(axes, np.datetime64(result.episode.date_of(day)), words)
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.88))


def _forces(axes: Axes, result: Findings) -> None:
    """Draw who stood aside and who hedged, in the run that fell."""
    fall = result.fall
    dates = _dates(result, len(fall.series["standing_aside"]))
    axes.plot(dates, fall.series["standing_aside"], color=VERMILLION, lw=1.4, label="of the capital's force stand aside")
    axes.plot(dates, fall.series["hedging"], color=BLACK, lw=1.4, label="of the elite hedge or plot")
    axes.set(title="Who leaves him, if he enters", ylabel="share", ylim=(0.0, 1.02))
    figures.in_percent(axes.yaxis)
    figures.in_months(axes.xaxis)
    axes.legend(loc="upper left")


def _luck(axes: Axes, result: Findings) -> None:
    """Draw the chance to fall with other luck: as it was, and without each smallest set."""
    names = [WHOLE, *result.changes]
    for place, name in enumerate(names):
        estimate = result.futures[name]
        colour = ARM_COLOURS["enter"] if name == WHOLE else GREEN
        figures.interval(axes, place, (estimate.value, estimate.low, estimate.high), colour)
    axes.set_xticks(range(len(names)), [LABELS[name] for name in names], rotation=35, ha="right")
    axes.set(title="Falls with other luck from the entry on", ylim=(0.0, 1.02), xlim=(-0.5, len(names) - 0.5))
    figures.in_percent(axes.yaxis)
