"""The figure of the media grip: each outcome with his own grip and with Russia's, and what changes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.ticker import FuncFormatter

from experiments.media_grip.findings import OUTCOMES, OWN, RUSSIA, Findings
from experiments.media_grip.words import RUSSIAN, finding
from experiments.show import figures
from experiments.show.palette import BLACK, BLUE, GREY, VERMILLION


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw both chances of each outcome with their intervals, and beside them the change world by world."""
    with figures.style():
        figure = figures.canvas(11.5, 4.6)
        chances, changes = figure.subplots(1, 2, sharey=True, width_ratios=[1.3, 1.0])
        for shift, marker, colour, setting in ((-0.12, "o", BLUE, OWN), (0.12, "s", VERMILLION, RUSSIA)):
            estimates = [result.chances[setting, outcome] for outcome in OUTCOMES]
            _dots(chances, estimates, shift, fmt=marker, color=colour, label=setting)
        _dots(changes, [result.changes[outcome] for outcome in OUTCOMES], 0.0, fmt="o", color=BLACK)
        chances.set(title="Chance within the year", xlabel="share of worlds")
        chances.set_yticks(range(len(OUTCOMES)), list(OUTCOMES))
        chances.set_ylim(len(OUTCOMES) - 0.5, -0.5)
        chances.set_xlim(left=0.0)
        figures.in_percent(chances.xaxis)
        figures.legend_below(chances)
        changes.set(title="Change with Russia's grip, the same worlds and dice", xlabel="points")
        changes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+.1f}" if value else "0"))
        changes.axvline(0.0, color=GREY, lw=1)
        for axes in (chances, changes):
            axes.tick_params(axis="y", length=0)
        beneath = (
            f"{result.worlds} {result.origin.words}, the same dice in both; Russia's grip (media grip "
            f"{RUSSIAN['regime.media_grip']:g}, blocking {RUSSIAN['regime.blocking']:g}: the ends of the declared "
            "ranges, an assumption) from the eve on. 95 % Monte Carlo intervals over worlds."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _dots(axes: Any, estimates: list[Any], shift: float, **look: Any) -> None:
    """Draw numbers as dots with their intervals as whiskers, a row each."""
    values = [one.value for one in estimates]
    spans = [
        [max(0.0, one.value - one.low) for one in estimates],
        [max(0.0, one.high - one.value) for one in estimates],
    ]
    axes.errorbar(values, [row + shift for row in range(len(values))], xerr=spans, capsize=3, ms=6, lw=1.6, **look)
