"""Pictures as inline SVG and HTML: plain functions from a look at a world to text; colours follow the page's theme."""

import datetime as dt
import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.citizen import Status
from agents.security import Doing
from experiments.browser import ground
from experiments.browser.chances import Chances
from experiments.browser.look import Look
from experiments.browser.world import Twin
from experiments.palette import (
    ARM_COLOURS,
    BLUE,
    DOING_COLOURS,
    ENDING_COLOURS,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    STATUS_COLOURS,
    VERMILLION,
)

ENDING_WORDS = {
    "survived": "survives",
    "uprising": "uprising",
    "coup": "coup",
    "replaced_by_moscow": "replaced by Moscow",
}
RUNG_WORDS = {
    "none": "no part in the war",
    "territory": "his territory is lent",
    "limited": "at war, with few troops",
    "full": "at war",
}


def date_words(date: dt.date, year: bool = True) -> str:
    """Return a date in words.

    >>> date_words(dt.date(2022, 5, 12)), date_words(dt.date(2022, 5, 12), year=False)
    ('12 May 2022', '12 May')
    """
    return f"{date.day} {date:%B %Y}" if year else f"{date.day} {date:%b}"


def people(number: float) -> str:
    """Return a number of people, rounded to what can be known.

    >>> people(183_241), people(23_456), people(431.2)
    ('183,000', '23,500', '430')
    """
    if number < 10.0:
        return f"{number:.0f}"
    step = 10.0 ** max(0, math.floor(math.log10(number)) - 2)
    if number < 1000.0:
        step = 10.0
    return f"{round(number / step) * step:,.0f}"


