"""The elites: who hedges, who plots, and when a plot becomes an attempt (Singh 2014).

A palace coup needs a commander, and an attempt is decided by the same cut-off game as an order to fire.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import mesa
import numpy as np

from agents.ground.chance import Purpose, builder, chance_within, persistence, weekly
from agents.ground.compiled import compiled, inlined
from agents.ground.rows import Rows, column, copied


class Stance(IntEnum):
    """Where a member of the elite stands."""

    LOYAL = 0
    HEDGING = 1
    PLOTTING = 2
    PURGED = 3


def expects_fall(x: float, grievance: float, signal_noise: float) -> float:
    """Return the belief that the regime will fall [0 to 1], from X = C / (rho K qbar) and what is felt in the country.

    >>> expects_fall(1.0, 0.0, 0.3)
    0.5
    """
    return 0.5 * math.erfc(-(x - 1.0 + grievance) / (signal_noise * math.sqrt(2.0)))


def believes(belief: float, expected: float, keep: float) -> float:
    """Return tomorrow's belief [0 to 1]: it moves towards what the day suggests.

    >>> believes(0.2, 0.6, 0.5)
    0.4
    """
    return keep * belief + (1.0 - keep) * expected


def hedges(belief: float, stake: float) -> bool:
    """Whether a member of the elite hedges: he believes more in the fall than his stake in the regime allows.

    >>> hedges(0.6, 0.5), hedges(0.6, 0.9)
    (True, False)
    """
    return belief > stake


def left_of_stake(stake: float, sanctioned: float, rents: float) -> float:
    """Return what is left of a member's stake once sanctions take a part of what the regime gives him (C10).

    ``sanctioned`` is their cost [% of GDP]; each percent takes the share ``rents`` of every stake.

    >>> left_of_stake(0.8, 5.0, 0.02)
    0.7200000000000001
    """
    return stake * max(0.0, 1.0 - rents * sanctioned)


def plot_hazard(rate: float, losses: float, x: float, leaning_pressure: float, defeat: float, fear: float) -> float:
    """Return a commander's hazard of starting a plot [a year] (C6, C13): the front, the street, Moscow's nod.

    ``rate`` is one commander's in quiet times [a year]; ``losses``, ``x``, ``leaning_pressure`` and ``defeat`` are log
    hazards (X counts up to 2); a purge leaves ``fear`` of the hazard [0 to 1].

    >>> plot_hazard(0.01, 0.0, 0.0, 0.0, 0.0, 1.0)
    0.01
    """
    return rate * math.exp(losses + x + leaning_pressure + defeat) * fear


def who_would_join[Share: (float, np.ndarray)](strength: float, hedging_share: Share) -> Share:
    """Return the share of the capital's force a plot can count on: its own, and of the rest as many as hedge.

    >>> who_would_join(0.5, 0.5)
    0.75
    """
    return strength + (1.0 - strength) * hedging_share


def seems(own: float, bluff: float) -> float:
    """Return the share of the capital's force that a coup seems to hold once it is announced [0 to 1].

    Its own units, and of the rest what it can make others believe (Singh 2014: making a fact). ``bluff`` is a
    uniform die: nobody knows beforehand how the first hours will look.

    >>> seems(0.1, 0.0), seems(0.1, 0.5)
    (0.1, 0.55)
    """
    return own + (1.0 - own) * bluff


def attempts(joiners: float, noise: float) -> bool:
    """Whether the leader of a plot goes ahead: he thinks that half would join (with his error).

    >>> attempts(0.4, 0.0), attempts(0.4, 0.15)
    (False, True)
    """
    return joiners + noise >= 0.5


# The compiled loop over the members.

LOYAL, HEDGING = int(Stance.LOYAL), int(Stance.HEDGING)
PLOTTING, PURGED = int(Stance.PLOTTING), int(Stance.PURGED)
_expects_fall, _believes, _hedges = inlined(expects_fall), inlined(believes), inlined(hedges)
_left_of_stake = inlined(left_of_stake)


class Members(NamedTuple):
    """What the loop reads and writes, a row a member."""

    belief: np.ndarray
    stake: np.ndarray
    stance: np.ndarray


class Signs(NamedTuple):
    """What all members see today: the load X, what is felt [strength], its noise, and what is left of their beliefs.

    ``sanctioned`` is what sanctions cost the country [% of GDP], each of which takes the share ``rents`` of a stake.
    """

    x: float
    grievance: float
    signal_noise: float
    keep: float
    sanctioned: float
    rents: float


@compiled
def watch(members, signs):
    """Let the elites watch the day: beliefs move, some hedge; return the share that hedges or plots [0 to 1]."""
    belief, stance = members.belief, members.stance
    hedging = 0
    expected = _expects_fall(signs.x, signs.grievance, signs.signal_noise)
    for member in range(belief.size):
        if stance[member] == PURGED:
            continue
        belief[member] = _believes(belief[member], expected, signs.keep)
        if stance[member] != PLOTTING:
            stake = _left_of_stake(members.stake[member], signs.sanctioned, signs.rents)
            stance[member] = HEDGING if _hedges(belief[member], stake) else LOYAL
        hedging += stance[member] != LOYAL
    return hedging / belief.size


class Urges(NamedTuple):
    """What drives any commander to plot [log hazards], and what a purge leaves of it [0 to 1]."""

    losses: float
    street: float
    defeat: float
    fear: float


class Elites(Rows):
    """The elite, a row each: stake [0 to 1], leaning to Moscow [0 to 1], whether they command men, belief, stance."""

    def __init__(self, model) -> None:
        parameters, dice = model.parameters, builder(model.history, "elites")
        self.model = model
        n = parameters.sample.n_elites
        stake = 0.5 + 0.5 * dice.random(n)
        self.columns = {
            "stake": stake,
            "leaning": np.clip(0.3 + 0.3 * dice.standard_normal(n), 0.0, 1.0),
            "commands": (np.arange(n) < round(parameters.elite.commander_share * n)).astype(np.uint8),
            "belief": np.zeros(n),
            "stance": np.full(n, Stance.LOYAL, np.uint8),
        }
        if not parameters.holds("divided_forces"):
            self.level_stakes()
        self.commanders = np.flatnonzero(self.columns["commands"]).tolist()
        self.own_force = 1.0 / max(1, len(self.commanders))
        """The share of the capital's force that one commander commands [0 to 1]."""
        self.agents = [Elite(model, row) for row in range(n)]
        self.hedging_share = 0.0
        """The share that hedges or plots [0 to 1]."""
        self.last_purge: int | None = None
        """The day of the last purge."""
        self.attempted = self.coup = self.with_moscow = False
        """Whether a coup was attempted today, whether it succeeded, and whether with the patron's nod."""
        self.keeps_belief = persistence(parameters.elite.belief_half_life)
        self.members = Members(self.columns["belief"], self.columns["stake"], self.columns["stance"])
        """The columns as the loop takes them."""
        self.signs: Signs | None = None
        """What they saw on the last day (``Signs``)."""

    def step(self) -> None:
        """Watch, hedge and, weekly, plot (C6, C10, C13)."""
        world, parameters = self.model, self.model.parameters.elite
        felt = world.mood.grievance() + world.mood.violence + world.mood.war_anger()
        self.signs = Signs(
            x=world.street.x_movement + world.forces.refusal,
            grievance=parameters.grievance * felt,
            signal_noise=parameters.signal_noise,
            keep=self.keeps_belief,
            sanctioned=world.regime.sanctioned(),
            rents=parameters.rents,
        )
        self.hedging_share = watch(self.members, self.signs)
        self.coup = self.attempted = self.with_moscow = False
        if weekly(world.day):
            self.plot()

    def level_stakes(self) -> None:
        """Give every member the mean stake: what is left without C13."""
        self.columns["stake"][:] = self.columns["stake"].mean()

    def fear(self) -> float:
        """Return what the last purge leaves of the hazard of a plot [0 to 1]."""
        world, parameters = self.model, self.model.parameters.elite
        if self.last_purge is None:
            return 1.0
        return 1.0 - (1.0 - parameters.fear) * persistence(parameters.fear_half_life, world.day - self.last_purge)

    def urges(self) -> Urges:
        """Return what drives any commander to plot today: the front, the street, a defeat, and the last purge (C6)."""
        world, parameters = self.model, self.model.parameters.elite
        felt = 0.0
        if world.holds("war_anger"):
            per_million = 1e6 / world.citizens.all_electors
            felt = world.front.dead_recent * per_million / world.parameters.citizen.loss_half
        return Urges(
            losses=parameters.plot_losses * math.log10(1.0 + felt),
            street=parameters.plot_street * min(world.street.x_movement, 2.0),
            defeat=parameters.plot_defeat * (world.front.course == "defeat"),
            fear=self.fear(),
        )

    def nod(self, leaning: float) -> float:
        """Return what Moscow's pressure adds to a commander's hazard of plotting, as he leans to it [log hazard]."""
        return self.model.parameters.elite.plot_moscow * leaning * self.model.moscow.pressure

    def plot(self) -> None:
        """Start plots, find some out, and let the leaders of others go ahead (Singh 2014)."""
        world, parameters, urges = self.model, self.model.parameters.elite, self.urges()
        leanings, stances = self.columns["leaning"].tolist(), self.columns["stance"].tolist()
        for row in self.commanders:
            stance = stances[row]
            if stance == Stance.PURGED:
                continue
            if stance == Stance.PLOTTING:
                self.go_on(row)
                continue
            rate, nod = parameters.plot_rate * self.own_force, self.nod(leanings[row])
            hazard = plot_hazard(rate, urges.losses, urges.street, nod, urges.defeat, urges.fear)
            if world.lot(Purpose.PLOT, row) < chance_within(hazard, 7.0):
                self.columns["stance"][row] = Stance.PLOTTING

    def go_on(self, row: int) -> None:
        """Find a plot out, or let its leader go ahead if he thinks that half would join."""
        world, parameters = self.model, self.model.parameters.elite
        if world.lot(Purpose.DETECTION, row) < parameters.detection:
            self.purge(row)
            world.note("A plot is found out; its leader is purged")
            return
        joiners = who_would_join(self.own_force, self.hedging_share)
        if not attempts(joiners, parameters.estimate_noise * world.bell(Purpose.ESTIMATE, row)):
            return
        self.attempted = True
        succeeds = world.forces.stand_aside(seems(self.own_force, world.lot(Purpose.PLOT_STRENGTH, row)))
        world.note(f"A coup is attempted: it {'succeeds' if succeeds else 'fails'}")
        if succeeds:
            self.coup = True
            self.with_moscow |= bool(self.columns["leaning"][row] > 0.5 and world.moscow.hazard > 0.0)
        else:
            self.purge(row)

    def purge(self, row: int) -> None:
        """Remove a member, for others to see."""
        self.columns["stance"][row] = Stance.PURGED
        self.last_purge = self.model.day

    def successor(self) -> bool:
        """Whether a commander in office leans to Moscow: somebody who could be put in his place (C17)."""
        commands, stance = self.columns["commands"] == 1, self.columns["stance"]
        return bool((commands & (self.columns["leaning"] > 0.5) & (stance != Stance.PURGED)).any())


class Elite(mesa.Agent):
    """One member of the elite: his stake in the regime, his leaning to Moscow, whether he commands men, his belief."""

    stake = column("stake")
    leaning = column("leaning")
    commands = column("commands")
    belief = column("belief")
    stance = column("stance")
    rows = property(lambda self: self.model.elites)
    __deepcopy__ = copied

    def __init__(self, model, row: int) -> None:
        """Register the member of one row of the elites' columns."""
        super().__init__(model)
        self.row = row
