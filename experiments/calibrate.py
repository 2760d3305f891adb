"""Which worlds fit the wave of 2020, and which numbers does it teach us?

A pilot by Latin hypercube, then rounds of approximate Bayesian computation: the worst half of a population
is replaced by copies of the better half, and each copy walks on among the worlds no farther than the worst
kept one (Drovandi-Pettitt 2011), until all are within the tolerance. The tolerance was set before the first
run and does not move. A run that has missed too much by September is not run to December.
"""

import json
import math
import time
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

from experiments import wave
from experiments.runner import source_hash
from model.parameters import Parameters
from model.simulation import Simulation
from model.worlds import informed, parameters_at

TOLERANCE = 1.4
"""The typical miss a world may have, in errors of target and model; set before the first run."""
STAGES = (4, 15, 71, 99, 145)
"""Days on which a run is looked at, and given up if its misses are already too many."""
STEPS = 8
"""Steps of each copy's walk in a round."""
SETTLING = 2
"""How often every accepted world walks on with all citizens."""
COARSE = 5
"""The rounds use one citizen in so many; the pilot and the accepted worlds use all."""


@dataclass(frozen=True)
class Trial:
    """One run of 2020: where it was tried [ranks of the ranges], its seed, and what it showed."""

    ranks: np.ndarray
    seed: int
    distance: float
    shown: dict[str, float]


def attempt(
    ranks: np.ndarray, seed: int, n_citizens: int, farthest: float, base: Parameters | None = None
) -> Trial:
    """Run 2020 once; give it up as soon as its distance must exceed ``farthest``."""
    world = Simulation(
        wave.EPISODE, parameters_at(informed(), ranks, base), rng=int(seed), n_citizens=n_citizens
    )
    forces = float(world.forces.first_heads.sum())
    allowed = farthest**2 * len(wave.targets())
    shown: dict[str, float] = {}
    for day in STAGES:
        world.run(days=day - world.day)
        if world.day < day:  # he fell
            return Trial(ranks, seed, math.inf, {})
        shown = wave.shown_by(world.rows, forces, until=day)
        if sum(miss**2 for miss in wave.misses(shown).values()) > allowed:
            return Trial(ranks, seed, math.inf, {})
    return Trial(ranks, seed, wave.distance(shown), shown)


def walk(start: Trial, others: np.ndarray, seed: int, n_citizens: int, farthest: float) -> tuple[Trial, int]:
    """Let one world walk within its ranges and within ``farthest``; return where it stands and how often it moved.

    A step goes some way along the difference of two other worlds, in some of the numbers (differential
    evolution, ter Braak 2006; by parts, Vrugt 2009), so that steps have the shape of the population.
    """
    dice = np.random.default_rng(seed)
    here, moved = start, 0
    for _ in range(STEPS):
        a, b = others[dice.choice(len(others), 2, replace=False)]
        part = dice.random(here.ranks.size) < dice.choice([0.15, 0.4, 1.0])
        if not part.any():
            continue
        length = 2.38 / math.sqrt(2.0 * part.sum()) * dice.uniform(0.3, 1.1)
        there = here.ranks + part * (length * (a - b) + 0.01 * dice.standard_normal(here.ranks.size))
        if np.any(there < 0.0) or np.any(there > 1.0):
            continue
        trial = attempt(there, int(dice.integers(2**62)), n_citizens, farthest)
        if trial.distance <= farthest:
            here, moved = trial, moved + 1
    return here, moved


def _call(job: tuple[Any, ...]) -> Any:
    function, *arguments = job
    return function(*arguments)


