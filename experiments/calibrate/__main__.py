"""Which worlds fit the wave of 2020, and which numbers does it teach us?

A pilot by Latin hypercube; then separate searches from parts of it, each of which tries new worlds around its
nearest until all are within the tolerance; then every world walks on among those that fit, with fresh chance
(a Markov chain whose stationary law is the posterior of approximate Bayesian computation: the prior, where a
run fits). The tolerance was set before the first run and does not move. A run that has missed too much by
September is not run to December.
"""

import datetime as dt
import json
import math
import shutil
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

from experiments.evidence import wave_2020 as wave
from experiments.lab.command import cores, one_clear_line, shared_options
from experiments.lab.runner import Run, carry_out, key, source_hash
from experiments.lab.store import Store, provenance, results_folder
from experiments.show.figures import GALLERY, canvas, fan, headline, in_months, in_people, save, style
from experiments.show.palette import BLACK, BLUE, VERMILLION
from model.episode import load_episode
from model.measures import MEASURES
from model.parameters import Parameters
from model.simulation import Simulation
from model.worlds import FILE, draw, fingerprint, informed, parameters_at, rank, spread

EXAMPLES = """\b
Examples:
  python -m experiments.calibrate                    two runs, the whole thing
  python -m experiments.calibrate --accept           and make its worlds the accepted ones
  python -m experiments.calibrate --draws 300 --size 60 --citizens 5000 --runs 1 --rounds 3"""

LAST_NIGHT = "2020-08-12"
"""Until this date the crowds of the weekly table are of the whole country."""
TOLERANCE = 1.4
"""The typical miss a world may have, in errors of target and model; set before the first run."""
STAGES = (4, 15, 71, 99, 145)
"""Days on which a run is looked at, and given up if its misses are already too many."""
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


@dataclass(frozen=True)
class Trial:
    """One run of 2020: where it was tried [ranks of the ranges], its seed, and what it showed."""

    ranks: np.ndarray
    seed: int
    distance: float
    shown: dict[str, float]


def attempt(ranks: np.ndarray, seed: int, n_citizens: int, farthest: float, base: Parameters | None = None) -> Trial:
    """Run 2020 once; give it up as soon as its distance must exceed ``farthest``."""
    world = Simulation(wave.EPISODE, parameters_at(informed(), ranks, base), rng=int(seed), n_citizens=n_citizens)
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


def walk(
    start: Trial, others: np.ndarray, seed: int, n_citizens: int, farthest: float, steps: int
) -> tuple[Trial, int]:
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
            part = dice.random(there.size) < dice.choice([0.15, 0.4, 1.0])
            length = 2.38 / math.sqrt(2.0 * max(part.sum(), 1)) * dice.uniform(0.3, 1.1)
            there += part * (length * (a - b) + 0.01 * dice.standard_normal(there.size))
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


def search(island: list[Trial], seed: int, number: int, n_citizens: int, rounds: int) -> tuple[list[Trial], int]:
    """Search from one island of the pilot's worlds; return those within the tolerance, and the rounds it took.

    Each round tries new worlds near the island's, in some or all of the numbers, by the island's own covariance
    (the kernel of a population Monte Carlo, Beaumont 2009), and keeps the nearest. No world is kept twice. The
    islands know nothing of each other, so what they find is not one family.
    """
    dice = np.random.default_rng([seed, 2, number])
    for done in range(rounds):
        farthest = island[-1].distance
        if farthest <= TOLERANCE:
            return island, done
        ranks = np.array([trial.ranks for trial in island])
        spread_of = np.cov(ranks.T)
        root = np.linalg.cholesky(0.9 * spread_of + 0.1 * np.diag(np.diag(spread_of)) + 1e-5 * np.eye(len(spread_of)))
        tried = []
        for _ in range(CHILDREN * len(island)):
            part = dice.random(ranks.shape[1]) < dice.choice([0.25, 1.0])
            step = dice.uniform(0.2, 0.8) * root @ dice.standard_normal(ranks.shape[1])
            there = np.abs(ranks[dice.integers(len(ranks))] + part * step)  # reflected at the ends of the ranges
            there = np.clip(1.0 - np.abs(1.0 - there), 0.0, 1.0)
            tried.append(attempt(there, int(dice.integers(2**62)), n_citizens, farthest))
        island = sorted(island + tried, key=lambda trial: trial.distance)[: len(island)]
    return [trial for trial in island if trial.distance <= TOLERANCE], rounds


