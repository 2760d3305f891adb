"""Where is the line beyond which entry tips the country, over any two of seven numbers?

Claim C6 says that entering might spark an uprising. Here he enters, in accepted histories, each with new luck; two
numbers are what is asked for (``--x``, ``--y``), all others as each history has them, or as ``--set`` says. Runs go
where they tell most of the side of the line on which a place lies: a Gaussian process on the logit of the chance is
fitted to what was counted, and asked anew every 64 runs. Each run is a world of its own. One in eight lives again
without entry, with the same dice.

The axes: losses, troops, grip (on the media), loyalty (of the forces), support (of the patron), aversion (to the war),
beyond (how shocking entry is, which nothing observed informs). Losses are the same every week, and the front then
stands still; grip and aversion change on the eve, for with others 2020 would not have been what was seen.

Where the fit leaves the interval of the counted runs it is not told; where the box holds no line, that is said.
``--check`` measures what the choice of places saves against a grid.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from agents.citizen.population import checked_size
from experiments.evidence.gates import gates_beside
from experiments.lab import design as designs
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.searches import Search, conduct
from experiments.lab.study import Study, publish
from experiments.lab.tasks import world_of
from experiments.show.words import FALL, happened
from experiments.tipping_line.axes import AXES, ON_THE_EVE, fields_at, pair_of
from experiments.tipping_line.check import check_words, checked, dense_places
from experiments.tipping_line.findings import findings_of
from experiments.tipping_line.surface import Box, Counts, hunt
from experiments.tipping_line.words import verdict
from model.episode import Episode
from model.measures import summary
from model.outcomes import Ending
from model.parameters import SWITCHES, Parameters
from model.simulation import Arm, Simulation
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.tipping_line
  python -m experiments.tipping_line --worlds 300 --citizens 5000      a first look, in two minutes
  python -m experiments.tipping_line --x grip --y loyalty --set citizen.war_beyond=5
  python -m experiments.tipping_line --x troops --y support --level 0.1 --ending uprising
  python -m experiments.tipping_line --check --citizens 2000 --results results/tipping_check"""
ENDINGS = (FALL, str(Ending.UPRISING))
STAYS = 8
"""One in so many worlds lives again without entry."""
CLAIMS = {"grip": "media_grip", "aversion": "war_aversion"}
"""Axes that mean nothing without a claim."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked, of which worlds."""

    episode: Episode
    box: Box
    worlds: Sequence[World]
    n_citizens: int
    level: float = 0.5
    ending: str = FALL
    fixed: tuple[str, ...] = ()

    def run(self, world: World, place: int | None) -> Run:
        """Return the run of a world that enters at a place of the box, or stays."""
        names, values = designs.fixed_values(self.fixed)
        own, parameters = designs.apply(names, values, self.episode, world.parameters, world.front)
        labels: dict[str, Any] = {"world": world.number}
        eve: dict[str, float] = {}
        if place is not None:
            for axis, value in zip((self.box.x, self.box.y), self.box.values(place), strict=True):
                labels[axis.name] = axis.words(value) if axis.levels else value
                fields = fields_at(axis, value)
                own, parameters = designs.apply(tuple(fields), tuple(fields.values()), own, parameters)
                eve |= {axis.name: value} if axis.name in ON_THE_EVE else {}
        return Run(
            episode=own, parameters=parameters, arm=str(Arm.STAY if place is None else Arm.ENTER), seed=world.seed,
            history=world.history, n_citizens=self.n_citizens, labels=labels, asked=eve,
        )  # fmt: skip

    def answer(self, outcome: Mapping[str, Any] | None) -> bool | None:
        """Return whether it happened in a run; None if the run failed, or he fell before the day of entry."""
        if outcome is None:
            return None
        ended = outcome["ended_on"]
        if ended is not None and float(ended) < self.episode.day_of(self.episode.entering.date):
            return None
        return bool(happened(pd.Series([outcome["ending"]]), self.ending)[0])


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What came of it: the counts of the box, the twins that stayed, and a row for each run."""

    counts: Counts
    stayed: Sequence[tuple[int, bool, bool]] = ()
    """World, whether it happened to the twin that stayed, and to him who entered."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0
    early: int = 0


def lived(run: Run) -> dict[str, Any]:
    """Live the days of a world in which, from the eve on, the media grip or the aversion to the war is another."""
    world, eve = world_of(run), dict(run.asked)
    if "grip" in eve:
        world.media.grip = float(eve["grip"])
    if "aversion" in eve:
        make_averse(world, float(eve["aversion"]))
    return summary(world.run(run.days))


def make_averse(world: Simulation, share: float) -> None:
    """Move everybody's aversion to the war by the same, so that this share of citizens is against sending troops."""
    people = world.citizens
    aversion, weights = people.columns["aversion"], people.weights[people.columns["stratum"]]
    order = np.argsort(aversion, kind="stable")
    below = np.cumsum(weights[order]) / weights.sum()
    aversion -= aversion[order][min(int(np.searchsorted(below, 1.0 - share)), aversion.size - 1)]


