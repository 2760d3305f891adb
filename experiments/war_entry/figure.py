"""The figure of the twin worlds: how it ends, when he falls, and the curve against the first shock."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.lab.plan import BEYOND
from experiments.lab.statistics import chance, wilson
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK
from experiments.show.words import (
    ARM_WORDS,
    FALL,
    OUTCOMES,
    date_words,
    ends_of,
    happened,
    points_words,
    short_endings,
)
from experiments.war_entry.findings import Findings, entered_pairs
from experiments.war_entry.words import TIMES, finding
from model.outcomes import Ending


def draw_figure(result: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the chances, when he falls, and the curve against r_w, and write them as PNG."""
    with figures.style():
        figure = figures.canvas(13.0, 5.0)
        left, middle, right = figure.subplots(1, 3, width_ratios=[1.15, 1.0, 1.0])
        _panel_chances(result, left)
        _panel_when(result, middle)
        _panel_curve(result, right)
        effect = result.effects[FALL]
        headline = finding(result)
        if result.horizon >= result.entry_day:
            headline += f" ({points_words(effect)} points)"
        origin, since = result.origin.words, date_words(result.episode.start_date)
        each = f"{result.worlds:,} {origin} x {result.runs} seed{'s' if result.runs > 1 else ''} x 2 arms"
        beneath = (
            f"{each}, {result.n_citizens:,} citizens, {result.horizon} days from {since}. 95 % "
            "Monte Carlo intervals of a posterior mean, over worlds. The effect of entry is not identified: it is the "
            f"prior on what lies beyond the lent land and on the anger at losses, carried through {origin}."
        )
        figures.headline(figure, headline, beneath)
        figures.save(figure, path, record)


def _panel_chances(result: Findings, axes: Any) -> None:
    endings = short_endings(result.episode.patron)
    for place, outcome in enumerate(OUTCOMES):
        for shift, arm in ((-0.2, "stay"), (0.2, "enter")):
            estimate = result.chances[arm, outcome]
            figures.share_bar(axes, place + shift, estimate.value, ARM_COLOURS[arm])
            label = {"label": f"if {ARM_WORDS[arm]}"} if place == 0 else {}
            figures.interval(axes, place + shift, ends_of(estimate), ARM_COLOURS[arm], **label)
    axes.axvline(len(OUTCOMES) - 1.5, color="0.8", lw=1)
    axes.set_xticks(range(len(OUTCOMES)), [textwrap.fill(endings[outcome], 12) for outcome in OUTCOMES])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    axes.set(title="How it ends", ylabel="chance", ylim=(0.0, 1.04))
    figures.in_percent(axes.yaxis)
    figures.legend_below(axes)


def _panel_when(result: Findings, axes: Any) -> None:
    marks = {str(Ending.UPRISING): "--", str(Ending.COUP): ":", str(Ending.REPLACED): "-."}
    endings, top = short_endings(result.episode.patron), 0.0
    for arm in ("stay", "enter"):
        table = result.incidence[result.incidence["arm"] == arm]
        days = pd.to_datetime(table["date"])
        label = f"any fall, if {ARM_WORDS[arm]}"
        axes.plot(days, table[FALL], color=ARM_COLOURS[arm], drawstyle="steps-post", label=label)
        n = result.worlds
        low, high = np.array([wilson(share * n, n) for share in table[FALL]]).T
        axes.fill_between(days, low, high, color=ARM_COLOURS[arm], alpha=0.15, lw=0, step="post")
        top = max(top, float(high.max()))
        if arm == "enter":
            for cause, line in marks.items():
                if table[cause].max() > 0.0:
                    label = f"{endings[cause]}, if he enters"
                    axes.plot(days, table[cause], color=BLACK, ls=line, lw=1.1, drawstyle="steps-post", label=label)
    if result.entry_day <= result.horizon:
        figures.upright(axes, pd.Timestamp(result.episode.entering.date), "he enters")
    axes.set(title="When he falls", ylabel="share of worlds in which he has fallen", ylim=(0.0, min(1.04, 1.15 * top)))
    figures.in_percent(axes.yaxis, 0 if top > 0.05 else 1)
    figures.in_months(axes.xaxis)
    figures.legend_below(axes)


def _panel_curve(result: Findings, axes: Any) -> None:
    axes.set(
        title="After entry, by what nothing informs",
        xlabel="beyond [multiple of the answer to lending the land]",
        ylabel="chance",
    )
    endings = short_endings(result.episode.patron)
    entered = entered_pairs(result) if result.horizon >= result.entry_day else result.twins.iloc[:0]
    values = entered[BEYOND].to_numpy(float)
    if len(values) and np.ptp(values) > 0.0:
        fell = happened(entered["ending_enter"], FALL)
        for part in np.array_split(np.argsort(values, kind="stable"), 5 if len(values) >= 25 else min(3, len(values))):
            where = 10 ** np.log10(values[part]).mean()
            share = chance(fell[part], entered["world"].to_numpy()[part])
            label = {} if axes.get_legend_handles_labels()[1] else {"label": "any fall, if he enters, counted"}
            figures.interval(axes, where, ends_of(share), ARM_COLOURS["enter"], **label)
        for outcome, line in ((FALL, "-"), (str(Ending.UPRISING), "--")):
            curve = result.curves[BEYOND, outcome]
            if curve is None:
                continue
            x = 10**curve.x
            colour = ARM_COLOURS["enter"] if outcome == FALL else BLACK
            axes.plot(x, curve.value, color=colour, ls=line, label=f"{endings[outcome]}, if he enters, fitted")
            if outcome == FALL:
                axes.fill_between(x, curve.low, curve.high, color=colour, alpha=0.18, lw=0)
        axes.set_xscale("log")
        axes.set_xticks(TIMES, [f"{times:g}" for times in TIMES])
        axes.minorticks_off()
    stay = result.chances["stay", FALL]
    axes.axhspan(stay.low, stay.high, color=ARM_COLOURS["stay"], alpha=0.15, lw=0)
    axes.axhline(stay.value, color=ARM_COLOURS["stay"], label="any fall, if he stays")
    axes.set_ylim(0.0, 1.04)
    figures.in_percent(axes.yaxis)
    figures.legend_below(axes)
