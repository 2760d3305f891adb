"""Other countries' crises: does he fall, do the forces break, after how many days, given nothing but the crowd?

Each of 18 crises is an episode: population, forces, patron, media, war, the killed. The size of its shock is fitted
to the largest crowd that was seen, and to nothing else; what follows is foretold. The numbers of the rules are those
of the worlds fitted to Belarus, but for what a country's file says: how its people and its forces differ is known for
no other country, and a rule that holds only where it was fitted is none. Scores stand beside the base rate and a
logit of two variables (patron, crowd for each man of the forces), each country left out in turn; Belarus 2020 is not
scored.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import zlib
from collections.abc import Iterator, Sequence

import click
import numpy as np

from agents.citizen.population import checked_size
from experiments.cases.findings import findings_of, one_of
from experiments.cases.lives import crisis
from experiments.cases.words import of_one, verdict
from experiments.evidence.crises import Case, read_case, shipped
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from model.parameters import Parameters
from model.worlds import draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.cases
  python -m experiments.cases --case experiments/evidence/cases/arm18.toml      one country's chances
  python -m experiments.cases --worlds 10 --citizens 2000                       a first look"""
OF_BELARUS = ("provocations",)
"""Claims switched off: tussles with the West are a story of Belarus and its patron."""


def targets(case: Case, n_worlds: int, seed: int) -> list[float]:
    """Return the largest crowd that each world is to have: spread evenly over what was seen, in logarithms [people].

    >>> [round(crowd, -4) for crowd in sorted(targets(shipped()["CSK68"], 3, seed=0))]
    [150000.0, 320000.0, 610000.0]
    """
    low, high = case.peak
    if high == 0.0:
        return [0.0] * n_worlds
    dice = np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(case.row.encode())]))
    ranks = (dice.permutation(n_worlds) + dice.random(n_worlds)) / n_worlds
    return [float(crowd) for crowd in low * (high / low) ** ranks]


def runs_of(cases: Sequence[Case], n_worlds: int, seed: int, n_citizens: int) -> Iterator[Run]:
    """Yield a run of each case in each world."""
    for case in cases:
        worlds = draw(n_worlds, seed, file_of(case.episode), Parameters().switch_off(*OF_BELARUS))
        for world, target in zip(worlds, targets(case, n_worlds, seed), strict=True):
            yield Run(
                episode=case.episode, parameters=world.parameters, arm=case.arm, seed=world.seed, n_citizens=n_citizens,
                labels={"case": case.row, "world": world.number}, asked={"target": target},
            )  # fmt: skip


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=30, help="Draws of the accepted worlds, in each case.")
@option("--case", "file", help="One case alone, from its file.")
@click.option("--gallery", is_flag=True, help="Put the figure into the README's gallery.")
@shared_options("results/cases", citizens=5_000)
def main(
    n_worlds: int, file: str | None, gallery: bool, n_citizens: int, seed: int, workers: int | None, results: str
) -> None:
    """Foretell every crisis from its crowd, and score it (see the top of this file)."""
    cases = [read_case(file)] if file else list(shipped().values())
    for case in cases:
        checked_size(n_citizens, case.episode)
    study = Study(
        question="cases", results=results, workers=workers, stem=cases[0].episode.name if file else "",
        options={"worlds": n_worlds, "case": file, "seed": seed, "citizens": n_citizens},
    )  # fmt: skip
    rows = live(study, runs_of(cases, n_worlds, seed, n_citizens), crisis, total=n_worlds * len(cases))
    if file:
        (case,) = cases
        one = one_of(case, rows)
        publish(
            study,
            tables={study.named("cases.csv"): rows},
            verdict=of_one(case, one, origin(file_of(case.episode)).words),
            record={"case": one.to_dict()},
        )
        return
    result = findings_of(cases, rows, seed)
    from experiments.cases.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"cases.csv": result.table, "scores.csv": result.scores, "runs.csv": rows},
        verdict=verdict(result),
        record={"cases": result.table.to_dict("records"), "scores": result.scores.to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