def refine(population: list[Trial], seed: int, n_citizens: int, workers: int, pool: ProcessPoolExecutor) -> list[Trial]:
    """Run every world again with all citizens; those that do not fit any more give their place to those that do."""
    jobs = [(attempt, trial.ranks, trial.seed, n_citizens, TOLERANCE) for trial in population]
    fitting = [t for t in in_parallel(jobs, workers, "refining", pool) if t.distance <= TOLERANCE]
    if not fitting:
        raise click.ClickException("no world fits with all citizens: give another --seed, or more --size")
    dice = np.random.default_rng([seed, 3])
    return fitting + [fitting[place] for place in dice.integers(len(fitting), size=len(population) - len(fitting))]


def settle(
    population: list[Trial],
    seed: int,
    number: int,
    n_citizens: int,
    steps: int,
    workers: int,
    pool: ProcessPoolExecutor,
) -> tuple[list[Trial], float]:
    """Let every world walk on within the tolerance; return them and the share of steps that moved."""
    dice = np.random.default_rng([seed, 4, number])
    ranks = np.array([trial.ranks for trial in population])
    jobs = [(walk, trial, ranks, int(dice.integers(2**62)), n_citizens, TOLERANCE, steps) for trial in population]
    walked = in_parallel(jobs, workers, f"settling {number}", pool)
    return [trial for trial, _ in walked], float(np.mean([times for _, times in walked])) / steps


def effective_size(population: list[Trial]) -> float:
    """Return the effective sample size: copies of one world count once, (sum w)^2 / sum w^2 over distinct worlds."""
    copies = pd.Series([trial.ranks.tobytes() for trial in population]).value_counts().to_numpy(float)
    return float(copies.sum() ** 2 / (copies**2).sum())


