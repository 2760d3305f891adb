"""The world of the page: a ``Simulation`` that takes the page's controls as they come, and never breaks the page.

Mesa's Reset builds ``type(model)(**controls)`` and shows a traceback instead of the page if that raises. So what
cannot be is replaced by the default, and said in ``messages``. What the reader does to a running world is kept
as ``interventions``; with the controls they make a recipe, from which ``replay`` builds the very same run.
"""

import dataclasses
import functools
import hashlib
import importlib.metadata
import logging
import os
import platform
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.citizen.population import SMALLEST
from agents.citizen.rules import Age, Media, Status
from agents.elite import Stance
from agents.ground.sources import source_hash
from agents.moscow import Support
from agents.regime import Rung
from agents.security import Doing
from experiments.browser import edits, opened
from experiments.browser.diary import Diary
from experiments.browser.gauge import gauge
from model import worlds
from model.episode import FOLDER, FRONTS, SUPPORTS, Episode, load_episode
from model.parameters import DECLARED, Parameters
from model.records import RecordError, checked, record_of
from model.simulation import Arm, Simulation

EPISODE_FILE = "TIGHTROPE_EPISODE"
"""The environment's name for the file of an episode that the page offers beside the model's own."""
FIRST = "belarus-2022"
"""The episode on which the page opens, if it was given no other."""
MOST_CITIZENS = 200_000
"""A page serves whoever opens it, so its worlds are of a bounded size."""
MOST_DRAWING = 2.0
"""So long a day waits for the page to have drawn the one before [s]: else a slow machine would draw without end."""
N_WORLDS = 60
"""How many draws from the accepted worlds the page offers."""

ACTS = {
    "enter_war": "Enter the war now",
    "withdraw": "Bring the troops home",
    "moscow_drops": "Moscow drops him",
    "open_media": "Open the media",
}
"""What the reader can do to a running world: methods of ``Simulation``, and the words of their buttons."""
SEAT = {
    "moscow_asks": "Press him: ask for the next step",
    "moscow_gives_money": "Give money",
    "moscow_sends_men": "Send men for his street",
    "moscow_drops": "Drop him",
}
"""What the reader can do to it in Moscow's seat."""
GIVES = {"moscow_gives_money": Support.MONEY, "moscow_sends_men": Support.TROOPS}
EVERY_ACT = ACTS | SEAT

AGES = {Age.YOUNG: "aged 18 to 34", Age.MIDDLE: "aged 35 to 64", Age.OLD: "aged 65 or more"}
DIETS = {
    Media.STATE: "state media",
    Media.INDEPENDENT: "independent media",
    Media.BOTH: "both kinds of media",
    Media.NONE: "no news",
}
STATUS_WORDS = {
    Status.HOME: "at home",
    Status.STREET: "in the street",
    Status.DETAINED: "detained",
    Status.EXILE: "in exile",
    Status.VOLUNTEER: "a volunteer",
}
DOING_WORDS = {
    Doing.IDLE: "idle",
    Doing.OBEYING: "obeying",
    Doing.SHIRKING: "shirking",
    Doing.ASIDE: "standing aside",
    Doing.FRONT: "at the front",
    Doing.REFUSING: "refusing to fight",
}


RECIPE = {
    "tightrope": int,
    "episode": str,
    "arm": str,
    "seed": int,
    "history?": int,
    "n_citizens": int,
    "front?": str,
    "troops?": float,
    "support?": str,
    "parameters": {str: float},
    "without?": [str],
    "interventions?": [[Any]],
    "days": int,
    "fingerprint?": str,
    "sources?": str,
    "versions?": {str: str},
    "marks?": {str: str},
}
"""What is read of a recipe; a day and a word are an intervention."""


class RecipeError(ValueError):
    """A recipe that cannot be replayed; the message says why."""


@dataclass(frozen=True)
class Setup:
    """What a world is built from, checked: all that ``Simulation`` takes, and what was changed in the episode."""

    episode: Episode
    parameters: Parameters
    arm: str
    seed: int
    history: int | None
    """The seed of the people and the past, in an accepted history."""
    n_citizens: int
    front: str
    troops: int
    support: str


