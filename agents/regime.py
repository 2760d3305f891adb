"""The regime: how it answers the street, how far it goes into the war, and when he gives up.

He wants to keep his job (C5, Viacorka): every choice is drawn by the hazard that he expects of it, under
flattered and noisy beliefs. At home he chooses how to answer the street, abroad the rung of the war ladder
(C2), between a society that may rise and a patron who may drop him (Putnam 1988, Debs-Goemans 2010).
"""

import math
from collections.abc import Sequence
from enum import IntEnum

import mesa

from agents.ground.chance import Purpose, chance_within, drift, persistence, weekly


class Rung(IntEnum):
    """How far he goes into the war (C2)."""

    NONE = 0
    TERRITORY = 1
    LIMITED = 2
    FULL = 3


class Posture(IntEnum):
    """How he answers the street."""

    RESTRAIN = 0
    CONTAIN = 1
    DISPERSE = 2


def believed_load(x: float, flattery: float, noise: float) -> float:
    """Return what he believes of X = C / (rho K qbar): flattered downwards, with noise (both in logs).

    >>> believed_load(1.0, 0.0, 0.0), believed_load(0.0, 0.1, 0.3)
    (1.0, 0.0)
    """
    return x * math.exp(noise - flattery)


def order_fails(x: float, caution: float) -> float:
    """Return his chance that an order to hold a crowd of load x fails [0 to 1]: one half at x = 1.

    >>> order_fails(1.0, 0.4), order_fails(0.0, 0.4), round(order_fails(2.0, 0.4), 3)
    (0.5, 0.0, 0.958)
    """
    if x <= 0.0:
        return 0.0
    return 0.5 * math.erfc(-math.log(x) / (caution * math.sqrt(2.0)))


def posture_hazards(
    x: float, caution: float, contain_cost: float, restrain_cost: float, contain_part: float
) -> list[float]:
    """Return the hazards he expects of restraint, containment and dispersal [a year each].

    Dispersal risks that an order for the whole crowd fails; containment risks it for a part and leaves a
    street; restraint orders nothing and leaves the square. So he disperses a small crowd, contains a large
    one, and lets a crowd be that his forces could not hold (16 August 2020).

    >>> [Posture(h.index(min(h))).name for h in (posture_hazards(x, 0.4, 0.15, 0.5, 0.4) for x in (0.2, 1.0, 4.0))]
    ['DISPERSE', 'CONTAIN', 'RESTRAIN']
    """
    return [
        restrain_cost,
        contain_cost + order_fails(contain_part * x, caution),
        order_fails(x, caution),
    ]


def rung_hazard(
    commitment: float,
    war_fear: float,
    fragility: float,
    loss_fear: float,
    losses: float,
    moscow_fear: float,
    refused: float,
) -> float:
    """Return the hazard he expects of standing on a rung [a year]: street, coup and Moscow (C5, C6, C19).

    ``commitment`` is how much of a war the rung is [0 to 1], ``fragility`` his believed load X, ``losses`` the
    tenfold losses that he expects of it, ``refused`` the pressure that the rung leaves unmet beyond geography.

    >>> rung_hazard(1.0, 0.3, 0.0, 0.1, 1.0, 0.3, 0.0), rung_hazard(0.0, 0.3, 0.0, 0.1, 0.0, 0.3, 1.0)
    (0.4, 0.3)
    """
    return commitment * war_fear * (1.0 + fragility) + loss_fear * losses + moscow_fear * refused


def chooses(hazards: Sequence[float], current: int, decisiveness: float, inertia: float, dice: float) -> int:
    """Return the index of his choice: P(a) proportional to exp(-L H(a) - s [a is a change]) (C5).

    Args:
        hazards: the hazard he expects of each choice [a year].
        current: the index of what he does now.
        decisiveness: L; 0 is blind choice.
        inertia: s, what any change must overcome [log odds].
        dice: a uniform number in [0, 1), already drawn.

    >>> chooses([0.5, 0.1, 0.9], 0, 100.0, 0.0, 0.5)
    1
    """
    scores = [-decisiveness * hazard - inertia * (choice != current) for choice, hazard in enumerate(hazards)]
    top = max(scores)
    weights = [math.exp(score - top) for score in scores]
    left = dice * sum(weights)
    for choice, weight in enumerate(weights):
        left -= weight
        if left < 0.0:
            return choice
    return len(weights) - 1


def gives_up(lost_control: bool, hedging_share: float, patron_sends: bool) -> bool:
    """Whether he gives up: the street is beyond his hold, half of his elite hedges, and no men come from abroad.

    It is a bargain of three, and no die: while one of them holds, so does he (C13, C15).

    >>> gives_up(True, 0.6, False), gives_up(True, 0.6, True), gives_up(True, 0.4, False)
    (True, False, False)
    """
    return lost_control and hedging_share >= 0.5 and not patron_sends


def sanctions(base: float, entry: float, provocations: float, at_war: bool, eased: float) -> float:
    """Return the cost of Western sanctions [% of GDP] (C4, C10: the extra for entry is small; C11: talks ease little).

    >>> sanctions(4.0, 0.8, 0.2, True, 0.0)
    5.0
    """
    return (base + entry * at_war + provocations) * (1.0 - eased)