def short(number: float) -> str:
    """Return a number for an axis.

    >>> [short(n) for n in (0, 0.25, 50, 1500, 200_000, 2e6)]
    ['0', '0.25', '50', '1.5k', '200k', '2m']
    """
    for size, letter in ((1e6, "m"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def _text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{html.escape(words)}</text>'


def _svg(width: float, height: float, label: str, *parts: str, css: str = "") -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" class="picture {css}" role="img" aria-label="{html.escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def legend(entries: Iterable[tuple[str, str, str]]) -> str:
    """Return a line of marks and words: (colour, words, dot, square or line)."""
    return (
        '<div class="legend">'
        + "".join(f'<span><i class="{kind}" style="--c:{colour}"></i>{html.escape(words)}</span>' for colour, words, kind in entries)
        + "</div>"
    )


# The country.


def _dots(dots: Sequence[str], colour: str, size: float, css: str = "") -> str:
    if not dots:
        return ""
    return f'<path class="dots {css}" d="{"".join(dots)}" stroke="{colour}" stroke-width="{size}"/>'


def base_map(land: ground.Ground) -> str:
    """Return what does not change: the land, and a dot for every so many electors at home."""
    shapes = []
    for place in sorted(land.places, key=lambda place: place.capital):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in place.outline)
        css = "land capital" if place.capital and land.drawn else "land"
        shapes.append(f'<polygon class="{css}" points="{points}"/>')
        shapes.append(_dots(place.dots, "var(--dot)", 2.0))
    return _svg(ground.WIDTH, ground.HEIGHT, "Map of the country", *shapes)


def shares_of_dots(land: ground.Ground, look: Look, region: int) -> dict[str, Sequence[str]]:
    """Return the dots of a region that are not at home, by what their people do.

    The crowd is a disc about the city, those ready to go and those detained are rings around it; those who left
    the country leave gaps everywhere.
    """
    place = land.places[region]
    n = len(place.dots)

    def count(number: float) -> int:
        return round(number / land.per_dot)

    street, detained = count(look.people[Status.STREET, region]), count(look.people[Status.DETAINED, region])
    ready = count(look.ready[region])
    gone = min(n, count(look.people[Status.EXILE, region] + look.people[Status.VOLUNTEER, region]))
    cuts = np.minimum(np.cumsum([street, detained, ready]), n)
    return {
        "street": place.dots[: cuts[0]],
        "detained": place.dots[cuts[0] : cuts[1]],
        "ready": place.dots[cuts[1] : cuts[2]],
        "gone": [place.dots[at] for at in np.unique(np.linspace(cuts[2], n - 1, gone).astype(int))] if cuts[2] < n else [],
    }


def live_map(look: Look, caption: str = "") -> str:
    """Return what changes: crowds, prisoners, exiles, units and numbers by region, to lie over ``base_map``."""
    land, parts, labels = look.ground, [], []
    for region, place in enumerate(land.places):
        dots = shares_of_dots(land, look, region)
        parts.append(_dots(dots["gone"], "var(--land)", 2.6))
        parts.append(_dots(dots["ready"], STATUS_COLOURS["street"], 2.4, "faint"))
        parts.append(_dots(dots["detained"], STATUS_COLOURS["detained"], 2.9))
        parts.append(_dots(dots["street"], STATUS_COLOURS["street"], 2.9))
        x, y = place.label
        if place.capital and land.drawn:
            y = place.outline[:, 1].max() - 28.0
        crowd = look.crowd[region]
        out = f"{people(crowd)} out" if crowd >= 0.5 else ""
        labels.append(_text(x, y, place.name, "place", "middle"))
        at_home = [unit for unit in look.units if unit.region == region and unit.doing != Doing.FRONT]
        labels.append(_units(at_home, x, y + 6.0))
        if out:
            labels.append(_text(x, y - 16.0, out, "out", "middle"))
    gone = look.people[Status.EXILE].sum()
    x, y = land.abroad
    parts.append(_dots(ground.block((x, y), round(gone / land.per_dot), 4.4), STATUS_COLOURS["exile"], 2.9))
    labels.append(_text(x, y - 46.0, f"Abroad: {people(gone)} in exile", "place", "middle"))
    fighters, (x, y) = look.people[Status.VOLUNTEER].sum(), land.front
    front = [unit for unit in look.units if unit.doing == Doing.FRONT]
    labels.append(_text(x - 20.0, y + 4.0, f"At the front: {people(sum(unit.heads for unit in front))}", "place", "end"))
    labels.append(_units(front, x + 4.0 + 0.5 * 8.2 * min(len(front), 12), y - 8.0, 12))
    labels.append(_text(x + 300.0, y + 4.0, f"Volunteers for Ukraine: {people(fighters)}", "place", "end"))
    parts.append(_dots(ground.block((x + 124.0, y), max(round(fighters / land.per_dot), fighters >= 1.0), 4.4), STATUS_COLOURS["volunteer"], 3.2))
    return _svg(ground.WIDTH, ground.HEIGHT, caption or "Crowds and units by region", *parts, *labels)


def _units(units: Sequence, x: float, top: float, in_row: int = 0) -> str:
    """Return marks of units in rows about x."""
    in_row = in_row or max(6, math.ceil(len(units) / (3 if len(units) > 24 else 2)))
    step, size, marks = 8.2, 6.6, []
    for at, unit in enumerate(units):
        row, column = divmod(at, in_row)
        n = min(in_row, len(units) - row * in_row)
        left = x - 0.5 * n * step + column * step
        doing = unit.doing.name.lower()
        marks.append(
            f'<rect class="unit" x="{left:.1f}" y="{top + row * step:.1f}" width="{size}" height="{size}" '
            f'fill="{DOING_COLOURS[doing]}"><title>{html.escape(unit.name)}: {doing}</title></rect>'
        )
    return "".join(marks)


def map_legend(look: Look) -> str:
    """Return the words for the map's marks."""
    return legend(
        [
            ("var(--dot)", f"{look.ground.per_dot:,} electors at home", "dot"),
            (STATUS_COLOURS["street"], "in the street", "dot"),
            (STATUS_COLOURS["street"], "ready to go", "dot faint"),
            (STATUS_COLOURS["detained"], "detained", "dot"),
            (STATUS_COLOURS["exile"], "in exile", "dot"),
            (STATUS_COLOURS["volunteer"], "volunteers", "dot"),
            *((DOING_COLOURS[doing], f"unit {words}", "square") for doing, words in
              (("idle", "idle"), ("obeying", "obeying"), ("refusing", "refusing"), ("front", "at the front"))),
        ]
    )


# The tightrope.


def tightrope(look: Look) -> str:
    """Return the walker between home and Moscow: to which side he leans, how near each fall is, and for what."""
    width, height, middle, feet = 600.0, 236.0, 300.0, 150.0
    home, moscow = (max(gauge.value for gauge in side) for side in (look.home, look.moscow))
    lean = float(look.lean[-1]) if len(look.lean) else 0.0
    fell = look.ended_on is not None
    side = 1.0 if look.ending == "replaced_by_moscow" else -1.0
    angle = 115.0 * side if fell else 32.0 * lean
    trail = look.lean[-70:][::-1]
    rope = f'<path class="rope" d="M{middle - 7} {height - 8}L{middle - 2} 60L{middle + 2} 60L{middle + 7} {height - 8}Z"/>'
    steps = [f"{middle + 62.0 * value * (0.55 + 0.45 * k / 70):.1f} {feet + 4 + k * 1.08:.1f}" for k, value in enumerate(trail)]
    wake = f'<polyline class="wake" points="{" ".join(steps)}"/>' if len(steps) > 1 else ""
    drop = f"translate({70.0 * side} 34)" if fell else ""
    walker = (
        f'<g transform="{drop} rotate({angle:.1f} {middle} {feet})"><g class="walker">'
        f'<path d="M{middle - 6} {feet}L{middle} {feet - 34}L{middle + 6} {feet}M{middle} {feet - 34}V{feet - 64}"/>'
        f'<circle class="head" cx="{middle}" cy="{feet - 74}" r="9"/>'
        f'<path class="pole" d="M{middle - 88} {feet - 48}Q{middle} {feet - 58} {middle + 88} {feet - 48}"/></g>'
        f'<circle cx="{middle - 88}" cy="{feet - 48}" r="{5.0 + 9.0 * min(home, 1.2):.1f}" fill="{VERMILLION}"/>'
        f'<circle cx="{middle + 88}" cy="{feet - 48}" r="{5.0 + 9.0 * min(moscow, 1.2):.1f}" fill="{ORANGE}"/></g>'
    )
    parts = [rope, wake, walker]
    for gauges, x, colour, title, value in (
        (look.home, 8.0, VERMILLION, "HOME", home), (look.moscow, 412.0, ORANGE, "MOSCOW", moscow),
    ):
        parts.append(_text(x, 22.0, title, "side"))
        parts.append(_text(x + 180.0, 22.0, f"{min(value, 9.99):.0%}", "side", "end"))
        for k, gauge in enumerate(gauges):
            y = 50.0 + 74.0 * k
            full = 164.0
            parts.append(_text(x, y, gauge.name, "strong"))
            parts.append(f'<rect class="track" x="{x}" y="{y + 6}" width="180" height="11" rx="2"/>')
            parts.append(
                f'<rect x="{x}" y="{y + 6}" width="{min(gauge.value * full, 180.0):.1f}" height="11" rx="2" fill="{colour}"/>'
            )
            parts.append(f'<path class="edge" d="M{x + full} {y + 2}v19"/>')
            for line, words in enumerate(_wrap(gauge.words, 34)):
                parts.append(_text(x, y + 32.0 + 13.0 * line, words, "soft"))
    for x, anchor in ((8.0, "start"), (592.0, "end")):
        parts.append(_text(x, height - 10.0, "he falls at the dark line", "soft", anchor))
    if fell:
        parts.append(_text(middle, 40.0, "He has fallen", "side", "middle"))
    elif not look.running:
        parts.append(_text(middle, 40.0, "He has survived", "side", "middle"))
    else:
        parts.append(_text(middle, 40.0, RUNG_WORDS[look.rung], "strong", "middle"))
    return _svg(width, height, f"Tightrope: home {home:.0%}, Moscow {moscow:.0%}", *parts)


def _wrap(words: str, wide: int) -> list[str]:
    """Return words in lines of at most so many letters."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) >= wide:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


# Time series.


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
        parts.append(_text(frame.left - 5.0, y + 3.5, words, "axis", "end"))
    months = [
        (day, date) for day in range(1, frame.days + 1) if (date := start + dt.timedelta(days=day - 1)).day == 1
    ]
    every = max(1, math.ceil(len(months) / (frame.width / 62.0)))
    for day, date in months[::every]:
        x = frame.x(day)
        parts.append(f'<path class="tick" d="M{x:.1f} {frame.height - frame.foot}v3"/>')
        name = f"{date:%b}" if date.month != 1 else f"{date.year}"
        if x < frame.width - 22.0:
            parts.append(_text(x, frame.height - 5.0, name, "axis", "middle"))
    return "".join(parts)


def _title(frame: Frame, title: str, unit: str, lines: Sequence[Line]) -> str:
    named = f'<tspan class="strong">{html.escape(title)}</tspan> <tspan class="soft">{html.escape(unit)}</tspan>'
    words = "".join(
        f'<tspan dx="{8 if k else 0}" style="fill:{line.colour}">● </tspan><tspan class="soft">{html.escape(line.words)}</tspan>'
        for k, line in enumerate(line for line in lines if line.words)
    )
    return f'<text x="4" y="13">{named}</text><text x="4" y="28">{words}</text>'


def _marks(frame: Frame, look: Look) -> str:
    """Return the events as ticks with their words, and the reader's acts as lines."""
    parts, said = [], {}
    for day, sentence in look.notes:
        said.setdefault(max(day, 1), []).append(sentence)
    for day, sentences in said.items():
        if day > frame.days:
            continue
        x = frame.x(day)
        words = html.escape(f"{date_words(look.date_of(day), year=False)}: {'; '.join(sentences)}")
        war = any("enters the war" in s or "falls:" in s or "coup" in s for s in sentences)
        parts.append(
            f'<path class="event{" great" if war else ""}" d="M{x:.1f} {frame.top}V{frame.height - frame.foot}">'
            f"<title>{words}</title></path>"
        )
    return "".join(parts)


def panel(
    look: Look,
    title: str,
    unit: str,
    lines: Sequence[Line],
    *,
    width: float = 310.0,
    height: float = 150.0,
    percent: bool = False,
    log: bool = False,
    low: float = 0.0,
    top: float | None = None,
    under: str = "",
    extra: float = 0.0,
) -> str:
    """Return one time series panel with its events; ``under`` is drawn by the caller in the same frame."""
    frame, ticks = frame_for(look, lines, width, height, percent, log, top, extra)
    parts = [_axes(frame, look.start, ticks, percent), _marks(frame, look), under]
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
    if look.day:
        parts.append(f'<path class="now" d="M{frame.x(look.day):.1f} {frame.top}V{frame.height - frame.foot}"/>')
    return _svg(width, height, title, *parts, _title(frame, title, unit, lines))


def frame_for(
    look: Look, lines: Sequence[Line], width: float, height: float, percent: bool, log: bool, top: float | None, extra: float
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


def crowd_panel(look: Look, log: bool, width: float = 628.0) -> str:
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
        frame, _ = frame_for(look, lines, width, 150.0, False, log, None, extra)
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
    return panel(look, "Crowd", "people", lines, width=width, log=log, under=seen, extra=extra)


def panels(look: Look) -> list[str]:
    """Return the small panels, in order."""
    detained = look.of("detained_today")
    stances = look.stances[1:]
    elite = max(1.0, float(look.stances[0].sum())) if len(look.stances) else 1.0
    share = np.maximum(stances, 0.0) / elite if len(stances) else np.zeros((0, 4))
    dead = look.of("dead")
    support = look.of("support")
    return [
        panel(look, "Detentions", "people a day", [
            Line("", PURPLE, detained, "thin"), Line("highest of seven days", PURPLE, weekly(detained), shade=True),
        ]),
        panel(look, "Against him", "share of electors", [
            Line("in private", BLUE, look.of("against")), Line("would say so", SKY, look.of("tells")),
            Line("against sending troops", GREEN, look.of("averse")),
        ], percent=True, top=1.0),
        panel(look, "Forces that obey", "share", [Line("of those within reach", BLUE, look.of("obeying_share"), shade=True)], percent=True, top=1.0),
        panel(look, "The elite", "share of its members", [
            Line("hedging", ORANGE, share[:, 1]), Line("plotting", VERMILLION, share[:, 2]), Line("purged", PURPLE, share[:, 3]),
        ], percent=True),
        panel(look, "Moscow", "", [
            Line("pressure", ORANGE, look.of("pressure")), Line("debt", PURPLE, look.of("debt")),
            Line("support: 1 police, 2 money, 3 troops", BLUE, support),
        ], extra=1.0),
        panel(look, "Dead at the front", "soldiers", [Line("so far", VERMILLION, dead, shade=True)], extra=10.0),
    ]


# Twins and chances.


def twin_panel(here: Look, there: Look, since: int, words: tuple[str, str], measure: str, title: str, unit: str, percent: bool) -> str:
    """Return one measure in both worlds, with the difference shaded."""
    colours = (ARM_COLOURS["stay"], ARM_COLOURS["enter"])
    one, two = (weekly(look.of(measure)) if measure == "crowd" else look.of(measure) for look in (here, there))
    lines = [Line(words[0], colours[0], one), Line(words[1], colours[1], two, "dashed")]
    frame, _ = frame_for(here, lines, 310.0, 150.0, percent, False, None, 0.0)
    both = min(len(one), len(two))
    shade = ""
    if both > since:
        days = range(max(since, 1), both + 1)
        upper = " ".join(f"{frame.x(day):.1f},{frame.y(one[day - 1]):.1f}" for day in days)
        lower = " ".join(f"{frame.x(day):.1f},{frame.y(two[day - 1]):.1f}" for day in reversed(days))
        shade = f'<polygon class="difference" points="{upper} {lower}"/>'
    fork = f'<path class="fork" d="M{frame.x(max(since, 1)):.1f} {frame.top}V{frame.height - frame.foot}"/>'
    return panel(here, title, unit, lines, percent=percent, under=shade + fork)


def chances_band(look: Look, chances: Chances, width: float = 600.0) -> str:
    """Return how the forks end, as a band along the time line: what share has fallen so by each day."""
    frame = Frame(width, 92.0, look.days, 0.0, 1.0, top=8.0)
    left, right, floor = frame.x(max(chances.since, 1)), frame.x(look.days), frame.y(0.0)
    parts = [_axes(frame, look.start, [0.0, 0.5, 1.0], True)]
    lived = max(0.0, left - frame.x(1))
    parts.append(f'<rect class="lived" x="{frame.x(1):.1f}" y="{frame.y(1.0):.1f}" width="{lived:.1f}" height="{floor - frame.y(1.0):.1f}"/>')
    if lived > 70.0:
        parts.append(_text(0.5 * (frame.x(1) + left), frame.y(0.5) + 4.0, "lived", "soft", "middle"))
    if chances.ends:
        parts.append(
            f'<rect x="{left:.1f}" y="{frame.y(1.0):.1f}" width="{right - left:.1f}" height="{floor - frame.y(1.0):.1f}" '
            f'fill="{ENDING_COLOURS["survived"]}" opacity="0.55"/>'
        )
        days = np.arange(chances.since, look.days + 1)
        below = np.zeros(days.size)
        for ending in ("uprising", "coup", "replaced_by_moscow"):
            share = np.zeros(days.size)
            for day, value in chances.fallen_by(ending):
                share[days >= day] = value
            upper = below + share
            if share[-1] > 0.0:
                there = " ".join(f"{frame.x(max(d, 1)):.1f},{frame.y(v):.1f}" for d, v in zip(days, upper, strict=True))
                back = " ".join(f"{frame.x(max(d, 1)):.1f},{frame.y(v):.1f}" for d, v in zip(days[::-1], below[::-1], strict=True))
                parts.append(f'<polygon fill="{ENDING_COLOURS[ending]}" points="{there} {back}"/>')
            below = upper
    if look.day > chances.since:
        parts.append(f'<path class="now" d="M{frame.x(look.day):.1f} {frame.y(1.0):.1f}V{floor:.1f}"/>')
    return _svg(width, 92.0, "Chances of each ending by date", *parts)


def chances_words(look: Look, chances: Chances) -> str:
    """Return the chances in words, each with its interval."""
    entries = []
    for ending, colour in ENDING_COLOURS.items():
        result = chances.of(ending)
        words = f"{ENDING_WORDS[ending]} {result.share:.0%} ({result.low:.0%} to {result.high:.0%})" if result.n else ENDING_WORDS[ending]
        entries.append((colour, words, "square"))
    return legend(entries)


def banner(look: Look) -> str:
    """Return the sentence of the ending, or nothing while he walks."""
    if look.ended_on is not None:
        date = date_words(look.date_of(look.ended_on))
        colour = ENDING_COLOURS[look.ending]
        cause = look.cause[:1].upper() + look.cause[1:]
        words = f"<b>He falls on {date}: {ENDING_WORDS[look.ending]}.</b> {html.escape(cause)} (day {look.ended_on} of {look.days})."
    elif not look.running:
        colour = ENDING_COLOURS["survived"]
        words = f"<b>He survives, to {date_words(look.date)}.</b> The episode of {look.days} days is over."
    else:
        return ""
    return f'<div class="banner" style="--c:{colour}">{words}</div>'


def event_log(look: Look, most: int = 120) -> str:
    """Return the events as sentences with their dates, the newest first."""
    rows = [
        f"<li><b>{date_words(look.date_of(max(day, 1)))}</b> {html.escape(sentence)}</li>" for day, sentence in look.notes[::-1][:most]
    ]
    if not rows:
        rows = ["<li>Nothing yet: press ▶ or Step.</li>"]
    return f'<ul class="log">{"".join(rows)}</ul>'


def twin_story(here: Look, there: Look, twin: Twin) -> str:
    """Return who was the first to act differently, and how both worlds stand."""
    rows = []
    for found, nobody in ((twin.citizen, "No citizen has acted differently yet."), (twin.unit, "No unit at home has acted differently yet.")):
        if found is None:
            rows.append(f"<li>{nobody}</li>")
        else:
            day, sentence = found
            rows.append(f"<li><b>{date_words(here.date_of(day))}</b> The first to differ: {html.escape(sentence)}.</li>")
    for words, look in (("This world", here), ("The twin", there)):
        if look.ended_on is not None:
            rows.append(f"<li><b>{words}</b> he falls on {date_words(look.date_of(look.ended_on))}: {ENDING_WORDS[look.ending]}.</li>")
        else:
            state = "he walks on" if look.running else "he survives"
            rows.append(f"<li><b>{words}</b> {state}; {people(look.last('crowd'))} in the street, {people(look.last('dead'))} dead at the front.</li>")
    return f'<ul class="log">{"".join(rows)}</ul>'
