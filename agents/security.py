"""The security forces: who obeys an order to disperse, whom they detain, and what wears them down.

Refusing is coordination under uncertainty (C13): each unit sees a noisy signal of how strong the regime is
and refuses below a cut-off (a global game: Morris-Shin 2003, Casper-Tyson 2014). The rules come first, then the
loops that compile these very functions, then the forces with their day, and Mesa's handle on a unit.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import mesa
import numpy as np

from agents.ground.chance import Purpose, as_normal, bits, builder, drift, persistence, weekly
from agents.ground.compiled import compiled, inlined
from agents.ground.rows import Rows, column, copied


class Doing(IntEnum):
    """What a unit is doing today."""

    IDLE = 0
    OBEYING = 1
    ASIDE = 2
    FRONT = 3
    SHIRKING = 4
    REFUSING = 5


def load(crowd: float, containment: float, force: float) -> float:
    """Return how much of the force a crowd would take [ratio, C / (rho K)]: above 1 it cannot be contained.

    >>> load(200_000.0, 20.0, 20_000.0)
    0.5
    """
    if crowd <= 0.0:
        return 0.0
    return crowd / max(containment * force, 1.0)


def willingness(
    base: float, loyalty: float, support: float, strain: float, kin: float, violence: float, losses: float
) -> float:
    """Return the chance that a unit thinks obeying is right, q [0 to 1] (C13). All arguments in logits.

    Loyalty and the patron's support hold it; strain, kin in the crowd, the violence asked and the losses of
    its own branch at the front wear it down.

    >>> round(willingness(2.0, 0.5, 0.0, 0.3, 0.1, 0.1, 0.0), 3)
    0.881
    """
    return 1.0 / (1.0 + math.exp(-(base + loyalty + support - strain - kin - violence - losses)))


def cutoff(mean_willingness: float) -> float:
    """Return T*, the strength below which nobody counts on the others: 1 - sum of m_j q_j (closed form, diffuse prior).

    >>> cutoff(0.75)
    0.25
    """
    return 1.0 - mean_willingness


def refuses(signal: float, threshold: float, signal_noise: float, q: float) -> bool:
    """Whether a unit refuses: its signal x is below T* - sigma PhiInverse(q), that is q < Phi((T* - x) / sigma) (C13).

    The regime is at 0.2, the cut-off at 0.25: without private noise all refuse, whoever they are.

    >>> [refuses(0.2, 0.25, 0.0, q) for q in (0.1, 0.9)]
    [True, True]

    With noise the willing still obey:

    >>> [refuses(0.2, 0.25, 0.1, q) for q in (0.1, 0.9)]
    [True, False]
    """
    if signal_noise == 0.0:
        return signal < threshold
    return q < 0.5 * math.erfc((signal - threshold) / (signal_noise * math.sqrt(2.0)))


def reluctant(q: float, reluctance: float) -> float:
    """Return the chance that a unit thinks firing on fellow officers is right [0 to 1]: q, less a reluctance [logit].

    >>> reluctant(0.5, 0.0), round(reluctant(0.9, 2.0), 3)
    (0.5, 0.549)
    """
    firm = min(max(q, 1e-9), 1.0 - 1e-9)
    return 1.0 / (1.0 + math.exp(-(math.log(firm / (1.0 - firm)) - reluctance)))


def does(aside: bool, q: float) -> int:
    """Return what a unit does with its day: it stands aside, shirks (as many of its men act as are willing), or obeys.

    >>> [Doing(does(*unit)).name for unit in ((True, 0.9), (False, 0.4), (False, 0.9))]
    ['ASIDE', 'SHIRKING', 'OBEYING']
    """
    return ASIDE if aside else OBEYING if q >= 0.5 else SHIRKING


def acts(doing: int, q: float) -> float:
    """Return the share of a unit's men that does what it is told [0 to 1]: none, as many as are willing, or all.

    >>> acts(Doing.ASIDE, 0.4), acts(Doing.SHIRKING, 0.4), acts(Doing.OBEYING, 0.9)
    (0.0, 0.4, 1.0)
    """
    return 0.0 if doing == ASIDE else q if doing == SHIRKING else 1.0


def strength_left(standing: float, crowd_load: float, refusal: float) -> float:
    """Return the strength that units see [ratio]: what a crowd leaves of those who stood yesterday, less refusals.

    >>> strength_left(1.0, 0.5, 0.0), strength_left(0.5, 0.5, 0.0)
    (0.5, 0.0)
    """
    return 1.0 - crowd_load / max(standing, 0.01) - refusal


def would_fight(
    base: float, loyalty: float, support: float, home: float, conscripts: float, losses: float, defeat: float
) -> float:
    """Return the chance that a unit told to go to war thinks it right to go, q [0 to 1] (C13). All in logits.

    Loyalty and the patron's support send it; the anger of its home, its conscripts, its dead and a defeat hold it.

    >>> round(would_fight(2.0, 0.5, 0.0, 0.3, 0.1, 0.1, 0.0), 3)
    0.881
    """
    return 1.0 / (1.0 + math.exp(-(base + loyalty + support - home - conscripts - losses - defeat)))


def dispersal_fails(crowd: float, containment: float, obeying_force: float) -> bool:
    """Whether an ordered dispersal fails: the crowd is more than the obeying can contain.

    >>> dispersal_fails(90_000.0, 20.0, 5_000.0), dispersal_fails(110_000.0, 20.0, 5_000.0)
    (False, True)
    """
    return crowd > containment * obeying_force


def detained(rate: float, officers: float, crowd: float) -> float:
    """Return how many a day's repression detains: C (1 - exp(-kappa x officers / C)), of a crowd C (C8).

    What the forces can do in a day is a capacity, so a small crowd is dangerous and numbers give safety:

    >>> [round(detained(0.1, 8_000.0, c) / c, 3) for c in (3_000.0, 12_000.0, 100_000.0)]
    [0.234, 0.064, 0.008]
    """
    return crowd * (1.0 - math.exp(-rate * officers / crowd)) if crowd > 0.0 else 0.0


def detained_at_most(rate: float, officers: float, crowd: float) -> float:
    """Return how many are detained if no officer finds nobody while anyone is left: min(kappa x officers, C) (C8).

    The other form of the capacity (``security.arrest_form`` 1): the same for large crowds, a sharper edge for small.

    >>> [detained_at_most(0.1, 8_000.0, c) / c for c in (500.0, 3_200.0, 100_000.0)]
    [1.0, 0.25, 0.008]
    """
    return min(rate * officers, crowd)


def strained(strain: float, keep: float, gain: float, use: float) -> float:
    """Return a unit's strain tomorrow [0 to 1]: it recovers over days and rises with use [0 to 1].

    >>> strained(0.5, 0.9, 0.1, 1.0)
    0.5
    """
    return strain * keep + gain * use * (1.0 - strain)


def resigned(heads: float, rate: float, strain: float, q: float) -> float:
    """Return how many of a unit's men leave the service in a day: the strained and the unwilling (C13).

    >>> resigned(100.0, 0.1, 0.5, 0.5)
    2.5
    """
    return heads * rate * strain * (1.0 - q)


# The compiled loops over the units.

IDLE, ASIDE = int(Doing.IDLE), int(Doing.ASIDE)
OBEYING, SHIRKING = int(Doing.OBEYING), int(Doing.SHIRKING)
_willingness, _refuses, _reluctant = inlined(willingness), inlined(refuses), inlined(reluctant)
_detained, _at_most = inlined(detained), inlined(detained_at_most)
_strained, _resigned = inlined(strained), inlined(resigned)
_drift, _does, _acts = inlined(drift), inlined(does), inlined(acts)


class Units(NamedTuple):
    """What the loops read and write, a row a unit; ``q``: its willingness, ``reach``: its men within reach [people]."""

    heads: np.ndarray
    loyalty: np.ndarray
    strain: np.ndarray
    signal: np.ndarray
    doing: np.ndarray
    front: np.ndarray
    q: np.ndarray
    reach: np.ndarray


class Asked(NamedTuple):
    """What weighs on the units' willingness today [logit]; ``kin`` and ``losses`` are by unit."""

    base: float
    loyalty_effect: float
    support: float
    strain_effect: float
    kin: np.ndarray
    violence: float
    losses: np.ndarray


