"""What the page tells of its world, without a browser: why he fell, and what a guess was worth."""

import threading

import numpy as np
import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from agents.regime import Posture
from experiments.browser.chances import Chances
from experiments.browser.events import LOST_CONTROL, answers
from experiments.browser.guess import Guess, said
from experiments.browser.look import look
from experiments.browser.reasons import Reasons, found, found_words, lived_again, story
from experiments.browser.world import BrowserWorld
from experiments.lab.left_out import DAY, ELITE, UNIT, Part, Replay
from experiments.lab.smallest import smallest_set
from model.measures import MEASURES
from model.outcomes import Ending

FALL = {"episode": "belarus-2020", "numbers": {"citizen.threshold": 1.5}, "n_citizens": 300}
"""A world in which 2020 goes out of hand within days."""


def lived(days, **controls):
    world = BrowserWorld(**controls)
    for _ in range(days):
        world.step()
    return world


@pytest.fixture(scope="module")
def fallen():
    world = lived(145, **FALL)
    assert world.judge.ended_on is not None
    return world


# Why did he fall?


def test_an_answer_to_a_street_that_nobody_is_in_is_no_event():
    posture, crowd = np.array([2.0, 1.0, 1.0, 0.0, 2.0]), np.array([50.0, 0.0, 50.0, 0.0, 50.0])
    assert answers(posture, crowd) == [(3, Posture.CONTAIN), (5, Posture.DISPERSE)]


def test_lost_control_and_a_change_of_posture_are_in_the_log():
    world = lived(40, episode="belarus-2020", n_citizens=2_000)
    notes = look(world).notes
    (day,) = (day for day, words in notes if words == "He lets the crowds be")
    assert world.rows[day - 1][list(MEASURES).index("posture")] == Posture.RESTRAIN
    assert not any(words == LOST_CONTROL for _, words in notes)
    world.judge.lost_control_on = 9
    assert (9, LOST_CONTROL) in look(world).notes


def test_the_chain_goes_by_its_days_and_ends_with_the_fall(fallen):
    events, left = story(fallen, look(fallen))
    assert [day for day, _ in events] == sorted(day for day, _ in events) and left == 0
    assert events[-1] == (fallen.judge.ended_on, f"He falls: {fallen.judge.cause}")
    assert any("stand aside" in words for _, words in events)


def test_a_world_lived_again_with_all_its_acts_is_the_same():
    world = lived(3, n_citizens=300)
    world.act("enter_war")
    world.step()
    world.act("withdraw")
    setup = world.setup
    again = Replay(setup.episode, setup.parameters, rng=setup.seed, n_citizens=300)
    lived_again(again, world.interventions, threading.Event())
    while world.running:
        world.step()
    assert again.rows == world.rows and again.notes == world.notes


@pytest.mark.slow
def test_what_is_named_would_have_saved_him_and_is_found_by_living_again(fallen):
    reasons = Reasons(fallen.episode)
    reasons.work(fallen)
    assert reasons.done and not reasons.failed and set(reasons.answers) >= {UNIT, ELITE, DAY}
    smallest = reasons.answers[UNIT].smallest
    setup = fallen.setup
    for parts, stands in ((smallest, True), (smallest[1:], False)):
        again = Replay(setup.episode, setup.parameters, rng=setup.seed, n_citizens=300)
        again.leave_out(parts)
        assert (again.run().judge.ending == Ending.SURVIVED) is stands
    assert "Done: " in found_words(reasons) and "Units that obey" in found_words(reasons)


def test_a_search_ends_soon_once_it_is_stopped(fallen):
    reasons = Reasons(fallen.episode)
    reasons.stopped.set()
    reasons.work(fallen)
    assert reasons.done and reasons.answers == {} and not reasons.failed


def test_the_smallest_set_is_that_of_the_question_why():
    parts = [Part(DAY, day=day) for day in range(9)]
    answer = found(smallest_set(parts), lambda some: {2, 7} <= {part.day for part in some})
    assert [part.day for part in answer.smallest] == [2, 7] and answer.alone == ()


# Guess first.


def forked(fell, n=50):
    """Forks that were lived, so many of which fell."""
    chances = Chances(lived(0, n_citizens=200), n=n)
    chances.ends = [(Ending.COUP, 5)] * fell + [(Ending.SURVIVED, None)] * (n - fell)
    return chances


def test_a_guess_is_scored_once_all_forks_are_lived():
    # by hand: 10 of 50 fell; 0.2 (1 - 0.4)^2 + 0.8 0.4^2 = 0.20, and the least 0.2 0.8 = 0.16
    guess = Guess(0.4, forked(10))
    assert guess.scores == pytest.approx((0.2, 0.16))
    (sentence,) = said([guess])
    assert "You said 40%; he falls in 10 of 50 forks: 20%" in sentence and "Brier score is 0.20" in sentence
    unanswered = Guess(0.4, forked(10))
    unanswered.chances.ends.pop()
    assert said([unanswered]) == []


def test_the_score_of_a_session_is_the_mean_of_its_guesses():
    told = said([Guess(0.0, forked(0)), Guess(1.0, forked(0))])
    assert "Over your 2 guesses of this session: 0.50 (least possible 0.00)" in told[1]
