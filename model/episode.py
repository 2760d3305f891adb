"""An episode: a country and its timeline, from a file. Nothing about any one country is in the code.

README tells how to write one; ``episodes/`` holds two. Every field is checked when the file is read.
"""

import dataclasses
import datetime as dt
import functools
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from agents.moscow import Support
from agents.regime import Rung
from model.parameters import DECLARED, ParameterError, Parameters, brief, nearest

FOLDER = Path(__file__).parent / "episodes"
FRONTS = ("stalemate", "advance", "defeat")
RUNGS = tuple(rung.name.lower() for rung in Rung)
SUPPORTS = tuple(support.name.lower() for support in Support)
EVENTS = (
    "stolen_election", "gathering", "talks", "talks_end", "nukes_permitted", "nukes_hosted", "shock", "blackout",
    "killed", "defeat", "war", "war_ends", "provocation", "emigration",
)  # fmt: skip
SIZES = {"shock": (5.0, "reference anger"), "killed": (1e6, "people")}
"""The largest size of an event, where it is not a share, and its unit."""
AUDIENCES = ("all", "news")
"""Who feels a shock: everybody, or each as far as the news reaches him."""
TIMELINES = {
    "need": 2.0, "geography": 1.0, "patron_troops": 1e6, "sentences": 3.0, "dissolved": 1.0, "closed": 1.0,
    "fallen": 1e5,
}  # fmt: skip
"""What goes by dates, and the largest value of each."""
LONGEST = 200
"""The longest title, or text of an event [characters]."""
LONGEST_NAME = 60
"""The longest name of a region, a branch or a person [characters]."""
DEEPEST = 8
"""So many tables and lists stand within one another in a file, at most."""
UNITS = "1 to 1000 units, a head or more each, and 1e7 heads at most"


class EpisodeError(ValueError):
    """An episode that cannot be: the message names the file, the field, what was given and what was expected."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region: its electors [people], whether it holds the capital, and its early voting [%], a proxy of control."""

    name: str
    electors: int
    early_vote: float
    capital: bool = False


@dataclass(frozen=True, kw_only=True)
class Force:
    """A branch of the security forces in one region, or spread over all by electors (``region = "*"``).

    ``pool`` is the share of its heads that can be used against a crowd, ``loyalty`` its mean [sd], ``sent`` the
    order in which branches are sent to a war (0: never), ``conscripts`` the share of conscripts among them.
    """

    branch: str
    region: str
    heads: int
    units: int
    pool: float
    loyalty: float = 0.0
    sent: int = 0
    conscripts: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens on a date: its kind, its size, and its words.

    The size is a share [0 to 1] of the reach of an election or a gathering, or of the open news that a blackout cuts
    (until the day ``until``, or for good); of a ``shock`` in units of the reference anger, felt by the ``audience``
    (all, or each as far as news reaches him); of ``killed`` in people. A ``defeat`` turns the course of the front; a
    ``war`` is fought next door, by others, until the ``war_ends``. A ``provocation`` brings sanctions and the patron's
    cover; of an ``emigration`` in shares of ``citizen.emigrated``.
    """

    date: dt.date
    kind: str
    size: float = 1.0
    text: str = ""
    audience: str = "all"
    until: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """How he would enter: the date, the rung, the troops sent [people], the course of the front, and a withdrawal."""

    date: dt.date
    troops: int = 10_000
    rung: str = "full"
    front: str = "stalemate"
    withdrawal: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Start:
    """The first day: his rung and Moscow's support. With a past, the debt is added to what the past has left."""

    rung: str = "none"
    support: str = "none"
    debt: float = 0.0


@dataclass(frozen=True, kw_only=True)
class People:
    """Shares of the electors by age (young, middle, old) and by media diet (state, independent, both, none)."""

    ages: tuple[float, ...] = (0.2, 0.55, 0.25)
    media: tuple[float, ...] = (0.37, 0.18, 0.26, 0.19)


