"""How much of each way to a fall is covered this evening, by the rules that end a world (``model.outcomes``).

A way is a few steps, and what is drawn is the share of them that is taken: the capital's force, were all who are
ready in the street, and the days on which half of it stood aside; orders that failed; a street that is lost, and an
elite that hedges; a plot, and whom it can count on; a reason for the patron. What is left at the end of a way is a day
or a die. So a long bar is no chance, and no line is crossed: he may turn back on any way, and mostly does.
"""

from typing import Any, NamedTuple

import numpy as np

from agents import security
from agents.elite import who_would_join
from agents.ground.chance import chance_within
from experiments.browser.words import percent
from experiments.lab import nearness
from model.measures import plotting
from model.outcomes import Ending

MONTH = 28.0
"""How far ahead the patron's chance looks [days]."""
NARROW = 12
"""How often the range of strengths is halved to find where half stand aside: to a thousandth."""
CAUSES = {"his forces stood aside": 0, "ordered dispersals failed": 1, "he gave up": 2}
"""Which way at home an uprising came by, by the words of the judge (``model.outcomes``)."""


class Way(NamedTuple):
    """A way to a fall: how much of it is covered [0 to 1], and what is counted, in words."""

    name: str
    share: float
    words: str


class Gauge(NamedTuple):
    """All ways to a fall: the street, its orders, his will and a coup at home; by the patron's hand, if he has one."""

    home: tuple[Way, ...] = ()
    patron: tuple[Way, ...] = ()

    @property
    def nearest(self) -> float:
        """How much of the way is covered of which most is [0 to 1]."""
        return max(way.share for way in (*self.home, *self.patron))

    @property
    def lean(self) -> float:
        """How much more of a way is covered by the patron's hand than at home [-1 to 1]."""
        there, here = (max((way.share for way in side), default=0.0) for side in (self.patron, self.home))
        return there - here


def gauge(world: Any) -> Gauge:
    """Return how much of each way a world has covered this evening; all of the one by which he fell."""
    home = [stands_aside(world), orders_fail(world), gives_up(world), coup(world)]
    patron = [] if world.episode.alone else [looks_weak(world), refuses(world)]
    ending, cause = world.judge.ending, world.judge.cause
    if ending == Ending.UPRISING and cause in CAUSES:
        _arrive(home, CAUSES[cause])
    elif ending == Ending.COUP:
        _arrive(home, 3)
    elif ending == Ending.REPLACED and patron:
        _arrive(patron, int(patron[1].share > patron[0].share))
    return Gauge(tuple(home), tuple(patron))


def _arrive(ways: list[Way], at: int) -> None:
    ways[at] = ways[at]._replace(share=1.0, words="So he fell")


def covered(begun: float, counted: int, needed: float) -> float:
    """Return the share of a way that is covered: what is begun [0 to 1], and what has counted of what is needed.

    >>> covered(0.5, 0, 2), covered(1.0, 1, 2)
    (0.16666666666666666, 0.6666666666666666)
    """
    return (min(1.0, begun) + counted) / (1.0 + needed)


# At home.


def stands_aside(world: Any) -> Way:
    """Return how near his forces are to standing aside: by the strength that all the ready would take, then by days."""
    rules, days, used = world.parameters.outcome, nearness.days_aside(world), strength_used(world)
    capital = world.episode.regions[world.episode.capital].name
    words = (
        f"{days} of {rules.aside_days} days in {rules.aside_window} with half of {capital}'s aside; were all the ready "
        f"out, {percent(min(1.0, used))} of the way to such a day"
    )
    return Way("His forces stand aside", covered(used, days, rules.aside_days), words)


def orders_fail(world: Any) -> Way:
    """Return how near his orders are to failing: by all the ready against what the obeying disperse, then by orders."""
    rules, failed, load = world.parameters.outcome, nearness.orders_failed(world), obeying_load(world)
    words = (
        f"{failed} of {rules.failed_orders} failed orders in {rules.failed_window} days; all the ready are "
        f"{_ratio(load)} what the obeying can disperse"
    )
    return Way("His orders fail", covered(load, failed, rules.failed_orders), words)