def calibrate(
    seed: int, draws: int, size: int, n_citizens: int, workers: int, folder: Path, rounds: int
) -> tuple[list[Trial], list[dict[str, Any]]]:
    """Run pilot, islands and walks; each stage is kept in the folder, so that a stopped calibration goes on."""
    saved = folder / f"population-{seed}.json"
    told = {"source": source_hash(), "draws": draws, "size": size, "n_citizens": n_citizens, "tolerance": TOLERANCE}
    coarse = max(n_citizens // COARSE, 500)
    population, log = _resume(saved, told)
    dice = np.random.default_rng([seed, 3])
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        while len(log) < len(COARSE_WALKS) + len(WALKS) + 3:
            began, stage = time.perf_counter(), len(log)
            if stage == 0:
                tried = pilot(draws, seed, n_citizens, workers, pool)
                population = [trial for trial in tried if math.isfinite(trial.distance)]
                entry = {"survived": len(population) / draws, "best": min(trial.distance for trial in population)}
            elif stage == 1:
                order = dice.permutation(len(population))
                islands = [[population[place] for place in order[number::ISLANDS]] for number in range(ISLANDS)]
                islands = [sorted(island, key=lambda trial: trial.distance)[: size // ISLANDS] for island in islands]
                jobs = [(search, island, seed, number, coarse, rounds) for number, island in enumerate(islands)]
                found = in_parallel(jobs, workers, f"islands {seed}", pool)
                population = [trial for island, _ in found for trial in island]
                entry = {"within": [len(island) for island, _ in found], "rounds": [done for _, done in found]}
                if not population:
                    raise click.ClickException(
                        f"after {rounds} rounds no world lies within {TOLERANCE}: give more --rounds; if that does not "
                        "help, the model is wrong, not the target"
                    )
            elif stage == 2 + len(COARSE_WALKS):
                population, entry = refine(population, seed, n_citizens, workers, pool), {}
            else:
                fine = stage > 2 + len(COARSE_WALKS)
                steps = WALKS[stage - 3 - len(COARSE_WALKS)] if fine else COARSE_WALKS[stage - 2]
                citizens = n_citizens if fine else coarse
                if stage > 3 + len(COARSE_WALKS) and len(population) < size:
                    dice = np.random.default_rng([seed, 5, stage])
                    population += [
                        population[place] for place in dice.integers(len(population), size=size - len(population))
                    ]
                population, moved = settle(population, seed, stage, citizens, steps, workers, pool)
                entry = {"steps": steps, "moved": moved}
            log.append(_entry(stage, began, population, **entry))
            _save(saved, told, population, log)
    return population, log


def _entry(number: int, began: float, population: list[Trial], **more: Any) -> dict[str, Any]:
    """Return a line of the log."""
    seconds = time.perf_counter() - began
    return {"round": number, "ess": effective_size(population), "seconds": seconds} | more


def _resume(saved: Path, told: dict[str, Any]) -> tuple[list[Trial], list[dict[str, Any]]]:
    if not saved.is_file():
        return [], []
    held = json.loads(saved.read_text())
    if held["told"] != told:
        return [], []
    click.echo(f"going on from {saved.name}, stage {len(held['log'])}")
    return [Trial(np.array(t["ranks"]), t["seed"], t["distance"], t["shown"]) for t in held["population"]], held["log"]


def _save(saved: Path, told: dict[str, Any], population: list[Trial], log: list[dict[str, Any]]) -> None:
    rows = [
        {"ranks": trial.ranks.tolist(), "seed": trial.seed, "distance": trial.distance, "shown": trial.shown}
        for trial in population
    ]
    half = saved.with_suffix(".half")
    half.write_text(json.dumps({"told": told, "population": rows, "log": log}))
    half.replace(saved)


# What the accepted worlds say.


def predict(run: Run) -> dict[str, float | str]:
    """Run 2020 to its end and return what it shows: every target, and crowd and detentions on every Sunday."""
    world = Simulation(run.episode, run.parameters, arm=run.arm, rng=run.seed, n_citizens=run.n_citizens).run()
    outcome: dict[str, float | str] = {"ending": str(world.judge.ending)}
    outcome["uncontrolled_days"] = len(world.judge.uncontrolled_days)
    if world.day == world.episode.days:
        shown = wave.shown_by(world.rows, float(world.forces.first_heads.sum()), until=world.day)
        outcome |= shown | {"distance": wave.distance(shown)}
    for date in wave.weekly().index:
        day = world.episode.day_of(dt.date.fromisoformat(date))
        if day <= world.day:
            row = dict(zip(MEASURES, world.rows[day - 1], strict=True))
            country = date <= LAST_NIGHT
            outcome[f"crowd {date}"] = row["crowd" if country else "capital_crowd"]
            outcome[f"detained {date}"] = row["detained_today"]
    return outcome


def worlds_table(population: list[Trial]) -> pd.DataFrame:
    """Return the accepted worlds as ``model.worlds`` reads them; copies of one world are its weight."""
    rows: dict[bytes, dict[str, float]] = {}
    for trial in population:
        row = rows.setdefault(trial.ranks.tobytes(), {"weight": 0, "distance": trial.distance})
        row["weight"] += 1
        for name, value in zip(informed(), trial.ranks, strict=True):
            row[name] = float(f"{float(spread(name, value)):.6g}")
    return pd.DataFrame(rows.values()).sort_values("distance", ignore_index=True)


def contraction(table: pd.DataFrame) -> pd.Series:
    """Return how much narrower each number has become: 1 - variance / variance of the prior, in ranks of its range."""
    weight = table["weight"].to_numpy(float)
    told = {}
    for name in informed():
        ranks = rank(name, table[name].to_numpy())
        mean = np.average(ranks, weights=weight)
        told[name] = 1.0 - float(np.average((ranks - mean) ** 2, weights=weight)) * 12.0
    return pd.Series(told).sort_values(ascending=False)


def disagreement(populations: list[list[Trial]]) -> pd.Series:
    """Return how little independent runs agree on each number: the potential scale reduction of Gelman-Rubin (1992).

    1 is agreement; above about 1.1 the runs have not found the same worlds. Empty for one run.
    """
    if len(populations) < 2:
        return pd.Series(dtype=float)
    ranks = [np.array([trial.ranks for trial in population]) for population in populations]
    within = np.mean([rank.var(axis=0, ddof=1) for rank in ranks], axis=0)
    between = np.var([rank.mean(axis=0) for rank in ranks], axis=0, ddof=1)
    return pd.Series(np.sqrt(1.0 + between / within), index=informed()).sort_values(ascending=False)


def bands(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return every target with the model's 90 % band of fresh runs, and whether the observed lies outside."""
    told = []
    for target in wave.targets():
        low, middle, high = np.quantile(rows[target.name].dropna(), [0.05, 0.5, 0.95])
        told.append(
            {
                "name": target.name, "unit": target.unit, "observed": target.mid, "low": target.low,
                "high": target.high, "band_low": float(low), "band_mid": float(middle), "band_high": float(high),
                "outside": bool(not low <= target.mid <= high), "source": target.source,
            }
        )  # fmt: skip
    return told


def runs_of(table: Path, n: int, seed: int, n_citizens: int, without: tuple[str, ...] = ()) -> list[Run]:
    """Return fresh runs of 2020 of n draws, as every other experiment draws them, with some claims switched off."""
    episode = load_episode(wave.EPISODE)
    return [
        Run(
            episode=episode, parameters=world.parameters, arm="stay", seed=world.seed, n_citizens=n_citizens,
            labels={"draw": world.number, "without": "+".join(without) or "nothing"},
        )
        for world in draw(n, seed, table, Parameters().switch_off(*without))
    ]  # fmt: skip


def draw_wave(rows: pd.DataFrame, told: list[dict[str, Any]], path: Path) -> None:
    """Draw the wave: Minsk crowds and detentions, seen and modelled, and every target's miss."""
    seen = wave.weekly()
    dates = pd.to_datetime(seen.index)
    outside = sum(row["outside"] for row in told)
    with style():
        figure = canvas(11.0, 7.4)
        grid = figure.add_gridspec(2, 2, width_ratios=[1.5, 1.0])
        for place, what, title in (
            (0, "crowd", "In the street on the day (Minsk; to 12 August the country) [people, log]"),
            (1, "detained", "Detained on the day, in the country [people, log]"),
        ):
            axes = figure.add_subplot(grid[place, 0])
            shown = rows[[f"{what} {date}" for date in seen.index]].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
            fan(axes, dates, {q: line.clip(lower=10.0).to_numpy() for q, line in shown.T.items()}, BLUE)
            low, high = (seen[f"{what}_{end}"].clip(lower=10.0) for end in ("low", "high"))
            middle = seen["crowd_mid"] if what == "crowd" else np.sqrt(low * high)
            axes.errorbar(
                dates,
                middle,
                [middle - low, high - middle],
                fmt="o",
                ms=4,
                color=BLACK,
                lw=1,
                label="seen, low to high",
            )
            axes.set_yscale("log")
            axes.set_title(title)
            in_people(axes.yaxis)
            in_months(axes.xaxis)
            if place == 0:
                axes.legend(loc="lower left")
        axes = figure.add_subplot(grid[:, 1])
        by_name = {target.name: target for target in wave.targets()}
        for place, row in enumerate(reversed(told)):
            target = by_name[row["name"]]
            low, middle, high = (target.miss(row[f"band_{part}"]) for part in ("low", "mid", "high"))
            colour = VERMILLION if row["outside"] else BLUE
            axes.plot([low, high], [place, place], color=colour, lw=4, alpha=0.4, solid_capstyle="butt")
            axes.plot(middle, place, "o", color=colour, ms=4)
        axes.axvline(0.0, color=BLACK, lw=1)
        axes.set_yticks(range(len(told)), [row["name"] for row in reversed(told)])
        axes.set_xlabel("90 % of fresh runs [errors]")
        axes.set_title("Every target (0: as seen)")
        finding = (
            f"Of {len(told)} targets of the wave of 2020, {len(told) - outside} lie inside the 90 % band of fresh runs "
            "of the accepted worlds"
        )
        headline(figure, finding, "Fresh chance, 100,000 citizens. Bands: half and 90 % of the runs that survive 2020.")
        save(figure, path, provenance())


def ablations(rows: pd.DataFrame, without: pd.DataFrame) -> str:
    """Return in a sentence whether the wave changes without a claim, over the same worlds and seeds."""
    pairs = rows.set_index("draw").join(without.set_index("draw"), rsuffix=" off")
    gone = float((without["ending"] != "survived").mean() - (rows["ending"] != "survived").mean())
    changes = [
        f"{name} x{float(np.exp(np.log(pairs[name + ' off'] / pairs[name]).median())):.2f}"
        for name in (
            "crowd, peak of August",
            "crowd, plateau of autumn",
            "crowd, break of November",
            "detained, to the year's end",
        )
    ]
    fit = float((without["distance"] <= TOLERANCE).mean()), float((rows["distance"] <= TOLERANCE).mean())
    return (
        f"median ratios: {', '.join(changes)}; falls {gone:+.3f}; "
        f"within the tolerance again {fit[0]:.0%} of fresh runs (with it {fit[1]:.0%})"
    )


@click.command(epilog=EXAMPLES)
@click.option("--draws", default=3_000, show_default=True, help="Draws of the pilot.")
@click.option("--size", default=320, show_default=True, help="Worlds in each run.")
@click.option(
    "--runs",
    default=2,
    show_default=True,
    help="Independent runs: their worlds are pooled, and compared.",
)
@click.option("--rounds", default=40, show_default=True, help="Most rounds of a search.")
@shared_options("results/calibrate", citizens=100_000)
@click.option("--accept", is_flag=True, help="Make these the accepted worlds (model/data/, experiments/gallery/).")
@one_clear_line
def main(
    draws: int, size: int, n_citizens: int, seed: int, runs: int, rounds: int, workers: int | None, results: str,
    accept: bool,
) -> None:  # fmt: skip
    """Find the worlds that fit the wave of 2020, and say what it teaches."""
    folder = results_folder(results)
    workers = cores(workers)
    populations, logs = [], []
    for number in range(seed, seed + runs):
        population, log = calibrate(number, draws, size, n_citizens, workers, folder, rounds)
        populations.append(population)
        logs.append(log)
    table = worlds_table([trial for population in populations for trial in population])
    table.to_csv(folder / "worlds.csv", index=False)
    frames = {}
    for without in ((), ("debt",), ("conditional_support",)):
        name = "+".join(without) or "nothing"
        asked = runs_of(folder / "worlds.csv", len(table), seed, n_citizens, without)
        with Store(folder / "predictions.sqlite") as store:
            carry_out(asked, predict, store, workers=workers, description=f"fresh runs without {name}")
            frames[name] = pd.DataFrame(store.results({key(run, predict) for run in asked}))
    rows = frames["nothing"]
    told = bands(rows)
    told_of = {"source": source_hash(), "draws": draws, "size": size, "n_citizens": n_citizens, "seed": seed}
    record = {
        "targets": told,
        "tolerance": TOLERANCE,
        "ess": [effective_size(population) for population in populations],
        "worlds": len(table),
        "distance": {"median": float(rows["distance"].median()), "best": float(table["distance"].min())},
        "fresh_runs": {
            "n": len(rows),
            "survived": float((rows["ending"] == "survived").mean()),
            "within_tolerance": float((rows["distance"] <= TOLERANCE).mean()),
            "beyond_control_some_day": float((rows["uncontrolled_days"] > 0).mean()),
        },
        "contraction": contraction(table).round(3).to_dict(),
        "gelman_rubin": disagreement(populations).round(3).to_dict(),
        "without": {
            "the debt (C3)": ablations(rows, frames["debt"]),
            "conditional support (C15)": ablations(rows, frames["conditional_support"]),
        },
        "log": logs,
        "fingerprint": fingerprint("belarus-2020"),
        "provenance": provenance() | told_of,
    }
    (folder / "calibration.json").write_text(json.dumps(record, indent=1) + "\n")
    draw_wave(rows, told, folder / "calibration.png")
    report = verdict(record)
    (folder / "verdict.txt").write_text(report + "\n")
    click.echo(report)
    if accept:
        shutil.copy(folder / "worlds.csv", FILE)
        shutil.copy(folder / "calibration.json", FILE.with_name("calibration.json"))
        shutil.copy(folder / "calibration.png", GALLERY / "calibration.png")
    click.echo(f"written to {folder}" + (", and accepted into model/data and experiments/gallery" if accept else ""))


def verdict(record: dict[str, Any]) -> str:
    """Return what the calibration says, in words."""
    lines = [
        f"{record['worlds']} worlds lie within {record['tolerance']} errors of the wave of 2020 "
        f"(effective sample size of each run: {', '.join(f'{size:.0f}' for size in record['ess'])}).",
        f"Fresh runs of them: {record['fresh_runs']['survived']:.0%} survive 2020, "
        f"{record['fresh_runs']['within_tolerance']:.0%} fit again, median distance "
        f"{record['distance']['median']:.2f}; in {record['fresh_runs']['beyond_control_some_day']:.0%} the crowd was "
        "more than he could hold on some day.",
        "",
        f"{'target':<46}{'seen':>12}  {'90 % of fresh runs':<26}",
    ]
    for row in record["targets"]:
        shown = "{:,.3f}" if row["unit"].startswith("share") else "{:,.0f}"
        band = f"{shown.format(row['band_low'])} to {shown.format(row['band_high'])}"
        lines.append(
            f"{row['name']:<46}{shown.format(row['observed']):>12}  {band:<26}{'OUTSIDE' if row['outside'] else ''}"
        )
    lines += ["", "What 2020 teaches (1: all, 0: nothing; share of the range's variance that is gone):"]
    known = [f"{name} {value:.2f}" for name, value in record["contraction"].items() if value >= 0.2]
    rest = [name for name, value in record["contraction"].items() if value < 0.2]
    lines.append("  " + ", ".join(known))
    lines.append(f"  little or nothing about {len(rest)} others: " + ", ".join(rest))
    apart = record["gelman_rubin"]
    if apart:
        disagreed = [f"{name} {value:.2f}" for name, value in apart.items() if value > 1.1]
        lines.append(
            f"Independent runs agree on {len(apart) - len(disagreed)} of {len(apart)} numbers "
            "(Gelman-Rubin at most 1.1)" + (f"; not on {', '.join(disagreed)}." if disagreed else ".")
        )
    lines += [f"Without {name}: {words}" for name, words in record["without"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
