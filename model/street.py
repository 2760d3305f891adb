"""The street: where citizens and security forces meet."""

from typing import Any

import numpy as np

from agents import security
from agents.citizen import rules
from agents.regime import Posture
from model.calendar import SUNDAY


class Street:
    """What is called for, who is deployed against it, and how it ends in the capital.

    Args:
        model: the world.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.call = 0.0
        """The reach of today's call [0 to 1]."""
        self.dated = 0.0
        """Its reach, if it is for this very date and not a Sunday like the last [0 to 1]."""
        self.driven_off = False
        """Whether the last gathering was dispersed."""
        self.announced = 0.0
        """The reach of tomorrow's call [0 to 1]."""
        self.availability = np.zeros(model.citizens.electors.size)
        """The share of the mobilised who are free today, by region [0 to 1]."""
        self.open_square = False
        """Whether a crowd was let be yesterday."""
        self.beaten = False
        """Whether an order to disperse failed yesterday."""
        self.effort = 0.0
        """How much of the force is deployed [0 to 1]."""
        self.ordered = False
        """Whether he ordered the capital's crowd dispersed today."""
        self.order_failed = False
        self.load = 0.0
        """What today's crowd in the capital would take of the force within reach, were all of it willing [ratio]."""
        self.x = 0.0
        """X = C / (rho K qbar) of today's crowd in the capital [ratio]."""
        self.x_movement = 0.0
        """X if all who are mobilised in the capital came [ratio]."""

    def open_day(self) -> None:
        """Take up what was announced yesterday; on a Sunday a movement calls itself, as its last time went (C8)."""
        world, parameters = self.model, self.model.parameters.citizen
        self.dated, self.announced = self.announced, 0.0
        self.call = self.dated
        if world.calendar.weekday[world.day] == SUNDAY:
            left = 1.0 - parameters.call_broken * self.driven_off
            gathered = float(world.crowd.last.sum()) / world.citizens.all_electors * left
            self.call = max(self.call, rules.calls_itself(gathered, parameters.call_half))

    def summon(self, reach: float) -> None:
        """Call people into the street today; ``reach`` is the share of the ready who hear of it [0 to 1]."""
        self.dated = max(self.dated, reach)
        self.call = max(self.call, reach)

    def heed_calls(self) -> None:
        """Let a call bring out those it reaches; a blackout cuts it, a square that was left or won yesterday adds."""
        world, parameters = self.model, self.model.parameters.citizen
        reached = 1.0 - world.media.cut
        self.call *= reached
        self.dated *= reached
        stays = parameters.square_availability if self.open_square else parameters.weekday_availability
        here, away = self.call, rules.reached_away(self.dated, self.call, parameters.own_march)
        if self.beaten:
            here = away = 1.0
        called = parameters.called_availability
        self.availability = np.full(world.citizens.electors.size, rules.free(stays, away, called))
        self.availability[world.episode.capital] = rules.free(stays, here, called)

    def deploy(self) -> None:
        """Deploy by the day's posture; what is deployed, and how many are expected to come, shows the risk (C8)."""
        world, parameters = self.model, self.model.parameters.security
        self.effort = (0.0, parameters.contain_effort, 1.0)[world.regime.posture]

        def deployed(expected: np.ndarray) -> np.ndarray:
            return self.chances(expected, world.forces.mean_q * max(0.0, 1.0 - world.forces.refusal))

        world.crowd.look(self.call, self.dated, deployed)

    def chances(self, crowd: np.ndarray, willing: float) -> np.ndarray:
        """Return the chance to be caught in a crowd by region [0 to 1], if such a share of the force obeys."""
        officers = self.model.forces.deployed() * willing * self.effort
        parameters = self.model.parameters.security
        return security.chances(parameters.detention_rate, officers, crowd, parameters.arrest_form)

    def meet(self) -> None:
        """Let the units obey or refuse, the street fill the vans, and everybody see it (C8, C13)."""
        world, containment = self.model, self.model.parameters.security.containment
        capital, forces = world.episode.capital, world.forces
        crowd, movement = float(world.crowd.people[capital]), world.crowd.movement()
        force = forces.at_hand()
        forces.ask(crowd, movement)
        ready = float(movement[capital])
        self.load = security.load(crowd, containment, force)
        self.x = security.load(crowd, containment, force * forces.mean_q)
        self.x_movement = security.load(ready, containment, force * forces.mean_q)
        world.moscow.notice(forces.mean_q, security.load(ready, containment, force), forces.refusal)

        forces.act(crowd)
        self.ordered = world.regime.posture == Posture.DISPERSE and crowd > 0.0
        sent = world.moscow.men_in_the_street()
        obeying = forces.obeying_share * (force - sent) + sent
        failed = self.ordered and security.dispersal_fails(crowd, containment, obeying)
        if failed and not self.order_failed:
            world.note("The order to disperse fails")
        self.order_failed = self.beaten = failed
        if self.call > 0.0:
            self.driven_off = self.ordered and not failed
        self.open_square = world.regime.posture == Posture.RESTRAIN

        chances = self.chances(world.crowd.people, forces.obeying_share)
        if failed:
            chances[capital] = 0.0
        world.crowd.arrest(chances)