@dataclass(frozen=True, kw_only=True)
class Episode:
    """A country, a first and a last day, and all that happens from outside the model."""

    name: str
    title: str
    country: str = "the country"
    leader: str = "the leader"
    patron: str = "the patron"
    alone: bool = False
    """Whether he has no patron at all: then nobody helps him, asks him for anything, or replaces him."""
    fitted: str = ""
    """The episode whose fitted worlds are used (``model/data/fitted/``); none: its own."""
    start_date: dt.date
    end_date: dt.date
    since: dt.date | None = None
    """The first day of its past, which is lived before the first day and knows nothing of what follows."""
    regions: tuple[Region, ...]
    forces: tuple[Force, ...]
    start: Start = Start()
    people: People = People()
    events: tuple[Event, ...] = ()
    entry: Entry | None = None
    need: tuple[tuple[dt.date, float], ...] = ()
    geography: tuple[tuple[dt.date, float], ...] = ()
    patron_troops: tuple[tuple[dt.date, float], ...] = ()
    sentences: tuple[tuple[dt.date, float], ...] = ()
    dissolved: tuple[tuple[dt.date, float], ...] = ()
    closed: tuple[tuple[dt.date, float], ...] = ()
    fallen: tuple[tuple[dt.date, float], ...] = ()
    """Soldiers who die at the front a day, where that is known [people]; else the rules say how many."""
    numbers: tuple[tuple[str, float], ...] = ()
    """Numbers of the rules that hold in this country, whatever the world, by their full names."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def days(self) -> int:
        """How many days the episode has, first and last included."""
        return (self.end_date - self.start_date).days + 1

    @property
    def first_date(self) -> dt.date:
        """The first day of all that is lived, of the past if there is one."""
        return self.since or self.start_date

    @property
    def past_days(self) -> int:
        """How many days its past has; their numbers are 0 and less."""
        return (self.start_date - self.first_date).days

    @property
    def electors(self) -> int:
        """All electors [people]."""
        return sum(region.electors for region in self.regions)

    @functools.cached_property
    def capital(self) -> int:
        """The index of the region with the capital."""
        return next(index for index, region in enumerate(self.regions) if region.capital)

    @property
    def entering(self) -> Entry:
        """How he would enter.

        Raises:
            EpisodeError: if the episode does not say.
        """
        if self.entry is None:
            raise EpisodeError(f"{self.name} has no [entry]: it does not say how he would enter")
        return self.entry

    def day_of(self, date: dt.date) -> int:
        """Return the day number of a date; the first day is 1."""
        return (date - self.start_date).days + 1

    def date_of(self, day: int) -> dt.date:
        """Return the date of a day number."""
        return self.start_date + dt.timedelta(days=day - 1)

    def replace(self, **fields: Any) -> "Episode":
        """Return the episode with some fields changed; ``entry_troops=...`` changes a field of the entry.

        Raises:
            EpisodeError: if a field does not exist or its value cannot be.
        """
        own = {name: value for name, value in fields.items() if not name.startswith("entry_")}
        entry = {name[len("entry_") :]: value for name, value in fields.items() if name.startswith("entry_")}
        entry = _typed(self.name, "entry", Entry, entry)
        if entry:
            if self.entry is None:
                raise EpisodeError(f"{self.name} has no [entry]: give it a date to change how he enters")
            own["entry"] = dataclasses.replace(self.entry, **entry)
        return dataclasses.replace(self, **_typed(self.name, "", Episode, own))

    def without_past(self) -> "Episode":
        """Return the same country from its first day on, with people as they were drawn and no past.

        >>> load_episode("belarus-2022").without_past().past_days
        0
        """
        events = tuple(event for event in self.events if event.date >= self.start_date)
        return dataclasses.replace(self, since=None, events=events)

    def to_dict(self) -> dict[str, Any]:
        """Return the episode as plain values (dates as text), for records and keys."""
        return _plain(dataclasses.asdict(self))

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Episode":
        """Return the episode of which ``to_dict`` has told.

        >>> Episode.from_dict(load_episode("belarus-2022").to_dict()) == load_episode("belarus-2022")
        True
        """
        tables = _dated(cls, told)
        tables["events"] = [_dated(Event, event) for event in tables["events"]]
        if (entry := tables.pop("entry")) is not None:
            tables["entry"] = _dated(Entry, entry)
        tables["numbers"] = dict(tables["numbers"])
        tables["timeline"] = {
            name: [(dt.date.fromisoformat(date), value) for date, value in tables.pop(name)] for name in TIMELINES
        }
        return episode_of(tables.pop("name"), tables)


def _plain(value: Any) -> Any:
    """Return nested values with dates as text and tuples as lists."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _dated(kind: type, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with dates where ``to_dict`` has told them as texts."""
    dates = {field.name for field in dataclasses.fields(kind) if field.type in (dt.date, dt.date | None)}
    return {
        name: dt.date.fromisoformat(value) if name in dates and value is not None else value
        for name, value in told.items()
    }


