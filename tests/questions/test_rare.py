"""Splitting finds chances that are known: a gambler's ruin, whose score has few values, and a mean-reverting walk."""

import math

import click
import numpy as np
import pytest
from click.testing import CliRunner

from agents.ground.chance import uniform
from agents.security import Game
from experiments.lab.nearness import any_fall, tension, uprising
from experiments.rare.__main__ import main, repeated, starts_of
from experiments.rare.findings import Findings
from experiments.rare.splitting import ARRIVED, Course, Fork, Split, StuckError, lived, number, splitting
from experiments.rare.words import verdict
from model.episode import load_episode
from model.simulation import Simulation
from model.worlds import draw, origin

COUNTRY = load_episode("tests/model/invented.toml")


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


# The year of a country.


def test_ties_are_killed_together_and_a_score_that_never_rises_gives_nothing():
    trial = splitting(8, 0)
    assert len(next(trial)) == 8
    with pytest.raises(StopIteration) as end:
        trial.send([Course([(0, 0.5)], 10)] * 8)
    assert end.value.value.chance == 0.0 and end.value.value.levels == 1 and end.value.value.steps == 80


def creeping(share):
    """A splitting whose lives each come nearer than the one before, by a part of what is left."""
    trial = splitting(8, 0)
    asked, top = next(trial), 0.0
    while True:
        tops = [top := top + share * (1.0 - top) for _ in asked]
        asked = trial.send([Course([(0, 0.0), (1, top)], 2) for top in tops])


def test_a_score_that_creeps_up_for_ever_or_is_no_number_ends_in_one_line(monkeypatch):
    monkeypatch.setattr("experiments.rare.splitting.MOST_LEVELS", 20)
    with pytest.raises(StuckError, match="20 levels, and too few lives have arrived"):
        creeping(1e-4)
    with pytest.raises(StuckError, match="no number"):
        creeping(math.nan)


def test_where_all_lives_tie_the_verdict_says_so():
    trial = repeated(starts_of(draw(4, 0, None), COUNTRY, 300), 0, "uprising")
    lives, _ = next(trial)
    with pytest.raises(StopIteration) as end:
        trial.send([{"rises": "[[0, 0.0]]", "steps": 9}] * len(lives))
    split = end.value.value
    told = Findings(episode=COUNTRY, origin=origin(None), ending="uprising", draw=None, n=4, splits=[split] * 3)
    assert "In 3 of 3 repeats all lives tied" in " ".join(verdict(told).split())


def test_a_clone_goes_on_from_where_its_parent_first_came_nearer():
    trial = splitting(4, 0)
    first = next(trial)
    low, high = Course([(0, 0.1), (3, 0.2)], 10), Course([(0, 0.1), (5, 0.2), (7, 0.3)], 10)
    clones = trial.send([low, high, low, low])
    assert [clone.start for clone in clones] == [1, 1, 1]
    assert [clone.forks for clone in clones] == [
        (first[1].forks[0], Fork(7, number(0, 1, place))) for place in range(3)
    ]  # fmt: skip
    (last,) = trial.send([Course([(0, 0.1), (9, 1.0)], 9)] * 3)  # the parent is the least near by now
    assert last.start == 1 and last.forks[:-1] in [clone.forks for clone in clones] and last.forks[-1].step == 9
    with pytest.raises(StopIteration) as end:
        trial.send([Course([(0, 0.1), (8, 1.0)], 8)])
    found = end.value.value
    assert found.chance == 0.25 * 0.75 and found.levels == 2 and found.arrived == (1, 1, 1, 1)
    assert found.first_arrived == 0 and found.steps == 40 + 27 + 8


def test_those_who_arrive_at_once_are_counted():
    trial = splitting(4, 0)
    next(trial)
    with pytest.raises(StopIteration) as end:
        trial.send([Course([(0, 1.0)], 5)] * 4)
    assert end.value.value.chance == 1.0 and end.value.value.levels == 0 and end.value.value.first_arrived == 4


def test_a_worlds_life_is_lived_again_to_the_last_bit_and_a_fork_alters_what_comes_after():
    world = Simulation(COUNTRY, rng=1, n_citizens=300)
    plain = lived(world.fork(), [Fork(0, 5)], any_fall)
    again = lived(world.fork(), [Fork(0, 5)], any_fall)
    other = lived(world.fork(), [Fork(0, 5), Fork(10, 9)], any_fall)
    assert plain == again != other
    assert [rise for rise in plain.rises if rise[0] <= 10] == [rise for rise in other.rises if rise[0] <= 10]