class Game(NamedTuple):
    """A cut-off game (C13): the strength seen, that below which nobody counts on the others, and the private noise."""

    seen: float
    threshold: float
    signal_noise: float


class Wear(NamedTuple):
    """What a day does to the units: their use, what is left of strain and signals, and who leaves the service."""

    use: float
    use_front: float
    keep: float
    gain: float
    resignation: float
    key: np.uint64
    signal_keep: float


@compiled
def chances(rate, officers, crowd, form=0):
    """Return for each region the chance of one in its crowd to be caught [0 to 1]; of the first, if nobody came."""
    caught = np.empty(crowd.size)
    for region in range(crowd.size):
        there = max(crowd[region], 1.0)
        taken = _at_most(rate, officers[region], there) if form else _detained(rate, officers[region], there)
        caught[region] = taken / there
    return caught


@compiled
def answer(units, asked):
    """Set every unit's willingness q; return its mean over the force at home (the men add up to what is there)."""
    total = 0.0
    mean = 0.0
    for unit in range(units.q.size):
        if units.front[unit]:
            continue
        units.q[unit] = _willingness(
            asked.base,
            asked.loyalty_effect * units.loyalty[unit],
            asked.support,
            asked.strain_effect * units.strain[unit],
            asked.kin[unit],
            asked.violence,
            asked.losses[unit],
        )
        total += units.reach[unit]
        mean += units.reach[unit] * units.q[unit]
    return mean / total if total > 0.0 else 0.0


