"""The tour and the worlds to begin with: each scene is lived anew to its day, with what it says is done in it."""

import re
from pathlib import Path

import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from agents.regime import Rung
from experiments.browser import app
from experiments.browser.address import address_of, live_address
from experiments.browser.tour import EVE, PRESETS, TOUR

SCENES = {step.title: step.scene for step in TOUR if step.scene} | PRESETS


@pytest.fixture(scope="module")
def lived():
    """The worlds of all scenes, of few citizens: whatever numbers are accepted."""
    return {name: scene.lived(app.FIRST, n_citizens=300, world=0) for name, scene in SCENES.items()}


def test_every_scene_comes_to_its_day_with_its_acts_done(lived):
    for name, scene in SCENES.items():
        world = lived[name]
        assert (world.day == scene.days or not world.running) and world.messages == [], name
        done = [act for act in scene.acts if act[0] <= world.day]
        assert world.interventions == done and (world.stage.twin is not None) == bool(scene.twin_acts), name


def test_the_twins_of_the_tour_part_on_the_eve_and_not_before(lived):
    for name in ("The twin", "Home again", "Moscow drops him"):
        world, twin = lived[name], lived[name].stage.twin
        assert twin.since == EVE and twin.world.rows[:EVE] == world.rows[:EVE]
        assert twin.world.rows[EVE] != world.rows[EVE]
    assert (
        lived["The twin"].stage.twin.world.regime.rung
        >= Rung.LIMITED
        > lived["Home again"].stage.twin.world.regime.rung
    )
    assert lived["Moscow drops him"].stage.twin.world.moscow.dropped


def test_a_scene_with_a_twin_is_held_by_the_address(lived):
    world = lived["Moscow drops him"]
    again = live_address(address_of(world))
    assert (again.messages, again.rows) == ([], world.rows)
    assert again.stage.twin.world.rows == world.stage.twin.world.rows


def test_a_step_says_in_two_or_three_sentences_what_to_look_at_and_where_that_is():
    boxes = re.findall(r'Box\(\s*"([^"]+)"', Path(app.__file__).read_text())
    assert len(TOUR) == 7 and TOUR[0].scene
    for step in TOUR:
        assert 2 <= len(re.findall(r"[.!?]( |$)", step.words)) <= 3, step.title
        assert step.places and set(step.places) <= set(boxes), step.title
