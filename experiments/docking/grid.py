"""Epstein's first model on his grid: the agents' rule and their chance to be caught are ours, the grid is a harness.

Ours: ``agents.citizen.rules.anger`` (hardship is aversion, illegitimacy the war), ``joins`` (no ties, no crowd, no
noise) and ``agents.security.detained`` (the chance of one in a crowd to be caught). A harness, for our country has no
sites, no single officer and no terms of a uniform length: the torus, moving to a free site in sight, the officer who
takes one of the active whom he sees, the term in jail.

Where the paper (Epstein2002) leaves a choice, ``Reading`` says which was taken.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from agents.citizen import rules
from agents.ground.chance import as_uniform, bits, builder, day_key
from agents.ground.compiled import compiled, inlined
from agents.security import detained
from experiments.lab.packed import pack

SIDE = 40
"""Of the torus [sites]."""
CITIZENS = 1_120
"""A density of 0.7."""
FEW, MANY = 64, 118
"""Officers: densities of 0.04 and 0.074, of his second run, and of his later ones."""
VISION = 7.0
"""Radius [sites]. His other runs see 1.7 far: a radius of a circle, for no square or cross has one."""
THRESHOLD, CATCH = 0.1, 2.3
"""What he needs to go; one officer takes the only rioter in sight with a chance of 0.9."""
LEGITIMACY, LONGEST_TERM = 0.82, 30
"""Of his second run; a term is uniform up to the longest [ticks]."""
OUTBURST = 50
"""More active agents than this are an outburst."""
ORDER, MOVE, TAKE, TERM = 1, 2, 3, 4
"""Purposes of the dice on the grid."""
NOBODY = -1
TRIALS = 1_000
"""So often a free site is looked for; a quarter of all are free."""

_anger, _joins, _detained = inlined(rules.anger), inlined(rules.joins), inlined(detained)


class Rounding(IntEnum):
    """How the ratio of officers to rioters in sight is counted; a half goes to the even number."""

    EXACT = 0
    NEAREST = 1
    DOWN = 2


NEAREST, DOWN = int(Rounding.NEAREST), int(Rounding.DOWN)


class Reading(NamedTuple):
    """What the paper leaves open: how the ratio is rounded, and whether an officer steps onto the site of the caught.

    The first of ``READINGS`` is compared with his numbers, the others stand beside it.
    """

    name: str
    rounding: int
    steps: bool


READINGS = (
    Reading("nearest, steps", NEAREST, True),
    Reading("nearest, stays", NEAREST, False),
    Reading("down, steps", DOWN, True),
    Reading("exact, steps", int(Rounding.EXACT), True),
)
TICKS, TICKS_OTHERS, WARM = 3_000, 1_000, 100
"""Lived with the first reading and with each other; the first of them are left out."""
SHOWN = 600
"""Ticks kept for the figure."""
FOR_EVER = 10**6
GRADUAL = np.arange(0.9, 0.195, -0.01)
"""Legitimacy that falls by a hundredth a tick."""
SUDDEN = np.concatenate([np.full(77, 0.9), np.full(70, 0.7)])
"""Legitimacy that falls at once, at tick 77."""


class Grid(NamedTuple):
    """The torus: who stands on each site, where each stands (citizens first), who is active, who is free again when.

    ``officers`` and ``rioters`` are how many of them are in sight of each site, its own left out.
    """

    site: np.ndarray
    at: np.ndarray
    active: np.ndarray
    free_on: np.ndarray
    hardship: np.ndarray
    risk_aversion: np.ndarray
    order: np.ndarray
    officers: np.ndarray
    rioters: np.ndarray


def sight(vision: float) -> np.ndarray:
    """Return for each site the sites in sight of it, its own left out.

    >>> sight(1.7).shape, sight(7.0).shape
    ((1600, 8), (1600, 148))
    """
    reach = range(-int(vision), int(vision) + 1)
    steps = np.array([(x, y) for x in reach for y in reach if 0 < x * x + y * y <= vision * vision])
    x, y = np.divmod(np.arange(SIDE * SIDE), SIDE)
    return ((x[:, None] + steps[:, 0]) % SIDE) * SIDE + (y[:, None] + steps[:, 1]) % SIDE


def new_grid(seed: int, seen: np.ndarray, officers: int) -> Grid:
    """Return a grid on which all stand at random, and nobody is active."""
    dice, n = builder(seed, "docking: grid"), CITIZENS + officers
    at = dice.choice(SIDE * SIDE, n, replace=False)
    site = np.full(SIDE * SIDE, NOBODY)
    site[at] = np.arange(n)
    return Grid(
        site=site, at=at, active=np.zeros(n, np.bool_), free_on=np.zeros(n, np.int64), hardship=dice.random(n),
        risk_aversion=dice.random(n), order=np.arange(n), officers=(site[seen] >= CITIZENS).sum(axis=1),
        rioters=np.zeros(SIDE * SIDE, np.int64),
    )  # fmt: skip


@inlined
def _caught(officers: float, rioters: float, rounding: int) -> float:
    """Return the chance to be caught of one of the rioters in sight [0 to 1], himself one of them."""
    ratio = officers / rioters
    ratio = np.rint(ratio) if rounding == NEAREST else np.floor(ratio) if rounding == DOWN else ratio
    return _detained(CATCH, ratio * rioters, rioters) / rioters


@inlined
def _show(counts: np.ndarray, spots: np.ndarray, by: int) -> None:
    """Change what is in sight of some sites."""
    for spot in spots:
        counts[spot] += by


@inlined
def _put(grid: Grid, who: int, spot: int) -> None:
    """Let somebody stand on a site."""
    grid.at[who] = spot
    grid.site[spot] = who


@inlined
def _free_spot(grid: Grid, spots: np.ndarray, key: np.uint64, who: int) -> int:
    """Return a free one of some sites, by lot, or -1 if none was found."""
    for trial in range(TRIALS):
        spot = spots[int(as_uniform(bits(key, who + trial * grid.at.size)) * spots.size)]
        if grid.site[spot] == NOBODY:
            return spot
    return NOBODY


@compiled
def live(
    grid: Grid,
    seen: np.ndarray,
    every: np.ndarray,
    legitimacy: np.ndarray,
    longest_term: int,
    rounding: int,
    steps: bool,
    seed: np.uint64,
) -> np.ndarray:
    """Live a tick for each legitimacy given; return how many are active after each.

    Args:
        grid: who stands where; it is changed.
        seen: the sites in sight of each site.
        every: all sites.
        legitimacy: of each tick [share].
        longest_term: of jail [ticks].
        rounding: of the ratio of officers to rioters (``Rounding``).
        steps: whether an officer steps onto the site of whom he takes.
        seed: of all chance.
    """
    active = np.zeros(legitimacy.size, np.int64)
    n_active = 0
    found = np.empty(seen.shape[1], np.int64)
    for day in range(legitimacy.size):
        order, move = day_key(seed, ORDER, day), day_key(seed, MOVE, day)
        take, term = day_key(seed, TAKE, day), day_key(seed, TERM, day)
        for k in range(grid.order.size - 1, 0, -1):
            other = int(as_uniform(bits(order, k)) * (k + 1))
            grid.order[k], grid.order[other] = grid.order[other], grid.order[k]
        for who in grid.order:
            officer = who >= CITIZENS
            if grid.at[who] == NOBODY:
                if grid.free_on[who] > day:
                    continue
                _put(grid, who, _free_spot(grid, every, term, who))
            spot = _free_spot(grid, seen[grid.at[who]], move, who)
            if spot != NOBODY:
                if officer or grid.active[who]:
                    counts = grid.officers if officer else grid.rioters
                    _show(counts, seen[grid.at[who]], -1)
                    _show(counts, seen[spot], 1)
                grid.site[grid.at[who]] = NOBODY
                _put(grid, who, spot)
            here = seen[grid.at[who]]
            if not officer:
                anger = _anger(0.0, 0.0, grid.hardship[who], 1.0 - legitimacy[day])
                risk = _caught(float(grid.officers[grid.at[who]]), 1.0 + grid.rioters[grid.at[who]], rounding)
                goes = _joins(anger, 0.0, 0.0, 1.0, 0.0, grid.risk_aversion[who], risk, 0.0, 0.0, THRESHOLD)
                if goes != grid.active[who]:
                    _show(grid.rioters, here, 1 if goes else -1)
                    n_active += 1 if goes else -1
                    grid.active[who] = goes
            elif grid.rioters[grid.at[who]]:
                n = 0
                for spot in here:
                    if grid.site[spot] != NOBODY and grid.active[grid.site[spot]]:
                        found[n] = spot
                        n += 1
                spot = found[int(as_uniform(bits(take, who)) * n)]
                other = grid.site[spot]
                grid.active[other] = False
                _show(grid.rioters, seen[spot], -1)
                grid.at[other] = grid.site[spot] = NOBODY
                grid.free_on[other] = day + as_uniform(bits(term, other)) * (longest_term + 1)
                n_active -= 1
                if steps:
                    _show(grid.officers, here, -1)
                    _show(grid.officers, seen[spot], 1)
                    grid.site[grid.at[who]] = NOBODY
                    _put(grid, who, spot)
        active[day] = n_active
    return active


def outbursts(active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how long it was from the end of each outburst to the next [ticks], and the active in each [agent-ticks].

    >>> waits, totals = outbursts(np.array([0, 60, 70, 0, 0, 0, 80, 0]))
    >>> waits.tolist(), totals.tolist()
    ([3], [130, 80])
    """
    turns = np.diff((active > OUTBURST).astype(int), prepend=0, append=0)
    begin, end = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)
    return begin[1:] - end[:-1], np.array([active[a:b].sum() for a, b in zip(begin, end, strict=True)], int)


