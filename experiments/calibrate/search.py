"""How worlds that fit are found: pilot, islands, walks; each stage is kept, and only its own search goes on from it."""

import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from scipy.stats import qmc
from tqdm import tqdm

from agents.ground.sources import source_hash
from experiments.evidence import targets as evidence
from experiments.evidence.targets import Target
from experiments.lab.runner import Run, Value
from experiments.lab.store import StoreError, differences
from experiments.lab.tasks import world_of
from model.episode import Episode
from model.measures import MEASURES
from model.simulation import Simulation
from model.worlds import informed, parameters_at, spread

TOLERANCE = 1.4
"""The typical miss a world may have, in errors of target and model; set before the first run."""
ISLANDS = 8
"""Searches that start from separate parts of the pilot and know nothing of each other."""
COARSE_WALKS = (40, 40)
"""Steps that every world walks among those that fit, with few citizens, twice."""
WALKS = (8,) * 8
"""Steps that it walks on with all citizens; from the second time on, copies fill the population up to its size."""
CHILDREN = 3
"""New worlds tried for each in the population, in a round of the search."""
COARSE = 10
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
        return evidence.shown_by(self.targets, world.rows, forces, until=world.day)

    def predict(self, run: Run) -> dict[str, Value]:
        """Live an episode to its end and return what it shows: every target, and what else is asked."""
        world = world_of(run).run()
        outcome: dict[str, Value] = {"ending": str(world.judge.ending)}
        outcome["uncontrolled_days"] = len(world.judge.uncontrolled_days)
        if world.day >= self.stages[-1]:
            shown = self.shown(world)
            outcome |= shown | {"distance": self.distance(shown)}
        for name, measure, day in self.also:
            if day <= world.day:
                outcome[name] = world.rows[day - 1][list(MEASURES).index(measure)]
        return outcome

    def read_by(self) -> dict[str, Any]:
        """Return what decides how a run is read: the targets, and the source that reads and searches."""
        files = (Path(__file__), Path(evidence.__file__))
        return {
            "calibrate": hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest(),
            "targets": {target.name: dataclasses.asdict(target) for target in self.targets},
            "also": [list(further) for further in self.also],
        }

    def rests_on(self, seed: int) -> dict[str, Any]:
        """Return all that a population of one seed depends on, by name."""
        options = ("n_citizens", "draws", "size", "rounds", "tolerance")
        return {
            "model": source_hash(),
            **self.read_by(),
            "episode": self.episode.to_dict(),
            "stages": list(self.stages),
            "seed": seed,
            **{name: getattr(self, name) for name in options},
        }


@dataclass(frozen=True)
class Trial:
    """One run of an episode: where it was tried [ranks of the ranges], its seed, and what it showed."""

    ranks: np.ndarray
    seed: int
    distance: float
    shown: dict[str, float]


def attempt(fit: Fit, ranks: np.ndarray, seed: int, farthest: float) -> Trial:
    """Live the episode once; give it up as soon as its distance must exceed ``farthest``."""
    world = Simulation(fit.episode, parameters_at(informed(), ranks), rng=int(seed), n_citizens=fit.n_citizens)
    allowed = farthest**2 * len(fit.targets)
    shown: dict[str, float] = {}
    for day in fit.stages:
        world.run(days=day - world.day)
        if world.day < day:  # he fell
            return Trial(ranks, seed, math.inf, {})
        shown = fit.shown(world)
        if sum(miss**2 for miss in evidence.misses(fit.targets, shown).values()) > allowed:
            return Trial(ranks, seed, math.inf, {})
    return Trial(ranks, seed, fit.distance(shown), shown)


def walk(fit: Fit, start: Trial, others: np.ndarray, seed: int, farthest: float, steps: int) -> tuple[Trial, int]:
    """Let one world walk within its ranges and within ``farthest``; return where it stands and how often it moved.

    A step is one of three: a few numbers afresh from their ranges, some of them a little aside, or some way along
    the difference of two other worlds (differential evolution, ter Braak 2006; by parts, Vrugt 2009), which has
    the shape of the population. Each is as likely there as back, so the walk has the right stationary law.
    """
    dice = np.random.default_rng(seed)
    here, moved = start, 0
    for _ in range(steps):
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
        trial = attempt(fit, there, int(dice.integers(2**62)), farthest)
        if trial.distance <= farthest:
            here, moved = trial, moved + 1
    return here, moved


