"""The figure of coming home: the chance that he still falls by the day of return, beside going on and staying out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.point_of_no_return.findings import DRAWN, NEAR, STAYS, Findings, estimate
from experiments.point_of_no_return.words import finding
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, GREEN


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw, for each setting, the chance to fall of those who still stand: home on that day, and gone on."""
    with figures.style():
        figure = figures.canvas(11.0, 4.6)
        panels = figure.subplots(1, 2, sharey=True)
        titles = {DRAWN: "As drawn", NEAR: f"Nearer the line (entry {result.beyond:g} times as shocking)"}
        for axes, (setting, title) in zip(panels, titles.items(), strict=True):
            rows = result.of(setting)
            for name, shift, colour, label in (
                ("would_fall", 1.04, ARM_COLOURS["enter"], "if the troops stay at war"),
                ("still_falls", 0.96, GREEN, "if they come home on that day"),
            ):
                for wait in (wait for wait in result.waits if rows.loc[wait, "standing"]):
                    more = {"label": label} if wait == result.waits[0] else {}
                    figures.interval(axes, wait * shift, estimate(rows.loc[wait], name), colour, **more)
            value, low, high = estimate(rows.loc[STAYS], "falls")
            axes.axhspan(low, high, color=ARM_COLOURS["stay"], alpha=0.15, lw=0)
            axes.axhline(value, color=ARM_COLOURS["stay"], label="if he never enters")
            axes.set_xscale("log")
            axes.set_xticks(result.waits, [str(wait) for wait in result.waits])
            axes.minorticks_off()
            axes.set(title=title, xlabel="days in the war until the troops come home")
            figures.in_percent(axes.yaxis)
        panels[0].set(ylabel="chance that he falls within the year,\nof those who stand on that day", ylim=(0.0, None))
        figures.legend_below(panels[0])
        beneath = (
            f"{result.worlds} {result.origin.words}, the same dice in each. 95 % Monte Carlo intervals. How shocking "
            "entry is, is informed by nothing."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)
