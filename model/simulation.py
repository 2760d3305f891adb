"""One world: a country, its actors and their days.

``Simulation.step`` is one calendar day. Its phases, in order:

1. news: what happened yesterday is known, old anger fades, the calendar brings its events;
2. Moscow looks at his strength, helps, asks;
3. the regime answers the street and, weekly, Moscow;
4. orders: who is deployed, and the risk that this shows;
5. citizens decide;
6. the street: units obey, shirk or stand aside, people are caught, violence is seen, soldiers die at the front;
7. units and elites react: strain, resignations, hedging, plots;
8. outcomes: has he fallen?
9. measures.
"""

import copy
import dataclasses
import datetime as dt
import functools
from enum import StrEnum
from typing import Any

import mesa
import numpy as np
import pandas as pd

from agents.citizen.crowd import Crowd
from agents.citizen.mood import Mood, Outlets
from agents.citizen.population import Citizen, Population
from agents.elite import Elites
from agents.ground import chance
from agents.ground.chance import Purpose
from agents.moscow import Moscow, Support
from agents.regime import Lessons, Regime, Rung
from agents.security import Forces
from model.beliefs import lessons_of
from model.calendar import calendar
from model.episode import RUNGS, SUPPORTS, Episode, Event, Start, load_episode
from model.front import Front
from model.measures import MEASURES
from model.outcomes import Ending, Judge
from model.parameters import Parameters, nearest
from model.street import Street

MOST_KEPT = 100_000
"""Worlds of more citizens live their past each for itself: a copy would double their memory."""


class Arm(StrEnum):
    """What he does: stays out, enters on the episode's date, or decides himself (C5)."""

    STAY = "stay"
    ENTER = "enter"
    DECIDE = "decide"


class SimulationError(ValueError):
    """A world that cannot be built; the message names what was given and what is expected."""


