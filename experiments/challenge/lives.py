"""A life of a country whose numbers depart from what was fitted: what departs, what is seen of it, what made it fall.

Both sides know this page: it is how a country is hidden, and how ours are drawn that may be like it.
"""

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import click
import numpy as np
import pandas as pd

from experiments.lab.design import DesignError
from experiments.lab.left_out import Part
from experiments.lab.plan import BEYOND, episode_with_entry, home_after
from experiments.lab.runner import Run
from experiments.lab.searches import Outcome, Search, left_out, stands
from experiments.lab.statistics import Estimate, chance
from experiments.lab.study import Study, live
from experiments.lab.tasks import run_summary, world_of
from experiments.show.words import FALL, happened
from model.episode import Episode
from model.measures import MEASURES, summary
from model.simulation import Arm
from model.worlds import World, draw, file_of

COUNTRY = "belarus-2022"
"""Whose rules and histories a hidden country has; its size, and what befalls it, are its own."""
CAUSES: Mapping[str, Mapping[str, float]] = {
    "shock": {BEYOND: 6.0},
    "losses": {"war.killed_first": 60.0, "war.killed_later": 60.0, "citizen.loss_anger": 3.0},
    "forces": {"security.loyalty_drift": -3.0},
}
"""What departs, and how far at most: a step that outrages by itself, losses at the front, forces that do not obey."""
MAIN, ASIDE = (0.3, 1.0), (0.0, 0.35)
"""How far one of them departs, and the two others [share of the way to the most]."""
IN_TURN = ("shock", "losses", "forces", "losses", "forces")
"""Which departs far, draw by draw: those that bring fewer falls twice as often."""
PLANTED = "planted"
"""The kind of these parts, beside those of a life that can be left out."""
WAITS = (3, 7, 14, 28)
"""After how many days in the war the troops can come home."""
NEVER, STAYS = 0, -1
"""In place of a wait: they never come home; he never entered."""
SEEN = ("crowd", "capital_crowd", "detained_today", "dead", "standing_aside")
SOON = 14
"""A fall within so many days of the war is an early one."""
LEAST, SPAN = 5, 120
"""Of a fall at least so many days are told, and at most so many."""
HIDDEN, OURS = 0, 1
"""The two sides, which share no history: histories with even seeds are hidden, ours have odd ones."""


class Country(NamedTuple):
    """A draw of the fitted histories, which cause departs most in it, and how far each does [share of the way]."""

    world: World
    planted: str
    departs: Mapping[str, float]


class Explained(NamedTuple):
    """A country that fell, the one cause without which it would not have, and what came of that life."""

    country: Country
    cause: str
    outcome: Mapping[str, Any]


def countries(n: int, number: int, side: int) -> list[Country]:
    """Return at most n countries of a side, in which one cause departs far and the others less.

    Raises:
        DesignError: if there is none.
    """
    drawn = draw(2 * n, 2 * number + side, file_of(episode_with_entry(COUNTRY)))
    own = [world for world in drawn if (world.number if world.history is None else world.history) % 2 == side]
    if not own:
        raise DesignError(f"no draw of {2 * n} is of that side: give more --worlds")
    return [departing(world, place, 2 * number + side) for place, world in enumerate(own[:n])]


def departing(world: World, place: int, number: int) -> Country:
    """Return a draw in which one cause departs far, each in its turn, and the others less."""
    planted = IN_TURN[place % len(IN_TURN)]
    dice = np.random.default_rng([number, place, len(CAUSES)])
    shares = {cause: float(dice.uniform(*(MAIN if cause == planted else ASIDE))) for cause in CAUSES}
    return Country(world, planted, shares)


def run_of(country: Country, n_citizens: int, out: Collection[str] = (), wait: int = NEVER, life: int = 0) -> Run:
    """Return a life of a country, without some of its departures, with its troops home after a wait."""
    world, own = country.world, country.world.parameters.flat()
    numbers = {
        name: own[name] + country.departs[cause] * (most - own[name])
        for cause, mosts in CAUSES.items() if cause not in out for name, most in mosts.items()
    }  # fmt: skip
    return Run(
        episode=_course(wait if wait in WAITS else None),
        parameters=world.parameters.replace(numbers), arm=str(Arm.STAY if wait == STAYS else Arm.ENTER),
        seed=world.seed + 100_000 * life, history=world.history, n_citizens=n_citizens,
        labels={"country": world.number, "out": " ".join(out), "wait": wait, "life": life},
    )  # fmt: skip


@functools.cache
def _course(wait: int | None) -> Episode:
    """Return what befalls every such country: he enters, and the troops come home after a wait, or never (None)."""
    return home_after(episode_with_entry(COUNTRY).replace(entry_front="stalemate"), wait)


