"""Moscow: what the patron gives, what it asks for, and when it drops or replaces him.

Pressure grows with need and debt and falls with each rung taken (C1, C2, C3); support is conditional on
strength (C15); geography limits what it dares (C14); a puppet suffices (C17); refusing costs (C19).
"""

import math
from enum import IntEnum

import mesa

from agents.ground.chance import Purpose, chance_within, drift, persistence, weekly


class Support(IntEnum):
    """What Moscow has given, in the order of 2020."""

    NONE = 0
    POLICE = 1
    MONEY = 2
    TROOPS = 3


def pressure(need: float, debt: float, debt_pressure: float, credit: float) -> float:
    """Return the pressure to do more, P (C1): need at the front and debt raise it, compliance is credited (C2, C3).

    >>> pressure(0.5, 1.0, 0.5, 0.5)
    0.375
    """
    return need * (1.0 + debt_pressure * debt) * max(0.0, 1.0 - credit)


def owes(debt: float, cost: float, paid: float) -> float:
    """Return the debt after help that cost something and compliance that pays it down [rescues of 2020] (C3).

    >>> owes(1.0, 0.7, 0.2)
    1.5
    """
    return max(0.0, debt + cost - paid)


def strength(obeying_share: float, crowd_load: float, refusal: float) -> float:
    """Return how strong he is, S [0 to 1]: the share that obeys, times what of the crowd it could hold (C15).

    Units that were seen to refuse the war are taken off.

    >>> strength(0.9, 0.5, 0.0), strength(0.9, 2.0, 0.0), strength(1.0, 0.5, 0.25)
    (0.9, 0.45, 0.75)
    """
    held = obeying_share * min(1.0, 1.0 / crowd_load if crowd_load > 0.0 else 1.0)
    return max(0.0, held - refusal)


def lends(shown: float, safe: float, drop: float, stake: float, need: float) -> bool:
    """Whether Moscow lends the men that it has in the country: he is weak, not lost, and losing him costs more (C15).

    What losing him would cost, times his chance to fall without help, against what the front needs of these men.

    >>> lends(0.5, 0.8, 0.2, stake=1.5, need=0.6), lends(0.5, 0.8, 0.2, stake=1.0, need=0.6)
    (True, False)
    >>> lends(0.1, 0.8, 0.2, stake=1.5, need=0.6)
    False
    """
    return drop <= shown < safe and stake * (1.0 - shown) > need


def gives(
    support: Support,
    weak_days: int,
    grave_days: int,
    lost_days: int,
    police_lag: float,
    money_lag: float,
    troops_lag: float,
    drop_days: float,
) -> Support:
    """Return the support Moscow gives: nothing to the strong, rescue to the weak who hold, nothing to the lost (C15).

    ``weak_days`` counts the days that he has been weak but holding, ``grave_days`` those near the line at which he is
    dropped, ``lost_days`` those below it.

    >>> [gives(Support.NONE, days, 0, 0, 18, 36, 12, 14).name for days in (10, 20, 40)]
    ['NONE', 'POLICE', 'MONEY']
    >>> gives(Support.NONE, 12, 12, 0, 18, 36, 12, 14).name, gives(Support.MONEY, 50, 0, 14, 18, 36, 12, 14).name
    ('TROOPS', 'NONE')
    """
    if lost_days >= drop_days:
        return Support.NONE
    if grave_days >= troops_lag:
        return Support.TROOPS
    if weak_days >= money_lag:
        return max(support, Support.MONEY)
    if weak_days >= police_lag:
        return max(support, Support.POLICE)
    return support


def demand_chance(rate: float, pressure: float) -> float:
    """Return the chance that Moscow asks for the next rung this week [0 to 1] (C1).

    >>> round(demand_chance(0.1, 1.0), 4)
    0.0952
    """
    return 1.0 - math.exp(-rate * pressure)


def price_of_refusal(pressure: float, geography: float) -> float:
    """Return the share of the subsidy withheld from one who refuses [0 to 1] (C19), less what geography shields (C14).

    >>> price_of_refusal(0.75, 0.5), price_of_refusal(0.75, 1.0)
    (0.25, 0.0)
    """
    return min(1.0, max(0.0, pressure - geography))


def readiness(rate: float, geography: float, compliance: float) -> float:
    """Return how ready Moscow is to replace him, had it a reason, a man and the troops [a year] (C14, C17).

    >>> readiness(0.3, 0.5, 1.0), readiness(0.3, 0.0, 1.0)
    (0.15, 0.3)
    """
    return rate * (1.0 - geography * compliance)