def epstein(seed: int, _: int) -> dict[str, Any]:
    """Return the outbursts of his second run by reading, and the peaks as legitimacy falls slowly and at once."""
    seen, every, key = sight(VISION), np.arange(SIDE * SIDE), np.uint64(seed)

    def lived(legitimacy: np.ndarray, reading: Reading, officers: int, term: int) -> np.ndarray:
        grid = new_grid(seed, seen, officers)
        return live(grid, seen, every, legitimacy, term, reading.rounding, reading.steps, key)

    found: dict[str, Any] = {}
    for reading in READINGS:
        first = reading is READINGS[0]
        active = lived(np.full(TICKS if first else TICKS_OTHERS, LEGITIMACY), reading, FEW, LONGEST_TERM)
        waits, totals = outbursts(active[WARM:])
        if first:
            found["active"] = pack(["active"], active[:SHOWN, None])
        enough = len(waits) > 1
        found[f"n: {reading.name}"] = len(totals)
        found[f"wait: {reading.name}"] = float(waits.mean()) if enough else None
        found[f"wait_sd: {reading.name}"] = float(waits.std()) if enough else None
        found[f"total: {reading.name}"] = float(totals.mean()) if enough else None
        found[f"total_sd: {reading.name}"] = float(totals.std()) if enough else None
    for officers in (FEW, MANY):
        for name, legitimacy in (("gradual", GRADUAL), ("sudden", SUDDEN)):
            found[f"{name}_{officers}"] = int(lived(legitimacy, READINGS[0], officers, FOR_EVER).max())
    return found
