"""The chain of events that led to a fall, in sentences by day, and the names of what can be left out of it."""

import re
from collections.abc import Sequence

from experiments.lab.left_out import (
    COMMANDER,
    DAY,
    DICE,
    ELITE,
    FORCES,
    FRONT,
    HE,
    MIXED,
    PATRON,
    UNIT,
    Life,
    Part,
)
from experiments.lab.smallest import Answer
from model.episode import Episode

MOST_NAMED = 4
"""So many parts are named in a sentence; a table has all."""
MOST_EVENTS = 24
"""So many events are told, the last ones first of all; a page is one page."""
SAID = {
    UNIT: "units that obey whatever comes",
    ELITE: "members of the elite who keep out of all plots",
    DAY: "days on which nobody comes",
    DICE: "dice of one actor on one day, drawn anew",
    MIXED: "parts of several kinds",
}
"""What is left out, in words."""
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


def shortened(events: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, str]], int]:
    """Return the first event and the last ones, and how many between them are not told.

    >>> kept, left = shortened([(day, "") for day in range(30)])
    >>> kept[0][0], kept[1][0], left
    (0, 6, 5)
    """
    kept = [*events[:1], *events[1:][-MOST_EVENTS:]]
    return kept, len(events) - len(kept)


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


def answer_words(kind: str, answer: Answer, fall: Life, episode: Episode) -> str:
    """Return the sentence on one kind of parts: how many are enough alone, or which belong together."""
    if not answer.smallest:
        all_of = f"all {answer.asked} together" if answer.asked > 1 else "the only one"
        said = f"{SAID[kind]}: without {all_of} he falls, too."
    elif answer.alone:
        enough = "is enough alone" if len(answer.alone) == 1 else "are enough, each alone"
        said = f"{SAID[kind]}: {len(answer.alone)} of {answer.asked} {enough}: {listed(answer.alone, fall, episode)}."
    else:
        smallest = answer.smallest
        said = f"{SAID[kind]}: none of {answer.asked} alone; {len(smallest)} together, of which each is needed: "
        said += f"{listed(smallest, fall, episode)}."
    return f"{said[0].upper()}{said[1:]}"