def gives_up(world: Any) -> Way:
    """Return how near he is to giving up: a lost street, an elite that hedges; not while the patron's men are there."""
    lost, hedging = nearness.control_lost(world), nearness.hedging(world)
    needed = world.parameters.outcome.control_days
    street = "The street is lost" if lost == 1.0 else f"The street was lost on {lost * needed:.0f} of {needed} days"
    words = f"{street}; {percent(world.elites.hedging_share)} of the elite hedge, half must"
    if world.moscow.men_in_the_street() > 0.0:
        return Way("He gives up", 0.0, f"Not while {world.episode.patron}'s men stand by him. {words}")
    return Way("He gives up", 0.5 * (lost + hedging), words)


def coup(world: Any) -> Way:
    """Return how near a coup is: a plot, and those it can count on against half of the force; then it takes luck."""
    own, hedging, plots = world.elites.own_force, world.elites.hedging_share, int(plotting(world))
    joins, alone = who_would_join(own, hedging), who_would_join(own, 0.0)
    ready = min(1.0, (joins - alone) / max(0.5 - alone, 1e-9))
    there = "No plot" if not plots else f"{plots} plot{'s' * (plots > 1)}"
    words = f"{there}; a plot can count on {percent(joins)} of the force, half is enough to try"
    return Way("A coup", ((plots > 0) + ready) / 3.0, words)


# By the patron's hand.


def looks_weak(world: Any) -> Way:
    """Return how near the patron is to replacing one who looks lost: its reason; then a day to strike."""
    rules, strength = world.parameters.moscow, world.moscow.strength_seen
    reason = (1.0 - strength) / (1.0 - rules.drop_strength)
    words = f"He looks {percent(strength)} strong; below {percent(rules.drop_strength)} he is lost"
    return _by_hand(world, "He looks lost", reason, words)


def refuses(world: Any) -> Way:
    """Return how near the patron is to replacing one who refuses: its reason; then a day to strike."""
    refusals = world.moscow.refusals if world.holds("refusal_cost") else 0
    needed = world.parameters.moscow.replace_refusals
    return _by_hand(
        world, "He refuses", refusals / needed, f"He refused {refusals} of the {needed:g} times that it bears"
    )


def _by_hand(world: Any, name: str, reason: float, words: str) -> Way:
    """Return a way by the patron's hand: half of it is the reason, and without a man or troops there it is shut."""
    patron, moscow = world.episode.patron, world.moscow
    if not world.elites.successor():
        return Way(name, 0.0, f"Not while no commander leans to {patron}. {words}")
    if moscow.troops_there() <= 0.0:
        return Way(name, 0.0, f"Not while {patron} has no troops there. {words}")
    if reason >= 1.0:
        words += f"; {patron} replaces him within four weeks with a chance of "
        words += percent(chance_within(moscow.replaces(), MONTH))
    return Way(name, 0.5 * min(1.0, reason), words)


# What the forces could stand.


def obeying_load(world: Any) -> float:
    """Return how many are ready in the capital, against those whom the obeying can disperse [ratio]."""
    forces, sent = world.forces, world.moscow.men_in_the_street()
    obeying = forces.obeying_share * (forces.at_hand() - sent) + sent
    return security.load(_ready(world), world.parameters.security.containment, obeying)


def strength_used(world: Any) -> float:
    """Return what all who are ready would use up of the strength above which half of the capital's force holds [ratio].

    The strength at which half stands aside is asked of the units' own game (C13), with the signals they have.
    """
    forces, game, rules = world.forces, world.forces.game, world.parameters.security
    if game is None:
        return 0.0
    here, aside, signal = forces.in_capital & forces.at_home, np.empty(forces.q.size, bool), forces.columns["signal"]
    low, high = game.threshold - 4.0, 1.0
    for _ in range(NARROW):
        seen = 0.5 * (low + high)
        holds = security.play(game._replace(seen=seen), here, forces.q, signal, forces.reach, aside) >= 0.5
        low, high = (low, seen) if holds else (seen, high)
    full = security.load(_ready(world), rules.containment, forces.at_hand())
    left = security.strength_left(forces.standing, full, forces.refusal) + rules.common_shock * forces.common_shock
    return max(0.0, (1.0 - left) / max(1.0 - high, 1e-9))


def _ready(world: Any) -> float:
    """Return who is ready to go in the capital [people]."""
    return float(world.crowd.movement()[world.episode.capital])


def _ratio(load: float) -> str:
    """Return a ratio as 'NN % of', or as 'more than' once it is one.

    >>> _ratio(1.0).split(), _ratio(2499.0)
    (['100', '%', 'of'], 'more than')
    """
    return f"{percent(load)} of" if load <= 1.0 else "more than"
