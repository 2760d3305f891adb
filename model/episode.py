"""An episode: a country and its timeline, from a file. Nothing about any one country is in the code.

README tells how to write one; ``episodes/`` holds two. Every field is checked when the file is read.
"""

import dataclasses
import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.parameters import nearest

FOLDER = Path(__file__).parent / "episodes"
FRONTS = ("stalemate", "advance", "defeat")
RUNGS = ("none", "territory", "limited", "full")
SUPPORTS = ("none", "police", "money", "troops")
EVENTS = ("stolen_election", "gathering", "talks", "talks_end", "nukes_permitted", "nukes_hosted")


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
    order in which branches are sent to a war (0: never).
    """

    branch: str
    region: str
    heads: int
    units: int
    pool: float
    loyalty: float = 0.0
    sent: int = 0


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens on a date: its kind, its size (for a stolen election or a gathering, 0 to 1), its words."""

    date: dt.date
    kind: str
    size: float = 1.0
    text: str = ""


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
    """The first day: his rung, Moscow's support, and whether the changes since the last revolt are carried over."""

    rung: str = "none"
    support: str = "none"
    debt: float = 0.0
    carried: bool = False


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
    start_date: dt.date
    end_date: dt.date
    regions: tuple[Region, ...]
    forces: tuple[Force, ...]
    start: Start = Start()
    people: People = People()
    events: tuple[Event, ...] = ()
    entry: Entry | None = None
    need: tuple[tuple[dt.date, float], ...] = ()
    geography: tuple[tuple[dt.date, float], ...] = ()
    patron_troops: tuple[tuple[dt.date, float], ...] = ()

    def __post_init__(self) -> None:
        _check(self)

    @property
    def days(self) -> int:
        """How many days the episode has, first and last included."""
        return (self.end_date - self.start_date).days + 1

    @property
    def electors(self) -> int:
        """All electors [people]."""
        return sum(region.electors for region in self.regions)

    @property
    def capital(self) -> int:
        """The index of the region with the capital."""
        return next(index for index, region in enumerate(self.regions) if region.capital)

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
        known = [field.name for field in dataclasses.fields(Entry)]
        for name in entry:
            if name not in known:
                raise EpisodeError(f"{self.name}: no field entry.{name}{nearest(name, known)}")
        if entry:
            if self.entry is None:
                raise EpisodeError(f"{self.name} has no [entry]: give it a date to change how he enters")
            own["entry"] = dataclasses.replace(self.entry, **entry)
        for name in own:
            if name not in {field.name for field in dataclasses.fields(self)}:
                raise EpisodeError(f"{self.name}: no field {name}{nearest(name, [f.name for f in dataclasses.fields(self)])}")
        return dataclasses.replace(self, **own)

    def to_dict(self) -> dict[str, Any]:
        """Return the episode as plain values (dates as text), for records and keys."""
        return _plain(dataclasses.asdict(self))


