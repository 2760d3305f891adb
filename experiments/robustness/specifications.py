"""Defensible alternatives to what a modeller chose, and the days of a world in another order.

A choice that makes the people (ties, their number, how aversion and opposition hang together) holds since the first
day of the past: the history is lived anew, is no longer the accepted one, and is not fitted again; how many still fit
is counted. All others hold from the eve on, so that the history stays as it was accepted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from model.parameters import DECLARED
from model.simulation import Simulation

BEYOND = "citizen.war_beyond"
NOISE, AVERSION = "citizen.noise", "citizen.aversion_opposition"


def end(name: str, which: str) -> dict[str, float]:
    """Return a number at the ``low`` or the ``high`` end of its declared range.

    >>> end("citizen.noise", "low")
    {'citizen.noise': 0.1}
    """
    return {name: DECLARED[name].metadata[which]}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One alternative to one thing that was chosen."""

    about: str
    """What was chosen otherwise, as a row of the grid is called."""
    words: str
    since: Mapping[str, float] = field(default_factory=dict)
    """Numbers that are others since the first day of the past."""
    eve: Mapping[str, float] = field(default_factory=dict)
    """Numbers that are others from the eve on."""
    order: str = ""
    """The order of the day, from the eve on (``ORDERS``)."""
    size: float = 1.0
    """So many times as many citizens, since the first day of the past."""
    beyond: Callable[[float], float] | None = None
    """What it makes of how shocking an entry is."""

    @property
    def title(self) -> str:
        """What it is about, and what it is."""
        return f"{self.about}: {self.words}"

    @property
    def keeps_history(self) -> bool:
        """Whether the past stays as it was accepted."""
        return not self.since and self.size == 1.0


RISK, ARRESTS, LOSSES = "citizen.risk_weight", "security.arrest_form", "citizen.loss_curve"
VIEW = "citizen.deployment_view"
CHOICES = (
    Choice(about="ties", words="4 each", since={"sample.n_ties": 4}),
    Choice(about="ties", words="16 each", since={"sample.n_ties": 16}),
    Choice(about="ties", words="with anybody", since={"sample.local_ties": 0.0, "sample.like_ties": 0.0}),
    Choice(about="citizens", words="a quarter", size=0.25),
    Choice(about="citizens", words="four times", size=4.0),
    Choice(about="aversion", words="opponents hardly more", since=end(AVERSION, "low")),
    Choice(about="aversion", words="opponents far more", since=end(AVERSION, "high")),
    Choice(about="noise", words="least", eve=end(NOISE, "low")),
    Choice(about="noise", words="most", eve=end(NOISE, "high")),
    Choice(about="order", words="regime after street", order="regime after street"),
    Choice(about="order", words="forces before street", order="forces before street"),
    Choice(about="order", words="patron last", order="patron last"),
    Choice(about="risk", words="as remembered", eve=end(VIEW, "low")),
    Choice(about="risk", words="as seen", eve=end(VIEW, "high")),
    Choice(about="risk", words="small ones overrated", eve={RISK: 0.8}),
    Choice(about="risk", words="small ones underrated", eve={RISK: 1.2}),
    Choice(about="arrests", words="a hard edge", eve={ARRESTS: 1}),
    Choice(about="losses", words="by their root", eve={LOSSES: 0.5}),
    Choice(about="losses", words="by heads", eve={LOSSES: 1.0}),
    Choice(about="beyond", words="halved", beyond=lambda own: 0.5 * own),
    Choice(about="beyond", words="1 in all worlds", beyond=lambda own: 1.0),
    Choice(about="beyond", words="doubled", beyond=lambda own: 2.0 * own),
)
LEFT_OUT = (
    "steps of half a day (a posture, a Sunday, a detention and every half-life are rules of whole days: another step "
    "needs a second copy of the rules)",
    "another form of the forces' game and of the plots",
    "other definitions of the endings",
    "a fit under each alternative (two hours each)",
)
"""What was not tried, and why, where that is not plain."""


