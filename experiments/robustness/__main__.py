"""Does the reader see the world or the modeller: how far does the headline hang on choices made otherwise?

One specification curve of what entering adds to the chance of a fall: the model as it is, defensible alternatives one
at a time (ties, citizens, noise, the order of a day, the forms of risk, of arrests and of the anger at losses, how
aversion and opposition hang together, the prior of beyond), and mixtures of them, in the same accepted histories with
the same dice. Falls are rare there, so it is asked nearer the line, too, where entry angers several times as much.

Alternatives are not fitted again. Those that can hold from the eve on do, and leave the past as it was accepted; those
that make the people hold since its first day, and how many of the histories still fit is counted.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from agents.citizen.population import SMALLEST, checked_size
from experiments.evidence import targets as evidence
from experiments.evidence.gates import gates_beside
from experiments.lab import design as designs
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, of_whole_worlds, publish
from experiments.lab.tasks import built
from experiments.robustness.findings import DRAWN, NEAR, STAY, findings_of
from experiments.robustness.specifications import CHOICES, Reordered, Specification, specifications
from experiments.robustness.words import verdict
from model.episode import Episode
from model.measures import summary
from model.simulation import Arm
from model.worlds import World, calibration_of, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.robustness
  python -m experiments.robustness --worlds 10 --mixed 2 --citizens 2000      a first look
  python -m experiments.robustness --beyond 3 --mixed 40"""
ASKED = ((STAY, Arm.STAY), (DRAWN, Arm.ENTER), (NEAR, Arm.ENTER))
"""The lives of a world in every specification."""


def runs_of(
    worlds: Sequence[World], made: Sequence[Specification], episode: Episode, near: float, n_citizens: int
) -> Iterator[Run]:
    """Yield every run: each world under every specification, staying, entering, and entering nearer the line."""
    for world in worlds:
        own = episode.replace(entry_front=world.front)
        # One after the other, so that a past is lived once for all that share it.
        for one in sorted(made, key=lambda one: not one.keeps_history):
            parameters = world.parameters.replace(one.since)
            for place, arm in ASKED:
                eve = one.eve(world.parameters.citizen.war_beyond, near if place == NEAR else None)
                yield Run(
                    episode=own, parameters=parameters, arm=str(arm), seed=world.seed, history=world.history,
                    n_citizens=max(round(n_citizens * one.size), SMALLEST),
                    labels={"world": world.number, "specification": one.name, "place": place},
                    asked={"eve": " ".join(f"{name}={value!r}" for name, value in eve.items()), "order": one.order},
                )  # fmt: skip


def world_under(run: Run) -> Reordered:
    """Build a world on its eve, from where on some numbers or the order of the day are others."""
    asked = dict(run.asked)
    world = built(run, Reordered)
    world.order = str(asked["order"])
    names, values = designs.fixed_values(str(asked["eve"]).split())
    world.parameters = world.parameters.replace(dict(zip(names, values, strict=True)))
    return world


def lived(run: Run) -> dict[str, Any]:
    """Live the year of a world; of one in which he stays it is told how far its history lies from what was seen."""
    world = world_under(run)
    world.run(run.days)
    return summary(world) | {"distance": distance_of(world) if run.arm == Arm.STAY else None}


def distance_of(world: Reordered) -> float | None:
    """Return how far a history lies from what was seen of its country [errors]; None: he fell, or nothing is known."""
    targets = targets_of(world.episode.name)
    history = world.past_rows + world.rows
    shown = evidence.shown_by(targets, history, float(world.forces.first_heads.sum()), until=len(history))
    return evidence.distance(targets, shown) if targets and len(shown) == len(targets) else None


@functools.cache
def targets_of(episode: str) -> tuple[evidence.Target, ...]:
    """Return what was seen of an episode's country; nothing, where there is no file of it."""
    file = evidence.FOLDER / f"{episode}.csv"
    return evidence.read_targets(file, episode_with_entry(episode)) if file.is_file() else ()


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=50, least=2, help="Draws of the accepted histories.")
@option("--mixed", default=6, help="Mixtures of choices, by lot.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--beyond", default=5.0, help="How shocking an entry is, nearer the line.")
@click.option("--gallery", is_flag=True, help="Put the figure into the README's gallery.")
@shared_options("results/robustness")
def main(
    n_worlds: int, mixed: int, episode: str, accepted: str | None, beyond: float, gallery: bool, n_citizens: int,
    seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Make one choice otherwise after the other, and say what it moves (see the top of this file)."""
    whole = episode_with_entry(episode)
    checked_size(max(round(n_citizens * choice.size) for choice in CHOICES), whole)
    file = Path(accepted) if accepted else file_of(whole)
    worlds, made = draw(n_worlds, seed, file), specifications(mixed, seed)
    asked = {"episode": whole.name, "worlds": n_worlds, "mixed": mixed, "seed": seed, "citizens": n_citizens}
    study = Study(question="robustness", results=results, options=asked | {"beyond": beyond}, workers=workers)
    each = len(made) * len(ASKED)
    rows = live(study, runs_of(worlds, made, whole, beyond, n_citizens), lived, total=n_worlds * each)
    finished = of_whole_worlds(rows, each)
    calibration = calibration_of(file) if file else None
    result = findings_of(
        finished, made, whole, beyond, origin(file), calibration["tolerance"] if calibration else None,
        gates_beside(file) if file else None,
    )  # fmt: skip
    from experiments.robustness.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"robustness.csv": result.table(), "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "table": result.table().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