def _refuse(episode: Episode, what: str, given: Any, expected: str) -> None:
    """Raise the one-line error of a field that cannot be."""
    raise EpisodeError(f"{episode.name}: {what} = {given}; expected {expected}")


def _check(episode: Episode) -> None:
    """Refuse what cannot be: dates out of order, shares that do not add up, regions that do not exist."""
    if episode.end_date <= episode.start_date:
        _refuse(episode, "end", episode.end_date, f"a date after the start, {episode.start_date}")
    if episode.since is not None and episode.since >= episode.start_date:
        _refuse(episode, "since", episode.since, f"a date before the start, {episode.start_date}")
    if (episode.end_date - episode.first_date).days > 3700:
        _refuse(episode, "end", episode.end_date, "at most ten years after the start")
    words = {"title": episode.title, "country": episode.country, "leader": episode.leader, "patron": episode.patron}
    branches = {f"branch {place}": force.branch for place, force in enumerate(episode.forces, start=1)}
    named = {f"name of region {place}": region.name for place, region in enumerate(episode.regions, start=1)}
    for what, text in (words | branches | named).items():
        longest = LONGEST if what == "title" else LONGEST_NAME
        if not text.strip() or not text.isprintable() or len(text) > longest or text == "*":
            _refuse(episode, what, brief(text), f"1 to {longest} characters in one line, and more than *")
    for event in episode.events:
        if not event.text.isprintable() or len(event.text) > LONGEST:
            _refuse(episode, f"text of {event.date}", brief(event.text), f"at most {LONGEST} characters in one line")
    names = [region.name for region in episode.regions]
    if not 1 <= len(names) <= 100 or len(set(names)) != len(names):
        _refuse(episode, "regions", names, "1 to 100 regions, each with its own name")
    if sum(region.capital for region in episode.regions) != 1:
        _refuse(
            episode, "capital", [r.name for r in episode.regions if r.capital], "exactly one region with the capital"
        )
    for region in episode.regions:
        if not 1_000 <= region.electors <= 1_000_000_000:
            _refuse(episode, f"electors of {region.name}", region.electors, "1000 to 1e9 [people]")
        if not 0.0 <= region.early_vote <= 100.0:
            _refuse(episode, f"early_vote of {region.name}", region.early_vote, "0 to 100 [%]")
    for force in episode.forces:
        if force.region not in [*names, "*"]:
            _refuse(
                episode,
                f"region of {force.branch}",
                force.region,
                f"one of the regions or *{nearest(force.region, names)}",
            )
        if not 1 <= force.units <= 1000 or not force.units <= force.heads <= 10_000_000:
            _refuse(episode, f"units and heads of {force.branch}", f"{force.units} and {force.heads}", UNITS)
        if not -5.0 <= force.loyalty <= 5.0:
            _refuse(episode, f"loyalty of {force.branch}", force.loyalty, "-5 to 5 [sd]")
        if not 0 <= force.sent <= 100:
            _refuse(episode, f"sent of {force.branch}", force.sent, "0 (never) to 100")
        for what, share in (("pool", force.pool), ("conscripts", force.conscripts)):
            if not 0.0 <= share <= 1.0:
                _refuse(episode, f"{what} of {force.branch}", share, "0 to 1 [share]")
    if not episode.forces:
        _refuse(episode, "forces", 0, "one branch or more")
    for what, given, allowed in (("rung", episode.start.rung, RUNGS), ("support", episode.start.support, SUPPORTS)):
        if given not in allowed:
            _refuse(episode, f"start.{what}", given, f"one of {', '.join(allowed)}")
    if not 0.0 <= episode.start.debt <= 10.0:
        _refuse(episode, "start.debt", episode.start.debt, "0 to 10 [rescues of 2020]")
    for shares, what, count in ((episode.people.ages, "ages", 3), (episode.people.media, "media", 4)):
        if len(shares) != count or not all(0.0 <= share <= 1.0 for share in shares) or abs(sum(shares) - 1.0) > 1e-6:
            _refuse(episode, f"people.{what}", list(shares), f"{count} shares that add up to 1")
    for event in episode.events:
        if event.kind not in EVENTS:
            _refuse(episode, f"event of {event.date}", event.kind, f"one of {', '.join(EVENTS)}")
        largest, unit = SIZES.get(event.kind, (1.0, "share"))
        if not 0.0 <= event.size <= largest:
            _refuse(episode, f"size of the {event.kind} of {event.date}", event.size, f"0 to {largest:g} [{unit}]")
        if event.audience not in AUDIENCES:
            hint = nearest(event.audience, list(AUDIENCES))
            _refuse(episode, f"audience of {event.date}", event.audience, f"one of {', '.join(AUDIENCES)}{hint}")
        if event.until is not None and (event.kind != "blackout" or event.until < event.date):
            expected = f"only for a blackout, and not before {event.date}"
            _refuse(episode, f"until of the {event.kind} of {event.date}", event.until, expected)
        if not episode.first_date <= event.date <= episode.end_date:
            _refuse(episode, f"date of the {event.kind}", event.date, f"{episode.first_date} to {episode.end_date}")
    if episode.alone and (episode.need or episode.patron_troops or episode.start.support != "none"):
        _refuse(episode, "alone", "true", "no need, no patron_troops and no start.support of a patron")
    if len(dict(episode.numbers)) < len(episode.numbers):
        _refuse(episode, "numbers", ", ".join(name for name, _ in episode.numbers), "each number once")
    try:
        Parameters().replace(dict(episode.numbers))
    except ParameterError as error:
        raise EpisodeError(f"{episode.name}: numbers: {error}") from None
    for what, high in TIMELINES.items():
        dates = [date for date, _ in getattr(episode, what)]
        if dates != sorted(set(dates)):
            _refuse(episode, f"dates of {what}", ", ".join(map(str, dates)), "each later than the one before")
        for date, value in getattr(episode, what):
            if not 0.0 <= value <= high:
                _refuse(episode, f"{what} of {date}", value, f"0 to {high:g}")
    if episode.entry is not None:
        _check_entry(episode, episode.entry)


