"""Pictures as inline SVG and HTML: plain functions from a look at a world to text; colours follow the page's theme."""

import datetime as dt
import html
import math
from collections.abc import Iterable, Sequence

import numpy as np

from agents.citizen.rules import Status
from agents.security import Doing
from experiments.browser import ground
from experiments.browser.gauge import Way
from experiments.browser.look import Look
from experiments.browser.words import people, percent
from experiments.show.palette import (
    DOING_COLOURS,
    ENDING_COLOURS,
    ORANGE,
    STATUS_COLOURS,
    VERMILLION,
)

ENDING_WORDS = {
    "survived": "survives",
    "uprising": "uprising",
    "coup": "coup",
    "replaced_by_moscow": "replaced by Moscow",
}
UNIT_STEP = 8.8
"""From one unit's mark to the next [pixels]."""

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


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    """Return words at a place of a picture."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{html.escape(words)}</text>'


def svg(width: float, height: float, label: str, *parts: str, css: str = "") -> str:
    """Return a picture of its parts; ``label`` is for readers who do not see it."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" class="picture {css}" role="img" aria-label="{html.escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def legend(entries: Iterable[tuple[str, str, str]]) -> str:
    """Return a line of marks and words: (colour, words, dot, square or line)."""
    return (
        '<div class="legend">'
        + "".join(
            f'<span><i class="{kind}" style="--c:{colour}"></i>{html.escape(words)}</span>'
            for colour, words, kind in entries
        )
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
    for region, place in sorted(enumerate(land.places), key=lambda one: one[1].capital):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in place.outline)
        css = "land capital" if place.capital and land.drawn else "land"
        shapes.append(f'<polygon class="{css}" data-who="region:{region}" points="{points}"/>')
        shapes.append(_dots(place.dots, "var(--dot)", 2.0))
    return svg(ground.WIDTH, ground.HEIGHT, "Map of the country", *shapes)


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
        "gone": [place.dots[at] for at in np.unique(np.linspace(cuts[2], n - 1, gone).astype(int))]
        if cuts[2] < n
        else [],
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
            y = place.outline[:, 1].max() - 46.0
        crowd = look.crowd[region]
        out = f"{people(crowd)} out" if crowd >= 0.5 else ""
        labels.append(f'<g data-who="region:{region}">{text(x, y, place.name, "place", "middle")}</g>')
        at_home = [unit for unit in look.units if unit.region == region and unit.doing != Doing.FRONT]
        labels.append(_units(at_home, x, y + 6.0))
        if out:
            labels.append(text(x, y - 16.0, out, "out", "middle"))
    gone = look.people[Status.EXILE].sum()
    x, y = land.abroad
    parts.append(_dots(ground.block((x, y), round(gone / land.per_dot), 4.4), STATUS_COLOURS["exile"], 2.9))
    labels.append(text(x, y - 46.0, f"Abroad: {people(gone)} in exile", "place", "middle"))
    fighters, y = look.people[Status.VOLUNTEER].sum(), land.front
    front = [unit for unit in look.units if unit.doing == Doing.FRONT]
    if look.war:
        labels.append(text(14.0, y + 4.0, f"At the front: {people(sum(unit.heads for unit in front))}", "place"))
        labels.append(text(ground.WIDTH - 60.0, y + 4.0, f"Volunteers for Ukraine: {people(fighters)}", "place", "end"))
    labels.append(
        _units(
            front, 196.0 + 0.5 * UNIT_STEP * min(len(front), 14), y - 0.5 * UNIT_STEP * math.ceil(len(front) / 14), 14
        )
    )
    volunteers = ground.block((ground.WIDTH - 34.0, y), max(round(fighters / land.per_dot), int(fighters >= 1.0)), 4.4)
    parts.append(_dots(volunteers, STATUS_COLOURS["volunteer"], 3.2))
    return svg(ground.WIDTH, ground.HEIGHT, caption or "Crowds and units by region", *parts, *labels)


def _units(units: Sequence, x: float, top: float, in_row: int = 0) -> str:
    """Return marks of units in rows about x."""
    in_row = in_row or max(6, math.ceil(len(units) / (4 if len(units) > 24 else 2)))
    step, size, marks = UNIT_STEP, UNIT_STEP - 1.4, []
    for at, unit in enumerate(units):
        row, column = divmod(at, in_row)
        n = min(in_row, len(units) - row * in_row)
        left = x - 0.5 * n * step + column * step
        doing = unit.doing.name.lower()
        marks.append(
            f'<rect class="unit" data-who="unit:{unit.row}" x="{left:.1f}" y="{top + row * step:.1f}" '
            f'width="{size}" height="{size}" '
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
            *([(STATUS_COLOURS["volunteer"], "volunteers", "dot")] if look.war else []),
            *(
                (DOING_COLOURS[doing], f"unit {words}", "square")
                for doing, words in (
                    ("idle", "idle"),
                    ("obeying", "obeying"),
                    ("shirking", "shirking"),
                    ("aside", "standing aside"),
                    ("front", "at the front"),
                    ("refusing", "refusing to fight"),
                )[: None if look.war else 4]
            ),
        ]
    )


