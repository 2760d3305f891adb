"""The story of a fall: its chain of events by date, the smallest sets without which he stands, and the part of luck."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.left_out import MIXED, Life, Part, part_of
from experiments.lab.smallest import Answer
from experiments.lab.statistics import Estimate, chance, paired_difference
from experiments.show.chain import chain, listed, named
from experiments.show.words import FALL, happened
from experiments.why.search import Found
from model.episode import Episode
from model.worlds import Origin

WHOLE = "all as it was"
"""The futures in which nothing is left out."""


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
        return chain(self.fall, self.entry, self.fall.ended_on or self.episode.days)

    def named(self, part: Part) -> str:
        """Return what a part is, with its date or its days."""
        return named(part, self.fall, self.episode)

    def listed(self, parts: Sequence[Part]) -> str:
        """Return the names of some parts, the first few of many."""
        return listed(parts, self.fall, self.episode)

    def table(self) -> pd.DataFrame:
        """Return a row for each part that is enough alone or belongs to a smallest set."""
        rows = [
            {
                "kind": kind, "part": part.code, "words": self.named(part), "alone": int(part in answer.alone),
                "smallest": int(part in answer.smallest),
            }
            for kind, answer in self.answers.items() for part in dict.fromkeys((*answer.alone, *answer.smallest))
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["kind", "part", "words", "alone", "smallest"])


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


def interleaved(parts: Mapping[str, Sequence[Part]]) -> list[Part]:
    """Return all kinds of parts together, the first of each kind first.

    >>> interleaved({"unit": [Part("unit", row=1), Part("unit", row=2)], "day": [Part("day", day=9)]})[1].kind
    'day'
    """
    longest = max(map(len, parts.values()), default=0)
    return [some[place] for place in range(longest) for some in parts.values() if place < len(some)]
