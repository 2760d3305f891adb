"""The chain of events that led to a fall, in sentences by day, and the names of what can be left out of it."""

import re
from collections.abc import Sequence

from experiments.lab.left_out import COMMANDER, DAY, ELITE, FORCES, FRONT, HE, PATRON, UNIT, Life, Part
from model.episode import Episode

MOST_NAMED = 4
"""So many parts are named in a sentence; a table has all."""
NUMBER = re.compile(r"\d[\d,]*")


def chain(fall: Life, since: int, last: int) -> list[tuple[int, str]]:
    """Return what happened from a day to the last, by day."""
    events = [(day, words) for day, words in fall.notes if since <= day <= last]
    crowd, day = fall.peak("capital_crowd", since)
    if crowd > 0.0:
        events.append((day, f"{crowd:,.0f} people are in the street of the capital, the most"))
    if fall.lost_control_on is not None and fall.lost_control_on >= since:
        events.append((fall.lost_control_on, "The street is beyond the forces' hold: control is lost"))
    aside = [day for day in fall.days_aside if day >= since]
    for number, day in enumerate(aside[:2]):
        share = 100.0 * fall.series["standing_aside"][day - 1]
        again = " again" if number else ""
        events.append((day, f"{share:.0f} % of the capital's force stand aside{again}"))
    return sorted(dict.fromkeys(events), key=lambda event: (event[0], event[1].startswith("He falls")))


def told_once(events: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return events without the middle ones of those that differ in their numbers alone.

    >>> told_once([(1, "3 men refuse"), (2, "4 men refuse"), (3, "He falls"), (4, "5 men refuse")])
    [(1, '3 men refuse'), (3, 'He falls'), (4, '5 men refuse, and so 1 time before')]
    """
    days: dict[str, list[int]] = {}
    for place, (_, words) in enumerate(events):
        days.setdefault(NUMBER.sub("#", words), []).append(place)
    kept = []
    for place, (day, words) in enumerate(events):
        alike = days[NUMBER.sub("#", words)]
        between = len(alike) - 2
        if place == alike[-1] and between > 0:
            words += f", and so {between} time{'s' * (between != 1)} before"
        if place in (alike[0], alike[-1]):
            kept.append((day, words))
    return kept


def named(part: Part, fall: Life, episode: Episode) -> str:
    """Return what a part is, with its date or its days."""
    date = episode.date_of(part.day)
    on = f"{date.day} {date:%b %Y}"
    weight = fall.parts.get(part, 0.0)
    if part.kind == UNIT:
        return f"the {fall.units[part.row]} (aside on {weight:.0f} days)"
    if part.kind == ELITE:
        return _member(part.row, fall) + (" (plotted)" if weight >= 1e3 else f" (hedged on {weight:.0f} days)")
    if part.kind == DAY:
        return f"the crowd of {on} ({weight:,.0f} people)"
    whose = {
        HE: f"{episode.leader}'s", PATRON: f"{episode.patron}'s", FORCES: "the forces'",
        FRONT: "the front's", COMMANDER: f"{_member(part.row, fall)}'s",
    }  # fmt: skip
    return f"{whose[part.actor]} dice of {on}"


def _member(row: int, fall: Life) -> str:
    return f"commander {fall.commanders.index(row) + 1}" if row in fall.commanders else f"member {row + 1} of the elite"


def listed(parts: Sequence[Part], fall: Life, episode: Episode) -> str:
    """Return the names of some parts, the first few of many."""
    said = [named(part, fall, episode) for part in parts[:MOST_NAMED]]
    more = len(parts) - len(said)
    return ", ".join(said) + (f" and {more} more" if more else "")
