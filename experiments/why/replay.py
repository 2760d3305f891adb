"""A world lived again with some parts left out: units, members of the elite, days' crowds, an actor's dice on a day."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from agents.elite import Stance
from agents.ground import chance
from agents.ground.chance import Purpose
from agents.security import Doing
from experiments.lab.runner import Run
from experiments.lab.tasks import built
from model.measures import MEASURES
from model.simulation import Simulation

UNIT, ELITE, DAY, DICE = "unit", "elite", "day", "dice"
KINDS = (UNIT, ELITE, DAY, DICE)
FIRM = 1_000.0
"""A loyalty [sd], or a stake, that nothing in a world moves."""
ANEW = np.uint64(2**40)
"""The name of dice drawn anew; forks have the small numbers."""
HE, PATRON, FORCES, FRONT, COMMANDER = "he", "patron", "forces", "front", "commander"
DICE_OF = {
    Purpose.POSTURE: HE, Purpose.BELIEF: HE, Purpose.RUNG: HE, Purpose.PROVOCATION: HE,
    Purpose.VIEW: PATRON, Purpose.DEMAND: PATRON, Purpose.REPLACEMENT: PATRON,
    Purpose.COMMON_SHOCK: FORCES, Purpose.DEFEAT: FRONT,
    Purpose.PLOT: COMMANDER, Purpose.DETECTION: COMMANDER, Purpose.ESTIMATE: COMMANDER,
    Purpose.PLOT_STRENGTH: COMMANDER,
}  # fmt: skip
"""Whose dice a purpose's are. Those that all citizens, or all units, throw at once are not asked one by one."""


class Part(NamedTuple):
    """One part of what happened: a unit or member of the elite (a row), a day's crowd, or an actor's dice on a day."""

    kind: str
    row: int = -1
    day: int = 0
    actor: str = ""

    @property
    def code(self) -> str:
        """The part as a run is asked about it.

        >>> Part(DICE, row=3, day=45, actor=COMMANDER).code, part_of("dice:3:45:commander").row
        ('dice:3:45:commander', 3)
        """
        return f"{self.kind}:{self.row}:{self.day}:{self.actor}"


def part_of(code: str) -> Part:
    """Return the part of a code."""
    kind, row, day, actor = code.split(":")
    return Part(kind, int(row), int(day), actor)


class Replay(Simulation):
    """A world in which some parts are left out; its citizens and all other dice are those of the history.

    A unit left out is so loyal from the eve on that nothing moves it; a member of the elite neither hedges nor plots
    nor follows a nod from the patron; on a day left out nobody comes; dice left out are drawn anew under another name.
    """

    empty_days: frozenset[int] = frozenset()
    """On these days nobody comes into the street."""
    anew: frozenset[tuple[str, int, int]] = frozenset()
    """Whose dice are drawn anew, and on which day: (actor, row, day)."""

    def leave_out(self, parts: Iterable[Part]) -> None:
        """Leave parts out from now on."""
        parts = list(parts)
        for part in parts:
            if part.kind == UNIT:
                self.forces.agents[part.row].loyalty = FIRM
            if part.kind == ELITE:
                self.keep_out(part.row)
        self.empty_days |= {part.day for part in parts if part.kind == DAY}
        self.anew |= {(part.actor, part.row, part.day) for part in parts if part.kind == DICE}

    def keep_out(self, row: int) -> None:
        """Keep a member of the elite out of all plots."""
        member = self.elites.agents[row]
        member.stake, member.leaning, member.stance = FIRM, 0.0, Stance.LOYAL
        self.elites.commanders = [other for other in self.elites.commanders if other != row]

    def hear_news(self) -> None:
        """Bring the day's news; on a day left out nobody is free."""
        super().hear_news()
        if self.day in self.empty_days:
            self.street.availability[:] = 0.0

    def lot(self, purpose: Purpose, actor: int = 0) -> float:
        """Return today's uniform die of an actor, perhaps drawn anew."""
        return chance.uniform(self._dice_for(purpose, actor), purpose.value, actor, self.day)

    def bell(self, purpose: Purpose, actor: int = 0) -> float:
        """Return today's normal die of an actor, perhaps drawn anew."""
        return chance.normal(self._dice_for(purpose, actor), purpose.value, actor, self.day)

    def _dice_for(self, purpose: Purpose, actor: int) -> np.uint64:
        """Return the seed of an actor's dice today."""
        whose = DICE_OF.get(purpose, "")
        row = actor if whose == COMMANDER else -1
        return np.uint64(chance.day_key(self.dice, np.uint64(0), ANEW)) if self._is_anew(whose, row) else self.dice

    def _is_anew(self, whose: str, row: int) -> bool:
        return (whose, row, self.day) in self.anew


