"""How worlds that fit are found: pilot, islands, walks. Every trial is a run in the store: a stop loses none."""

import dataclasses
import hashlib
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from scipy.stats import qmc

from experiments.evidence import targets as evidence
from experiments.evidence.targets import Target
from experiments.lab.runner import Run, Value
from experiments.lab.searches import Outcome, Search, conduct
from experiments.lab.study import Study
from experiments.lab.tasks import world_of
from model.episode import Episode
from model.measures import MEASURES
from model.simulation import Simulation
from model.worlds import SEED, informed, parameters_at, spread

TOLERANCE = 1.4
"""The typical miss a world may have, in errors of target and model; set before the first run."""
ISLANDS = 4
"""Searches that start from separate parts of the pilot and know nothing of each other."""
COARSE_WALKS = (40, 40)
"""Steps that every world walks among those that fit, with few citizens, twice."""
WALKS = (8,) * 8
"""Steps that it walks on with all citizens; from the second time on, copies fill the population up to its size."""
TOWARDS = 0.7
"""How far, on average, a new world of a search lies towards one of the nearest, and along the difference of two."""
COARSE = 4
"""Searches and first walks use one citizen in so many; the pilot and the accepted worlds use all."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What is fitted: an episode to its targets, and how long and how finely is searched."""

    episode: Episode
    targets: tuple[Target, ...]
    stages: tuple[int, ...]
    """Days on which a run is looked at, and given up if its misses are already too many."""
    n_citizens: int
    draws: int
    """Draws of the pilot."""
    size: int
    """Worlds in the population."""
    rounds: int
    """Most rounds of a search."""
    tolerance: float = TOLERANCE
    also: tuple[tuple[str, str, int], ...] = ()
    """What fresh runs show beside the targets: name, measure and day."""

    def distance(self, values: dict[str, float]) -> float:
        """Return the root mean square miss of what a run showed."""
        return evidence.distance(self.targets, values)

    def shown(self, world: Simulation) -> dict[str, float]:
        """Return what a world shows, so far, of each target."""
        forces = float(world.forces.first_heads.sum())
        lived = world.past_rows + world.rows
        return evidence.shown_by(self.targets, lived, forces, until=len(lived))

    def predict(self, run: Run) -> dict[str, Value]:
        """Live an episode until all targets are known; return what it shows of them, and what else is asked."""
        world = world_of(run, past=False).run(self.stages[-1])
        lived = world.past_rows + world.rows
        outcome: dict[str, Value] = {"ending": "fell" if fell(world) else "survived"}
        loads = [row[list(MEASURES).index("load")] for row in lived]
        outcome["uncontrolled_days"] = sum(load > 1.0 for load in loads)
        if not fell(world):
            shown = self.shown(world)
            outcome |= shown | {"distance": self.distance(shown)}
        for name, measure, day in self.also:
            if day <= len(lived):
                outcome[name] = lived[day - 1][list(MEASURES).index(measure)]
        return outcome

    def read_by(self) -> dict[str, Any]:
        """Return what decides how a run is read: the targets, and the source that reads and searches."""
        files = (Path(__file__), Path(evidence.__file__))
        return {
            "calibrate": hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest(),
            "targets": {target.name: dataclasses.asdict(target) for target in self.targets},
            "also": [list(further) for further in self.also],
        }

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> "Fit":
        """Return the fit of whose trials a store says that it rests on all this (``rests_on``)."""
        targets = (Target(**told | {"days": tuple(told["days"])}) for told in spec["targets"].values())
        return cls(
            episode=Episode.from_dict(spec["episode"]), targets=tuple(targets), stages=tuple(spec["stages"]),
            also=tuple((name, measure, day) for name, measure, day in spec["also"]),
            **{name: spec[name] for name in ("n_citizens", "draws", "size", "rounds", "tolerance")},
        )  # fmt: skip

    def rests_on(self) -> dict[str, Any]:
        """Return all that the trials and the worlds of a folder depend on, by name."""
        options = ("n_citizens", "draws", "size", "rounds", "tolerance")
        return {
            **self.read_by(),
            "episode": self.episode.to_dict(),
            "stages": list(self.stages),
            **{name: getattr(self, name) for name in options},
        }

    def trial(self, ranks: np.ndarray, seed: int, farthest: float) -> Run:
        """Return the run that tries a world, given up once its distance must exceed ``farthest``."""
        return Run(
            episode=self.episode, parameters=parameters_at(informed(), ranks), arm="stay", seed=seed,
            n_citizens=self.n_citizens, asked={"farthest": farthest},
        )  # fmt: skip

    def attempt(self, run: Run) -> dict[str, Value]:
        """Live the episode once, and give it up as soon as its distance must exceed what is asked.

        Returns:
            What it showed by the day to which it was lived; its distance, if it was lived to the end.
        """
        world, allowed = world_of(run, past=False), dict(run.asked)["farthest"] ** 2 * len(self.targets)
        shown: dict[str, float] = {}
        distance = None
        for day in self.stages:
            world.run(days=day - len(world.past_rows) - len(world.rows))
            if fell(world):
                break
            shown = self.shown(world)
            if sum(miss**2 for miss in evidence.misses(self.targets, shown).values()) > allowed:
                break
        else:
            distance = self.distance(shown)
        ending = "fell" if fell(world) else "survived"
        return {**shown, "day": len(world.past_rows) + len(world.rows), "ending": ending, "distance": distance}


