"""The figure of the hidden countries: in each task the truth of every pack, and our answer beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from experiments.challenge.findings import STEPS, Findings
from experiments.challenge.lives import CAUSES, SOON
from experiments.challenge.words import finding
from experiments.show import figures
from experiments.show.palette import BLACK, GREY, SKY


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw a row for each pack, the worst first: the cause, the chance if he enters, and the day to come home."""
    order = result.worst_first()
    packs, said = [result.packs[place] for place in order], [result.said[place] for place in order]
    blind = result.solved.blind.answers
    with figures.style():
        figure = figures.canvas(12.0, 2.6 + 0.34 * len(order))
        cause, chances, home = figure.subplots(1, 3, sharey=True, width_ratios=[1.0, 1.5, 1.2])
        causes = list(CAUSES)
        for axes, places, true, ours, unseen in (
            (
                cause,
                causes,
                [causes.index(pack.truth.answers.cause) for pack in packs],
                [causes.index(one.answers.cause) for one in said],
                causes.index(blind.cause),
            ),
            (
                home,
                ["none", *(f"day {day}" for day in STEPS[1:])],
                [STEPS.index(pack.truth.answers.home) for pack in packs],
                [STEPS.index(one.answers.home) for one in said],
                STEPS.index(blind.home),
            ),
        ):
            _marks(axes, true, ours, unseen)
            axes.set_xticks(range(len(places)), places)
            axes.set_xlim(-0.5, len(places) - 0.5)
        for row, one in enumerate(said):
            own = one.chances["soon"]
            span = [[own.value - own.low], [own.high - own.value]]
            chances.errorbar(own.value, row, xerr=span, fmt="none", ecolor=SKY, capsize=3, lw=1.6)
        _marks(chances, [pack.truth.answers.soon for pack in packs], [one.answers.soon for one in said], blind.soon)
        chances.set_xlim(-0.03, 1.03)
        figures.in_percent(chances.xaxis)
        cause.set_yticks(range(len(order)), [f"pack {pack.number}" for pack in packs])
        cause.set_ylim(len(order) - 0.4, -0.6)
        cause.set(title="Explain: what made it fall")
        chances.set(title=f"Predict: falls within {SOON} days of the entry", xlabel="share of other lives")
        home.set(title="Prescribe: the last return that halves falls", xlabel="days in the war")
        figures.legend_below(cause)
        beneath = (
            "Whiskers: 95 % Monte Carlo intervals over the countries that we believe. The truth is counted in "
            f"{packs[0].truth.lives} other lives of each hidden country. Our tools read the days that a pack tells, "
            "and nothing else."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _marks(axes: Axes, true: list[float] | list[int], ours: list[float] | list[int], unseen: float) -> None:
    """Draw the truth as a ring, our answer as a dot in it or beside it, and what is said without a look as a line."""
    rows = range(len(true))
    axes.axvline(unseen, color=GREY, ls="--", lw=1.2, label="our tools, without a look at the days")
    axes.plot(ours, rows, "o", color=SKY, ms=7, label="our tools, from the days")
    axes.plot(true, rows, "o", mfc="none", mec=BLACK, mew=1.6, ms=12, label="the truth")
