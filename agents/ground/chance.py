"""Named, keyed dice: every draw after day 0 is a function of (seed, purpose, actor, day) and of nothing else.

So an extra plot in one arm cannot shift anybody's luck in its twin, and neither forks nor threads nor the
order of calls can change a history. The mixing function is the finaliser of splitmix64 (Steele 2014).
"""

import math
import zlib
from enum import IntEnum

import numpy as np

from agents.ground.compiled import compiled, inlined

DAYS_KEY = 0x9E3779B97F4A7C15
ACTORS_KEY = 0xD1B54A32D192ED03


class Purpose(IntEnum):
    """What a draw is for. A new kind of draw gets a new number; old numbers never change."""

    MOOD = 1
    AVAILABILITY = 2
    ARREST = 3
    DETENTION = 4
    EXILE = 5
    VOLUNTEER = 6
    SIGNAL = 7
    COMMON_SHOCK = 8
    PLOT = 9
    DETECTION = 10
    ESTIMATE = 11
    BELIEF = 12
    POSTURE = 13
    RUNG = 14
    PROVOCATION = 15
    DEMAND = 16
    VIEW = 17
    REPLACEMENT = 18
    PLOT_STRENGTH = 20
    HOME_ARREST = 21
    DEFEAT = 22
    EMIGRATION = 23


@inlined
def mix(z):
    """Scramble 64 bits so that neighbouring inputs have unrelated outputs."""
    z = np.uint64(z)  # Numba takes plain whole numbers for signed ones, and would mix them otherwise
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def day_key(seed, purpose, day):
    """Return the key of all draws of one purpose on one day [64 bits]."""
    key = mix(np.uint64(seed) + np.uint64(purpose) * np.uint64(DAYS_KEY))
    return mix(key + np.uint64(np.int64(day)) * np.uint64(DAYS_KEY))  # days before the first are negative


@inlined
def bits(key, actor):
    """Return the 64 random bits of one actor under a day's key."""
    return mix(np.uint64(key) + np.uint64(actor) * np.uint64(ACTORS_KEY))


@inlined
def as_uniform(word):
    """Return 64 bits as a number in [0, 1)."""
    return np.float64(np.uint64(word) >> np.uint64(11)) * 2.0**-53


@inlined
def as_normal(word):
    """Return 64 bits as a nearly normal number, mean 0, sd 1: the sum of four 16-bit uniforms (|z| < 3.5)."""
    word, mask = np.uint64(word), np.uint64(0xFFFF)
    total = (
        (word & mask) + ((word >> np.uint64(16)) & mask) + ((word >> np.uint64(32)) & mask) + (word >> np.uint64(48))
    )
    return (np.float64(np.int64(total)) - 131070.0) * (math.sqrt(3.0) / 65536.0)


@compiled
def uniform(seed, purpose, actor, day):
    """Return the uniform number in [0, 1) of one actor, purpose and day.

    >>> uniform(0, Purpose.PLOT, 3, 10) == uniform(0, Purpose.PLOT, 3, 10) != uniform(0, Purpose.PLOT, 4, 10)
    True
    """
    return as_uniform(bits(day_key(seed, purpose, day), actor))


@compiled
def normal(seed, purpose, actor, day):
    """Return the nearly normal number (mean 0, sd 1) of one actor, purpose and day."""
    return as_normal(bits(day_key(seed, purpose, day), actor))


def persistence(half_life: float, step: float = 1.0) -> float:
    """Return how much of a deviation is left after ``step`` days, given its half-life [days].

    >>> persistence(14.0, 28.0)
    0.25
    """
    return 0.5 ** (step / half_life)


def drift(state: float, keep: float, shock: float) -> float:
    """Return tomorrow's state of an autocorrelated die with mean 0 and sd 1, of which ``keep`` is left after a step.

    >>> drift(1.0, 0.6, 0.5)
    1.0
    """
    return keep * state + math.sqrt(1.0 - keep * keep) * shock


def weekly(day: int, on: int = 0) -> bool:
    """Whether what happens once a week happens today; ``on`` is the day of the week, counted from the first week.

    >>> [day for day in range(15) if weekly(day)], [day for day in range(15) if weekly(day, 1)]
    ([0, 7, 14], [1, 8])
    """
    return day % 7 == on


def chance_within(rate: float, days: float) -> float:
    """Return the chance that something with a constant hazard [a year] happens within some days [0 to 1].

    >>> round(chance_within(0.5, 365.0), 4), chance_within(0.0, 7.0)
    (0.3935, 0.0)
    """
    return 1.0 - math.exp(-rate * days / 365.0)


def builder(seed: int, purpose: str) -> np.random.Generator:
    """Return the named generator with which one part of the world is built, before day 1."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(purpose.encode()),)))
