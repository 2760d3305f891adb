"""What happens in one episode, day by day, over many worlds or seeds?

Lives an episode in one arm, in draws of the accepted worlds (one seed each) or in one world with many seeds, and
keeps every measure of every day and the crowd of every region.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd

from experiments.evidence.observed import read_observed
from experiments.lab import design as designs
from experiments.lab.again import live_again
from experiments.lab.command import File, OneLine, given, option, shared_options
from experiments.lab.design import DesignError
from experiments.lab.plan import drawn_by, origin_words, worlds_of
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from experiments.run.findings import SHOWN, daily_table, live_daily, lived
from experiments.run.words import report
from experiments.show.words import WIDTH
from model.episode import load_episode

EXAMPLES = """\b
Examples:
  python -m experiments.run belarus-2022 --arm stay --worlds accepted --seeds 50
  python -m experiments.run belarus-2020 --arm stay --worlds central --seeds 20
  python -m experiments.run my-country.toml --worlds default --days 30
  python -m experiments.run belarus-2020 --observed seen.csv
  python -m experiments.run belarus-2022 --arm enter --set entry.troops=20000 --without talks
  python -m experiments.run --from results/sweep.sqlite 3fa9c1"""


def plan_of(
    episode: str,
    *,
    arm: str = "stay",
    worlds: str = "accepted",
    seeds: int = 50,
    seed: int = 0,
    n_citizens: int = 20_000,
    days: int | None = None,
    without: Sequence[str] = (),
    fixed: Sequence[str] = (),
) -> tuple[list[Run], bool]:
    """Return the runs that the options ask for, and whether they are draws of worlds.

    Raises:
        ValueError: by the part of the project that refuses a name or a value.
    """
    whole = load_episode(episode)
    if days is not None and days > whole.days:
        raise DesignError(f"days = {days}; {whole.name} has {whole.days}")
    drawn = drawn_by(worlds)
    draws, _ = worlds_of(worlds, whole, seeds if drawn else None, seed, without)
    names, values = designs.fixed_values(fixed)
    runs = []
    for turn in range(seeds):
        world = draws[turn if drawn else 0]
        changed, parameters = designs.apply(names, values, whole, world.parameters, world.front or None)
        runs.append(
            Run(
                episode=changed,
                parameters=parameters,
                arm=arm,
                seed=world.seed if drawn else world.seed + turn,
                history=world.history,
                n_citizens=n_citizens,
                days=days,
                labels={"world": world.number, "worlds": Path(worlds).name},
            )
        )
    world_of(runs[0])  # what cannot be built is refused now, and not run by run
    return runs, drawn


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@click.argument("named", type=File(), metavar="[FILE_OR_NAME]", required=False)
@option("--episode", default="belarus-2022", help="The same, as the other questions have it.")
@click.option("--arm", default="stay", show_default=True, help="What he does: stay, enter or decide.")
@option(
    "--worlds",
    default="accepted",
    type=File(),
    metavar="NAME|FILE",
    help="accepted, central, default, a .toml file of parameters, or a .csv file of accepted worlds.",
)
@option("--seeds", default=50, help="Runs: draws, or seeds of one world.")
@option("--days")
@click.option("--without", multiple=True, metavar="SWITCH", help="Switch the mechanism of a claim off.")
@option("--set")
@option("--observed", help=f"Draw what was observed, too: date, measure ({', '.join(SHOWN)}), low, middle, high.")
@option(
    "--from",
    "again",
    nargs=2,
    type=(File(path_type=Path, dir_okay=False), str),
    metavar="STORE KEY",
    help="Live one run of any question's store again, by the beginning of its key, and say whether it is equal.",
)
@option("--gallery")
@shared_options("results/run")
def main(
    named: str | None,
    results: str,
    workers: int | None,
    observed: str | None,
    gallery: bool,
    again: tuple[Path, str] | None,
    **options: Any,
) -> None:
    """Run an episode many times (see the top of this file)."""
    if again is not None:
        others = [name for name in click.get_current_context().params if name != "again" and given(name)]
        if others:
            raise DesignError(f"--from lives a run as it was: {others[0]} has no meaning beside it")
        click.echo(live_again(*again))
        return
    if named is not None and given("episode"):
        raise DesignError(f"{named} and --episode {options['episode']}: give one of them")
    options["episode"] = options["episode"] if named is None else named
    asked, drawn = plan_of(**options)
    episode = asked[0].episode
    last = episode.date_of(options["days"] or episode.days)
    seen = read_observed(observed, episode.start_date, last, SHOWN) if observed else ()
    origin = origin_words(options["worlds"], load_episode(options["episode"]))
    stem = f"{episode.name}-{options['arm']}"
    study = Study(question="run", results=results, options=options | {"observed": observed}, workers=workers, stem=stem)
    result = lived(live(study, asked, live_daily, description=stem), episode, options["arm"], drawn)
    parameters = pd.DataFrame([{"seed": run.seed} | run.parameters.flat() for run in asked])
    from experiments.run.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={f"{stem}-daily.csv": daily_table(result), f"{stem}-runs.csv": result.rows.merge(parameters, on="seed")},
        verdict=f"{report(result)}\n\n{textwrap.fill(f'({origin})', WIDTH)}",
        record={"episode": episode.to_dict(), "worlds": origin, "observed": list(map(dataclasses.asdict, seen))}
        | ({} if drawn else {"parameters": asked[0].parameters.flat()}),
        figure=lambda path, record: draw_figure(result, path, record, seen),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
