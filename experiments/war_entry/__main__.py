"""How likely is each ending if he stays out of the war and if he enters it, and when?

Twin worlds: each draw of an accepted world is lived with the same seed in the arms ``stay`` and ``enter``,
identical to the last bit until the day of entry. A third arm, ``decide``, asks whether he would enter. What
cannot be known stands in the verdict: nobody has seen him enter, so the effect rests on the prior.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import datetime as dt
import functools
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pandas as pd

from agents.citizen.population import SMALLEST
from experiments.evidence import standing, usual
from experiments.evidence.gates import gates_beside
from experiments.lab import design as designs
from experiments.lab.bands import daily
from experiments.lab.command import OneLine, given, option, shared_options
from experiments.lab.design import DesignError
from experiments.lab.outputs import in_json, whole
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from experiments.war_entry.findings import Findings, findings_of, twins_of
from experiments.war_entry.words import verdict
from model import worlds as plausible
from model.episode import FRONTS, RUNGS, Episode, load_episode
from model.measures import MEASURES, summary
from model.parameters import Parameters, nearest
from model.simulation import MOST_KEPT, Arm, Simulation

EXTRAS = ("pressure_before_entry", "top_rung", "dead_in_store", "x_eve")
FULL = {"n_worlds": 1_000, "seeds": 2}
FIRST_WEEKS = 28
BOTH = (Arm.STAY, Arm.ENTER)
"""The arms that are twins."""
OWN = ("n_worlds", "seeds", "full", "front", "without", "fixed", "days", "years", "episode", "accepted", "n_citizens")
"""Options whose answer is not that of the README, and is not put beside the worlds."""
COARSE = 4
"""The prior alone is lived with one citizen in so many."""
EXAMPLES = """\b
Examples:
  python -m experiments.war_entry
  python -m experiments.war_entry --full
  python -m experiments.war_entry --years 3
  python -m experiments.war_entry --front defeat --set entry.troops=20000
  python -m experiments.war_entry --without talks --without shame --results results/without
  python -m experiments.war_entry --accept
  python -m experiments.war_entry --worlds 20 --citizens 2000 --days 120"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All the runs of the experiment: every world with every seed in every arm."""

    worlds: tuple[plausible.World, ...]
    episodes: tuple[Episode, ...]
    """The episode of each world: they differ in the course of the front."""
    parameters: tuple[Parameters, ...]
    seeds: int
    n_citizens: int
    days: int | None

    @property
    def episode(self) -> Episode:
        """The episode of the first world."""
        return self.episodes[0]

    @property
    def horizon(self) -> int:
        """The last day of every run that does not end before [day number]."""
        return min(self.days or self.episode.days, self.episode.days)

    def runs(self, arms: Collection[str] = tuple(Arm), **labels: str) -> list[Run]:
        """Return the runs, world by world, the twins beside each other; seeds are distinct across worlds.

        Args:
            arms: which arms.
            labels: further labels of all runs.
        """
        return [
            Run(
                episode=episode,
                parameters=parameters,
                arm=arm,
                seed=world.seed + turn * len(self.worlds),
                history=world.history,
                n_citizens=self.n_citizens,
                days=self.days,
                labels={"world": world.number, "front": episode.entering.front, **labels},
            )
            for turn in range(self.seeds)
            for world, episode, parameters in zip(self.worlds, self.episodes, self.parameters, strict=True)
            for arm in arms
        ]


