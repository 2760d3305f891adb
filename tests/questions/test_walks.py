"""The walk among worlds that fit: its law is that of the runs, whatever is guessed; and the check finds a wrong one."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.calibrate import check, walks
from experiments.calibrate.trials import Trial
from experiments.evidence.targets import Target

ASKED = SimpleNamespace(targets=(), trial=lambda ranks, seed, limit: (ranks, seed))
"""A fit whose runs are the ranks and the seed with which they are tried."""
HERE = Trial(np.array([0.2, 0.2, 0.5]), 1, 0.0, {})


def fits(ranks):
    """A world may fit where its first two numbers are small together: a triangle."""
    return ranks[0] + ranks[1] <= 1.0


def lucky(ranks, seed):
    """Of those that may, a seed decides which fit: three of ten where the third number is 0, all where it is 1."""
    return seed * 0x9E3779B97F4A7C15 % 2**64 / 2**64 <= 0.3 + 0.7 * ranks[2]


def ends(guess, n, steps):
    """Let walks from one place end, each with dice of its own; return where, and how many steps were run."""
    others, found, runs = np.random.default_rng(1).random((20, 3)), [], 0
    for seed in range(n):
        search, answers = walks.walk(ASKED, HERE, others, seed, 1.0, steps, guess), None
        while True:
            try:
                asked, _ = search.send(answers)
            except StopIteration as end:
                found.append(end.value.trial.ranks)
                runs += len(end.value.places)
                break
            answers = [{"distance": 0.0 if fits(ranks) and lucky(ranks, luck) else None} for ranks, luck in asked]
    return np.array(found), runs / n


def wrong(ranks):
    """A guess that hopes for the very places that are not special, and for none of the others."""
    return 0.5 if ranks[0] > 0.5 else 0.1


@pytest.mark.parametrize("guess", [walks.blind, wrong], ids=["blind", "wrong"])
def test_a_wrong_guess_costs_time_and_does_not_move_the_law(guess):
    # Even in the triangle: means 1/3, 1/3; the third as likely as luck allows: (0.3 / 2 + 0.7 / 3) / 0.65. 600 walks,
    # sd of a mean under 0.012, six of them told apart from the truth at 4 sd: a false alarm in 2,600 at most. Without
    # the second dice the first mean is 0.41; where luck never changes, the third is 0.5.
    found, _ = ends(guess, 600, 60)
    assert np.abs(found.mean(axis=0) - [1 / 3, 1 / 3, 0.59]).max() < 0.048
    assert all(fits(ranks) for ranks in found)


def test_a_guess_that_is_right_saves_runs():
    _, all_of_them = ends(walks.blind, 50, 60)
    _, fewer = ends(lambda ranks: 0.5 if fits(ranks) else 0.02, 50, 60)
    assert fewer < 0.8 * all_of_them


def test_a_guess_is_learnt_from_what_was_tried_and_stays_within_its_bounds():
    dice = np.random.default_rng(2)
    places = list(dice.random((2_000, 3)))
    guess = walks.learnt(places, [bool(fits(ranks)) for ranks in places], 0)
    good, bad = guess(np.array([0.2, 0.2, 0.5])), guess(np.array([0.9, 0.9, 0.5]))
    assert walks.LEAST <= bad < 0.1 < 0.4 < good <= walks.MOST
    assert walks.learnt(places[:50], [True] * 50, 0) is walks.blind


def test_errors_of_a_known_history_are_even_within_the_ball_of_the_tolerance():
    targets = [
        Target(name=name, measure="crowd", how="peak", days=(1,), low=50.0, mid=100.0, high=200.0, unit="", source="")
        for name in ("one", "two")
    ]
    shown = {"one": 30.0, "two": 3_000.0}
    far = []
    for seed in range(2_000):
        moved = check.seen_with_errors(targets, shown, np.random.default_rng(seed))
        far.append(np.sqrt(np.mean([target.miss(shown[target.name]) ** 2 for target in moved])))
        assert moved[0].error == pytest.approx(targets[0].error)
    # The share within half the radius of a disk is a quarter: sd 0.01, 4 sd: a false alarm in 16,000.
    assert max(far) <= check.WITHIN and np.mean(np.array(far) < check.WITHIN / 2) == pytest.approx(0.25, abs=0.04)


def test_worlds_that_are_too_sure_do_not_cover():
    sure = np.tile(np.array([[0], [check.SIZE]]), (25, 4))
    told = check.findings(sure, 50)
    assert not told["covers"] and told["outer"]["covered"] == 0.0 and len(told["uneven"]) == 4
    assert "they do not cover" in check.verdict(told)