@compiled
def play(game, plays, q, signal, men, refusing):
    """Let every unit that plays answer a cut-off game (written to ``refusing``); return the share of men that hold."""
    total = 0.0
    holding = 0.0
    for unit in range(q.size):
        refusing[unit] = False
        if plays[unit]:
            x = game.seen + game.signal_noise * signal[unit]
            refusing[unit] = _refuses(x, game.threshold, game.signal_noise, q[unit])
            total += men[unit]
            holding += men[unit] * (not refusing[unit])
    return holding / total if total > 0.0 else 1.0


@compiled
def set_to_work(units, at_home, aside):
    """Write what every unit at home does; return the share of their men that act on orders (1: there are none)."""
    total = 0.0
    acting = 0.0
    for unit in range(units.q.size):
        if at_home[unit]:
            doing = _does(aside[unit], units.q[unit])
            units.doing[unit] = doing
            total += units.reach[unit]
            acting += units.reach[unit] * _acts(doing, units.q[unit])
    return acting / total if total > 0.0 else 1.0


@compiled
def reluctantly(q, reluctance, would_fire):
    """Write how willing every unit is to fire on fellow officers."""
    for unit in range(q.size):
        would_fire[unit] = _reluctant(q[unit], reluctance)


@compiled
def wear_down(units, wear):
    """Strain the units by the day's use, let the unwilling resign and renew the signals; return how many resigned."""
    gone = 0.0
    for unit in range(units.heads.size):
        use = wear.use_front if units.front[unit] else wear.use
        units.strain[unit] = _strained(units.strain[unit], wear.keep, wear.gain, use)
        left = _resigned(units.heads[unit], wear.resignation, units.strain[unit], units.q[unit])
        units.heads[unit] -= left
        gone += left
        units.signal[unit] = _drift(units.signal[unit], wear.signal_keep, as_normal(bits(wear.key, unit)))
    return gone