class Simulation(mesa.Model):
    """A world of one episode under one set of parameters.

    Args:
        episode: the country and its timeline, or the name of one.
        parameters: the numbers of the rules; those that the episode has of its own count more.
        arm: ``stay``, ``enter`` or ``decide``; the first two lock the rung of the war ladder only.
        rng: the seed [whole number, 0 or more]: one seed, one history.
        history: the seed of the people and of the episode's past, if not the same: what comes after may then be lived
            with any luck.
        n_citizens: how many citizens stand for the electors.
        collect: whether to keep Mesa's ``datacollector`` beside our own ``series()``.
        threads: how many threads share the citizens' day; the history does not depend on it.
        past: whether to live the episode's past; else the world stands before its first day, and days are stepped.
        to_the_eve: whether to live the past to its end whatever happens; else it ends with a fall (``fell_before``).
        lessons: what others' years have taught him who decides; None: what stands beside the accepted worlds, for his
            history (``model/beliefs.py``).

    Raises:
        SimulationError: for an arm or a seed that does not exist, or an episode without the entry it is asked for.
        PopulationError: for a number of citizens that cannot be.
        RecordError: if he decides, and what he has learnt cannot be read.

    >>> world = Simulation("belarus-2020", rng=0, n_citizens=2_000)
    >>> world.run(days=2).day, world.running
    (2, True)
    """

    def __init__(
        self,
        episode: Episode | str = "belarus-2022",
        parameters: Parameters | None = None,
        *,
        arm: str = "stay",
        rng: int = 0,
        history: int | None = None,
        n_citizens: int = 20_000,
        collect: bool = False,
        threads: int = 1,
        past: bool = True,
        to_the_eve: bool = True,
        lessons: Lessons | None = None,
    ) -> None:
        seed = _seed(rng)
        super().__init__(rng=seed)
        self.episode = load_episode(episode) if isinstance(episode, str) else episode
        self.parameters = parameters if parameters is not None else Parameters()
        if self.episode.numbers:
            self.parameters = self.parameters.replace(dict(self.episode.numbers))
        self.arm = _arm(arm, self.episode)
        self.seed = seed
        """The seed from which the world was built."""
        self.history = seed if history is None else _seed(history)
        """The seed of the people and of the past."""
        self.lessons = lessons
        """What he who decides has learnt from other histories of falling after each choice (C5)."""
        if lessons is None and self.decides:
            self.lessons = lessons_of(self.episode, self.history)
        self.dice = np.uint64(self.history)
        """The seed of the dice of every day: of the past's, then of the world's own; a fork may change it."""
        self.day = -self.episode.past_days
        self.threads = threads
        self.notes: list[tuple[int, str]] = []
        self.past_rows: list[tuple[float, ...]] = []
        """The measures of every day of the past."""
        self.rows: list[tuple[float, ...]] = []
        """The measures of every day from the first on."""
        self.fell_before: str = ""
        """What would have ended him in the past, which he is known to have survived; empty: nothing did."""
        self.datacollector = None
        if past and self.day < 0:
            self._take_over(_past_of(self, n_citizens, to_the_eve))
        else:
            self._build(n_citizens)
        if self.day == 0:
            self._stand_on_the_eve()
        self.datacollector = mesa.DataCollector({"day": "day", **MEASURES}) if collect else None

    def _build(self, n_citizens: int) -> None:
        """Put the country, its actors and the places where they meet together."""
        self.calendar = calendar(self.episode)
        self.citizens = Population(self, self.episode, self.parameters, self.history, n_citizens)
        self._agents_by_type[Citizen] = self.citizens
        self.forces = Forces(self)
        self.elites = Elites(self)
        self.regime = Regime(self)
        self.moscow = Moscow(self)
        self.mood = Mood(self)
        self.media = Outlets(self)
        self.street = Street(self)
        self.crowd = Crowd(self)
        self.front = Front(self)
        self.judge = Judge(self.parameters.outcome)

    def _take_over(self, other: "Simulation") -> None:
        """Become what another world is by now, but with this one's episode, arm, lessons, seed, and Mesa's clock."""
        own = {name: getattr(self, name) for name in ("episode", "arm", "seed", "lessons")}
        clock = vars(mesa.Model()).keys() - {"_agents_by_type", "_all_agents", "agent_id_counter"}
        theirs = {name: value for name, value in vars(other).items() if name not in clock}
        memo = other._shared() | {id(other): self, id(other.random): self.random}
        self.__dict__.update(copy.deepcopy(theirs, memo), **own, calendar=calendar(self.episode))

    def _stand_on_the_eve(self) -> None:
        """Stand on the eve of the first day: what the past has left goes on, counts begin anew, so do the dice."""
        start = self.episode.start
        self.dice = np.uint64(self.seed)
        self.regime.rung = Rung(RUNGS.index(start.rung))
        self.moscow.support = Support(SUPPORTS.index(start.support))
        self.moscow.debt += start.debt
        self.moscow.refusals = 0
        self.forces.loyalty_drift = self.parameters.security.loyalty_drift
        self.judge = Judge(self.parameters.outcome)
        self.front.open()
        self.crowd.detained_total = self.forces.resigned_total = self.citizens.aid_total = 0.0
        if self.regime.lent_territory:
            self.mood.step_into_war(self.regime.rung)

    # What the actors ask of the world.

    @property
    def date(self) -> dt.date:
        """Today's date (the day before the first at the very start)."""
        return self.episode.date_of(self.day)

    @property
    def decides(self) -> bool:
        """Whether he chooses his rung himself."""
        return self.arm == Arm.DECIDE

    def holds(self, switch: str) -> bool:
        """Whether a claim's mechanism is on."""
        return switch not in self.parameters.without

    def lot(self, purpose: Purpose, actor: int = 0) -> float:
        """Return today's uniform die [0, 1) of an actor and a purpose."""
        return chance.uniform(self.dice, purpose.value, actor, self.day)

    def bell(self, purpose: Purpose, actor: int = 0) -> float:
        """Return today's normal die (mean 0, sd 1) of an actor and a purpose."""
        return chance.normal(self.dice, purpose.value, actor, self.day)

    def key(self, purpose: Purpose) -> np.uint64:
        """Return the key of today's dice of a purpose, for the loops over all actors of a kind."""
        return np.uint64(chance.day_key(self.dice, int(purpose), self.day))

    def note(self, sentence: str) -> None:
        """Enter a sentence in the log of events."""
        self.notes.append((self.day, sentence))

    # What can be done to a world: by its arm, by the actors, or by whoever plays with it.

    def set_rung(self, rung: int) -> None:
        """Put him on a rung of the war ladder: troops go to the front or come home (C2)."""
        self.front.move_to(rung)

    def enter_war(self) -> None:
        """Enter the war now, on the episode's rung, whatever the arm.

        Raises:
            SimulationError: if the episode does not say with what.
        """
        if self.episode.entry is None:
            raise SimulationError(f"{self.episode.name} has no [entry]: it does not say with what he would enter")
        self.set_rung(RUNGS.index(self.episode.entry.rung))

    def withdraw(self) -> None:
        """Bring the troops home; the lent territory stays lent."""
        self.set_rung(min(self.regime.rung, Rung.TERRITORY))

    def moscow_drops(self) -> None:
        """Let Moscow drop him: no support any more."""
        self.moscow.drop()

    def moscow_asks(self) -> None:
        """Let Moscow ask for the next rung now; he answers at once, by his own rule if he decides (C1, C5)."""
        self.note(f"{self.episode.patron} asks for the next step")
        before, self.moscow.demands = self.moscow.demands, True
        self.regime.answer_moscow()
        self.moscow.demands = before

    def moscow_gives_money(self) -> None:
        """Let Moscow give money, whatever his strength; he owes it for that (C3, C15)."""
        self.moscow.give(max(self.moscow.support, Support.MONEY))

    def moscow_sends_men(self) -> None:
        """Let Moscow send men to hold his street, whatever his strength; he owes it for that (C3, C15)."""
        self.moscow.give(Support.TROOPS)

    def open_media(self) -> None:
        """Let all news through: no grip, nothing closed."""
        self.media.open()
        self.note("The media are open")

    def switch_off(self, *claims: str) -> None:
        """Switch the mechanisms of some claims off from now on; what they have brought so far stays as it is.

        What they keep in people and units is levelled: aversions (C7), loyalties and stakes (C13); of the shock of the
        last step into the war (C6) nothing is left.

        Raises:
            ParameterError: if there is no such switch.
        """
        self.parameters = self.parameters.switch_off(*claims)
        if "war_anger" in claims:
            self.mood.forget_the_war()
        if "war_aversion" in claims:
            self.citizens.level_aversion()
        if "divided_forces" in claims:
            self.forces.level_loyalty()
            self.elites.level_stakes()

    def fork(self, dice: int | None = None) -> "Simulation":
        """Return a copy of this running world, whose future equals this one's until something is changed.

        Args:
            dice: a number for new luck from tomorrow on; None for the same dice.
        """
        twin = copy.deepcopy(self, self._shared())
        if dice is not None:
            twin.dice = np.uint64(chance.day_key(self.dice, np.uint64(0), np.uint64(dice + 1)))
        return twin

    def _shared(self) -> dict[int, Any]:
        """Return what a copy need not copy: it does not change."""
        people = self.citizens
        shared = [self.episode, self.parameters, self.lessons, self.calendar, people.ties_start, people.observers]
        shared += [*self.past_rows, *self.rows]  # the days that were lived
        return {id(thing): thing for thing in shared}

    def run(self, days: int | None = None) -> "Simulation":
        """Step until he falls or the episode ends, at most ``days`` days; return the world."""
        left = self.episode.days - self.day if days is None else days
        while left > 0 and self.running:
            self.step()
            left -= 1
        return self

    # The day.

    def step(self) -> None:
        """Live one day (see the top of this file)."""
        if self.day >= self.episode.days:
            self.running = False
            return
        self.day += 1
        self.hear_news()
        self.moscow.step()
        self.regime.step()
        self.street.deploy()
        self.crowd.decide()
        self.street.meet()
        self.front.bury()
        self.citizens.abroad()
        self.forces.step()
        self.elites.step()
        self.judge_day()
        self.observe()
        if self.day == 0:
            self._stand_on_the_eve()

    def hear_news(self) -> None:
        """Let old anger fade, renew the slow dice, and bring the calendar's events."""
        self.mood.fade()
        self.media.new_day()
        for actor in (self.forces, self.moscow, self.regime):
            actor.renew_dice()
        self.street.open_day()
        for event in self.calendar.events.get(self.day, ()):
            self.happens(event)
        if self.arm == Arm.ENTER and self.day == self.calendar.entry_day:
            self.enter_war()
        elif self.arm == Arm.ENTER and self.day == self.calendar.withdrawal_day:
            self.withdraw()
        self.street.heed_calls()

    def happens(self, event: Event) -> None:
        """Bring one event of the calendar."""
        if event.kind == "stolen_election":
            self.mood.resent(event.size)
        if event.kind in ("stolen_election", "gathering"):
            self.street.summon(event.size)
        if event.kind in ("talks", "talks_end"):
            self.regime.talks = event.kind == "talks"
        if event.kind in ("nukes_permitted", "nukes_hosted"):
            setattr(self.regime, event.kind, True)
        if event.kind == "shock":
            self.mood.shock(event.size, event.audience)
        if event.kind == "killed":
            self.mood.mourn(event.size)
        if event.kind == "blackout":
            self.media.black_out(
                event.size * self.parameters.citizen.blackout, self.episode.day_of(event.until) if event.until else None
            )
        if event.kind == "defeat":
            self.front.lose()
        if event.kind == "provocation":
            self.regime.tussle()
        if event.kind == "emigration" and self.holds("diaspora"):
            self.citizens.emigrate(event.size * self.parameters.citizen.emigrated)
        if event.kind in ("war", "war_ends"):
            self.mood.war_since = self.day if event.kind == "war" else None
        self.note(event.text or event.kind.replace("_", " "))

    def judge_day(self) -> None:
        """Say whether he has fallen, and how."""
        judge, elites = self.judge, self.elites
        replaced = (elites.with_moscow and elites.coup) or self.moscow.strikes()
        judge.watch(
            self.day,
            self.street.x,
            order_failed=self.street.order_failed,
            stood_aside=self.forces.aside_share > 0.5,
            attempted=elites.attempted,
            coup=elites.coup and not replaced,
            gave_up=self.regime.gives_up(),
            replaced=replaced,
        )
        if judge.ended_on is not None and self.day <= 0:
            self.fell_before = self.fell_before or f"{self.date}: {judge.cause}"
            judge.ending, judge.ended_on, judge.cause = Ending.SURVIVED, None, ""
        if judge.ended_on is not None and self.running:
            self.running = False
            self.note(f"He falls: {judge.cause}")
        if self.day >= self.episode.days:
            self.running = False

    def observe(self) -> None:
        """Enter the day's measures; ask the pollsters weekly."""
        self.mood.ask_pollsters()
        rows = self.rows if self.day > 0 else self.past_rows
        rows.append(tuple([measure(self) for measure in MEASURES.values()]))
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def series(self) -> pd.DataFrame:
        """Return the measures of every day lived so far, by date."""
        dates = pd.to_datetime([self.episode.date_of(day + 1) for day in range(len(self.rows))])
        return pd.DataFrame(self.rows, columns=list(MEASURES), index=pd.Index(dates, name="date"))