def lives_of(countries: Sequence[Country], lives: int, n_citizens: int) -> Iterator[Run]:
    """Yield other lives of some countries: in each he stays, and enters with troops home after each wait, or never."""
    for country in countries:
        for life in range(1, 1 + lives):
            for wait in (STAYS, NEVER, *WAITS):
                yield run_of(country, n_citizens, wait=wait, life=life)


def seen(run: Run) -> dict[str, Any]:
    """Live a run; return what an analyst could count, per elector, by day from the entry on."""
    world = world_of(run).run(run.days)
    first = world.episode.day_of(world.episode.entering.date)
    days = world.rows[first - 1 : first - 1 + SPAN]
    people = world.citizens.all_electors
    units = {name: 1.0 if name == "standing_aside" else people for name in SEEN}
    places = {name: list(MEASURES).index(name) for name in SEEN}
    counted = {name: " ".join(f"{day[places[name]] / units[name]:.9f}" for day in days) for name in SEEN}
    return summary(world) | counted


def explained(country: Country, n_citizens: int) -> Search[Explained | None]:
    """Live a country, and if it falls late enough search the smallest set of causes without which it stands.

    None: it does not fall so, or there is not exactly one cause that is enough alone.
    """
    (outcome,) = yield [run_of(country, n_citizens)], 0
    if outcome is None or stands(outcome) or len(str(outcome[SEEN[0]]).split()) < LEAST:
        return None
    parts = [Part(PLANTED, actor=cause) for cause in CAUSES]
    answer = yield from left_out(parts, lambda some: run_of(country, n_citizens, [part.actor for part in some]))
    return Explained(country, answer.alone[0].actor, outcome) if len(answer.alone) == 1 else None


def first_planted(cause: str, some: Sequence[Country], n_citizens: int) -> Search[Explained | None]:
    """Search the first country that fell by a cause planted in it."""
    for country in some:
        found = (yield from explained(country, n_citizens)) if country.planted == cause else None
        if found and found.cause == cause:
            return found
    return None


def series(outcome: Mapping[str, Outcome | Any]) -> dict[str, np.ndarray]:
    """Return what was counted in a life, by day."""
    return {name: np.array([float(value) for value in str(outcome[name]).split()]) for name in SEEN}


def lived(study: Study, some: Sequence[Country], lives: int, n_citizens: int, *, description: str) -> pd.DataFrame:
    """Live other lives of some countries; return a row for each, with whether he fell, and whether early.

    Raises:
        click.ClickException: if one failed: shares of the others would be no answer.
    """
    runs = list(lives_of(some, lives, n_citizens))
    rows = live(study, runs, run_summary, description=description)
    if len(rows) < len(runs):
        raise click.ClickException("lives that failed leave no answer: the same command tries them again")
    episode, fell = _course(None), happened(rows["ending"], FALL)
    early = pd.to_numeric(rows["ended_on"]) < episode.day_of(episode.entering.date) + SOON
    return rows.assign(fell=fell, soon=fell * early.to_numpy(float))


def falls_of(rows: pd.DataFrame) -> dict[int, float]:
    """Return the share of lives that fall, by the wait.

    >>> falls_of(pd.DataFrame({"wait": [NEVER, NEVER, 7], "fell": [1.0, 0.0, 0.0]}))
    {0: 0.5, 7: 0.0}
    """
    return {int(wait): float(share) for wait, share in rows.groupby("wait")["fell"].mean().items()}


def chances_of(rows: pd.DataFrame) -> dict[str, Estimate]:
    """Return the chances that are asked, over countries: he falls early and within the year if he enters, if he stays.

    >>> lives = pd.DataFrame({"country": 1, "wait": [NEVER, NEVER, STAYS], "fell": [1.0, 1.0, 0.0], "soon": [0, 1, 0]})
    >>> {name: chance.value for name, chance in chances_of(lives).items()}
    {'soon': 0.5, 'enters': 1.0, 'stays': 0.0}
    """
    enters, stays = (rows[rows["wait"] == wait] for wait in (NEVER, STAYS))
    return {
        "soon": chance(enters["soon"], enters["country"]), "enters": chance(enters["fell"], enters["country"]),
        "stays": chance(stays["fell"], stays["country"]),
    }  # fmt: skip


def last_that_helps(falls: Mapping[int, float]) -> int:
    """Return the last wait up to which every return halves the falls; 0: the first does not, or there are none.

    >>> last_that_helps({NEVER: 0.8, 3: 0.1, 7: 0.4, 14: 0.5}), last_that_helps({NEVER: 0.8, 3: 0.7, 7: 0.1})
    (7, 0)
    """
    last = 0
    for wait in sorted(wait for wait in falls if wait > 0):
        if falls[NEVER] == 0.0 or falls[wait] > falls[NEVER] / 2.0:
            break
        last = wait
    return last
