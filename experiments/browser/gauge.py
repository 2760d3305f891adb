"""How near he is to each way of falling, as his forces, the elites and Moscow have it this evening.

Each way has a bar that is read off its own rule (``model.outcomes``, ``agents``), and says what its line means. No line
is "he falls here": forces must stand aside on two days, a chance is a chance, and not all who are ready come. What
would follow if all of them came at once is drawn beside what is; by that the worlds are ordered.

Does it order them rightly? AUCTEXT
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from agents import security
from agents.elite import Stance, plot_hazard, who_would_join
from model.parameters import OutcomeParameters

WEEKS = 4
"""How far ahead a chance looks [weeks]."""
MOST = 2.0
"""A bar's highest value: beyond it nothing more is told."""
ORDERS = 0.87
"""Of pairs, one that falls in a week and one that survives, ``nearest`` is higher in the first in so many (see the test)."""


class Evening(NamedTuple):
    """What the forces, the elites and Moscow have come to by an evening."""

    strength: float
    """The strength that his units see [1: nobody out, nobody aside]."""
    if_all_came: float
    """The same, had all who are ready come."""
    half: float
    """The strength below which more than half of the capital's force stands aside."""
    aside_days: int
    crowd: float
    """The capital's crowd, against what the obeying could disperse [ratio]."""
    ready: float
    """The same of all who are ready to go."""
    failed_orders: int
    uncontrolled_days: int
    lost: bool
    """Whether the street was beyond his hold within the days in which he may give up for it."""
    hedging: float
    """The share of the elite that hedges or plots [0 to 1]."""
    sent: bool
    """Whether Moscow's men would face the crowd."""
    plots: int
    starts: float
    """The hazard that a plot starts [a year]."""
    found_out: float
    """The chance that a plot is found out in a week [0 to 1]."""
    goes_ahead: float
    """The chance that the leader of a plot thinks that half would join [0 to 1]."""
    succeeds: float
    """The chance that half of the capital's force will not fire on plotters [0 to 1]."""
    replaced: float
    """The hazard of being replaced by Moscow's hand [a year]."""
    refusals: int
    refusals_borne: float
    shown: float
    """How strong he looks to Moscow [0 to 1]."""
    lost_below: float
    """How strong he must look not to be lost to it [0 to 1]."""


@dataclass(frozen=True)
class Way:
    """A way of falling, or a step to it: how near it is, and what that means.

    Attributes:
        name: its name.
        moscow: whether it is Moscow's; else it is at home.
        value: how near it is [0 to 2; 1: the line], or its chance in four weeks [0 to 1].
        words: what the line means, and how things stand.
        ready: the value if all who are ready came at once.
        chance: whether the value is a chance, and has no line.
    """

    name: str
    moscow: bool
    value: float
    words: str
    ready: float | None = None
    chance: bool = False

    @property
    def highest(self) -> float:
        """The value, if all who are ready came."""
        return self.value if self.ready is None else max(self.value, self.ready)


def half_stands_aside_below(
    threshold: float, noise: float, q: Sequence[float] | np.ndarray, signal: np.ndarray, men: np.ndarray
) -> float:
    """Return the strength below which units with more than half of the men refuse (``security.refuses``, solved).

    A unit refuses if its signal, the strength and its private noise, is below T* - sigma PhiInverse(q).

    >>> units = {"q": [0.5, 0.5, 0.9], "signal": np.array([0.0, 1.0, 0.0]), "men": np.array([10.0, 10.0, 10.0])}
    >>> round(half_stands_aside_below(0.25, 0.1, **units), 3)
    0.15

    There the second unit does, the first does already, and the third does not yet:

    >>> [security.refuses(0.149 + 0.1 * s, 0.25, 0.1, q) for q, s in zip(units["q"], units["signal"], strict=True)]
    [True, True, False]
    """
    lines = threshold - noise * (signal + ndtri(np.clip(q, 1e-9, 1.0 - 1e-9)))
    order = np.argsort(-lines)
    aside = np.cumsum(men[order])
    if not aside.size or aside[-1] <= 0.0:
        return 0.0
    return float(lines[order][np.searchsorted(aside, 0.5 * aside[-1], side="right")])


