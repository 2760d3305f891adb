"""What should one watch: which sign warns of a fall, how many days ahead, at how many false alarms a year?

Each accepted history enters, and every evening the signs are read: opposition told to pollsters and its share of all
opposition, strain in the forces, refusals at the front, protests, variance and autocorrelation of the crowd, elites who
hedge. Each is judged day by day (ROC) and as an alarm, beside the calendar, which looks at nothing but the days since
entry. Losers are printed, too.

Falls are rare in the accepted histories as they are, so entry is asked nearer the line: it angers several times as much
as lending the land did (``--beyond``, which nothing observed informs).
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from agents.citizen.population import checked_size
from experiments.evidence.gates import gates_beside
from experiments.lab import design as designs
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.packed import pack
from experiments.lab.plan import BEYOND, episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from experiments.warning.findings import findings_of
from experiments.warning.indicators import MEASURED
from experiments.warning.words import verdict
from model.episode import Episode
from model.measures import MEASURES, summary
from model.parameters import Parameters
from model.simulation import Arm
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.warning
  python -m experiments.warning --worlds 60 --citizens 2000      a first look, in half a minute
  python -m experiments.warning --beyond 3 --worlds 1000
  python -m experiments.warning --set entry.troops=20000 --set entry.front=defeat"""


def runs_of(
    worlds: Sequence[World], episode: Episode, beyond: float, n_citizens: int, fixed: Sequence[str] = ()
) -> Iterator[Run]:
    """Yield a run of each world, which enters."""
    names, values = designs.fixed_values(fixed)
    for world in worlds:
        own, parameters = designs.apply(names, values, episode, world.parameters, world.front)
        yield Run(
            episode=own, parameters=parameters.replace({BEYOND: beyond}), arm=str(Arm.ENTER), seed=world.seed,
            history=world.history, n_citizens=n_citizens, labels={"world": world.number},
        )  # fmt: skip


def lived(run: Run) -> dict[str, Any]:
    """Live a year; return how it ended, and of every day the measures of which signs are made, packed."""
    world = world_of(run)
    strains = []
    while world.running and world.day < world.episode.days:
        world.step()
        units = world.forces.columns
        strains.append(float(np.average(units["strain"], weights=units["heads"])))
    days = np.asarray(world.rows, float)[:, [list(MEASURES).index(name) for name in MEASURED]]
    electors = np.full(len(days), world.citizens.all_electors)
    told = {name: value for name, value in summary(world).items() if name in ("ending", "ended_on", "cause")}
    return told | {"daily": pack([*MEASURED, "strain", "electors"], np.column_stack([days, strains, electors]))}


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=600, least=2, help="Draws of the accepted histories.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--beyond", default=5.0, help="How shocking an entry is, nearer the line.")
@option("--set")
@option("--gallery")
@shared_options("results/warning")
def main(
    n_worlds: int, episode: str, accepted: str | None, beyond: float, fixed: tuple[str, ...], gallery: bool,
    n_citizens: int, seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Let every world enter, and say which sign foretold its fall (see the top of this file)."""
    names, values = designs.fixed_values(fixed)
    if BEYOND in names:
        raise designs.DesignError(f"--set {BEYOND}: --beyond says how shocking the entry is")
    whole = designs.apply(names, values, episode_with_entry(episode), Parameters())[0]
    checked_size(n_citizens, whole)
    file = Path(accepted) if accepted else file_of(whole)
    worlds = draw(n_worlds, seed, file)
    asked = {"episode": whole.name, "worlds": n_worlds, "seed": seed, "citizens": n_citizens, "beyond": beyond}
    asked |= {"set": list(fixed)}
    study = Study(question="warning", results=results, options=asked, workers=workers)
    rows = live(study, runs_of(worlds, whole, beyond, n_citizens, fixed), lived, total=n_worlds)
    result = findings_of(rows, whole, beyond, origin(file), gates_beside(file) if file else None)
    from experiments.warning.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"warning.csv": result.table, "runs.csv": rows.drop(columns="daily")},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "falls": result.falls, "table": result.table.to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
