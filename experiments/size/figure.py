"""The sizes as a picture: chances, their change, peaks and the fitted wave against the number of citizens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from experiments.show.figures import canvas, headline, in_people, in_percent, interval, save, style
from experiments.show.palette import BLACK, BLUE, ENDING_COLOURS, GREEN, GREY, ORANGE, VERMILLION
from experiments.show.words import FALL, date_words, short_endings
from experiments.size.findings import ENDINGS, MARGIN, REFERENCE, Findings, judged
from experiments.size.words import said
from model.episode import Episode


def draw_figure(result: Findings, path: Path, record: Mapping[str, Any]) -> None:
    """Draw chances, their change, peaks and histories against the number of citizens."""
    largest = result.largest
    change = result.changes[largest, FALL]
    sizes = sorted({size for size, _ in result.chances})
    with style():
        figure = canvas(11.0, 7.6)
        (ends, changes), (peaks, weeks) = figure.subplots(2, 2)
        words_of = short_endings(result.episode.patron)
        headline(
            figure,
            f"Tipping {said(judged(change))}: {100 * change.value:+.1f} points "
            f"({100 * change.low:+.1f} to {100 * change.high:+.1f}) from {REFERENCE:,} to {largest:,} citizens",
            f"{result.episode.title}: {result.n_near} worlds near the line (he falls in 20 to 80 % of scouting runs "
            f"after entry), of {result.scouted} scouted ({result.origin.words}); "
            "the same worlds and seeds at every size; whiskers: 95 % intervals over worlds",
        )
        seen = [what for what in ENDINGS if any(result.chances[n, what].value > 0.0 for n in sizes)]
        kinds = [(what, ENDING_COLOURS[what]) for what in seen] + [(FALL, BLACK)]
        for step, (what, colour) in enumerate(kinds):
            places = [n * 10 ** (0.05 * (step - 1.5)) for n in sizes]
            for place, n in zip(places, sizes, strict=True):
                share = result.chances[n, what]
                interval(ends, place, (share.value, share.low, share.high), colour)
            ends.plot(places, [result.chances[n, what].value for n in sizes], color=colour, lw=1, label=words_of[what])
            changed = [(place, n) for place, n in zip(places, sizes, strict=True) if n != REFERENCE]
            for place, n in changed:
                added = result.changes[n, what]
                interval(changes, place, (added.value, added.low, added.high), colour)
        ends.set(xscale="log", ylabel="chance after entry", ylim=(0.0, 1.0))
        ends.set_title("Chance of each ending")
        ends.legend(loc="upper left", ncols=2)
        in_percent(ends.yaxis)
        changes.axhspan(-MARGIN, MARGIN, color=GREY, alpha=0.2, lw=0, label=f"margin: {100 * MARGIN:.0f} points")
        changes.axhline(0.0, color=GREY, lw=1)
        changes.set(xscale="log", ylabel=f"change against {REFERENCE:,} citizens")
        changes.set_title("Its change, same worlds and seeds")
        changes.legend(loc="lower left")
        in_percent(changes.yaxis)
        kinds_of_run = [("line", VERMILLION, "after entry")]
        if result.wave and result.history:
            kinds_of_run.append(("wave", BLUE, "in the wave that was fitted"))
        for step, (kind, colour, words) in enumerate(kinds_of_run):
            some = result.table[result.table["kind"] == kind]
            places = some["n_citizens"].to_numpy(float) * 10 ** (0.06 * (step - 0.5))
            middle = some["peak_50"].to_numpy()
            span = [middle - some["peak_5"], some["peak_95"] - middle]
            peaks.errorbar(places, middle, yerr=span, fmt="o-", color=colour, capsize=3, lw=1.2, ms=5, label=words)
        peaks.set(xscale="log", xlabel="citizens", ylabel="peak crowd [people]")
        peaks.set_title("Peak crowd: median and 90 % of runs")
        peaks.set_ylim(0.0, result.table["peak_95"].max() * 1.3)
        peaks.legend(loc="upper left", ncols=2)
        in_people(peaks.yaxis)
        for axes in (ends, changes, peaks):
            axes.set_xticks(sizes, [f"{n:,}" for n in sizes])
            axes.set_xlim(min(sizes) / 2.5, max(sizes) * 2.5)
            axes.minorticks_off()
        changes.set_xlabel("citizens")
        ends.set_xlabel("citizens")
        if result.wave and result.history:
            _panel_weeks(weeks, result, result.wave)
        else:
            weeks.set_axis_off()  # no other episode was fitted: there is no wave to compare
        save(figure, path, record)


def _panel_weeks(axes: Axes, result: Findings, wave: Episode) -> None:
    """Draw the median weekly crowds of the wave, by citizens."""
    looks = zip(
        (ORANGE, BLACK, GREEN, BLUE, VERMILLION), sorted(result.history), ("-", "-", "--", ":", "-."), strict=False
    )
    for colour, n, dash in looks:
        axes.plot(np.arange(1, result.history[n].size + 1), result.history[n], color=colour, ls=dash, label=f"{n:,}")
    axes.set(xlabel=f"week, from {date_words(wave.start_date)}", ylabel="largest crowd of the week [people]")
    axes.set_title("The wave that was fitted: median of runs")
    axes.legend(loc="upper right", title="citizens")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    in_people(axes.yaxis)
