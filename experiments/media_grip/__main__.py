"""What if he had Putin's grip over the media?

He lacks it, the article says (C12). Here the same accepted histories are lived twice with the same dice: with his own
grip, and from the eve on with Russia's, which stands at the strongest that the declared ranges of ``regime.media_grip``
and ``regime.blocking`` have. He stays, he enters, he decides. The past is lived with his own grip, for a history with
another would not be the one that was accepted; who watches what, and what was closed before, stay as they are.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from agents.citizen.population import checked_size
from experiments.evidence.gates import gates_beside
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, of_whole_worlds, publish
from experiments.lab.tasks import world_of
from experiments.media_grip.findings import ARMS, RUSSIA, SETTINGS, findings_of
from experiments.media_grip.words import RUSSIAN, verdict
from model.episode import Episode
from model.measures import summary
from model.simulation import Simulation
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.media_grip
  python -m experiments.media_grip --worlds 20 --citizens 2000      a first look, in a minute"""


def runs_of(worlds: Sequence[World], episode: Episode, n_citizens: int) -> Iterator[Run]:
    """Yield every run: each world in each arm with both grips, with its own dice; what shares a past lies together."""
    for world in worlds:
        own = episode.replace(entry_front=world.front)
        for setting in SETTINGS:
            for arm in ARMS:
                yield Run(
                    episode=own, parameters=world.parameters, arm=str(arm), seed=world.seed, history=world.history,
                    n_citizens=n_citizens, labels={"world": world.number, "setting": setting},
                    asked={"grip": setting},
                )  # fmt: skip


def give_russian_grip(world: Simulation) -> None:
    """Give him Russia's grip over the media from now on: over state audiences, and over independent ones."""
    world.media.grip = RUSSIAN["regime.media_grip"]
    world.parameters = world.parameters.replace(RUSSIAN)


def lived(run: Run) -> dict[str, Any]:
    """Live the year of a world, from the eve on with his own grip or with Russia's."""
    world = world_of(run)
    if dict(run.asked)["grip"] == RUSSIA:
        give_russian_grip(world)
    return summary(world.run(run.days))


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=300, least=2, help="Draws of the accepted histories.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--gallery")
@shared_options("results/media_grip")
def main(
    n_worlds: int, episode: str, accepted: str | None, gallery: bool, n_citizens: int, seed: int,
    workers: int | None, results: str,
) -> None:  # fmt: skip
    """Give him Russia's grip over the media, and say what it changes (see the top of this file)."""
    whole = episode_with_entry(episode)
    checked_size(n_citizens, whole)
    file = Path(accepted) if accepted else file_of(whole)
    worlds = draw(n_worlds, seed, file)
    asked = {"episode": whole.name, "worlds": n_worlds, "seed": seed, "citizens": n_citizens}
    study = Study(question="media_grip", results=results, options=asked, workers=workers)
    each = len(SETTINGS) * len(ARMS)
    rows = live(study, runs_of(worlds, whole, n_citizens), lived, total=n_worlds * each)
    low, middle, high = np.quantile([world.parameters.regime.media_grip for world in worlds], [0.05, 0.5, 0.95])
    grips = float(low), float(middle), float(high)
    gates = gates_beside(file) if file else None
    result = findings_of(of_whole_worlds(rows, each), whole, origin(file), grips, gates)
    from experiments.media_grip.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"media_grip.csv": result.table(), "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "table": result.table().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