def test_only_he_who_fell_has_arrived():
    for seed in range(3):
        world = Simulation(COUNTRY, rng=seed, n_citizens=300)
        while world.running:
            world.step()
            assert (any_fall(world) == ARRIVED) == (world.judge.ended_on is not None)
            assert (uprising(world) == ARRIVED) == (world.judge.ending == "uprising")
            assert 0.0 <= uprising(world) <= any_fall(world) <= ARRIVED


def test_the_strength_that_units_see_at_their_cut_off_is_full_tension():
    world = Simulation(COUNTRY, rng=0, n_citizens=300)
    assert tension(world) == 0.0
    world.forces.game = Game(0.3, 0.3, 0.1)
    assert tension(world) == 1.0
    world.forces.game = Game(1.0, 0.1, 0.1)
    assert tension(world) == pytest.approx(0.1)


def known(chances, arrived=(), n=10, **more):
    """Findings of repeats with known numbers: 100 lives of 50 days each, of which the first 10 are not forked."""
    splits = [
        Split(
            chance=chance, levels=3, lives=100, steps=5_000, first_steps=50.0, first_arrived=0, path=((0.2, 0.75),),
            arrived=(arrived or (0,)) if chance else (),
        )
        for chance in chances
    ]  # fmt: skip
    kept = {"episode": COUNTRY, "origin": origin(None), "ending": "uprising", "draw": None, "n": n, "splits": splits}
    return Findings(**kept | more)


def said(result):
    return " ".join(verdict(result).split())


def test_the_interval_is_that_of_the_repeats():
    result = known([0.01, 0.02, 0.03, 0.02])
    # mean 0.02, sd 0.00816, error 0.00408, Student's t with 3 degrees 3.182: by hand
    assert result.chance.value == pytest.approx(0.02) and result.chance.error == pytest.approx(0.004082, rel=1e-3)
    assert result.chance.low == pytest.approx(0.00701, rel=1e-3) and result.chance.high == pytest.approx(
        0.03299, rel=1e-3
    )


def test_what_counting_would_cost_is_told_at_equal_error():
    result = known([0.01, 0.02, 0.03, 0.02])
    # 0.02 x 0.98 / 0.004082^2 = 1,176 lives of 50 days, against 4 x 5,000 days: by hand
    assert result.counting == pytest.approx(1_176.0, rel=1e-3) and result.saved == pytest.approx(2.94, rel=1e-3)
    assert "needs 1,176 lives, 2.9 times as many days." in said(result)
    assert "here counting is the cheaper way" in said(known([0.0, 0.04, 0.0, 0.04]))


def test_a_chance_is_told_by_the_histories_that_it_comes_from():
    result = known([0.02, 0.02], arrived=(3, 3, 3, 7))
    assert result.by_start[3] == pytest.approx(0.15) and result.by_start[7] == pytest.approx(0.05)
    assert result.by_start.mean() == pytest.approx(0.02)
    assert "2 of 10 histories; the one that holds most has 75 % of it" in said(result)


def test_where_nothing_arrives_the_most_that_can_be_is_told():
    words = said(known([0.0, 0.0]))  # Jeffreys after 0 of 20 lives: 11.7 %
    assert "none came in 2 repeats, so at most 12 %" in words and "COST: 10,000 days lived;" in words
    assert "nan" not in words and "None" not in words and max(map(len, verdict(known([0.0, 0.0])).splitlines())) <= 100


def test_a_small_chance_keeps_two_digits():
    # mean 1.225e-5, sd 0.2062e-5, error 0.1031e-5, times 3.182: by hand
    assert "0.0012 % [0.0009 to 0.0016], 1 in 82,000" in said(known([1.0e-5, 1.2e-5, 1.5e-5, 1.2e-5]))


def test_all_lives_start_in_one_draw_if_asked():
    worlds = draw(5, path=None)
    assert {run.seed for run in starts_of(worlds, COUNTRY, 300, only=3)} == {worlds[3].seed}
    assert [run.seed for run in starts_of(worlds, COUNTRY, 300)] == [world.seed for world in worlds]


def test_a_life_that_failed_stops_the_repeat():
    starts = starts_of(draw(4, path=None), COUNTRY, 300)
    search = repeated(starts, 0, "uprising")
    next(search)
    with pytest.raises(click.ClickException, match="a life failed"):
        search.send([None] * 4)


def test_what_cannot_be_is_refused_in_one_line(tmp_path):
    refused = CliRunner().invoke(main, ["--draw", "9", "--worlds", "5", "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and "draw = 9; expected 0 to 4" in refused.stderr