class Forces(Rows):
    """All units, a row each: branch, region, heads [people], loyalty [sd], strain [0 to 1], signal, what they do.

    Args:
        model: the world.
    """

    def __init__(self, model) -> None:
        episode, parameters, dice = model.episode, model.parameters, builder(model.history, "forces")
        self.model = model
        self.loyalty_drift = 0.0
        """How loyalty has changed since the eve [logit]."""
        self.branches = sorted({force.branch for force in episode.forces})
        self.region_names = [region.name for region in episode.regions]
        electors = np.array([region.electors for region in episode.regions], float)
        rows = []
        for force in episode.forces:
            branch = self.branches.index(force.branch)
            if force.region == "*":
                # provinces only where the country has any: the capital's own are listed by name
                away = electors.copy()
                if len(away) > 1:
                    away[episode.capital] = 0.0
                cuts = np.cumsum(away / away.sum())
                regions = np.searchsorted(cuts, (np.arange(force.units) + 0.5) / force.units)
            else:
                regions = np.full(force.units, self.region_names.index(force.region))
            for region in regions:
                heads = force.heads / force.units
                rows.append((branch, int(region), heads, force.pool, force.loyalty, force.sent, force.conscripts))
        n = len(rows)
        loyalty = np.array([row[4] for row in rows]) + dice.standard_normal(n)
        self.pool = np.array([row[3] for row in rows])
        heads = np.array([row[2] for row in rows])
        self.columns = {
            "branch": np.array([row[0] for row in rows], np.int16),
            "region": np.array([row[1] for row in rows], np.int16),
            "heads": heads,
            "loyalty": loyalty,
            "strain": np.zeros(n),
            "signal": dice.standard_normal(n),
            "doing": np.full(n, Doing.IDLE, np.uint8),
        }
        if not parameters.holds("divided_forces"):
            self.level_loyalty()
        self.front = np.zeros(n, bool)
        self.going = np.ones(n)
        """Of each unit at the front, the share of the men that went [0 to 1]; the others count nowhere."""
        self.barred = np.zeros(n, bool)
        """Which units refuse to fight: they stay in barracks, and count nowhere."""
        self.refused_share = 0.0
        """Of the men told to fight, the share that refused when they were last asked [0 to 1]."""
        self.refusal = 0.0
        """What is left of the sight of units that would not fight [strength]."""
        self.surrendered_total = 0.0
        self.q = np.ones(n)
        self.first_heads = heads.copy()
        self.first_men = np.maximum(np.bincount(self.columns["branch"], heads), 1.0)
        """The men of each branch at first [people]."""
        self.in_capital = self.columns["region"] == episode.capital
        self.sent = np.array([row[5] for row in rows])
        self.conscripts = np.array([row[6] for row in rows])
        self.loss_share = np.zeros(n)
        self.agents = [SecurityUnit(model, row) for row in range(n)]
        self.common_shock = 0.0
        """What all of them see of his strength that is not there [sd]."""
        self.mean_q = 1.0
        """The mean willingness of all who would face the crowd, the patron's men too [0 to 1]."""
        self.obeying_share = 1.0
        """The share of the force that acted on its orders, or would have [0 to 1]."""
        self.aside_share = 0.0
        """The share of the capital's force that stood aside today [0 to 1]."""
        self.standing = 1.0
        """The share of the force that did not stand aside [0 to 1]: tomorrow the others know."""
        self.resigned_total = 0.0
        self.keeps_strain = persistence(parameters.security.strain_half_life)
        self.keeps_signal = persistence(parameters.security.signal_half_life)
        self.keeps_refusal = persistence(parameters.security.refusal_half_life)
        self.asked: Asked | None = None
        """What weighed on the units when they were last asked (``Asked``)."""
        self.asked_to_fight: np.ndarray | None = None
        """How willing the units were to fight when they were last asked [0 to 1]; NaN: not asked."""
        self.game: Game | None = None
        """The last game that they played at home (``Game``)."""
        self._refusing = np.zeros(n, bool)
        self.reach = np.zeros(n)
        """Each unit's men within reach of the capital [people]."""
        held = {name: self.columns[name] for name in ("heads", "loyalty", "strain", "signal", "doing")}
        self.record = Units(**held, front=self.front, q=self.q, reach=self.reach)
        """The columns as the loops take them."""
        self.weigh()

    def level_loyalty(self) -> None:
        """Give every unit the mean loyalty, weighed by its men fit for a crowd: what is left without C13."""
        loyalty = self.columns["loyalty"]
        loyalty[:] = np.average(loyalty, weights=self.columns["heads"] * self.pool + 1e-9)

    # The day.

    def renew_dice(self) -> None:
        """Renew what all units see alike."""
        self.common_shock = drift(self.common_shock, self.keeps_signal, self.model.bell(Purpose.COMMON_SHOCK))

    def ask(self, crowd: float, movement: np.ndarray) -> None:
        """Set every unit's willingness (C13).

        Args:
            crowd: people in the street of the capital.
            movement: by region, who is ready to go [people].
        """
        world, parameters = self.model, self.model.parameters.security
        force = self.at_hand()
        kin = parameters.kin_effect * (movement / world.citizens.electors)[self.columns["region"]]
        self.asked = Asked(
            base=parameters.obedience + self.loyalty_drift,
            loyalty_effect=parameters.loyalty_effect,
            support=parameters.support_effect * world.moscow.support / world.moscow.most_support,
            strain_effect=parameters.strain_effect,
            kin=kin,
            violence=parameters.violence_effect * min(1.0, load(crowd, parameters.containment, force)),
            losses=parameters.loss_effect * 100.0 * self.loss_share,
        )
        mean = answer(self.record, self.asked)
        sent = world.moscow.men_in_the_street()
        own = force - sent
        self.mean_q = (mean * own + sent) / force if force > 0.0 else 0.0

    def act(self, crowd: float) -> None:
        """Let every unit at home stand aside, shirk or obey, ordered or not, before a crowd in the capital (C13)."""
        parameters, doing = self.model.parameters.security, self.columns["doing"]
        seen = strength_left(self.standing, load(crowd, parameters.containment, self.at_hand()), self.refusal)
        seen += parameters.common_shock * self.common_shock
        self.game = Game(seen, cutoff(self.mean_q), parameters.signal_noise)
        self.standing = play(self.game, self.at_home, self.q, self.columns["signal"], self.reach, self._refusing)
        self.obeying_share = set_to_work(self.record, self.at_home, self._refusing)
        if self.any_away:
            doing[self.front], doing[self.barred] = Doing.FRONT, Doing.REFUSING
        aside = float((self.capital_men * self._refusing).sum())
        self.aside_share = aside / self.in_the_capital if self.in_the_capital > 0.0 else 0.0

    def stand_aside(self, seeming: float) -> bool:
        """Whether half of the capital's force and more will not fire on plotters: the same cut-off game.

        Args:
            seeming: the share of the force that the plotters seem to hold [0 to 1].
        """
        world, parameters = self.model, self.model.parameters.security
        here = self.in_capital & self.at_home
        men = np.where(here, self.columns["heads"] * self.pool, 0.0)
        if men.sum() <= 0.0:
            return True
        would_fire = np.empty(men.size)
        reluctantly(self.q, world.parameters.elite.coup_reluctance, would_fire)
        threshold = cutoff(float((would_fire * men).sum() / men.sum()))
        game = Game(1.0 - seeming + parameters.common_shock * self.common_shock, threshold, parameters.signal_noise)
        return play(game, here, would_fire, self.columns["signal"], men, self._refusing) < 0.5

    def step(self) -> None:
        """Wear the units down by the day's use; the unwilling resign (C13)."""
        world, parameters = self.model, self.model.parameters.security
        wear = Wear(
            use=world.street.effort * min(1.0, world.street.x),
            use_front=world.parameters.war.front_strain,
            keep=self.keeps_strain,
            gain=parameters.strain_gain,
            resignation=parameters.resignation,
            key=world.key(Purpose.SIGNAL),
            signal_keep=self.keeps_signal,
        )
        self.resigned_total += wear_down(self.record, wear)
        self.refusal *= self.keeps_refusal
        if weekly(world.day):
            if self.front.any():
                self.tell_to_fight(self.front.copy())
            self.weigh()

    # Where the men are.

    def weigh(self) -> None:
        """Count the men within reach and in each region; done again when heads or the front have changed."""
        away = self.front | self.barred
        self.at_home = ~away
        """Which units are neither at the front nor kept in barracks."""
        self.any_away = bool(away.any())
        men = np.where(away, 0.0, self.columns["heads"] * self.pool)
        self.reach[:] = np.where(self.in_capital, men, self.model.parameters.security.reach * men)
        self.own_men = float(self.reach.sum())
        """The regime's own men who can face a crowd in the capital within 48 hours [people]."""
        self.capital_men = np.where(self.in_capital, men, 0.0)
        """The men of the capital's units at home who are fit for a crowd [people]."""
        self.in_the_capital = float(self.capital_men.sum())
        self.by_region = np.bincount(self.columns["region"], men, minlength=len(self.region_names))
        """The men of each region's own units who can face a crowd there [people]."""
        self.in_all_regions = float(self.by_region.sum())

    def at_hand(self) -> float:
        """Return K: the men who can face a crowd in the capital within 48 hours, the patron's too [people]."""
        return self.own_men + self.model.moscow.men_in_the_street()

    def deployed(self) -> np.ndarray:
        """Return the officers of each region: the provinces send theirs as far as the capital needs them [people]."""
        world = self.model
        away = world.parameters.security.reach * world.street.effort * min(1.0, world.street.x_movement)
        officers = self.by_region * (1.0 - away)
        capital = world.episode.capital
        officers[capital] = self.by_region[capital] + away * (self.in_all_regions - self.by_region[capital])
        return officers

    def send(self, troops: float) -> float:
        """Tell units to go to the front until the troops are together, first those of the branches sent first (C13).

        If more than half of the men refuse, everybody is where he was before.

        Returns:
            Of the men told to go, the share that refused [0 to 1].
        """
        before = [where.copy() for where in (self.front, self.barred, self.going)]
        told = np.zeros(self.sent.size, bool)
        together = 0.0
        for row in np.lexsort((np.arange(self.sent.size), self.sent)):
            if self.sent[row] and together < troops:
                told[row] = True
                together += self.columns["heads"][row]
        self.call_back()
        self.refused_share = 0.0
        if told.any():
            self.tell_to_fight(told)
        if self.refused_share > 0.5:
            self.front[:], self.barred[:], self.going[:] = before
            self.weigh()
        return self.refused_share

    def tell_to_fight(self, told: np.ndarray) -> None:
        """Ask the units of a mask whether they fight: the cut-off game once more, and shirking as at home (C13).

        A unit that refuses stays in barracks; of one that shirks, as many go as are willing. After a defeat those who
        will not fight surrender, where they are at the front.
        """
        world, parameters = self.model, self.model.parameters.security
        heads, region = self.columns["heads"], self.columns["region"]
        home = world.mood.home_anger()[region]
        beaten, there = world.front.course == "defeat", told & self.front
        self.asked_to_fight = np.full(told.size, np.nan)
        for row in np.flatnonzero(told):
            self.asked_to_fight[row] = would_fight(
                parameters.consent,
                parameters.loyalty_effect * self.columns["loyalty"][row],
                parameters.support_effect * world.moscow.support / world.moscow.most_support,
                parameters.home_effect * home[row],
                parameters.conscript_effect * self.conscripts[row],
                parameters.loss_effect * 100.0 * self.loss_share[row],
                parameters.defeat_effect * beaten,
            )
        willing = np.nan_to_num(self.asked_to_fight)
        men = np.where(told, heads, 0.0)
        threshold = cutoff(float((willing * men).sum() / max(men.sum(), 1.0)))
        seen = strength_left(self.standing, world.street.load, self.refusal)
        game = Game(seen + parameters.common_shock * self.common_shock, threshold, parameters.signal_noise)
        play(game, told, willing, self.columns["signal"], men, self._refusing)
        for row in np.flatnonzero(told):
            self.going[row] = acts(does(self._refusing[row], willing[row]), willing[row])
        staying = men * (1.0 - self.going)
        self.refused_share = float(staying.sum() / max(men.sum(), 1.0))
        if beaten:
            lost = np.where(there, staying, 0.0)
            self.surrendered_total += float(lost.sum())
            heads -= lost
            self.going[there] = 1.0
        refusing = told & self._refusing
        self.barred |= refusing
        self.front[:] = told & ~refusing
        self.refusal = max(self.refusal, parameters.refusal_weight * self.refused_share)
        self.q[told] = willing[told]
        if self.refused_share > 0.0:
            word = "surrender" if beaten and there.any() else "will not fight"
            world.note(f"{staying.sum():,.0f} of {men.sum():,.0f} men told to fight {word}")
        self.weigh()

    def call_back(self) -> None:
        """Bring all units home; those that would not fight are in barracks no more."""
        self.front[:] = self.barred[:] = False
        self.going[:] = 1.0
        self.weigh()

    def at_front(self) -> float:
        """Return the men at the front [people]."""
        return float((self.columns["heads"] * self.going)[self.front].sum())

    def bury(self, dead: float, there: float) -> float:
        """Take the day's dead from the men at the front, and keep the share each branch has lost; return the dead."""
        if there <= 0.0:
            return 0.0
        heads, branch = self.columns["heads"], self.columns["branch"]
        dead = min(dead, there)
        lost = np.where(self.front, heads * self.going / there, 0.0) * dead
        heads -= lost
        self.loss_share += (np.bincount(branch, lost, self.first_men.size) / self.first_men)[branch]
        return dead

    def name(self, row: int) -> str:
        """Return a unit's name for sentences: '3rd unit of OMON in Brest'."""
        branch, region = self.columns["branch"], self.columns["region"]
        same = np.flatnonzero((branch == branch[row]) & (region == region[row]))
        number = int(np.searchsorted(same, row)) + 1
        ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending} unit of {self.branches[branch[row]]} in {self.region_names[region[row]]}"


class SecurityUnit(mesa.Agent):
    """One unit of one branch (OMON, internal troops, police, ...), with its men, its base and its loyalty."""

    branch = column("branch")
    region = column("region")
    heads = column("heads")
    loyalty = column("loyalty")
    strain = column("strain")
    signal = column("signal")
    doing = column("doing")
    rows = property(lambda self: self.model.forces)
    __deepcopy__ = copied

    def __init__(self, model, row: int) -> None:
        """Register the unit of one row of the forces' columns."""
        super().__init__(model)
        self.row = row

    @property
    def name(self) -> str:
        """Its name in sentences: '3rd unit of OMON in Brest'."""
        return self.rows.name(self.row)
