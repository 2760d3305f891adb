"""Would a leader who wants to keep his job enter, as his patron's pressure rises, and how wrong must he be to do it?

Three ways to decide, side by side. Truth: twins of each accepted history that refuse, go limited, or enter, on some
days, under more of the patron's pressure and at a higher price of refusing; who is in office a year later? Belief: he
does not know his world; he holds the other accepted histories, each weighed by how like his own it looked in what he
saw, and has learnt from their years the chance of falling on what he can see. Lookahead: he imagines some futures of
each choice, in those other histories and with new luck, from the date and the state that he sees about him.

Beside it: how much flattery it takes to make him enter, what talks and the lent land bought him, and whether the rule
of belief sorts other clients of a patron at war into those who joined and those who refused.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from agents.citizen.population import checked_size
from experiments.decision.beliefs import School, learnt, learnt_by_all, margin_of
from experiments.decision.figure import draw_figure
from experiments.decision.findings import (
    BELIEF,
    BOUGHT,
    CELLS,
    DAYS,
    EVE,
    LOOKAHEAD,
    PRESSURES,
    PRICES,
    STATE,
    Findings,
    believes,
    bought_of,
    chooses_of,
    eves_of,
    fears_of,
    flips_of,
    futures_of,
    histories_of,
    looks_ahead,
    skill_of,
    sorted_clients,
    sorts,
    taught,
    truth_of,
)
from experiments.decision.lives import CHOICES, LAND, REFUSES, YEAR, seen, year_on
from experiments.decision.words import verdict
from experiments.evidence.clients import clients, countries
from experiments.evidence.gates import gates_beside
from experiments.evidence.standing import hash_of
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.design import DesignError
from experiments.lab.outputs import whole as whole_file
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from model.beliefs import ALL, FILE, written
from model.episode import Episode, load_episode
from model.simulation import Arm
from model.worlds import SEED, World, draw, file_of, fingerprint, origin, parameters_of
from model.worlds import accepted as accepted_in

EXAMPLES = """\b
Examples:
  python -m experiments.decision
  python -m experiments.decision --worlds 20 --futures 4 --citizens 2000      a first look, in a few minutes
  python -m experiments.decision --futures 32
  python -m experiments.decision --accept          and who decides in the model judges by what was learnt"""


def run_of(world: World, episode: Episode, n_citizens: int, asked: Mapping[str, Any], labels: Mapping[str, Any]) -> Run:
    """Return a run of a world in which he refuses until the day of choice."""
    return Run(
        episode=episode.replace(entry_front=world.front), parameters=world.parameters, arm=str(Arm.STAY),
        seed=world.seed, history=world.history, n_citizens=n_citizens, labels=labels, asked=asked,
    )  # fmt: skip


def looks(
    worlds: Sequence[World], episode: Episode, n_citizens: int, days: Sequence[int] = (EVE, *DAYS)
) -> Iterator[Run]:
    """Yield the runs that tell what each has seen by the eve and by each day of choice."""
    for world in worlds:
        for day in days:
            yield run_of(world, episode, n_citizens, {"day": day}, {"world": world.number, "day": day})


def twins(worlds: Sequence[World], episode: Episode, n_citizens: int) -> Iterator[Run]:
    """Yield each world's years: every choice in every cell, and refusing without what the talks and the land bought."""
    for world in worlds:
        asked = [
            {"day": day, "pressure": pressure, "price": price, "choice": choice, "off": ""}
            for day, pressure, price in CELLS for choice in CHOICES
        ]  # fmt: skip
        asked += [{"day": 0, "pressure": 1.0, "price": 1.0, "choice": REFUSES, "off": off} for off in BOUGHT]
        for told in asked:
            own = without_the_land(episode) if told["off"] == LAND else episode
            yield run_of(world, own, n_citizens, told, {"world": world.number} | told)


def rest_of(file: Path, worlds: Sequence[World]) -> list[World]:
    """Return the accepted histories that were not drawn, with default numbers where a fit informs none.

    Raises:
        DesignError: if the table tells no histories, by their seeds.
    """
    table = accepted_in(file)
    if SEED not in table:
        raise DesignError(f"{file} has no column {SEED}: nobody can tell which history he must not learn from")
    drawn = set(histories_of(worlds).values())
    left = table[~table[SEED].isin(drawn)].drop_duplicates(SEED)
    return [
        World(number=len(worlds) + place, parameters=parameters_of(row), front="stalemate", seed=int(row[SEED]),
              history=int(row[SEED]))
        for place, (_, row) in enumerate(left.iterrows())
    ]  # fmt: skip


def imagined_years(
    worlds: Sequence[World], episode: Episode, n_citizens: int, seen_first: pd.DataFrame,
    futures: Mapping[int, Sequence[tuple[int, int]]],
) -> Iterator[Run]:  # fmt: skip
    """Yield the futures that anybody imagines: each history, dice and state once, for all choices and pressures."""
    by_number = {world.number: world for world in worlds}
    states = seen_first.set_index("world")[STATE]
    wanted = {(*future, *states.loc[world]) for world, drawn in futures.items() for future in drawn}
    for other, dice, rung, support, course in sorted(wanted):
        state = {"rung": int(rung), "support": int(support), "course": str(course)}
        for pressure in PRESSURES:
            for choice in CHOICES:
                told = {"dice": int(dice), **state, "pressure": pressure, "choice": choice}
                asked = {"day": DAYS[0], "price": PRICES[0], **told}
                yield run_of(by_number[other], episode, n_citizens, asked, {"other": int(other), **told})


