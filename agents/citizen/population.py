"""The citizens as columns, how they are drawn and whom they know, and the set that hands out Mesa agents.

Citizens stand for the electors of a country, by region, in two bands a region: the likely (the top of the
spread of opposition against threshold) and the rest. The likely and the capital are oversampled; all that
anybody sees is in persons or shares.
"""

import functools
import math
import operator
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet, GroupBy
from scipy.special import ndtri

from agents.citizen import loops
from agents.citizen.rules import Age, Media, Status
from agents.ground.chance import Purpose, builder, chance_within, day_key, weekly
from agents.ground.rows import Rows, column

COLUMN_TYPES = {
    "status": np.uint8,
    "mobilised": np.uint8,
    "stratum": np.uint8,
    "media": np.uint8,
    "age": np.uint8,
    "tie_count": np.uint8,
    "ever_out": np.uint8,
    "free_day": np.int16,
    "opposition": np.float32,
    "threshold": np.float32,
    "aversion": np.float32,
    "risk_aversion": np.float32,
    "mood": np.float32,
}
READ_ONLY = ("stratum", "tie_count", "ever_out")
SMALLEST, LARGEST = 100, 20_000_000
BLOCK = 2**16
"""So many rows are drawn at a time: what is worked out between stays in the cache."""


class PopulationError(ValueError):
    """A number of citizens that cannot be; the message tells what can."""