def _check_entry(episode: Episode, entry: Entry) -> None:
    """Refuse an entry that cannot be."""
    if not episode.start_date <= entry.date <= episode.end_date:
        _refuse(episode, "entry.date", entry.date, f"{episode.start_date} to {episode.end_date}")
    if entry.withdrawal is not None and entry.withdrawal <= entry.date:
        _refuse(episode, "entry.withdrawal", entry.withdrawal, f"a date after the entry, {entry.date}")
    if entry.front not in FRONTS:
        _refuse(episode, "entry.front", entry.front, f"one of {', '.join(FRONTS)}")
    if entry.rung not in ("limited", "full"):
        _refuse(episode, "entry.rung", entry.rung, "limited or full")
    heads = sum(force.heads for force in episode.forces if force.sent)
    if not 1 <= entry.troops <= heads:
        _refuse(
            episode, "entry.troops", entry.troops, f"1 to {heads} [people], the heads of the branches that are sent"
        )


def read_toml(path: Path) -> dict[str, Any]:
    """Read the tables of a TOML file, as editors on any system write them.

    Raises:
        FileNotFoundError: if it is missing.
        EpisodeError: if it cannot be read, or holds what no file of this kind can mean.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise EpisodeError(f"{path} cannot be read: {error}") from None
    except ValueError as error:
        raise EpisodeError(f"{path} is not valid TOML: {error}") from None
    except RecursionError:
        raise EpisodeError(f"{path} is not valid TOML: it nests too deep") from None
    layer: list[tuple[str, Any]] = list(tables.items())
    for _ in range(DEEPEST):
        for name, value in layer:
            if isinstance(value, int) and abs(value) >= 2**63:
                digits = len(f"{abs(value):x}") * 6 // 5
                raise EpisodeError(
                    f"{path}: {name} has some {digits} digits; expected 64-bit whole numbers, as TOML has"
                )
        layer = [
            (f"{name}.{inner}" if isinstance(value, dict) else name, item)
            for name, value in layer
            if isinstance(value, (dict, list))
            for inner, item in (value.items() if isinstance(value, dict) else enumerate(value))
        ]
    if layer:
        raise EpisodeError(f"{path}: {layer[0][0][:40]} nests too deep; expected at most {DEEPEST} tables or lists")
    return tables


def load_episode(name: str | Path) -> Episode:
    """Read an episode by name (``belarus-2022``) or from a TOML file.

    Raises:
        EpisodeError: if the file is missing or broken, or tells of something that cannot be.

    >>> load_episode("belarus-2022").days
    365
    """
    path = Path(name)
    if path.suffix.lower() != ".toml":
        path = FOLDER / f"{name}.toml"
    try:
        tables = read_toml(path)
    except FileNotFoundError:
        known = sorted(file.stem for file in FOLDER.glob("*.toml"))
        raise EpisodeError(
            f"no episode {name}{nearest(str(name), known)} (a TOML file, or one of {', '.join(known)})"
        ) from None
    return episode_of(path.stem, tables)


def episode_of(name: str, tables: Mapping[str, Any]) -> Episode:
    """Return the episode that the tables of a file tell of.

    Raises:
        EpisodeError: if they tell of something that cannot be.
    """
    tables = dict(tables)
    timelines = tables.pop("timeline", {})
    fields: dict[str, Any] = {"name": name}
    for key, kind in (("regions", Region), ("forces", Force), ("events", Event)):
        entries = tables.pop(key, [])
        if not isinstance(entries, list):
            raise EpisodeError(f"{name}: {key} = {brief(entries)}; expected tables [[{key}]]")
        fields[key] = tuple(_record(name, key, kind, entry) for entry in entries)
    for key, group in (("start", Start), ("people", People), ("entry", Entry)):
        if key in tables:
            fields[key] = _record(name, key, group, tables.pop(key))
    if not isinstance(timelines, dict):
        raise EpisodeError(f"{name}: timeline = {brief(timelines)}; expected a table [timeline]")
    for key in timelines:
        if key not in TIMELINES:
            raise EpisodeError(f"{name}: no timeline {key}{nearest(key, list(TIMELINES))}")
    for key in TIMELINES:
        if key in tables:
            raise EpisodeError(f"{name}: {key} stands outside of its table; expected under [timeline]")
    return _record(name, "", Episode, fields | timelines | tables)


def _record(name: str, key: str, kind: type, entry: Any) -> Any:
    """Make one record of a file's table, refusing unknown, missing and mistyped fields by name."""
    if not isinstance(entry, dict):
        raise EpisodeError(f"{name}: {key} = {brief(entry)}; expected a table")
    entry = _typed(name, key, kind, entry)
    for field in dataclasses.fields(kind):
        if field.name not in entry and field.default is dataclasses.MISSING:
            raise EpisodeError(f"{name}: {key + '.' if key else ''}{field.name} is missing")
    return kind(**entry)


