"""Chances on the page are those of a day and of the acts before it, and are said to be that once the world goes on."""

import threading

import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from experiments.browser.asking import can_ask_again, gone_on, heading
from experiments.browser.chances import Chances
from experiments.browser.look import look
from experiments.browser.rewind import look_back
from experiments.browser.world import BrowserWorld, Twin


@pytest.fixture
def world():
    one = BrowserWorld(n_citizens=300)
    for _ in range(3):
        one.step()
    one.act("open_media")
    return one


def asked(world):
    chances = Chances(world, n=2)
    chances.stop()
    return chances


def test_chances_hold_until_a_day_is_lived_or_an_act_is_done(world):
    chances = asked(world)
    assert gone_on(world, world, 0, chances) == [] and not can_ask_again(world, [chances])
    assert heading(chances, "This world", look(world), []).startswith(
        "This world from 26 February 2022 after media opened: 0"
    )
    world.act("enter_war")
    assert gone_on(world, world, 0, chances) == ["since then: war entered"]
    world.step()
    why = gone_on(world, world, 0, chances)
    assert why == ["since then: war entered", "1 day lived since"] and can_ask_again(world, [chances])
    said = heading(chances, "This world", look(world), why)
    assert said.startswith("Out of date (since then: war entered; 1 day lived since). This world from 26 February 2022")
    assert "dice of this one history" in said


def test_chances_of_a_twin_are_held_against_that_very_twin(world):
    twin = Twin.of(world)
    chances = [asked(world), asked(twin.world)]
    assert gone_on(world, world, 1, chances[1]) == [] and not can_ask_again(world, chances)
    assert can_ask_again(world, chances[:1])  # nobody asked of the twin
    twin.world.act("withdraw")
    assert gone_on(world, world, 0, chances[0]) == []
    assert gone_on(world, world, 1, chances[1]) == ["since then: troops brought home"]
    Twin.of(world)
    assert gone_on(world, world, 1, chances[1]) == ["this twin was closed"]
    world.stage.twin = None
    assert gone_on(world, world, 1, chances[1]) == ["this twin was closed"] and can_ask_again(world, chances)


def test_who_looks_back_is_told_that_the_chances_are_of_a_later_day(world):
    chances = asked(world)
    world.step()
    before = look_back(world, 2).past
    assert gone_on(world, before, 0, chances) == [
        "what is shown is before: media opened",
        "1 day later than what is shown",
    ]


def test_of_a_world_that_has_ended_nothing_is_asked_again(world):
    chances = asked(world)
    world.step()
    world.running = False
    assert not can_ask_again(world, [chances])


def test_a_day_waits_until_the_page_has_drawn_the_one_before(world):
    world.stage.drawn.clear()
    day = threading.Thread(target=world.step)
    day.start()
    day.join(0.1)
    assert world.day == 3
    world.stage.drawn.set()
    day.join(10.0)
    assert world.day == 4