class Citizen(mesa.Agent):
    """One citizen, standing for ``weight`` electors: a handle on a row, made when somebody looks at it.

    Two handles of one row are equal. What a citizen *does* happens for all rows at once, by ``rules.py``.
    """

    __slots__ = ("row", "rows")
    pos = None
    status = column("status")
    region = property(lambda self: self.rows.region_of(self.row))
    age = column("age")
    media = column("media")
    opposition = column("opposition")
    threshold = column("threshold")
    aversion = column("aversion")
    risk_aversion = column("risk_aversion")
    mood = column("mood")
    mobilised = column("mobilised")
    free_day = column("free_day")

    def __init__(self, population: "Population", row: int) -> None:
        """Make a handle on a row of a population (``Agent.__init__`` would register it; the set does that)."""
        object.__setattr__(self, "rows", population)
        object.__setattr__(self, "row", row)

    model = property(lambda self: self.rows.model)
    unique_id = property(lambda self: self.rows.first_id + self.row)
    weight = property(lambda self: float(self.rows.weights[self.rows.columns["stratum"][self.row]]))
    tie_share = property(lambda self: self.rows.columns["tie_count"].item(self.row) / self.rows.n_ties)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse attributes that are not columns: they would be lost with the handle."""
        if not isinstance(getattr(type(self), name, None), property):
            raise AttributeError(f"citizens have no attribute {name!r}")
        object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        """Equal handles look at the same row of the same population."""
        return type(other) is Citizen and other.rows is self.rows and other.row == self.row

    def __reduce__(self) -> tuple[type, tuple["Population", int]]:
        """Copy or pickle the handle (a pickle holds its whole world, as that of any Mesa agent does)."""
        return Citizen, (self.rows, self.row)

    def __hash__(self) -> int:
        """Hash by row."""
        return hash((Citizen, self.row))

    def __repr__(self) -> str:
        """Say who and what."""
        return f"Citizen {self.row} ({Status(self.status).name.lower()})"

    def remove(self) -> None:
        """Refuse: electors may leave the country (Status.EXILE), but heads are conserved."""
        raise NotImplementedError("citizens are not removed; set status = Status.EXILE instead")


class Citizens(AbstractAgentSet):
    """Some citizens, in an order: what Mesa's tools make of a population, and work on."""

    def __init__(self, agents: Iterable[Citizen], random: Any = None) -> None:
        """Take some citizens, and the generator that shuffles them."""
        self.chosen = dict.fromkeys(agents)
        self.random = random

    @property
    def _agents(self) -> dict[Citizen, None]:
        """These citizens, for those of Mesa's functions that ask for them."""
        return self.chosen

    def __len__(self) -> int:
        return len(self.chosen)

    def __iter__(self) -> Iterator[Citizen]:
        return iter(self.chosen)

    def __contains__(self, agent: object) -> bool:
        return agent in self.chosen

    def __getitem__(self, place: int) -> Citizen:
        """Return the citizen of a place in the order."""
        return list(self)[place]

    def __repr__(self) -> str:
        """Say how many."""
        return f"{type(self).__name__} ({len(self):,})"

    def _update(self, agents: Iterable[Citizen]) -> "Citizens":
        """Hold other citizens, or these in another order."""
        self.chosen = dict.fromkeys(agents)
        return self

    def select(
        self, filter_func: Any = None, at_most: Any = math.inf, inplace: Any = False, agent_type: Any = None
    ) -> Any:
        """Return the citizens for whom a function holds, ``at_most`` so many (or such a share)."""
        chosen = Citizens(self, self.random)
        AbstractAgentSet.select(chosen, filter_func, at_most, True, agent_type)
        return self._update(chosen) if inplace else chosen

    def shuffle(self, inplace: bool = False) -> "Citizens":
        """Return the citizens in a random order (of no consequence in the model: all decide at once)."""
        order = list(self)
        self.random.shuffle(order)
        return self._update(order) if inplace else Citizens(order, self.random)

    def sort(self, key: str | Callable, ascending: bool = False, inplace: bool = False) -> "Citizens":
        """Return the citizens sorted by an attribute or a function; the highest first, as in Mesa."""
        by = operator.attrgetter(key) if isinstance(key, str) else key
        order = sorted(self, key=by, reverse=not ascending)
        return self._update(order) if inplace else Citizens(order, self.random)

    def groupby(self, by: Any, result_type: Any = "agentset") -> GroupBy:
        """Return the citizens grouped by an attribute or a function, as sets or as lists."""
        if result_type not in ("agentset", "list"):
            raise ValueError(f"result_type = {result_type!r}; expected agentset or list")
        grouped = super().groupby(by, "list")
        if result_type == "agentset":
            grouped.groups = {name: Citizens(group, self.random) for name, group in grouped.groups.items()}
        return grouped

    def map(self, method: str | Callable, *args: Any, **kwargs: Any) -> list[Any]:
        """Return what a method or function gives for every citizen."""
        if isinstance(method, str):
            return [getattr(citizen, method)(*args, **kwargs) for citizen in self]
        return [method(citizen, *args, **kwargs) for citizen in self]

    def do(self, method: str | Callable, *args: Any, **kwargs: Any) -> "Citizens":
        """Do something with every citizen, in this order."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable, *args: Any, **kwargs: Any) -> "Citizens":
        """Do something with every citizen, in a random order."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def add(self, agent: Citizen) -> None:
        """Add a citizen at the end."""
        self.chosen[agent] = None

    def discard(self, agent: Citizen) -> None:
        """Leave a citizen out, if he is here."""
        self.chosen.pop(agent, None)

    def remove(self, agent: Citizen) -> None:
        """Leave a citizen out."""
        del self.chosen[agent]


def checked_size(n_citizens: Any, episode: Any) -> int:
    """Return how many citizens stand for an episode's electors.

    Raises:
        PopulationError: if it is no whole number, or too few for its regions, or more than its electors.
    """
    if isinstance(n_citizens, bool) or not isinstance(n_citizens, (int, np.integer)):
        raise PopulationError(f"n_citizens = {n_citizens!r}; expected a whole number")
    most = min(episode.electors, LARGEST)
    least = max(SMALLEST, 2 * len(episode.regions))  # one in each band of each region
    if not least <= n_citizens <= most:
        raise PopulationError(f"n_citizens = {n_citizens}; expected {least} to {most} [people, the electors]")
    return int(n_citizens)


