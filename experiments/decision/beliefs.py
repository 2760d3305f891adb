"""What he believes: a sample of other histories, weighed by what he saw, and what they teach of falling.

He does not know his world. He knows accepted histories other than his own; each counts by how like his own it looked by
the eve. From the years that these lived he learns the chance of falling after each choice, on six things that he, or
any client of a patron, can see: a logistic regression a choice. How he judges by it is the model's own rule
(``agents.regime.believed_fall``, C5); flattery shows him a weaker street.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from agents.regime import SHARES, Lesson, Lessons, Situation, believed_fall, believed_load, scaled, yearly_hazard
from experiments.decision.lives import CHOICES, REFUSES
from experiments.lab.statistics import worth
from model.parameters import Parameters

SIGHTS = ("crowd_before", "detained_before", "obeying_before", "resigned_before", "tells", "averse")
"""What he saw by the eve: the revolt, his forces in it, the polls as told. No day after a choice is among it."""
SITUATION = Situation._fields
"""What he judges by on the day of a choice."""
ODDS = (*SHARES, "obeying_before")
"""What is seen by its odds."""
FLOORS = {
    "crowd_before": 1e-6, "detained_before": 1e-6, "resigned_before": 1e-5, "pressure": 0.05, "price": 0.01,
    "troops": 0.01, "load": 0.01,
}  # fmt: skip
"""What is seen in orders of magnitude, with what is too little to be told from nothing."""
SHARE_EDGE = 0.01
"""All other sights are shares: so near to 0 or 1 they are told from it no more."""
BLUR = 0.5
"""How far apart two histories may look to be held alike [sd among histories, root mean square over all sights]."""
DIGITS = 6
"""Lessons are kept to so many digits."""


def told_apart(name: str, values: Any) -> np.ndarray:
    """Return what is seen, as far as it can be told from nothing, and a share from all.

    >>> told_apart("load", [0.0, 2.0]).tolist(), told_apart("tells", [1.0]).tolist()
    ([0.01, 2.0], [0.99])
    """
    seen = np.asarray(values, float)
    return np.maximum(seen, FLOORS[name]) if name in FLOORS else np.clip(seen, SHARE_EDGE, 1.0 - SHARE_EDGE)


def points(seen: pd.DataFrame, names: tuple[str, ...] = SITUATION) -> np.ndarray:
    """Return what is seen on the scales on which it is judged, a row each."""
    return np.column_stack(
        [[scaled(value, name in ODDS) for value in told_apart(name, seen[name]).tolist()] for name in names]
    )


def likeness(others: pd.DataFrame, own: pd.Series) -> np.ndarray:
    """Return the weight of each other history by how like one's own it looks; they add up to one.

    >>> looks = pd.DataFrame({name: [0.2, 0.2, 0.4] for name in SIGHTS})
    >>> likeness(looks, looks.iloc[0]).round(2).tolist()
    [0.5, 0.5, 0.0]
    """
    seen, mine = points(others, SIGHTS), points(own.to_frame().T, SIGHTS)
    sd = seen.std(axis=0)
    apart = np.mean(np.divide(seen - mine, sd, out=np.zeros_like(seen), where=sd > 0.0) ** 2, axis=1)
    weights = np.exp(-0.5 * (apart - apart.min()) / BLUR**2)
    return weights / weights.sum()


def sample_of(weights: np.ndarray, n: int, dice: np.random.Generator) -> list[tuple[int, int]]:
    """Return n futures: which history each is imagined in, and the number of its dice there, from 1 on.

    >>> sample_of(np.array([0.5, 0.0, 0.5]), 4, np.random.default_rng(1))
    [(0, 1), (0, 2), (2, 1), (2, 2)]
    """
    places_at = (np.arange(n) + dice.random()) / n
    places = np.minimum(np.searchsorted(np.cumsum(weights), places_at, side="right"), np.flatnonzero(weights)[-1])
    futures: list[tuple[int, int]] = []
    for place in places.tolist():
        futures.append((place, 1 + sum(place == before for before, _ in futures)))
    return futures


@dataclass(frozen=True, kw_only=True)
class School:
    """The years from which lessons are learnt: what was seen on the day of each choice, and how the year ended."""

    histories: np.ndarray
    """Of which history each year is."""
    choices: np.ndarray
    fell: np.ndarray
    points: np.ndarray
    """What was seen, on its scales."""
    least: Situation
    most: Situation

    @classmethod
    def of(cls, years: pd.DataFrame) -> "School":
        """Return it from years, a row each: the ``history``, the ``choice``, what was seen, and ``in_office``."""
        seen = np.column_stack([told_apart(name, years[name]) for name in SITUATION])
        least, most = (Situation(*ends.tolist()) for ends in (seen.min(axis=0), seen.max(axis=0)))
        return cls(
            histories=years["history"].to_numpy(), choices=years["choice"].to_numpy(),
            fell=1 - years["in_office"].to_numpy(int), points=points(years), least=least, most=most,
        )  # fmt: skip

    def learn(self, weights: Mapping[int, float]) -> Lessons:
        """Learn the chance to fall on what can be seen, from each history by its weight; from others not at all."""
        counts = np.array([weights.get(int(history), 0.0) for history in self.histories])
        lessons = {choice: self._lesson(self.choices == choice, counts) for choice in CHOICES}
        return Lessons(**lessons, least=self.least, most=self.most)

    def _lesson(self, here: np.ndarray, counts: np.ndarray) -> Lesson:
        from sklearn.linear_model import LogisticRegression  # slow to import, and needed here only

        here = here & (counts > 0.0)
        seen, fell, counts = self.points[here], self.fell[here], counts[here]
        if len(set(fell)) < 2:  # nothing to tell apart: Jeffreys' mean
            fall = (counts @ fell + 0.5) / (counts.sum() + 1.0)
            return Lesson(_short(scaled(float(fall), share=True)), (0.0,) * len(SITUATION))
        middle, spread = self.points.mean(axis=0), self.points.std(axis=0)
        spread = np.where(spread > 0.0, spread, 1.0)
        model = LogisticRegression(solver="newton-cholesky").fit((seen - middle) / spread, fell, counts)
        weights = model.coef_[0] / spread
        return Lesson(_short(model.intercept_[0] - weights @ middle), tuple(_short(weight) for weight in weights))


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def learnt(school: School, eves: pd.DataFrame) -> dict[int, tuple[Lessons, float]]:
    """Return for each history what it has learnt from all others, and how many equal ones its sample is worth.

    Args:
        school: the years that were lived.
        eves: what each history saw by its eve, by history; some may have lived no years from which others learn.
    """
    taught = set(school.histories.tolist())
    lived = [history for history in eves.index if history in taught]
    lessons = {}
    for history in eves.index:
        others = others_of(history, lived)
        if others:
            weights = likeness(eves.loc[others], eves.loc[history])
            size = worth(weights)
            lessons[int(history)] = school.learn(dict(zip(others, weights * size, strict=True))), size
    return lessons


def learnt_by_all(school: School) -> Lessons:
    """Return what all histories teach, each counted alike: for whoever is none of them."""
    return school.learn(dict.fromkeys(map(int, school.histories), 1.0))


def others_of(history: int, histories: list[int]) -> list[int]:
    """Return the histories that he may know: all but his own.

    >>> others_of(7, [7, 9, 11])
    [9, 11]
    """
    return [int(other) for other in histories if other != history]


def falls(lessons: Lessons, seen: pd.DataFrame, extra: float = 0.0) -> pd.DataFrame:
    """Return the chance to fall that is believed of each choice (``agents.regime.believed_fall``), a row for each.

    Args:
        lessons: what was learnt.
        seen: situations, and how wrongly each sees the street (``bias`` [log of the load], 0 if it is not told).
        extra: how much more he is flattered [log of the load].
    """
    told = seen.assign(bias=seen.get("bias", 0.0))
    rows = []
    for situation, bias in zip(told[list(SITUATION)].itertuples(index=False), told["bias"], strict=True):
        shown = Situation(*situation)._replace(load=believed_load(situation.load, extra, bias))
        rows.append(
            {choice: believed_fall(shown, getattr(lessons, choice), lessons.least, lessons.most) for choice in CHOICES}
        )
    return pd.DataFrame(rows, index=seen.index, columns=list(CHOICES))


def outside(lessons: Lessons, seen: pd.DataFrame) -> np.ndarray:
    """Return for each situation how many of the things seen lie beyond all that was learnt from."""
    values = np.column_stack([told_apart(name, seen[name]) for name in SITUATION])
    return ((values < np.array(lessons.least)) | (values > np.array(lessons.most))).sum(axis=1)


def margin_of(parameters: Parameters) -> float:
    """Return what a change must save to be made as often as not [hazard a year]: his inertia by his decisiveness."""
    return parameters.regime.inertia / parameters.regime.decisiveness


def best(falls: Mapping[str, float], margin: float) -> str:
    """Return his likeliest choice by the model's own rule (``agents.regime.chooses``, C5): the least hazard.

    What he does already, refusing, is left only for what saves more than the margin; of equal ones he takes the least
    of a war.

    >>> falls = {"refuses": 0.10, "limited": 0.10, "enters": 0.05}
    >>> best(falls, 0.0), best(falls, 0.1), best(falls | {"enters": 0.1}, 0.0)
    ('enters', 'refuses', 'refuses')
    """
    costs = {choice: yearly_hazard(falls[choice]) + margin * (choice != REFUSES) for choice in CHOICES}
    return min(CHOICES, key=lambda choice: (costs[choice], CHOICES.index(choice)))