# The tightrope.


TRAIL = 70
"""So many days of how he leant are drawn behind him."""


def tightrope(look: Look) -> str:
    """Return the walker between home and his patron, to which side he leans, and how much of each way is covered."""
    state = "He has fallen" if look.ended_on is not None else RUNG_WORDS[look.rung]
    if look.ended_on is None and not look.running:
        state = "He has survived"
    home = _ways("Home", VERMILLION, look.gauge.home)
    patron = _ways(look.patron, ORANGE, look.gauge.patron) if look.gauge.patron else ""
    return (
        f'<div class="tightrope">{home}<div class="walks">{_walker(look)}<p><b>{html.escape(state)}</b><br/>'
        f"the trail: how he leant, {TRAIL} days</p></div>{patron}</div>"
    )


def _ways(title: str, colour: str, ways: Iterable[Way]) -> str:
    """Return ways to a fall on one side as a list: its name, its share as a bar and a number, and what is counted."""
    rows = "".join(
        f"<li><span>{html.escape(way.name)}</span><b>{percent(way.share)}</b>"
        f'<span class="covered" aria-hidden="true"><i style="width:{way.share:.1%}"></i></span>'
        f"<small>{html.escape(way.words)}</small></li>"
        for way in ways
    )
    return f'<div style="--c:{colour}"><h3>{html.escape(title)}</h3><ul class="ways">{rows}</ul></div>'


def _walker(look: Look) -> str:
    """Return the walker on his rope, with the trail of how he leant."""
    width, height, middle, feet = 150.0, 190.0, 75.0, 112.0
    home, patron = (max((way.share for way in side), default=0.0) for side in (look.gauge.home, look.gauge.patron))
    lean, fell = look.gauge.lean, look.ended_on is not None
    side = 1.0 if look.ending == "replaced_by_moscow" else -1.0
    angle = 112.0 * side if fell else 32.0 * lean
    rope = f'<path class="rope" d="M{middle - 7} {height}L{middle - 2} 24L{middle + 2} 24L{middle + 7} {height}Z"/>'
    steps = [
        f"{middle + 54.0 * value * (0.5 + 0.5 * k / TRAIL):.1f} {feet + 4.0 + k * 1.04:.1f}"
        for k, value in enumerate(look.lean[-TRAIL:][::-1])
    ]
    wake = f'<polyline class="wake" points="{" ".join(steps)}"/>' if len(steps) > 1 else ""
    drop = f"translate({6.0 * side} 40)" if fell else ""
    reach, hands = 60.0, feet - 46.0
    walker = (
        f'<g transform="{drop} rotate({angle:.1f} {middle} {feet})"><g class="walker">'
        f'<path d="M{middle - 6} {feet}L{middle} {feet - 32}L{middle + 6} {feet}M{middle} {feet - 32}V{feet - 60}"/>'
        f'<circle class="head" cx="{middle}" cy="{feet - 70}" r="8.5"/>'
        f'<path class="pole" d="M{middle - reach} {hands}Q{middle} {hands - 9} {middle + reach} {hands}"/></g>'
        f'<circle cx="{middle - reach}" cy="{hands}" r="{4.0 + 8.0 * home:.1f}" fill="{VERMILLION}"/>'
        f'<circle cx="{middle + reach}" cy="{hands}" r="{4.0 + 8.0 * patron:.1f}" fill="{ORANGE}"/></g>'
    )
    words = f"Of the nearest way to a fall {percent(home)} is covered at home, and in {look.patron} {percent(patron)}"
    return svg(width, height, words, rope, wake, walker)


def banner(look: Look) -> str:
    """Return the sentence of the ending, or nothing while he walks."""
    if look.ended_on is not None:
        date = date_words(look.date_of(look.ended_on))
        colour = ENDING_COLOURS[look.ending]
        cause = look.cause[:1].upper() + look.cause[1:]
        words = f"<b>He falls on {date}: {ENDING_WORDS[look.ending]}.</b> {html.escape(cause)}"
        words += f" (day {look.ended_on} of {look.days})."
    elif not look.running:
        colour = ENDING_COLOURS["survived"]
        words = f"<b>He survives, to {date_words(look.date)}.</b> The episode of {look.days} days is over."
    else:
        return ""
    return f'<div class="banner" style="--c:{colour}">{words}</div>'


def event_log(look: Look, most: int = 120) -> str:
    """Return the events as sentences with their dates, the newest first."""
    rows = [
        f"<li><b>{date_words(look.date_of(day or 1))}</b> {html.escape(sentence)}</li>"
        for day, sentence in look.notes[::-1][:most]
    ]
    if not rows:
        rows = ["<li>Nothing yet: press ▶ or Step.</li>"]
    return f'<ul class="log" tabindex="0" aria-label="What happened">{"".join(rows)}</ul>'