def replacement_hazard(
    rate: float,
    lost: bool,
    refusals: int,
    refusals_needed: float,
    geography: float,
    compliance: float,
    troops: float,
    troops_half: float,
    successor: bool,
) -> float:
    """Return the hazard of being replaced by Moscow's hand [a year] (C17: a puppet suffices, so compliance lowers it).

    It needs a reason (lost, or refused too often), a successor with a commander, and troops in the country: so many
    for each of his own men within reach.

    >>> replacement_hazard(0.3, True, 0, 3, 0.5, 1.0, 0.4, 0.4, True)
    0.075
    >>> replacement_hazard(0.3, False, 0, 3, 0.5, 1.0, 0.4, 0.4, True)
    0.0
    """
    if not successor or not (lost or refusals >= refusals_needed):
        return 0.0
    return readiness(rate, geography, compliance) * troops / (troops + troops_half)


class Moscow(mesa.Agent):
    """The patron: its debt book, its view of his strength, its support, and its demands."""

    most_support = Support.TROOPS
    """As much as it can give."""

    def __init__(self, model) -> None:
        """Open the book: nothing given, nothing owed."""
        super().__init__(model)
        self.debt = 0.0
        """What he owes [rescues of 2020]."""
        self.support = Support.NONE
        self.strengths = [1.0] * 14
        """How strong he was on each of the last 14 days [0 to 1]."""
        self.strength_seen = 1.0
        self.view_noise = 0.0
        self.weak_days = 0
        self.grave_days = 0
        self.lost_days = 0
        self.lent = False
        """Whether Moscow lends the men that it has in the country, today."""
        self.refusals = 0
        self.demands = False
        self.pressure = 0.0
        self.withheld = 0.0
        self.hazard = 0.0
        self.dropped = False
        self.keeps_view = persistence(model.parameters.moscow.view_half_life)

    def renew_dice(self) -> None:
        """Renew Moscow's error about his strength."""
        self.view_noise = drift(self.view_noise, self.keeps_view, self.model.bell(Purpose.VIEW))

    def step(self) -> None:
        """Look at his strength daily; ask, give, and withhold no more than refusing costs by now, weekly."""
        world, parameters = self.model, self.model.parameters.moscow
        self.look(self.strength_shown())
        self.lend()
        self.pressure = self.pressure_at(world.regime.rung)
        if weekly(world.day):
            self.help()
            self.demands = world.lot(Purpose.DEMAND) < demand_chance(parameters.demand_rate, self.pressure)
            self.hazard = self.replaces()

    # What it sees.

    def notice(self, obeying_share: float, crowd_load: float, refusal: float) -> None:
        """Take note of how strong he was today (C15)."""
        self.strengths = [*self.strengths[1:], strength(obeying_share, crowd_load, refusal)]

    def strength_shown(self) -> float:
        """Return how strong he looks to Moscow: the mean of 14 days, with Moscow's own error [0 to 1] (C15)."""
        noise = self.model.parameters.moscow.view_noise * self.view_noise
        return min(1.0, max(0.0, sum(self.strengths) / len(self.strengths) + noise))

    def look(self, shown: float) -> None:
        """Count the days he looks weak, and the days he looks lost."""
        parameters = self.model.parameters.moscow
        self.strength_seen = shown
        holding = parameters.drop_strength <= shown < parameters.safe_strength
        self.weak_days = self.weak_days + 1 if holding else 0
        grave = parameters.drop_strength <= shown < parameters.grave_strength
        self.grave_days = self.grave_days + 1 if grave else 0
        self.lost_days = self.lost_days + 1 if shown < parameters.drop_strength else 0

    # What it needs, and has there.

    def need(self) -> float:
        """Return its need of him at the front today [0 to 2, times the course of the front] (C1)."""
        world, war = self.model, self.model.parameters.war
        course = {"advance": war.advance_need, "defeat": war.defeat_need}.get(world.front.course, 1.0)
        return float(world.calendar.need[world.day]) * course

    def geography(self) -> float:
        """Return what his geography is worth against Moscow today [0 to 1] (C14); without C14 its mean."""
        world = self.model
        there = world.calendar.geography
        return float(there[world.day] if world.holds("geography") else there[1 : world.episode.days + 1].mean())

    def on_the_spot(self) -> float:
        """Return the Russian troops that are in the country for the war [people]."""
        return float(self.model.calendar.patron_troops[self.model.day])

    def reserve(self) -> float:
        """Return the men whom Moscow has sent to hold him [people]: so many for each of his own within reach."""
        sent = self.model.parameters.moscow.reserve_share if self.support == Support.TROOPS else 0.0
        return sent * self.model.forces.own_men

    def men_in_the_street(self) -> float:
        """Return Moscow's own men who would face the crowd: those sent, and those lent on the spot [people] (C15)."""
        lent = self.model.parameters.moscow.lent_share if self.lent else 0.0
        return self.reserve() + lent * self.on_the_spot()

    def troops_there(self) -> float:
        """Return the Russian troops in the country today [people]."""
        return self.on_the_spot() + self.reserve()

    # What it asks, gives and threatens.

    def pressure_at(self, rung: int) -> float:
        """Return the pressure if he stood on a rung of the war ladder."""
        world = self.model
        if not world.holds("pressure"):
            return 0.0
        debt = self.debt if world.holds("debt") else 0.0
        return pressure(self.need(), debt, world.parameters.moscow.debt_pressure, world.regime.credit(rung))

    def refusal_price(self) -> float:
        """Return the share of the subsidy that refusing costs today [0 to 1] (C19)."""
        return price_of_refusal(self.pressure, self.geography()) if self.model.holds("refusal_cost") else 0.0

    def readiness(self, rung: int) -> float:
        """Return how ready it is to replace who refuses it on a rung [a year] (C19); not at all if that is free."""
        if not self.model.holds("refusal_cost"):
            return 0.0
        return readiness(self.model.parameters.moscow.replace_rate, self.geography(), self.compliance(rung))

    def compliance(self, rung: int) -> float:
        """Return how far a rung makes a puppet of him [0 to 1] (C17); without C17 halfway."""
        return self.model.regime.credit(rung) if self.model.holds("puppet_suffices") else 0.5

    def replaces(self) -> float:
        """Return the hazard of putting another in his place [a year], given a reason and a man for it (C14, C17)."""
        world, parameters = self.model, self.model.parameters.moscow
        return replacement_hazard(
            parameters.replace_rate,
            self.strength_seen < parameters.drop_strength,
            self.refusals if world.holds("refusal_cost") else 0,
            parameters.replace_refusals,
            self.geography(),
            self.compliance(world.regime.rung),
            self.troops_there() / max(world.forces.own_men, 1.0),
            parameters.replace_troops,
            world.elites.successor(),
        )

    def strikes(self) -> bool:
        """Whether Moscow puts another in his place today."""
        world = self.model
        return weekly(world.day) and world.lot(Purpose.REPLACEMENT) < chance_within(self.hazard, 7.0)

    def help(self) -> None:
        """Raise or cut support; enter in the book what it and the sanctions cost, and what compliance pays down."""
        world, parameters = self.model, self.model.parameters.moscow
        if world.episode.alone:
            return
        paid = parameters.repayment * world.regime.credit(world.regime.rung) * 7.0 / 365.0
        covered = parameters.sanctions_cover * world.regime.sanctioned() * 7.0 / 365.0
        self.debt = owes(self.debt, covered, paid)
        self.withheld = min(self.withheld, self.refusal_price())
        if self.dropped or not world.holds("conditional_support"):
            return
        self.give(
            gives(
                self.support,
                self.weak_days,
                self.grave_days,
                self.lost_days,
                parameters.police_lag,
                parameters.money_lag,
                parameters.troops_lag,
                parameters.drop_days,
            )
        )

    def give(self, support: int) -> None:
        """Give him so much support from now on, or drop him; every step up is entered in the book (C3, C15)."""
        world, parameters, before = self.model, self.model.parameters.moscow, self.support
        self.support = Support(support)
        costs = (0.0, parameters.cost_police, parameters.cost_money, parameters.cost_troops)
        cost = sum(costs[step] for step in range(before + 1, self.support + 1))
        self.debt = owes(self.debt, cost, 0.0)
        if self.support > before:
            world.note(f"{world.episode.patron} gives {self.support.name.lower()}")
        if self.support < before:
            world.note(f"{world.episode.patron} drops him")

    def lend(self) -> None:
        """Lend him the men that are in the country anyway, or take them back (C15)."""
        world, parameters, before = self.model, self.model.parameters.moscow, self.lent
        self.lent = (
            world.holds("conditional_support")
            and not self.dropped
            and self.on_the_spot() > 0.0
            and lends(
                self.strength_seen,
                parameters.safe_strength,
                parameters.drop_strength,
                parameters.stake,
                self.need(),
            )
        )
        if self.lent and not before:
            world.note(f"{world.episode.patron} lends him the men it has in the country")

    def drop(self) -> None:
        """Drop him for good, whatever his strength."""
        self.support, self.dropped, self.lent = Support.NONE, True, False
        self.model.note(f"{self.model.episode.patron} drops him")
