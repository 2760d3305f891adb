"""A life that can be forked, as a task that can be stored: when it came nearer to its end than ever before."""

import functools
import json
from typing import Any

from experiments.lab.nearness import SCORES
from experiments.lab.runner import Run
from experiments.rare.splitting import Course, Fork, Lineage, lived
from model.episode import Episode
from model.parameters import Parameters
from model.simulation import Simulation

KEPT = 64
"""So many worlds are kept as they stand on their eve, in each process: a fork of one need not live its past again."""


def life_of(run: Run) -> dict[str, Any]:
    """Live a year by its forks; return when it came nearer than ever before (as JSON), how long it was, how it ended.

    Args:
        run: asked for an ``ending`` and its ``forks``, as ``STEP:DICE`` with spaces between.
    """
    asked = dict(run.asked)
    forks = [Fork(*map(int, fork.split(":"))) for fork in str(asked["forks"]).split()]
    world = _eve(run.episode, run.parameters, run.arm, run.seed, run.history, run.n_citizens)
    course = lived(world.fork(), forks, SCORES[str(asked["ending"])])
    return {"rises": json.dumps(course.rises), "steps": course.steps}


def course_of(outcome: Any) -> Course:
    """Return how a life went, from what is stored of it."""
    return Course([(step, score) for step, score in json.loads(outcome["rises"])], int(outcome["steps"]))


def forks_words(lineage: Lineage) -> str:
    """Return the forks of a life as a run is asked about them.

    >>> forks_words(Lineage(3, (Fork(0, 11), Fork(40, 12))))
    '0:11 40:12'
    """
    return " ".join(f"{step}:{dice}" for step, dice in lineage.forks)


@functools.lru_cache(maxsize=KEPT)
def _eve(
    episode: Episode, parameters: Parameters, arm: str, seed: int, history: int | None, n_citizens: int
) -> Simulation:
    """Return a world on its eve; it is forked, and never lived itself."""
    return Simulation(episode, parameters, arm=arm, rng=seed, history=history, n_citizens=n_citizens)
