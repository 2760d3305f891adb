"""Does the fit find what is known? Histories of known numbers, seen with errors, are fitted as the country was.

Simulation-based calibration (Talts et al. 2018): if the method is right, a known number is as likely to lie below all
that the fit finds as between any two of them. What is seen of a known history is moved off by errors as large as the
tolerance allows, all alike within it: then accepting all within the tolerance is no approximation (Wilkinson 2013).
The search and the walks are those of the fit, shortened: the same pilot, a wider tolerance, fewer citizens.
"""

import dataclasses
import math
import time
from collections.abc import Sequence
from typing import Any

import click
import numpy as np

from experiments.calibrate.search import COARSE, pilot, search
from experiments.calibrate.trials import Fit, Trial, trials
from experiments.calibrate.walks import walk
from experiments.evidence.targets import Target
from experiments.lab.searches import conduct
from experiments.lab.study import Study
from experiments.show.words import fold
from model.worlds import informed

FILE = "check.json"
WITHIN = 3.0
"""The tolerance of the check [errors]: near enough that data teach, far enough that 50 fits end within two hours."""
SIZE, STEPS, ROUNDS = 12, 15, 40
"""Worlds of a fit, the steps that each walks, and the most rounds of its search."""
BETWEEN = 5.0
"""Coverage may be so far from what it should be [points]; stated before the first run."""


def seen_with_errors(targets: Sequence[Target], shown: dict[str, float], dice: np.random.Generator) -> list[Target]:
    """Return targets as if a history that showed this had been seen, with errors that are uniform within WITHIN.

    The errors are a point drawn evenly from the ball that the tolerance is: their root mean square is at most that.
    """
    direction = dice.standard_normal(len(targets))
    length = WITHIN * math.sqrt(len(targets)) * dice.random() ** (1.0 / len(targets))
    errors = length * direction / np.linalg.norm(direction)
    moved = []
    for target, error in zip(targets, errors, strict=True):
        unit = target.error
        times = shown[target.name] * math.exp(error * unit) / target.mid
        ends = {end: getattr(target, end) * times for end in ("low", "mid", "high")}
        moved.append(dataclasses.replace(target, **ends))
    return moved


