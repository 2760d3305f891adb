"""After how many days in the war does coming home no longer save him?

Each accepted history enters, and its troops come home after some days, with the same dice; once they never do, and
once he stays out. Two questions: does coming home help him who still stands on that day, against going on? And does
it undo the entry, or does he fall more often than had he never entered (hysteresis)?

Falls are rare in the accepted histories as they are, so the same is asked nearer the line: with an entry that angers
several times as much as lending the land did (``--beyond``, which nothing observed informs). ``--set`` changes a
number or a field of the episode in both.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from agents.citizen.population import checked_size
from experiments.evidence.gates import gates_beside
from experiments.lab import design as designs
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import BEYOND, episode_with_entry, home_after
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import run_summary
from experiments.point_of_no_return.findings import DRAWN, NEAR, NEVER, STAYS, WAITS, findings_of
from experiments.point_of_no_return.words import verdict
from model.episode import Episode
from model.parameters import Parameters
from model.simulation import Arm
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.point_of_no_return
  python -m experiments.point_of_no_return --worlds 30 --citizens 5000      a first look, in half a minute
  python -m experiments.point_of_no_return --beyond 8
  python -m experiments.point_of_no_return --set entry.troops=20000 --set entry.front=defeat"""


def runs_of(
    worlds: Sequence[World], episode: Episode, beyond: float, n_citizens: int, fixed: Sequence[str] = ()
) -> Iterator[Run]:
    """Yield every run: each world as drawn and nearer the line, home after each wait, never, and if he stays."""
    names, values = designs.fixed_values(fixed)
    waits = waits_of(episode)
    for world in worlds:
        own, parameters = designs.apply(names, values, episode, world.parameters, world.front)
        for setting in (DRAWN, NEAR):
            numbers = {BEYOND: beyond} if setting == NEAR else {}
            for wait in (*waits, NEVER, STAYS):
                yield Run(
                    episode=home_after(own, wait if wait in waits else None), parameters=parameters.replace(numbers),
                    arm=str(Arm.STAY if wait == STAYS else Arm.ENTER), seed=world.seed, history=world.history,
                    n_citizens=n_citizens, labels={"world": world.number, "setting": setting, "wait": wait},
                )  # fmt: skip


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=150, help="Draws of the accepted histories.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--beyond", default=5.0, help="How shocking an entry is, nearer the line.")
@option("--set")
@option("--gallery")
@shared_options("results/point_of_no_return")
def main(
    n_worlds: int, episode: str, accepted: str | None, beyond: float, fixed: tuple[str, ...], gallery: bool,
    n_citizens: int, seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Bring the troops home on each of some days, and say when it no longer helps (see the top of this file)."""
    whole = changed(episode_with_entry(episode), fixed)
    checked_size(n_citizens, whole)
    file = Path(accepted) if accepted else file_of(whole)
    worlds = draw(n_worlds, seed, file)
    runs = list(runs_of(worlds, whole, beyond, n_citizens, fixed))
    asked = {"episode": whole.name, "worlds": n_worlds, "seed": seed, "citizens": n_citizens, "beyond": beyond}
    asked |= {"set": list(fixed)}
    study = Study(question="point_of_no_return", results=results, options=asked, workers=workers)
    rows = live(study, runs, run_summary)
    tried = gates_beside(file) if file else None
    result = findings_of(rows, whole, beyond, origin(file), fixed, tried)
    from experiments.point_of_no_return.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"point_of_no_return.csv": result.table, "causes.csv": result.causes, "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "table": result.table.to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


def changed(episode: Episode, fixed: Sequence[str]) -> Episode:
    """Return the episode with what is fixed in it.

    Raises:
        DesignError: if a day of return is given.
    """
    names, values = designs.fixed_values(fixed)
    if "entry.withdrawal" in names:
        raise designs.DesignError("--set entry.withdrawal: the days of coming home are what is asked here")
    return designs.apply(names, values, episode, Parameters())[0]


def waits_of(episode: Episode) -> tuple[int, ...]:
    """Return after how many days in the war the troops can come home before the episode ends.

    >>> waits_of(episode_with_entry("belarus-2022"))
    (7, 14, 28, 56, 112, 224)

    Raises:
        DesignError: if there is no time for any.
    """
    entry = episode.entering.date
    waits = tuple(wait for wait in WAITS if entry + dt.timedelta(days=wait) <= episode.end_date)
    if not waits:
        raise designs.DesignError(
            f"{episode.name} ends on {episode.end_date}; expected {WAITS[0]} days or more after the entry, {entry}"
        )
    return waits


if __name__ == "__main__":
    main()
