"""The figure of other countries' crises: what was said of each beside what happened, and the scores."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.cases.findings import Findings
from experiments.cases.words import CALLED, finding
from experiments.show import figures
from experiments.show.palette import BLACK, BLUE, GREY, ORANGE, VERMILLION

COLOURS = {"model": BLACK, "base": GREY, "logit": ORANGE}


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the chance of a fall in each case, those who fell on top, and both losses of each method."""
    rows = result.scored.sort_values(["fell", "fell_said"], ascending=False).reset_index(drop=True)
    with figures.style():
        figure = figures.canvas(12.5, 6.4)
        chances, losses = figure.subplots(1, 2, width_ratios=[1.7, 1.0])
        for place, row in rows.iterrows():
            colour = VERMILLION if row["fell"] else BLUE
            if row["fits"]:
                span = [[row["fell_model"] - row["fell_low"]], [row["fell_high"] - row["fell_model"]]]
                chances.errorbar(row["fell_model"], place, xerr=span, fmt="o", color=colour, capsize=3, ms=6, lw=1.6)
            else:
                chances.annotate("no world has its crowd", (0.5, place), va="center", ha="center", color="0.35")
            chances.plot(row["fell_logit"], place, "|", color=ORANGE, ms=11, mew=2.2)
        n_fell = int(rows["fell"].sum())
        chances.axhline(n_fell - 0.5, color="0.6", lw=1)
        chances.axvline(0.5, color=GREY, lw=1, ls="--")
        words = [f"{row['name']}" for _, row in rows.iterrows()]
        chances.set_yticks(range(len(rows)), words)
        for tick, fell in zip(chances.get_yticklabels(), rows["fell"], strict=True):
            tick.set_color(VERMILLION if fell else BLUE)
        chances.set_ylim(len(rows) - 0.4, -0.6)
        chances.set_xlim(-0.03, 1.03)
        figures.in_percent(chances.xaxis)
        chances.set(title="Chance that he falls: above the line he fell, below he stayed", xlabel="share of worlds")
        for spot, (name, shift) in enumerate((("brier", 0), ("log", 4))):
            for place, method in enumerate(CALLED):
                row = result.score("fell", method)
                value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
                losses.errorbar(
                    value, shift + place, xerr=[[value - low], [high - value]], fmt="o", color=COLOURS[method],
                    capsize=3, ms=6, lw=1.8,
                )  # fmt: skip
            losses.annotate(("Brier", "log [nats]")[spot], (0.0, shift - 0.75), fontsize=9, fontweight="bold")
        losses.set_yticks([0, 1, 2, 4, 5, 6], [*CALLED.values()] * 2)
        losses.set_ylim(6.6, -1.1)
        losses.set_xlim(left=0.0)
        losses.set(title="Loss: 0 is perfect", xlabel="mean over cases")
        beneath = (
            f"{len(rows)} crises, each in {result.worlds} worlds fitted to Belarus, the shock fitted to the largest "
            "crowd and to nothing else. Dots: the model; orange bars: a logit of patron and crowd for each man of the "
            "forces, "
            "fitted to the other cases. Whiskers: 95 %, left over worlds, right by a bootstrap over cases."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)
