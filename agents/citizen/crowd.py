"""The crowd: what citizens see before they go, who is out, and who is caught.

A citizen stands for hundreds of electors who think alike. Of these a share is free today, and a share is caught: so
many people are counted, whatever the dice say of the citizen himself. Counting him whole would make a crowd of a
thousand the luck of three citizens.
"""

import functools
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from agents.citizen import loops, rules
from agents.citizen.rules import Status
from agents.ground.chance import Purpose, persistence

FORGOTTEN = 1e-6
"""Crowds that have faded to less than this share of electors are forgotten, and with them the risk."""
ROWS_PER_THREAD = 200_000
"""Fewer citizens than this are not worth a thread of their own."""


class Crowd:
    """Who is in the street, by region, and what everybody has seen of it.

    Args:
        model: the world.
    """

    def __init__(self, model) -> None:
        people, parameters = model.citizens, model.parameters
        self.model = model
        self.organising = 1.0
        """What the pull of ties and crowds is worth today [0 to 1]."""
        regions = people.electors.size
        self.people = np.zeros(regions)
        """Who is out today [people]."""
        self.last = np.zeros(regions)
        """The crowd of the last gathering [people]."""
        self.detained = np.zeros(regions)
        """Those taken today, in the street and at home [people]."""
        self.at_home = np.zeros(regions)
        """Those taken at home today [people]."""
        self.detained_total = 0.0
        self.caught_lately = np.zeros(regions)
        self.out_lately = np.zeros(regions)
        self.expected = np.zeros(regions)
        """How many are expected to come today [people]."""
        self.risk = np.zeros(regions)
        """What going costs, by its chance [sd]."""
        self.pull = np.zeros(regions)
        """The pull of the last crowd [sd]."""
        self.today: loops.Today | None = None
        """What all citizens shared when they last decided (``loops.Today``)."""
        self.keeps_risk = persistence(parameters.citizen.risk_half_life)
        self.keeps_mood = persistence(parameters.citizen.mood_half_life, loops.MOOD_RENEWAL)
        self._buffers(len(people), people.counts.size)

    def _buffers(self, n: int, strata: int) -> None:
        """Make room once for what a day writes: nothing is allocated in a day."""
        parts = max(1, min(self.model.threads, -(-n // ROWS_PER_THREAD)))
        bounds = [n * part // parts for part in range(parts + 1)]
        self.parts = [(first, last, np.zeros((5, strata), np.int64)) for first, last in itertools.pairwise(bounds)]
        self._changed, self._out, self._caught = (np.zeros(n, np.uint32) for _ in range(3))
        self._n_changed, self._n_out = [0] * parts, [0] * parts
        self._n_detained = np.zeros(strata, np.int64)

    def movement(self) -> np.ndarray:
        """Return who is ready to go, by region [people]."""
        people = self.model.citizens
        return people.by_region(people.n_mobilised)

    def remembered(self) -> np.ndarray:
        """Return the chance to be caught as it is remembered [0 to 1]: arrests by participants, both fading."""
        return self.caught_lately / np.maximum(self.out_lately, FORGOTTEN * self.model.citizens.electors)

    def look(self, call: float, dated: float, deployed: Callable[[np.ndarray], np.ndarray]) -> None:
        """See how many are expected, what is deployed against them, and how large the last crowd was (C8).

        Args:
            call: the reach of today's call [0 to 1].
            dated: its reach, if it was for this very date: that is a pull of its own [0 to 1].
            deployed: returns the chance to be caught by region, given how many are expected [people].
        """
        world, people = self.model, self.model.citizens
        parameters, calendar, day = world.parameters.citizen, world.calendar, world.day
        self.organising = rules.organised(parameters.organising, float(calendar.dissolved[day]))
        penalty = rules.deterrence(parameters.penalty, parameters.penalty_rise, float(calendar.sentences[day]))
        called = call * parameters.focal_turnout * people.electors
        seen = np.maximum(parameters.called_availability * self.movement(), called)
        self.expected = seen if world.holds("defiance") else parameters.focal_turnout * people.electors
        chances = deployed(self.expected)
        lately = self.remembered()
        memory = lately if world.holds("defiance") else chances
        seen = rules.risk_seen(memory, chances, parameters.deployment_view)
        self.risk = penalty * rules.weighed(seen, parameters.risk_weight)
        share, near = self.last / people.electors, parameters.local_view
        seen = near * share + (1.0 - near) * self.last.sum() / people.all_electors
        self.pull = rules.crowd_pull(parameters.crowd * self.organising, seen, parameters.crowd_half)
        self.pull += dated * parameters.call_pull

    def decide(self) -> None:
        """Let every citizen decide about the day, and count who is out by region."""
        world, people = self.model, self.model.citizens
        parameters, rows = world.parameters.citizen, people.record
        self.today = today = loops.Today(
            day=world.day,
            felt=world.mood.feelings(),
            crowd_seen=self.pull[people.regions],
            risk=self.risk[people.regions],
            ties=parameters.ties * self.organising,
            n_ties=people.n_ties,
            noise=parameters.noise,
            availability=world.street.availability[people.regions],
            availability_key=world.key(Purpose.AVAILABILITY),
            exile_chance=parameters.exile_chance if world.holds("diaspora") else 0.0,
            exile_key=world.key(Purpose.EXILE),
            home_chance=parameters.home_arrests * world.street.effort * world.forces.mean_q,
            home_key=world.key(Purpose.HOME_ARREST),
            days_key=world.key(Purpose.DETENTION),
            mean_days=world.parameters.security.detention_days,
        )
        mood_key = world.key(Purpose.MOOD)

        def live(part: int) -> None:
            first, last, counts = self.parts[part]
            counts[:] = 0
            loops.renew_moods(first, last, rows.mood, mood_key, self.keeps_mood, world.day)
            tally = loops.Tally(self._changed, self._out, counts)
            self._n_changed[part], self._n_out[part] = loops.decide(first, last, rows, today, tally)

        if len(self.parts) == 1:
            live(0)
        else:
            with ThreadPoolExecutor(len(self.parts)) as pool:
                list(pool.map(live, range(len(self.parts))))
        self._count(functools.reduce(np.add, (counts for _, _, counts in self.parts)), today.home_chance)

    def _count(self, counts: np.ndarray, home_chance: float) -> None:
        """Enter in the books who has changed his mind, who is out, and who was released."""
        people = self.model.citizens
        loops.enter(counts, people.n_mobilised, people.by_status)
        ready = people.by_region(people.n_mobilised + counts[4])
        self.people = ready * self.model.street.availability
        self.at_home = (ready - self.people) * home_chance
        for (first, _, _), changed in zip(self.parts, self._n_changed, strict=True):
            people.tell(self._changed[first : first + changed], changed)
        if self.model.street.call > 0.0 or self.people.sum() > self.last.sum():
            self.last = self.people

    def arrest(self, chances: np.ndarray) -> None:
        """Catch people in the street, each by the chance of his region, and let it be seen and remembered (C8)."""
        if any(self._n_out):
            self._fill_vans(chances)
        caught = self.people * chances
        self.detained = caught + self.at_home
        total = float(self.detained.sum())
        self.detained_total += total
        self.model.mood.outrage(total)
        self.caught_lately = self.keeps_risk * self.caught_lately + caught
        self.out_lately = self.keeps_risk * self.out_lately + self.people

    def _fill_vans(self, chances: np.ndarray) -> None:
        """Arrest people in the street, and enter it in the books."""
        world, people = self.model, self.model.citizens
        self._n_detained[:] = 0
        patrol = loops.Patrol(
            day=world.day,
            chance=chances[people.regions],
            arrest_key=world.key(Purpose.ARREST),
            days_key=world.key(Purpose.DETENTION),
            mean_days=world.parameters.security.detention_days,
        )
        vans = loops.Vans(people.n_mobilised, self._n_detained, people.n_ever, self._caught)
        for (first, _, _), out in zip(self.parts, self._n_out, strict=True):
            caught = loops.arrest(self._out[first : first + out], out, people.record, patrol, vans)
            people.tell(self._caught, caught)
        people.by_status[Status.STREET] -= self._n_detained
        people.by_status[Status.DETAINED] += self._n_detained
