"""The figure of what is rare: how many come how near, by level, and what each repeat estimates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.rare.findings import Findings
from experiments.rare.splitting import ARRIVED
from experiments.rare.words import finding
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK, GREY

ROOM = 1.4
"""The axis of chances reaches so many times below the smallest."""


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the share of lives that come nearer than each level, a line a repeat, and the chances of all repeats."""
    colour = ARM_COLOURS["stay"]
    with figures.style():
        figure = figures.canvas(11.0, 4.8)
        levels, repeats = figure.subplots(1, 2, sharey=True, width_ratios=[1.8, 1.0])
        for split in result.splits:
            path_of = [(0.0, 1.0), *split.path, *([(ARRIVED, split.chance)] if split.chance else [])]
            levels.plot(*zip(*path_of, strict=True), color=colour, lw=0.9, alpha=0.6, drawstyle="steps-post")
        seen = sorted(chance for chance in result.chances if chance > 0.0)
        for place, chance in enumerate(seen):
            repeats.plot(place, chance, "o", color=colour, ms=4)
        value = result.chance
        if value.low > 0.0:
            repeats.axhspan(value.low, value.high, color=BLACK, alpha=0.1, lw=0, label="95 % interval of the mean")
        if value.value > 0.0:
            repeats.axhline(value.value, color=BLACK, lw=1.2, label="mean")
            repeats.legend(loc="upper left")
        least = min([*seen, *(left for split in result.splits for _, left in split.path if left > 0.0)], default=0.1)
        levels.set(
            yscale="log", ylim=(least / ROOM, ROOM), xlim=(0.0, 1.01), title="Lives that come nearer than a level",
            xlabel="how near he is to falling (1: he falls)", ylabel="share of lives",
        )  # fmt: skip
        levels.axvline(ARRIVED, color=GREY, lw=1, ls="--")
        none = len(result.splits) - len(seen)
        repeats.set(
            title="What each repeat estimates",
            xlabel="repeats, by size" + (f" ({none} more saw none)" if none else ""),
        )  # fmt: skip
        repeats.set_xticks([])
        beneath = (
            f"{len(result.splits)} repeats of {result.n} lives; {result.origin.words}. Each line is a repeat: a step "
            "down kills those that came no nearer, and forks the others with new dice. 95 % Monte Carlo interval over "
            "repeats."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)
