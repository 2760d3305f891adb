"""The days of an episode as a picture: fans over the runs, regions by week, and when he falls."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.evidence.observed import Observed
from experiments.lab.statistics import chance, cumulative_incidence
from experiments.run.findings import CROWD_IN, QUANTILES, SHOWN, Lived, by_span
from experiments.run.words import people_words
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK, BLUE, ENDING_COLOURS, PURPLE
from experiments.show.words import interval_words, short_endings
from model.outcomes import FALLS, Ending

WEEKLY_FROM = 60
"""Figures of more days than this go by weeks: crowds come on Sundays."""


def draw_figure(result: Lived, path: str | Path, record: Mapping[str, Any], observed: Sequence[Observed] = ()) -> None:
    """Draw the days as fans over the runs, the regions as a map of weeks, and when he falls; write them as PNG.

    What was observed stands over the fans as points with bars. A day is then compared with that day: no weeks.
    """
    length = 7 if result.days > WEEKLY_FROM and not observed else 1
    when = "busiest day of a week" if length == 7 else "by day"
    total = "a week" if length == 7 else "a day"
    spans = result.days // length  # a week cut short has no Sunday: it would look like calm
    dates = [np.datetime64(result.episode.date_of(span * length + 1)) for span in range(spans)]
    people = "people"
    panels: tuple[tuple[Callable[..., Any], str, str, str], ...] = (
        (np.nanmax, f"Capital's street, {when}", people, BLUE),
        (np.nansum, f"Detained {total}, in the country", people, PURPLE),
        (np.nanmean, "Who obeys, or would if ordered", "share of the force", BLUE),
        (np.nanmax, "How far he is in the war", "rung", ARM_COLOURS[result.arm]),
    )
    with figures.style():
        figure = figures.canvas(13.0, 7.4)
        axes = figure.subplots(2, 3)
        for place, name, (how, title, unit, colour) in zip((0, 1, 3, 4), SHOWN, panels, strict=True):
            panel = axes.flat[place]
            values = by_span(result.of(name), length, how)[:, :spans]
            bands = dict(zip(QUANTILES, np.nanquantile(values, QUANTILES, axis=0), strict=True))
            figures.fan(panel, dates, bands, colour)
            points = [point for point in observed if point.measure == name]
            if points:
                if spans > WEEKLY_FROM:
                    _widen(panel, [result.episode.day_of(point.date) - 1 for point in points], dates, bands, colour)
                _draw_observed(panel, points, own_legend=place > 0)
            panel.set(title=title, ylabel=unit)
            figures.in_months(panel.xaxis)
            if unit == people:
                figures.in_people(panel.yaxis)
                panel.set_ylim(0.0, max(panel.get_ylim()[1], 4.0))  # where nobody is, the axis shows whole people
            if name == "obeying_share":
                panel.set_ylim(0.0, max([1.02, *(1.02 * point.high for point in points)]))
            if name == "rung":
                panel.set_yticks(range(4), ["none", "territory", "limited", "full"])
                panel.set_ylim(-0.1, max([3.1, *(0.1 + point.high for point in points)]))
        figures.legend_below(axes.flat[0])
        _panel_regions(result, axes.flat[2], figure, length, dates)
        _panel_falls(result, axes.flat[5])
        over = "draws of worlds" if result.drawn else "seeds of one world"
        citizens = int(result.rows["n_citizens"].iloc[0])
        survives = interval_words(chance(result.rows["ending"] == Ending.SURVIVED, result.draws))
        peak = people_words(float(result.rows["peak_capital_crowd"].median()))
        points_words = " Points: observed, with their ranges" if observed else ""
        if observed:
            points_words += ", over the bands of that day, drawn wider." if spans > WEEKLY_FROM else "."
        figures.headline(
            figure,
            f"{result.episode.title}, arm {result.arm}: he survives in {survives} of runs; "
            f"the capital's crowd peaks at {peak} (median)",
            f"{len(result.rows)} {over}, {citizens:,} citizens each. Bands: half and nine tenths of "
            f"the runs that still go on. Brackets: 95 % Monte Carlo interval.{points_words}",
        )
        figures.save(figure, path, record)


def _widen(
    panel: Any, places: Sequence[int], dates: Sequence[np.datetime64], bands: Mapping[float, np.ndarray], colour: str
) -> None:
    """Draw the fan of some days wider than a day, where a day is too narrow to be seen, and the rest finer."""
    panel.lines[-1].set_linewidth(0.6)
    shown = sorted(place for place in places if place < len(dates))  # all runs may have ended before
    width = np.timedelta64(24 * min([len(dates) // 40, *np.diff(shown)]), "h")
    for place in shown:
        for low, high, alpha in ((0.05, 0.95, 0.35), (0.25, 0.75, 0.6)):
            height = bands[high][place] - bands[low][place]
            panel.bar(dates[place], height, width, bands[low][place], color=colour, alpha=alpha, lw=0, zorder=3)
        ends = dates[place] - width / 2, dates[place] + width / 2
        panel.plot(ends, [bands[0.5][place]] * 2, color=colour, zorder=3)


def _draw_observed(panel: Any, points: Sequence[Observed], *, own_legend: bool) -> None:
    """Draw what was observed over a panel's fan; the first panel's legend is that of the fan, too."""
    low, middle, high = np.array([(point.low, point.middle, point.high) for point in points]).T
    days = [np.datetime64(point.date) for point in points]
    drawn = panel.errorbar(
        days, middle, yerr=(middle - low, high - middle), fmt="o", color=BLACK, ms=3.5, lw=1.2, capsize=2,
        zorder=4, label="observed",
    )  # fmt: skip
    if own_legend:
        figures.legend_below(panel, [drawn])


def _panel_regions(result: Lived, panel: Any, figure: Any, length: int, dates: Sequence[np.datetime64]) -> None:
    names = [region.name for region in result.episode.regions]
    grid = np.array(
        [
            np.nanmean(by_span(result.of(CROWD_IN + region.name), length, np.nanmax)[:, : len(dates)], axis=0)
            / region.electors
            * 1000.0
            for region in result.episode.regions
        ]
    )
    edges = np.array([*dates, dates[-1] + np.timedelta64(length, "D")])
    image = panel.pcolormesh(
        edges, np.arange(len(names) + 1), grid, cmap="cividis", vmin=0.0, vmax=max(grid.max(), 1e-9)
    )
    panel.set_yticks(np.arange(len(names)) + 0.5, names)
    panel.invert_yaxis()
    panel.grid(visible=False)
    panel.set(title="In the street by region, mean of runs")
    figures.in_months(panel.xaxis)
    figure.colorbar(image, ax=panel, label="per 1,000 electors", shrink=0.85)


def _panel_falls(result: Lived, panel: Any) -> None:
    days, endings = result.rows["ended_on"].to_numpy(float), result.rows["ending"]
    dates = [np.datetime64(result.episode.date_of(day)) for day in range(result.days + 1)]
    bottom, words_of = np.zeros(result.days + 1), short_endings(result.episode.patron)
    for fall in map(str, FALLS):
        share = cumulative_incidence(days, endings, fall, result.days)
        if share[-1] == 0.0:
            continue
        colour = ENDING_COLOURS[fall]
        panel.fill_between(dates, bottom, bottom + share, color=colour, lw=0, step="post", label=words_of[fall])
        bottom = bottom + share
    panel.xaxis.update_units(dates)  # also where nobody falls
    panel.set_xlim(dates[0], dates[-1])
    panel.set(title="Fallen by then", ylabel="share of runs", ylim=(0.0, max(0.1, min(1.02, 1.2 * bottom.max()))))
    figures.in_percent(panel.yaxis)
    figures.in_months(panel.xaxis)
    if bottom.max() > 0.0:
        figures.legend_below(panel)
    else:
        panel.text(0.5, 0.5, "he falls in no run", transform=panel.transAxes, ha="center", color="0.35")