def episodes() -> dict[str, Path]:
    """Return the files of the episodes that the page offers, by name: first that on which it opens."""
    files = {file.stem: file for file in sorted(FOLDER.glob("*.toml"))} | opened.FILES
    own = os.environ.get(EPISODE_FILE)
    first = {Path(own).stem: Path(own)} if own else {FIRST: files[FIRST]}
    return first | files | first


@functools.lru_cache(maxsize=4)
def _drawn(path: Path | None, changed: float) -> tuple[worlds.World, ...]:
    """Draw the page's worlds once for each state of the file."""
    return tuple(worlds.draw(N_WORLDS, seed=0, path=path))


def accepted_worlds(episode: str = FIRST) -> tuple[worlds.World, ...]:
    """Return the page's draws of an episode's worlds.

    Raises:
        WorldsError: if the file of accepted worlds is broken.
    """
    file = worlds.file_of(load_episode(episodes()[episode]))
    return _drawn(file, file.stat().st_mtime if file else 0.0)


def check(
    episode: Any = "belarus-2022",
    arm: Any = "stay",
    seed: Any = 0,
    n_citizens: Any = 20_000,
    world: Any = 0,
    front: Any = "",
    troops: Any = 0,
    support: Any = "",
    numbers: Any = None,
    without: Any = (),
    history: Any = None,
) -> tuple[Setup, list[str]]:
    """Return what to build a world from, and a sentence for each control that could not be taken as given.

    Args:
        episode: the name of an episode.
        arm: stay, enter or decide.
        seed: a whole number from 0, also as text.
        n_citizens: how many citizens, 100 to ``MOST_CITIZENS``.
        world: the number of a draw from the accepted worlds, 1 to ``N_WORLDS``; 0 for the default parameters.
        front: the course of the front; empty for the world's own.
        troops: the troops of an entry [people]; 0 for the episode's own.
        support: Moscow's support on the first day; empty for the episode's own.
        numbers: parameters by full name that differ from the world's.
        without: the switches that are off.
        history: the seed of the people and the past; None for the world's own.
    """
    said: list[str] = []

    def attempt[T](what: Callable[[], T], instead: T) -> T:
        try:
            return what()
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            said.append(" ".join(str(error).split()))
            return instead

    def whole(name: str, given: Any, low: int, high: int, default: int) -> int:
        def read() -> int:
            try:
                value = int(str(given).replace(",", "").replace(" ", ""))
            except ValueError:
                value = low - 1
            if not low <= value <= high:
                raise ValueError(f"{name} = {str(given)[:40]!r}; expected a whole number from {low:,} to {high:,}")
            return value

        return attempt(read, default)

    def one_of(name: str, given: Any, allowed: Iterable[str], default: str) -> str:
        if given not in list(allowed):
            said.append(f"{name} = {str(given)[:40]!r}; expected one of {', '.join(allowed)}")
            return default
        return str(given)

    files = episodes()
    name = one_of("episode", episode, files, next(iter(files)))
    other = next(known for known in files if known != name)
    country = attempt(lambda: load_episode(files[name]), None) or load_episode(files[other])
    seed = whole("seed", seed, 0, 2**63 - 1, 0)
    n_citizens = whole("citizens", n_citizens, SMALLEST, MOST_CITIZENS, 20_000)
    number = whole("world", world, 0, N_WORLDS, 0)

    drawn = attempt(lambda: accepted_worlds(name)[number - 1], None) if number else None
    parameters = drawn.parameters if drawn else Parameters()
    for given, value in (numbers or {}).items():
        parameters = attempt(functools.partial(parameters.replace, {given: value}), parameters)
    for switch in without:
        parameters = attempt(functools.partial(parameters.switch_off, switch), parameters)

    entry = country.entry
    front = one_of(
        "front", front or (drawn.front if drawn else entry.front if entry else ""), (*FRONTS, ""), "stalemate"
    )
    support = one_of("support", support or country.start.support, SUPPORTS, country.start.support)
    if not isinstance(troops, (int, float)) or not abs(troops) <= 1e9:  # nan is not, either
        said.append(f"troops = {str(troops)[:40]!r}; expected a number of people")
        troops = 0
    troops = int(troops or (entry.troops if entry else 0))
    if entry:
        country = attempt(lambda: country.replace(entry_front=front), country)
        country = attempt(lambda: country.replace(entry_troops=troops), country)
    entry = country.entry
    front, troops = (entry.front, entry.troops) if entry else ("", 0)
    country = country.replace(start=dataclasses.replace(country.start, support=support))
    arm = one_of("arm", arm, list(Arm), "stay")
    if arm != Arm.STAY and entry is None:
        said.append(f"{country.title}: there is no war to enter, so he stays out")
        arm = "stay"
    n_citizens = min(n_citizens, country.electors)
    past = drawn.history if drawn else None
    if history is not None:
        past = whole("history", history, 0, 2**63 - 1, 0)
    return Setup(country, parameters, arm, seed, past, n_citizens, front, troops, support), said