def _typed(name: str, key: str, kind: type, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of one record with their own types, refusing those that do not exist or cannot be read."""
    fields = {field.name: field.type for field in dataclasses.fields(kind)}
    typed = {}
    for given, value in entry.items():
        where = f"{name}: {key + '.' if key else ''}{given}"
        if given not in fields:
            raise EpisodeError(f"{where} does not exist{nearest(given, list(fields))}")
        try:
            typed[given] = _read(fields[given], value)
        except TypeError as error:
            raise EpisodeError(f"{where} = {brief(value)}; expected {error}") from None
    return typed


def _read(expected: Any, value: Any) -> Any:
    """Return a value as its field wants it, or raise a TypeError that says what was expected."""
    if expected == dt.date | None and value is None:
        return None
    if expected in (dt.date, dt.date | None) and type(value) is not dt.date:
        raise TypeError("a date such as 2022-02-24")
    if expected in (str, bool) and not isinstance(value, expected):
        raise TypeError({str: "text in quotes", bool: "true or false"}[expected])
    if expected is int:
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError("a whole number")
        return int(value)
    if expected is float:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError("a number")
        try:
            return float(value)
        except OverflowError:  # a whole number of hundreds of digits
            return math.copysign(math.inf, value)
    if expected == tuple[float, ...]:
        if not isinstance(value, (list, tuple)):
            raise TypeError("a list of numbers")
        return tuple(_read(float, share) for share in value)
    if expected == tuple[tuple[dt.date, float], ...]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(p, (list, tuple)) and len(p) == 2 for p in value):
            raise TypeError("pairs [date, number]")
        return tuple((_read(dt.date, date), _read(float, number)) for date, number in value)
    if expected == tuple[tuple[str, float], ...]:
        return tuple(_numbers(value))
    return value


def _numbers(value: Any, within: str = "") -> Iterator[tuple[str, float]]:
    """Yield numbers by their full names, from pairs or from tables (``regime.media_grip = 0.3``)."""
    pairs = value.items() if isinstance(value, dict) else value
    if not isinstance(pairs, Iterable) or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise TypeError("numbers by name, as in regime.media_grip = 0.3")
    for name, number in pairs:
        full = f"{within}{name}"
        if isinstance(number, dict):
            yield from _numbers(number, f"{full}.")
        else:
            whole = full in DECLARED and isinstance(DECLARED[full].default, int)
            yield full, _read(int if whole else float, number)
