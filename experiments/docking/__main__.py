"""Do our rules hold models that are known as special cases, reached by switches and numbers?

Granovetter's riot, Watts' cascades, Kuran's folds, the unique cut-off of Morris and Shin, Epstein's first model: each
is run with the very functions of ``agents``, and what was published stands beside what comes out. What none of our
rules can say (a grid, a random graph) is a harness around them, and is named.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Callable
from typing import Any

import click

from experiments.docking.crowds import granovetter, kuran, watts
from experiments.docking.findings import Findings
from experiments.docking.forces import morris_shin
from experiments.docking.grid import epstein
from experiments.docking.words import verdict
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from model.episode import load_episode
from model.parameters import Parameters
from model.simulation import Arm

EXAMPLES = """\b
Examples:
  python -m experiments.docking
  python -m experiments.docking --seeds 10      a first look, in half a minute"""
MODELS: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "granovetter": granovetter, "watts": watts, "kuran": kuran, "morris_shin": morris_shin, "epstein": epstein,
}  # fmt: skip


def dock(run: Run) -> dict[str, Any]:
    """Run one published model once with our rules; nothing of the run's country is read."""
    return MODELS[str(dict(run.asked)["model"])](run.seed, run.n_citizens)


def plan(seeds: int, seed: int, n_citizens: int) -> list[Run]:
    """Return a run for each model and seed."""
    episode, parameters = load_episode("belarus-2022"), Parameters()  # a run has a country: here it stands idle
    return [
        Run(
            episode=episode, parameters=parameters, arm=str(Arm.STAY), seed=seed * 1_000_003 + one,
            n_citizens=n_citizens, labels={"model": model}, asked={"model": model},
        )
        for one in range(seeds)
        for model in MODELS
    ]  # fmt: skip


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--seeds", default=100, least=2, help="Seeds of each model, from which the intervals are.")
@click.option("--gallery", is_flag=True, help="Put the figure into the README's gallery.")
@shared_options("results/docking", citizens=10_000)
def main(seeds: int, gallery: bool, n_citizens: int, seed: int, workers: int | None, results: str) -> None:
    """Run each model over many seeds, and lay it beside what was published (see the top of this file)."""
    asked = {"seeds": seeds, "seed": seed, "citizens": n_citizens}
    study = Study(question="docking", results=results, options=asked, workers=workers)
    result = Findings(rows=live(study, plan(seeds, seed, n_citizens), dock), seeds=seeds, n_citizens=n_citizens)
    from experiments.docking.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"docking.csv": result.table()},
        verdict=verdict(result),
        record={"checks": result.table().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
