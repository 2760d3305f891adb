"""The figure of the decision: who is in office after each choice, how often he enters, and whom else the rule sorts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from experiments.decision.findings import BELIEF, DAYS, LOOKAHEAD, PRESSURES, PRICES, Findings
from experiments.decision.lives import CHOICES, ENTERS, LIMITED, REFUSES
from experiments.decision.words import ends, finding
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK, GREEN, ORANGE, PURPLE
from experiments.show.words import date_words

LOOKS = {
    REFUSES: (ARM_COLOURS["stay"], "he refuses"), LIMITED: (ORANGE, "he goes limited"),
    ENTERS: (ARM_COLOURS["enter"], "he enters"),
}  # fmt: skip
WAYS = {BELIEF: (GREEN, "by belief"), LOOKAHEAD: (PURPLE, "looking ahead")}
ASIDE = 1.05
"""How far apart dots of one pressure stand [ratio]."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw truth at the least and at the highest price, the share that enters, and the clients."""
    with figures.style():
        figure = figures.canvas(12.0, 9.0)
        (cheap, dear), (enters, others) = figure.subplots(2, 2)
        dear.sharey(cheap)
        _truth(cheap, result, PRICES[0], "In office a year later, by his choice")
        _truth(dear, result, PRICES[-1], f"The same, where refusing is punished {PRICES[-1]:g} times as often")
        _enters(enters, result)
        _clients(others, result)
        cheap.set(ylabel=f"chance, from {date_words(result.episode.date_of(DAYS[0]))} on")
        figures.legend_below(cheap)
        beneath = (
            f"{result.worlds} {result.origin.words}, the same dice for each choice. 95 % Monte Carlo intervals over "
            f"worlds. Belief and {result.futures} imagined futures a choice rest on the other histories, never on his "
            "own. How shocking entry is, is informed by nothing."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _truth(axes: Axes, result: Findings, price: float, title: str) -> None:
    """Draw the chance to be in office along the pressure, for each choice."""
    for step, choice in enumerate(CHOICES):
        colour, label = LOOKS[choice]
        for pressure in PRESSURES:
            row = result.truth_at(DAYS[0], pressure, price, choice)
            more = {"label": label} if pressure == PRESSURES[0] else {}
            figures.interval(axes, pressure * ASIDE ** (step - 1), ends(row, "in_office"), colour, **more)
    _along_pressure(axes, result, title)
    figures.in_percent(axes.yaxis)


def _enters(axes: Axes, result: Findings) -> None:
    """Draw how often he enters, and how often he takes any step, along the pressure."""
    for step, (way, (colour, label)) in enumerate(WAYS.items()):
        for pressure in PRESSURES:
            row, place = result.chosen(way, DAYS[0], pressure, PRICES[0]), pressure * ASIDE ** (2 * step - 1)
            more = {"label": f"{label}, he enters"} if pressure == PRESSURES[0] else {}
            figures.interval(axes, place, ends(row, ENTERS), colour, **more)
        steps = [float(result.chosen(way, DAYS[0], pressure, PRICES[0])["either"]) for pressure in PRESSURES]
        axes.plot(PRESSURES, steps, color=colour, ls=":", label=f"{label}, any step into the war")
    _along_pressure(axes, result, "How often he would")
    axes.set(ylabel="share of histories", ylim=(-0.02, 1.02))
    figures.in_percent(axes.yaxis)
    figures.legend_below(axes)


def _along_pressure(axes: Axes, result: Findings, title: str) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(PRESSURES, [f"x {pressure:g}" for pressure in PRESSURES])
    axes.minorticks_off()
    axes.set(title=title, xlabel=f"{result.episode.patron}'s pressure, as a multiple of what it was")


def _clients(axes: Axes, result: Findings) -> None:
    """Draw what the rule says that each other client gains by a step, joiners and refusers apart."""
    told = result.clients
    if told is None:
        axes.set_axis_off()
        return
    rows = told.sort_values("gain", kind="stable").reset_index(drop=True)
    for place, row in rows.iterrows():
        filled = BLACK if row["joined"] else "white"
        axes.plot(row["gain"], place, "o", mec=BLACK, mfc=filled, ms=7)
    figures.upright(axes, result.margin, "a change must save so much: right of it\nthe rule says join")
    axes.set_yticks(range(len(rows)), list(rows["client"]))
    axes.set(
        title=f"Other clients: the rule is right in {int(told['right'].sum())} of {len(told)}",
        xlabel="saved by the better step over refusing [hazard a year]",
    )
    drawn = [Line2D([], [], ls="", marker="o", mec=BLACK, mfc=face, ms=7) for face in (BLACK, "white")]
    for mark, label in zip(drawn, ("he joined", "he refused"), strict=True):
        mark.set_label(label)
    figures.legend_below(axes, drawn)
