"""Granovetter, Watts and Kuran: the citizens' own loop and rules, with risk, news, moods and repression at 0.

Ours: ``agents.citizen.loops.decide`` and ``tell_ties``, over ``anger`` and ``joins``; ``crowd_pull``. A harness:
who knows whom (Watts' random graph; our citizens have a fixed number of ties each), and that days go on until nobody
changes his mind.
"""

from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm, poisson

from agents.citizen import loops, rules
from agents.citizen.population import COLUMN_TYPES
from agents.ground.chance import builder

NOBODY = np.uint64(0)
NO_STARTS, NO_OBSERVERS = np.zeros(0, np.uint32), np.zeros(0, np.uint32)
DEGREES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 5.5, 6.0, 6.5, 7.0, 8.0)
STARTS = 10
"""Single vertices from which a cascade is tried, in each graph."""
SHARE_NEEDED = 0.18
"""Watts' threshold: so large a share of his neighbours makes one join."""
GLOBAL = 0.1
"""A cascade that takes more than this share of all is global."""
SPREADS = (5.0, 8.0, 10.0, 11.0, 12.0, 12.5, 13.0, 15.0, 20.0, 30.0)
MEAN_THRESHOLD = 25.0
"""Granovetter's thresholds are normal, with this mean [% of all]."""
NEEDED, CROWD, HALF = 3.5, 6.0, 0.5
"""Kuran's example: what one needs to go [sd], the pull of the whole country in the street [sd], the half of it."""
GRIEVANCE = (0.0, 2.5)
"""The range in which the folds are looked for [sd]."""
STEPS = 16
"""Of halving, when a jump is looked for."""


def crowd_of(n: int, **columns: np.ndarray) -> loops.Rows:
    """Return the columns of some citizens of whom nothing is known but what is given."""
    held = {name: np.zeros(n, kind) for name, kind in COLUMN_TYPES.items()}
    for name, values in columns.items():
        held[name][:] = values
    return loops.Rows(*(held[name] for name in loops.Rows._fields))


def settle(
    rows: loops.Rows, *, felt: float = 0.0, crowd: float = 0.0, half: float = 0.0, ties: float = 0.0,
    starts: np.ndarray = NO_STARTS, observers: np.ndarray = NO_OBSERVERS, going: int = 0,
) -> int:  # fmt: skip
    """Let citizens decide day by day until nobody changes his mind; return how many are out.

    Args:
        rows: the citizens; who is out is written into them.
        felt: the grievance of all [sd].
        crowd: the pull of the crowd [sd]: of its share (``crowd_pull``), or with ``half`` = 0 of each of its people.
        half: the share at which that pull is half [share].
        ties: the pull of one neighbour who is out [sd].
        starts: where the observers of each citizen start.
        observers: who sees whom.
        going: how many were out on the day before.

    >>> settle(crowd_of(3, threshold=np.array([-0.5, 0.5, 1.5])), crowd=1.0)
    3
    """
    n = rows.status.size
    tally = loops.Tally(np.zeros(n, np.uint32), np.zeros(n, np.uint32), np.zeros((5, 1), np.int64))
    feelings = loops.Feelings(np.ones(4), np.full(4, rules.felt(felt, 1.0, 0.0, 0.0)), np.zeros(4))
    for day in range(1, 20 * n):
        pull = rules.crowd_pull(crowd, going / n, half) if half else crowd * going
        today = loops.Today(
            day=day, felt=feelings, crowd_seen=np.array([pull]), risk=np.zeros(1), ties=ties, n_ties=1, noise=0.0,
            availability=np.ones(1), availability_key=NOBODY, exile_chance=0.0, exile_key=NOBODY, home_chance=0.0,
            home_key=NOBODY, days_key=NOBODY, mean_days=1.0,
        )  # fmt: skip
        n_changed, going = loops.decide(0, n, rows, today, tally)
        if starts.size:
            loops.tell_ties(tally.changed, n_changed, rows.mobilised, starts, observers, rows.tie_count)
        if n_changed == 0:
            return int(going)
    raise ArithmeticError("nobody comes to rest")


# Granovetter 1978. One joins when as many as his threshold are out: a little less than that number is exceeded by it.


def riot(thresholds: np.ndarray) -> int:
    """Return how many riot in the end, if each has his threshold [people].

    >>> riot(np.arange(100.0)), riot(np.array([0.0, 2.0, *range(2, 100)]))
    (100, 1)
    """
    return settle(crowd_of(thresholds.size, threshold=thresholds - 0.5), crowd=1.0)


def tips(z: np.ndarray) -> float:
    """Return the spread at which thresholds of these standard numbers tip into a riot of more than half [% of all]."""
    low, high = 5.0, 30.0
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if riot_share(z, middle) > 0.5 else (middle, high)
    return 0.5 * (low + high)


def riot_share(z: np.ndarray, spread: float) -> float:
    """Return the share who riot, if thresholds have the mean of 25 % and a spread [% of all]."""
    return riot((MEAN_THRESHOLD + spread * z) / 100.0 * z.size) / z.size


