"""Charts as inline SVG: time series with their events, the twin beside the world, and the band of chances."""

import datetime as dt
import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.elite import Stance
from experiments.browser.chances import Chances
from experiments.browser.draw import ENDING_WORDS, date_words, legend, svg, text
from experiments.browser.look import Look
from experiments.browser.usual import corners
from experiments.browser.words import people
from experiments.browser.world import Twin
from experiments.show.palette import ARM_COLOURS, BLUE, ENDING_COLOURS, GREEN, ORANGE, PURPLE, SKY, VERMILLION


def short(number: float) -> str:
    """Return a number for an axis.

    >>> [short(n) for n in (0, 0.25, 50, 1500, 200_000, 2e6)]
    ['0', '0.25', '50', '1.5k', '200k', '2m']
    """
    for size, letter in ((1e6, "m"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


@dataclass(frozen=True)
class Line:
    """A line of a panel: its words, its colour and its values by day; ``shade`` fills below it."""

    words: str
    colour: str
    values: np.ndarray
    css: str = ""
    shade: bool = False
    step: bool = False


@dataclass
class Frame:
    """Where days and values lie in a panel."""

    width: float
    height: float
    days: int
    low: float
    high: float
    log: bool = False
    left: float = 40.0
    top: float = 38.0
    foot: float = 20.0

    def x(self, day: float) -> float:
        """Return the place of a day."""
        return self.left + (self.width - self.left - 8.0) * (day - 1.0) / max(self.days - 1.0, 1.0)

    def y(self, value: float) -> float:
        """Return the place of a value."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, low))
        share = min(max((value - low) / (high - low), -0.02), 1.02)
        return self.height - self.foot - (self.height - self.foot - self.top) * share

    def points(self, values: np.ndarray) -> str:
        """Return a line's points."""
        return " ".join(f"{self.x(day):.1f},{self.y(v):.1f}" for day, v in enumerate(values.tolist(), 1))


def nice(high: float) -> tuple[float, list[float]]:
    """Return a round top for an axis from 0, and its ticks.

    >>> nice(87_000.0)
    (100000.0, [0.0, 50000.0, 100000.0])
    """
    if high <= 0.0:
        return 1.0, [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(high))
    top = next(step * power for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0) if step * power >= high * 0.999)
    return top, [0.0, top / 2.0, top]


def _axes(frame: Frame, start: dt.date, ticks: Sequence[float], percent: bool) -> str:
    parts = []
    for tick in ticks:
        y = frame.y(tick)
        words = f"{tick:.0%}" if percent else short(tick)
        parts.append(f'<path class="grid" d="M{frame.left} {y:.1f}H{frame.width - 8}"/>')
        parts.append(text(frame.left - 5.0, y + 3.5, words, "axis", "end"))
    months = [(day, date) for day in range(1, frame.days + 1) if (date := start + dt.timedelta(days=day - 1)).day == 1]
    every = max(1, math.ceil(len(months) / (frame.width / 62.0)))
    for day, date in months[::every]:
        x = frame.x(day)
        parts.append(f'<path class="tick" d="M{x:.1f} {frame.height - frame.foot}v3"/>')
        name = f"{date:%b}" if date.month != 1 else f"{date.year}"
        if x < frame.width - 22.0:
            parts.append(text(x, frame.height - 5.0, name, "axis", "middle"))
    return "".join(parts)


def _title(frame: Frame, title: str, unit: str, lines: Sequence[Line]) -> str:
    named = f'<tspan class="strong">{html.escape(title)}</tspan> <tspan class="soft">{html.escape(unit)}</tspan>'
    words = "".join(
        f'<tspan dx="{8 if k else 0}" style="fill:{line.colour}">● </tspan>'
        f'<tspan class="soft">{html.escape(line.words)}</tspan>'
        for k, line in enumerate(line for line in lines if line.words)
    )
    return f'<text x="4" y="13">{named}</text><text x="4" y="28">{words}</text>'


def _marks(frame: Frame, look: Look) -> str:
    """Return the events as ticks with their words, and the reader's acts as lines."""
    parts: list[str] = []
    said: dict[int, list[str]] = {}
    for day, sentence in look.notes:
        if day < 0:  # of the past, before the first day that is drawn
            continue
        said.setdefault(max(day, 1), []).append(sentence)
    for day, sentences in said.items():
        if day > frame.days:
            continue
        x = frame.x(day)
        words = html.escape(f"{date_words(look.date_of(day), year=False)}: {'; '.join(sentences)}")
        war = any("enters the war" in s or "falls:" in s or "coup" in s for s in sentences)
        parts.append(
            f'<path class="event{" great" if war else ""}" d="M{x:.1f} {frame.top}V{frame.height - frame.foot}">'
            f'<title>{words}</title></path><path class="reach" d="M{x:.1f} {frame.top}V{frame.height - frame.foot}">'
            f"<title>{words}</title></path>"
        )
    return "".join(parts)


def _marked(frame: Frame, look: Look) -> str:
    """Return the day that the reader looks back to, with its date."""
    x = frame.x(look.marked)
    left = x < 0.5 * (frame.left + frame.width)
    words = text(x + (3.0 if left else -3.0), frame.top + 9.0, date_words(look.date_of(look.marked), year=False), "",
                 "start" if left else "end")  # fmt: skip
    return f'<path class="marked" d="M{x:.1f} {frame.top}V{frame.height - frame.foot}"/>{words}'


def panel(
    look: Look,
    title: str,
    unit: str,
    lines: Sequence[Line],
    *,
    width: float = 290.0,
    height: float = 150.0,
    percent: bool = False,
    log: bool = False,
    low: float = 0.0,
    top: float | None = None,
    under: str = "",
    extra: float = 0.0,
    of: str = "",
) -> str:
    """Return one time series panel with its events; ``under`` is drawn by the caller in the same frame.

    Behind the lines lie the bands of the measure ``of``, if the look has them.
    """
    usual = look.usual.get(of)
    extra = extra if usual is None else max(extra, float(usual.max()))
    frame, ticks = frame_for(look, lines, width, height, percent, log, top, extra)
    parts = ["" if usual is None else bands(frame, usual), _axes(frame, look.start, ticks, percent)]
    parts += [_marks(frame, look), under]
    for line in lines:
        if not len(line.values):
            continue
        points = frame.points(line.values)
        if line.shade:
            floor = frame.height - frame.foot
            parts.append(
                f'<polygon class="shade" fill="{line.colour}" points="{frame.x(1):.1f},{floor} {points} '
                f'{frame.x(len(line.values)):.1f},{floor}"/>'
            )
        parts.append(f'<polyline class="line {line.css}" stroke="{line.colour}" points="{points}"/>')
    if look.marked:
        parts.append(_marked(frame, look))
    if look.day:
        parts.append(f'<path class="now" d="M{frame.x(look.day):.1f} {frame.top}V{frame.height - frame.foot}"/>')
    return svg(width, height, title, *parts, _title(frame, title, unit, lines))


def bands(frame: Frame, usual: np.ndarray) -> str:
    """Return the bands of many histories: nine tenths, the middle half, and the median."""
    edges = [[f"{frame.x(day):.0f},{frame.y(value):.1f}" for day, value in corners(edge)] for edge in usual]
    shades = (f'<polygon class="usual" points="{" ".join(edges[low] + edges[-1 - low][::-1])}"/>' for low in (0, 1))
    return f'{"".join(shades)}<polyline class="usual" points="{" ".join(edges[2])}"/>'


def frame_for(
    look: Look,
    lines: Sequence[Line],
    width: float,
    height: float,
    percent: bool,
    log: bool,
    top: float | None,
    extra: float,
) -> tuple[Frame, list[float]]:
    """Return the frame and the ticks that hold all lines (and ``extra``)."""
    high = max([extra, *(float(np.max(line.values)) for line in lines if len(line.values))], default=0.0)
    if log:
        decades = max(4, math.ceil(math.log10(max(high, 1.0))))
        return Frame(width, height, look.days, 100.0, 10.0**decades, True), [10.0**k for k in range(2, decades + 1)]
    if percent:
        best = top or next(step for step in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if step >= min(high, 1.0))
        return Frame(width, height, look.days, 0.0, best), [0.0, best / 2.0, best]
    if top is not None:
        return Frame(width, height, look.days, 0.0, top), [0.0, top / 2.0, top]
    best, ticks = nice(max(high, 1e-9))
    return Frame(width, height, look.days, 0.0, best), ticks


def weekly(values: np.ndarray) -> np.ndarray:
    """Return by day the highest of the last seven days: rallies are on Sundays.

    >>> weekly(np.array([3.0, 1.0, 0.0])).tolist()
    [3.0, 3.0, 3.0]
    """
    if not len(values):
        return values
    padded = np.concatenate([np.full(6, values[0]), values])
    return np.lib.stride_tricks.sliding_window_view(padded, 7).max(axis=1)


def crowd_panel(look: Look, log: bool, width: float = 946.0) -> str:
    """Return the crowds by day, and in 2020 the observed ones beside them."""
    crowd, capital = look.of("crowd"), look.of("capital_crowd")
    lines = [
        Line("", SKY, crowd, "thin"),
        Line("whole country, highest of seven days", SKY, weekly(crowd)),
        Line("Minsk" if look.observed is not None else "the capital", BLUE, weekly(capital)),
    ]
    seen, extra = "", 0.0
    if look.observed is not None:
        extra = float(look.observed["high"].max())
        frame, _ = frame_for(look, lines, width, 150.0, False, log, None, max(extra, 1000.0))
        for row in look.observed.itertuples():
            day = (row.date.date() - look.start).days + 1
            if not 1 <= day <= look.days:
                continue
            x, css = frame.x(day), "seen nationwide" if row.nationwide else "seen"
            where = "whole country" if row.nationwide else "Minsk"
            seen += (
                f'<g class="{css}"><title>{date_words(row.date.date())}, {where}, observed: {people(row.low)} to '
                f'{people(row.high)}</title><path d="M{x:.1f} {frame.y(row.low):.1f}V{frame.y(row.high):.1f}"/>'
                f'<circle cx="{x:.1f}" cy="{frame.y(row.mid):.1f}" r="2.6"/></g>'
            )
        lines.append(Line("observed in Minsk, low to high (hollow: nationwide)", "var(--ink)", np.zeros(0)))
    return panel(look, "Crowd", "people", lines, width=width, log=log, under=seen, extra=max(extra, 1000.0), of="crowd")


def detentions_panel(look: Look) -> str:
    """Return how many are caught a day."""
    detained = look.of("detained_today")
    lines = [Line("", PURPLE, detained, "thin"), Line("highest of seven days", PURPLE, weekly(detained), shade=True)]
    return panel(look, "Detentions", "people a day", lines, extra=100.0, of="detained_today")


def opposition_panel(look: Look) -> str:
    """Return who is against him, and who would tell a pollster so."""
    lines = [
        Line("against him", BLUE, look.of("against")),
        Line("says so", SKY, look.of("tells")),
        *([Line("against sending troops", GREEN, look.of("averse"))] if look.war else []),
    ]
    return panel(look, "Opinion", "share of electors", lines, percent=True, top=1.0, of="against")


def obeying_panel(look: Look) -> str:
    """Return what share of the forces obeys."""
    lines = [Line("of those within reach", BLUE, look.of("obeying_share"), shade=True)]
    return panel(look, "Forces that obey", "share", lines, percent=True, top=1.0, of="obeying_share")


def elite_panel(look: Look) -> str:
    """Return what share of the elite hedges, plots, or was purged."""
    counts = look.stances[1:] if len(look.stances) == look.day + 1 else look.stances[len(look.stances) :]
    share = counts / max(1.0, float(look.stances[0].sum()))
    lines = [
        Line("hedging", ORANGE, share[:, Stance.HEDGING]),
        Line("plotting", VERMILLION, share[:, Stance.PLOTTING]),
        Line("purged", PURPLE, share[:, Stance.PURGED]),
    ]
    return panel(look, "The elite", "share of its members", lines, percent=True)


def moscow_panel(look: Look) -> str:
    """Return Moscow's pressure, his debt, and the support he has been given."""
    lines = [
        Line("pressure", ORANGE, look.of("pressure")),
        Line("debt", PURPLE, look.of("debt")),
        Line("help: 1 police, 2 money, 3 troops", BLUE, look.of("support")),
    ]
    return panel(look, "Moscow", "", lines, extra=1.0)


def dead_panel(look: Look) -> str:
    """Return the soldiers killed so far."""
    lines = [Line("so far", VERMILLION, look.of("dead"), shade=True)]
    return panel(look, "Dead at the front", "soldiers", lines, extra=10.0, of="dead")


PANELS = (detentions_panel, opposition_panel, obeying_panel, elite_panel, moscow_panel, dead_panel)
"""The small panels, in order."""


def panels(look: Look) -> tuple[Callable[[Look], str], ...]:
    """Return the small panels that say something: where no war can be entered, nobody is dead at the front."""
    return PANELS if look.war else tuple(panel for panel in PANELS if panel is not dead_panel)


# Twins and chances.


def twin_panel(
    here: Look,
    there: Look,
    since: int,
    words: tuple[str, str],
    measure: str,
    title: str,
    unit: str,
    percent: bool,
    extra: float = 0.0,
) -> str:
    """Return one measure in both worlds, with the difference shaded."""
    colours = (ARM_COLOURS["stay"], ARM_COLOURS["enter"])
    values_here, values_there = (
        weekly(look.of(measure)) if measure == "crowd" else look.of(measure) for look in (here, there)
    )
    lines = [Line(words[0], colours[0], values_here), Line(words[1], colours[1], values_there, "dashed")]
    frame, _ = frame_for(here, lines, 290.0, 150.0, percent, False, None, extra)
    both = min(len(values_here), len(values_there))
    shade = ""
    if both > since:
        days = range(max(since, 1), both + 1)
        upper = " ".join(f"{frame.x(day):.1f},{frame.y(values_here[day - 1]):.1f}" for day in days)
        lower = " ".join(f"{frame.x(day):.1f},{frame.y(values_there[day - 1]):.1f}" for day in reversed(days))
        shade = f'<polygon class="difference" points="{upper} {lower}"/>'
    fork = f'<path class="fork" d="M{frame.x(max(since, 1)):.1f} {frame.top}V{frame.height - frame.foot}"/>'
    return panel(here, title, unit, lines, percent=percent, under=shade + fork, extra=extra)


def chances_band(look: Look, chances: Chances, width: float = 470.0) -> str:
    """Return how the forks end, as a band along the time line: what share has fallen so by each day."""
    frame = Frame(width, 92.0, look.days, 0.0, 1.0, top=8.0)
    left, right, floor = frame.x(max(chances.since, 1)), frame.x(look.days), frame.y(0.0)
    parts = [_axes(frame, look.start, [0.0, 0.5, 1.0], True)]
    lived = max(0.0, left - frame.x(1))
    parts.append(
        f'<rect class="lived" x="{frame.x(1):.1f}" y="{frame.y(1.0):.1f}" width="{lived:.1f}" '
        f'height="{floor - frame.y(1.0):.1f}"/>'
    )
    if lived > 70.0:
        parts.append(text(0.5 * (frame.x(1) + left), frame.y(0.5) + 4.0, "lived", "soft", "middle"))
    if chances.ends:
        parts.append(
            f'<rect x="{left:.1f}" y="{frame.y(1.0):.1f}" width="{right - left:.1f}" '
            f'height="{floor - frame.y(1.0):.1f}" fill="{ENDING_COLOURS["survived"]}" opacity="0.55"/>'
        )
        days = np.arange(chances.since, look.days + 1)
        below = np.zeros(days.size)
        for ending in ("uprising", "coup", "replaced_by_moscow"):
            share = np.zeros(days.size)
            for day, value in chances.fallen_by(ending):
                share[days >= day] = value
            upper = below + share
            if share[-1] > 0.0:
                along = [frame.x(max(int(day), 1)) for day in days]
                there = " ".join(f"{x:.1f},{frame.y(v):.1f}" for x, v in zip(along, upper, strict=True))
                back = " ".join(f"{x:.1f},{frame.y(v):.1f}" for x, v in zip(along[::-1], below[::-1], strict=True))
                parts.append(f'<polygon fill="{ENDING_COLOURS[ending]}" points="{there} {back}"/>')
            below = upper
    if look.day > chances.since:
        parts.append(f'<path class="now" d="M{frame.x(look.day):.1f} {frame.y(1.0):.1f}V{floor:.1f}"/>')
    return svg(width, 92.0, "Chances of each ending by date", *parts)


def chances_words(look: Look, chances: Chances) -> str:
    """Return the chances in words, each with its interval."""
    entries = []
    for ending, colour in ENDING_COLOURS.items():
        result = chances.of(ending)
        words = (
            f"{ENDING_WORDS[ending]} {result.share:.0%} ({result.low:.0%} to {result.high:.0%})"
            if result.n
            else ENDING_WORDS[ending]
        )
        entries.append((colour, words, "square"))
    return legend(entries)


def twin_story(here: Look, there: Look, twin: Twin) -> str:
    """Return who was the first to act differently, and how both worlds stand."""
    rows = []
    for difference, nobody in (
        (twin.citizen, "No citizen has acted differently yet."),
        (twin.unit, "No unit at home has acted differently yet."),
    ):
        if difference is None:
            rows.append(f"<li>{nobody}</li>")
        else:
            day, sentence = difference
            rows.append(
                f"<li><b>{date_words(here.date_of(day))}</b> The first to differ: {html.escape(sentence)}.</li>"
            )
    for words, look in (("This world", here), ("The twin", there)):
        if look.ended_on is not None:
            state = f"he falls on {date_words(look.date_of(look.ended_on))}: {ENDING_WORDS[look.ending]}"
        else:
            state = "he walks on" if look.running else "he survives"
            state += f"; {people(look.last('crowd'))} in the street, {people(look.last('dead'))} dead at the front"
        rows.append(f"<li><b>{words}</b> {state}.</li>")
    return f'<ul class="log story">{"".join(rows)}</ul>'
