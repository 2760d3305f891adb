"""Why did he fall? One run that fell beside its twin that did not, and without what he would still be there.

An accepted history is searched in which he falls after entering the war, and does not if he stays. It is lived again,
many times, each time with something left out: a unit is loyal whatever comes, a member of the elite keeps out of all
plots, nobody comes on some day, the dice of an actor on some day are drawn anew. So the smallest set is found without
which he would not have fallen. Then the same is lived with other luck from the day of entry on: a cause, or chance?

Falls are rare, so many draws may have to be searched; ``--beyond`` makes the entry more shocking than the fitted
worlds have it, ``--draw`` takes one draw. This explains one run of a model. It is no account of a country.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click

from agents.citizen.population import checked_size
from experiments.evidence.gates import gates_beside
from experiments.lab import design as designs
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.left_out import DICE, MIXED, candidates
from experiments.lab.plan import BEYOND, episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.searches import conduct
from experiments.lab.study import Study, live, publish
from experiments.why.findings import (
    WHOLE,
    Findings,
    futures_of,
    interleaved,
    life_of,
)
from experiments.why.replay import replayed, told
from experiments.why.search import Found, answered, first_fall, without
from experiments.why.words import nothing_fell, verdict
from model.episode import Episode
from model.parameters import Parameters
from model.simulation import Arm
from model.worlds import World, draw, file_of, origin

FUTURES = 30
"""So many times the story is lived with other luck from the entry on, as it was and without each smallest set."""
EXAMPLES = """\b
Examples:
  python -m experiments.why
  python -m experiments.why --citizens 3000 --worlds 100      a first look, in two minutes
  python -m experiments.why --draw 23
  python -m experiments.why --beyond 5"""


def runs_of(
    worlds: Sequence[World], episode: Episode, beyond: float | None, n_citizens: int, fixed: Sequence[str] = ()
) -> list[Run]:
    """Return the runs that enter, one for each draw."""
    names, values = designs.fixed_values(fixed)
    runs = []
    for world in worlds:
        own, parameters = designs.apply(names, values, episode, world.parameters, world.front)
        numbers = {} if beyond is None else {BEYOND: beyond}
        runs.append(
            Run(
                episode=own,
                parameters=parameters.replace(numbers),
                arm=str(Arm.ENTER),
                seed=world.seed,
                history=world.history,
                n_citizens=n_citizens,
                labels={"world": world.number},
                asked={"out": "", "future": -1},
            )
        )
    return runs


def search(study: Study, runs: Sequence[Run]) -> Found:
    """Search the first draw that falls after entry and not if he stays."""
    with study.store() as store:
        (found,) = conduct(study, store, [first_fall(runs)], replayed, description="search")
    return found


def explain(study: Study, found: Found, run: Run) -> Findings:
    """Live a run that fell again, beside its twin, without its parts, and with other luck."""
    tell = {"tell": 1}
    twins = live(
        study, [dataclasses.replace(run, arm=str(arm), asked=tell) for arm in (Arm.ENTER, Arm.STAY)], told,
        description="the twins",
    ).set_index("arm")  # fmt: skip
    if len(twins) < 2:
        raise click.ClickException("one of the twins failed: the same command tries it again")
    fall, twin = (life_of(twins.loc[str(arm)].to_dict()) for arm in (Arm.ENTER, Arm.STAY))
    parts = {kind: some for kind, some in candidates(fall).items() if some}
    with study.store() as store:
        searches = [answered(run, some) for some in parts.values()]
        results = conduct(study, store, searches, replayed, description="left out")
        answers = dict(zip(parts, results, strict=True))
        if not any(answer.alone for answer in results):
            (mixed,) = conduct(study, store, [answered(run, interleaved(parts))], replayed, description="together")
            answers[MIXED] = mixed
    sets = {WHOLE: ()} | {kind: a.smallest for kind, a in answers.items() if a.smallest and kind != DICE}
    futures = [
        dataclasses.replace(without(run, some, future), labels={"left_out": kind, "number": future})
        for kind, some in sets.items() for future in range(FUTURES)
    ]  # fmt: skip
    lived = live(study, futures, replayed, description="other luck")
    if lived.groupby("number").size().max() < len(sets):
        raise click.ClickException("no future was lived with each set left out: the same command tries again")
    chances, changes = futures_of(lived)
    return Findings(
        episode=run.episode, origin=origin(None), found=found, world=int(dict(run.labels)["world"]), fall=fall,
        twin=twin, answers=answers, futures=chances, changes=changes,
    )  # fmt: skip


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=400, help="Draws that are searched, at most.")
@option("--draw", help="Take this draw alone [default: the first that fell].")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--beyond", help="How shocking an entry is [default: as each world has it].")
@option("--set")
@option("--gallery")
@shared_options("results/why")
def main(
    n_worlds: int, only: int | None, episode: str, accepted: str | None, beyond: float | None, fixed: tuple[str, ...],
    gallery: bool, n_citizens: int, seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Find a run that fell, and say why (see the top of this file)."""
    names, values = designs.fixed_values(fixed)
    whole = designs.apply(names, values, episode_with_entry(episode), Parameters())[0]
    checked_size(n_citizens, whole)
    if only is not None and only >= n_worlds:
        raise designs.DesignError(f"draw = {only}; expected 0 to {n_worlds - 1}, below the number of --worlds")
    if beyond is not None and BEYOND in names:
        raise designs.DesignError(f"--beyond and --set {BEYOND}: give one of them")
    file = Path(accepted) if accepted else file_of(whole)
    runs = runs_of(draw(n_worlds, seed, file), whole, beyond, n_citizens, fixed)
    runs = runs if only is None else [runs[only]]
    asked = {
        "episode": whole.name, "worlds": n_worlds, "draw": only, "seed": seed, "citizens": n_citizens,
        "beyond": beyond, "set": list(fixed),
    }  # fmt: skip
    study = Study(question="why", results=results, options=asked, workers=workers)
    found = search(study, runs)
    record = {"worlds": origin(file).words, "searched": found.searched}
    if found.run is None:
        publish(study, verdict=nothing_fell(found, origin(file), only, beyond), record=record)
        return
    same = ((f"{BEYOND}={beyond:g}",) if beyond is not None else ()) + fixed
    result = dataclasses.replace(
        explain(study, found, found.run), origin=origin(file), gates=gates_beside(file) if file else None, fixed=same
    )
    from experiments.why.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"why.csv": result.table()},
        verdict=verdict(result),
        record=record | {"draw": result.world, "table": result.table().to_dict("records")},
        figure=lambda path, told: draw_figure(result, path, told),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