def granovetter(seed: int, n: int) -> dict[str, Any]:
    """Return who riots with uniform thresholds, and at which spread normal ones tip: evenly spaced, and drawn."""
    z = builder(seed, "docking: granovetter").standard_normal(n)
    uniform = np.arange(100.0)
    changed = uniform.copy()
    changed[1] = 2.0
    even = norm.ppf((np.arange(n) + 0.5) / n)
    found = {"uniform": riot(uniform), "one_changed": riot(changed), "jump": tips(even), "drawn": tips(z)}
    return found | {f"riot_{spread:g}": riot_share(z, spread) for spread in SPREADS}


def granovetter_jump() -> float:
    """Return the spread above which no fixed point is low: F and its slope touch the diagonal [% of all].

    >>> round(granovetter_jump(), 2)
    12.22
    """

    def gap(spread: float) -> float:
        share = np.linspace(1e-4, 0.5, 20_001)
        return float((norm.cdf(100.0 * share, MEAN_THRESHOLD, spread) - share).min())

    return float(brentq(gap, 8.0, 20.0))


# Watts 2002. A citizen's threshold is a number of neighbours, the share that he needs of those that he has.


def joined(n: int, degree: float, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return where the neighbours of each vertex of a random graph start, and the neighbours."""
    ends = dice.integers(0, n, (2, round(n * degree / 2.0)))
    ends = ends[:, ends[0] != ends[1]]
    one, other = np.concatenate(ends), np.concatenate(ends[::-1])
    order = np.argsort(one, kind="stable")
    starts = np.zeros(n + 1, np.uint32)
    starts[1:] = np.cumsum(np.bincount(one, minlength=n))
    return starts, other[order].astype(np.uint32)


def vulnerable(degree: int) -> bool:
    """Whether one neighbour is enough for a vertex, by our rule.

    >>> vulnerable(5), vulnerable(6)
    (True, False)
    """
    return degree > 0 and rules.joins(0.0, 1.0, 1.0 / degree, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, SHARE_NEEDED)


def branches(degrees: np.ndarray) -> float:
    """Return how many further vulnerable vertices a vulnerable neighbour leads to: above 1 a cascade can be global."""
    weak = np.array([vulnerable(degree) for degree in range(int(degrees.max()) + 1)])[degrees]
    return float((degrees * (degrees - 1) * weak).sum() / degrees.sum())


def watts(seed: int, n: int) -> dict[str, Any]:
    """Return how many of some single vertices set off a global cascade at each mean degree, and the window's ends."""
    found: dict[str, Any] = {}
    dice = builder(seed, "docking: watts")
    for degree in DEGREES:
        starts, observers = joined(n, degree, dice)
        needs = SHARE_NEEDED * np.diff(starts.astype(float)) - 1e-3
        needs[needs < 0.0] = 0.5  # who has no neighbour stays at home
        hits = 0
        for first in dice.integers(0, n, STARTS):
            own = needs.copy()
            own[first] = -1.0
            hits += settle(crowd_of(n, threshold=own), ties=1.0, starts=starts, observers=observers) > GLOBAL * n
        found[f"cascades_{degree:g}"] = hits
    luck = dice.random(n)
    for name, (least, most) in {"opens": (0.8, 2.0), "closes": (4.0, 8.0)}.items():
        rising = name == "opens"
        for _ in range(STEPS):
            middle = 0.5 * (least + most)
            above = branches(poisson.ppf(luck, middle).astype(int)) > 1.0
            least, most = (least, middle) if above == rising else (middle, most)
        found[name] = 0.5 * (least + most)
    return found


def window() -> tuple[float, float]:
    """Return between which mean degrees his condition lets a cascade be global: z P(Poisson(z) <= 3) = 1.

    >>> [round(end, 2) for end in window()]
    [1.02, 5.76]
    """

    def above(degree: float) -> float:
        return float(degree * poisson.cdf(3, degree) - 1.0)

    return float(brentq(above, 0.5, 2.0)), float(brentq(above, 3.0, 9.0))


# Kuran 1991. Private views are normal; a crowd pulls; a growing grievance is answered by nothing, and then by all.


def grievance_at(share: float) -> float:
    """Return the grievance at which a share of the country in the street is at rest [sd]."""
    return NEEDED - float(rules.crowd_pull(CROWD, share, HALF)) - float(norm.ppf(1.0 - share))


def folds() -> tuple[float, float]:
    """Return where the street fills at once as grievance grows, and where it empties as it falls [sd].

    >>> [round(fold, 3) for fold in folds()]
    [1.31, 0.48]
    """
    top = minimize_scalar(lambda share: -grievance_at(share), bounds=(1e-4, 0.3), method="bounded")
    bottom = minimize_scalar(grievance_at, bounds=(0.2, 0.99), method="bounded")
    return grievance_at(top.x), grievance_at(bottom.x)


def kuran(seed: int, n: int) -> dict[str, Any]:
    """Return at which grievance the street fills, and at which it empties, and its share on the way."""
    views = builder(seed, "docking: kuran").standard_normal(n)

    def share(grievance: float, *, full: bool) -> float:
        rows = crowd_of(n, opposition=views, threshold=np.full(n, NEEDED))
        return settle(rows, felt=grievance, crowd=CROWD, half=HALF, going=n if full else 0) / n

    found, between = {}, 0.3
    for name, full in (("fills", False), ("empties", True)):
        low, high = GRIEVANCE
        for _ in range(STEPS):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if share(middle, full=full) > between else (middle, high)
        found[name] = float(0.5 * (low + high))
    return found