def searched(asked: Asked) -> Search[Lived]:
    """Let the hunt for the line ask for runs, a world each, and answer it; the twins that stay are lived last."""
    trial = hunt(asked.box, len(asked.worlds), asked.level)
    places, used, rows, failed, early = next(trial), 0, [], 0, 0
    entered: dict[int, bool] = {}
    twins = asked.worlds[::STAYS]
    while True:
        runs = [asked.run(asked.worlds[used + n], place) for n, place in enumerate(places)]
        used += len(runs)
        outcomes = yield runs, len(asked.worlds) - used + len(twins)
        answers = [asked.answer(outcome) for outcome in outcomes]
        failed += sum(outcome is None for outcome in outcomes)
        early += sum(answer is None and outcome is not None for answer, outcome in zip(answers, outcomes, strict=True))
        rows += [run.named() | dict(outcome) for run, outcome in zip(runs, outcomes, strict=True) if outcome]
        worlds = (dict(run.labels)["world"] for run in runs)
        entered |= {world: answer for world, answer in zip(worlds, answers, strict=True) if answer is not None}
        try:
            places = trial.send(answers)
        except StopIteration as end:
            counts: Counts = end.value
            break
    outcomes = yield [asked.run(world, None) for world in twins], 0
    told = [(world.number, asked.answer(outcome)) for world, outcome in zip(twins, outcomes, strict=True)]
    stayed = [(world, fell, entered[world]) for world, fell in told if fell is not None and world in entered]
    return Lived(counts=counts, stayed=stayed, rows=rows, failed=failed, early=early)


def dense(asked: Asked) -> Search[Lived]:
    """Ask for runs at even places of the box, as many at each, a world each."""
    places = dense_places(asked.box, len(asked.worlds))
    runs = [asked.run(world, place) for world, place in zip(asked.worlds, places, strict=True)]
    outcomes = yield runs, 0
    counts = Counts.none(asked.box).more(places, [asked.answer(outcome) for outcome in outcomes])
    return Lived(counts=counts)


@click.command(cls=OneLine, epilog=EXAMPLES, help=__doc__)
@option("--x", default="losses", metavar="NAME", help=f"What goes across: one of {', '.join(AXES)}.")
@option("--y", default="beyond", metavar="NAME", help="What goes up: another of them.")
@option("--level", default=0.5, help="The chance whose line is looked for.")
@click.option("--ending", default=FALL, type=click.Choice(ENDINGS), show_default=True, help="The chance of what.")
@option("--worlds", "n_worlds", default=2_400, least=10, help="Draws of the accepted histories, a run each.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--set")
@click.option("--without", multiple=True, type=click.Choice(list(SWITCHES)), help="Turn a claim's mechanism off.")
@click.option("--check", is_flag=True, help="Measure what the choice of places saves against a grid.")
@option("--gallery")
@shared_options("results/tipping_line")
def main(
    x: str, y: str, level: float, ending: str, n_worlds: int, episode: str, accepted: str | None,
    fixed: tuple[str, ...], without: tuple[str, ...], check: bool, gallery: bool, seed: int, n_citizens: int,
    results: str, workers: int | None,
) -> None:  # fmt: skip
    """Look for the line, and say where it is (see the top of this file)."""
    names, values = designs.fixed_values(fixed)
    whole = designs.apply(names, values, episode_with_entry(episode), Parameters())[0]
    checked_size(n_citizens, whole)
    across, up = pair_of(x, y, whole)
    box = Box(x=across, y=up)
    refuse_what_contradicts(box, names, without)
    file = Path(accepted) if accepted else file_of(whole)
    worlds = draw(n_worlds, seed, file, Parameters().switch_off(*without))
    asked = Asked(episode=whole, box=box, worlds=worlds, n_citizens=n_citizens, level=level, ending=ending, fixed=fixed)
    options = {
        "episode": whole.name, "x": x, "y": y, "level": level, "ending": ending, "worlds": n_worlds, "seed": seed,
        "citizens": n_citizens, "set": list(fixed), "without": list(without), "check": check,
    }  # fmt: skip
    study = Study(question="tipping_line", results=results, options=options, workers=workers)
    with study.store() as store:
        found = conduct(study, store, [dense(asked) if check else searched(asked)], lived, description="tipping_line")
    if not found[0].counts.runs.any():
        raise click.ClickException("no run tells anything: all failed, or he fell before the day of entry in each")
    if check:
        saving = checked(box, found[0].counts, level)
        publish(study, tables={"check.csv": saving}, verdict=check_words(saving))
        return
    told = found[0]
    result = findings_of(
        told.counts, worlds, whole, origin(file), box=box, level=level, ending=ending, stayed=told.stayed,
        failed=told.failed, early=told.early, fixed=(*fixed, *(f"without {claim}" for claim in without)),
        gates=gates_beside(file) if file else None,
    )  # fmt: skip
    from experiments.tipping_line.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"runs.csv": pd.DataFrame(told.rows), "places.csv": result.places(), "line.csv": result.line()},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "line": result.line().to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


def refuse_what_contradicts(box: Box, names: Sequence[str], without: Sequence[str]) -> None:
    """Refuse to fix what an axis varies, and an axis of a claim that is off.

    Raises:
        DesignError: if that is asked.
    """
    for axis in (box.x, box.y):
        for name in set(axis.fields) & set(names):
            raise designs.DesignError(f"--set {name}: the axis {axis.name} varies it")
        if CLAIMS.get(axis.name) in without:
            raise designs.DesignError(f"--without {CLAIMS[axis.name]}: then the axis {axis.name} means nothing")


if __name__ == "__main__":
    main()
