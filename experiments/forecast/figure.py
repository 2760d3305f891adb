"""The figure of a forecast: each chance by its day beside its base rate, and the detained."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.forecast.findings import GIVEN, MARKS, Findings
from experiments.forecast.words import TAILS, finding
from experiments.lab.locked import YES_OR_NO, stated
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, GREY
from experiments.show.words import ends_of

LABELS = {"decide": "he decides himself", "stay": "if he stays", "enter": "if he enters"}
SHIFT = 0.22
"""How far apart the arms of one day stand [days of the axis]."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw every question: yes-or-no ones as chances with intervals, the detained as ranges, by the day asked for."""
    panels = {
        "entry": "He enters",
        "fall": "He is out of office",
        **{f"crowd_of_{mark:g}_percent": f"{mark:g} % of electors out\non one day" for mark in MARKS},
        "detained": "People detained",
    }
    with figures.style():
        figure = figures.canvas(14.0, 4.6)
        grid = figure.subplots(1, len(panels))
        for axes, (target, title) in zip(grid, panels.items(), strict=True):
            for place, arm in enumerate(GIVEN):
                own = [question for question in result.questions if question["target"] == f"{target}{GIVEN[arm]}"]
                for x, question in enumerate(own):
                    at = x + (place - 1) * SHIFT
                    more = {"label": LABELS[arm]} if x == 0 else {}
                    figures.interval(axes, at, _ends(question), ARM_COLOURS[arm], **more)
                    more = {"label": "base rate"} if x == place == 0 else {}
                    axes.plot(
                        [at - SHIFT / 2, at + SHIFT / 2], [_base(question)] * 2, color=GREY, lw=3, zorder=1, **more
                    )
            days = [
                dt.date.fromisoformat(question["by"]) for question in result.questions if question["target"] == "fall"
            ]
            axes.set_xticks(range(len(days)), [f"{day:%b %y}" for day in days])
            axes.set_xlim(-0.6, len(days) - 0.4)
            axes.set_title(title)
            if target == "detained":
                axes.set_yscale("log")
            else:
                axes.set_ylim(bottom=0.0)
                figures.in_percent(axes.yaxis)
        grid[0].set_ylabel("chance by that day")
        grid[-1].set_ylabel("people by that day")
        figures.legend_below(grid[0], grid[1].get_legend_handles_labels()[0])
        beneath = (
            f"{len(result.worlds)} {result.origin.words}. 95 % Monte Carlo intervals of the chances; the detained: "
            f"middle and nine tenths of worlds. Locked with sha256 {record['sha256'][:16]}..."
        )
        figures.headline(figure, finding(result, record["locked"]), beneath)
        figures.save(figure, path, record)


def _ends(question: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return a chance with its interval, or the middle of a count with nine tenths of its samples."""
    if question["unit"] == YES_OR_NO:
        return ends_of(stated(question["samples"]))
    low, middle, high = (max(1.0, float(value)) for value in np.quantile(question["samples"], TAILS))
    return middle, low, high


def _base(question: Mapping[str, Any]) -> float:
    """Return the base rate of a question, of a count its middle."""
    base = question["base"]
    return float(base["chance"] if question["unit"] == YES_OR_NO else np.median(base["samples"]))
