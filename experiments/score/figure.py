"""The figure of a judged forecast: for each answered question what was stated, the base rate, and what happened."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from experiments.score.findings import Findings
from experiments.score.words import finding
from experiments.show import figures
from experiments.show.palette import BLACK, BLUE, GREY

ROW = 0.26
"""Height of a question [inches]."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw each yes-or-no question as a row with chance, base rate and answer; the counts likewise, on a log axis."""
    panels = [(table, loss) for table, loss in ((result.chances, "Brier"), (result.counts, "CRPS")) if len(table)]
    with figures.style():
        figure = figures.canvas(12.0, 2.4 + ROW * sum(len(table) + 2 for table, _ in panels))
        heights = [len(table) + 1 for table, _ in panels]
        grid = figure.subplots(len(panels), 2, squeeze=False, height_ratios=heights, width_ratios=[1.4, 1.0])
        for (stated, losses), (table, loss) in zip(grid, panels, strict=True):
            _rows(stated, table, "stated", "base", loss)
            stated.plot(table["happened"], range(len(table)), "x", color=BLACK, ms=6, mew=1.8, label="what happened")
            _rows(losses, table, loss.lower(), f"{loss.lower()}_base", loss)
            losses.set_yticks(range(len(table)), [""] * len(table))
            stated.set_title("What was stated, and what happened" if loss == "Brier" else "People")
            losses.set_title(f"Loss ({loss}); 0 is perfect")
        handles, labels = grid[-1, 0].get_legend_handles_labels()
        grid[-1, 0].legend(handles, labels, loc="upper left", bbox_to_anchor=(0.0, -2.2 / heights[-1]), ncols=3)
        beneath = (
            f"Locked {result.record['locked'][:10]}, sha256 {result.record['sha256'][:16]}...; {result.open_questions} "
            "questions are open. Whiskers: 95 % Monte Carlo interval of a chance. The questions hang together: one "
            "country, and later dates repeat earlier ones."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _rows(axes: Axes, table: Any, own: str, base: str, loss: str) -> None:
    """Draw a number of each question and the base rate's, a row each, the first on top."""
    places = range(len(table))
    axes.plot(table[base], places, "|", color=GREY, ms=10, mew=3, label="base rate")
    more: dict[str, Any] = {}
    if f"{own}_low" in table and loss == "Brier":
        more["xerr"] = [table[own] - table[f"{own}_low"], table[f"{own}_high"] - table[own]]
    axes.errorbar(table[own], places, fmt="o", color=BLUE, ms=5, lw=1.4, label="the forecast", **more)
    names = [f"{row.target.replace('_', ' ')}, {row.by}" for row in table.itertuples()]
    axes.set_yticks(places, names)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    if loss == "CRPS":
        figures.in_people(axes.xaxis)
        axes.axvline(0.0, color=GREY, lw=0.5)
    elif own == "stated":
        axes.set_xlim(-0.03, 1.03)
        figures.in_percent(axes.xaxis)
