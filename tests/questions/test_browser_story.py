"""What the page tells of its world, without a browser: why he fell, what a guess was worth, what was before."""

import io
import re
import threading
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("solara", reason="the page needs the extra browser")

from agents import security
from agents.citizen import loops
from agents.citizen.rules import Status
from agents.elite import Stance
from agents.regime import Posture
from experiments.browser import charts, draw, keep, opened
from experiments.browser.anyone import (
    bars,
    citizens,
    member,
    members,
    names,
    region,
    strip,
    unit,
    weighed,
)
from experiments.browser.chances import Chances
from experiments.browser.events import LOST_CONTROL, answers
from experiments.browser.guess import Guess, said
from experiments.browser.look import look
from experiments.browser.opened import open_episode
from experiments.browser.reasons import Reasons, found, found_words, lived_again, story
from experiments.browser.rewind import Courses, course_words, look_back
from experiments.browser.spread import histogram
from experiments.browser.words import people
from experiments.browser.world import BrowserWorld, episodes, recipe, replay
from experiments.lab.left_out import DAY, ELITE, UNIT, Part, Replay
from experiments.lab.smallest import smallest_set
from model.episode import EpisodeError
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


# Look at anyone.


@pytest.fixture(scope="module")
def restless():
    """A small world with people in the street, a unit aside and somebody who hedges."""
    world = lived(12, episode="belarus-2020", n_citizens=2_000)
    assert world.crowd.people.sum() > 0.0
    return world


def test_a_unit_weighs_what_its_rule_does(restless):
    """All units are asked once more, by the compiled loop, and each answers what is said of it."""
    forces = restless.fork().forces
    security.answer(forces.record, forces.asked)
    home = np.flatnonzero(~(forces.front | forces.barred))
    said = [unit(restless, int(row)) for row in home]
    assert [one.result["willing"] for one in said] == pytest.approx(forces.q[home].tolist(), rel=1e-12)
    for one in said:
        logit = np.log(one.result["willing"] / (1.0 - one.result["willing"]))
        assert sum(size for _, size in one.terms) == pytest.approx(logit, abs=1e-9)


def test_a_member_of_the_elite_stands_where_his_rule_has_put_him(restless):
    stance = restless.elites.columns["stance"]
    for row in np.flatnonzero(stance <= Stance.HEDGING).tolist():
        assert member(restless, row).result["hedges"] == (stance[row] == Stance.HEDGING)


def test_a_commander_plots_with_the_hazard_of_the_day(restless):
    row = restless.elites.commanders[0]
    quiet = restless.fork()
    quiet.parameters = quiet.parameters.replace({"elite.plot_rate": 2.0 * quiet.parameters.elite.plot_rate})
    assert member(quiet, row).result["hazard"] == pytest.approx(2.0 * member(restless, row).result["hazard"])


def test_who_is_ready_is_whom_the_loop_finds_ready(restless):
    population, ready = restless.citizens, np.zeros(len(restless.citizens), np.uint8)
    for group, (start, n) in enumerate(zip(population.starts, population.counts, strict=True)):
        part = ready[start : start + n]
        loops.are_ready(population.record, start, start + n, group, restless.crowd.today, part)
    here = population.columns["status"] <= Status.STREET
    assert ((citizens(restless, -1).margin > 0.0) == ready[here]).all() and ready[here].sum() > 20


def test_a_region_is_a_part_of_the_country(restless):
    parts = [region(restless, place).result["ready"] for place in range(len(restless.episode.regions))]
    assert sum(parts) == pytest.approx(region(restless, -1).result["ready"])


def test_a_diary_holds_each_day_and_a_fork_begins_its_own(restless):
    diary = restless.stage.diary
    assert (diary.first, len(diary.pages)) == (1, 12)
    assert diary.of("willing", 3)[-1] == pytest.approx(restless.forces.q[3], rel=1e-6)
    assert restless.fork().stage.diary.pages == []


def test_everybody_can_be_looked_at_on_the_eve_and_later_and_nobody_else(restless):
    for world in (lived(0, n_citizens=200), restless):
        for who in names(world).values():
            one = weighed(world, who)
            for picture in (bars(one), strip(look(world), world.stage.diary, who), members(world, who)):
                ElementTree.fromstring(f"<div>{picture}</div>")
                assert "nan" not in picture
            assert one.name and one.state and one.follows
    for who in ("unit:150", "elite:-1", "region:7", "region:-2", "king:0"):
        with pytest.raises(ValueError, match="there is no"):
            weighed(restless, who)


# How they are spread.