def _plain(value: Any) -> Any:
    """Return nested values with dates as text and tuples as lists."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _refuse(episode: Episode, what: str, given: Any, expected: str) -> None:
    """Raise the one-line error of a field that cannot be."""
    raise EpisodeError(f"{episode.name}: {what} = {given}; expected {expected}")


def _check(episode: Episode) -> None:
    """Refuse what cannot be: dates out of order, shares that do not add up, regions that do not exist."""
    if episode.end_date <= episode.start_date:
        _refuse(episode, "end", episode.end_date, f"a date after the start, {episode.start_date}")
    if episode.days > 3700:
        _refuse(episode, "end", episode.end_date, "at most ten years after the start")
    names = [region.name for region in episode.regions]
    if not 1 <= len(names) <= 100 or len(set(names)) != len(names):
        _refuse(episode, "regions", names, "1 to 100 regions, each with its own name")
    if sum(region.capital for region in episode.regions) != 1:
        _refuse(episode, "capital", [r.name for r in episode.regions if r.capital], "exactly one region with the capital")
    for region in episode.regions:
        if region.electors < 1_000:
            _refuse(episode, f"electors of {region.name}", region.electors, "1000 or more [people]")
        if not 0.0 <= region.early_vote <= 100.0:
            _refuse(episode, f"early_vote of {region.name}", region.early_vote, "0 to 100 [%]")
    for force in episode.forces:
        if force.region not in [*names, "*"]:
            _refuse(episode, f"region of {force.branch}", force.region, f"one of the regions or *{nearest(force.region, names)}")
        if not 1 <= force.units <= 1000 or force.heads < force.units:
            _refuse(episode, f"units of {force.branch}", force.units, "1 to 1000, and a head or more each")
        if not 0.0 <= force.pool <= 1.0:
            _refuse(episode, f"pool of {force.branch}", force.pool, "0 to 1 [share]")
    if not episode.forces:
        _refuse(episode, "forces", 0, "one branch or more")
    for what, given, allowed in (("rung", episode.start.rung, RUNGS), ("support", episode.start.support, SUPPORTS)):
        if given not in allowed:
            _refuse(episode, f"start.{what}", given, f"one of {', '.join(allowed)}")
    for shares, what, count in ((episode.people.ages, "ages", 3), (episode.people.media, "media", 4)):
        if len(shares) != count or min(shares) < 0.0 or abs(sum(shares) - 1.0) > 1e-6:
            _refuse(episode, f"people.{what}", list(shares), f"{count} shares that add up to 1")
    for event in episode.events:
        if event.kind not in EVENTS:
            _refuse(episode, f"event of {event.date}", event.kind, f"one of {', '.join(EVENTS)}")
        if not 0.0 <= event.size <= 1.0:
            _refuse(episode, f"size of the {event.kind} of {event.date}", event.size, "0 to 1")
        if not episode.start_date <= event.date <= episode.end_date:
            _refuse(episode, f"date of the {event.kind}", event.date, f"{episode.start_date} to {episode.end_date}")
    for what, high in (("need", 2.0), ("geography", 1.0), ("patron_troops", 1e6)):
        for date, value in getattr(episode, what):
            if not 0.0 <= value <= high:
                _refuse(episode, f"{what} of {date}", value, f"0 to {high:g}")
    if episode.entry is not None:
        _check_entry(episode, episode.entry)


def _check_entry(episode: Episode, entry: Entry) -> None:
    """Refuse an entry that cannot be."""
    if not episode.start_date < entry.date <= episode.end_date:
        _refuse(episode, "entry.date", entry.date, f"after {episode.start_date}, and not after {episode.end_date}")
    if entry.withdrawal is not None and entry.withdrawal <= entry.date:
        _refuse(episode, "entry.withdrawal", entry.withdrawal, f"a date after the entry, {entry.date}")
    if entry.front not in FRONTS:
        _refuse(episode, "entry.front", entry.front, f"one of {', '.join(FRONTS)}")
    if entry.rung not in ("limited", "full"):
        _refuse(episode, "entry.rung", entry.rung, "limited or full")
    heads = sum(force.heads for force in episode.forces if force.sent)
    if not 1 <= entry.troops <= heads:
        _refuse(episode, "entry.troops", entry.troops, f"1 to {heads} [people], the heads of the branches that are sent")


def load_episode(name: str | Path) -> Episode:
    """Read an episode by name (``belarus-2022``) or from a TOML file.

    Raises:
        EpisodeError: if the file is missing or broken, or tells of something that cannot be.

    >>> load_episode("belarus-2022").days
    365
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = FOLDER / f"{name}.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = sorted(file.stem for file in FOLDER.glob("*.toml"))
        raise EpisodeError(f"no episode {name}{nearest(str(name), known)} (a TOML file, or one of {', '.join(known)})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise EpisodeError(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise EpisodeError(f"{path} is not valid TOML: {error}") from None
    return _episode(path.stem, told)


def _episode(name: str, told: dict[str, Any]) -> Episode:
    """Make an episode of the tables of a file."""
    told = dict(told)
    timelines = told.pop("timeline", {})
    fields: dict[str, Any] = {"name": name}
    for key, kind in (("regions", Region), ("forces", Force), ("events", Event)):
        fields[key] = tuple(_record(name, key, kind, entry) for entry in told.pop(key, []))
    for key, kind in (("start", Start), ("people", People), ("entry", Entry)):
        if key in told:
            fields[key] = _record(name, key, kind, told.pop(key))
    for key, points in timelines.items():
        if key not in ("need", "geography", "patron_troops"):
            raise EpisodeError(f"{name}: no timeline {key}{nearest(key, ['need', 'geography', 'patron_troops'])}")
        try:
            fields[key] = tuple((date, float(value)) for date, value in points)
        except (TypeError, ValueError):
            raise EpisodeError(f"{name}: timeline.{key} = {points}; expected pairs [date, number]") from None
    fields |= told
    return _record(name, "", Episode, fields)


def _record(name: str, key: str, kind: type, entry: dict[str, Any]) -> Any:
    """Make one record of a file's table, refusing unknown, missing and mistyped fields by name."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    where = f"{name}: {key + '.' if key else ''}"
    for given, value in entry.items():
        if given not in fields:
            raise EpisodeError(f"{where}{given} does not exist{nearest(given, list(fields))}")
        expected = fields[given].type
        if expected in (dt.date, dt.date | None) and type(value) is not dt.date:
            raise EpisodeError(f"{where}{given} = {value!r}; expected a date such as 2022-02-24")
        if expected in (str, bool, int) and type(value) is not expected:
            raise EpisodeError(f"{where}{given} = {value!r}; expected {expected.__name__}")
        if expected is float and type(value) not in (int, float):
            raise EpisodeError(f"{where}{given} = {value!r}; expected a number")
        if expected == tuple[float, ...]:
            if not isinstance(value, list) or not all(type(share) in (int, float) for share in value):
                raise EpisodeError(f"{where}{given} = {value!r}; expected a list of numbers")
            entry = entry | {given: tuple(float(share) for share in value)}
    for needed, field in fields.items():
        if needed not in entry and field.default is dataclasses.MISSING:
            raise EpisodeError(f"{where}{needed} is missing")
    return kind(**entry)
