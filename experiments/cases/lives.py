"""One crisis in one world: the shock that brings its largest crowd, and what follows of it."""

import math
from typing import Any

from experiments.evidence.crises import Case
from experiments.lab.runner import Run
from model.measures import summary
from model.outcomes import Ending
from model.simulation import Simulation

SMALLEST, FIRST, LARGEST = 0.001, 0.7, 5.0
"""Sizes of a shock: the least that is tried, the first, and the most [reference anger]."""
TRIES = 9
"""So many lives are tried to find the shock of a crowd, at most."""
NEAR = math.log(1.1)
"""A crowd that is so near to the one looked for is that one [log ratio]."""
FITS = math.log(1.5)
"""A crowd that is farther off does not fit: what follows of it is not counted [log ratio]."""
NOBODY = 0.001
"""Where no crowd was seen, one of such a share of the electors at most fits."""


def next_size(tried: dict[float, float], target: float) -> float:
    """Return which shock to try next, given the largest crowds of those tried.

    Between one that brings too few and one that brings too many it is where a straight line in logarithms says.

    >>> next_size({}, 100.0), next_size({0.7: 10.0}, 100.0)
    (0.7, 1.4)
    >>> round(next_size({0.5: 10.0, 2.0: 1000.0}, 100.0), 3)
    1.0
    """
    few = [size for size, crowd in tried.items() if crowd < target]
    many = [size for size, crowd in tried.items() if crowd >= target]
    if not tried:
        return FIRST
    if not many:
        return min(LARGEST, 2.0 * max(few))
    if not few:
        return max(SMALLEST, min(many) / 2.0)
    low, high = max(few), min(many)
    if low >= high:  # a larger shock that brings a smaller crowd: the place is between them all the same
        low, high = high, low
    below, above = (math.log(max(tried[size], 1.0)) for size in (low, high))
    part = 0.5 if below == above else (math.log(target) - below) / (above - below)
    return math.exp(math.log(low) + min(0.9, max(0.1, part)) * math.log(high / low))


def miss(crowd: float, target: float) -> float:
    """Return how far a crowd is off [log ratio]; of one that nobody came to, it counts one person.

    >>> round(miss(200.0, 100.0), 3)
    0.693
    """
    return abs(math.log(max(crowd, 1.0) / target))


def crisis(run: Run) -> dict[str, Any]:
    """Find the shock that brings the crowd looked for, and nothing else; return what followed, in that very life."""
    asked = dict(run.asked)
    target = float(asked["target"])
    case = Case(row="", episode=run.episode, peak=(target, target))
    tried: dict[float, float] = {}
    lives: dict[float, Simulation] = {}

    def live(size: float) -> None:
        lives[size] = Simulation(
            case.shocked(size), run.parameters, arm=run.arm, rng=run.seed, n_citizens=run.n_citizens
        ).run()
        tried[size] = float(summary(lives[size])["peak_crowd"] or 0.0)

    if target == 0.0:
        live(0.0)
        size, off, fits = 0.0, None, tried[0.0] <= NOBODY * run.episode.electors
    else:
        while len(tried) < TRIES and (size := next_size(tried, target)) not in tried:
            live(size)
            if miss(tried[size], target) <= NEAR:
                break
        size = min(tried, key=lambda size: miss(tried[size], target))
        off = math.log(max(tried[size], 1.0) / target)
        fits = abs(off) <= FITS
    return told(lives[size]) | {"size": size, "target": target, "off": off, "fits": int(fits), "tries": len(tried)}


def told(world: Simulation) -> dict[str, Any]:
    """Return what followed in a life: whether he fell, how, when, and whether the forces broke."""
    ended = summary(world)
    coup = ended["ending"] == Ending.COUP
    names = ("ending", "ended_on", "cause", "peak_crowd", "days_aside", "failed_orders", "coup_attempts", "days")
    return {name: ended[name] for name in names} | {
        "fell": int(ended["ending"] != Ending.SURVIVED),
        "broke": int(world.judge.aside_days != [] or coup),
    }
