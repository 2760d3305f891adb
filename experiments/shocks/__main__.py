"""What do entry, a long war and defeat do to the street, beside what they did in other countries?

Elsewhere the largest crowd after the shock is told as a ratio to the crowd of the country's own reference crisis. The
model's is the largest crowd after the shock over the largest of the same history since 2020: in the twelve weeks
after the entry, in the rest of the year, and after a defeat. Beside them he stays out, and in one more life he may
choose, which says who would join by himself: joiners are a selected lot.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses
from collections.abc import Iterator
from typing import Any

import click

from agents.citizen.population import checked_size
from experiments.evidence.shocks import shocks
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from experiments.shocks.findings import WINDOW, findings_of
from experiments.shocks.words import verdict
from model.measures import MEASURES, summary
from model.simulation import Arm
from model.worlds import draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.shocks
  python -m experiments.shocks --worlds 20 --citizens 2000     a first look"""
COUNTRY = "belarus-2022"
LIVES = {"stay": (Arm.STAY, "stalemate"), "entry": (Arm.ENTER, "stalemate"), "defeat": (Arm.ENTER, "defeat"),
         "choice": (Arm.DECIDE, "stalemate")}  # fmt: skip
"""What is lived in each history: what he does, and the course of the front."""


def runs_of(n_worlds: int, seed: int, n_citizens: int) -> Iterator[Run]:
    """Yield each history's four lives, which share a past, beside each other."""
    country = episode_with_entry(COUNTRY)
    for world in draw(n_worlds, seed, file_of(country)):
        for lived, (arm, front) in LIVES.items():
            entry = dataclasses.replace(country.entering, front=front)
            yield Run(
                episode=dataclasses.replace(country, entry=entry), parameters=world.parameters, arm=str(arm),
                seed=world.seed, history=world.history, n_citizens=n_citizens,
                labels={"lived": lived, "world": world.number},
            )  # fmt: skip


def crowds(run: Run) -> dict[str, Any]:
    """Live a run; return its largest crowds: of the past, in the weeks after the entry, later, after a defeat."""
    world = world_of(run).run(run.days)
    place = list(MEASURES).index("crowd")
    people = [row[place] for row in world.rows]
    first = world.episode.day_of(world.episode.entering.date)
    lost = world.front.defeat_on or len(people) + 1

    def largest(start: int, end: int) -> float | None:
        return max(people[start - 1 : end - 1], default=None)

    return summary(world) | {
        "reference": max((row[place] for row in world.past_rows), default=0.0),
        "after": largest(first, first + WINDOW),
        "later": largest(first + WINDOW, len(people) + 1),
        "after_defeat": largest(lost, len(people) + 1),
    }


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=150, help="Draws of the accepted histories.")
@option("--gallery")
@shared_options("results/shocks")
def main(n_worlds: int, gallery: bool, n_citizens: int, seed: int, workers: int | None, results: str) -> None:
    """Lay the model's ratios beside those of other countries (see the top of this file)."""
    country = episode_with_entry(COUNTRY)
    checked_size(n_citizens, country)
    study = Study(
        question="shocks", results=results, workers=workers,
        options={"worlds": n_worlds, "seed": seed, "citizens": n_citizens},
    )  # fmt: skip
    rows = live(study, runs_of(n_worlds, seed, n_citizens), crowds, total=len(LIVES) * n_worlds)
    result = findings_of(rows, shocks(), origin(file_of(country)).words)
    from experiments.shocks.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"shocks.csv": result.table(), "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin, "checks": result.table().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
