"""The days of an episode as a picture: fans over the runs, regions by week, and when he falls."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.statistics import chance, cumulative_incidence
from experiments.run.findings import CROWD_IN, QUANTILES, Lived, by_span
from experiments.run.words import people_words
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLUE, ENDING_COLOURS, PURPLE
from experiments.show.words import interval_words, short_endings
from model.outcomes import FALLS, Ending

WEEKLY_FROM = 60
"""Figures of more days than this go by weeks: crowds come on Sundays."""


def draw_figure(result: Lived, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the days as fans over the runs, the regions as a map of weeks, and when he falls; write them as PNG."""
    length = 7 if result.days > WEEKLY_FROM else 1
    when = "busiest day of a week" if length == 7 else "by day"
    total = "a week" if length == 7 else "a day"
    spans = result.days // length  # a week cut short has no Sunday: it would look like calm
    dates = [np.datetime64(result.episode.date_of(span * length + 1)) for span in range(spans)]
    people = "people"
    panels: tuple[tuple[str, Callable[..., Any], str, str, str], ...] = (
        ("capital_crowd", np.nanmax, f"Capital's street, {when}", people, BLUE),
        ("detained_today", np.nansum, f"Detained {total}, in the country", people, PURPLE),
        ("obeying_share", np.nanmean, "Who obeys, or would if ordered", "share of the force", BLUE),
        ("rung", np.nanmax, "How far he is in the war", "rung", ARM_COLOURS[result.arm]),
    )
    with figures.style():
        figure = figures.canvas(13.0, 7.4)
        axes = figure.subplots(2, 3)
        for place, (name, how, title, unit, colour) in zip((0, 1, 3, 4), panels, strict=True):
            panel = axes.flat[place]
            values = by_span(result.of(name), length, how)[:, :spans]
            bands = dict(zip(QUANTILES, np.nanquantile(values, QUANTILES, axis=0), strict=True))
            figures.fan(panel, dates, bands, colour)
            panel.set(title=title, ylabel=unit)
            figures.in_months(panel.xaxis)
            if unit == people:
                figures.in_people(panel.yaxis)
                panel.set_ylim(0.0, max(panel.get_ylim()[1], 4.0))  # where nobody is, the axis shows whole people
            if name == "obeying_share":
                panel.set_ylim(0.0, 1.02)
            if name == "rung":
                panel.set_yticks(range(4), ["none", "territory", "limited", "full"])
                panel.set_ylim(-0.1, 3.1)
        figures.legend_below(axes.flat[0])
        _panel_regions(result, axes.flat[2], figure, length, dates)
        _panel_falls(result, axes.flat[5])
        over = "draws of worlds" if result.drawn else "seeds of one world"
        citizens = int(result.rows["n_citizens"].iloc[0])
        survives = interval_words(chance(result.rows["ending"] == Ending.SURVIVED, result.draws))
        peak = people_words(float(result.rows["peak_capital_crowd"].median()))
        figures.headline(
            figure,
            f"{result.episode.title}, arm {result.arm}: he survives in {survives} of runs; "
            f"the capital's crowd peaks at {peak} (median)",
            f"{len(result.rows)} {over}, {citizens:,} citizens each. Bands: half and nine tenths of "
            "the runs that still go on. Brackets: 95 % Monte Carlo interval.",
        )
        figures.save(figure, path, record)


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
