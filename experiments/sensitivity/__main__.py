"""Which numbers carry the answer to an entry, and how much of its spread is chance?

Two questions, which must not be taken for one. **Under the prior**, where all numbers are drawn from their ranges and
independent: Morris' screening over all of them, then Sobol's and Shapley's shares of the spread for those that it puts
first, for all others actor by actor, and for the dice. **In the accepted histories**, where numbers hang together and
those methods mean nothing: PAWN, which compares distributions, and what differs between lives of one world.

Falls are rare, so what leads is how near he ever comes to falling at home, by the definitions of the endings
(``experiments/lab/nearness.py``); the largest crowd, whether he falls and his days in office stand beside it.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from agents.citizen.population import SMALLEST, checked_size
from experiments.evidence.gates import gates_beside
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.design import DesignError
from experiments.lab.nearness import at_home
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from experiments.sensitivity import designs
from experiments.sensitivity.findings import (
    FELL,
    Findings,
    luck_of,
    numbers_of,
    outputs_of,
    pawn_of,
    record_of,
    screened_by,
    shares_of,
    top_of,
)
from experiments.sensitivity.words import verdict
from model.episode import Episode
from model.measures import summary
from model.simulation import Arm
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.sensitivity
  python -m experiments.sensitivity --repeats 2 --points 8 --worlds 40 --citizens 4000      a first look
  python -m experiments.sensitivity --points 256 --worlds 1000"""
COARSE = 4
"""The prior is lived with one citizen in so many."""
TWICE = 2
"""Lives of each accepted world: what differs between them is chance."""


def lived(run: Run) -> dict[str, Any]:
    """Live a run's days; return how it ended, and how near he ever came to falling."""
    world = world_of(run)
    nearest = at_home(world)
    while world.running and world.day < world.episode.days:
        world.step()
        nearest = max(nearest, at_home(world))
    return summary(world) | {"nearness": nearest, "fell_before": world.fell_before or None}


def accepted_runs(worlds: Sequence[World], episode: Episode, n_citizens: int) -> Iterator[Run]:
    """Yield the lives of accepted worlds, each twice, from the eve on with other luck."""
    for world in worlds:
        for turn in range(TWICE):
            yield Run(
                episode=episode.replace(entry_front=world.front), parameters=world.parameters, arm=str(Arm.ENTER),
                seed=world.seed + turn * len(worlds), history=world.history, n_citizens=n_citizens,
                labels={"stage": "accepted", "place": world.number, "turn": turn},
            )  # fmt: skip


def whole(study: Study, runs: Iterable[Run], total: int, stage: str) -> pd.DataFrame:
    """Carry out a design, all of it; return its rows in the order of the design.

    Raises:
        click.ClickException: if a run failed: a design with a hole says nothing.
    """
    rows = live(study, runs, lived, description=stage, total=total)
    if len(rows) < total:
        raise click.ClickException(f"{stage}: {total - len(rows)} of {total} runs failed, and all of them are needed")
    return rows.sort_values([name for name in ("place", "turn") if name in rows], kind="stable", ignore_index=True)


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--repeats", default=10, help="Trajectories of Morris' screening.")
@option("--points", default=128, least=8, help="Base points of Sobol's design and orders of Shapley's: a power of two.")
@option("--worlds", "n_worlds", default=300, least=10, help="Draws of the accepted histories.")
@option("--episode", default="belarus-2022")
@option("--accepted", "accepted_file")
@click.option("--gallery", is_flag=True, help="Put the figure into the README's gallery.")
@shared_options("results/sensitivity")
def main(
    repeats: int, points: int, n_worlds: int, episode: str, accepted_file: str | None, gallery: bool,
    n_citizens: int, seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Ask the prior and the accepted histories which numbers matter (see the top of this file)."""
    country = episode_with_entry(episode)
    if points & (points - 1):
        below = 2 ** (points.bit_length() - 1)
        raise DesignError(f"--points {points}; Sobol's design is balanced at powers of two: {below} or {2 * below}")
    checked_size(n_citizens, country)
    few = max(n_citizens // COARSE, SMALLEST)
    file = Path(accepted_file) if accepted_file else file_of(country)
    worlds = draw(n_worlds, seed, file)
    designs.needed()
    asked = {"episode": country.name, "repeats": repeats, "points": points, "worlds": n_worlds, "seed": seed}
    study = Study(question="sensitivity", results=results, options=asked | {"citizens": n_citizens}, workers=workers)
    entry_day = country.day_of(country.entering.date)

    walks = designs.screening(repeats, seed)
    walked = whole(study, designs.screening_runs(walks, country, few, seed), len(walks), "screening")
    screened = screened_by(walks, outputs_of(walked, entry_day), seed)
    factors = designs.factors_of(top := top_of(screened, designs.TOP))
    tables = {}
    made = {"Sobol": designs.pick_and_freeze(factors, points, seed), "Shapley": designs.orders(factors, points, seed)}
    for stage, rows in made.items():
        tables[stage] = whole(study, designs.factor_runs(rows, factors, country, few, stage), len(rows), stage)
    seen = whole(study, accepted_runs(worlds, country, n_citizens), TWICE * n_worlds, "accepted histories")

    prior = pd.concat([walked, *tables.values()], ignore_index=True)
    twice = outputs_of(seen, entry_day)
    lives = [world for world in worlds for _ in range(TWICE)]
    dice = np.random.default_rng(np.random.SeedSequence([seed, 31]))
    result = Findings(
        episode=country, origin=origin(file), n_citizens=(few, n_citizens), top=top, screened=screened,
        lives={"Morris": len(walked), **{stage: len(rows) for stage, rows in tables.items()}, "PAWN": len(seen)},
        ended=float(prior["fell_before"].notna().mean()),
        falls={"prior": float(outputs_of(prior, entry_day)[FELL].mean()), "accepted": float(twice[FELL].mean())},
        factors=shares_of(
            factors, outputs_of(tables["Sobol"], entry_day),
            (made["Shapley"], outputs_of(tables["Shapley"], entry_day)), seed,
        ),
        pawn=pawn_of(numbers_of(lives), [_history(world) for world in lives], twice, seed),
        luck={name: luck_of(values.to_numpy(), seen["place"].tolist(), dice) for name, values in twice.items()},
        gates=gates_beside(file) if file else None,
    )  # fmt: skip
    from experiments.sensitivity.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={
            "screening.csv": result.screened, "factors.csv": result.factors, "pawn.csv": result.pawn,
            "runs.csv": pd.concat([prior, seen], ignore_index=True),
        },
        verdict=verdict(result),
        record=record_of(result),
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )  # fmt: skip


def _history(world: World) -> int:
    """Return the accepted history of a world; without one, every world is its own."""
    return world.number if world.history is None else world.history


if __name__ == "__main__":
    main()
