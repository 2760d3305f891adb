"""How near he is to each way of falling this evening, as his forces, the elites and Moscow have it.

Every bar asks the very rules that end a world (``agents``, ``model.outcomes``) what they would say: of all who are
ready to go, had they come; of a weaker show of strength; of a plot's first hours. A bar has a line where one step to a
fall is reached, and its words say which; no fall follows from one step alone, and a bar that is a chance has no line.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from agents import security
from agents.elite import Stance, plot_hazard, seems, who_would_join
from agents.ground.chance import chance_within

WEEKS = 4
"""How far ahead a chance looks [weeks]."""
WEEK = 7.0
"""[days]"""


class Gauge(NamedTuple):
    """A way of falling, or a step to it.

    ``value`` is how near it is [1: the line], or its chance in four weeks [0 to 1]; ``words`` say what it means.
    """

    name: str
    value: float
    words: str
    chance: bool = False


def crossing(holds: Callable[[float], bool], low: float, high: float, digits: int = 16) -> float:
    """Return where a rule that holds below some point no longer does; ``low`` or ``high`` if it never changes.

    >>> round(crossing(lambda strength: strength < 0.3, 0.0, 1.0), 4)
    0.3
    """
    for _ in range(digits):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return 0.5 * (low + high)


def coup_within(weeks: int, plots: int, starts: float, found_out: float, goes_ahead: float, succeeds: float) -> float:
    """Return the chance that insiders take the capital within some weeks, if all stays as it is [0 to 1].

    A plot that is there is found out, goes ahead and succeeds or fails, or waits, week by week; new ones start.

    Args:
        weeks: how many.
        plots: plots that are there.
        starts: the hazard that one starts [a year].
        found_out: the chance that one is found out in a week [0 to 1].
        goes_ahead: the chance that its leader thinks that half would join [0 to 1].
        succeeds: the chance that an attempt succeeds [0 to 1].

    >>> coup_within(1, 1, 0.0, 0.0, 0.5, 0.5), coup_within(2, 1, 0.0, 0.0, 0.5, 0.5)
    (0.25, 0.375)
    """
    takes, waits = (1.0 - found_out) * goes_ahead * succeeds, (1.0 - found_out) * (1.0 - goes_ahead)

    def none(left: int) -> float:
        return 1.0 - sum(takes * waits**week for week in range(left))

    new = chance_within(starts, WEEK)
    later = math.prod(1.0 - new * (1.0 - none(left)) for left in range(weeks))
    return 1.0 - none(weeks) ** plots * later


def at_home(world: Any) -> tuple[Gauge, ...]:
    """Return how near he is to falling at home: the street, his forces, the elite, a coup."""
    forces, moscow, containment = world.forces, world.moscow, world.parameters.security.containment
    outcome, capital = world.parameters.outcome, world.episode.regions[world.episode.capital].name
    ready = float(world.crowd.movement()[world.episode.capital])
    sent = moscow.men_in_the_street()
    obeying = forces.obeying_share * (forces.at_hand() - sent) + sent
    load = security.load(ready, containment, obeying)
    much = f"{load:.0%} of" if load < 1.995 else f"{load:.0f} times"
    hedging = world.elites.hedging_share
    coup, plots = coup_chance(world), plots_now(world)
    plotting = f"{plots} plot{'s' * (plots > 1)} now" if plots else "no plot now"
    return (
        Gauge(
            "The street", load,
            f"All who are ready are {much} what the obeying can disperse; beyond it orders fail, and "
            f"{outcome.failed_orders} in {outcome.failed_window} days end him",
        ),
        Gauge(
            "His forces", strength_used(world, ready),
            f"Before all the ready; at the line half of {capital}'s stand aside, and {outcome.aside_days} days of it "
            f"in {outcome.aside_window} end him",
        ),
        Gauge(
            "The elite", hedging / 0.5,
            f"{hedging:.0%} hedge or plot; once half do and the street is lost, he gives up, unless Moscow's men stand by",
        ),
        Gauge("A coup", coup, f"The chance in {WEEKS} weeks, if all stays as it is; {plotting}", chance=True),
    )  # fmt: skip


def in_moscow(world: Any) -> tuple[Gauge, ...]:
    """Return how near he is to being replaced by Moscow: whether it has a reason, and its hand."""
    rules, moscow = world.parameters.moscow, world.moscow
    weakness = (1.0 - moscow.strength_seen) / (1.0 - rules.drop_strength)
    refusals = moscow.refusals if world.holds("refusal_cost") else 0
    return (
        Gauge(
            "A reason", max(weakness, refusals / rules.replace_refusals),
            f"He looks {moscow.strength_seen:.0%} strong, is given up below {rules.drop_strength:.0%}; refused {refusals} "
            f"of {rules.replace_refusals:.0f} times. No fall by itself",
        ),
        Gauge(
            "Its hand", chance_within(moscow.replaces(), WEEK * WEEKS),
            f"The chance in {WEEKS} weeks that it puts another in his place: it needs a reason, a man, and troops there",
            chance=True,
        ),
    )  # fmt: skip


def strength_used(world: Any, ready: float) -> float:
    """Return how far down his strength would be before all who are ready, as a share of the way to the line.

    The line: the strength at which half of the capital's force stands aside, by the units' own game (C13).
    """
    forces, game = world.forces, world.forces.game
    if game is None:
        return 0.0
    here, aside = forces.in_capital & ~(forces.front | forces.barred), np.zeros(forces.q.size, bool)

    def half_aside(strength: float) -> bool:
        seen = game._replace(seen=strength)
        return security.play(seen, here, forces.q, forces.columns["signal"], forces.reach, aside) < 0.5

    line = crossing(half_aside, -4.0, 1.0)
    full = security.load(ready, world.parameters.security.containment, forces.at_hand())
    before_all = security.strength_left(forces.standing, full, forces.refusal)
    seen = before_all + world.parameters.security.common_shock * forces.common_shock
    return max(0.0, (1.0 - seen) / max(1.0 - line, 1e-9))


def coup_chance(world: Any) -> float:
    """Return the chance that insiders take the capital in four weeks, if all stays as it is [0 to 1]."""
    elites, forces, rules = world.elites, world.forces, world.parameters.elite
    urges, rate = elites.urges(), rules.plot_rate * elites.own_force
    starts = sum(
        plot_hazard(
            rate, urges.losses, urges.street, elites.nod(float(elites.columns["leaning"][row])), urges.defeat, urges.fear
        )
        for row in elites.commanders
        if elites.columns["stance"][row] in (Stance.LOYAL, Stance.HEDGING)
    )
    joiners = who_would_join(elites.own_force, elites.hedging_share)
    return coup_within(
        WEEKS,
        plots_now(world),
        starts,
        rules.detection,
        float(ndtr((joiners - 0.5) / max(rules.estimate_noise, 1e-9))),
        1.0 - crossing(lambda bluff: not forces.stand_aside(seems(elites.own_force, bluff)), 0.0, 1.0),
    )


def plots_now(world: Any) -> int:
    """Return how many of the elite plot."""
    return int(np.count_nonzero(world.elites.columns["stance"] == Stance.PLOTTING))
