"""The story of a fall: its chain of events by date, the smallest sets without which he stands, and the part of luck."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import Estimate, chance, paired_difference
from experiments.show.words import FALL, happened
from experiments.why.replay import COMMANDER, DAY, DICE, ELITE, FORCES, FRONT, HE, PATRON, UNIT, Part, part_of
from experiments.why.search import Answer, Found
from model.episode import Episode
from model.worlds import Origin

MIXED = "mixed"
"""All kinds of parts together; asked only where no part alone is enough."""
WHOLE = "all as it was"
"""The futures in which nothing is left out."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a run that was lived with notes tells."""

    ending: str
    cause: str
    ended_on: int | None
    lost_control_on: int | None
    notes: Sequence[tuple[int, str]]
    parts: Mapping[Part, float]
    units: Mapping[int, str]
    commanders: Sequence[int]
    series: Mapping[str, Sequence[float]]
    days_aside: Sequence[int]
    days_failed: Sequence[int]

    def peak(self, measure: str, since: int) -> tuple[float, int]:
        """Return the largest value of a measure from a day on, and its first day."""
        values = np.asarray(self.series[measure][since - 1 :])
        place = int(values.argmax())
        return float(values[place]), since + place

    def of_kind(self, kind: str) -> list[Part]:
        """Return the parts of a kind, the largest first."""
        return sorted((part for part in self.parts if part.kind == kind), key=lambda part: -self.parts[part])


def life_of(row: Mapping[str, Any]) -> Life:
    """Return what a row of ``told`` holds."""
    held = {name: json.loads(row[name]) for name in (
        "notes", "parts", "units", "commanders", "series", "days_aside", "days_failed"
    )}  # fmt: skip
    number = {name: None if pd.isna(row[name]) else int(row[name]) for name in ("ended_on", "lost_control_on")}
    return Life(
        ending=row["ending"], cause=row["cause"], ended_on=number["ended_on"],
        lost_control_on=number["lost_control_on"], notes=[(day, words) for day, words in held["notes"]],
        parts={part_of(code): weight for code, weight in held["parts"].items()},
        units={int(number): name for number, name in held["units"].items()}, commanders=held["commanders"],
        series=held["series"], days_aside=held["days_aside"], days_failed=held["days_failed"],
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the page and the figure."""

    episode: Episode
    origin: Origin
    found: Found
    world: int
    """The number of the draw."""
    fall: Life
    twin: Life
    answers: Mapping[str, Answer]
    futures: Mapping[str, Estimate]
    """The chance to fall with other luck from the entry on: as it was, and without each smallest set."""
    changes: Mapping[str, Estimate]
    """By how much each smallest set changes it, future by future."""
    gates: Sequence[Gate] | None = None
    fixed: Sequence[str] = ()

    @property
    def entry(self) -> int:
        """The day of the entry."""
        return self.episode.day_of(self.episode.entering.date)

    @property
    def kinds(self) -> list[str]:
        """The kinds of parts without some of which he stands, the smallest set first."""
        saving = [kind for kind, answer in self.answers.items() if answer.smallest]
        return sorted(saving, key=lambda kind: len(self.answers[kind].smallest))

    @property
    def smallest(self) -> tuple[Part, ...]:
        """The smallest set that was found; empty: there is none."""
        return self.answers[self.kinds[0]].smallest if self.kinds else ()

    @property
    def asked(self) -> int:
        """How many parts were left out one by one."""
        return sum(answer.asked for kind, answer in self.answers.items() if kind != MIXED)

    @property
    def alone(self) -> int:
        """How many of them are enough alone."""
        return sum(len(answer.alone) for kind, answer in self.answers.items() if kind != MIXED)

    def chain(self) -> list[tuple[int, str]]:
        """Return what happened from the entry to the fall, by day."""
        fall, last = self.fall, self.fall.ended_on or self.episode.days
        events = [(day, words) for day, words in fall.notes if self.entry <= day <= last]
        crowd, day = fall.peak("capital_crowd", self.entry)
        if crowd > 0.0:
            events.append((day, f"{crowd:,.0f} people are in the street of the capital, the most"))
        if fall.lost_control_on is not None and fall.lost_control_on >= self.entry:
            events.append((fall.lost_control_on, "The street is beyond the forces' hold: control is lost"))
        aside = [day for day in fall.days_aside if day >= self.entry]
        for number, day in enumerate(aside[:2]):
            share = 100.0 * fall.series["standing_aside"][day - 1]
            again = " again" if number else ""
            events.append((day, f"{share:.0f} % of the capital's force stand aside{again}"))
        return sorted(dict.fromkeys(events), key=lambda event: (event[0], event[1].startswith("He falls")))

    def table(self) -> pd.DataFrame:
        """Return a row for each part that is enough alone or belongs to a smallest set."""
        rows = [
            {
                "kind": kind, "part": part.code, "words": named(part, self), "alone": int(part in answer.alone),
                "smallest": int(part in answer.smallest),
            }
            for kind, answer in self.answers.items() for part in dict.fromkeys((*answer.alone, *answer.smallest))
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["kind", "part", "words", "alone", "smallest"])


def named(part: Part, result: Findings) -> str:
    """Return what a part is, with its date or its days."""
    fall, date = result.fall, result.episode.date_of(part.day)
    on = f"{date.day} {date:%b %Y}"
    weight = fall.parts.get(part, 0.0)
    if part.kind == UNIT:
        return f"the {fall.units[part.row]} (aside on {weight:.0f} days)"
    if part.kind == ELITE:
        return _member(part.row, fall) + (" (plotted)" if weight >= 1e3 else f" (hedged on {weight:.0f} days)")
    if part.kind == DAY:
        return f"the crowd of {on} ({weight:,.0f} people)"
    whose = {
        HE: f"{result.episode.leader}'s", PATRON: f"{result.episode.patron}'s", FORCES: "the forces'",
        FRONT: "the front's", COMMANDER: f"{_member(part.row, fall)}'s",
    }  # fmt: skip
    return f"{whose[part.actor]} dice of {on}"


def _member(row: int, fall: Life) -> str:
    return f"commander {fall.commanders.index(row) + 1}" if row in fall.commanders else f"member {row + 1} of the elite"


def futures_of(rows: pd.DataFrame) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """Return the chance to fall without each set, and by how much it differs from all as it was, future by future.

    Futures of which one run failed are left out everywhere.
    """
    fell = rows.assign(fell=happened(rows["ending"], FALL)).pivot(index="number", columns="left_out", values="fell")
    fell = fell.dropna()
    number, whole = fell.index.to_numpy(), fell[WHOLE].to_numpy()
    chances = {str(name): chance(fell[name].to_numpy(), number) for name in fell.columns}
    return chances, {
        str(name): paired_difference(fell[name].to_numpy(), whole, number) for name in fell.columns if name != WHOLE
    }


def candidates(fall: Life) -> dict[str, list[Part]]:
    """Return what can be left out of a run that fell, by kind, the largest part first."""
    return {kind: fall.of_kind(kind) for kind in (UNIT, ELITE, DAY, DICE)}


def interleaved(parts: Mapping[str, Sequence[Part]]) -> list[Part]:
    """Return all kinds of parts together, the first of each kind first.

    >>> interleaved({"unit": [Part("unit", row=1), Part("unit", row=2)], "day": [Part("day", day=9)]})[1].kind
    'day'
    """
    longest = max(map(len, parts.values()), default=0)
    return [some[place] for place in range(longest) for some in parts.values() if place < len(some)]
