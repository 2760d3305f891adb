"""How likely is each ending if he stays out of the war and if he enters it, and when?

Twin worlds: each draw of a world that fits 2020 is lived with the same seed in the arms ``stay`` and ``enter``,
identical to the last bit until the day of entry. A third arm, ``decide``, asks whether he would enter. What
cannot be known stands in the verdict: Belarus never entered, so the effect rests on the prior.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pandas as pd

from experiments.lab import design as designs
from experiments.lab.command import cores, one_clear_line, shared_options
from experiments.lab.design import DesignError
from experiments.lab.runner import Run, carry_out, key, source_hash
from experiments.lab.store import Store, provenance, results_folder
from experiments.lab.tasks import world_of
from experiments.show.figures import GALLERY
from experiments.war_entry.findings import Findings, draw_figure, findings_of, twins_of, verdict
from model import worlds as plausible
from model.episode import FRONTS, RUNGS, Episode, load_episode
from model.measures import MEASURES, summary
from model.parameters import Parameters, nearest
from model.simulation import Arm, Simulation, SimulationError

EXTRAS = ("pressure_before_entry", "top_rung", "dead_in_store")
FULL = {"n_worlds": 1_000, "seeds": 2}
FIRST_WEEKS = 28
EXAMPLES = """\b
Examples:
  python -m experiments.war_entry
  python -m experiments.war_entry --full
  python -m experiments.war_entry --front defeat --set entry.troops=20000
  python -m experiments.war_entry --without talks --without shame --results results/without
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

    def runs(self) -> list[Run]:
        """Return the runs, world by world, the twins beside each other; seeds are distinct across worlds."""
        return [
            Run(
                episode=episode,
                parameters=parameters,
                arm=arm,
                seed=world.seed + turn * len(self.worlds),
                n_citizens=self.n_citizens,
                days=self.days,
                labels={"world": world.number, "front": episode.entry.front},
            )
            for turn in range(self.seeds)
            for world, episode, parameters in zip(self.worlds, self.episodes, self.parameters, strict=True)
            for arm in Arm
        ]


def plan_of(
    *,
    n_worlds: int = 200,
    seeds: int = 1,
    seed: int = 0,
    n_citizens: int = 20_000,
    days: int | None = None,
    episode: str = "belarus-2022",
    accepted: str | Path = plausible.FILE,
    front: str | None = None,
    without: Sequence[str] = (),
    fixed: Sequence[str] = (),
) -> Plan:
    """Return the plan that the options ask for; each world and arm can be built.

    Args:
        n_worlds: draws of the accepted worlds.
        seeds: runs of each world in each arm.
        seed: where all chance begins.
        n_citizens: citizens in a world.
        days: how long [days]; None for the whole episode.
        episode: name or file of the episode.
        accepted: the table of accepted worlds.
        front: the course of the front in all worlds; None to draw one for each.
        without: claims whose mechanisms are switched off.
        fixed: ``NAME=VALUE``, numbers or fields of the episode that are the same in all worlds.

    Raises:
        ValueError: by the part of the project that refuses a name or a value.
    """
    whole = load_episode(episode)
    if whole.entry is None:
        raise SimulationError(f"{whole.name} has no [entry]: it does not say how he would enter")
    if front is not None and front not in FRONTS:
        raise DesignError(f"front = {front}; expected one of {', '.join(FRONTS)}{nearest(front, list(FRONTS))}")
    names, values = fixed_values(fixed)
    if days is not None and days > whole.days:
        raise DesignError(f"days = {days}; {whole.name} has {whole.days}")
    worlds = plausible.draw(n_worlds, seed, accepted, Parameters().switch_off(*without))
    applied = [designs.apply(names, values, whole, world.parameters, front or world.front) for world in worlds]
    plan = Plan(
        worlds=tuple(worlds),
        episodes=tuple(one for one, _ in applied),
        parameters=tuple(numbers for _, numbers in applied),
        seeds=seeds,
        n_citizens=n_citizens,
        days=days,
    )
    world_of(plan.runs()[0])  # what cannot be built is refused now, and not run by run
    return plan