class Regime(mesa.Agent):
    """The leader and his office: the posture towards the street, the rung of the war ladder."""

    def __init__(self, model) -> None:
        """Take office, at peace."""
        super().__init__(model)
        self.rung = Rung.NONE
        self.posture = Posture.DISPERSE
        self.belief = 0.0
        self.belief_noise = 0.0
        self.talks = False
        self.nukes_permitted = False
        self.nukes_hosted = False
        self.provoked_sanctions = 0.0
        self.entered_on: int | None = None
        self.chose = False
        """Whether he has ever chosen another rung than he stood on: until then, deciding is staying."""
        self.keeps_belief = persistence(model.parameters.regime.belief_half_life)

    @property
    def lent_territory(self) -> bool:
        """Whether he has lent the land, or gone further (C10)."""
        return self.rung >= Rung.TERRITORY

    def renew_dice(self) -> None:
        """Renew what he believes wrongly of the street."""
        self.belief_noise = drift(self.belief_noise, self.keeps_belief, self.model.bell(Purpose.BELIEF))

    def step(self) -> None:
        """Answer the street every day; move on the ladder, provoke the West and answer Moscow weekly."""
        world, parameters = self.model, self.model.parameters.regime
        noise = parameters.belief_noise * self.belief_noise
        self.belief = believed_load(world.street.x_movement, parameters.flattery, noise)
        hazards = posture_hazards(
            self.belief,
            parameters.order_caution,
            parameters.contain_cost,
            parameters.restrain_cost,
            parameters.contain_part,
        )
        die = world.lot(Purpose.POSTURE)
        self.posture = Posture(chooses(hazards, self.posture, parameters.decisiveness, parameters.inertia, die))
        if weekly(world.day):
            self.provoke()
            self.answer_moscow()

    def provoke(self) -> None:
        """Now and then provoke the West (C4). What he did in the past has its dates."""
        world, parameters = self.model, self.model.parameters.regime
        if world.day > 0 and world.lot(Purpose.PROVOCATION) < chance_within(parameters.provocation_rate, 7.0):
            self.tussle()

    def tussle(self) -> None:
        """Pay for a provocation with sanctions; Moscow covers for it, and enters it in the book (C4)."""
        world, parameters = self.model, self.model.parameters.regime
        if world.holds("provocations"):
            self.provoked_sanctions += parameters.provocation_sanctions
            if world.episode.alone:
                world.note("A provocation brings new sanctions")
                return
            world.moscow.debt += world.parameters.moscow.cover_debt
            world.note(f"A provocation brings new sanctions; {world.episode.patron} covers for him")

    def answer_moscow(self) -> None:
        """Answer a demand, if there is one: in the arm ``decide`` by expected survival, else the rung is locked."""
        world, moscow = self.model, self.model.moscow
        before = self.rung
        if world.decides:
            self.choose_rung()
        if moscow.demands and self.rung <= before < Rung.FULL:
            moscow.refusals += 1
            moscow.withheld = moscow.refusal_price()
            world.note(f"He refuses {world.episode.patron} the next step")

    def choose_rung(self) -> None:
        """Go one rung up (if Moscow asks), stay, or come one rung down, by the survival he expects of each."""
        world, parameters = self.model, self.model.parameters.regime
        lowest = Rung.TERRITORY if self.rung >= Rung.TERRITORY else Rung.NONE
        options = [Rung(r) for r in (self.rung - 1, self.rung, self.rung + 1) if lowest <= r <= Rung.FULL]
        if not world.moscow.demands:
            options = [rung for rung in options if rung <= self.rung]
        hazards = [self.expects(rung) for rung in options]
        decisiveness = parameters.decisiveness if world.holds("survival_choice") else 0.0
        here, die = options.index(self.rung), world.lot(Purpose.RUNG)
        choice = options[chooses(hazards, here, decisiveness, parameters.inertia, die)]
        if choice != self.rung:
            self.chose = True
            world.set_rung(choice)

    def expects(self, rung: int) -> float:
        """Return the hazard that he expects of a rung [a year]."""
        world, parameters = self.model, self.model.parameters.regime
        refused = max(0.0, world.moscow.pressure_at(rung) - world.moscow.geography())
        return rung_hazard(
            world.front.commitment(rung),
            parameters.war_fear,
            min(self.belief, 2.0),
            parameters.loss_fear,
            world.front.expected_losses(rung),
            parameters.moscow_fear * world.holds("refusal_cost"),
            refused,
        )

    def gives_up(self) -> bool:
        """Whether he gives up today: a bargain of street, elite and Moscow."""
        world = self.model
        return gives_up(
            world.judge.lost_control_within(world.day, world.parameters.outcome.giving_up_window),
            world.elites.hedging_share,
            world.moscow.men_in_the_street() > 0.0,
        )

    def credit(self, rung: int) -> float:
        """Return the credit that a rung and the flags have with Moscow [0 to 1] (C2, C11)."""
        world, parameters = self.model, self.model.parameters.moscow
        if not world.holds("ladder"):
            return parameters.credit_territory
        credit = (0.0, parameters.credit_territory, parameters.credit_limited, 1.0)[rung]
        credit += parameters.credit_flag * (self.nukes_permitted + self.nukes_hosted)
        if self.talks and world.holds("talks"):
            credit += parameters.credit_talks
        return min(1.0, max(0.0, credit))

    def sanctioned(self) -> float:
        """Return what sanctions cost the country [% of GDP] (C4, C10, C11)."""
        world, parameters = self.model, self.model.parameters.regime
        if not world.holds("sanctions"):
            return 0.0
        eased = parameters.talks_west if self.talks and world.holds("talks") else 0.0
        lent = parameters.sanctions_base if self.lent_territory else 0.0
        at_war = self.rung > Rung.TERRITORY
        return sanctions(lent, parameters.sanctions_entry, self.provoked_sanctions, at_war, eased)

    def gdp_lost(self) -> float:
        """Return what sanctions and a withheld subsidy cost the country [% of GDP] (C4, C10, C11, C19)."""
        return self.sanctioned() + self.model.moscow.withheld * self.model.parameters.moscow.subsidy