@dataclass(frozen=True)
class Crew:
    """Who carries out the jobs of a search: a pool of processes."""

    pool: ProcessPoolExecutor
    workers: int

    def carry_out(self, jobs: list[tuple[Any, ...]], what: str) -> list[Any]:
        """Carry out jobs on all cores, with a bar; results keep the order of the jobs."""
        chunk = max(1, len(jobs) // (self.workers * 40))
        results = self.pool.map(_call, jobs, chunksize=chunk)
        return list(tqdm(results, total=len(jobs), desc=what, unit="job", smoothing=0.05))


def _call(job: tuple[Any, ...]) -> Any:
    function, *arguments = job
    return function(*arguments)


def pilot(fit: Fit, seed: int, crew: Crew) -> list[Trial]:
    """Try a Latin hypercube over all ranges that an episode can inform; return the worlds in which he survives."""
    dice = np.random.default_rng([seed, 1])
    places = qmc.LatinHypercube(len(informed()), rng=dice).random(fit.draws)
    jobs = [(attempt, fit, place, int(dice.integers(2**62)), math.inf) for place in places]
    survived = [trial for trial in crew.carry_out(jobs, f"pilot {seed}") if math.isfinite(trial.distance)]
    if len(survived) < 2 * ISLANDS:
        raise click.ClickException(
            f"in {len(survived)} of {fit.draws} draws he is still there when the last target is known; a search needs "
            f"{2 * ISLANDS}: give more --draws; if that does not help, check the forces and events of the episode"
        )
    return survived


def search(fit: Fit, island: list[Trial], seed: int, number: int) -> tuple[list[Trial], int, Trial]:
    """Search from one island of the pilot's worlds; return those that fit, the rounds it took, and the nearest.

    Each round tries new worlds near the island's, in some or all of the numbers, by the island's own covariance
    (the kernel of a population Monte Carlo, Beaumont 2009), and keeps the nearest. No world is kept twice. The
    islands know nothing of each other, so what they find is not one family.
    """
    dice = np.random.default_rng([seed, 2, number])
    for done in range(fit.rounds):
        farthest = island[-1].distance
        if farthest <= fit.tolerance:
            return island, done, island[0]
        ranks = np.array([trial.ranks for trial in island])
        spread_of = np.cov(ranks.T)
        root = np.linalg.cholesky(0.9 * spread_of + 0.1 * np.diag(np.diag(spread_of)) + 1e-5 * np.eye(len(spread_of)))
        tried = []
        for _ in range(CHILDREN * len(island)):
            part = dice.random(ranks.shape[1]) < dice.choice([0.25, 1.0])
            step = dice.uniform(0.2, 0.8) * root @ dice.standard_normal(ranks.shape[1])
            there = np.abs(ranks[dice.integers(len(ranks))] + part * step)  # reflected at the ends of the ranges
            there = np.clip(1.0 - np.abs(1.0 - there), 0.0, 1.0)
            tried.append(attempt(fit, there, int(dice.integers(2**62)), farthest))
        island = sorted(island + tried, key=lambda trial: trial.distance)[: len(island)]
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


def refine(fit: Fit, population: list[Trial], seed: int, crew: Crew) -> list[Trial]:
    """Run every world again with all citizens; those that do not fit any more give their place to those that do."""
    jobs = [(attempt, fit, trial.ranks, trial.seed, fit.tolerance) for trial in population]
    fitting = [trial for trial in crew.carry_out(jobs, "refining") if trial.distance <= fit.tolerance]
    if not fitting:
        raise click.ClickException("no world fits with all citizens: give another --seed, or more --size")
    dice = np.random.default_rng([seed, 3])
    return fitting + [fitting[place] for place in dice.integers(len(fitting), size=len(population) - len(fitting))]


def settle(
    fit: Fit, population: list[Trial], seed: int, number: int, steps: int, crew: Crew
) -> tuple[list[Trial], float]:
    """Let every world walk on within the tolerance; return them and the share of steps that moved."""
    dice = np.random.default_rng([seed, 4, number])
    ranks = np.array([trial.ranks for trial in population])
    jobs = [(walk, fit, trial, ranks, int(dice.integers(2**62)), fit.tolerance, steps) for trial in population]
    walked = crew.carry_out(jobs, f"settling {number}")
    return [trial for trial, _ in walked], float(np.mean([times for _, times in walked])) / steps


def effective_size(population: Sequence[Trial]) -> float:
    """Return the effective sample size: copies of one world count once, (sum w)^2 / sum w^2 over distinct worlds."""
    copies = pd.Series([trial.ranks.tobytes() for trial in population]).value_counts().to_numpy(float)
    return float(copies.sum() ** 2 / (copies**2).sum())


def worlds_table(population: Sequence[Trial]) -> pd.DataFrame:
    """Return the accepted worlds as ``model.worlds`` reads them; copies of one world are its weight."""
    rows: dict[bytes, dict[str, float]] = {}
    for trial in population:
        row = rows.setdefault(trial.ranks.tobytes(), {"weight": 0, "distance": trial.distance})
        row["weight"] += 1
        for name, value in zip(informed(), trial.ranks, strict=True):
            row[name] = float(f"{float(spread(name, value)):.6g}")
    return pd.DataFrame(rows.values()).sort_values("distance", ignore_index=True)


def calibrate(fit: Fit, seed: int, folder: Path, workers: int) -> tuple[list[Trial], list[dict[str, Any]]]:
    """Run pilot, islands and walks; each stage is kept in the folder, so that a stopped calibration goes on."""
    saved = folder / f"population-{seed}.json"
    rests_on = fit.rests_on(seed)
    coarse = dataclasses.replace(fit, n_citizens=max(fit.n_citizens // COARSE, 500))
    population, log = resume(saved, rests_on)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        crew = Crew(pool, workers)
        while len(log) < len(COARSE_WALKS) + len(WALKS) + 3:
            began, stage = time.perf_counter(), len(log)
            if stage == 0:
                population = pilot(fit, seed, crew)
                best = min(trial.distance for trial in population)
                entry: dict[str, Any] = {"survived": len(population) / fit.draws, "best": best}
            elif stage == 1:
                population, entry = _islands(coarse, population, seed, crew)
            elif stage == 2 + len(COARSE_WALKS):
                population, entry = refine(fit, population, seed, crew), {}
            else:
                fine = stage > 2 + len(COARSE_WALKS)
                steps = WALKS[stage - 3 - len(COARSE_WALKS)] if fine else COARSE_WALKS[stage - 2]
                if stage > 3 + len(COARSE_WALKS) and len(population) < fit.size:
                    dice = np.random.default_rng([seed, 5, stage])
                    more = dice.integers(len(population), size=fit.size - len(population))
                    population += [population[place] for place in more]
                population, moved = settle(fit if fine else coarse, population, seed, stage, steps, crew)
                entry = {"steps": steps, "moved": moved}
            seconds = time.perf_counter() - began
            log.append({"round": stage, "ess": effective_size(population), "seconds": seconds} | entry)
            save(saved, rests_on, population, log)
    return population, log


def _islands(fit: Fit, population: list[Trial], seed: int, crew: Crew) -> tuple[list[Trial], dict[str, Any]]:
    """Deal the pilot's worlds out to the islands and search from each; return what fits, and a line for the log."""
    order = np.random.default_rng([seed, 3]).permutation(len(population))
    islands = [[population[place] for place in order[number::ISLANDS]] for number in range(ISLANDS)]
    islands = [sorted(island, key=lambda trial: trial.distance)[: fit.size // ISLANDS] for island in islands]
    jobs = [(search, fit, island, seed, number) for number, island in enumerate(islands)]
    searched = crew.carry_out(jobs, f"islands {seed}")
    population = [trial for island, _, _ in searched for trial in island]
    if len(population) < 2:
        nearest = min((nearest for _, _, nearest in searched), key=lambda trial: trial.distance)
        raise click.ClickException(too_few(fit, len(population), nearest))
    return population, {
        "within": [len(island) for island, _, _ in searched],
        "rounds": [done for _, done, _ in searched],
    }


def resume(saved: Path, rests_on: dict[str, Any]) -> tuple[list[Trial], list[dict[str, Any]]]:
    """Return the population and the log that a stopped calibration left, or nothing where there is none.

    Raises:
        StoreError: if it cannot be read, or rests on something else; each difference is named.
    """
    way_out = "give another --results, or delete the file to start anew"
    if not saved.is_file():
        return [], []
    try:
        left = json.loads(saved.read_text(encoding="utf-8"))
        held, log = dict(left["rests_on"]), [dict(entry) for entry in left["log"]]
        population = [_trial(**kept) for kept in left["population"]]
        if not log or not population:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StoreError(f"{saved} is no population of this calibration: {way_out}") from None
    lines = differences(held, json.loads(json.dumps(rests_on)))
    if lines:
        raise StoreError(f"{saved} is of another calibration: {'; '.join(lines)}: {way_out}")
    click.echo(f"going on from {saved.name}, stage {len(log)}")
    return population, log


def _trial(*, ranks: list[float], seed: int, distance: float, shown: dict[str, float]) -> Trial:
    """Return a trial that was kept.

    Raises:
        ValueError: if it is none of a population: each has ranks of all informed numbers, and fits somehow.
    """
    kept = Trial(np.array(ranks, float), seed, float(distance), {name: float(value) for name, value in shown.items()})
    within = kept.ranks.shape == (len(informed()),) and ((kept.ranks >= 0.0) & (kept.ranks <= 1.0)).all()
    if not within or not isinstance(seed, int) or not math.isfinite(kept.distance):
        raise ValueError
    return kept


def save(saved: Path, rests_on: dict[str, Any], population: Sequence[Trial], log: list[dict[str, Any]]) -> None:
    """Keep a population and its log, whole or not at all, with all that they rest on."""
    rows = [
        {"ranks": trial.ranks.tolist(), "seed": trial.seed, "distance": trial.distance, "shown": trial.shown}
        for trial in population
    ]
    half = saved.with_suffix(".half")
    half.write_text(json.dumps({"rests_on": rests_on, "population": rows, "log": log}), encoding="utf-8")
    half.replace(saved)
