"""Adaptive multilevel splitting: the chance of something so rare that nobody sees it by counting.

Some lives are lived, each with its own dice. Those that came least near are killed, and each is replaced by a fork of
one of the others, which goes on with new dice from the moment at which it first came nearer than the killed ever did.
Again and again, until most have arrived: the chance is the product of the shares that were left each time, times the
share that arrived. *All* that came no nearer than the level are killed, ties included; with a score of few values the
estimate is biased otherwise (Cérou and Guyader 2007; Bréhier and others 2016).

A life is anything that steps, has a score and can be forked: a walker, or a country. Nothing is kept of it but when it
was forked and with which dice, so that any process can live it again.
"""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np

from agents.ground.chance import day_key
from experiments.lab.nearness import ARRIVED

PART = 0.25
"""The part of the lives that is killed each time, at least."""
MOST_LEVELS = 1_000
"""Levels at most: a score that creeps up by ever smaller steps, or is no number, would go on for ever."""


class StuckError(Exception):
    """A splitting that does not come to an end; the message says on what."""


class Life(Protocol):
    """What can be lived, step by step, and forked."""

    running: bool

    def step(self) -> None:
        """Live one step."""

    def fork(self, dice: int) -> Self:
        """Return a copy that has new luck from the next step on; the number names its dice."""


class Fork(NamedTuple):
    """After how many steps a life was forked, and the number of its new dice."""

    step: int
    dice: int


class Lineage(NamedTuple):
    """A life as a value: where it starts, and its forks, in order."""

    start: int
    forks: tuple[Fork, ...]


class Course(NamedTuple):
    """How a life went: each step at which its score was higher than ever before, that score, and its steps in all."""

    rises: Sequence[tuple[int, float]]
    steps: int

    @property
    def top(self) -> float:
        """The highest score."""
        return self.rises[-1][1]

    def above(self, level: float) -> int:
        """Return the first step at which the score was above a level.

        >>> Course([(0, 0.1), (4, 0.5), (9, 0.8)], 20).above(0.5)
        9
        """
        return next(step for step, score in self.rises if score > level)


def lived[Lived: Life](life: Lived, forks: Sequence[Fork], score: Callable[[Lived], float]) -> Course:
    """Live a life to its end, forked on its way; return how it went."""
    rises: list[tuple[int, float]] = []
    left, step = list(forks), 0
    while True:
        while left and left[0].step == step:
            life = life.fork(left.pop(0).dice)
        now = score(life)
        if not rises or now > rises[-1][1]:
            rises.append((step, now))
        if not life.running:
            return Course(rises, step)
        life.step()
        step += 1


def number(seed: int, level: int, clone: int) -> int:
    """Return the number of new dice: a function of seed, level and clone, whoever lives the life.

    >>> number(0, 1, 2) == number(0, 1, 2) != number(0, 2, 1)
    True
    """
    return int(day_key(np.uint64(seed), np.uint64(level), np.uint64(clone))) >> 2


@dataclass(frozen=True, kw_only=True)
class Split:
    """What one repeat found."""

    chance: float
    levels: int
    lives: int
    steps: int
    """Steps lived in all lives, what a fork lives again included."""
    first_steps: float
    """Steps of a life that is not forked, on average: what one costs who only counts."""
    first_arrived: int
    """Lives that arrived without a fork: what one sees who only counts."""
    path: tuple[tuple[float, float], ...]
    """Each level, and the share of all lives that come nearer than that."""
    arrived: tuple[int, ...]
    """The starts of the lives that have arrived at the end."""


type Splitting = Generator[list[Lineage], list[Course], Split]
"""Asks for lives, hears how they went, and asks again."""


def splitting(n: int, seed: int) -> Splitting:
    """Estimate a chance with n lives, one from each start; ask for lives by their lineages.

    Args:
        n: how many lives are held at a time.
        seed: where chance begins.

    Raises:
        StuckError: if a score is no number, or there are more than ``MOST_LEVELS`` levels.
    """
    kills = max(1, math.floor(PART * n))
    lives = [Lineage(place, (Fork(0, number(seed, 0, place)),)) for place in range(n)]
    courses = yield lives
    steps, count = sum(course.steps for course in courses), n
    first_steps, left, levels, path = steps / n, 1.0, 0, []
    first_arrived = sum(course.top >= ARRIVED for course in courses)
    while True:
        tops = [course.top for course in courses]
        if any(math.isnan(top) for top in tops):
            raise StuckError("the score of a life is no number: nothing can be told apart by it")
        level = sorted(tops)[kills - 1]
        if level >= ARRIVED:
            break
        if levels == MOST_LEVELS:
            raise StuckError(f"{MOST_LEVELS:,} levels, and too few lives have arrived: the score creeps up for ever")
        killed = [place for place, top in enumerate(tops) if top <= level]
        left *= 1.0 - len(killed) / n
        levels += 1
        path.append((level, left))
        alive = [place for place in range(n) if place not in set(killed)]
        if not alive:
            break
        picks = np.random.default_rng([seed, levels]).integers(len(alive), size=len(killed))
        clones = []
        for clone, pick in enumerate(picks.tolist()):
            parent = alive[pick]
            when = courses[parent].above(level)
            before = tuple(fork for fork in lives[parent].forks if fork.step < when)
            clones.append(Lineage(lives[parent].start, (*before, Fork(when, number(seed, levels, clone)))))
        heard = yield clones
        for place, life, course in zip(killed, clones, heard, strict=True):
            lives[place], courses[place] = life, course
        steps, count = steps + sum(course.steps for course in heard), count + len(heard)
    arrived = tuple(life.start for life, course in zip(lives, courses, strict=True) if course.top >= ARRIVED)
    chance = left * len(arrived) / n
    return Split(
        chance=chance, levels=levels, lives=count, steps=steps, first_steps=first_steps,
        first_arrived=first_arrived, path=tuple(path), arrived=arrived if chance > 0.0 else (),
    )  # fmt: skip