def coup_within(weeks: int, plots: int, starts: float, found_out: float, goes_ahead: float, succeeds: float) -> float:
    """Return the chance that insiders take the capital within some weeks, as things stand [0 to 1].

    A plot that is there is found out, goes ahead and succeeds, or waits, week by week; new ones start.

    >>> coup_within(1, 1, 0.0, 0.0, 0.5, 0.5), coup_within(2, 1, 0.0, 0.0, 0.5, 0.5)
    (0.25, 0.375)
    """
    takes = (1.0 - found_out) * goes_ahead * succeeds
    waits = (1.0 - found_out) * (1.0 - goes_ahead)

    def one(left: int) -> float:
        return sum(takes * waits**week for week in range(left))

    new = 1.0 - math.exp(-starts * 7.0 / 365.0)
    none = (1.0 - one(weeks)) ** plots
    for left in range(weeks):  # one that starts this week acts from the next on
        none *= 1.0 - new * one(left)
    return float(1.0 - none)


def ways(evening: Evening, rules: OutcomeParameters) -> tuple[Way, ...]:
    """Return how near he is to each way of falling.

    >>> calm = Evening(1.0, 0.8, 0.1, 0, 0.0, 0.25, 0, 0, False, 0.1, False, 0, 0.02, 0.1, 0.0, 0.2, 0.0, 1, 3, 0.95, 0.25)
    >>> for way in ways(calm, OutcomeParameters()):
    ...     print(f"{way.name}: {way.value:.0%}", "" if way.ready is None else f"({way.ready:.0%} if all came)")
    His forces: 10% (30% if all came)
    The street: 0% (25% if all came)
    He gives up: 0%
    Insiders: 0%
    A reason: 33%
    Moscow's hand: 0%
    >>> round(nearest(ways(calm, OutcomeParameters())), 2)
    0.3

    With half of the capital's force aside, and an order that would fail, the lines are reached:

    >>> grave = calm._replace(strength=0.1, crowd=1.0, ready=1.5, uncontrolled_days=3, lost=True, hedging=0.5)
    >>> [way.value for way in ways(grave, OutcomeParameters())][:3]
    [1.0, 1.0, 1.0]
    """  # noqa: W291
    now = evening
    control = 1.0 if now.lost else now.uncontrolled_days / rules.control_days
    gives_up = 0.0 if now.sent else min(control, now.hedging / 0.5, 1.0)
    holds = "Moscow's men hold it for him" if now.sent else f"of the elite {now.hedging:.0%} hedge, half is asked"
    beyond = "was" if now.lost else "is not"
    coup = coup_within(WEEKS, now.plots, now.starts, now.found_out, now.goes_ahead, now.succeeds)
    plots = f"{now.plots} plot{'s' if now.plots != 1 else ''}" if now.plots else "no plot"
    weakness = (1.0 - now.shown) / (1.0 - now.lost_below)
    hand = 1.0 - math.exp(-now.replaced * 7.0 * WEEKS / 365.0)

    def level(value: float) -> float:
        return min(max(value, 0.0), MOST)

    return (
        Way(
            "His forces", False, level(1.0 - (now.strength - now.half)),
            f"line: half of the capital's stand aside; he falls by {rules.aside_days} such days in "
            f"{rules.aside_window} (now {now.aside_days})",
            ready=level(1.0 - (now.if_all_came - now.half)),
        ),
        Way(
            "The street", False, level(now.crowd),
            f"line: an order to disperse fails; he falls by {rules.failed_orders} in {rules.failed_window} days "
            f"(now {now.failed_orders})",
            ready=level(now.ready),
        ),
        Way("He gives up", False, gives_up, f"the street {beyond} beyond his hold; {holds}"),
        Way(
            "Insiders", False, coup,
            f"chance in {WEEKS} weeks: {plots}; {now.succeeds:.0%} of attempts would succeed", chance=True,
        ),
        Way(
            "A reason", True, level(max(weakness, now.refusals / now.refusals_borne)),
            f"line: lost, or {now.refusals_borne:.0f} refusals; he refused {now.refusals}, looks {now.shown:.0%} strong",
        ),
        Way(
            "Moscow's hand", True, hand,
            f"chance in {WEEKS} weeks that it puts another in his place: it needs a reason and a man", chance=True,
        ),
    )  # fmt: skip


def nearest(all_ways: Sequence[Way]) -> float:
    """Return how near the nearest fall is, if all who are ready came [0 to 2]: the quantity that orders worlds.

    A reason of Moscow's is none by itself.
    """
    return max(way.highest for way in all_ways if way.chance or not way.moscow)


