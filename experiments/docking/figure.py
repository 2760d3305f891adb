"""The figure of docking: a panel for each published model, what is known as a line, ours as dots."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

from experiments.docking.crowds import (
    DEGREES,
    MEAN_THRESHOLD,
    SPREADS,
    STARTS,
    folds,
    granovetter_jump,
    grievance_at,
    window,
)  # fmt: skip
from experiments.docking.findings import EPSTEIN, Findings, mean
from experiments.docking.forces import NOISES
from experiments.docking.grid import OUTBURST, READINGS
from experiments.docking.words import finding
from experiments.lab.packed import unpack
from experiments.lab.statistics import jeffreys
from experiments.show import figures
from experiments.show.palette import BLUE, GREY, VERMILLION


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw what is known and what our rules give, a panel a model."""
    with figures.style():
        figure = figures.canvas(12.5, 7.6)
        panels = figure.subplots(2, 3).ravel()
        for draw, axes in zip((_granovetter, _watts, _kuran, _morris_shin, _epstein, _outbursts), panels, strict=True):
            draw(result, axes)
        beneath = (
            f"Grey: published, or solved from the published equations. Blue: ours, mean over {result.seeds} seeds with "
            "its 95 % interval, where it is wider than the dot (Granovetter: each seed's draw). Epstein's grid and "
            "Watts' graph are a harness."
        )
        figures.headline(figure, finding(result), beneath)
        figures.save(figure, path, record)


def _granovetter(result: Findings, axes: Any) -> None:
    runs = result.of("granovetter")
    shares = np.linspace(0.0, 1.0, 4_001)
    spreads = np.linspace(SPREADS[0], SPREADS[-1], 200)
    lowest = [shares[np.argmax(norm.cdf(100 * shares, MEAN_THRESHOLD, sd) <= shares)] for sd in spreads]
    axes.plot(spreads, lowest, color=GREY, lw=4, alpha=0.6)
    for spread in SPREADS:
        riots = runs[f"riot_{spread:g}"]
        axes.plot([spread] * len(riots), riots, "o", color=BLUE, alpha=0.3, ms=5, mew=0)
    axes.axvline(granovetter_jump(), color=GREY, lw=1, ls="--")
    words = f"solved: it tips at {granovetter_jump():.1f}"
    axes.annotate(words, (granovetter_jump(), 0.5), xytext=(5, 0), textcoords="offset points", fontsize=8)
    axes.set(
        title="Granovetter: a little more spread, a riot", xlabel="sd of thresholds [% of all]", ylabel="who riots"
    )
    figures.in_percent(axes.yaxis)


def _watts(result: Findings, axes: Any) -> None:
    runs, (opens, closes) = result.of("watts"), window()
    axes.axvspan(opens, closes, color=GREY, alpha=0.25, lw=0)
    for degree in DEGREES:
        hits, n = int(runs[f"cascades_{degree:g}"].sum()), STARTS * len(runs)
        figures.interval(axes, degree, (hits / n, *jeffreys(hits, n)), BLUE)
    axes.set(
        title="Watts: cascades in a window only", xlabel="mean number of neighbours",
        ylabel="chance that one vertex\nsets off a global cascade",
    )  # fmt: skip
    figures.in_percent(axes.yaxis)


def _kuran(result: Findings, axes: Any) -> None:
    runs, (up, down) = result.of("kuran"), folds()
    share = np.concatenate([np.geomspace(1e-4, 0.02, 50), np.linspace(0.02, 0.995, 400)])
    axes.plot([grievance_at(one) for one in share], share, color=GREY, lw=4, alpha=0.6)
    for name, fold, height in (("fills", up, 0.05), ("empties", down, 0.6)):
        value, low, high = mean(runs[name])
        axes.errorbar(value, height, xerr=[[value - low], [high - value]], fmt="o", color=BLUE, capsize=3, ms=5)
        axes.annotate(f"{name} at {value:.2f}\n(solved {fold:.2f})", (value, height), xytext=(6, 0), va="center",
                      textcoords="offset points", fontsize=8)  # fmt: skip
    axes.set(title="Kuran: it fills later than it empties", xlabel="grievance [sd]", ylabel="who is in the street",
             xlim=(-0.5, 2.2))  # fmt: skip
    figures.in_percent(axes.yaxis)


def _morris_shin(result: Findings, axes: Any) -> None:
    runs = result.of("morris_shin")
    cut = float(runs["cutoff"].mean())
    axes.axhline(cut, color=GREY, lw=4, alpha=0.6)
    for place, noise in enumerate(NOISES):
        for name, shift, colour, label in (
            ("low", -0.08, BLUE, "from the belief that nobody refuses"), ("high", 0.08, VERMILLION, "that all refuse"),
        ):  # fmt: skip
            more = {"label": label} if not place else {}
            figures.interval(axes, place + shift, mean(runs[f"{name}_{noise:g}"]), colour, **more)
    axes.set_xticks(range(len(NOISES)), [f"{noise:g}" for noise in NOISES])
    axes.set(title="Morris and Shin: one cut-off, 1 - sum of m q", xlabel="noise of private signals [strength]",
             ylabel="strength below which he falls", ylim=(0.0, 1.0), xlim=(-0.5, len(NOISES) - 0.5))  # fmt: skip
    axes.legend(loc="upper right")


def _epstein(result: Findings, axes: Any) -> None:
    active = unpack(result.of("epstein")["active"].iloc[0])[1][:, 0]
    axes.plot(active, color=BLUE, lw=0.9)
    axes.axhline(OUTBURST, color=GREY, lw=1, ls="--")
    axes.annotate(
        "outburst",
        (1.0, OUTBURST),
        xycoords=("axes fraction", "data"),
        xytext=(2, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
    )
    axes.set(title="Epstein: outbursts (one seed)", xlabel="tick", ylabel="active agents, of 1,120")


def _outbursts(result: Findings, axes: Any) -> None:
    runs = result.of("epstein")
    for place, (name, (_, known)) in enumerate(EPSTEIN.items()):
        ours = mean(runs[f"{name}: {READINGS[0].name}"])
        axes.plot([place - 0.3, place + 0.3], [1.0, 1.0], color=GREY, lw=4, alpha=0.6)
        figures.interval(axes, place, (ours[0] / known, ours[1] / known, ours[2] / known), BLUE)
    axes.set_xticks(range(4), ["wait,\nmean 60", "wait,\nsd 55", "active,\nmean 708", "active,\nsd 230"])
    axes.set(title="Epstein: against what he published", ylabel="ours / published", ylim=(0.0, 2.0))