def in_parallel(jobs: list[tuple[Any, ...]], workers: int, what: str, pool: ProcessPoolExecutor) -> list[Any]:
    """Carry out jobs on all cores, with a bar; results keep the order of the jobs."""
    chunk = max(1, len(jobs) // (workers * 40))
    return list(tqdm(pool.map(_call, jobs, chunksize=chunk), total=len(jobs), desc=what, unit="job", smoothing=0.05))


def pilot(draws: int, seed: int, n_citizens: int, workers: int, pool: ProcessPoolExecutor) -> list[Trial]:
    """Try a Latin hypercube over all ranges that 2020 can inform."""
    dice = np.random.default_rng([seed, 1])
    places = qmc.LatinHypercube(len(informed()), rng=dice).random(draws)
    jobs = [(attempt, place, int(dice.integers(2**62)), n_citizens, math.inf) for place in places]
    return in_parallel(jobs, workers, f"pilot {seed}", pool)


def replenish(
    population: list[Trial], seed: int, number: int, n_citizens: int, workers: int, pool: ProcessPoolExecutor
) -> tuple[list[Trial], float, float]:
    """Replace the worst half by walks from the better; return the population, its farthest, and the share that moved."""
    dice = np.random.default_rng([seed, 2, number])
    population = sorted(population, key=lambda trial: trial.distance)
    half = max(len(population) // 2, sum(trial.distance <= TOLERANCE for trial in population))
    half = min(half, len(population) - 1) if population[-1].distance > TOLERANCE else len(population) // 2
    kept = population[:half]
    farthest = max(kept[-1].distance, TOLERANCE)
    ranks = np.array([trial.ranks for trial in kept])
    starts = dice.integers(half, size=len(population) - half)
    jobs = [(walk, kept[s], ranks, int(dice.integers(2**62)), n_citizens, farthest) for s in starts]
    walked = in_parallel(jobs, workers, f"round {number}, to {farthest:.2f}", pool)
    moved = float(np.mean([times for _, times in walked])) / STEPS
    return kept + [trial for trial, _ in walked], farthest, moved


def refine(
    population: list[Trial], seed: int, n_citizens: int, workers: int, pool: ProcessPoolExecutor
) -> list[Trial]:
    """Run every world again with all citizens; those that do not fit any more give their place to those that do."""
    jobs = [(attempt, trial.ranks, trial.seed, n_citizens, TOLERANCE) for trial in population]
    fitting = [t for t in in_parallel(jobs, workers, "refining", pool) if t.distance <= TOLERANCE]
    if not fitting:
        raise click.ClickException("no world fits with all citizens: give another --seed, or more --size")
    dice = np.random.default_rng([seed, 3])
    return fitting + [fitting[place] for place in dice.integers(len(fitting), size=len(population) - len(fitting))]


def settle(
    population: list[Trial], seed: int, number: int, n_citizens: int, workers: int, pool: ProcessPoolExecutor
) -> tuple[list[Trial], float]:
    """Let every world walk once more within the tolerance; return them and the share of steps that moved."""
    dice = np.random.default_rng([seed, 4, number])
    ranks = np.array([trial.ranks for trial in population])
    jobs = [(walk, trial, ranks, int(dice.integers(2**62)), n_citizens, TOLERANCE) for trial in population]
    walked = in_parallel(jobs, workers, f"settling {number}", pool)
    return [trial for trial, _ in walked], float(np.mean([times for _, times in walked])) / STEPS


def effective_size(population: list[Trial]) -> float:
    """Return the effective sample size: copies of one world count once, (sum w)^2 / sum w^2 over distinct worlds."""
    copies = pd.Series([trial.ranks.tobytes() for trial in population]).value_counts().to_numpy(float)
    return float(copies.sum() ** 2 / (copies**2).sum())


def calibrate(
    seed: int, draws: int, size: int, n_citizens: int, workers: int, folder: Path, rounds: int
) -> tuple[list[Trial], list[dict[str, Any]]]:
    """Run pilot and rounds; each round is kept in the folder, so that a stopped calibration goes on from there."""
    saved = folder / f"population-{seed}.json"
    told = {"source": source_hash(), "draws": draws, "size": size, "n_citizens": n_citizens, "tolerance": TOLERANCE}
    population, log, settled = _resume(saved, told)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        if not population:
            began = time.perf_counter()
            tried = pilot(draws, seed, n_citizens, workers, pool)
            population = sorted(tried, key=lambda trial: trial.distance)[:size]
            population = [trial for trial in population if math.isfinite(trial.distance)]
            survived = float(np.mean([math.isfinite(trial.distance) for trial in tried]))
            log.append(_entry(0, began, population, survived=survived, best=population[0].distance))
            _save(saved, told, population, log, settled)
        coarse = max(n_citizens // COARSE, 1_000)
        while population_farthest(population) > TOLERANCE and len(log) <= rounds:
            began = time.perf_counter()
            population, farthest, moved = replenish(population, seed, len(log), coarse, workers, pool)
            log.append(_entry(len(log), began, population, farthest=farthest, moved=moved))
            _save(saved, told, population, log, settled)
        while population_farthest(population) <= TOLERANCE and settled <= SETTLING:
            began = time.perf_counter()
            if settled == 0:
                population, moved = refine(population, seed, n_citizens, workers, pool), None
            else:
                population, moved = settle(population, seed, settled, n_citizens, workers, pool)
            settled += 1
            log.append(_entry(len(log), began, population, settled=settled, moved=moved))
            _save(saved, told, population, log, settled)
    return population, log


def _entry(number: int, began: float, population: list[Trial], **more: Any) -> dict[str, Any]:
    """Return a line of the log."""
    seconds = time.perf_counter() - began
    return {"round": number, "ess": effective_size(population), "seconds": seconds} | more


def population_farthest(population: list[Trial]) -> float:
    """Return the largest distance in a population."""
    return max(trial.distance for trial in population)


def _resume(saved: Path, told: dict[str, Any]) -> tuple[list[Trial], list[dict[str, Any]], int]:
    if not saved.is_file():
        return [], [], 0
    held = json.loads(saved.read_text())
    if held["told"] != told:
        return [], [], 0
    trials = [Trial(np.array(t["ranks"]), t["seed"], t["distance"], t["shown"]) for t in held["population"]]
    click.echo(f"going on from {saved.name}, round {len(held['log'])}")
    return trials, held["log"], held["settled"]


def _save(saved: Path, told: dict[str, Any], population: list[Trial], log: list[dict[str, Any]], settled: int) -> None:
    rows = [
        {"ranks": trial.ranks.tolist(), "seed": trial.seed, "distance": trial.distance, "shown": trial.shown}
        for trial in population
    ]
    half = saved.with_suffix(".half")
    half.write_text(json.dumps({"told": told, "population": rows, "log": log, "settled": settled}))
    half.replace(saved)
