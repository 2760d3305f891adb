"""What he believes: a sample of other histories, weighed by what he saw, and what they teach of falling.

He does not know his world. He knows accepted histories other than his own; each counts by how like his own it looks in
what he saw. From the years that these lived he learns the chance of falling after each choice, on six things that he,
or any client of a patron, can see: a logistic regression a choice. Flattery shows him a weaker street.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from agents.regime import believed_load
from experiments.decision.lives import CHOICES, REFUSES
from model.parameters import Parameters

SIGHTS = (
    "crowd_before", "detained_before", "obeying_before", "resigned_before", "crowd_since", "detained_since",
    "resigned_since", "tells", "averse",
)  # fmt: skip
"""What he saw by his day of choice: the revolt, the street since the eve, the polls as told, his forces."""
SITUATION = ("pressure", "price", "troops", "averse", "tells", "load")
"""What he, or any client, can see of his situation, and judges by: the patron's pressure, how ready it is to replace
who refuses, its troops for each of his own men, who is against sending soldiers, who says to be against him, and the
largest crowd against what he could hold."""
LOGS = {
    "crowd_before": 1e-6, "detained_before": 1e-6, "resigned_before": 1e-5, "crowd_since": 1e-6,
    "detained_since": 1e-6, "resigned_since": 1e-5, "pressure": 0.05, "price": 0.05, "troops": 0.01, "load": 0.01,
}  # fmt: skip
"""What is seen in orders of magnitude, with what is too little to be told from nothing."""
SHARE_EDGE = 0.01
"""All other sights are shares, seen by their odds; so near to 0 or 1 they are told from it no more."""
SUREST = 0.999
"""A fall is held to be no surer than this: some hope has a finite hazard."""
BLUR = 0.5
"""How far apart two histories may look to be held alike [sd among histories, root mean square over all sights]."""


def scaled(name: str, values: Any) -> np.ndarray:
    """Return what is seen on the scale on which it is judged: powers of ten, or log odds.

    >>> scaled("load", [0.1, 0.0, 1.0]).tolist(), scaled("tells", [0.5]).tolist()
    ([-1.0, -2.0, 0.0], [0.0])
    """
    seen = np.asarray(values, float)
    if name in LOGS:
        return np.log10(np.maximum(seen, LOGS[name]))
    share = np.clip(seen, SHARE_EDGE, 1.0 - SHARE_EDGE)
    return np.log(share / (1.0 - share))


def likeness(others: pd.DataFrame, own: pd.Series) -> np.ndarray:
    """Return the weight of each other history by how like one's own it looks; they add up to one.

    >>> looks = pd.DataFrame({name: [0.2, 0.2, 0.4] for name in SIGHTS})
    >>> likeness(looks, looks.iloc[0]).round(2).tolist()
    [0.5, 0.5, 0.0]
    """
    apart = np.zeros(len(others))
    for name in SIGHTS:
        seen, mine = scaled(name, others[name]), scaled(name, [own[name]])[0]
        sd = float(seen.std())
        apart += ((seen - mine) / sd) ** 2 / len(SIGHTS) if sd > 0.0 else 0.0
    weights = np.exp(-0.5 * (apart - apart.min()) / BLUR**2)
    return weights / weights.sum()


def sample_of(weights: np.ndarray, n: int, dice: np.random.Generator) -> list[tuple[int, int]]:
    """Return n futures: which history each is imagined in, and the number of its dice there, from 1 on.

    >>> sample_of(np.array([0.5, 0.0, 0.5]), 4, np.random.default_rng(1))
    [(0, 1), (0, 2), (2, 1), (2, 2)]
    """
    points = (np.arange(n) + dice.random()) / n
    places = np.minimum(np.searchsorted(np.cumsum(weights), points, side="right"), np.flatnonzero(weights)[-1])
    futures: list[tuple[int, int]] = []
    for place in places.tolist():
        futures.append((place, 1 + sum(place == before for before, _ in futures)))
    return futures


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """The chance to fall within a year after each choice, on what can be seen."""

    middle: np.ndarray
    spread: np.ndarray
    low: np.ndarray
    """The least of each thing that was seen where it was learnt, on its scale."""
    high: np.ndarray
    models: Mapping[str, Any]
    """For each choice a logistic regression, or the chance itself where all ended alike."""

    def falls(self, situations: pd.DataFrame, flattery: float = 0.0) -> pd.DataFrame:
        """Return the chance to fall that is believed of each choice, a row for each situation.

        ``flattery`` makes him believe the street to be weaker than it is [log of the load]. What lies beyond all that
        was learnt from is taken at its edge: there is no lesson out there.
        """
        told = situations.assign(load=[believed_load(load, flattery, 0.0) for load in situations["load"]])
        points = (np.clip(_points(told), self.low, self.high) - self.middle) / self.spread
        chances = {
            choice: np.full(len(points), model) if isinstance(model, float) else model.predict_proba(points)[:, 1]
            for choice, model in self.models.items()
        }
        return pd.DataFrame(chances, index=situations.index)

    def outside(self, situations: pd.DataFrame) -> np.ndarray:
        """Return for each situation how many of the things seen lie beyond all that it was learnt from."""
        points = _points(situations)
        return ((points < self.low - 1e-9) | (points > self.high + 1e-9)).sum(axis=1)


def learn(years: pd.DataFrame, weights: np.ndarray) -> Emulator:
    """Learn the chance to fall on what can be seen, from years that others lived: a row each, with its weight."""
    from sklearn.linear_model import LogisticRegression  # slow to import, and needed here only

    points = _points(years)
    spread = points.std(axis=0)
    middle, spread = points.mean(axis=0), np.where(spread > 0.0, spread, 1.0)
    models: dict[str, Any] = {}
    for choice in CHOICES:
        here = (years["choice"] == choice).to_numpy()
        fell, counts = 1 - years["in_office"].to_numpy(int)[here], weights[here]
        counted = counts > 0.0
        if len(set(fell[counted])) < 2:  # nothing to tell apart: Jeffreys' mean
            models[choice] = float((counts @ fell + 0.5) / (counts.sum() + 1.0))
            continue
        model = LogisticRegression(solver="newton-cholesky")
        models[choice] = model.fit((points[here][counted] - middle) / spread, fell[counted], counts[counted])
    return Emulator(middle=middle, spread=spread, low=points.min(axis=0), high=points.max(axis=0), models=models)


def hazard(fall: float) -> float:
    """Return the hazard a year that a chance to fall within the year comes from.

    >>> hazard(0.0), round(hazard(0.5), 3)
    (0.0, 0.693)
    """
    return -math.log1p(-min(fall, SUREST)) if fall > 0.0 else 0.0


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
    costs = {choice: hazard(falls[choice]) + margin * (choice != REFUSES) for choice in CHOICES}
    return min(CHOICES, key=lambda choice: (costs[choice], CHOICES.index(choice)))


def _points(situations: pd.DataFrame, names: Sequence[str] = SITUATION) -> np.ndarray:
    return np.column_stack([scaled(name, situations[name]) for name in names])
