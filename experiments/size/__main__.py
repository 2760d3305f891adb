"""Is the tipping an artefact of few agents?

In Epstein's model of civil violence it partly is. Here the same worlds are lived with 2,000, 20,000, 200,000 and
2,000,000 citizens: those near the line, in which he may fall or survive after entry, and, where the worlds were
fitted to another episode, the wave of protest in that. A world keeps its seed, so units, elites and the shocks common
to all have the same luck at every size, and what differs is the number of citizens. The verdict follows from a rule
that is stated before anything is run.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from agents.citizen.population import checked_size
from experiments.evidence.wave_2020 import EPISODE as WAVE
from experiments.lab.command import OneLine, cite_option, option
from experiments.lab.cores import cores
from experiments.lab.design import DesignError
from experiments.lab.memory import most_memory
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.size.findings import REFERENCE, findings_of
from experiments.size.words import verdict
from model.episode import Episode, load_episode
from model.measures import MEASURES, summary
from model.simulation import Arm, Simulation
from model.worlds import World, draw, file_of, origin

SIZES = (2_000, REFERENCE, 200_000, 2_000_000)
NEAR = (0.2, 0.8)
"""A world is near the line if the share of its scouting runs in which he falls lies between these."""
EXAMPLES = """\b
Examples:
  python -m experiments.size
  python -m experiments.size --one-to-one
  python -m experiments.size --episode my-country.toml
  python -m experiments.size --draws 60 --near 10 --seeds 4 --sizes 2000,20000,200000"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is lived: worlds near the line after entry, and the wave that they were fitted to, at several sizes."""

    episode: Episode
    """The episode in which he enters."""
    wave: Episode | None
    """The episode that the worlds were fitted to; None: there is none beside the first."""
    worlds: tuple[World, ...]
    sizes: tuple[int, ...]
    seeds: int
    scouts: int
    """Runs of each world that tell whether it is near the line."""
    days: int | None = None

    def scouting(self) -> list[Run]:
        """Return the runs that tell which worlds are near the line; their seeds are used for nothing else."""
        return [
            self.run("scout", self.with_front(world), Arm.ENTER, world, turn, REFERENCE)
            for turn in range(self.scouts)
            for world in self.worlds
        ]

    def runs(self, near: Sequence[int]) -> list[Run]:
        """Return the runs of the worlds near the line, and fewer of as many worlds in the wave, by size."""
        turns = range(self.scouts, self.scouts + self.seeds)
        line = [
            self.run("line", self.with_front(self.worlds[number]), Arm.ENTER, self.worlds[number], turn, n)
            for n in self.sizes
            for turn in turns
            for number in near
        ]
        if self.wave is None:
            return line
        return line + [
            self.run("wave", self.wave, Arm.STAY, world, turn, n)
            for n in self.sizes
            for turn in turns[: max(1, self.seeds // 4)]
            for world in self.worlds[: len(near)]
        ]

    def with_front(self, world: World) -> Episode:
        """Return the episode with the course of the front that a world has drawn."""
        return self.episode.replace(entry_front=world.front)

    def run(self, kind: str, episode: Episode, arm: str, world: World, turn: int, n: int) -> Run:
        """Return one run; a world and a turn have the same seed at every size."""
        return Run(
            episode=episode,
            parameters=world.parameters,
            arm=arm,
            seed=world.seed + turn * len(self.worlds),
            history=world.history,
            n_citizens=n,
            days=self.days,
            labels={"kind": kind, "world": world.number, "turn": turn},
        )


def sizes_of(text: str) -> tuple[int, ...]:
    """Return the sizes of a text.

    >>> sizes_of("2000,20000, 200000")
    (2000, 20000, 200000)

    Raises:
        DesignError: if they are not numbers, or leave out ``REFERENCE`` or what is to be compared with it.
    """
    try:
        sizes = tuple(sorted({int(size) for size in text.split(",")}))
    except ValueError:
        raise DesignError(f"--sizes {text}: expected whole numbers with commas between, as in 20000,200000") from None
    if REFERENCE not in sizes or max(sizes) == REFERENCE:
        raise DesignError(f"--sizes {text}: expected {REFERENCE} and something larger, to compare with it")
    return sizes


def wave_of(episode: Episode) -> Episode | None:
    """Return the wave of 2020, where an episode's worlds were fitted to it, too.

    >>> wave_of(load_episode("belarus-2022")).name
    'belarus-2020'
    """
    wave = load_episode(WAVE)
    return wave if episode.fitted == wave.fitted and episode.name != wave.name else None


def lived(run: Run) -> dict[str, Any]:
    """Live a run; return how it ended, its peaks, and the largest crowd of each week, as a text."""
    start = time.perf_counter()
    threads = cores(None) if run.n_citizens > max(SIZES) else 1
    world = Simulation(
        run.episode,
        run.parameters,
        arm=run.arm,
        rng=run.seed,
        history=run.history,
        n_citizens=run.n_citizens,
        threads=threads,
    ).run(run.days)
    crowd = np.array([row[list(MEASURES).index("crowd")] for row in world.rows])
    weeks = [round(float(crowd[first : first + 7].max())) for first in range(0, crowd.size, 7)]
    outcome = summary(world) | {"crowd_by_week": json.dumps(weeks)}
    if threads > 1:
        outcome |= {"seconds": time.perf_counter() - start, "memory_gb": most_memory()}
    return outcome


def near_the_line(scouted: pd.DataFrame, most: int) -> list[int]:
    """Return the numbers of worlds in which he falls in some scouting runs and survives in others, at most so many.

    >>> runs = pd.DataFrame({"world": [0, 0, 1, 1, 2, 2], "fell": [0, 0, 1, 0, 1, 1]})
    >>> near_the_line(runs, 5)
    [1]
    """
    share = scouted.groupby("world")["fell"].mean()
    return [int(number) for number in share.index[share.between(*NEAR)][:most]]


def with_falls(rows: pd.DataFrame) -> pd.DataFrame:
    """Return finished runs with whether he fell in each [0 or 1]."""
    return rows.assign(fell=(rows["ending"] != "survived").astype(int))


def one_to_one(study: Study, plan: Plan, near: Sequence[int], rows: pd.DataFrame) -> str:
    """Live the first world near the line in both arms with a citizen for each elector; say what came of it."""
    world, n = plan.worlds[near[0]], plan.episode.electors
    runs = [plan.run("line", plan.with_front(world), arm, world, plan.scouts, n) for arm in (Arm.STAY, Arm.ENTER)]
    whole = live(study, runs, lived, description="every elector", workers=1)
    lines = [f"A citizen for each of {n:,} electors, world {world.number}, {cores(None)} cores:"]
    lines += [
        f"  {row.arm}: {row.days} days in {row.seconds:.1f} s, building included, and {row.memory_gb:.2f} GB; "
        f"{row.ending}, at most {row.peak_crowd:,.0f} people in the street"
        for row in whole.itertuples()
    ]
    twin = rows.query(f"kind == 'line' and world == {world.number} and turn == {plan.scouts}")
    ends = ", ".join(f"{row.n_citizens:,}: {row.ending} ({row.peak_crowd:,.0f})" for row in twin.itertuples())
    return "\n".join([*lines, f"  enter, the same world and seed with fewer citizens: {ends}"])


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--draws", default=200, help="Worlds scouted for the line.")
@option("--scouts", default=6, help="Scouting runs of each.")
@option("--near", "n_near", default=40, help="Most worlds near the line.")
@option("--seeds", default=8, help="Runs of each world at each size.")
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, help="Citizens in a world.")
@option("--days")
@click.option("--one-to-one", "every", is_flag=True, help="One world with a citizen for each elector, too.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--gallery")
@option("--seed", default=0)
@option("--results", default="results/size")
@option("--workers")
@cite_option("size")
def main(
    draws: int, scouts: int, n_near: int, seeds: int, sizes: str, days: int | None, every: bool, episode: str,
    accepted: str | None, gallery: bool, seed: int, results: str, workers: int | None,
) -> None:  # fmt: skip
    """Live the same worlds at several sizes, and say what follows (see the top of this file)."""
    whole = episode_with_entry(episode)
    file = Path(accepted) if accepted else file_of(whole)
    plan = Plan(
        episode=whole, wave=wave_of(whole), worlds=tuple(draw(draws, seed, file)), sizes=sizes_of(sizes), seeds=seeds,
        scouts=scouts, days=days,
    )  # fmt: skip
    for country in filter(None, (plan.episode, plan.wave)):
        for size in plan.sizes:
            checked_size(size, country)
    options = {"episode": whole.name, "draws": draws, "scouts": scouts, "near": n_near, "seeds": seeds, "seed": seed}
    options |= {"sizes": plan.sizes}
    study = Study(question="size", results=results, options=options, workers=workers)
    scouted = with_falls(live(study, plan.scouting(), lived, description="scouts"))
    near = near_the_line(scouted, n_near)
    if len(near) < 2:
        raise click.ClickException(f"{len(near)} of {draws} worlds are near the line, too few: give more --draws")
    rows = with_falls(live(study, plan.runs(near), lived, description="sizes"))
    every_elector = one_to_one(study, plan, near, rows) if every else ""
    origin_of_worlds = origin(file)
    result = findings_of(rows, draws, plan.episode, plan.wave, origin_of_worlds)
    from experiments.size.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"size.csv": result.table, "runs.csv": rows.drop(columns="crowd_by_week")},
        verdict="\n".join(filter(None, [verdict(result), every_elector])),
        record={
            "worlds": origin_of_worlds.words, "worlds_near_the_line": near, "findings": result.to_dict(),
            "one_to_one": every_elector,
        },
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )  # fmt: skip


if __name__ == "__main__":
    main()