def test_a_histogram_counts_all_whom_anything_can_bring_out():
    picture = histogram(np.array([-np.inf, -9.0, 0.5, 0.5]), np.ones(4), "Readiness", "sd")
    tall = [float(bar.get("height")) for bar in ElementTree.fromstring(picture).iter("rect")]
    assert sum(tall) == pytest.approx(1.5 * max(tall)) and tall[0] == pytest.approx(0.5 * max(tall))


# Rewind.


@pytest.fixture(scope="module")
def entered():
    world = lived(3, n_citizens=1_000)
    world.act("enter_war")
    for _ in range(4):
        world.step()
    return world


def test_a_past_day_is_as_it_was_before_the_acts_of_its_evening(entered):
    back = look_back(entered, 3)
    assert back.past.rows == entered.rows[:3] and back.still(entered)
    assert (back.seen.day, back.seen.rung, look(entered).rung) == (3, "territory", "full")
    assert look_back(entered, 5).past.interventions == [(3, "enter_war")]
    assert look_back(entered, 7) is None and look_back(entered, -1) is None


def test_a_look_back_ends_as_the_world_goes_on():
    world = lived(2, n_citizens=1_000)
    back = look_back(world, 1)
    world.step()
    assert not back.still(world)


def test_another_future_leaves_the_first_as_it_was_and_each_knows_its_acts(entered):
    rows = list(entered.rows)
    other = Courses.of(entered).part(look_back(entered, 2).past)
    other.world.act("open_media")
    other.world.step()
    first, second = other.all()
    assert (first.own, second.own, second.parent, second.since) == ([(3, "enter_war")], [(2, "open_media")], 0, 2)
    assert course_words(second, entered.episode) == (
        "Another from 25 Feb: media opened (25 Feb); lived to 26 February 2022: he walks on"
    )
    home = other.to(0)
    assert home.world.rows == rows and home.here == 0 and home.all() == other.all()
    assert home.to(1).world.rows == other.world.rows


# What the log says happened.


def test_a_call_is_planned_and_what_came_of_it_is_told_with_the_days_numbers():
    world = lived(5, n_citizens=300)
    told = [words for day, words in look(world).notes if day == 4]
    crowd = world.rows[3][list(MEASURES).index("crowd")]
    came_of_it = told[-1]
    assert any("a call to protest" in words for words in told)
    assert came_of_it.startswith(f"{people(crowd)} came out" if crowd >= 1.0 else "Nobody came out")
    assert "9 August 2020</b> Election day" in draw.event_log(look(world)), "what was before has its own date"


def test_where_no_war_can_be_entered_nothing_of_a_war_is_shown():
    seen = look(lived(2, episode="belarus-2020", n_citizens=300))
    drawn = "".join([draw.live_map(seen), draw.map_legend(seen), *(panel(seen) for panel in charts.panels(seen))])
    assert not re.search("front|refusing to fight|sending troops|Ukraine", drawn)


# Files of a reader's own.


def test_an_edited_recipe_is_told_as_edited_and_by_what():
    told = recipe(lived(2, n_citizens=300))
    told["parameters"]["citizen.noise"] *= 1.01
    (said_of_it,) = replay(told | {"seed": 5}).messages
    assert said_of_it.endswith("the recipe was edited since it was written (citizen.noise, seed)")
    (said_of_it,) = replay(recipe(lived(2, n_citizens=300)) | {"fingerprint": "0" * 16, "sources": "else"}).messages
    assert said_of_it.endswith("it was made with other sources of the model")


def test_an_episode_of_a_readers_own_is_opened_and_what_is_none_refused_in_a_line(monkeypatch):
    monkeypatch.setattr(opened, "FILES", {})
    text = Path("tests/model/invented.toml").read_text()
    assert open_episode("my-country.toml", text) == "my-country" in episodes()
    assert BrowserWorld(episode="my-country", n_citizens=300).messages == []
    for name, content in [
        ("../a.toml", text), ("belarus-2022.toml", text), ("a.txt", text), ("a.toml", ""), ("a.toml", "[[["),
    ]:  # fmt: skip
        with pytest.raises(EpisodeError, match=r"^[^\n]+$"):
            open_episode(name, content)
    assert "a" not in episodes()


def test_a_picture_and_a_film_of_the_days_so_far_can_be_kept():
    for world in (lived(3, n_citizens=300), lived(0, n_citizens=300)):
        assert Image.open(io.BytesIO(keep.picture(look(world), "A run"))).format == "PNG"
        kept = Image.open(io.BytesIO(keep.film(look(world), "A run")))
        assert (kept.format, kept.n_frames) == ("GIF", max(world.day, 1))
