"""How many coup attempts and falls does the model give in quiet years, under mass protest and in war?

Quiet years: accepted histories, in which from the eve of 24 February 2022 on nothing happens: no war next door, no
lent land, no call. Mass protest: the autumn of 2020 lived afresh with other luck. War: he enters, counted from the day
of entry. Beside each stands what was published, with its source; what misses it is said first, and a rate of which no
source was found is said to have none.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import click

from agents.citizen.population import checked_size
from experiments.base_rates.findings import findings_of
from experiments.base_rates.words import verdict
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from model.episode import Episode, load_episode
from model.measures import summary
from model.simulation import Arm
from model.worlds import draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.base_rates
  python -m experiments.base_rates --worlds 20 --citizens 2000     a first look"""
COUNTRY, WAVE = "belarus-2022", "belarus-2020"
TIMELINES = ("need", "geography", "patron_troops", "sentences", "dissolved", "closed")


def quiet(episode: Episode) -> Episode:
    """Return an episode in which nothing happens from its first day on: the timelines stand still, the land is free.

    >>> still = quiet(load_episode("belarus-2022"))
    >>> still.start.rung, max(event.date for event in still.events) < still.start_date
    ('none', True)
    """

    def before[Dated: tuple[dt.date, float]](points: tuple[Dated, ...]) -> tuple[Dated, ...]:
        return tuple(point for point in points if point[0] < episode.start_date)

    return episode.replace(
        start=dataclasses.replace(episode.start, rung="none"),
        events=tuple(event for event in episode.events if event.date < episode.start_date),
        **{name: before(getattr(episode, name)) for name in TIMELINES},
    )


def runs_of(n_worlds: int, lives: int, seed: int, n_citizens: int) -> Iterator[Run]:
    """Yield the runs: each world in each condition, with so many lives; those that share a past beside each other."""
    country, wave = episode_with_entry(COUNTRY), load_episode(WAVE)
    still = quiet(country)
    for world in draw(n_worlds, seed, file_of(country)):
        entry = dataclasses.replace(country.entering, front=world.front)
        asked = {
            "quiet": (still, Arm.STAY, world.history),
            "protest": (wave, Arm.STAY, None),
            "war": (dataclasses.replace(country, entry=entry), Arm.ENTER, world.history),
        }
        for condition, (episode, arm, history) in asked.items():
            for life in range(lives):
                yield Run(
                    episode=episode, parameters=world.parameters, arm=str(arm), seed=world.seed + life * n_worlds,
                    history=history, n_citizens=n_citizens, labels={"condition": condition, "world": world.number},
                )  # fmt: skip


def counted(run: Run) -> dict[str, Any]:
    """Live a run; return how it ended, and the attempts and years that count: in war, from the entry on."""
    world = world_of(run).run(run.days)
    first = world.episode.day_of(world.episode.entering.date) if run.arm == Arm.ENTER else 1
    attempts = [day for day in world.judge.attempts if day >= first]
    return summary(world) | {"attempts": len(attempts), "years": max(0, world.day - first + 1) / 365.0}


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=200, help="Draws of the accepted worlds, in each condition.")
@option("--seeds", "lives", default=2, help="Lives of each world, in each condition.")
@click.option("--gallery", is_flag=True, help="Put the figure into the README's gallery.")
@shared_options("results/base_rates")
def main(
    n_worlds: int, lives: int, gallery: bool, n_citizens: int, seed: int, workers: int | None, results: str
) -> None:
    """Count attempts and falls, and lay them beside what was published (see the top of this file)."""
    country = load_episode(COUNTRY)
    checked_size(n_citizens, country)
    study = Study(
        question="base_rates", results=results, workers=workers,
        options={"worlds": n_worlds, "seeds": lives, "seed": seed, "citizens": n_citizens},
    )  # fmt: skip
    rows = live(study, runs_of(n_worlds, lives, seed, n_citizens), counted, total=3 * lives * n_worlds)
    result = findings_of(rows, origin(file_of(country)).words)
    from experiments.base_rates.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"base_rates.csv": result.table(), "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin, "checks": result.table().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
