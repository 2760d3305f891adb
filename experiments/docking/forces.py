"""Morris and Shin's game of regime change, as our units play it.

Ours: ``agents.security.play`` and its rule ``refuses``, ``willingness``, ``cutoff``. A harness: only the search
for what the units expect of each other. The published answer: with private noise one belief alone fulfils itself,
T* = 1 - sum of m q; without it all do.
"""

from typing import Any

import numpy as np

from agents import security
from agents.ground.chance import builder

NOISES = (0.02, 0.1, 0.5)
"""Of the private signals [strength]."""
HALVINGS, ROUNDS, SETTLED = 30, 300, 1e-6
BELIEFS = (0.1, 0.5, 0.9)
"""Tried without noise [strength]."""


def falls_below(believed: float, noise: float, q: np.ndarray, signal: np.ndarray) -> float:
    """Return the strength below which so many refuse that the regime falls, if all count on a cut-off ``believed``."""
    plays, men, refusing = np.ones(q.size, bool), np.full(q.size, 1.0 / q.size), np.zeros(q.size, bool)
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        strength = 0.5 * (low + high)
        game = security.Game(seen=strength, threshold=believed, signal_noise=noise)
        falls = 1.0 - security.play(game, plays, q, signal, men, refusing) > strength
        low, high = (strength, high) if falls else (low, strength)
    return 0.5 * (low + high)


def morris_shin(seed: int, n: int) -> dict[str, Any]:
    """Return which beliefs fulfil themselves, from the lowest and from the highest, beside the rule's own cut-off."""
    dice = builder(seed, "docking: morris-shin")
    loyalty, signal = dice.standard_normal(n), dice.standard_normal(n)
    q = np.array([security.willingness(1.0, one, 0.0, 0.0, 0.0, 0.0, 0.0) for one in loyalty])
    found: dict[str, Any] = {"cutoff": security.cutoff(float(q.mean()))}
    for noise in NOISES:
        for name, believed in (("low", 0.0), ("high", 1.0)):
            for _ in range(ROUNDS):
                then = falls_below(believed, noise, q, signal)
                settled = abs(then - believed) < SETTLED
                believed = then
                if settled:
                    break
            found[f"{name}_{noise:g}"] = believed
    found["self_fulfilling"] = sum(abs(falls_below(belief, 0.0, q, signal) - belief) < 1e-3 for belief in BELIEFS)
    return found