def base_of(setup: Setup) -> tuple[int, dict[str, float]]:
    """Return the draw whose numbers are nearest to those of a setup, and what differs; 0 stands for the default."""
    own, past = setup.parameters.flat(), setup.history
    try:
        drawn = accepted_worlds(setup.episode.name)
    except ValueError:
        drawn = ()
    bases = [
        (0, Parameters().flat()),
        *((k, one.parameters.flat()) for k, one in enumerate(drawn, 1) if one.history == past),
    ]
    return min(
        ((k, {name: value for name, value in own.items() if base[name] != value}) for k, base in bases),
        key=lambda found: len(found[1]),
    )


def controls_of(setup: Setup) -> dict[str, Any]:
    """Return controls from which ``check`` makes this very setup."""
    world, numbers = base_of(setup)
    controls = {
        "episode": setup.episode.name,
        "arm": str(setup.arm),
        "seed": str(setup.seed),
        "n_citizens": str(setup.n_citizens),
        "world": world,
        "front": setup.front,
        "troops": setup.troops,
        "support": setup.support,
        "numbers": numbers,
        "without": tuple(sorted(setup.parameters.without)),
    }
    return controls if check(**controls)[0].history == setup.history else controls | {"history": setup.history}


def not_applied(controls: Mapping[str, Any], setup: Setup) -> frozenset[str]:
    """Return which controls differ from what a running world was built from: by control, number or switch."""
    asked, _ = check(**controls)
    plain = {
        name
        for name in ("arm", "seed", "n_citizens", "front", "troops", "support")
        if getattr(asked, name) != getattr(setup, name)
    }
    if asked.episode.name != setup.episode.name:
        plain |= {"episode"}
    here = setup.parameters.flat()
    numbers = {name for name, value in asked.parameters.flat().items() if here[name] != value}
    if asked.history != setup.history or base_of(asked)[0] != base_of(setup)[0]:
        plain |= {"world"}
    return frozenset(plain | numbers | asked.parameters.without ^ setup.parameters.without)


def running_words(setup: Setup) -> str:
    """Return which world is running, in a line."""
    world, numbers = base_of(setup)
    name = f"accepted history {world}" if world else "default numbers"
    parts = [name, f"seed {setup.seed:,}", f"{setup.n_citizens:,} citizens"]
    if numbers:
        parts.append(f"{len(numbers)} number{'s' if len(numbers) > 1 else ''} changed")
    if setup.parameters.without:
        parts.append(f"without {', '.join(sorted(setup.parameters.without))}")
    return ", ".join(parts)