def evening_of(world: Any) -> Evening:
    """Return what a world has come to by this evening."""
    forces, rules, elite = world.forces, world.parameters.security, world.parameters.elite
    outcome, judge, street = world.parameters.outcome, world.judge, world.street
    here = forces.in_capital & ~(forces.front | forces.barred)
    q, signal = forces.q[here], forces.columns["signal"][here]
    game = forces.game or security.Game(1.0, security.cutoff(forces.mean_q), rules.signal_noise)
    men = world.moscow.men_in_the_street()
    force = forces.at_hand()
    obeying = forces.obeying_share * (force - men) + men
    ready = float(world.crowd.movement()[world.episode.capital])
    more = security.load(ready, rules.containment, force) - street.load
    start, go, succeed = _plots(world, here, game)
    return Evening(
        strength=game.seen,
        if_all_came=game.seen - max(more, 0.0),
        half=half_stands_aside_below(game.threshold, game.signal_noise, q, signal, forces.reach[here]),
        aside_days=within(judge.aside_days, world.day, outcome.aside_window),
        crowd=security.load(float(world.crowd.people[world.episode.capital]), rules.containment, obeying),
        ready=security.load(ready, rules.containment, obeying),
        failed_orders=within(judge.failed_days, world.day, outcome.failed_window),
        uncontrolled_days=within(judge.uncontrolled_days, world.day, outcome.control_window),
        lost=judge.lost_control_within(world.day, outcome.giving_up_window),
        hedging=world.elites.hedging_share,
        sent=men > 0.0,
        plots=int((world.elites.columns["stance"] == Stance.PLOTTING).sum()),
        starts=start,
        found_out=elite.detection,
        goes_ahead=go,
        succeeds=succeed,
        replaced=world.moscow.hazard,
        refusals=world.moscow.refusals if world.holds("refusal_cost") else 0,
        refusals_borne=world.parameters.moscow.replace_refusals,
        shown=world.moscow.strength_seen,
        lost_below=world.parameters.moscow.drop_strength,
    )


def within(days: Sequence[int], today: int, window: int) -> int:
    """Return how many days lie within a window that ends today.

    >>> within([1, 8, 14], 14, 7)
    2
    """
    return sum(today - day < window for day in days)


def _plots(world: Any, here: np.ndarray, game: security.Game) -> tuple[float, float, float]:
    """Return the hazard that a plot starts [a year], and the chances that one goes ahead, and then succeeds."""
    elites, forces, elite, moscow = world.elites, world.forces, world.parameters.elite, world.moscow
    felt = 0.0
    if world.holds("war_anger"):
        felt = world.front.dead_recent * 1e6 / world.citizens.all_electors / world.parameters.citizen.loss_half
    losses = elite.plot_losses * math.log10(1.0 + felt)
    street = elite.plot_street * min(world.street.x_movement, 2.0)
    defeat, fear = elite.plot_defeat * (world.front.course == "defeat"), elites.fear()
    free = [row for row in elites.commanders if elites.columns["stance"][row] in (Stance.LOYAL, Stance.HEDGING)]
    start = sum(
        plot_hazard(
            elite.plot_rate * elites.own_force, losses, street,
            elite.plot_moscow * float(elites.columns["leaning"][row]) * moscow.pressure, defeat, fear,
        )
        for row in free
    )  # fmt: skip
    joiners = who_would_join(elites.own_force, elites.hedging_share)
    go = float(ndtr((joiners - 0.5) / max(elite.estimate_noise, 1e-9)))
    men = forces.columns["heads"][here] * forces.pool[here]
    if men.sum() <= 0.0:
        return start, go, 1.0
    would_fire = np.array([security.reluctant(q, elite.coup_reluctance) for q in forces.q[here].tolist()])
    threshold = security.cutoff(float(np.average(would_fire, weights=men)))
    half = half_stands_aside_below(threshold, game.signal_noise, would_fire, forces.columns["signal"][here], men)
    shock = world.parameters.security.common_shock * forces.common_shock
    return start, go, share_that_seems(elites.own_force, 1.0 + shock - half)


def share_that_seems(own: float, needed: float) -> float:
    """Return the chance that a coup of so much force of its own seems to hold what it needs (``elite.seems``, solved).

    >>> from agents.elite import seems
    >>> share_that_seems(0.25, 0.625), share_that_seems(0.25, 0.125), seems(0.25, 0.5)
    (0.5, 1.0, 0.625)
    """
    return min(1.0, max(0.0, 1.0 - (needed - own) / max(1.0 - own, 1e-9)))
