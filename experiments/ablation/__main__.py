"""Which of the article's sentences carry the answer, and which do nothing here?

Each claim of the article is a mechanism with a switch. Here one is off at a time, and a few pairs that may stand in
for each other, in the same accepted histories with the same dice: he stays, he enters, he decides. Falls are rare as
the histories are, so entry is asked nearer the line, too: there it angers several times as much as lending the land
did (``--beyond``, which nothing observed informs).

A history cannot be lived from 2020 without a claim and still be the history that was accepted. So a claim is off from
the eve on: the past is lived with all of them, and what it has left (exiles, debt, a grip on the media) stays. What is
asked is what the sentence does from there on, not what Belarus would be had it never been true. Aversions (C7),
loyalties and stakes (C13) are levelled on the eve, and of the shock of the lent land (C6) nothing is left. The media
grip (C12) is also asked as a contrast: from the eve on as low, and as high, as its declared range has it.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from agents.citizen.population import checked_size
from experiments.ablation.findings import (
    DRAWN,
    HIGH,
    LOW,
    NEAR,
    OUTCOMES,
    SETTINGS,
    claims_of,
    findings_of,
)
from experiments.ablation.words import verdict
from experiments.evidence.gates import gates_beside
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import BEYOND, episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, of_whole_worlds, publish
from experiments.lab.tasks import world_of
from model.episode import Episode
from model.measures import summary
from model.parameters import DECLARED
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.ablation
  python -m experiments.ablation --worlds 10 --citizens 2000      a first look, in a minute
  python -m experiments.ablation --beyond 2"""
GRIP = "regime.media_grip"
GRIPS = {LOW: DECLARED[GRIP].metadata["low"], HIGH: DECLARED[GRIP].metadata["high"]}


def runs_of(worlds: Sequence[World], episode: Episode, beyond: float, n_citizens: int) -> Iterator[Run]:
    """Yield every run: each world in each place and arm, with all claims, without each, and so on, with its dice."""
    for world in worlds:
        own = episode.replace(entry_front=world.front)
        for place in (DRAWN, NEAR):  # one after the other, so that a past is lived once for all that share it
            numbers = world.parameters.replace({BEYOND: beyond} if place == NEAR else {})
            arms = [arm for at, arm in OUTCOMES.values() if at == place]
            for setting in SETTINGS:
                for arm in arms:
                    yield Run(
                        episode=own, parameters=numbers, arm=str(arm), seed=world.seed, history=world.history,
                        n_citizens=n_citizens, labels={"world": world.number, "place": place, "setting": setting},
                        asked={"off": setting},
                    )  # fmt: skip


def lived(run: Run) -> dict[str, Any]:
    """Live the year of a world in which, from the eve on, some claims are off, or the media grip is another."""
    world, setting = world_of(run), str(dict(run.asked)["off"])
    world.switch_off(*claims_of(setting))
    if setting in GRIPS:
        world.media.grip = GRIPS[setting]
    return summary(world.run(run.days))


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=150, least=2, help="Draws of the accepted histories.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--beyond", default=5.0, help="How shocking an entry is, nearer the line.")
@option("--gallery")
@shared_options("results/ablation")
def main(
    n_worlds: int, episode: str, accepted: str | None, beyond: float, gallery: bool, n_citizens: int, seed: int,
    workers: int | None, results: str,
) -> None:  # fmt: skip
    """Switch one claim off after the other, and say which of them carry the answer (see the top of this file)."""
    whole = episode_with_entry(episode)
    checked_size(n_citizens, whole)
    file = Path(accepted) if accepted else file_of(whole)
    worlds = draw(n_worlds, seed, file)
    asked = {"episode": whole.name, "worlds": n_worlds, "seed": seed, "citizens": n_citizens, "beyond": beyond}
    study = Study(question="ablation", results=results, options=asked, workers=workers)
    each = len(SETTINGS) * len(OUTCOMES)
    rows = live(study, runs_of(worlds, whole, beyond, n_citizens), lived, total=n_worlds * each)
    low, middle, high = np.quantile([world.parameters.regime.media_grip for world in worlds], [0.05, 0.5, 0.95])
    grips = float(low), float(middle), float(high)
    gates = gates_beside(file) if file else None
    result = findings_of(of_whole_worlds(rows, each), whole, beyond, origin(file), grips, gates)
    from experiments.ablation.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"ablation.csv": result.table(), "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "table": result.table().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
