"""The regime: how it answers the street, how far it goes into the war, and when he gives up.

He wants to keep his job (C5, Viacorka): every choice is drawn by the hazard that he expects of it, under
flattered and noisy beliefs. At home he chooses how to answer the street, abroad the rung of the war ladder
(C2), between a society that may rise and a patron who may drop him (Putnam 1988, Debs-Goemans 2010). What a
rung may cost him he has learnt from other histories than his own: their lessons are data.
"""

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

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


class Situation(NamedTuple):
    """What he, or any client of a patron at war, can see of his situation, and judges a rung of the war by."""

    pressure: float
    """The patron's pressure on him while he does not fight, P."""
    price: float
    """How ready it is to replace who refuses [a year]."""
    troops: float
    """Its troops in the country, for each of his own men."""
    averse: float
    """Who is against sending soldiers [share of those asked]."""
    tells: float
    """Who says to be against him [share of those asked]."""
    load: float
    """The largest crowd he has lived through, against what his forces could hold, X."""


SHARES = ("averse", "tells")
"""What is judged by its odds; all else by its order of magnitude."""
SUREST = 0.999
"""A fall is held to be no surer than this: some hope has a finite hazard."""


class Lesson(NamedTuple):
    """What the years after a choice have taught of falling in them: the log odds of a fall."""

    intercept: float
    weights: tuple[float, ...]
    """By how much each thing seen raises them, in the order of ``Situation``."""


class Lessons(NamedTuple):
    """What other histories have taught him of each choice, and between which ends they saw each thing."""

    refuses: Lesson
    limited: Lesson
    enters: Lesson
    least: Situation
    most: Situation

    def of(self, rung: int) -> Lesson:
        """Return the lesson of a rung: on the first two he does not fight."""
        return (self.refuses, self.refuses, self.limited, self.enters)[rung]


def scaled(value: float, share: bool) -> float:
    """Return a thing seen on the scale on which it is judged: powers of ten, or log odds of a share.

    >>> scaled(0.1, share=False), scaled(0.5, share=True)
    (-1.0, 0.0)
    """
    return math.log(value / (1.0 - value)) if share else math.log10(value)


def believed_fall(seen: Situation, lesson: Lesson, least: Situation, most: Situation) -> float:
    """Return the chance that he believes to fall within a year of a choice [0 to 1] (C5).

    The log odds of it are a sum that a pencil can do: the lesson's intercept, and for each thing seen its weight times
    how much of it there is, on its scale. What lies beyond all that the lesson was learnt from is taken at its edge.

    >>> lesson = Lesson(-1.0, (0.0, 0.0, 0.0, 0.0, 0.0, 2.0))
    >>> least, most = Situation(0.1, 0.1, 0.1, 0.1, 0.1, 0.1), Situation(9.0, 9.0, 9.0, 0.9, 0.9, 1.0)
    >>> calm = Situation(1.0, 1.0, 1.0, 0.5, 0.5, 0.1)
    >>> [round(believed_fall(calm._replace(load=x), lesson, least, most), 3) for x in (0.0, 0.1, 1.0, 10.0)]
    [0.047, 0.047, 0.269, 0.269]
    """
    odds = lesson.intercept
    for name, weight, value, low, high in zip(Situation._fields, lesson.weights, seen, least, most, strict=True):
        odds += weight * scaled(min(max(value, low), high), name in SHARES)
    return 0.5 + 0.5 * math.tanh(0.5 * odds)


def yearly_hazard(fall: float) -> float:
    """Return the hazard a year that a chance to fall within the year comes from.

    >>> yearly_hazard(0.0), round(yearly_hazard(0.5), 3)
    (0.0, 0.693)
    """
    return -math.log1p(-min(fall, SUREST)) if fall > 0.0 else 0.0


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
        self.heaviest = 0.0
        """The largest crowd so far, against what his forces could hold, X."""
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
        self.heaviest = max(self.heaviest, world.street.x)
        self.belief = self.believes(world.street.x_movement)
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

    def believes(self, x: float) -> float:
        """Return what he believes today of a load of the street."""
        parameters = self.model.parameters.regime
        return believed_load(x, parameters.flattery, parameters.belief_noise * self.belief_noise)

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
        """Return the hazard that he expects of a rung [a year]: what others' years taught, on what he believes to see.

        Raises:
            RuntimeError: if he was taught nothing: only in the arm ``decide`` he is.
        """
        if self.model.lessons is None:
            raise RuntimeError("he has no lessons: only who decides is given some")
        lessons, seen = self.model.lessons, self.situation(rung)
        seen = seen._replace(load=self.believes(seen.load))
        return yearly_hazard(believed_fall(seen, lessons.of(rung), lessons.least, lessons.most))

    def situation(self, rung: int) -> Situation:
        """Return what there is to be seen today by who thinks of a rung, the street as it is.

        Pressure and price are those of the land lent or not: what he is under as long as he does not fight.
        """
        world, moscow, refusing = self.model, self.model.moscow, min(rung, Rung.TERRITORY)
        return Situation(
            pressure=moscow.pressure_at(refusing),
            price=moscow.readiness(refusing),
            troops=moscow.troops_there() / max(world.forces.own_men, 1.0),
            averse=world.mood.poll["averse"],
            tells=world.mood.poll["tells"],
            load=self.heaviest,
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