def plan_of(
    *,
    n_worlds: int = 200,
    seeds: int = 1,
    seed: int = 0,
    n_citizens: int = 20_000,
    days: int | None = None,
    years: int = 1,
    prior: int = 0,
    episode: str = "belarus-2022",
    accepted: str | Path | None = None,
    front: str | None = None,
    without: Sequence[str] = (),
    fixed: Sequence[str] = (),
) -> tuple[Plan, Plan | None]:
    """Return the plan that the options ask for, and that of the prior alone, if any; each world and arm can be built.

    Args:
        n_worlds: draws of the accepted worlds.
        seeds: runs of each world in each arm.
        seed: where all chance begins.
        n_citizens: citizens in a world.
        days: how long [days]; None for the whole episode.
        years: how often the episode's length; what it says of its last day then goes on.
        prior: draws of the prior alone, with a quarter of the citizens; 0: none.
        episode: name or file of the episode.
        accepted: the table of accepted worlds; None for the fit of the episode, if it has one.
        front: the course of the front in all worlds; None to draw one for each.
        without: claims whose mechanisms are switched off.
        fixed: ``NAME=VALUE``, numbers or fields of the episode that are the same in all worlds.

    Raises:
        ValueError: by the part of the project that refuses a name or a value.
    """
    whole = longer(episode_with_entry(episode), years)
    if front is not None and front not in FRONTS:
        raise DesignError(f"front = {front}; expected one of {', '.join(FRONTS)}{nearest(front, list(FRONTS))}")
    names, values = designs.fixed_values(fixed)
    if front is not None and "entry.front" in names:
        raise DesignError(f"front = {front} and --set entry.front: give one of them")
    if days is not None and days > whole.days:
        raise DesignError(f"days = {days}; {whole.name} has {whole.days}")
    base, file = Parameters().switch_off(*without), accepted or plausible.file_of(whole)

    def planned(worlds: list[plausible.World], seeds: int, n_citizens: int) -> Plan:
        applied = [designs.apply(names, values, whole, world.parameters, front or world.front) for world in worlds]
        return Plan(
            worlds=tuple(worlds), episodes=tuple(changed for changed, _ in applied),
            parameters=tuple(changed for _, changed in applied), seeds=seeds, n_citizens=n_citizens, days=days,
        )  # fmt: skip

    plan = planned(plausible.draw(n_worlds, seed, file, base), seeds, n_citizens)
    world_of(plan.runs()[0], past=False)  # what cannot be built is refused now, and not run by run
    if not prior or file is None:
        return plan, None
    return plan, planned(plausible.prior(prior, seed, base), 1, max(n_citizens // COARSE, SMALLEST))


def longer(episode: Episode, years: int) -> Episode:
    """Return an episode so many times as long; what it says of its last day goes on.

    >>> longer(load_episode("belarus-2022"), 2).days
    730
    """
    return episode.replace(end_date=episode.end_date + dt.timedelta(days=(years - 1) * episode.days))


def lived(run: Run) -> dict[str, Any]:
    """Live a run's days; return how it ended, and what pressure came before he entered and what losses lay ahead.

    What the arms have in common is lived once: until the day of entry he who enters is he who may choose, if he has
    chosen nothing by then; and where he who may choose never does (most do not), he is he who stays, to the last bit.
    """
    if run.n_citizens > MOST_KEPT:
        return told_of(world_of(run).run(run.days), run)
    free, before_entry = _free(run.episode, run.parameters, run.seed, run.history, run.n_citizens, run.days)
    if run.arm == Arm.ENTER and before_entry is not None:
        enters = before_entry.fork()
        enters.arm = Arm.ENTER
        return told_of(enters.run(None if run.days is None else run.days - enters.day), run)
    if run.arm == Arm.ENTER or (run.arm == Arm.STAY and free.regime.chose):
        return told_of(world_of(run).run(run.days), run)
    return told_of(free, run)


@functools.lru_cache(maxsize=1)
def _free(
    episode: Episode, parameters: Parameters, seed: int, history: int | None, n_citizens: int, days: int | None
) -> tuple[Simulation, Simulation | None]:
    """Live a world in which he decides; return it, and as it was before the entry, if he had chosen nothing by then.

    The last is kept for its twins.
    """
    run = Run(
        episode=episode, parameters=parameters, arm=Arm.DECIDE, seed=seed, history=history, n_citizens=n_citizens,
        days=days,
    )  # fmt: skip
    end = episode.days if days is None else days
    free = world_of(run)
    free.run(min(end, episode.day_of(episode.entering.date) - 1))
    before_entry = None if free.regime.chose else free.fork()
    return free.run(end - free.day), before_entry


def lived_from_prior(run: Run) -> dict[str, Any]:
    """Live a world of the prior; return the same, or what ended him before the eve: then nothing more is lived."""
    world = world_of(run, to_the_eve=False)
    if world.fell_before:
        return {"fell_before": world.fell_before, "ending": None}
    return told_of(world.run(run.days), run) | {"fell_before": None}


def told_of(world: Simulation, run: Run) -> dict[str, Any]:
    """Return what a world that was lived tells."""
    rows, columns = world.rows, list(MEASURES)
    entered = world.regime.entered_on
    eve = rows[entered - 2] if entered and entered >= 2 else None
    return summary(world) | {
        "pressure_before_entry": eve[columns.index("pressure")] if eve else None,
        "x_eve": world.past_rows[-1][columns.index("movement_load")] if world.past_rows else None,
        "top_rung": max((row[columns.index("rung")] for row in rows), default=0.0),
        "dead_in_store": dead_in_store(world, run.days) if run.arm == Arm.ENTER else None,
    }


def dead_in_store(world: Simulation, days: int | None = None) -> float:
    """Return the dead per million electors if the war lasts as long as the episode, whether or not he falls before.

    A run that ends early has few dead because it ended: only what lay ahead of it can stand on the axis of a curve.
    """
    episode, war = world.episode, world.parameters.war
    entry, last = episode.entering, min(days or episode.days, episode.days)
    if entry.withdrawal is not None:
        last = min(last, episode.day_of(entry.withdrawal) - 1)
    at_war = max(0, last - episode.day_of(entry.date) + 1)
    first = min(at_war, FIRST_WEEKS)
    sent = world.front.commitment(RUNGS.index(entry.rung)) * world.front.troops()
    dead = first * world.front.dead_a_day(sent, war.killed_first) + (at_war - first) * world.front.dead_a_day(
        sent, war.killed_later
    )
    return dead / world.citizens.all_electors * 1e6


def worlds_table(plan: Plan) -> pd.DataFrame:
    """Return the numbers of every world, and the run of the fit that found it, a row each."""
    worlds = zip(plan.worlds, plan.parameters, strict=True)
    return pd.DataFrame(
        [{"world": world.number, plausible.RUN: world.run} | numbers.flat() for world, numbers in worlds]
    )


def standing_of(episode: Episode, result: Findings, file: Path, seed: int) -> standing.Standing:
    """Return where the answer over the histories of a table of accepted worlds stands, to be put beside them."""
    ends = {str(arm): result.twins[f"ending_{arm}"].value_counts().to_dict() for arm in BOTH}
    return standing.Standing(
        worlds=result.worlds, seed=seed, n_citizens=result.n_citizens, days=result.horizon,
        accepted=standing.hash_of(file), behaviour=plausible.fingerprint(episode), endings=ends,
    )  # fmt: skip


def record_of(plan: Plan, options: dict[str, Any], result: Findings) -> dict[str, Any]:
    """Return what the result rests on, beside what every record holds."""
    parameters = worlds_table(plan).drop(columns=["world", plausible.RUN])
    same = parameters.nunique() == 1
    drawn = parameters.loc[:, ~same].quantile([0.0, 0.5, 1.0])
    file = result.origin.file
    fitted = file and {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    return {
        "options": {name: value for name, value in options.items() if name != "accepted"},
        "worlds": result.origin.words,
        "accepted_worlds": fitted,
        "episode": plan.episode.to_dict(),
        "fronts": {front: sum(e.entering.front == front for e in plan.episodes) for front in FRONTS},
        "parameters": {
            "same_in_all_worlds": {name: float(parameters[name].iloc[0]) for name in parameters.columns[same]},
            "drawn_min_median_max": {name: drawn[name].round(6).tolist() for name in drawn},
        },
        "findings": result.to_dict(),
    }


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=200, help="Draws.")
@option("--seeds", default=1, help="Runs of each world.")
@click.option("--full", is_flag=True, help="1,000 worlds with 2 seeds each.")
@click.option("--front", help=f"The course of the front in all worlds: {', '.join(FRONTS)} [default: drawn for each].")
@click.option("--without", multiple=True, metavar="SWITCH", help="Switch the mechanism of a claim off.")
@option("--set")
@option("--days")
@option("--years", default=1, help="Years of war: so many times the episode's length.")
@option("--prior", default=60, help="Draws of the prior alone, whose answer stands beside; 0: none.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@click.option("--accept", is_flag=True, help="Put the answer beside the accepted worlds: the page tells it.")
@option("--gallery")
@shared_options("results/war_entry")
def main(full: bool, accept: bool, results: str, workers: int | None, gallery: bool, **options: Any) -> None:
    """Run the twins, and say what follows (see the top of this file)."""
    if accept and given(*OWN):
        raise DesignError("--accept puts the answer of the plain command beside the worlds: leave out what changes it")
    if full and given(*FULL):
        raise DesignError("--full says how many worlds and seeds: leave out --worlds and --seeds")
    options |= FULL if full else {}
    plan, prior = plan_of(**options)
    study = Study(
        question="war_entry", results=results, options=options, workers=workers,
        spec={"experiment": "war_entry", "observed": list(EXTRAS)},
    )  # fmt: skip
    rows = live(study, plan.runs(), lived, description="twin worlds")
    rows = rows.merge(worlds_table(plan), on="world", how="left", validate="many_to_one")
    if not twins_of(rows).size:
        raise click.ClickException("no pair of twins came to its end")
    bare = live(study, prior.runs(BOTH, of="prior"), lived_from_prior, description="the prior alone") if prior else None
    country = load_episode(options["episode"])
    origin = plausible.origin(options["accepted"] or plausible.file_of(country))
    calibration = plausible.calibration_of(origin.file) if origin.file else None
    tried = gates_beside(origin.file) if origin.file else None
    result = findings_of(rows, plan.episode, plan.horizon, options["without"], calibration, origin, tried, bare)
    from experiments.war_entry.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"war_entry.csv": result.table(), "when.csv": result.incidence, "runs.csv": rows}
        | ({"prior.csv": bare} if bare is not None else {}),
        verdict=verdict(result),
        record=record_of(plan, options, result),
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )
    if accept and origin.file:
        stands = standing_of(country, result, origin.file, options["seed"])
        first = plan.runs(BOTH, of="bands")[: len(BOTH) * usual.HISTORIES]
        days = live(study, first, daily, description="what is usual, day by day")
        for name, told in (
            (standing.FILE, stands.to_dict()),
            (usual.FILE, usual.usual_of(days, country, origin.file).to_dict()),
        ):
            with whole(origin.file.with_name(name)) as half:
                half.write_text(in_json(told), encoding="utf-8")
        click.echo(f"Accepted into {origin.file.parent}")


if __name__ == "__main__":
    main()