def lasting(episode: Episode) -> Episode:
    """Return the episode, long enough that a year follows the last day of choice.

    >>> lasting(episode_with_entry("belarus-2022")).days
    589
    """
    return episode.replace(end_date=max(episode.end_date, episode.date_of(DAYS[-1] + YEAR)))


def without_the_land(episode: Episode) -> Episode:
    """Return the episode in which the land was not lent on the eve.

    >>> without_the_land(episode_with_entry("belarus-2022")).start.rung
    'none'
    """
    return dataclasses.replace(episode, start=dataclasses.replace(episode.start, rung="none"))


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=80, least=3, help="Draws of the accepted histories.")
@option("--futures", "n_futures", default=16, help="Futures that he imagines for each choice.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@click.option("--accept", is_flag=True, help="Put the lessons beside the accepted worlds: who decides judges by them.")
@option("--gallery")
@shared_options("results/decision")
def main(
    n_worlds: int, n_futures: int, episode: str, accepted: str | None, accept: bool, gallery: bool, n_citizens: int,
    seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Let him decide by truth, by belief and by looking ahead, and say when he enters (see the top of this file)."""
    whole = lasting(episode_with_entry(episode))
    checked_size(n_citizens, whole)
    file = Path(accepted) if accepted else file_of(whole)
    if accept and (accepted or file is None):
        raise DesignError("--accept puts what was learnt beside an episode's own accepted worlds: give it alone")
    worlds = draw(n_worlds, seed, file)
    rest = rest_of(file, worlds) if accept and file else []
    asked = {"episode": whole.name, "worlds": n_worlds, "futures": n_futures, "seed": seed, "citizens": n_citizens}
    study = Study(question="decision", results=results, options=asked, workers=workers)
    looked = [*looks(worlds, whole, n_citizens), *looks(rest, whole, n_citizens, (EVE,))]
    sights = live(study, looked, seen, description="what he saw")
    sights = sights[sights["stands"] == 1].reset_index(drop=True)
    total = n_worlds * (len(CELLS) * len(CHOICES) + len(BOUGHT))
    lived = live(study, twins(worlds, whole, n_citizens), year_on, description="truth", total=total)
    years = lived[(lived["off"] == "") & (lived["stands"] == 1)].reset_index(drop=True)
    first = sights[sights["day"] == DAYS[0]]
    histories = histories_of([*worlds, *rest])
    futures = futures_of(sights, histories, n_futures, seed)
    if years.empty or not futures:
        raise click.ClickException("there are not two accepted histories in which he still stands on the day of choice")
    runs = list(imagined_years(worlds, whole, n_citizens, first, futures))
    imagined = live(study, runs, year_on, description="lookahead")
    margins = {world.number: margin_of(world.parameters) for world in worlds}
    margin = float(np.median(list(margins.values())))
    school = School.of(taught(years, sights, histories))
    lessons = learnt(school, eves_of(sights, histories))
    beliefs = believes(sights, lessons, histories)
    ahead = looks_ahead(futures, sights, imagined)
    everybody, told = learnt_by_all(school), None
    if whole.country in countries():
        told = sorted_clients(everybody, clients(), margin, float(first["price"].median()))
    result = Findings(
        episode=whole, origin=origin(file), worlds=first["world"].nunique(), futures=n_futures,
        truth=truth_of(years), flips=flips_of(years),
        chooses=pd.DataFrame([*chooses_of(BELIEF, beliefs, margins), *chooses_of(LOOKAHEAD, ahead, margins)]),
        margin=margin, fears=fears_of(beliefs, margins), skill=skill_of(beliefs, years),
        worth=float(np.median([size for _, size in lessons.values()])),
        bought=bought_of(lived[lived["off"].isin(BOUGHT)]), clients=told,
        sorts=None if told is None else sorts(told["gain"].tolist(), told["joined"].tolist()),
        gates=gates_beside(file) if file else None,
    )  # fmt: skip
    tables = {"truth.csv": result.truth, "flips.csv": result.flips, "chooses.csv": result.chooses}
    tables |= {"beliefs.csv": beliefs, "lookahead.csv": ahead, "bought.csv": result.bought, "seen.csv": sights}
    if told is not None:
        tables["clients.csv"] = told
    publish(
        study, tables=tables, verdict=verdict(result),
        record={"worlds": result.origin.words, "flips": result.flips.to_dict("records"), "skill": result.skill},
        figure=lambda path, record: draw_figure(result, path, record), gallery=gallery,
    )  # fmt: skip
    if accept and file:
        about = {
            "accepted": hash_of(file), "behaviour": fingerprint(load_episode(episode)), "worlds": n_worlds,
            "seed": seed, "n_citizens": n_citizens,
        }  # fmt: skip
        of_each = {str(history): lesson for history, (lesson, _) in sorted(lessons.items())}
        with whole_file(file.with_name(FILE)) as half:
            half.write_text(written({ALL: everybody} | of_each, about), encoding="utf-8")
        click.echo(f"Accepted into {file.parent}")


if __name__ == "__main__":
    main()
