"""Walks among the worlds that fit; where a step leads is guessed first, so that runs go where they pay."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from experiments.calibrate.trials import Fit, Trial, trials
from experiments.lab.searches import Search

FEWEST = 100
"""So many steps that fitted must be known, and as many that did not, before anything is guessed."""
LEAST, MOST = 0.02, 0.5
"""A guess is never less nor more than this: the walk still goes, at times, where little is hoped of."""
LATEST = 40_000
"""So many of the latest steps are learnt from."""
AFRESH = (1, 1, 2, 3, 5, 8)
"""How many numbers a step may draw afresh."""
SAME_LUCK = 0.75
"""The share of steps in numbers that keep the seed: the same luck in nearly the same world mostly fits again."""

type Guess = Callable[[np.ndarray], float]
"""How likely a world at some ranks is to fit [0 to 1]."""


class Walked(NamedTuple):
    """Where a walk ended, how many steps it moved, and what it tried: the ranks of each run, and whether it fitted."""

    trial: Trial
    moved: int
    places: list[np.ndarray]
    fits: list[bool]


def blind(ranks: np.ndarray) -> float:
    """Return the same for all places: nothing is known yet.

    >>> blind(np.array([0.1, 0.9]))
    1.0
    """
    return 1.0


def learnt(places: Sequence[np.ndarray], fits: Sequence[bool], seed: int) -> Guess:
    """Return a guess learnt from steps that were tried: a small network, or nothing while few are known.

    Args:
        places: their ranks.
        fits: whether each fitted.
        seed: where the network's chance begins.
    """
    if min(sum(fits), len(fits) - sum(fits)) < FEWEST:
        return blind
    from sklearn.neural_network import MLPClassifier  # only a calibration needs it, and it is slow to import

    known = np.array(places[-LATEST:])
    network = MLPClassifier((32,), alpha=1.0, max_iter=400, early_stopping=True, random_state=seed)
    network.fit(known - 0.5, np.array(fits[-LATEST:]))

    def guess(ranks: np.ndarray) -> float:
        return float(np.clip(network.predict_proba(ranks[None, :] - 0.5)[0, 1], LEAST, MOST))

    return guess


def walk(
    fit: Fit, start: Trial, others: np.ndarray, seed: int, farthest: float, steps: int, guess: Guess = blind
) -> Search[Walked]:
    """Let one world walk within its ranges and within ``farthest``; return where it stands and what it tried.

    A world is its numbers and its seed, and a step is one of four: other luck for the same numbers, or a few numbers
    afresh from their ranges, some of them a little aside, or some way along the difference of two other worlds
    (differential evolution, ter Braak 2006; by parts, Vrugt 2009), which has the shape of the population; these mostly
    with the same luck. Each is as likely there as back, so the walk has the right stationary law.

    Acceptance is delayed (Christen and Fox 2005): a step first passes by its guess, with min(1, g(there) / g(here)),
    then by what its run shows, with min(1, g(here) / g(there)) if it fits, which corrects whatever is wrong with the
    guess. A run fits or does not, so both dice can be thrown before it: most steps that would fail are never run.
    """
    dice = np.random.default_rng(seed)
    here, moved, hoped = start, 0, guess(start.ranks)
    places: list[np.ndarray] = []
    fits: list[bool] = []
    for step in range(steps):
        there, kind = here.ranks.copy(), dice.random()
        keeps = dice.random() < SAME_LUCK
        if kind < 0.1:
            keeps = False
        elif kind < 0.5:
            part = dice.choice(there.size, min(int(dice.choice(AFRESH)), there.size), replace=False)
            there[part] = dice.random(part.size)
        elif kind < 0.6:
            there += (dice.random(there.size) < 0.15) * 0.1 * dice.standard_normal(there.size)
        else:
            a, b = others[dice.choice(len(others), 2, replace=False)]
            moves = dice.random(there.size) < dice.choice([0.15, 0.4, 1.0])
            length = 2.38 / math.sqrt(2.0 * max(int(moves.sum()), 1)) * dice.uniform(0.3, 2.0)
            there += moves * (length * (a - b) + 0.01 * dice.standard_normal(there.size))
        if np.any(there < 0.0) or np.any(there > 1.0):
            continue
        hope = guess(there)
        if dice.random() >= passes(hoped, hope):
            continue
        seed_there = here.seed if keeps else int(dice.integers(2**53))
        [trial] = yield from trials(fit, [(there, seed_there)], farthest, steps - step - 1)
        places.append(there)
        fits.append(trial.distance <= farthest)
        if fits[-1]:
            here, moved, hoped = trial, moved + 1, hope
    return Walked(here, moved, places, fits)


def passes(here: float, there: float) -> float:
    """Return the chance that a step from one guess to another is run: that of both dice of the delayed acceptance.

    It is the same there and back, so that whatever is guessed, the law of the walk is that of the runs.

    >>> passes(0.4, 0.1), passes(0.1, 0.4), passes(1.0, 1.0)
    (0.25, 0.25, 1.0)
    """
    return min(here, there) / max(here, there)
