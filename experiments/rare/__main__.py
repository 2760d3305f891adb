"""How likely is an uprising within a year if he stays out, which is too rare to count?

Splitting: of lives in accepted histories, in which he stays out, those that come least near to it are killed, and
replaced by forks of the others, which go on with new dice from where they first came nearer. All that tie are killed.
The chance is the product of the shares that are left; repeats with other dice give its interval. What counting would
cost at equal error stands beside it. How near he is, is read off the rules (``experiments/lab/nearness.py``).

``--draw`` asks one history alone, ``--ending fall`` asks for any fall: an uprising, a coup, replacement by the patron.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click

from agents.citizen.population import checked_size
from experiments.evidence.gates import gates_beside
from experiments.lab import design as designs
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.nearness import SCORES
from experiments.lab.runner import Run
from experiments.lab.searches import Search, conduct
from experiments.lab.study import Study, publish
from experiments.rare.findings import Findings
from experiments.rare.lives import course_of, forks_words, life_of
from experiments.rare.splitting import Split, StuckError, splitting
from experiments.rare.words import verdict
from model.episode import Episode, load_episode
from model.parameters import Parameters
from model.simulation import Arm
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.rare
  python -m experiments.rare --worlds 20 --repeats 4 --citizens 2000      a first look, in two minutes
  python -m experiments.rare --draw 7
  python -m experiments.rare --ending fall"""
SEEDS_APART = 1_000_003
"""Repeats of one seed have neighbouring numbers, and those of two seeds never meet."""


def starts_of(
    worlds: Sequence[World], episode: Episode, n_citizens: int, fixed: Sequence[str] = (), only: int | None = None
) -> list[Run]:
    """Return where the lives of a repeat start: each draw once, or one draw as many times."""
    names, values = designs.fixed_values(fixed)
    chosen = worlds if only is None else [worlds[only]] * len(worlds)
    starts = []
    for place, world in enumerate(chosen):
        own, parameters = designs.apply(names, values, episode, world.parameters, world.front)
        starts.append(
            Run(
                episode=own, parameters=parameters, arm=str(Arm.STAY), seed=world.seed, history=world.history,
                n_citizens=n_citizens, labels={"world": world.number, "start": place},
            )
        )  # fmt: skip
    return starts


def repeated(starts: Sequence[Run], seed: int, ending: str) -> Search[Split]:
    """Carry one repeat out: live the lives that the splitting asks for.

    Raises:
        click.ClickException: if a life failed (left out, it would bend the chance), or no end is in sight.
    """
    trial = splitting(len(starts), seed)
    asked = next(trial)
    try:
        while True:
            lives = [
                dataclasses.replace(starts[life.start], asked={"ending": ending, "forks": forks_words(life)})
                for life in asked
            ]
            outcomes = yield lives, 0
            if any(outcome is None for outcome in outcomes):
                raise click.ClickException("a life failed, and no chance can be told without it: give the same again")
            asked = trial.send([course_of(outcome) for outcome in outcomes])
    except StuckError as error:
        raise click.ClickException(str(error)) from None
    except StopIteration as end:
        split: Split = end.value
        return split


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=40, least=4, help="Draws: so many lives has a repeat.")
@option("--draw", help="All lives start in this draw [default: each in its own].")
@option("--repeats", default=20, help="Repeats, from which the interval is.")
@click.option(
    "--ending",
    default=next(iter(SCORES)),
    type=click.Choice(list(SCORES)),
    show_default=True,
    help="What is asked for.",
)
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--set")
@option("--gallery")
@shared_options("results/rare")
def main(
    n_worlds: int, only: int | None, repeats: int, ending: str, episode: str, accepted: str | None,
    fixed: tuple[str, ...], gallery: bool, n_citizens: int, seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Split lives until what is rare has happened often, and say how rare it is (see the top of this file)."""
    names, values = designs.fixed_values(fixed)
    whole = designs.apply(names, values, load_episode(episode), Parameters())[0]
    checked_size(n_citizens, whole)
    if only is not None and only >= n_worlds:
        raise designs.DesignError(f"draw = {only}; expected 0 to {n_worlds - 1}, below the number of --worlds")
    file = Path(accepted) if accepted else file_of(whole)
    starts = starts_of(draw(n_worlds, seed, file), whole, n_citizens, fixed, only)
    asked = {
        "episode": whole.name, "worlds": n_worlds, "draw": only, "repeats": repeats, "ending": ending, "seed": seed,
        "citizens": n_citizens, "set": list(fixed),
    }  # fmt: skip
    study = Study(question="rare", results=results, options=asked, workers=workers)
    searches = [repeated(starts, seed * SEEDS_APART + repeat, ending) for repeat in range(repeats)]
    with study.store() as store:
        splits = conduct(study, store, searches, life_of, description="rare")
    result = Findings(
        episode=whole, origin=origin(file), ending=ending, draw=only, n=n_worlds, splits=splits, fixed=fixed,
        gates=gates_beside(file) if file else None,
    )  # fmt: skip
    from experiments.rare.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"rare.csv": result.table()},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "chance": dataclasses.asdict(result.chance)},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
