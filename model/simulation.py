"""One world: a country, its actors and their days.

``Simulation.step`` is one calendar day. Its phases, in order:

1. news: what happened yesterday is known, old anger fades, the calendar brings its events;
2. Moscow looks at his strength, helps, asks;
3. the regime answers the street and, weekly, Moscow;
4. orders: who is deployed, and the risk that this shows;
5. citizens decide;
6. the street: units obey or refuse, people are caught, violence is seen, soldiers die at the front;
7. units and elites react: strain, resignations, hedging, plots;
8. outcomes: has he fallen?
9. measures.
"""

import copy
import datetime as dt
import functools
import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

import mesa
import numpy as np
import pandas as pd

from agents import citizen as citizens
from agents import elite as elites
from agents import moscow as patron
from agents import regime as regimes
from agents import security
from agents.citizen import Citizen, Status
from agents.elite import Stance
from agents.moscow import Moscow, Support
from agents.regime import Posture, Regime, Rung
from model import chance, engine
from model.chance import Purpose
from model.episode import RUNGS, SUPPORTS, Episode, load_episode
from model.institutions import Elites, Forces
from model.measures import MEASURES
from model.outcomes import Judge
from model.parameters import Parameters, nearest
from model.population import Population

SUNDAY = 6
ROWS_PER_THREAD = 200_000
"""Fewer citizens than this are not worth a thread of their own."""


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
        parameters: the numbers of the rules.
        arm: ``stay``, ``enter`` or ``decide``; the first two lock the rung of the war ladder only.
        rng: the seed [whole number, 0 or more]: one seed, one history.
        n_citizens: how many citizens stand for the electors.
        collect: whether to keep Mesa's ``datacollector`` beside our own ``series()``.
        threads: how many threads share the citizens' day; the history does not depend on it.

    Raises:
        SimulationError: for an arm or a seed that does not exist, or an episode without the entry it is asked for.
        PopulationError: for a number of citizens that cannot be.

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
        n_citizens: int = 20_000,
        collect: bool = False,
        threads: int = 1,
    ) -> None:
        seed = _seed(rng)
        super().__init__(rng=seed)
        self.episode = load_episode(episode) if isinstance(episode, str) else episode
        self.parameters = parameters if parameters is not None else Parameters()
        self.arm = _arm(arm, self.episode)
        self.seed = seed
        """The seed from which the world was built."""
        self.dice = np.uint64(seed)
        """The seed of the dice of every day; only a fork that wants new luck changes it."""
        self.day = 0
        self.threads = threads
        self.notes: list[tuple[int, str]] = []
        self._build(n_citizens)
        self.datacollector = mesa.DataCollector({"day": "day"} | MEASURES) if collect else None
        self.rows: list[list[float]] = []

    # Building the world.

    def _build(self, n_citizens: int) -> None:
        episode, numbers, carried = self.episode, self.parameters, self.episode.start.carried
        self.calendar = calendar(episode)
        self.citizens = Population(self, episode, numbers, self.seed, n_citizens)
        self._agents_by_type[Citizen] = self.citizens
        self.forces = Forces(self, episode, numbers, self.seed)
        self.elites = Elites(self, numbers, self.seed)
        start = episode.start
        self.regime = Regime(self, RUNGS.index(start.rung), numbers.regime.media_grip)
        self.moscow = Moscow(self, numbers.carry.debt if carried else start.debt, SUPPORTS.index(start.support))
        self.judge = Judge(numbers.outcome)

        people = self.citizens
        self.persons = people.by_region(people.counts)
        """Electors of each region [people]."""
        self.elected = float(self.persons.sum())
        """All electors [people]."""
        self.n_regions = self.persons.size
        self.strata_regions = np.arange(people.counts.size) // 2
        self.halves = numbers.security.detention_half_crowd * self.persons / self.persons.sum()

        self.focal = self.violence = self.war_shock = 0.0
        self.closed = 0.0
        self.penalty = numbers.citizen.penalty
        self.loyalty_drift = 0.0
        if carried:
            self.violence = numbers.carry.memory
            self.closed = numbers.carry.media_closed
            self.penalty *= numbers.carry.penalty_rise
            self.loyalty_drift = numbers.carry.loyalty_drift
        self.organising = numbers.carry.organising if carried else 1.0
        self.dead_recent = self.dead_total = self.dead_today = 0.0
        self.front_since: int | None = None
        self.call = self.availability = self.announced = 0.0
        self.open_square = self.beaten = False
        self.effort = 0.0
        self.last_crowd = np.zeros(self.n_regions)
        """The crowd of the last gathering by region [people]."""
        self.caught_lately = np.zeros(self.n_regions)
        self.out_lately = np.zeros(self.n_regions)
        self.crowd = np.zeros(self.n_regions)
        """Today's crowd by region [people]."""
        self.detained = np.zeros(self.n_regions)
        """Those caught today by region [people]."""
        self.detained_total = self.resigned_total = self.aid_total = 0.0
        self.obeying_share = 1.0
        self.ordered = self.order_failed = False
        self.strengths = [1.0] * 14
        self.x = self.x_movement = 0.0
        self.mean_q = 1.0
        self.hedging_share = 0.0
        self.last_purge: int | None = None
        self.common_shock = self.view_noise = 0.0
        self.sure_weights = self.forces.within_reach(numbers.security.reach)
        self.poll = {"against": 0.0, "tells": 0.0, "averse": 0.0}
        self._buffers(n_citizens)
        self._fading()
        self._weigh_forces()

    def _buffers(self, n: int) -> None:
        """Make room once for what a day writes: nothing is allocated in a day."""
        strata = self.citizens.counts.size
        parts = max(1, min(self.threads, -(-n // ROWS_PER_THREAD)))
        bounds = [n * part // parts for part in range(parts + 1)]
        self._parts = [(first, last, np.zeros((4, strata), np.int64)) for first, last in itertools.pairwise(bounds)]
        self._changed, self._out, self._caught = (np.zeros(n, np.uint32) for _ in range(3))
        self._n_changed, self._n_out = [0] * parts, [0] * parts
        self._n_detained = np.zeros(strata, np.int64)
        self._moved = np.zeros(strata, np.int64)

    def _fading(self) -> None:
        """Work out once how much of each lasting thing is left after a day."""
        numbers, keep = self.parameters, chance.persistence
        self.keeps = {
            "focal": keep(numbers.citizen.focal_half_life),
            "violence": keep(numbers.citizen.outrage_half_life),
            "shock": keep(numbers.citizen.war_shock_half_life),
            "recent": keep(numbers.citizen.loss_half_life),
            "risk": keep(numbers.citizen.risk_half_life),
            "mood": keep(numbers.citizen.mood_half_life, engine.MOOD_RENEWAL),
            "signal": keep(numbers.security.signal_half_life),
            "strain": keep(numbers.security.strain_half_life),
            "belief": keep(numbers.regime.belief_half_life),
            "elite": keep(numbers.elite.belief_half_life),
            "view": keep(numbers.moscow.view_half_life),
        }

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

    def lot(self, purpose: str, actor: int = 0) -> float:
        """Return today's uniform die [0, 1) of an actor and a purpose."""
        return chance.uniform(self.dice, Purpose[purpose].value, actor, self.day)

    def bell(self, purpose: Purpose, actor: int = 0) -> float:
        """Return today's normal die (mean 0, sd 1) of an actor and a purpose."""
        return chance.normal(self.dice, purpose.value, actor, self.day)

    def note(self, sentence: str) -> None:
        """Enter a sentence in the log of events."""
        self.notes.append((self.day, sentence))

    def need(self) -> float:
        """Return Moscow's need of him at the front today [0 to 2, times the course of the front] (C1)."""
        entry, war = self.episode.entry, self.parameters.war
        course = {"advance": war.advance_need, "defeat": war.defeat_need}.get(entry.front if entry else "", 1.0)
        return float(self.calendar.need[self.day]) * course

    def geography(self) -> float:
        """Return what his geography is worth against Moscow today [0 to 1] (C14); without C14 its mean."""
        return float(self.calendar.geography[self.day] if self.holds("geography") else self.calendar.geography.mean())

    def patron_troops(self) -> float:
        """Return the Russian troops in the country today [people]."""
        sent = self.parameters.moscow.reserve_troops if self.moscow.support == Support.TROOPS else 0.0
        return float(self.calendar.patron_troops[self.day]) + sent

    def movement_load(self) -> float:
        """Return X if all who are mobilised in the capital came [ratio]."""
        return self.x_movement

    def strength_shown(self) -> float:
        """Return how strong he looks to Moscow: the mean of 14 days, with Moscow's own error [0 to 1] (C15)."""
        noise = self.parameters.moscow.view_noise * self.view_noise
        return min(1.0, max(0.0, sum(self.strengths) / len(self.strengths) + noise))

    def refusal_price(self) -> float:
        """Return the share of the subsidy that refusing costs today [0 to 1] (C19)."""
        if not self.holds("refusal_cost"):
            return 0.0
        return patron.price_of_refusal(self.moscow.pressure, self.geography())

    def commitment(self, rung: int) -> float:
        """Return how much of a war a rung is: the share of the troops sent [0 to 1] (C2)."""
        return (0.0, 0.0, self.parameters.war.limited_share, 1.0)[rung]

    def expected_losses(self, rung: int) -> float:
        """Return the losses that a year on a rung would bring [powers of ten above D0]."""
        dead = self.dead_a_day(self.commitment(rung) * self.troops(), self.parameters.war.killed_later) * 365.0
        return math.log10(1.0 + dead / self.elected * 1e6 / self.parameters.citizen.loss_half)

    def troops(self) -> float:
        """Return the troops of a full entry [people]."""
        return float(self.episode.entry.troops) if self.episode.entry else 0.0

    def dead_a_day(self, troops: float, killed: float) -> float:
        """Return the dead a day among troops, by the killed per 1,000 a week and the course of the front [people]."""
        war, front = self.parameters.war, self.episode.entry.front if self.episode.entry else "stalemate"
        course = {"advance": war.advance_losses, "defeat": war.defeat_losses}.get(front, 1.0)
        return troops * killed / 1000.0 / 7.0 * course

    # What can be done to a world: by its arm, by the actors, or by whoever plays with it.

    def set_rung(self, rung: int) -> None:
        """Put him on a rung of the war ladder: troops go to the front or come home (C2)."""
        before, self.regime.rung = self.regime.rung, Rung(rung)
        if rung > before:
            self.moscow.withheld = 0.0
        sent = self.commitment(rung) * self.troops()
        was_sent = self.commitment(before) * self.troops()
        self.forces.send(sent)
        self._weigh_forces()
        if sent > 0.0 and was_sent == 0.0:
            self.front_since = self.day
            self.regime.entered_on = self.regime.entered_on or self.day
            if self.holds("war_anger"):
                shock = self.parameters.citizen.war_shock
                self.war_shock += shock * self.parameters.citizen.focal_anger
                self.announced = min(1.0, shock)
            self.note(f"He enters the war ({self.regime.rung.name.lower()}), with {sent:,.0f} troops")
        elif sent == 0.0 and was_sent > 0.0:
            self.front_since = None
            self.note("The troops come home")
        elif rung != before:
            self.note(f"He is on another rung: {self.regime.rung.name.lower()}")

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

    def open_media(self) -> None:
        """Let all news through: no grip, nothing closed."""
        self.regime.grip = self.closed = 0.0
        self.note("The media are open")

    def fork(self, dice: int | None = None) -> "Simulation":
        """Return a copy of this running world, whose future equals this one's until something is changed.

        Args:
            dice: a number for new luck from tomorrow on; None for the same dice.
        """
        people = self.citizens
        shared = [self.episode, self.parameters, self.calendar, people.ties_start, people.observers]
        twin = copy.deepcopy(self, {id(thing): thing for thing in shared})
        if dice is not None:
            twin.dice = np.uint64(chance.day_key(self.dice, np.uint64(0), np.uint64(dice + 1)))
        return twin

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
        self.deploy()
        self.decide()
        self.meet_in_the_street()
        self.bury()
        self.units_react()
        self.elites_react()
        self.judge_day()
        self.observe()

    def hear_news(self) -> None:
        """Let old anger fade, renew the slow dice, and bring the calendar's events."""
        keeps = self.keeps
        self.focal *= keeps["focal"]
        self.violence *= keeps["violence"]
        self.war_shock *= keeps["shock"]
        self.common_shock = chance.drift(self.common_shock, keeps["signal"], self.bell(Purpose.COMMON_SHOCK))
        self.view_noise = chance.drift(self.view_noise, keeps["view"], self.bell(Purpose.VIEW))
        self.regime.belief_noise = chance.drift(self.regime.belief_noise, keeps["belief"], self.bell(Purpose.BELIEF))
        sunday = self.calendar.weekday[self.day] == SUNDAY
        numbers = self.parameters.citizen
        stays = numbers.square_availability if self.open_square else numbers.weekday_availability
        self.call, self.announced = self.announced, 0.0
        self.availability = 1.0 if sunday or self.beaten else stays
        for event in self.calendar.events.get(self.day, ()):
            self._happens(event)
        entry = self.episode.entry
        if entry and self.arm == Arm.ENTER:
            if self.day == self.calendar.entry_day:
                self.enter_war()
            elif self.day == self.calendar.withdrawal_day:
                self.withdraw()
        if self.call > 0.0:
            self.availability = max(self.availability, self.call)

    def _happens(self, event: Any) -> None:
        """Bring one event of the calendar."""
        if event.kind == "stolen_election":
            self.focal += event.size * self.parameters.citizen.focal_anger
        if event.kind in ("stolen_election", "gathering"):
            self.call = max(self.call, event.size)
        if event.kind in ("talks", "talks_end"):
            self.regime.talks = event.kind == "talks"
        if event.kind in ("nukes_permitted", "nukes_hosted"):
            setattr(self.regime, event.kind, True)
        self.note(event.text or event.kind.replace("_", " "))

    def gdp_lost(self) -> float:
        """Return what sanctions and a withheld subsidy cost the country [% of GDP] (C4, C10, C11, C19)."""
        numbers, regime = self.parameters.regime, self.regime
        cost = 0.0
        if self.holds("sanctions"):
            eased = numbers.talks_west if regime.talks and self.holds("talks") else 0.0
            lent = numbers.sanctions_base if regime.rung >= Rung.TERRITORY else 0.0
            cost = regimes.sanctions(
                lent, numbers.sanctions_entry, regime.provoked_sanctions, regime.rung > Rung.TERRITORY, eased
            )
        return cost + self.moscow.withheld * self.parameters.moscow.subsidy

    def grievance(self) -> float:
        """Return what everybody feels [sd]: a stolen vote, prices, shame at the lent land, talks (C10, C11)."""
        numbers = self.parameters.citizen
        felt = self.focal + numbers.economy_anger * self.gdp_lost()
        if self.regime.rung >= Rung.TERRITORY and self.holds("shame"):
            felt += numbers.shame
        if self.regime.talks and self.holds("talks"):
            felt -= self.parameters.regime.talks_home
        return felt

    def war_anger(self) -> float:
        """Return the anger at the war of a citizen of mean aversion [sd] (C6)."""
        numbers = self.parameters.citizen
        if not self.holds("war_anger"):
            return 0.0
        per_million = 1e6 / self.elected
        return citizens.war_anger(
            self.war_shock,
            numbers.loss_anger,
            self.dead_recent * per_million,
            self.dead_total * per_million,
            numbers.loss_half,
            numbers.loss_recent_share,
        )

    def news(self) -> np.ndarray:
        """Return the share of bad news that reaches each media diet [0 to 1] (C9, C12)."""
        numbers, people = self.parameters.citizen, self.citizens
        diaspora = 0.0
        if self.holds("diaspora"):
            gone = float(people.by_status[Status.EXILE] @ people.weights) / self.elected
            diaspora = min(1.0, numbers.diaspora_news * gone / 0.02)
        blocking = self.parameters.regime.blocking + (1.0 - self.parameters.regime.blocking) * self.closed
        heard = engine.news(self.regime.grip, blocking, numbers.word_of_mouth, diaspora)
        if not self.holds("media_grip"):
            heard[:] = heard @ self.episode.people.media
        return heard

    def deploy(self) -> None:
        """Deploy by the day's posture; what is deployed, and how many are expected to come, shows the risk (C8)."""
        numbers, people = self.parameters, self.citizens
        self.effort = (0.0, numbers.security.contain_effort, 1.0)[self.regime.posture]
        movement = people.by_region(people.n_mobilised)
        expected = np.maximum(movement, self.call * numbers.citizen.focal_turnout * self.persons)
        if not self.holds("defiance"):
            expected = self.halves
        officers = self._officers() * self.mean_q * self.effort
        chances = engine.chances(numbers.security.detention_rate, officers, expected, self.halves)
        lately = self.caught_lately / np.maximum(self.out_lately, 1.0)
        memory = lately if self.holds("defiance") else chances
        self.risk = self.penalty * citizens.risk_seen(memory, chances, numbers.citizen.deployment_view)
        share = self.last_crowd / self.persons
        near = numbers.citizen.local_view
        seen = near * share + (1.0 - near) * self.last_crowd.sum() / self.elected
        pull = numbers.citizen.crowd * self.organising
        self.crowd_seen = citizens.crowd_pull(pull, seen, numbers.citizen.crowd_half)

    def decide(self) -> None:
        """Let every citizen decide about the day, and count who is out by region [people]."""
        numbers, people = self.parameters.citizen, self.citizens
        columns, day = people.columns, self.day
        keys = [
            np.uint64(chance.day_key(self.dice, np.uint64(purpose), np.uint64(day)))
            for purpose in (Purpose.MOOD, Purpose.AVAILABILITY, Purpose.EXILE)
        ]
        news, grievance, war = self.news(), self.grievance(), self.war_anger()
        crowd_seen, risk = self.crowd_seen[self.strata_regions], self.risk[self.strata_regions]
        exile_chance = numbers.exile_chance if self.holds("diaspora") else 0.0
        ties = numbers.ties * self.organising

        def part(index: int) -> None:
            first, last, counts = self._parts[index]
            counts[:] = 0
            engine.renew_moods(first, last, columns["mood"], keys[0], self.keeps["mood"], day)
            self._n_changed[index], self._n_out[index] = engine.decide(
                first, last, day, columns["status"], columns["mobilised"], columns["stratum"], columns["media"],
                columns["opposition"], columns["threshold"], columns["aversion"], columns["risk_aversion"],
                columns["mood"], columns["tie_count"], columns["free_day"], news, crowd_seen, risk, grievance,
                self.violence, war, ties, numbers.noise, people.n_ties, self.availability, keys[1], keys[2],
                exile_chance, self._changed, self._out, counts,
            )  # fmt: skip

        if len(self._parts) == 1:
            part(0)
        else:
            with ThreadPoolExecutor(len(self._parts)) as pool:
                list(pool.map(part, range(len(self._parts))))
        counts = sum(part[2] for part in self._parts)
        people.n_mobilised += counts[0]
        released, exiled = counts[2], counts[3]
        people.by_status[Status.DETAINED] -= released + exiled
        people.by_status[Status.EXILE] += exiled
        people.by_status[Status.HOME] += people.by_status[Status.STREET] + released - counts[1]
        people.by_status[Status.STREET] = counts[1]
        for (first, _, _), changed in zip(self._parts, self._n_changed, strict=True):
            people.tell(self._changed[first : first + changed], changed)
        self.crowd = people.by_region(counts[1])
        if self.availability >= 1.0:
            self.last_crowd = self.crowd

    def meet_in_the_street(self) -> None:
        """Let the units obey or refuse, the street fill the vans, and everybody see it (C8, C13)."""
        numbers = self.parameters.security
        force = self.force_at_hand()
        capital = self.episode.capital
        crowd = float(self.crowd[capital])
        self._ask_units(crowd, force)
        self.ordered = self.regime.posture == Posture.DISPERSE and crowd > 0.0
        seen = 1.0 - security.load(crowd, numbers.containment, force) + numbers.common_shock * self.common_shock
        columns, forces = self.forces.columns, self.forces
        self.obeying_share = engine.obey_or_refuse(
            self.ordered, security.cutoff(self.mean_q), seen, numbers.signal_noise, columns["signal"], forces.q,
            self.sure_weights, forces.front, columns["doing"],
        )  # fmt: skip
        own = force - self.patron_force()
        obeying = self.obeying_share * own + self.patron_force()
        failed = self.ordered and security.dispersal_fails(crowd, numbers.containment, obeying)
        if failed and not self.order_failed:
            self.note("The order to disperse fails")
        self.order_failed = self.beaten = failed
        self.open_square = self.regime.posture == Posture.RESTRAIN
        share = self.obeying_share if self.ordered else self.mean_q
        officers = self._officers() * share * self.effort
        chances = engine.chances(numbers.detention_rate, officers, self.crowd, self.halves)
        if failed:
            chances[capital] = 0.0
        self._arrest(chances)

    def _arrest(self, chances: np.ndarray) -> None:
        """Catch people in the street, region by region, and let it be seen and remembered."""
        numbers, people, columns, day = self.parameters, self.citizens, self.citizens.columns, np.uint64(self.day)
        keys = [
            np.uint64(chance.day_key(self.dice, np.uint64(purpose), day))
            for purpose in (Purpose.ARREST, Purpose.DETENTION)
        ]
        self._n_detained[:] = 0
        by_stratum = chances[self.strata_regions]
        for (first, _, _), out in zip(self._parts, self._n_out, strict=True):
            caught = engine.arrest(
                self._out[first : first + out], out, self.day, columns["status"], columns["mobilised"],
                columns["stratum"], columns["free_day"], columns["ever_out"], by_stratum, *keys,
                numbers.security.detention_days, people.n_mobilised, self._n_detained, people.n_ever, self._caught,
            )  # fmt: skip
            people.tell(self._caught, caught)
        people.by_status[Status.STREET] -= self._n_detained
        people.by_status[Status.DETAINED] += self._n_detained
        self.detained = people.by_region(self._n_detained)
        total = float(self.detained.sum())
        self.detained_total += total
        self.violence += numbers.citizen.outrage * citizens.outrage(total, numbers.citizen.outrage_half_count)
        keep = self.keeps["risk"]
        self.caught_lately = keep * self.caught_lately + self.detained
        self.out_lately = keep * self.out_lately + self.crowd

    def _ask_units(self, crowd: float, force: float) -> None:
        """Set every unit's willingness, and X of the crowd in the capital and of all who are mobilised there."""
        numbers, people, forces = self.parameters.security, self.citizens, self.forces
        capital = self.episode.capital
        movement = people.by_region(people.n_mobilised)
        asked = numbers.violence_effect * min(1.0, security.load(crowd, numbers.containment, force))
        kin = numbers.kin_effect * (movement / self.persons)[forces.columns["region"]]
        columns = forces.columns
        mean = engine.answer_order(
            self.sure_weights, numbers.obedience + self.loyalty_drift, columns["loyalty"], numbers.loyalty_effect,
            numbers.support_effect * self.moscow.support / Support.TROOPS, columns["strain"], numbers.strain_effect,
            kin, numbers.loss_effect * 100.0 * forces.loss_share, asked, forces.front, forces.q,
        )  # fmt: skip
        own = force - self.patron_force()
        self.mean_q = (mean * own + self.patron_force()) / force if force > 0.0 else 0.0
        self.x = security.load(crowd, numbers.containment, force * self.mean_q)
        self.x_movement = security.load(float(movement[capital]), numbers.containment, force * self.mean_q)
        loaded = security.load(float(movement[capital]), numbers.containment, force)
        self.strengths = [*self.strengths[1:], patron.strength(self.mean_q, loaded)]

    def bury(self) -> None:
        """Let soldiers die at the front, and let exiles volunteer and send aid (C6, C9)."""
        numbers, people = self.parameters, self.citizens
        self.dead_recent *= self.keeps["recent"]
        self.dead_today = 0.0
        if self.front_since is not None:
            first_weeks = self.day - self.front_since < 28
            killed = numbers.war.killed_first if first_weeks else numbers.war.killed_later
            there = self.commitment(self.regime.rung) * self.troops()
            self.dead_today = self.forces.bury(self.dead_a_day(there, killed))
            self.dead_total += self.dead_today
            self.dead_recent += self.dead_today
            self._weigh_forces()
        if self.holds("diaspora"):
            exiles = float(people.by_status[Status.EXILE] @ people.weights)
            self.aid_total += exiles * numbers.citizen.aid_per_exile * 12.0 / 365.0
            if self.regime.rung >= Rung.TERRITORY and exiles > 0.0 and self.day % 7 == 0:
                self._volunteer(1.0 - math.exp(-numbers.citizen.volunteer_rate * 7.0 / 365.0))

    def _volunteer(self, share: float) -> None:
        """Let some exiles go and fight for the other side (C9)."""
        people, columns = self.citizens, self.citizens.columns
        self._moved[:] = 0
        key = np.uint64(chance.day_key(self.dice, np.uint64(Purpose.VOLUNTEER), np.uint64(self.day)))
        engine.leave(
            columns["status"], columns["stratum"], share, key, int(Status.EXILE), int(Status.VOLUNTEER), self._moved
        )
        people.by_status[Status.EXILE] -= self._moved
        people.by_status[Status.VOLUNTEER] += self._moved

    def units_react(self) -> None:
        """Wear the units down by the day's use; the unwilling resign (C13)."""
        numbers, columns, forces = self.parameters.security, self.forces.columns, self.forces
        crowd = float(self.crowd.sum())
        use = self.effort * crowd / (crowd + numbers.detention_half_crowd)
        key = np.uint64(chance.day_key(self.dice, np.uint64(Purpose.SIGNAL), np.uint64(self.day)))
        self.resigned_total += engine.wear_down(
            columns["heads"], columns["strain"], columns["signal"], forces.q, forces.front, use,
            self.keeps["strain"], numbers.strain_gain, numbers.resignation, key, self.keeps["signal"],
        )  # fmt: skip
        if self.day % 7 == 0:
            self._weigh_forces()

    def elites_react(self) -> None:
        """Let the elites watch, hedge and, weekly, plot (C6, C13)."""
        numbers, columns = self.parameters.elite, self.elites.columns
        felt = self.grievance() + self.violence + self.war_anger()
        self.hedging_share = engine.watch(
            columns["belief"], columns["stake"], columns["stance"], self.x_movement, numbers.grievance * felt,
            numbers.signal_noise, self.keeps["elite"],
        )  # fmt: skip
        self.coup = self.attempted = self.with_moscow = False
        if self.day % 7 == 0:
            self._plots()

    def _plots(self) -> None:
        """Start plots, find some out, and let the leaders of others go ahead (Singh 2014)."""
        numbers, columns = self.parameters.elite, self.elites.columns
        per_million = 1e6 / self.elected
        felt = self.dead_recent * per_million / self.parameters.citizen.loss_half if self.holds("war_anger") else 0.0
        losses = numbers.plot_losses * math.log10(1.0 + felt)
        street = numbers.plot_street * min(self.x_movement, 2.0)
        fear = 1.0
        if self.last_purge is not None:
            fear -= (1.0 - numbers.fear) * chance.persistence(numbers.fear_half_life, self.day - self.last_purge)
        for member in self.elites.commanders:
            row, stance = int(member), columns["stance"][member]
            if stance == Stance.PURGED:
                continue
            if stance == Stance.PLOTTING:
                self._plot_goes_on(row)
                continue
            nod = numbers.plot_moscow * float(columns["leaning"][row]) * self.moscow.pressure
            hazard = elites.plot_hazard(numbers.plot_rate * self.elites.own_force, losses, street, nod, fear)
            if self.lot("PLOT", row) < 1.0 - math.exp(-hazard * 7.0 / 365.0):
                columns["stance"][row] = Stance.PLOTTING

    def _plot_goes_on(self, row: int) -> None:
        """Find a plot out, or let its leader go ahead if he thinks that half would join."""
        numbers, columns = self.parameters.elite, self.elites.columns
        if self.lot("DETECTION", row) < numbers.detection:
            columns["stance"][row] = Stance.PURGED
            self.last_purge = self.day
            self.note("A plot is found out; its leader is purged")
            return
        own = self.elites.own_force
        joiners = elites.who_would_join(own, self.hedging_share)
        if not elites.attempts(joiners, numbers.estimate_noise * self.bell(Purpose.ESTIMATE, row)):
            return
        self.attempted = True
        succeeds = self._units_stand_aside(elites.seems(own, self.lot("PLOT_STRENGTH", row)))
        self.note(f"A coup is attempted: it {'succeeds' if succeeds else 'fails'}")
        if succeeds:
            self.coup = True
            self.with_moscow |= bool(columns["leaning"][row] > 0.5 and self.moscow.hazard > 0.0)
        else:
            columns["stance"][row] = Stance.PURGED
            self.last_purge = self.day

    def _units_stand_aside(self, seeming: float) -> bool:
        """Whether more than half of the capital's force will not fire on the plotters: the same cut-off game.

        ``seeming`` is the share of the force that they seem to hold [0 to 1].
        """
        numbers, forces = self.parameters.security, self.forces
        here = np.flatnonzero(forces.in_capital & ~forces.front)
        men = (forces.columns["heads"] * forces.pool)[here]
        if men.sum() <= 0.0:
            return True
        firm = np.clip(forces.q[here], 1e-9, 1.0 - 1e-9)
        odds = np.log(firm / (1.0 - firm)) - self.parameters.elite.coup_reluctance
        q = 1.0 / (1.0 + np.exp(-odds))
        threshold = security.cutoff(float(q @ men / men.sum()))
        seen = 1.0 - seeming + numbers.common_shock * self.common_shock
        signals = seen + numbers.signal_noise * forces.columns["signal"][here]
        aside = [
            security.refuses(float(x), threshold, numbers.signal_noise, float(w))
            for x, w in zip(signals, q, strict=True)
        ]
        return float(men[aside].sum()) > 0.5 * float(men.sum())

    def judge_day(self) -> None:
        """Say whether he has fallen, and how."""
        numbers, judge = self.parameters, self.judge
        replaced = self.with_moscow and self.coup
        if self.day % 7 == 0 and self.lot("REPLACEMENT") < 1.0 - math.exp(-self.moscow.hazard * 7.0 / 365.0):
            replaced = True
        resigned = judge.lost_control_within(self.day, numbers.outcome.resignation_window) and self.lot(
            "RESIGNATION"
        ) < regimes.resigns_chance(numbers.regime.resignation, self.x_movement)
        judge.watch(
            self.day, self.x, order_failed=self.order_failed, attempted=self.attempted,
            coup=self.coup and not replaced, resigned=resigned, replaced=replaced,
        )  # fmt: skip
        if judge.ended_on is not None and self.running:
            self.running = False
            self.note(f"He falls: {judge.cause}")
        if self.day >= self.episode.days:
            self.running = False

    def observe(self) -> None:
        """Enter the day's measures; ask the pollsters weekly."""
        if self.day % 7 == 1:
            self._ask_pollsters()
        self.rows.append([measure(self) for measure in MEASURES.values()])
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def _ask_pollsters(self) -> None:
        """Count who is against the regime, and who would tell a pollster so (Kuran1991)."""
        people, columns = self.citizens, self.citizens.columns
        counts = np.zeros((3, people.counts.size), np.int64)
        engine.poll(
            columns["status"], columns["stratum"], columns["media"], columns["opposition"], columns["aversion"],
            columns["risk_aversion"], self.news(), self.grievance(), self.violence, self.war_anger(),
            self.parameters.citizen.falsification, *counts,
        )  # fmt: skip
        gone = people.by_status[Status.EXILE] + people.by_status[Status.VOLUNTEER]
        asked = float((people.counts - gone) @ people.weights)
        for name, count in zip(self.poll, counts, strict=True):
            self.poll[name] = float(count @ people.weights) / max(asked, 1.0)

    def series(self) -> pd.DataFrame:
        """Return the measures of every day lived so far, by date."""
        dates = pd.to_datetime([self.episode.date_of(day + 1) for day in range(len(self.rows))])
        return pd.DataFrame(self.rows, columns=list(MEASURES), index=pd.Index(dates, name="date"))

    # Small helpers.

    def patron_force(self) -> float:
        """Return Moscow's own men who would face the crowd [people]."""
        return self.parameters.moscow.reserve_troops if self.moscow.support == Support.TROOPS else 0.0

    def force_at_hand(self) -> float:
        """Return K: the men who can face a crowd in the capital within 48 hours, the patron's too [people]."""
        return self._own_force + self.patron_force()

    def _weigh_forces(self) -> None:
        """Count the men within reach and in each region; done again when heads or the front have changed."""
        self.sure_weights = self.forces.within_reach(self.parameters.security.reach)
        self._own_force = float(self.sure_weights.sum())
        self._regional = self.forces.officers(self.n_regions)

    def _officers(self) -> np.ndarray:
        """Return the officers of each region: the provinces send theirs as far as the capital needs them [people]."""
        away = self.parameters.security.reach * self.effort * min(1.0, self.x_movement)
        officers = self._regional * (1.0 - away)
        capital = self.episode.capital
        officers[capital] = self._regional[capital] + away * (self._regional.sum() - self._regional[capital])
        return officers


class Calendar:
    """What an episode brings, day by day, as arrays (index 0 is the day before the first)."""

    def __init__(self, episode: Episode) -> None:
        """Lay the timelines and events of an episode out by day."""
        self.need = _timeline(episode, episode.need, 0.0)
        self.geography = _timeline(episode, episode.geography, 1.0)
        self.patron_troops = _timeline(episode, episode.patron_troops, 0.0)
        self.weekday = np.array([episode.date_of(day).weekday() for day in range(episode.days + 1)])
        self.events: dict[int, list[Any]] = {}
        for event in episode.events:
            self.events.setdefault(episode.day_of(event.date), []).append(event)
        entry = episode.entry
        self.entry_day = episode.day_of(entry.date) if entry else None
        self.withdrawal_day = episode.day_of(entry.withdrawal) if entry and entry.withdrawal else None


@functools.lru_cache(maxsize=64)
def calendar(episode: Episode) -> Calendar:
    """Return an episode's calendar, laid out once."""
    return Calendar(episode)


def _timeline(episode: Episode, points: tuple[tuple[dt.date, float], ...], before: float) -> np.ndarray:
    """Return a step function of dates as one value a day; the first value holds before its date, too."""
    values = np.full(episode.days + 1, points[0][1] if points else before)
    for date, value in sorted(points):
        values[max(0, episode.day_of(date)) :] = value
    return values


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
