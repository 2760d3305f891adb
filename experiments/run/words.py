"""The days of an episode in words and tables."""

import textwrap
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from experiments.lab.statistics import chance
from experiments.run.findings import CROWD_IN, Lived, by_span
from experiments.show.words import WIDTH, interval_words, short_endings, width_of
from model.outcomes import Ending

LINES = 14
"""Into how many spans of days the printed table is cut, about."""


def report(result: Lived) -> str:
    """Return the endings and the days in words and tables."""
    return "\n\n".join([_endings(result), _spans(result), _regions(result)])


def _endings(result: Lived) -> str:
    n = len(result.rows)
    over = f"{n} draws of worlds" if result.drawn else f"{n} seeds of one world"
    lines = [
        textwrap.fill(f"{result.episode.title.upper()}: {over}, arm {result.arm}, {result.days} days at most", WIDTH)
    ]
    endings = short_endings(result.episode.patron)
    width = width_of(endings.values(), 24)
    for ending in Ending:
        ended = result.rows["ending"] == ending
        line = f"  {endings[ending]:<{width}}{interval_words(chance(ended, result.draws)):<24}"
        days = result.rows.loc[ended, "ended_on"].dropna()
        if len(days):
            low, middle, high = (
                f"{result.episode.date_of(int(day)):%d %b %Y}" for day in days.quantile([0.05, 0.5, 0.95])
            )
            line += f"half by {middle} ({low} to {high})"
        lines.append(line.rstrip())
    what = "over draws of worlds" if result.drawn else "over seeds"
    lines.append(f"(95 % Monte Carlo intervals, {what}; below: median and nine tenths of runs that go on)")
    return "\n".join(lines)


def _spans(result: Lived) -> str:
    length = max(1, -(-result.days // LINES))
    day, width = ("%d %b", 8) if result.days <= 366 else ("%d %b %Y", 13)
    columns = {
        "street, capital": (by_span(result.of("capital_crowd"), length, np.nanmax), _thousands),
        "street, country": (by_span(result.of("crowd"), length, np.nanmax), _thousands),
        "detained": (by_span(result.of("detained_today"), length, np.nansum), _thousands),
        "obey": (by_span(result.of("obeying_share"), length, np.nanmean), lambda share: f"{share:.2f}"),
        "rung": (by_span(result.of("rung"), length, np.nanmax), lambda rung: f"{rung:.0f}"),
    }
    first_days = range(0, result.days, length)
    cells = [[_band(values[:, span], shown) for span in range(len(first_days))] for values, shown in columns.values()]
    widths = [width_of([name, *c], least) for name, c, least in zip(columns, cells, (23, 23, 18, 17, 4), strict=True)]
    lines = [
        textwrap.fill(
            f"Spans of {length} days. Street: people on the busiest day; detained: people in the whole span; "
            "obey: share of the force that obeys or would; rung: 1 territory lent, 2 limited, 3 full.",
            WIDTH,
        ),
        f"{'from':<{width}}{'runs':>5}  " + _line(columns, widths),
    ]
    for row, first in zip(zip(*cells, strict=True), first_days, strict=True):
        runs = int(np.isfinite(result.cube[:, first, 0]).sum())
        lines.append(f"{result.episode.date_of(first + 1):{day}}  {runs:>5}  {_line(row, widths)}")
    return "\n".join(lines)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    """Return a line of a table, its columns as wide as given."""
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _regions(result: Lived) -> str:
    lines = ["The busiest day of each region [people, and per 1,000 of its electors]"]
    width = width_of((region.name for region in result.episode.regions), 22)
    for region in result.episode.regions:
        peaks = np.nanmax(result.of(CROWD_IN + region.name), axis=1)
        share = 1000.0 * float(np.median(peaks)) / region.electors
        lines.append(f"  {region.name:<{width}}{_band(peaks, people_words):<28}{share:.1f}")
    return "\n".join(lines)


def people_words(number: float) -> str:
    """Return a number of people to three digits: more would not be true.

    >>> people_words(123_456.0), people_words(77.4)
    ('123,000', '77')
    """
    return f"{float(f'{number:.3g}'):,.0f}"


def _thousands(number: float) -> str:
    """Return a number of people to three digits, in thousands if there are many.

    >>> _thousands(1_184_456.0), _thousands(12_345.0), _thousands(9_999.0)
    ('1,180k', '12k', '10,000')
    """
    return f"{people_words(number / 1_000.0)}k" if number >= 10_000.0 else people_words(number)


def _band(values: np.ndarray, shown: Callable[[float], str]) -> str:
    """Return the median of some runs and the band of nine tenths of them."""
    low, middle, high = (shown(float(q)) for q in np.nanquantile(values, [0.05, 0.5, 0.95]))
    return middle if low == high else f"{middle} ({low}-{high})"
