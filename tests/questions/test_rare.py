"""Splitting finds chances that are known: a gambler's ruin, whose score has few values, and a mean-reverting walk."""

import math

import numpy as np
import pytest

from agents.ground.chance import uniform
from experiments.rare.splitting import Course, Lineage, lived, number, splitting


class Gambler:
    """Wins or loses one a step until he is ruined or has all; his score is what he has."""

    def __init__(self, start, goal, wins, dice=0):
        self.has, self.goal, self.wins, self.dice, self.day = start, goal, wins, dice, 0

    running = property(lambda self: 0 < self.has < self.goal)

    def step(self):
        self.day += 1
        self.has += 1 if uniform(np.uint64(self.dice), 1, 0, self.day) < self.wins else -1

    def fork(self, dice):
        twin = Gambler(self.has, self.goal, self.wins, dice)
        twin.day = self.day
        return twin


class Spring:
    """An Ornstein-Uhlenbeck process, seen every ``dt``: mean 0, sd 1, rate 1; it ends at a height or at a time."""

    def __init__(self, height, steps, dt, dice=0):
        self.height, self.left, self.keep, self.x = height, steps, math.exp(-dt), 0.0
        self.noise = np.random.default_rng(dice)

    running = property(lambda self: self.left > 0 and self.x < self.height)

    def step(self):
        self.left -= 1
        self.x = self.keep * self.x + math.sqrt(1.0 - self.keep**2) * self.noise.standard_normal()

    def fork(self, dice):
        twin = Spring(self.height, self.left, 1.0, dice)
        twin.keep, twin.x = self.keep, self.x
        return twin


def split(n, seed, life, score):
    """Let a splitting run in this process."""
    trial = splitting(n, seed)
    asked = next(trial)
    try:
        while True:
            asked = trial.send([lived(life(), lineage.forks, score) for lineage in asked])
    except StopIteration as end:
        return end.value


def estimates(repeats, n, life, score):
    return np.array([split(n, seed, life, score).chance for seed in range(repeats)])


def is_known(goal, wins, repeats):
    """Check that what a gambler's chance to win is estimated at agrees with what it is."""
    odds = (1.0 - wins) / wins
    known = 1.0 / goal if odds == 1.0 else (odds - 1.0) / (odds**goal - 1.0)
    found = estimates(repeats, 40, lambda: Gambler(1, goal, wins), lambda life: life.has / life.goal)
    assert abs(found.mean() - known) < 4.0 * found.std(ddof=1) / math.sqrt(found.size)
    assert found.std(ddof=1) / math.sqrt(found.size) < 0.25 * known, "an interval that holds everything shows nothing"


def test_a_fair_gamblers_ruin_is_known():
    is_known(6, 0.5, repeats=60)


@pytest.mark.slow
@pytest.mark.parametrize(("goal", "wins"), [(8, 0.35), (12, 0.3)])
def test_a_gamblers_ruin_is_known_where_it_is_rare(goal, wins):
    is_known(goal, wins, repeats=150)


def return_time(height, steps, dt):
    """The chance to be above a height within some steps from the mean, on a fine grid, by the walk's own kernel."""
    keep = math.exp(-dt)
    grid = np.linspace(-7.0, height, 1_200, endpoint=False)
    grid += (grid[1] - grid[0]) / 2.0
    spread = math.sqrt(1.0 - keep**2)
    kernel = np.exp(-0.5 * ((grid[None, :] - keep * grid[:, None]) / spread) ** 2)
    kernel *= (grid[1] - grid[0]) / (spread * math.sqrt(2.0 * math.pi))
    there = np.exp(-0.5 * (grid / spread) ** 2) * (grid[1] - grid[0]) / (spread * math.sqrt(2.0 * math.pi))
    for _ in range(steps - 1):
        there = there @ kernel
    return 1.0 - there.sum()


@pytest.mark.slow
def test_the_return_time_of_a_mean_reverting_walk_is_known():
    height, steps, dt = 4.0, 60, 0.1
    known = return_time(height, steps, dt)
    assert known < 1e-3
    found = estimates(60, 40, lambda: Spring(height, steps, dt), lambda life: min(1.0, life.x / life.height))
    error = found.std(ddof=1) / math.sqrt(found.size)
    assert abs(found.mean() - known) < 4.0 * error and error < 0.25 * known
    time, found_time = (-steps * dt / math.log1p(-chance) for chance in (known, found.mean()))
    assert found_time == pytest.approx(time, rel=4.0 * error / known)