def _past_of(world: Simulation, n_citizens: int, to_the_eve: bool) -> Simulation:
    """Return a world that has lived the past of another's episode; of small ones, the last is kept for its twins."""
    episode = world.episode
    alike = dataclasses.replace(episode, entry=None, start=Start())
    lived = _lived if n_citizens <= MOST_KEPT else _lived.__wrapped__
    return lived(alike, world.parameters, world.history, n_citizens, world.threads, to_the_eve)


@functools.lru_cache(maxsize=1)
def _lived(
    episode: Episode, parameters: Parameters, history: int, n_citizens: int, threads: int, to_the_eve: bool
) -> Simulation:
    """Live the past of an episode, or of it as much as he survives."""
    world = Simulation(episode, parameters, rng=history, n_citizens=n_citizens, threads=threads, past=False)
    while world.day < 0 and (to_the_eve or not world.fell_before):
        world.step()
    return world


def _seed(rng: Any) -> int:
    """Return a seed, or refuse what is none."""
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or not 0 <= rng < 2**63:
        raise SimulationError(f"rng = {rng!r}; expected a seed, a whole number from 0 to 2^63 - 1")
    return int(rng)


def _arm(arm: str, episode: Episode) -> Arm:
    """Return an arm, or refuse what is none."""
    if arm not in list(Arm):
        raise SimulationError(f"arm = {arm!r}; expected one of {', '.join(Arm)}{nearest(str(arm), list(Arm))}")
    if arm != Arm.STAY and episode.entry is None:
        raise SimulationError(f"{episode.name} has no [entry]: only the arm stay can be run")
    return Arm(arm)
