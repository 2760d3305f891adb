"""How near he is to falling, as the rules see it: the score of a world, and its life as a task that can be stored."""

import functools
import json
from typing import Any

from agents.elite import Stance, who_would_join
from experiments.lab.runner import Run
from experiments.rare.splitting import ARRIVED, Course, Fork, Lineage, lived
from experiments.show.words import FALL
from model.episode import Episode
from model.outcomes import Ending
from model.parameters import Parameters
from model.simulation import Simulation

BELOW = 0.99
"""The highest score of one who stands: arriving is more than being near."""
KEPT = 64
"""So many worlds are kept as they stand on their eve, in each process: a fork of one need not live its past again."""
ENDINGS = (str(Ending.UPRISING), FALL)
"""What may be asked for."""


def tension(world: Simulation) -> float:
    """Return how near the strength that units see is to the cut-off below which none counts on the others [0 to 1].

    1 where it is at the cut-off: then half of the units whose willingness is one half stand aside (C13). The load of a
    crowd, units that stood aside or refused the war, and bad luck with what all see bring it there.
    """
    game = world.forces.game
    return 0.0 if game is None else min(1.0, max(0.0, 1.0 - (game.seen - game.threshold)))


def progress(world: Simulation) -> float:
    """Return how far the definition of an uprising is met today, by the way that is furthest [0 to 1].

    Days on which the force stood aside, orders that failed, or a street beyond his hold and then an elite that hedges.
    """
    judge, today, rules = world.judge, world.day, world.parameters.outcome
    counted = [
        _within(judge.aside_days, today, rules.aside_window) / rules.aside_days,
        _within(judge.failed_days, today, rules.failed_window) / rules.failed_orders,
        0.5 * min(1.0, _within(judge.uncontrolled_days, today, rules.control_window) / rules.control_days),
    ]
    if judge.lost_control_within(today, rules.giving_up_window):
        counted.append(0.5 + 0.5 * min(1.0, world.elites.hedging_share / 0.5))
    return min(1.0, max(counted))


def _within(days: list[int], today: int, window: int) -> int:
    """Return how many days lie within a window that ends today.

    >>> _within([1, 8, 14], 14, 7)
    2
    """
    return sum(today - day < window for day in days)


def uprising(world: Simulation) -> float:
    """Return how near he is to an uprising [0 to 1]: the mean of tension, street and progress; 1: he fell by one.

    The street is the larger of the share of half of the capital's force that stands aside and the crowd's load.
    """
    if world.judge.ending == Ending.UPRISING:
        return ARRIVED
    street = min(1.0, max(world.forces.aside_share / 0.5, world.street.x))
    return BELOW * (tension(world) + street + progress(world)) / 3.0


def plot(world: Simulation) -> float:
    """Return how near the furthest plot is to going ahead [0 to 1]: whom it can count on, against the half it needs."""
    if not (world.elites.columns["stance"] == Stance.PLOTTING).any():
        return 0.0
    return BELOW * min(1.0, who_would_join(world.elites.own_force, world.elites.hedging_share) / 0.5)


def replacement(world: Simulation) -> float:
    """Return how near the patron is to replacing him [0 to 1]: refusals against those it bears, then its hazard."""
    moscow = world.moscow
    if moscow.hazard > 0.0:
        return BELOW
    return 0.5 * min(1.0, moscow.refusals / world.parameters.moscow.replace_refusals)


def any_fall(world: Simulation) -> float:
    """Return how near he is to falling in any way [0 to 1]: the nearest of uprising, plot and replacement."""
    if world.judge.ended_on is not None:
        return ARRIVED
    return max(uprising(world), plot(world), replacement(world))


SCORES = {str(Ending.UPRISING): uprising, FALL: any_fall}


def life_of(run: Run) -> dict[str, Any]:
    """Live a year by its forks; return when it came nearer than ever before (as JSON), how long it was, how it ended.

    Args:
        run: asked for an ``ending`` and its ``forks``, as ``STEP:DICE`` with spaces between.
    """
    asked = dict(run.asked)
    forks = [Fork(*map(int, fork.split(":"))) for fork in str(asked["forks"]).split()]
    world = _eve(run.episode, run.parameters, run.arm, run.seed, run.history, run.n_citizens)
    course = lived(world.fork(), forks, SCORES[str(asked["ending"])])
    return {"rises": json.dumps(course.rises), "steps": course.steps}


def course_of(outcome: Any) -> Course:
    """Return how a life went, from what is stored of it."""
    return Course([(step, score) for step, score in json.loads(outcome["rises"])], int(outcome["steps"]))


def forks_words(lineage: Lineage) -> str:
    """Return the forks of a life as a run is asked about them.

    >>> forks_words(Lineage(3, (Fork(0, 11), Fork(40, 12))))
    '0:11 40:12'
    """
    return " ".join(f"{step}:{dice}" for step, dice in lineage.forks)


@functools.lru_cache(maxsize=KEPT)
def _eve(
    episode: Episode, parameters: Parameters, arm: str, seed: int, history: int | None, n_citizens: int
) -> Simulation:
    """Return a world on its eve; it is forked, and never lived itself."""
    return Simulation(episode, parameters, arm=arm, rng=seed, history=history, n_citizens=n_citizens)