@dataclass(frozen=True, kw_only=True)
class Specification:
    """Some choices together, none of them about the same thing; without any: the model as it is."""

    name: str
    choices: tuple[Choice, ...] = ()

    @property
    def since(self) -> dict[str, float]:
        """Numbers that are others since the first day of the past."""
        return {name: value for choice in self.choices for name, value in choice.since.items()}

    @property
    def order(self) -> str:
        """The order of the day."""
        return next((choice.order for choice in self.choices if choice.order), "")

    @property
    def size(self) -> float:
        """So many times as many citizens."""
        return float(np.prod([choice.size for choice in self.choices]))

    @property
    def keeps_history(self) -> bool:
        """Whether the past stays as it was accepted."""
        return all(choice.keeps_history for choice in self.choices)

    def eve(self, own: float, near: float | None) -> dict[str, float]:
        """Return the numbers that are others from the eve on, how shocking an entry is among them.

        Args:
            own: how shocking it is in the world.
            near: how shocking it is nearer the line, for all worlds; None: as the world has it.
        """
        numbers = {name: value for choice in self.choices for name, value in choice.eve.items()}
        for choice in self.choices:
            own = choice.beyond(own) if choice.beyond else own
        return numbers | {BEYOND: own if near is None else near}


MODEL = Specification(name="the model")


def specifications(mixed: int, seed: int) -> list[Specification]:
    """Return the model as it is, each choice alone, and so many mixtures: of each thing the model's or any, by lot.

    >>> [len(one.choices) for one in specifications(1, 0)][:3]
    [0, 1, 1]
    """
    alone = [Specification(name=choice.title, choices=(choice,)) for choice in CHOICES]
    dice = np.random.default_rng(np.random.SeedSequence([seed, 40]))
    subjects: dict[str, list[Choice]] = {}
    for choice in CHOICES:
        subjects.setdefault(choice.about, []).append(choice)
    mixtures = []
    for number in range(1, mixed + 1):
        picked = [(some, int(dice.integers(0, len(some) + 1))) for some in subjects.values()]
        chosen = tuple(some[place] for some, place in picked if place < len(some))
        mixtures.append(Specification(name=f"mixture {number}", choices=chosen))
    return [MODEL, *alone, *mixtures]


# The order of the day.

PHASES: Mapping[str, Callable[[Simulation], object]] = {
    "news": lambda world: world.hear_news(),
    "moscow": lambda world: world.moscow.step(),
    "regime": lambda world: world.regime.step(),
    "deploy": lambda world: world.street.deploy(),
    "decide": lambda world: world.crowd.decide(),
    "meet": lambda world: world.street.meet(),
    "bury": lambda world: world.front.bury(),
    "abroad": lambda world: world.citizens.abroad(),
    "forces": lambda world: world.forces.step(),
    "elites": lambda world: world.elites.step(),
}
STREET = ("deploy", "decide", "meet", "bury", "abroad")
ORDERS: Mapping[str, Sequence[str]] = {
    "": tuple(PHASES),
    "regime after street": ("news", "moscow", *STREET, "regime", "forces", "elites"),
    "forces before street": ("news", "moscow", "regime", "forces", "elites", *STREET),
    "patron last": ("news", "regime", *STREET, "forces", "elites", "moscow"),
}
"""The phases of a day, in some orders; each begins with the news, and ends with the judgement and the measures."""


class Reordered(Simulation):
    """A world whose days, from the eve on, have their phases in some order; a test holds that the first is the model's.

    What of it is lived before the eve is lived in the model's order.
    """

    order: str = ""

    def step(self) -> None:
        """Live one day."""
        if self.day >= self.episode.days:
            self.running = False
            return
        self.day += 1
        for phase in ORDERS[self.order]:
            PHASES[phase](self)
        self.judge_day()
        self.observe()
        if self.day == 0:
            self._stand_on_the_eve()
