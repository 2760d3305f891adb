"""How worlds that fit are found: pilot, islands, walks. Every trial is a run in the store: a stop loses none."""

import dataclasses
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np
import pandas as pd

from experiments.calibrate.trials import Fit, Trial, trials
from experiments.calibrate.walks import Walked, learnt, walk
from experiments.evidence import targets as evidence
from experiments.lab.runner import Value
from experiments.lab.searches import Search, conduct
from experiments.lab.statistics import worth
from experiments.lab.study import Study
from model.worlds import SEED, informed, rank, spread

ISLANDS = 4
"""Searches that start from separate parts of the pilot and know nothing of each other."""
COARSE_WALKS = (40, 40)
"""Steps that every world walks among those that fit, with few citizens, twice."""
WALKS = (8,) * 8
"""Steps that it walks on with all citizens; from the second time on, copies fill the population up to its size."""
STAGE = 16
"""Steps that the worlds of all runs walk on together before the guess is learnt anew."""
TOWARDS = 0.7
"""How far, on average, a new world of a search lies towards one of the nearest, and along the difference of two."""
COARSE = 4
"""Searches and first walks use one citizen in so many; the pilot and the accepted worlds use all."""


def pilot(fit: Fit, seed: int) -> Search[list[Trial]]:
    """Try a Latin hypercube over all ranges that an episode can inform; return the worlds in which he survives."""
    from scipy.stats import qmc  # slow to import, and needed here only

    dice = np.random.default_rng([seed, 1])
    places = qmc.LatinHypercube(len(informed()), rng=dice).random(fit.draws)
    lived = yield from trials(fit, [(place, int(dice.integers(2**53))) for place in places], math.inf)
    survived = [trial for trial in lived if math.isfinite(trial.distance)]
    if len(survived) < 2 * ISLANDS:
        raise click.ClickException(
            f"in {len(survived)} of {fit.draws} draws he is still there when the last target is known; a search needs "
            f"{2 * ISLANDS}: give more --draws; if that does not help, check the forces and events of the episode"
        )
    return survived


