"""A world lived again with some parts left out: units, members of the elite, days' crowds, an actor's dice on a day."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents.elite import Stance
from agents.ground import chance
from agents.ground.chance import Purpose
from agents.security import Doing
from model.measures import MEASURES
from model.simulation import Simulation

UNIT, ELITE, DAY, DICE = "unit", "elite", "day", "dice"
KINDS = (UNIT, ELITE, DAY, DICE)
MIXED = "mixed"
"""All kinds of parts together; asked only where no part alone is enough."""
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


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a run that was lived with notes tells."""

    ending: str
    cause: str
    ended_on: int | None
    lost_control_on: int | None
    notes: Sequence[tuple[int, str]]
    parts: Mapping[Part, float]
    units: Mapping[int, str]
    commanders: Sequence[int]
    series: Mapping[str, Sequence[float]]
    days_aside: Sequence[int]
    days_failed: Sequence[int]

    def peak(self, measure: str, since: int) -> tuple[float, int]:
        """Return the largest value of a measure from a day on, and its first day."""
        values = np.asarray(self.series[measure][since - 1 :])
        place = int(values.argmax())
        return float(values[place]), since + place

    def of_kind(self, kind: str) -> list[Part]:
        """Return the parts of a kind, the largest first."""
        return sorted((part for part in self.parts if part.kind == kind), key=lambda part: -self.parts[part])


SERIES = ("capital_crowd", "standing_aside", "refused", "load", "hedging")
"""The measures that are kept of a life, by day."""


def life(world: Simulation, parts: Iterable[tuple[Part, float]] = ()) -> Life:
    """Return what a world that was lived tells, with the parts that could be left out of it."""
    judge, columns = world.judge, list(MEASURES)
    return Life(
        ending=str(judge.ending), cause=judge.cause, ended_on=judge.ended_on, lost_control_on=judge.lost_control_on,
        notes=list(world.notes), parts=dict(parts),
        units={row: world.forces.name(row) for row in range(world.forces.q.size)},
        commanders=np.flatnonzero(world.elites.columns["commands"] == 1).tolist(),
        series={name: [round(row[columns.index(name)], 4) for row in world.rows] for name in SERIES},
        days_aside=list(judge.aside_days), days_failed=list(judge.failed_days),
    )  # fmt: skip


def candidates(fall: Life) -> dict[str, list[Part]]:
    """Return what can be left out of a run that fell, by kind, the largest part first."""
    return {kind: fall.of_kind(kind) for kind in KINDS}