def fell(world: Simulation) -> bool:
    """Whether he has fallen, or would have in the past."""
    return bool(world.fell_before) or world.judge.ended_on is not None


@dataclass(frozen=True)
class Trial:
    """One run of an episode: where it was tried [ranks of the ranges], its seed, and what it showed."""

    ranks: np.ndarray
    seed: int
    distance: float
    shown: dict[str, float]


def tried(fit: Fit, ranks: np.ndarray, seed: int, outcome: Outcome) -> Trial:
    """Return a trial from what came of its run; it is infinitely far if he fell, or if it was given up."""
    if outcome is None or outcome["distance"] is None:
        return Trial(ranks, seed, math.inf, {})
    shown = {target.name: float(outcome[target.name] or 0.0) for target in fit.targets}
    return Trial(ranks, seed, float(outcome["distance"]), shown)


def trials(
    fit: Fit, places: Sequence[tuple[np.ndarray, int]], farthest: float | Sequence[float], still: int = 0
) -> Search[list[Trial]]:
    """Try worlds, each at its ranks and with its seed, and return them.

    Args:
        fit: what they are held against.
        places: ranks and seed of each.
        farthest: the distance past which a run is given up: one for all, or one for each.
        still: how many more may be asked for after them.
    """
    limits = np.broadcast_to(farthest, len(places)).tolist()
    asked = [fit.trial(ranks, seed, limit) for (ranks, seed), limit in zip(places, limits, strict=True)]
    outcomes = yield asked, still
    return [tried(fit, ranks, seed, outcome) for (ranks, seed), outcome in zip(places, outcomes, strict=True)]


def walk(
    fit: Fit, start: Trial, others: np.ndarray, seed: int, farthest: float, steps: int
) -> Search[tuple[Trial, int]]:
    """Let one world walk within its ranges and within ``farthest``; return where it stands and how often it moved.

    A step is one of three: a few numbers afresh from their ranges, some of them a little aside, or some way along
    the difference of two other worlds (differential evolution, ter Braak 2006; by parts, Vrugt 2009), which has
    the shape of the population. Each is as likely there as back, so the walk has the right stationary law.
    """
    dice = np.random.default_rng(seed)
    here, moved = start, 0
    for step in range(steps):
        there, kind = here.ranks.copy(), dice.random()
        if kind < 0.5:
            part = dice.choice(there.size, dice.integers(1, 4), replace=False)
            there[part] = dice.random(part.size)
        elif kind < 0.7:
            there += (dice.random(there.size) < 0.15) * 0.1 * dice.standard_normal(there.size)
        else:
            a, b = others[dice.choice(len(others), 2, replace=False)]
            moves = dice.random(there.size) < dice.choice([0.15, 0.4, 1.0])
            length = 2.38 / math.sqrt(2.0 * max(int(moves.sum()), 1)) * dice.uniform(0.3, 1.1)
            there += moves * (length * (a - b) + 0.01 * dice.standard_normal(there.size))
        if np.any(there < 0.0) or np.any(there > 1.0):
            continue
        [trial] = yield from trials(fit, [(there, int(dice.integers(2**53)))], farthest, steps - step - 1)
        if trial.distance <= farthest:
            here, moved = trial, moved + 1
    return here, moved


def pilot(fit: Fit, seed: int) -> Search[list[Trial]]:
    """Try a Latin hypercube over all ranges that an episode can inform; return the worlds in which he survives."""
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
    copies = pd.Series([trial.ranks.tobytes() for trial in population]).value_counts().to_numpy(float)
    return float(copies.sum() ** 2 / (copies**2).sum())


def worlds_table(population: Sequence[Trial]) -> pd.DataFrame:
    """Return the accepted worlds as ``model.worlds`` reads them; copies of one world are its weight."""
    rows: dict[bytes, dict[str, float]] = {}
    for trial in population:
        row = rows.setdefault(trial.ranks.tobytes(), {"weight": 0, "distance": trial.distance, SEED: trial.seed})
        row["weight"] += 1
        for name, value in zip(informed(), trial.ranks, strict=True):
            row[name] = float(spread(name, value))  # every digit: so that the history is lived again to the last bit
    return pd.DataFrame(rows.values()).sort_values("distance", ignore_index=True)


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

        def settle(some: Fit, number: int, steps: int) -> list[Trial]:
            """Let every world walk on within the tolerance."""
            dice = np.random.default_rng([seed, 4, number])
            ranks = np.array([trial.ranks for trial in population])
            seeds = [int(dice.integers(2**53)) for _ in population]
            walks = [
                walk(some, trial, ranks, own, fit.tolerance, steps)
                for trial, own in zip(population, seeds, strict=True)
            ]
            walked = stage(some, walks, f"walk {number}")
            log[-1] |= {"steps": steps, "moved": float(np.mean([times for _, times in walked])) / steps}
            return [trial for trial, _ in walked]

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
