"""The page's first world and what it says of itself: it is chosen by its numbers, and the verdict stands beside it."""

import dataclasses
import json

import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from experiments.browser.address import address_of, live_address
from experiments.browser.app import FIRST, twin_words
from experiments.browser.chances import Chances
from experiments.browser.strip import middle, opening, rows_of, standing_of, strip
from experiments.browser.world import BrowserWorld, RecipeError, Twin, check, controls_of, not_applied, running_words
from experiments.evidence import standing
from experiments.evidence.standing import Standing, standing_beside
from model import worlds
from model.episode import load_episode
from model.outcomes import Ending
from model.parameters import Parameters
from model.records import RecordError

EPISODE = load_episode("belarus-2022")


def told(**changed):
    ends = {"stay": {"survived": 19, "coup": 1}, "enter": {"survived": 15, "uprising": 5}}
    plain = {"worlds": 20, "seed": 0, "n_citizens": 300, "days": 365, "accepted": "", "behaviour": "", "endings": ends}
    return Standing(**plain | changed)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A table of three accepted worlds in the place of the model's own."""
    monkeypatch.setattr(worlds, "FITTED", tmp_path)
    (tmp_path / "belarus-2022").mkdir()
    file = tmp_path / "belarus-2022" / "worlds.csv"
    file.write_text("weight,distance,citizen.noise\n1,0.2,0.11\n1,0.2,0.15\n1,0.2,0.29\n")
    return file


def test_the_first_world_is_the_one_nearest_to_the_median_in_whatever_order_they_come():
    noises = (0.3, 0.1, 0.19, 0.2, 0.12)
    drawn = [
        worlds.World(number=k, parameters=Parameters().replace({"citizen.noise": noise}), front="", seed=k)
        for k, noise in enumerate(noises)
    ]
    assert noises[middle(drawn)] == noises[::-1][middle(drawn[::-1])] == 0.19


def test_the_page_opens_on_an_accepted_history_and_on_defaults_where_nothing_was_fitted(table):
    first = opening(FIRST)
    assert BrowserWorld(**first | {"n_citizens": 300}).parameters.citizen.noise == 0.15
    table.unlink()
    assert opening(FIRST) == FIRST


def test_a_verdict_of_other_worlds_or_of_an_older_model_is_said_to_be_that(table):
    world = BrowserWorld(n_citizens=300)
    assert "war_entry --accept" in standing_of(world)[1]
    good = told(accepted=standing.hash_of(table), behaviour=worlds.fingerprint(EPISODE))
    for one, said in (
        (good, ""),
        (told(), "of other accepted worlds"),
        (dataclasses.replace(good, behaviour="x"), "older"),
    ):
        table.with_name(standing.FILE).write_text(json.dumps(one.to_dict()))
        assert (
            standing_of(world)[0] == one
            and said in standing_of(world)[1]
            and (said != "") == bool(standing_of(world)[1])
        )
    ends = {"stay": {"survived": 21}, "enter": {"survived": 20}}
    table.with_name(standing.FILE).write_text(json.dumps(told(endings=ends).to_dict()))
    with pytest.raises(RecordError, match="endings of 20 worlds"):
        standing_beside(table)
    assert "cannot be read" in standing_of(world)[1]


def test_the_strip_tells_the_verdict_and_this_one_once_its_chances_are_there():
    world = BrowserWorld(n_citizens=300)
    chances = Chances(world, n=4)
    assert len(rows_of(told(), world, [chances])) == 2
    chances.ends = [(Ending.COUP, 5)] + [(Ending.SURVIVED, None)] * 3
    drawn = strip(rows_of(told(), world, [chances]))
    assert drawn.count("<li>") == 3 and "25 % [" in drawn and "This one, as it was on 24 Feb, 4 forks" in drawn


def test_acts_on_either_of_two_twins_are_told_as_its_own():
    world = BrowserWorld(n_citizens=300)
    world.act("open_media")
    twin = Twin.of(world)
    for one, act in ((world, "moscow_drops"), (twin.world, "withdraw")):
        world.step()
        one.act(act)
    assert twin.apart(world) == ([(1, "moscow_drops")], [(0, "enter_war"), (2, "withdraw")])
    assert twin_words(world, twin) == (
        "the same dice; apart since 24 February 2022. This world: dropped by Moscow (24 Feb). "
        "The twin: war entered (24 Feb), troops brought home (25 Feb)"
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"world": 2, "seed": "7"},
        {"world": 3, "numbers": {"citizen.noise": 0.2}, "without": ("talks",), "front": "defeat", "troops": 5_000},
        {"history": 5, "support": "police", "arm": "enter"},
        {"episode": "belarus-2020", "n_citizens": 300},
    ],
)
def test_controls_filled_from_a_world_build_that_world_and_what_is_changed_then_is_named(table, given):
    setup, _ = check(**given)
    filled = controls_of(setup)
    assert check(**filled) == (setup, []) and not_applied(filled, setup) == frozenset()
    changed = filled | {"seed": "99", "numbers": filled["numbers"] | {"citizen.ties": 3.0}, "without": ("debt",)}
    gone = {"talks"} & set(given.get("without", ()))
    assert not_applied(changed, setup) == {"seed", "citizen.ties", "debt"} | gone


def test_the_running_world_is_named_with_what_was_changed_in_it(table):
    setup, _ = check(world=2, seed=5, n_citizens=300, numbers={"citizen.ties": 3.0}, without=["talks"])
    assert running_words(setup) == "accepted history 2, seed 5, 300 citizens, 1 number changed, without talks"


# The address.


def test_an_address_lives_an_accepted_history_again_with_its_twin_to_the_last_bit(table):
    world = BrowserWorld(world=2, seed=5, n_citizens=300, numbers={"citizen.ties": 3.1}, without=["talks"])
    world.step()
    world.act("open_media")
    twin = Twin.of(world)
    world.step()
    twin.world.act("withdraw")
    world.act("moscow_drops")
    world.step()
    address = address_of(world)
    again = live_address(address)
    assert len(address) < 400 and again.messages == [] and again.rows == world.rows
    assert again.stage.twin.world.rows == twin.world.rows and again.stage.twin.apart(again) == twin.apart(world)
    assert (again.setup, address_of(again)) == (world.setup, address)


def test_a_long_address_is_packed_and_holds_the_same(monkeypatch, table):
    numbers = {name: float(worlds.spread(name, 0.4)) for name in worlds.informed()}
    world = BrowserWorld(n_citizens=300, numbers=numbers, seed=4)
    address = address_of(world)
    assert address.startswith("z=") and len(address) < 2_500
    assert live_address(address).setup == world.setup


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no episode"),
        ("z=@@@", "cannot be unpacked"),
        ("episode=belarus-2022&world=2&of=0000", "other accepted worlds"),
        ("episode=belarus-2022&act=1:fork", "expected day:act"),
        ("episode=belarus-2022&day=9999", "expected 0 to 365"),
        ("episode=belarus-2022&day=x", "expected a number"),
        ("episode=belarus-2022&set=citizen.noise:nan", "cannot be followed"),
        ("episode=nowhere", "cannot be followed"),
        ("episode=belarus-2022&twin=x&twin_act=1:withdraw", "expected a number"),
    ],
)
def test_an_address_that_cannot_be_is_refused(table, text, said):
    with pytest.raises(RecipeError, match=said):
        live_address(text)


def test_an_address_of_other_sources_is_said_to_be_that():
    world = live_address("episode=belarus-2022&n_citizens=300&day=1&is=0000")
    assert "not the one of the address" in world.messages[0] and world.day == 1
