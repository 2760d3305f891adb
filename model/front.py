"""The front: who is sent, and who dies there."""

import math
from typing import Any

from agents.ground.chance import Purpose, persistence
from agents.regime import Rung

YEAR = 365
FIRST_DAYS = 28
"""In so many days after the entry the losses are those of the first weeks."""


class Front:
    """The war as it looks from home: since when troops are there, its course, and the dead [people].

    Args:
        model: the world.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.open()
        self.defeat_on: int | None = None
        """The day of the defeat, once he has entered."""
        self.since: int | None = None
        """The day on which troops went to the front, while they are there."""
        self.dead_recent = self.dead_total = self.dead_today = 0.0
        self.keeps_recent = persistence(model.parameters.citizen.loss_half_life)

    def open(self) -> None:
        """Take the course that the episode says."""
        entry = self.model.episode.entry
        self.will_be = entry.front if entry else "stalemate"
        """The course that the front takes: a defeat comes on a day of the year after the entry."""
        self.course = "stalemate" if self.will_be == "defeat" else self.will_be

    def troops(self) -> float:
        """Return the troops of a full entry [people]."""
        entry = self.model.episode.entry
        return float(entry.troops) if entry else 0.0

    def commitment(self, rung: int) -> float:
        """Return how much of a war a rung is: the share of the troops sent [0 to 1] (C2)."""
        return (0.0, 0.0, self.model.parameters.war.limited_share, 1.0)[rung]

    def dead_a_day(self, troops: float, killed: float) -> float:
        """Return the dead a day among troops, by the killed per 1,000 a week and the course of the front [people]."""
        war = self.model.parameters.war
        course = {"advance": war.advance_losses, "defeat": war.defeat_losses}.get(self.course, 1.0)
        return troops * killed / 1000.0 / 7.0 * course

    def move_to(self, rung: int) -> None:
        """Put him on a rung of the war ladder: troops go to the front or come home (C2)."""
        world, regime = self.model, self.model.regime
        before, regime.rung = regime.rung, Rung(rung)
        if rung > before:
            world.moscow.withheld = 0.0
        sent = self.commitment(rung) * self.troops()
        was_sent = self.commitment(before) * self.troops()
        shock = world.mood.step_into_war(rung) if rung > before else 0.0
        refused = world.forces.send(sent)
        if refused > 0.5:
            world.note("More than half of the units told to fight refuse: the entry fails")
            world.street.announced = min(1.0, shock)
            regime.rung = before
            return
        if sent > 0.0 and was_sent == 0.0:
            self.since = world.day
            regime.entered_on = world.day if regime.entered_on is None else regime.entered_on
            world.street.announced = min(1.0, shock)
            if self.will_be == "defeat":
                lot = world.lot(Purpose.DEFEAT)
                self.defeat_on = world.day + FIRST_DAYS + int(lot * (YEAR - FIRST_DAYS))
            world.note(f"He enters the war ({regime.rung.name.lower()}), with {sent:,.0f} troops")
        elif sent == 0.0 and was_sent > 0.0:
            self.since = None
            world.note("The troops come home")
        elif rung != before:
            world.note(f"He is on another rung: {regime.rung.name.lower()}")

    def lose(self) -> None:
        """Lose the war at the front: a defeat is known to all at once."""
        self.course = "defeat"
        if self.since is not None:
            self.model.note("His troops are defeated at the front")

    def bury(self) -> None:
        """Let soldiers die at the front; a defeat is news that nobody can keep out (C6)."""
        world, war = self.model, self.model.parameters.war
        self.dead_recent *= self.keeps_recent
        self.dead_today = 0.0
        if self.since is None:
            return
        if world.day == self.defeat_on:
            self.lose()
        killed = war.killed_first if world.day - self.since < FIRST_DAYS else war.killed_later
        there = world.forces.at_front()
        fighting = min(self.commitment(world.regime.rung) * self.troops(), there)
        known = float(world.calendar.fallen[world.day])
        dead = self.dead_a_day(fighting, killed) if math.isnan(known) else known
        self.dead_today = world.forces.bury(dead, there)
        self.dead_total += self.dead_today
        self.dead_recent += self.dead_today
        world.forces.weigh()
