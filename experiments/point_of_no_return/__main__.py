"""After how many days in the war does coming home no longer save him?

Each accepted history enters, and its troops come home after some days, with the same dice; once they never do, and
once he stays out. Two questions: does coming home help him who still stands on that day, against going on? And does
it undo the entry, or does he fall more often than had he never entered (hysteresis)?

Falls are rare in the accepted histories as they are, so the same is asked nearer the line: with an entry that angers
several times as much as lending the land did (``--beyond``, which nothing observed informs).
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from agents.citizen.population import checked_size
from experiments.lab.command import NumberBetween, OneLine, option, shared_options
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import run_summary
from experiments.point_of_no_return.figure import draw_figure
from experiments.point_of_no_return.findings import DRAWN, NEAR, NEVER, STAYS, WAITS, findings_of
from experiments.point_of_no_return.words import verdict
from model.episode import Episode
from model.parameters import DECLARED
from model.simulation import Arm
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.point_of_no_return
  python -m experiments.point_of_no_return --worlds 30 --citizens 5000      a first look, in half a minute
  python -m experiments.point_of_no_return --beyond 8"""
BEYOND = "citizen.war_beyond"
MOST = DECLARED[BEYOND].metadata["allowed"][1]


def runs_of(worlds: Sequence[World], episode: Episode, beyond: float, n_citizens: int) -> Iterator[Run]:
    """Yield every run: each world as drawn and nearer the line, home after each wait, never, and if he stays."""
    assert episode.entry is not None
    for world in worlds:
        for setting in (DRAWN, NEAR):
            numbers = {BEYOND: beyond} if setting == NEAR else {}
            own = episode.replace(entry_front=world.front)
            for wait in (*WAITS, NEVER, STAYS):
                home = {"entry_withdrawal": episode.entry.date + dt.timedelta(days=wait)} if wait in WAITS else {}
                yield Run(
                    episode=own.replace(**home), parameters=world.parameters.replace(numbers),
                    arm=str(Arm.STAY if wait == STAYS else Arm.ENTER), seed=world.seed, history=world.history,
                    n_citizens=n_citizens, labels={"world": world.number, "setting": setting, "wait": wait},
                )  # fmt: skip


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=150, help="Draws of the accepted histories.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--beyond", default=5.0, type=NumberBetween(0.0, MOST), help="How shocking an entry is, nearer the line.")
@click.option("--gallery", is_flag=True, help="Put the figure into the README's gallery.")
@shared_options("results/point_of_no_return")
def main(
    n_worlds: int, episode: str, accepted: str | None, beyond: float, gallery: bool, n_citizens: int, seed: int,
    workers: int | None, results: str,
) -> None:  # fmt: skip
    """Bring the troops home on each of some days, and say when it no longer helps (see the top of this file)."""
    whole = episode_with_entry(episode)
    checked_size(n_citizens, whole)
    assert whole.entry is not None
    last = whole.entry.date + dt.timedelta(days=max(WAITS))
    if last > whole.end_date:
        raise click.ClickException(f"{whole.name} ends on {whole.end_date}, before the last day to come home, {last}")
    file = Path(accepted) if accepted else file_of(whole)
    asked = {"episode": whole.name, "worlds": n_worlds, "seed": seed, "citizens": n_citizens, "beyond": beyond}
    study = Study(question="point_of_no_return", results=results, options=asked, workers=workers)
    worlds = draw(n_worlds, seed, file)
    total = n_worlds * 2 * (len(WAITS) + 2)
    rows = live(study, runs_of(worlds, whole, beyond, n_citizens), run_summary, total=total)
    result = findings_of(rows, whole, beyond, origin(file))
    publish(
        study,
        tables={"point_of_no_return.csv": result.table, "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "table": result.table.to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
