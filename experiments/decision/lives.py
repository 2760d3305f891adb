"""What is lived to decide: what he can see on a day of choice, and the year that follows a choice."""

import copy
import math
from collections.abc import Sequence
from typing import Any

from agents.moscow import Support
from agents.regime import Rung
from experiments.lab.runner import Run
from experiments.lab.tasks import world_of
from model.beliefs import CHOICES
from model.measures import MEASURES
from model.simulation import Simulation

YEAR = 365
"""How long a choice is followed [days]."""
REFUSES, LIMITED, ENTERS = CHOICES
RUNGS = {LIMITED: Rung.LIMITED, ENTERS: Rung.FULL}
LAND, TALKS, AS_IS = "land", "talks", "as it is"
"""What is taken away, to see what it bought."""


def seen(run: Run) -> dict[str, Any]:
    """Live to a day of choice; return what there is to see on it, how wrongly he sees it, and the state he is in.

    What he saw of a past is counted in shares of the electors, what he saw of his forces in shares of them.
    """
    world = _on_the_day(run)
    electors, past, regime = world.citizens.all_electors, _Days(world.past_rows), world.regime
    return {
        "stands": int(world.judge.ended_on is None),
        "crowd_before": past.most("crowd") / electors,
        "detained_before": past.most("detained_total") / electors,
        "obeying_before": past.least("obeying_share"),
        "resigned_before": past.most("resigned") / max(world.forces.own_men, 1.0),
        **regime.situation(regime.rung)._asdict(),
        "bias": math.log(regime.believes(1.0)),
        "rung": int(regime.rung),
        "support": int(world.moscow.support),
        "course": world.front.course,
    }


def year_on(run: Run) -> dict[str, Any]:
    """Live to a day of choice, choose, and live a year more; return how it ended, and what his patron did.

    What is asked: the ``day``, the ``choice``, by how much the patron's need and its readiness to replace him are
    multiplied from there on (``pressure``, ``price``), and what is taken ``off``. An imagined future has a number of
    its own for new ``dice``, and the state that he sees about him: ``rung``, ``support``, ``course``.
    """
    told = dict(run.asked)
    world = _on_the_day(run)
    if told.get("off") == TALKS:
        world.switch_off(TALKS)
    if told.get("dice"):
        world = imagined(world, int(told["dice"]), int(told["rung"]), int(told["support"]), str(told["course"]))
    stands, refusals, day = world.judge.ended_on is None, world.moscow.refusals, world.day
    if stands:
        lean_on(world, float(told["pressure"]), float(told["price"]))
        if told["choice"] in RUNGS:
            world.set_rung(RUNGS[told["choice"]])
        world.run(YEAR)
    year = _Days(world.rows[day:])
    return {
        "stands": int(stands),
        "in_office": int(stands and world.judge.ended_on is None),
        "ending": str(world.judge.ending),
        "ended_on": world.judge.ended_on,
        "rung_after": int(world.regime.rung),
        "refused": world.forces.refused_share,
        "refusals": world.moscow.refusals - refusals,
        "mean_pressure": year.mean("pressure"),
        "gdp_lost": year.mean("gdp_lost"),
        "peak_crowd": year.most("crowd"),
        "dead": world.front.dead_total,
    }


def lean_on(world: Simulation, pressure: float, price: float) -> None:
    """Multiply the patron's need of him, and the rate at which it replaces who refuses, from now on.

    >>> world = Simulation("belarus-2022", rng=1, n_citizens=500).run(1)
    >>> before = world.moscow.pressure_at(Rung.TERRITORY)
    >>> lean_on(world, 2.0, 1.0)
    >>> round(world.moscow.pressure_at(Rung.TERRITORY) / before, 6)
    2.0
    """
    world.calendar = copy.copy(world.calendar)
    world.calendar.need = world.calendar.need * pressure
    rate = world.parameters.moscow.replace_rate * price
    world.parameters = world.parameters.replace({"moscow.replace_rate": rate})


def imagined(world: Simulation, dice: int, rung: int, support: int, course: str) -> Simulation:
    """Return another history with new luck from tomorrow on, in the state that he sees about him.

    What he cannot see is that history's own: behind a front that stands a defeat may wait, behind one that goes
    another way none does.
    """
    other = world.fork(dice)
    other.regime.rung, other.moscow.support = Rung(rung), Support(support)
    hidden = other.front.will_be == "defeat" and course == "stalemate"
    other.front.course, other.front.will_be = course, "defeat" if hidden else course
    return other


def _on_the_day(run: Run) -> Simulation:
    """Return the world of a run on the day of choice, on his own rung until then."""
    return world_of(run).run(int(dict(run.asked)["day"]))


class _Days:
    """The measures of some days, by name; none at all where there were no days."""

    def __init__(self, rows: Sequence[Sequence[float]]) -> None:
        self.rows, self.columns = rows, list(MEASURES)

    def _of(self, name: str) -> list[float]:
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def most(self, name: str) -> float:
        return max(self._of(name), default=0.0)

    def least(self, name: str) -> float:
        return min(self._of(name), default=1.0)

    def mean(self, name: str) -> float:
        values = self._of(name)
        return sum(values) / len(values) if values else 0.0