class BrowserWorld(Simulation):
    """A world built from the page's controls (see ``check``), with what stands beside it on the page."""

    def __init__(
        self,
        episode: Any = "belarus-2022",
        arm: Any = "stay",
        seed: Any = 0,
        n_citizens: Any = 20_000,
        world: Any = 0,
        front: Any = "",
        troops: Any = 0,
        support: Any = "",
        numbers: Any = None,
        without: Any = (),
        history: Any = None,
    ) -> None:
        # Named one by one: where Mesa's Reset sees ``**controls``, it adds a scenario of its own.
        self.begin(*check(episode, arm, seed, n_citizens, world, front, troops, support, numbers, without, history))

    def begin(self, setup: Setup, said: list[str]) -> None:
        """Build the world, or the default one with a message if that fails."""
        try:
            self._start(setup)
        except Exception as error:
            logging.getLogger(__name__).exception("a world could not be built")
            said.append(f"This world could not be built, the default one is shown: {type(error).__name__}: {error}")
            self.__dict__.clear()
            setup = check()[0]
            self._start(setup)
        self.setup = setup
        self.messages = said
        self.interventions: list[tuple[int, str]] = []
        """What the reader did, and after which day."""
        self.stage = Stage()
        self.stage.watch_elites(self)

    def _start(self, setup: Setup) -> None:
        super().__init__(
            setup.episode,
            setup.parameters,
            arm=setup.arm,
            rng=setup.seed,
            history=setup.history,
            n_citizens=setup.n_citizens,
        )

    def step(self) -> None:
        """Live one day, and let the twin live it too; a world that breaks stops and says so."""
        self.stage.drawn.wait(MOST_DRAWING)
        with self.stage.lock:
            if not self.running:
                return
            doing = self.forces.columns["doing"].copy()
            try:
                super().step()
                self.stage.follow(self, doing)
            except Exception as error:
                logging.getLogger(__name__).exception("a day went wrong")
                self.running = False
                self.messages.append(f"Day {self.day} went wrong, the world stops: {type(error).__name__}: {error}")
            self.stage.revision += 1

    def act(self, name: str) -> None:
        """Do one of ``EVERY_ACT`` to this world now, and remember it for the recipe."""
        if name not in EVERY_ACT:
            raise RecipeError(f"no intervention {name!r}; expected one of {', '.join(EVERY_ACT)}")
        with self.stage.lock:
            getattr(self, name)()
            self.interventions.append((self.day, name))
            self.stage.revision += 1

    def can(self, name: str) -> bool:
        """Whether an act would change anything now."""
        if not self.running:
            return False
        if name == "enter_war":
            return self.episode.entry is not None and self.regime.rung < Rung.LIMITED
        if name == "withdraw":
            return self.regime.rung >= Rung.LIMITED
        if name in SEAT and (self.episode.alone or self.moscow.dropped):
            return False
        if name == "moscow_asks":  # once a day: his answer of the day is cast
            asked = (self.day, name) in self.interventions
            return self.episode.entry is not None and self.regime.rung < Rung.FULL and not asked
        if name in GIVES:
            return self.moscow.support < GIVES[name]
        if name == "moscow_drops":
            return True
        return self.media.grip > 0.0 or self.media.closed > 0.0


class Stage:
    """What the page keeps beside a world and is no part of its history; a fork starts with an empty one.

    Args:
        leans: whether to read off every evening to which side he leans; of forks nobody looks at that.
    """

    def __init__(self, leans: bool = True) -> None:
        self.lock = threading.RLock()
        """Held while the world moves, is copied or is looked at."""
        self.revision = 0
        self.drawn = threading.Event()
        """Whether the page has drawn what it began to; a world that plays waits for it."""
        self.drawn.set()
        self.notes: list[tuple[int, str]] = []
        self.stances: list[list[int]] = []
        """How many of the elite take each stance, by day."""
        self.keeps_leans = leans
        self.leans: list[float] = []
        """To which side he leans, by day (``gauge``)."""
        self.twin: Twin | None = None
        self.diary = Diary()

    def __deepcopy__(self, memo: dict) -> "Stage":
        return Stage(leans=False)

    def watch_elites(self, world: BrowserWorld) -> None:
        """Count the stances of the elite today."""
        counts = np.bincount(world.elites.columns["stance"], minlength=len(Stance))
        self.stances.append(counts.tolist())

    def follow(self, world: BrowserWorld, doing: np.ndarray) -> None:
        """Note what the units did on the day and how he leans, count the elite, and let the twin catch up."""
        self.watch_elites(world)
        if self.keeps_leans:
            self.leans.append(gauge(world).lean)
        self.diary.write(world)
        now = world.forces.columns["doing"]
        aside = np.flatnonzero((now == Doing.ASIDE) & (doing != Doing.ASIDE))
        if aside.size == 1:
            self.notes.append((world.day, f"{_upper(world.forces.name(int(aside[0])))} stands aside"))
        elif aside.size:
            self.notes.append(
                (world.day, f"{aside.size} units stand aside, among them the {world.forces.name(int(aside[0]))}")
            )
        if self.twin is not None:
            self.twin.follow(world)


