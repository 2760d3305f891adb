"""Who finds a hidden cause? Invented countries whose leader entered a war and fell: explain, predict, prescribe.

A pack holds what an analyst could observe of one country, by day from the entry on, and no number of the rules. Tasks:
explain (which of three departures made the difference), predict (the chance that he falls in other lives of the same
country, if he enters and if he stays) and prescribe (by which day troops must be home for it to halve the falls). The
truth lies beside the pack in ``sealed.json``, its hash in the pack.

Our own tools answer from the pack alone, by the ways of ``why``, ``war_entry`` and ``point_of_no_return``, and are
scored over several packs, beside the same tools without a look at the days. ``--make`` makes one pack to send on, and
tells no truth; ``--score`` judges anybody's answers to it.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from pathlib import Path

import click

from agents.citizen.population import checked_size
from experiments.challenge.findings import findings_of, guessed, scored
from experiments.challenge.lives import COUNTRY
from experiments.challenge.pack import made, write
from experiments.challenge.public import read_answers
from experiments.challenge.solver import solve
from experiments.challenge.words import of_one, verdict
from experiments.lab.command import OneLine, given, option, shared_options
from experiments.lab.design import DesignError
from experiments.lab.plan import episode_with_entry
from experiments.lab.study import Study, publish

APART = 1_000
"""The packs of one seed are numbered from so many times the seed on."""
EXAMPLES = """\b
Examples:
  python -m experiments.challenge
  python -m experiments.challenge --packs 3 --worlds 60 --lives 8      a first look
  python -m experiments.challenge --make 7
  python -m experiments.challenge --make 7 --score answers.json"""


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--packs", "n_packs", default=6, help="Hidden countries.")
@option("--make", "only", help="Make this pack alone, to be sent on: the same number, the same pack.")
@option("--score", "answers", help="Judge these answers to it, too.")
@option("--worlds", "n_worlds", default=150, least=3, help="Draws in which a country to hide, and ours, are sought.")
@option("--lives", default=20, least=4, help="Other lives of a hidden country; a quarter of it of each of ours.")
@option("--gallery")
@shared_options("results/challenge", citizens=2_000)
def main(
    n_packs: int, only: int | None, answers: Path | None, n_worlds: int, lives: int, gallery: bool, n_citizens: int,
    seed: int,
    workers: int | None, results: str,
) -> None:  # fmt: skip
    """Make packs, answer them, and score the answers (see the top of this file)."""
    from experiments.challenge.figure import draw_figure  # slow to import, and the workers draw nothing

    if only is not None and (gallery or given("n_packs")):
        raise DesignError("--make makes one pack and draws nothing: leave out --packs and --gallery")
    if answers is not None and only is None:
        raise DesignError("--score judges the answers to one pack: give its number by --make")
    checked_size(n_citizens, episode_with_entry(COUNTRY))
    theirs = read_answers(answers) if answers else None
    numbers = [seed * APART + place for place in range(n_packs)] if only is None else [only]
    asked = {"packs": numbers, "worlds": n_worlds, "lives": lives, "citizens": n_citizens, "seed": seed}
    study = Study(question="challenge", results=results, options=asked, workers=workers)
    packs = made(study, numbers, n_worlds, lives, n_citizens)
    public = [write(pack, study.folder / f"pack-{pack.number}") for pack in packs]
    solved = solve(study, public, n_worlds, lives, n_citizens, seed)
    if solved is None:
        raise click.ClickException(f"none of our {n_worlds} draws falls by one cause alone: give more --worlds")
    if only is not None:
        (pack,), (own,), truth = packs, solved.said, packs[0].truth.answers
        scores = {
            "ours": scored(own.answers, truth),
            "blind": scored(solved.blind.answers, truth),
            "guess": guessed(truth),
        }
        scores = ({"yours": scored(theirs, truth)} if theirs else {}) | scores
        publish(study, verdict=of_one(pack, str(public[0]), scores, theirs), record={"scores": scores})
        return
    result = findings_of(packs, solved)
    publish(
        study,
        tables={"challenge.csv": result.table(), "scores.csv": result.summary()},
        verdict=verdict(result),
        record={"table": result.table().to_dict("records"), "scores": result.summary().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
