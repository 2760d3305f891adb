"""Our own answers, from the public folder of a pack alone: lives of other histories that look like it, then the tools.

Explain as ``why`` does (the smallest set without which it would not have fallen), predict as ``war_entry`` does (twins
that stay and enter), prescribe as ``point_of_no_return`` does (the troops home after some days).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.challenge.lives import (
    CAUSES,
    OURS,
    Explained,
    chances_of,
    countries,
    explained,
    falls_of,
    last_that_helps,
    lived,
    seen,
    series,
)
from experiments.challenge.public import Answers, read_days
from experiments.lab.searches import conduct
from experiments.lab.statistics import Estimate
from experiments.lab.study import Study

NEAREST = 9
"""So many of our countries that look most like it say which cause it was."""
BELIEVED = 6
"""So many of them, the nearest, are lived on."""
EACH = 2
"""On so many for each cause lives who does not look."""
QUARTER = 4
"""Of each of ours so many times fewer lives are lived than of a hidden country; ours are several."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """Our answers to a pack, with what they rest on."""

    answers: Answers
    votes: Mapping[str, float]
    """How far each cause speaks out of the countries that look most like it [share]."""
    chances: Mapping[str, Estimate]
    """Those of the answers, with their intervals over the countries that we believe."""
    falls: Mapping[int, float]


class Solved(NamedTuple):
    """Our answers pack by pack, those without a look at the days, and how well the votes name what made ours fall."""

    said: list[Said]
    blind: Said
    right: int
    """Of so many of our countries, each left out in its turn, the others' votes name the cause."""
    ours: int


def looks(days: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a life's looks: days told, crowds at most and in the first days, detained, dead a day, forces aside.

    >>> flat = {name: np.zeros(2) for name in ("crowd", "capital_crowd", "detained_today", "dead", "standing_aside")}
    >>> looks(flat).round(1).tolist()
    [0.7, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    numbers = [
        np.log(len(days["crowd"])),
        *(np.log10(1.0 + 1e6 * days[name].max()) for name in ("crowd", "capital_crowd")),
        np.log10(1.0 + 1e6 * days["crowd"][:3].max()),
        np.log10(1.0 + 1e6 * days["detained_today"].sum()),
        np.log10(1.0 + 1e7 * days["dead"][-1] / len(days["dead"])),
        days["standing_aside"].max(),
    ]
    return np.array([float(number) for number in numbers])


def by_likeness(days: Mapping[str, np.ndarray], ours: Sequence[Explained]) -> list[Explained]:
    """Return our countries, those first whose lives look most like it; each look on the scale of its spread in ours."""
    table = np.array([looks(series(one.outcome)) for one in ours])
    spread = table.std(axis=0)
    away = np.linalg.norm((table - looks(days)) / np.where(spread > 0.0, spread, 1.0), axis=1)
    return [ours[place] for place in np.argsort(away, kind="stable")]


def votes_of(near: Sequence[Explained], ours: Sequence[Explained]) -> dict[str, float]:
    """Return how far each cause speaks out of some countries, if all are as likely: its share there over that in ours.

    In the sum of one: a cause that is commoner among the near ones than among all has more than its part.
    """
    common = {cause: sum(one.cause == cause for one in ours) for cause in CAUSES}
    votes = {cause: sum(one.cause == cause for one in near) / max(1, common[cause]) for cause in CAUSES}
    return {cause: vote / sum(votes.values()) for cause, vote in votes.items()}


def solve(study: Study, public: Sequence[Path], n_worlds: int, lives: int, n_citizens: int, seed: int) -> Solved | None:
    """Answer packs from their public folders; and once without a look at the days. None: none of our countries falls.

    Who does not look lives on the first two of our countries for each cause, and says the commonest cause of all.
    """
    drawn = countries(n_worlds, seed, OURS)
    with study.store() as store:
        searches = [explained(country, n_citizens) for country in drawn]
        ours = [one for one in conduct(study, store, searches, seen, description="ours") if one]
    if not ours:
        return None
    believed, votes = [], []
    for folder in public:
        alike = by_likeness(read_days(folder), ours)
        votes.append(votes_of(alike[:NEAREST], ours))
        believed.append(alike[:BELIEVED])
    blind = [one for cause in CAUSES for one in [one for one in ours if one.cause == cause][:EACH]]
    asked = {one.country.world.number: one.country for some in (*believed, blind) for one in some}
    rows = lived(study, list(asked.values()), max(1, lives // QUARTER), n_citizens, description="our lives")
    said = [said_of(some, vote, rows) for some, vote in zip(believed, votes, strict=True)]
    common = {cause: sum(one.cause == cause for one in ours) / len(ours) for cause in CAUSES}
    return Solved(said, said_of(blind, common, rows), right=named_right(ours), ours=len(ours))


def named_right(ours: Sequence[Explained]) -> int:
    """Return of how many of our countries, each left out in its turn, the nearest of the others name the cause."""
    right = 0
    for place, one in enumerate(ours if len(ours) > 1 else ()):
        others = [*ours[:place], *ours[place + 1 :]]
        votes = votes_of(by_likeness(series(one.outcome), others)[:NEAREST], others)
        right += max(CAUSES, key=votes.__getitem__) == one.cause
    return right


def said_of(some: Sequence[Explained], votes: Mapping[str, float], rows: pd.DataFrame) -> Said:
    """Return what other lives of some countries say, with the cause that has most votes."""
    own = rows[rows["country"].isin([one.country.world.number for one in some])]
    falls, chances = falls_of(own), chances_of(own)
    cause = max(CAUSES, key=votes.__getitem__)
    told = {name: estimate.value for name, estimate in chances.items()}
    answers = Answers(cause=cause, home=last_that_helps(falls), **told)
    return Said(answers=answers, votes=votes, chances=chances, falls=falls)