def fixed_values(told: Sequence[str]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Return names and values of ``NAME=VALUE`` texts, each of its own type.

    >>> fixed_values(["citizen.war_shock=1", "entry.troops=5000"])
    (('citizen.war_shock', 'entry.troops'), (1.0, 5000))
    """
    pairs: dict[str, str] = {}
    for text in told:
        name, equals, value = text.partition("=")
        if not equals or "," in value or ":" in value:
            raise DesignError(f"--set {text}: expected NAME=VALUE with one value, as in citizen.war_shock=1")
        if name.strip() == "episode":
            raise DesignError("--set episode: the episode is given by --episode")
        pairs[name.strip()] = value
    if not pairs:
        return (), ()
    one = designs.design("list", pairs)
    return one.names, one.points[0]


def live(run: Run) -> dict[str, Any]:
    """Live a run's days; return how it ended, and what pressure came before he entered and what losses lay ahead."""
    world = world_of(run).run(run.days)
    rows, columns = world.rows, list(MEASURES)
    entered = world.regime.entered_on
    eve = rows[entered - 2] if entered and entered >= 2 else None
    return summary(world) | {
        "pressure_before_entry": eve[columns.index("pressure")] if eve else None,
        "top_rung": max((row[columns.index("rung")] for row in rows), default=0.0),
        "dead_in_store": dead_in_store(world, run.days) if run.arm == Arm.ENTER else None,
    }


def dead_in_store(world: Simulation, days: int | None = None) -> float:
    """Return the dead per million electors if the war lasts as long as the episode, whether or not he falls before.

    A run that ends early has few dead because it ended: only what lay ahead of it can stand on the axis of a curve.
    """
    calendar, war = world.calendar, world.parameters.war
    last = min(days or world.episode.days, world.episode.days)
    if calendar.withdrawal_day is not None:
        last = min(last, calendar.withdrawal_day - 1)
    at_war = max(0, last - calendar.entry_day + 1)
    first = min(at_war, FIRST_WEEKS)
    sent = world.front.commitment(RUNGS.index(world.episode.entry.rung)) * world.front.troops()
    dead = first * world.front.dead_a_day(sent, war.killed_first) + (at_war - first) * world.front.dead_a_day(
        sent, war.killed_later
    )
    return dead / world.citizens.all_electors * 1e6


def rows_of(store: Store, plan: Plan, keys: set[str]) -> pd.DataFrame:
    """Return a row a run: world, arm, seed, what happened, and the numbers of its world."""
    rows = pd.DataFrame(store.results(keys))
    return rows.merge(worlds_table(plan), on="world", how="left", validate="many_to_one")


def worlds_table(plan: Plan) -> pd.DataFrame:
    """Return the numbers of every world, a row each."""
    return pd.DataFrame([{"world": w.number} | p.flat() for w, p in zip(plan.worlds, plan.parameters, strict=True)])


def record_of(plan: Plan, told: dict[str, Any], found: Findings) -> dict[str, Any]:
    """Return all that is needed to trace and repeat the result."""
    numbers = worlds_table(plan).drop(columns="world")
    same = numbers.nunique() == 1
    drawn = numbers.loc[:, ~same].quantile([0.0, 0.5, 1.0])
    file = Path(told["accepted"])
    return {
        **provenance(),
        "source": source_hash(),
        "options": {name: value for name, value in told.items() if name != "accepted"},
        "accepted_worlds": {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
        "episode": plan.episode.to_dict(),
        "fronts": {front: sum(e.entry.front == front for e in plan.episodes) for front in FRONTS},
        "parameters": {
            "same_in_all_worlds": {name: float(numbers[name].iloc[0]) for name in numbers.columns[same]},
            "drawn_min_median_max": {name: drawn[name].round(6).tolist() for name in drawn},
        },
        "findings": found.to_dict(),
    }


def calibration_beside(accepted: str | Path) -> dict[str, Any] | None:
    """Return what the calibration says of itself, from beside the accepted worlds; None if it says nothing."""
    try:
        return json.loads(Path(accepted).with_name("calibration.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@click.command(help=(__doc__ or "").strip(), epilog=EXAMPLES)
@click.option("--worlds", "n_worlds", default=200, show_default=True, type=click.IntRange(1, 500_000), help="Draws.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1, 1_000), help="Runs of each world.")
@click.option("--full", is_flag=True, help="1,000 worlds with 2 seeds each.")
@click.option("--front", help=f"The course of the front in all worlds: {', '.join(FRONTS)} [default: drawn for each].")
@click.option("--without", multiple=True, metavar="SWITCH", help="Switch the mechanism of a claim off.")
@click.option("--set", "fixed", multiple=True, metavar="NAME=VALUE", help="Fix a number or field in all worlds.")
@click.option("--days", type=click.IntRange(1), help="Days to run [default: the whole episode].")
@click.option("--episode", default="belarus-2022", show_default=True, help="Name or TOML file of the episode.")
@click.option("--accepted", default=str(plausible.FILE), metavar="FILE", help="Accepted worlds [default: the model's].")
@click.option("--gallery", is_flag=True, help="Make the figure the README's.")
@shared_options("results/war_entry")
@one_clear_line
def main(full: bool, results: str, workers: int | None, gallery: bool, **told: Any) -> None:
    """Run the twins, and say what follows (see the top of this file)."""
    told |= FULL if full else {}
    folder, plan = results_folder(results), plan_of(**told)
    asked = plan.runs()
    with Store(folder / "runs.sqlite") as store:
        store.agree({"experiment": "war_entry", "observed": list(EXTRAS)})
        carry_out(asked, live, store, workers=cores(workers), description="twin worlds")
        rows = rows_of(store, plan, {key(run) for run in asked})
    done = rows[rows["status"] == "done"]
    if len(done) < len(rows):
        lost = rows[rows["status"] != "done"]
        click.echo(f"{len(lost)} of {len(rows)} runs failed, as in: {lost['error'].iloc[0]}", err=True)
    if not twins_of(done).size:
        raise click.ClickException("no pair of twins came to its end")
    found = findings_of(done, plan.episode, plan.horizon, told["without"], calibration_beside(told["accepted"]))
    record = record_of(plan, told, found)
    report = verdict(found)
    rows.to_csv(folder / "runs.csv", index=False)
    found.table().to_csv(folder / "war_entry.csv", index=False)
    found.incidence.to_csv(folder / "when.csv", index=False)
    (folder / "record.json").write_text(json.dumps(record, indent=1, default=str) + "\n", encoding="utf-8")
    (folder / "verdict.txt").write_text(report + "\n", encoding="utf-8")
    for path in (folder / "war_entry.png", *([GALLERY / "war_entry.png"] if gallery else [])):
        draw_figure(found, path, record)
    click.echo(f"Written to {folder}: war_entry.csv, when.csv, runs.csv, war_entry.png, record.json, verdict.txt\n")
    click.echo(report)


if __name__ == "__main__":
    main()