def search(fit: Fit, island: list[Trial], seed: int, number: int) -> Search[tuple[list[Trial], int, Trial]]:
    """Search from one island of the pilot's worlds; return those that fit, the rounds it took, and the nearest.

    Differential evolution (Storn and Price 1997; towards one of the nearest, as in Zhang and Sanderson 2009): in
    each round every world that does not fit yet has one child, in some or all of its numbers, which takes its place
    if it is nearer. A world that fits stays as it is, so that the island does not shrink to its best. The islands
    know nothing of each other, so what they find is not one family.
    """
    dice = np.random.default_rng([seed, 2, number])
    for done in range(fit.rounds):
        parents = [place for place, trial in enumerate(island) if trial.distance > fit.tolerance]
        if not parents:
            return island, done, island[0]
        ranks = np.array([trial.ranks for trial in island])
        nearest = ranks[: max(2, len(island) // 5)]
        places = []
        for place in parents:
            a, b = ranks[dice.choice(len(ranks), 2, replace=False)]
            length, moves = dice.normal(TOWARDS, 0.2), dice.random(ranks.shape[1]) < dice.choice([0.3, 0.6, 1.0])
            step = length * (nearest[dice.integers(len(nearest))] - ranks[place] + a - b)
            there = np.abs(ranks[place] + moves * step)  # reflected at the ends of the ranges
            there = np.clip(1.0 - np.abs(1.0 - there), 0.0, 1.0)
            places.append((there, int(dice.integers(2**53))))
        limits = [island[place].distance for place in parents]
        children = yield from trials(fit, places, limits, (fit.rounds - done - 1) * len(places))
        kept = island[: parents[0]] + [
            child if child.distance < island[place].distance else island[place]
            for place, child in zip(parents, children, strict=True)
        ]
        island = sorted(kept, key=lambda trial: trial.distance)
    return [trial for trial in island if trial.distance <= fit.tolerance], fit.rounds, island[0]


def too_few(fit: Fit, within: int, nearest: Trial) -> str:
    """Return what to say where the islands found no worlds to walk on from: how near they came, and what to do.

    Two are needed: a walk steps along the difference of two worlds.
    """
    worst = sorted(evidence.misses(fit.targets, nearest.shown).items(), key=lambda miss: -abs(miss[1]))[:3]
    return (
        f"after {fit.rounds} rounds {within or 'no'} world{' lies' if within < 2 else 's lie'} within {fit.tolerance} "
        f"errors of {fit.episode.title} (the nearest: {nearest.distance:.1f}; it misses "
        f"{'; '.join(f'{name} by {miss:+.1f}' for name, miss in worst)}): give more --rounds, and another --results; "
        "if that does not help, the model is wrong, not the target"
    )


def effective_size(population: Sequence[Trial]) -> float:
    """Return the effective sample size: copies of one world count once, (sum w)^2 / sum w^2 over distinct worlds."""
    return worth(pd.Series([trial.ranks.tobytes() for trial in population]).value_counts().to_numpy())


def worlds_table(population: Sequence[Trial]) -> pd.DataFrame:
    """Return the accepted worlds as ``model.worlds`` reads them; copies of one world are its weight."""
    rows: dict[bytes, dict[str, float]] = {}
    for trial in population:
        row = rows.setdefault(trial.ranks.tobytes(), {"weight": 0, "distance": trial.distance, SEED: trial.seed})
        row["weight"] += 1
        for name, value in zip(informed(), trial.ranks, strict=True):
            row[name] = float(spread(name, value))  # every digit: so that the history is lived again to the last bit
    return pd.DataFrame(rows.values()).sort_values("distance", kind="stable", ignore_index=True)


class Tried:
    """What walks have tried so far, from which the next ones guess: ranks, and whether they fitted."""

    def __init__(self) -> None:
        self.places: list[np.ndarray] = []
        self.fits: list[bool] = []

    def add(self, walked: Sequence[Walked]) -> dict[str, float]:
        """Take in some walks; return the runs of one on average, and the share of them that moved it."""
        for one in walked:
            self.places.extend(one.places)
            self.fits.extend(one.fits)
        runs, moved = (float(np.mean(each)) for each in ([len(w.places) for w in walked], [w.moved for w in walked]))
        return {"runs": runs, "moved": moved / max(runs, 1.0)}


def steps_of(
    fit: Fit, population: Sequence[Trial], others: np.ndarray, seed: list[int], steps: int, tried: Tried
) -> list[Search[Walked]]:
    """Return a walk for every world of a population, guided by what was tried before."""
    guess, dice = learnt(tried.places, tried.fits, seed[-1]), np.random.default_rng(seed)
    seeds = [int(dice.integers(2**53)) for _ in population]
    return [
        walk(fit, trial, others, own, fit.tolerance, steps, guess) for trial, own in zip(population, seeds, strict=True)
    ]


def together(
    fit: Fit, tables: Mapping[int, pd.DataFrame], seed: int, steps: int, study: Study
) -> tuple[dict[int, pd.DataFrame], list[dict[str, Any]]]:
    """Let the worlds of all runs walk on, along the differences of all; return them by the run they came from.

    A run alone keeps to the families it found. Once worlds that began apart have walked far enough, those that came
    from one run are like those that came from another: how far they are not, says how much longer they should walk.

    Args:
        fit: what was fitted.
        tables: the worlds of each run, by its number.
        seed: whose dice decide.
        steps: how many steps each world walks.
        study: the command's run.
    """
    log: list[dict[str, Any]] = []
    rows = [(number, row) for number, table in tables.items() for _, row in table.iterrows()]
    copies = [(number, row) for number, row in rows for _ in range(int(row["weight"]))]
    again = [(np.array([float(rank(name, row[name])) for name in informed()]), int(row[SEED])) for _, row in copies]
    with study.store() as store:
        began = time.perf_counter()
        [lived] = conduct(
            study, store, [trials(fit, again, fit.tolerance)], fit.attempt,
            description="worlds of all runs", labels={"stage": "together"},
        )  # fmt: skip
        fits = [place for place, trial in enumerate(lived) if trial.distance <= fit.tolerance]
        of, population = [copies[place][0] for place in fits], [lived[place] for place in fits]
        log.append({"stage": "together", "seconds": time.perf_counter() - began, "worlds": len(population)})
        tried = Tried()
        for number, done in enumerate(range(0, steps, STAGE)):
            began, some = time.perf_counter(), min(STAGE, steps - done)
            others = np.array([trial.ranks for trial in population])
            walks = steps_of(fit, population, others, [seed, 6, number], some, tried)
            what = f"together {number}"
            walked = conduct(
                study, store, walks, fit.attempt,
                description=f"together, steps {done + 1} to {done + some} of {steps}", labels={"stage": what},
            )  # fmt: skip
            population = [one.trial for one in walked]
            log.append({"stage": what, "seconds": time.perf_counter() - began, "steps": some} | tried.add(walked))
            log[-1]["ess"] = effective_size(population)
    found = {
        run: worlds_table([trial for number, trial in zip(of, population, strict=True) if number == run])
        for run in tables
        if run in of
    }
    return found, log


def calibrate(fit: Fit, seed: int, study: Study) -> tuple[list[Trial], list[dict[str, Any]]]:
    """Run pilot, islands and walks; every trial is kept in the store, so that a stopped calibration goes on."""
    log: list[dict[str, Any]] = []

    def stage(some: Fit, searches: Sequence[Search[Any]], what: str) -> list[Any]:
        began = time.perf_counter()
        named: dict[str, Value] = {"run": seed, "stage": what}
        description = f"run {seed}, {what}"
        results = conduct(study, store, searches, some.attempt, description=description, labels=named)
        log.append({"stage": what, "seconds": time.perf_counter() - began})
        return results

    with study.store() as store:
        [population] = stage(fit, [pilot(fit, seed)], "pilot")
        best = min(trial.distance for trial in population)
        log[-1] |= {"survived": len(population) / fit.draws, "best": best}
        coarse = dataclasses.replace(fit, n_citizens=max(fit.n_citizens // COARSE, 500))
        islands = dealt(fit, population, seed)
        found = stage(coarse, [search(coarse, island, seed, k) for k, island in enumerate(islands)], "islands")
        log[-1] |= {"within": [len(island) for island, _, _ in found], "rounds": [done for _, done, _ in found]}
        population = [trial for island, _, _ in found for trial in island]
        if len(population) < 2:
            nearest = min((nearest for _, _, nearest in found), key=lambda trial: trial.distance)
            raise click.ClickException(too_few(fit, len(population), nearest))

        tried = Tried()

        def settle(some: Fit, number: int, steps: int) -> list[Trial]:
            """Let every world walk on within the tolerance, its steps guessed by what all earlier walks tried."""
            others = np.array([trial.ranks for trial in population])
            walked = stage(some, steps_of(some, population, others, [seed, 4, number], steps, tried), f"walk {number}")
            log[-1] |= {"steps": steps} | tried.add(walked)
            return [one.trial for one in walked]

        for number, steps in enumerate(COARSE_WALKS):
            population = settle(coarse, number, steps)
            log[-1]["ess"] = effective_size(population)
        again = [(trial.ranks, trial.seed) for trial in population]
        [population] = stage(fit, [trials(fit, again, fit.tolerance)], "refining")
        population = filled([trial for trial in population if trial.distance <= fit.tolerance], len(again), [seed, 3])
        for number, steps in enumerate(WALKS, len(COARSE_WALKS)):
            if number > len(COARSE_WALKS):
                population = filled(population, max(len(population), fit.size), [seed, 5, number])
            population = settle(fit, number, steps)
            log[-1]["ess"] = effective_size(population)
    return population, log


def dealt(fit: Fit, population: list[Trial], seed: int) -> list[list[Trial]]:
    """Deal the pilot's worlds out to the islands; each keeps its nearest."""
    order = np.random.default_rng([seed, 3]).permutation(len(population))
    islands = [[population[place] for place in order[number::ISLANDS]] for number in range(ISLANDS)]
    return [sorted(island, key=lambda trial: trial.distance)[: fit.size // ISLANDS] for island in islands]


def filled(population: list[Trial], size: int, seed: list[int]) -> list[Trial]:
    """Return a population of so many worlds: copies of those that fit take the places of those that do not.

    Raises:
        click.ClickException: if none fits.
    """
    if not population:
        raise click.ClickException("no world fits with all citizens: give another --seed, or more --size")
    copies = np.random.default_rng(seed).integers(len(population), size=size - len(population))
    return population + [population[place] for place in copies]