@dataclass
class Twin:
    """The other course of the same world: a fork with the same dice, in which he did the opposite on one day."""

    world: BrowserWorld
    since: int
    did: str
    """The act by which it differed first."""
    shared: int = 0
    """So many of the reader's acts came before it parted, and are of both worlds."""
    citizen: tuple[int, str] | None = None
    """The day on which a citizen first did something else, and the sentence about it."""
    unit: tuple[int, str] | None = None

    @classmethod
    def of(cls, world: BrowserWorld) -> "Twin":
        """Fork a running world; in the fork he enters the war now, or comes home if he is in it."""
        with world.stage.lock:
            name = "withdraw" if world.regime.rung >= Rung.LIMITED else "enter_war"
            other = world.fork()
            other.act(name)
            twin = cls(other, world.day, name, len(world.interventions))
            world.stage.twin = twin
            world.stage.revision += 1
        return twin

    def apart(self, world: BrowserWorld) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """Return what the reader did since it parted: in the first world, and in the twin."""
        return world.interventions[self.shared :], self.world.interventions[self.shared :]

    def follow(self, world: BrowserWorld) -> None:
        """Live the same day, to the end if the first world has ended, and look for the first who differ."""
        while self.world.running and (self.world.day < world.day or not world.running):
            self.world.step()
        if self.world.day == world.day:
            self._compare(world)

    def _compare(self, world: BrowserWorld) -> None:
        mine, other = world.citizens, self.world.citizens
        if self.citizen is None:
            status = mine.columns["status"], other.columns["status"]
            differ = np.flatnonzero(status[0] != status[1])
            if differ.size:
                row = int(differ[0])
                one = mine[row]
                who = (
                    f"citizen {row:,} of {world.episode.regions[one.region].name} "
                    f"({AGES[Age(one.age)]}, {DIETS[Media(one.media)]})"
                )
                words = [STATUS_WORDS[Status(column[row])] for column in status]
                more = f", with {differ.size - 1:,} others on that day" if differ.size > 1 else ""
                self.citizen = (world.day, f"{who} is {words[0]} in this world and {words[1]} in the twin{more}")
        if self.unit is None:
            doing = world.forces.columns["doing"], self.world.forces.columns["doing"]
            home = ~world.forces.front & ~self.world.forces.front
            differ = np.flatnonzero((doing[0] != doing[1]) & home)
            if differ.size:
                row = int(differ[0])
                words = [DOING_WORDS[Doing(column[row])] for column in doing]
                self.unit = (
                    world.day,
                    f"the {world.forces.name(row)} is {words[0]} in this world and {words[1]} in the twin",
                )


# The recipe of a run.


def fingerprint(world: Simulation) -> str:
    """Return a hash of all measures of all days lived so far [16 hex digits]."""
    rows = np.array(world.rows, float)
    return hashlib.sha256(rows.tobytes()).hexdigest()[:16]