class Population(Rows, Citizens):
    """All citizens of one world: a Mesa agent set over columns, with handles made when somebody looks.

    Args:
        model: the world, from which the set takes its block of ids.
        episode: the country.
        parameters: the numbers.
        seed: of the world.
        n_citizens: how many citizens stand for the electors [100 to one for each elector].
    """

    def __init__(self, model: Any, episode: Any, parameters: Any, seed: int, n_citizens: int) -> None:
        n_citizens = checked_size(n_citizens, episode)
        self.model = model
        self.random = model.random
        self.first_id = model.agent_id_counter
        model.agent_id_counter += n_citizens
        self.n_ties = parameters.sample.n_ties
        self._lay_out(episode, parameters.sample, n_citizens)
        # whom somebody knows depends on his stratum only: with threads, both happen at once
        parts = [functools.partial(part, episode, parameters, seed) for part in (self._tie, self._draw)]
        if model.threads > 1:
            with ThreadPoolExecutor(len(parts)) as pool:
                list(pool.map(lambda part: part(), parts))
        else:
            for part in parts:
                part()
        self.n_mobilised, self.n_ever = (np.zeros(self.counts.size, np.int64) for _ in range(2))
        """How many citizens of each stratum are ready to go, and have ever gone."""
        self.by_status = np.zeros((len(Status), self.counts.size), np.int64)
        """How many citizens of each stratum have each status."""
        loops.count_status(self.columns["status"], self.columns["stratum"], self.by_status)
        self.electors = self.by_region(self.counts)
        """Electors of each region [people]."""
        self.all_electors = float(self.electors.sum())
        """Electors of the whole country [people]."""
        self.regions = np.arange(self.counts.size) // 2
        """The region of each stratum."""
        self.aid_total = 0.0
        """What exiles have sent so far [US dollars]."""

    def _lay_out(self, episode: Any, sample: Any, n: int) -> None:
        """Share the citizens out among regions and bands, and make room for their columns."""
        electors = np.array([region.electors for region in episode.regions], float)
        band = np.array([1.0 - sample.likely_band, sample.likely_band])
        self.persons = (electors[:, None] * band).ravel()
        """How many electors each stratum has (two a region: the rest, the likely) [people]."""
        self.counts = _quotas(self.persons, episode.capital, n, sample.capital_quota, sample.likely_quota)
        self.weights = np.divide(self.persons, self.counts, where=self.counts > 0, out=np.zeros_like(self.persons))
        """How many electors a citizen of each stratum stands for [people]."""
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.columns = {name: np.zeros(n, kind) for name, kind in COLUMN_TYPES.items()}
        self.record = loops.Rows(*(self.columns[name] for name in loops.Rows._fields))
        """The columns as the loops take them."""
        self.columns["stratum"][:] = np.repeat(np.arange(self.counts.size, dtype=np.uint8), self.counts)

    def _draw(self, episode: Any, parameters: Any, seed: int) -> None:
        """Draw every citizen's lasting traits (opposition, threshold, aversions, age, media diet) and first mood.

        The dice fall for one trait after the other, each for all rows; what is made of them is worked out by
        blocks of rows, which stay in the processor's cache.
        """
        traits, people, columns = parameters.citizen, episode.people, self.columns
        dice = builder(seed, "citizens")
        for name, roll in (("opposition", dice.random), ("threshold", dice.standard_normal)):
            roll(out=columns[name], dtype=np.float32)  # a rank, and what both share: made into traits below
        for name, shares in (("age", people.ages), ("media", people.media)):
            for rows in self._blocks():
                rolled = dice.random(columns[name][rows].size, np.float32)
                for share in np.cumsum(shares)[:-1]:
                    columns[name][rows] += rolled >= share

        likely_band = parameters.sample.likely_band
        spread, rest = traits.opposition_spread, math.sqrt(1.0 - traits.opposition_spread**2)
        shifts = _group_shifts(episode, traits)
        mean = spread * ndtri(traits.private_opposition)
        for rows in self._blocks():
            stratum, rank, across = (columns[name][rows] for name in ("stratum", "opposition", "threshold"))
            rank = rank.astype(float)
            rank = np.where(stratum % 2, 1.0 - likely_band * rank, (1.0 - likely_band) * rank)
            margin = ndtri(np.clip(rank, 1e-9, 1.0 - 1e-9))
            shift = shifts[stratum // 2, columns["age"][rows], columns["media"][rows]]
            # opposition - threshold = margin, with sd 1; across is what both share
            columns["opposition"][rows] = mean + shift + spread * (spread * margin + rest * across)
            columns["threshold"][rows] = traits.threshold + rest * (spread * across - rest * margin)

        # what he thinks of the war goes with what he thinks of the regime: opposition - mean - shift has sd spread
        aversion_sd, like = -1.0 / ndtri(traits.aversion_support), traits.aversion_opposition
        tilt = _aversion_tilt(episode) * traits.aversion_gradient
        for rows in self._blocks():
            aversion, ages, diets = (columns[name][rows] for name in ("aversion", "age", "media"))
            shift = shifts[columns["stratum"][rows] // 2, ages, diets]
            opposed = (columns["opposition"][rows] - mean - shift) / spread
            own = math.sqrt(1.0 - like**2) * dice.standard_normal(aversion.size, np.float32)
            aversion[:] = 1.0 + tilt[ages, diets] + aversion_sd * (like * opposed + own)
        if not parameters.holds("war_aversion"):
            self.level_aversion()
        sd = traits.risk_spread
        for rows in self._blocks():
            risk_aversion = columns["risk_aversion"][rows]
            risk_aversion[:] = np.exp(sd * dice.standard_normal(risk_aversion.size, np.float32) - 0.5 * sd * sd)
        dice.standard_normal(out=columns["mood"], dtype=np.float32)
        reached = builder(seed, "reachable")
        for rows in self._blocks():
            threshold = columns["threshold"][rows]
            threshold[reached.random(threshold.size, np.float32) >= traits.reachable] = np.inf

    def _blocks(self) -> Iterator[slice]:
        """Yield all rows, a block at a time."""
        return (slice(first, first + BLOCK) for first in range(0, len(self), BLOCK))

    def level_aversion(self) -> None:
        """Give everybody the mean aversion to the war: what is left without C7."""
        self.columns["aversion"][:] = 1.0

    def emigrate(self, share: float) -> None:
        """Let a share of the electors leave the country: of those at home, the more opposed, the likelier (C9)."""
        key, home = self.model.key(Purpose.EMIGRATION), self.columns["status"] == Status.HOME
        pull = self.columns["opposition"].astype(float)
        pull -= pull.mean()
        for rows in self._blocks():
            pull[rows] = np.exp(1.5 * np.clip(pull[rows], -4.0, 4.0))
        weight = self.weights[self.columns["stratum"]]
        total = weight.sum()
        weight *= pull * home
        chance = np.minimum(pull * home * share * total / max(weight.sum(), 1.0), 0.9)
        leaving = np.zeros(len(self), bool)
        loops.leave(chance, key, leaving)
        for row in np.flatnonzero(leaving).tolist():
            self.write("status", row, Status.EXILE)

    def _tie(self, episode: Any, parameters: Any, seed: int) -> None:
        """Draw whom everybody knows, and turn it round: who knows me."""
        sample, n, stratum = parameters.sample, len(self), self.columns["stratum"]
        chosen = np.empty(n * self.n_ties, np.uint32)
        electors = np.array([region.electors for region in episode.regions], float)
        key = day_key(np.uint64(seed), np.uint64(0), np.uint64(0))
        loops.choose_ties(
            np.uint64(key),
            self.n_ties,
            stratum,
            self.starts.astype(np.uint64),
            self.counts.astype(np.uint64),
            np.cumsum(electors / electors.sum()),
            sample.likely_band,
            len(electors),
            sample.local_ties,
            sample.like_ties,
            chosen,
        )
        self.ties_start = np.zeros(n + 1, np.uint32 if n * self.n_ties < 2**32 else np.uint64)
        loops.count_observers(chosen, self.ties_start)
        np.cumsum(self.ties_start, out=self.ties_start)
        self.observers = np.empty_like(chosen)
        loops.fill_observers(self.n_ties, chosen, self.ties_start[:-1].copy(), self.observers)

    def abroad(self) -> None:
        """Let exiles send aid every day, and go and fight for the other side now and then (C9)."""
        world, parameters = self.model, self.model.parameters.citizen
        if not world.holds("diaspora"):
            return
        exiles = self.persons_of(self.by_status[Status.EXILE])
        self.aid_total += exiles * parameters.aid_per_exile * 12.0 / 365.0
        if world.regime.lent_territory and exiles > 0.0 and weekly(world.day):
            gone = np.zeros(self.counts.size, np.int64)
            chance = chance_within(parameters.volunteer_rate, 7.0)
            loops.volunteer(self.record, chance, world.key(Purpose.VOLUNTEER), gone)
            self.by_status[Status.EXILE] -= gone
            self.by_status[Status.VOLUNTEER] += gone

    def write(self, name: str, row: int, value: Any) -> None:
        """Write one citizen's attribute, keeping what others know of him true.

        Raises:
            AttributeError: for an attribute that follows from others.
            ValueError: for a value that the column cannot hold.
        """
        if name in READ_ONLY or name not in self.columns:
            raise AttributeError(f"a citizen's {name} cannot be changed")
        column = self.columns[name]
        if column.dtype.kind == "u" and value not in range(_HIGHEST[name] + 1):
            raise ValueError(f"{name} = {value}; expected a whole number, 0 to {_HIGHEST[name]}")
        if column.dtype.kind == "f" and not math.isfinite(value):
            raise ValueError(f"{name} = {value}; expected a number")
        value = column.dtype.type(value).item()
        stratum = self.columns["stratum"][row]
        if name == "status":
            self.by_status[column[row], stratum] -= 1
            self.by_status[value, stratum] += 1
            if value > Status.STREET:
                self.write("mobilised", row, 0)
        if name == "mobilised" and column[row] != value:
            column[row] = value
            self.n_mobilised[stratum] += 1 if value else -1
            self.tell(np.array([row]), 1)
        column[row] = value

    def tell(self, rows: np.ndarray, n_rows: int) -> None:
        """Tell those who know them that some citizens have changed their mind."""
        columns = self.columns
        loops.tell_ties(rows, n_rows, columns["mobilised"], self.ties_start, self.observers, columns["tie_count"])

    def region_of(self, row: int) -> int:
        """Return the index of a citizen's region."""
        return self.columns["stratum"].item(row) // 2

    def persons_of(self, strata: np.ndarray) -> float:
        """Return for how many electors some citizens stand [people], from counts of citizens by stratum."""
        return loops.weighted(strata, self.weights)

    def by_region(self, strata: np.ndarray) -> np.ndarray:
        """Return electors by region [people] from counts of citizens by stratum."""
        return loops.by_region(strata, self.weights)

    # What Mesa's agent sets do, over columns.

    @property
    def _agents(self) -> dict[Citizen, None]:
        """All citizens, for those of Mesa's functions that ask for them."""
        return dict.fromkeys(self)

    def __len__(self) -> int:
        return self.columns["status"].size

    def __iter__(self) -> Iterator[Citizen]:
        return (Citizen(self, row) for row in range(len(self)))

    def __contains__(self, agent: object) -> bool:
        return isinstance(agent, Citizen) and agent.rows is self and 0 <= agent.row < len(self)

    def __getitem__(self, row: int) -> Citizen:
        """Return the citizen of a row."""
        if not 0 <= row < len(self):
            raise IndexError(f"citizen {row}; expected 0 to {len(self) - 1}")
        return Citizen(self, row)

    def where(self, mask: np.ndarray) -> Citizens:
        """Return the citizens of a mask over the rows."""
        return Citizens((Citizen(self, int(row)) for row in np.flatnonzero(mask)), self.random)

    def get(self, attr_names: Any, handle_missing: Any = "error", default_value: Any = None) -> list[Any]:
        """Return one attribute (or several) of every citizen, as a copy in Python's own numbers."""
        if not isinstance(attr_names, str):
            values = [self.get(name, handle_missing, default_value) for name in attr_names]
            return [list(row) for row in zip(*values, strict=True)]
        if attr_names in self.columns and handle_missing in ("error", "default"):
            return self.columns[attr_names].tolist()
        return super().get(attr_names, handle_missing, default_value)

    def add(self, agent: Citizen) -> None:
        """Refuse: heads are conserved."""
        raise NotImplementedError("citizens are drawn when the world is built; heads are conserved")

    def _update(self, agents: Iterable[Citizen]) -> "Population":
        """Refuse what Mesa calls ``inplace``: the order of the rows is that of their dice, and heads are conserved."""
        raise NotImplementedError("a population keeps all its citizens in the order of their rows; leave inplace out")

    discard = remove = add


_HIGHEST = {"status": max(Status), "media": max(Media), "age": max(Age), "mobilised": 1}


def _quotas(persons: np.ndarray, capital: int, n: int, capital_quota: float, likely_quota: float) -> np.ndarray:
    """Return how many citizens each stratum gets: oversampled, one or more, never more than its electors, n in all.

    >>> _quotas(np.array([60.0, 40.0, 600.0, 300.0]), 0, 100, 0.5, 0.5).tolist()
    [25, 25, 25, 25]
    >>> _quotas(np.array([60.0, 40.0, 600.0, 300.0]), 0, 1000, 0.5, 0.5).tolist()
    [60, 40, 600, 300]
    """
    electors = persons.reshape(-1, 2)
    share = electors.sum(axis=1) / electors.sum()
    rest = 1.0 - share[capital]
    region = np.where(np.arange(share.size) == capital, capital_quota, (1.0 - capital_quota) * share / max(rest, 1e-12))
    region = region / region.sum()
    wanted = (region[:, None] * np.array([1.0 - likely_quota, likely_quota])).ravel()
    counts = np.zeros(persons.size)
    open_strata = np.ones(persons.size, bool)
    while open_strata.any() and n - counts.sum() > 1e-6:
        left = (n - counts.sum()) * wanted * open_strata / np.sum(wanted * open_strata)
        counts = np.minimum(counts + left, persons)
        open_strata = counts < persons - 1e-9
    whole = np.floor(counts + 1e-9).astype(np.int64)
    short = n - whole.sum()
    order = np.argsort(-(counts - whole), kind="stable")
    whole[order[:short]] += 1
    for empty in np.flatnonzero(whole <= 0):  # without a citizen, its electors would be lost
        whole[np.argmax(whole)] -= 1
        whole[empty] += 1
    return whole


def _group_shifts(episode: Any, traits: Any) -> np.ndarray:
    """Return the mean opposition [sd] by region, age and media diet, around the country's: its mean is 0."""
    regions = np.array(
        [
            traits.capital_shift * region.capital - traits.control_gradient * region.early_vote / 10.0
            for region in episode.regions
        ]
    )
    ages = traits.age_gradient * np.array([0.5, 0.0, -0.5])
    media = traits.media_gradient * np.array([-0.5, 0.5, 0.0, 0.0])
    electors = np.array([region.electors for region in episode.regions], float)
    regions = regions - (regions * electors).sum() / electors.sum()
    ages = ages - (ages * episode.people.ages).sum()
    media = media - (media * episode.people.media).sum()
    return regions[:, None, None] + ages[None, :, None] + media[None, None, :]


def _aversion_tilt(episode: Any) -> np.ndarray:
    """Return how war aversion differs by age and media diet [means]; its mean over people is 0 (C7)."""
    ages = np.array([0.5, 0.0, -0.5])
    media = np.array([-0.5, 0.5, 0.0, 0.0])
    ages = ages - (ages * episode.people.ages).sum()
    media = media - (media * episode.people.media).sum()
    return ages[:, None] + media[None, :]
