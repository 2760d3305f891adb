"""How near he is to falling, as the rules see it: a score of a world on a day, for what is too rare to count."""

from agents.elite import who_would_join
from experiments.show.words import FALL
from model.measures import plotting
from model.outcomes import Ending
from model.simulation import Simulation

ARRIVED = 1.0
"""The score of one who has fallen; all others are below."""
BELOW = 0.99
"""The highest score of one who stands: arriving is more than being near."""


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
    rules = world.parameters.outcome
    counted = [
        days_aside(world) / rules.aside_days,
        orders_failed(world) / rules.failed_orders,
        0.5 * control_lost(world),
    ]
    if world.judge.lost_control_within(world.day, rules.giving_up_window):
        counted.append(0.5 + 0.5 * hedging(world))
    return min(1.0, max(counted))


def days_aside(world: Simulation) -> int:
    """Return on how many days half of the capital's force stood aside, of those that count today."""
    return within(world.judge.aside_days, world.day, world.parameters.outcome.aside_window)


def orders_failed(world: Simulation) -> int:
    """Return how many orders to disperse failed, of those that count today."""
    return within(world.judge.failed_days, world.day, world.parameters.outcome.failed_window)


def control_lost(world: Simulation) -> float:
    """Return how far the street is beyond his hold [0 to 1]: by days; 1: control is lost, and it still counts."""
    judge, today, rules = world.judge, world.day, world.parameters.outcome
    if judge.lost_control_within(today, rules.giving_up_window):
        return 1.0
    return min(1.0, within(judge.uncontrolled_days, today, rules.control_window) / rules.control_days)


def hedging(world: Simulation) -> float:
    """Return how much of the half of the elite that must hedge for him to give up does [0 to 1]."""
    return min(1.0, world.elites.hedging_share / 0.5)


def within(days: list[int], today: int, window: int) -> int:
    """Return how many days lie within a window that ends today.

    >>> within([1, 8, 14], 14, 7)
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
    if not plotting(world):
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


def at_home(world: Simulation) -> float:
    """Return how near he is to falling at home [0 to 1]: to an uprising or a coup; 1: he fell, in whatever way.

    The patron's hazard of replacing him is there or is not, and says little of how near he is: it counts if he falls.
    """
    return ARRIVED if world.judge.ended_on is not None else max(uprising(world), plot(world))


SCORES = {str(Ending.UPRISING): uprising, FALL: any_fall}
