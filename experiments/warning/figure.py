"""The figure of warnings: the ROC curve of each sign, and what it warns of by the false alarms that are allowed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.show import figures
from experiments.show.palette import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, YELLOW
from experiments.warning.findings import AHEAD, MAIN, Findings, by_luck
from experiments.warning.indicators import CALENDAR, SIGNS
from experiments.warning.words import finding

COLOURS = (VERMILLION, BLUE, GREEN, ORANGE, PURPLE, SKY, YELLOW, GREY, GREY)
"""Of the signs by their place; the calendar is black."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the curves, the share of falls warned of, and the lead of each sign, the best first."""
    rows = result.at(MAIN)
    with figures.style():
        figure = figures.canvas(13.0, 5.2)
        curves, warned, leads = figure.subplots(1, 3, width_ratios=[1.1, 1.0, 0.8])
        names = [] if rows.empty else [str(name) for name in rows["sign"]]
        colours = dict(zip((name for name in names if name != CALENDAR), COLOURS, strict=False)) | {CALENDAR: BLACK}
        for name in names:
            false, true = result.curves[name]
            style = {"ls": "--"} if name == CALENDAR else {}
            curves.plot(false, true, color=colours[name], lw=1.4, **style)
        curves.plot([0, 1], [0, 1], color="0.8", lw=1)
        curves.set(
            title="ROC, day by day", xlabel="share of quiet days above the threshold",
            ylabel="share of dangerous days above it",
        )  # fmt: skip
        places = range(len(rows))
        for place, (_, row) in zip(places, rows.iterrows(), strict=True):
            colour = colours[str(row["sign"])]
            span = [[row["warned"] - row["warned_low"]], [row["warned_high"] - row["warned"]]]
            warned.errorbar(row["warned"], place, xerr=span, fmt="o", color=colour, capsize=3, ms=5, lw=1.6)
            if row["warned"] > 0.0:
                leads.plot([row["lead_25"], row["lead_75"]], [place, place], color=colour, lw=2.5)
                leads.plot(row["lead_50"], place, "o", color=colour, ms=5)
        warned.axvline(by_luck(MAIN), color=GREY, ls=":", lw=1.2)
        words = [f"{SIGNS[str(row['sign'])].words} ({row['area']:.2f})" for _, row in rows.iterrows()]
        for axes, labels in ((warned, words), (leads, [""] * len(rows))):
            axes.set_yticks(places, labels)
            axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
            axes.tick_params(axis="y", length=0)
        for tick, name in zip(warned.get_yticklabels(), names, strict=True):
            tick.set_color(colours[name] if colours[name] != YELLOW else "0.4")
        warned.set_xlim(0.0, 1.0)
        figures.in_percent(warned.xaxis)
        warned.set(title=f"Falls warned of, at {MAIN:g} false alarm a year", xlabel="share of falls")
        leads.set(title="How early", xlabel="days before the fall", xlim=(0, AHEAD))
        beneath = (
            f"{result.worlds} {result.origin.words}, entry {result.beyond:g} times as shocking as lending the land; he "
            f"falls in {result.falls}. In brackets: area under the curve. Dotted: alarms raised at random. Whiskers: "
            "95 % intervals; lines on the right: half of the warned falls. Thresholds are judged in worlds that they "
            "were not found in."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)