def recipe(world: BrowserWorld) -> dict[str, Any]:
    """Return all that is needed to live this run again to the last bit."""
    with world.stage.lock:
        setup = world.setup
        history = {} if setup.history is None else {"history": setup.history}
        told = {
            "tightrope": 1,
            "episode": setup.episode.name,
            "arm": setup.arm,
            "seed": setup.seed,
            **history,
            "n_citizens": setup.n_citizens,
            "front": setup.front,
            "troops": setup.troops,
            "support": setup.support,
            "parameters": setup.parameters.flat(),
            "without": sorted(setup.parameters.without),
            "interventions": [list(act) for act in world.interventions],
            "days": world.day,
        }
        beside = {"fingerprint": fingerprint(world), "sources": sources_of(world), "versions": versions()}
        return told | beside | {"marks": edits.marks(told)}


def sources_of(world: Simulation) -> str:
    """Return a hash of the rules, and of what he who decides has learnt: it lies in a file of its own."""
    taught = "" if world.lessons is None else repr(world.lessons)
    return hashlib.sha256((source_hash() + taught).encode()).hexdigest() if taught else source_hash()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a history depends on."""
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in ("mesa", "numpy", "numba", "scipy")
    }


def read_recipe(text: str) -> Any:
    """Return what a downloaded recipe holds.

    Raises:
        RecipeError: if it is no JSON, or nests too deep.
    """
    try:
        return record_of(text, {}, "it")
    except RecordError as error:
        raise RecipeError(f"this is no recipe of a run: {error}") from None


def live(setup: Setup, acts: Iterable[Sequence], days: int) -> BrowserWorld:
    """Return a world that was lived so many days, or to its end, with acts that were done after certain days.

    Args:
        setup: what it is built from.
        acts: a day and the name of one of ``EVERY_ACT``, each.
        days: how many days.
    """
    world = BrowserWorld.__new__(BrowserWorld)
    world.begin(setup, [])
    left = sorted(acts, key=lambda act: act[0])
    while True:
        while left and left[0][0] <= world.day:
            world.act(left.pop(0)[1])
        if world.day >= days or not world.running:
            return world
        world.step()


def replay(recipe: Mapping[str, Any]) -> BrowserWorld:
    """Return the world of a recipe, having lived the run again.

    Raises:
        RecipeError: if the recipe is no such thing, or asks for what cannot be.
    """
    if not isinstance(recipe, Mapping) or recipe.get("tightrope") != 1:
        raise RecipeError('this is no recipe of a run: expected a table with "tightrope": 1')
    try:
        checked(recipe, RECIPE, "the recipe")
    except RecordError as error:
        raise RecipeError(str(error)) from None
    numbers, without, acts = recipe["parameters"], recipe.get("without", []), recipe.get("interventions", [])
    unknown = sorted(set(DECLARED) - set(numbers))
    given = {
        name: recipe[name]
        for name in ("episode", "arm", "seed", "n_citizens", "front", "troops", "support")
        if name in recipe
    }
    setup, said = check(**given, numbers=numbers, without=without)
    if said:
        raise RecipeError(f"the recipe cannot be replayed: {said[0]}")
    history, days = recipe.get("history"), recipe["days"]
    if history is not None and not 0 <= history < 2**63:
        raise RecipeError(f"history = {str(history)[:40]}; expected a whole number from 0 to 2^63 - 1")
    if not 0 <= days <= setup.episode.days:
        raise RecipeError(f"days = {str(days)[:40]}; expected 0 to {setup.episode.days}")
    for act in acts:
        if len(act) != 2 or act[1] not in list(EVERY_ACT) or not isinstance(act[0], int) or isinstance(act[0], bool):
            raise RecipeError(f"intervention {str(act)[:60]}; expected [day, one of {', '.join(EVERY_ACT)}]")
    world = live(dataclasses.replace(setup, history=history), acts, days)
    if unknown:
        world.messages.append(f"The recipe does not name {', '.join(unknown[:3])}: the default was taken")
    if recipe.get("fingerprint") not in (None, fingerprint(world)):
        why = edits.reason(recipe, sources_of(world), versions())
        world.messages.append(f"This run is not the recorded one: {why}")
    return world


def _upper(text: str) -> str:
    """Return a sentence with a capital first letter."""
    return text[:1].upper() + text[1:]