def check(fit: Fit, seed: int, known: int, study: Study) -> dict[str, Any]:
    """Fit so many known histories; return how often the fits held what was known (``findings``).

    Raises:
        click.ClickException: if too few draws of the pilot survive, or no fit came to its end.
    """
    coarse = dataclasses.replace(fit, n_citizens=max(fit.n_citizens // COARSE, 500))
    dice = np.random.default_rng([seed, 9])
    with study.store() as store:
        [start] = conduct(study, store, [pilot(fit, seed)], fit.attempt, description="pilot")
        places = [(dice.random(len(informed())), int(dice.integers(2**53))) for _ in range(2 * known)]
        asked = [trials(coarse, places, math.inf)]
        [lived] = conduct(study, store, asked, coarse.attempt, description="known histories")
    truths = [trial for trial in lived if math.isfinite(trial.distance)][:known]
    ranks, rounds, began = [], [], time.perf_counter()
    for number, truth in enumerate(truths):
        targets = seen_with_errors(fit.targets, truth.shown, np.random.default_rng([seed, 10, number]))
        own = dataclasses.replace(coarse, targets=tuple(targets), tolerance=WITHIN, rounds=ROUNDS, size=SIZE)
        found, done = fitted(own, start, seed, number, study)
        rounds.append(done)
        if len(found) == SIZE:
            ranks.append([int((found[:, place] < truth.ranks[place]).sum()) for place in range(truth.ranks.size)])
    if not ranks:
        raise click.ClickException("no fit of a known history came within its tolerance: give more --rounds")
    said = findings(np.array(ranks), len(truths))
    return said | {"rounds": float(np.mean(rounds)), "minutes": (time.perf_counter() - began) / 60.0}


def fitted(fit: Fit, start: Sequence[Trial], seed: int, number: int, study: Study) -> tuple[np.ndarray, int]:
    """Fit one known history from the pilot's worlds nearest to it; return the ranks found, and the search's rounds."""
    near = [dataclasses.replace(trial, distance=fit.distance(trial.shown)) for trial in start]
    island = sorted(near, key=lambda trial: trial.distance)[: fit.size]
    spec = {"experiment": "calibrate --check", **fit.rests_on()}
    with dataclasses.replace(study, file=f"known-{number:02}.sqlite", spec=spec).store() as store:
        words = f"known history {number + 1}"
        [(found, done, _)] = conduct(
            study,
            store,
            [search(fit, island, seed, number)],
            fit.attempt,
            description=words,
            labels={"stage": "search"},
        )
        if len(found) < fit.size:
            return np.empty((0, len(informed()))), done
        dice, others = np.random.default_rng([seed, 11, number]), np.array([trial.ranks for trial in start])
        walks = [walk(fit, trial, others, int(dice.integers(2**53)), fit.tolerance, STEPS) for trial in found]
        walked = conduct(study, store, walks, fit.attempt, description=words, labels={"stage": "walk"})
    return np.array([one.trial.ranks for one in walked]), done


def findings(ranks: np.ndarray, asked: int) -> dict[str, Any]:
    """Return how often the worlds found hold what is known, by the ranks of the known among them.

    Args:
        ranks: how many of the worlds found lie below the known value, by fit and number [0 to SIZE].
        asked: how many known histories there were; some fits may not have come within the tolerance.

    A thirteenth even draw lies between the outermost of twelve in 11 of 13 cases, between the inner ones in 7 of 13:

    >>> told = findings(np.tile(np.arange(SIZE + 1)[:, None], (1, 3)), 13)
    >>> [(name, round(told[name]["covered"], 1), round(told[name]["expected"], 1)) for name in ("outer", "inner")]
    [('outer', 84.6, 84.6), ('inner', 53.8, 53.8)]
    """
    told: dict[str, Any] = {"fits": len(ranks), "known": asked, "worlds": SIZE, "tolerance": WITHIN}
    for name, reach in (("outer", SIZE / 2 - 1), ("inner", SIZE / 4)):
        expected = 100.0 * float((np.abs(np.arange(SIZE + 1) - SIZE / 2) <= reach).mean())
        by_fit = 100.0 * (np.abs(ranks - SIZE / 2) <= reach).mean(axis=1)
        error = float(by_fit.std(ddof=1) / math.sqrt(len(by_fit))) if len(by_fit) > 1 else math.inf
        told[name] = {"covered": float(by_fit.mean()), "expected": expected, "error": error}
    uneven = {name: uneven_by(column) for name, column in zip(informed(), ranks.T, strict=False)}
    told["uneven"] = {name: p for name, p in sorted(uneven.items(), key=lambda one: one[1]) if p < 0.01}
    told["covers"] = all(abs(told[name]["covered"] - told[name]["expected"]) <= BETWEEN for name in ("outer", "inner"))
    return told


def uneven_by(ranks: np.ndarray) -> float:
    """Return how likely even ranks are to be as uneven as these, in four classes (chi-square) [0 to 1]."""
    from scipy.stats import chisquare  # slow to import, and needed here only

    edges = np.arange(SIZE + 2) * 4 // (SIZE + 1)
    counts = np.bincount(edges[ranks], minlength=4)
    expected = np.bincount(edges[: SIZE + 1], minlength=4) / (SIZE + 1) * ranks.size
    return float(chisquare(counts, expected).pvalue)


def verdict(told: dict[str, Any]) -> str:
    """Return what the check says, in words."""
    outer, inner = told["outer"], told["inner"]
    by_chance = 0.01 * len(informed())
    words = ", ".join(f"{name} (p = {p:.4f})" for name, p in told["uneven"].items()) or "none"
    return fold(
        f"{told['fits']} of {told['known']} known histories were fitted within {told['tolerance']:g} errors of what "
        f"was seen of them. The outermost of {told['worlds']} worlds found hold what is known in "
        f"{outer['covered']:.1f} % of cases (standard error {outer['error']:.1f}; {outer['expected']:.1f} % if the "
        f"method is right), the inner ones in {inner['covered']:.1f} % ({inner['error']:.1f}; "
        f"{inner['expected']:.1f} %): {'they cover' if told['covers'] else 'they do not cover'}, within {BETWEEN:g} "
        f"points. Numbers whose ranks are uneven at 1 % ({by_chance:.1f} expected by chance): {words}."
    )
