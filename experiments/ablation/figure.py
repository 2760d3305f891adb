"""The figure of the claims: what changes without each, in falls and in the decision, the largest change first."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from experiments.ablation.findings import ENTER_FALL, ENTERS, HIGH, LOW, NEAR_FALL, PAIRS, STAY_FALL, Findings
from experiments.ablation.words import finding, title_of
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK, GREY

ROW = 0.3
"""The height of a setting [inches]."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw a row for each claim by size, then the pairs and both media grips: changes with their intervals."""
    settings = [*result.by_size, *("+".join(pair) for pair in PAIRS), LOW, HIGH]
    looks = (
        (NEAR_FALL, BLACK, f"if he enters, nearer the line (entry {result.beyond:g} times as shocking)"),
        (ENTER_FALL, ARM_COLOURS["enter"], "if he enters"),
        (STAY_FALL, ARM_COLOURS["stay"], "if he stays"),
    )
    with figures.style():
        figure = figures.canvas(12.5, 2.6 + ROW * len(settings))
        falls, chooses = figure.subplots(1, 2, sharey=True, width_ratios=[1.6, 1.0])
        for step, (outcome, colour, label) in enumerate(looks):
            _changes(falls, result, settings, outcome, (step - 1) * 0.24, colour, label)
        _changes(chooses, result, settings, ENTERS, 0.0, ARM_COLOURS["decide"], "he enters, if he may choose")
        falls.set_yticks(range(len(settings)), [title_of(setting) for setting in settings])
        falls.set_ylim(len(settings) - 0.4, -0.6)
        falls.set_title("Change in the chance that he falls, without it")
        chooses.set_title("Change in the chance that he enters")
        for axes in (falls, chooses):
            axes.axvline(0.0, color=GREY, lw=1)
            axes.axhline(len(result.by_size) - 0.5, color="0.8", lw=1)
            axes.tick_params(axis="y", length=0)
            axes.set_xlabel("points")
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+.0f}" if value else "0"))
            axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.07), borderaxespad=0.0)
        beneath = (
            f"{result.worlds} {result.origin.words}, the same dice in each; a claim is off from the eve on, and the "
            "past is lived with all of them. Below the line: pairs, and the media grip as low and as high as its range "
            "has it. 95 % Monte Carlo intervals over worlds."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _changes(
    axes: Axes, result: Findings, settings: list[str], outcome: str, shift: float, colour: str, label: str
) -> None:
    """Draw what each setting changes of an outcome, as a dot with its whisker."""
    changes = [result.changes[setting, outcome] for setting in settings]
    values = [change.value for change in changes]
    spans = [
        [max(0.0, change.value - change.low) for change in changes],
        [max(0.0, change.high - change.value) for change in changes],
    ]
    places = [place + shift for place in range(len(settings))]
    axes.errorbar(values, places, xerr=spans, fmt="o", color=colour, capsize=2, ms=4, lw=1.3, label=label)