class Watched(Replay):
    """The same, with a note of who did what on which day."""

    def watch(self) -> None:
        """Begin to take notes."""
        self.thrown: set[tuple[str, int, int]] = set()
        self.aside: Counter[int] = Counter()
        self.hedged: Counter[int] = Counter()
        self.plotted: Counter[int] = Counter()
        self.crowds: dict[int, float] = {}

    def _is_anew(self, whose: str, row: int) -> bool:
        if whose and hasattr(self, "thrown"):
            self.thrown.add((whose, row, self.day))
        return super()._is_anew(whose, row)

    def step(self) -> None:
        """Live a day, and note who stood aside, hedged or plotted, and how many came."""
        super().step()
        doing, stance = self.forces.columns["doing"], self.elites.columns["stance"]
        self.aside.update(np.flatnonzero((doing == Doing.ASIDE) | (doing == Doing.REFUSING)).tolist())
        self.hedged.update(np.flatnonzero(stance == Stance.HEDGING).tolist())
        self.plotted.update(np.flatnonzero((stance == Stance.PLOTTING) | (stance == Stance.PURGED)).tolist())
        self.crowds[self.day] = float(self.crowd.people.sum())

    def parts(self, since: int) -> list[tuple[Part, float]]:
        """Return all that can be left out, each with how large a part it had; dice and crowds from a day on.

        A unit's part is the days on which it stood aside, a member's those on which he hedged or (these weigh more)
        plotted, a day's its crowd; of dice, the later weigh more.
        """
        elites = self.elites
        leaning = (elites.columns["leaning"] > 0.5) & (elites.columns["commands"] == 1)
        members = {*self.hedged, *self.plotted, *np.flatnonzero(leaning).tolist()}
        units = [(Part(UNIT, row=row), float(self.aside[row])) for row in range(self.forces.q.size)]
        elite = [(Part(ELITE, row=row), self.hedged[row] + 1e3 * self.plotted[row]) for row in sorted(members)]
        days = [(Part(DAY, day=day), crowd) for day, crowd in self.crowds.items() if day >= since and crowd > 0.0]
        dice = [
            (Part(DICE, row=row, day=day, actor=whose), float(day)) for whose, row, day in sorted(self.thrown)
            if day >= since and (whose != COMMANDER or row in self.plotted)
        ]  # fmt: skip
        return [*units, *elite, *days, *dice]


def ending_of(world: Simulation) -> dict[str, Any]:
    """Return how a world ended."""
    judge = world.judge
    return {
        "ending": str(judge.ending), "ended_on": judge.ended_on, "cause": judge.cause,
        "entered_on": world.regime.entered_on,
    }  # fmt: skip


def replayed(run: Run) -> dict[str, Any]:
    """Live a run again without some parts, perhaps with other luck from the day of entry on; return how it ends."""
    asked = dict(run.asked)
    world = built(run, Replay)
    world.leave_out(part_of(code) for code in str(asked["out"]).split())
    future = int(asked["future"])
    if future < 0:
        return ending_of(world.run())
    entry = run.episode.day_of(run.episode.entering.date)
    return ending_of(world.run(entry - 1).fork(dice=future).run())


def told(run: Run) -> dict[str, Any]:
    """Live a run; return how it ends, its days, what was noted, and all parts that could be left out (as JSON)."""
    world = built(run, Watched)
    world.watch()
    world.run()
    entry = run.episode.day_of(run.episode.entering.date)
    parts = {part.code: weight for part, weight in world.parts(entry)}
    names = {row: world.forces.name(row) for row in range(world.forces.q.size)}
    commands = np.flatnonzero(world.elites.columns["commands"] == 1).tolist()
    columns = list(MEASURES)
    series = {
        name: [round(row[columns.index(name)], 4) for row in world.rows]
        for name in ("capital_crowd", "standing_aside", "refused", "load", "hedging")
    }
    return ending_of(world) | {
        "notes": json.dumps(world.notes), "parts": json.dumps(parts), "units": json.dumps(names),
        "commanders": json.dumps(commands), "series": json.dumps(series),
        "days_aside": json.dumps(world.judge.aside_days), "days_failed": json.dumps(world.judge.failed_days),
        "lost_control_on": world.judge.lost_control_on,
    }  # fmt: skip
