"""Moscow's seat: what a person does there is a part of the run, and he answers it by his own rule."""

import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from agents.moscow import Support
from agents.regime import Rung
from experiments.browser.address import address_of, live_address
from experiments.browser.rewind import DONE
from experiments.browser.seat import book
from experiments.browser.world import EVERY_ACT, SEAT, BrowserWorld, RecipeError, Twin, recipe, replay

GIVEN = {"n_citizens": 300, "arm": "decide", "seed": 4}


def played(**changed):
    """A world in which every act of the seat was done, the last in its twin."""
    world = BrowserWorld(**GIVEN | {"support": "none"} | changed)
    for name in list(SEAT)[:3]:
        world.step()
        world.act(name)
    twin = Twin.of(world)
    twin.world.act("moscow_drops")
    world.step()
    return world


def test_a_run_that_was_played_is_lived_again_from_recipe_and_address_to_the_last_bit():
    world = played()
    assert replay(recipe(world)).rows == world.rows and world.day == 4
    again = live_address(address_of(world))
    assert (again.messages, again.rows) == ([], world.rows)
    assert again.stage.twin.world.rows == world.stage.twin.world.rows != world.rows
    assert set(DONE) == set(EVERY_ACT)


def test_he_who_decides_answers_by_his_own_rule_and_who_may_not_refuses(monkeypatch):
    locked = BrowserWorld(**GIVEN | {"arm": "stay"})
    locked.act("moscow_asks")
    assert (locked.moscow.refusals, locked.regime.rung) == (1, Rung.TERRITORY) and "refuses" in locked.notes[-1][1]
    free = BrowserWorld(**GIVEN)
    monkeypatch.setattr("agents.regime.chooses", lambda hazards, *_: len(hazards) - 1)  # the highest that was offered
    free.act("moscow_asks")
    assert free.regime.rung == Rung.LIMITED and free.moscow.refusals == 0 and not free.moscow.demands
    free.interventions.clear()
    free.regime.answer_moscow()
    assert free.regime.rung == Rung.LIMITED, "nobody asks any more"


def test_he_is_asked_once_a_day():
    world = BrowserWorld(**GIVEN | {"arm": "stay"})
    world.act("moscow_asks")
    assert not world.can("moscow_asks")
    world.step()
    assert world.can("moscow_asks")
    assert ("You pressed him", "once") in book(world)


def test_what_moscow_gives_he_owes_and_men_stand_in_his_street():
    world = BrowserWorld(**GIVEN | {"support": "none"})
    numbers, debt = world.parameters.moscow, world.moscow.debt
    world.act("moscow_gives_money")
    assert world.moscow.support == Support.MONEY and not world.can("moscow_gives_money")
    assert world.moscow.debt == pytest.approx(debt + numbers.cost_police + numbers.cost_money)
    without = world.moscow.men_in_the_street()
    world.act("moscow_sends_men")
    assert world.moscow.debt == pytest.approx(debt + numbers.cost_police + numbers.cost_money + numbers.cost_troops)
    assert world.moscow.men_in_the_street() > without
    world.act("moscow_drops")
    assert not any(world.can(name) for name in SEAT)


def test_where_there_is_no_war_to_enter_nothing_is_asked_and_what_is_no_act_is_refused():
    world = BrowserWorld(episode="belarus-2020", n_citizens=300)
    assert not world.can("moscow_asks") and world.can("moscow_gives_money")
    with pytest.raises(RecipeError, match="moscow_asks"):
        world.act("moscow_waits")
