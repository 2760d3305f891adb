"""The page without a browser: its worlds, recipes, forks and pictures."""

import dataclasses
import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("solara", reason="the page needs the extra browser")

from agents.citizen.rules import Status
from agents.security import Doing
from experiments.browser import charts, controls, draw, ground
from experiments.browser import world as page
from experiments.browser.__main__ import main
from experiments.browser.chances import Chances, chance_of
from experiments.browser.look import look, observed
from experiments.browser.world import (
    EVERY_ACT,
    MOST_CITIZENS,
    BrowserWorld,
    RecipeError,
    Twin,
    check,
    live,
    read_recipe,
    recipe,
    replay,
)
from model import worlds
from model.episode import EpisodeError, load_episode
from model.parameters import DECLARED, SWITCHES, Parameters
from model.simulation import Simulation

SMALL = {"n_citizens": 2_000}
UPRISING = {"episode": "belarus-2020", "numbers": {"citizen.threshold": 1.5}, **SMALL}
"""A world in which 2020 goes out of hand within days."""


def lived(days, **given_controls):
    world = BrowserWorld(**given_controls)
    for _ in range(days):
        world.step()
    return world


def pictures(world):
    seen = look(world)
    drawn = [draw.base_map(seen.ground), draw.live_map(seen), draw.map_legend(seen), draw.tightrope(seen)]
    drawn += [draw.banner(seen), draw.event_log(seen), charts.crowd_panel(seen, False), charts.crowd_panel(seen, True)]
    return drawn + [small(seen) for small in charts.PANELS]


# Worlds and their controls.


def test_the_pages_numbers_are_those_of_a_script_with_the_same_seed():
    world = lived(40, seed="7", arm="enter", troops=5_000, numbers={"citizen.noise": 0.2}, without=["talks"], **SMALL)
    episode = load_episode("belarus-2022").replace(entry_troops=5_000)
    script = Simulation(
        episode, Parameters().replace({"citizen.noise": 0.2}).switch_off("talks"), arm="enter", rng=7, n_citizens=2_000
    ).run(40)
    assert world.messages == [] and world.day == 40
    assert world.rows == script.rows and world.notes == script.notes


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("seed", "seven", "seed = 'seven'; expected a whole number from 0"),
        ("seed", "-1", "seed = '-1'"),
        ("n_citizens", "9000000000", f"expected a whole number from 100 to {MOST_CITIZENS:,}"),
        ("n_citizens", None, "citizens = 'None'"),
        ("arm", "entr", "arm = 'entr'; expected one of stay, enter, decide"),
        ("episode", "../../etc/passwd", "episode = '../../etc/passwd'"),
        ("front", "sideways", "front = 'sideways'"),
        ("support", "prayers", "support = 'prayers'"),
        ("troops", 10**9, "entry.troops = 1000000000"),
        ("world", 61, "world = '61'"),
        ("numbers", {"regime.media_grip": 7.0}, "media_grip = 7.0; expected 0.1 to 0.9"),
        ("numbers", {"regime.media_gripp": 0.5}, "did you mean regime.media_grip?"),
        ("numbers", {"regime.media_grip": "much"}, "is not a number"),
        ("without", ["talk"], "did you mean talks?"),
    ],
)
def test_a_control_that_cannot_be_is_told_and_the_default_taken(name, value, said):
    setup, messages = check(**{name: value})
    assert len(messages) == 1 and said in messages[0]
    assert setup == check()[0]


def test_a_year_without_a_war_has_no_entry():
    world = BrowserWorld(episode="belarus-2020", arm="enter", **SMALL)
    assert world.arm == "stay" and "no war to enter" in world.messages[0]
    assert not world.can("enter_war") and world.can("open_media")


def fitted(tmp_path, monkeypatch, text):
    """Put a table of accepted worlds in the place of the model's own."""
    monkeypatch.setattr(worlds, "FITTED", tmp_path)
    (tmp_path / "belarus-2022").mkdir()
    (tmp_path / "belarus-2022" / "worlds.csv").write_text(text)


def test_a_broken_table_of_worlds_is_said_and_the_default_taken(monkeypatch, tmp_path):
    fitted(tmp_path, monkeypatch, "weight,distance,citizen.nois\n1,0.2,0.1\n")
    world = BrowserWorld(world=3, **SMALL)
    assert "did you mean citizen.noise?" in world.messages[0] and world.parameters == Parameters()


def test_an_episode_of_ones_own_is_offered_first_and_drawn_from_its_own_fit(monkeypatch):
    monkeypatch.setenv(page.EPISODE_FILE, "tests/model/invented.toml")
    assert list(page.episodes()) == ["invented", "belarus-2020", "belarus-2022"]
    setup, said = check(episode="invented", world=3)
    assert said == [] and setup.episode.title.startswith("The Republic of Three Rivers")
    assert setup.parameters.citizen.noise == Parameters().citizen.noise, "fitted to nothing: the default"
    assert setup.parameters.citizen.war_beyond != Parameters().citizen.war_beyond, "what no fit informs is drawn"
    assert recipe(BrowserWorld(episode="invented", **SMALL))["episode"] == "invented"


def test_a_draw_gives_its_parameters_and_its_front_and_sliders_come_on_top(monkeypatch, tmp_path):
    fitted(tmp_path, monkeypatch, "weight,distance,citizen.noise,citizen.ties\n1,0.2,0.123,2.5\n")
    drawn = page.accepted_worlds()[4]
    setup, said = check(world=5, numbers={"citizen.ties": 3.0})
    assert said == [] and setup.front == drawn.front
    assert setup.parameters == drawn.parameters.replace({"citizen.ties": 3.0})
    assert setup.parameters.citizen.noise == 0.123


def test_a_broken_episode_file_is_told_and_another_shown(monkeypatch):
    def load(name):
        if name.stem == "belarus-2022":
            raise EpisodeError("belarus-2022 is not valid TOML")
        return load_episode(name)

    monkeypatch.setattr(page, "load_episode", load)
    world = BrowserWorld(**SMALL)
    assert world.messages == ["belarus-2022 is not valid TOML"] and world.episode.name == "belarus-2020"


def test_a_world_that_cannot_be_built_gives_way_to_the_default(monkeypatch):
    start = BrowserWorld._start

    def fails_once(self, setup):
        monkeypatch.setattr(BrowserWorld, "_start", start)
        start(self, setup)
        raise MemoryError("too large")

    monkeypatch.setattr(BrowserWorld, "_start", fails_once)
    world = BrowserWorld(seed=5, **SMALL)
    assert "MemoryError: too large" in world.messages[0] and world.seed == 0
    world.step()
    assert world.day == 1


def test_a_day_that_goes_wrong_stops_the_world_and_says_so():
    world = lived(2, **SMALL)
    world.crowd = None
    world.step()
    assert not world.running and "went wrong" in world.messages[0]
    world.step()
    assert world.day == 3


def test_every_slider_and_switch_names_what_exists_and_stays_in_its_range():
    assert set(controls.MECHANISMS) == set(SWITCHES)
    for name in controls.KNOBS:
        values = controls.notches(name)
        assert list(values) == sorted(values) and len(values) == controls.N_NOTCHES + 1
        for value in values:
            Parameters().replace({name: value})
        assert controls.notches(name)[controls.notch(name, values[7])] == values[7]
        assert controls.shown(name, DECLARED[name].default)


# Recipes.


def test_a_recipe_lives_the_run_again_to_the_last_bit():
    world = lived(6, seed=3, numbers={"citizen.war_shock": 3.0}, front="defeat", support="police", **SMALL)
    world.act("enter_war")
    world.act("open_media")
    for _ in range(20):
        world.step()
    world.act("withdraw")
    world.step()
    world.act("moscow_drops")
    again = replay(json.loads(json.dumps(recipe(world))))
    assert again.messages == [] and again.rows == world.rows and again.notes == world.notes
    assert again.moscow.dropped and again.interventions == world.interventions
    again.step()
    world.step()
    assert again.rows == world.rows


def test_a_run_that_ended_is_lived_again_to_its_end():
    world = lived(145, **UPRISING)
    assert not world.running and world.judge.ended_on is not None
    assert replay(recipe(world)).judge == world.judge


def test_other_sources_are_noticed():
    told = recipe(lived(3, **SMALL)) | {"fingerprint": "0" * 16}
    assert "not the recorded one" in replay(told).messages[0]


def test_a_recipe_of_an_accepted_history_has_its_past():
    setup = dataclasses.replace(check(episode="belarus-2020", seed=3, **SMALL)[0], history=7)
    world = live(setup, [(2, "open_media")], 5)
    again = replay(json.loads(json.dumps(recipe(world))))
    assert (again.messages, again.setup.history) == ([], 7) and again.rows == world.rows
    assert again.rows != live(dataclasses.replace(setup, history=None), [(2, "open_media")], 5).rows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tightrope": None}, "no recipe"),
        ({"n_citizens": 10**9}, "citizens"),
        ({"days": 10**6}, "expected 0 to 365"),
        ({"interventions": [[1, "__init__"]]}, "expected [day, one of"),
        ({"interventions": 3}, "interventions = 3; expected a list"),
        ({"parameters": {"citizen.noise": "x"}}, "parameters.citizen.noise = 'x'; expected a finite number"),
        ({"parameters": []}, "parameters = []; expected a table"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_before_anything_is_run(change, said, monkeypatch):
    told = recipe(BrowserWorld(**SMALL)) | change
    monkeypatch.setattr(BrowserWorld, "_start", lambda *_: pytest.fail("a world was built"))
    with pytest.raises(RecipeError, match=re.escape(said)):
        replay(told)


def test_the_command_lives_a_recipe_again_and_writes_its_data(tmp_path):
    world = lived(10, seed=4, **SMALL)
    file, output = tmp_path / "recipe.json", tmp_path / "run.csv"
    file.write_text(json.dumps(recipe(world)))
    result = CliRunner().invoke(main, ["--replay", str(file), "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert "ending: survived" in result.output and output.read_text() == world.series().to_csv()
    file.write_text("{")
    result = CliRunner().invoke(main, ["--replay", str(file)])
    assert result.exit_code == 2 and str(file) in result.output and "Traceback" not in result.output


# Twins and chances.


def test_twins_are_equal_before_and_differ_after_and_the_first_to_differ_is_named():
    world = lived(5, numbers={"citizen.war_shock": 3.0, "citizen.threshold": 2.0}, seed=1, **SMALL)
    twin = Twin.of(world)
    assert twin.world.rows == world.rows
    assert twin.world.interventions == [(5, "enter_war")] and world.interventions == []
    while twin.citizen is None and world.day < 60:
        before = [one.citizens.columns["status"].copy() for one in (world, twin.world)]
        assert (before[0] == before[1]).all()
        world.step()
    day, sentence = twin.citizen
    differ = world.citizens.columns["status"] != twin.world.citizens.columns["status"]
    assert day == world.day == twin.world.day and f"citizen {np.flatnonzero(differ)[0]:,} of" in sentence
    assert twin.world.rows[:5] == world.rows[:5] and twin.world.rows[-1] != world.rows[-1]


def test_a_twin_of_a_war_comes_home_and_goes_on_when_the_first_world_has_ended():
    world = lived(3, **SMALL)
    world.act("enter_war")
    world.step()
    twin = Twin.of(world)
    assert twin.did == "withdraw" and twin.world.can("enter_war") and world.can("withdraw")
    world.judge.watch(
        4, 0.0, order_failed=False, stood_aside=False, attempted=True, coup=True, gave_up=False, replaced=False
    )
    world.step()
    assert not world.running
    assert twin.world.day == world.episode.days or twin.world.judge.ended_on is not None


def test_a_fork_starts_with_an_empty_stage_of_its_own():
    world = lived(3, **SMALL)
    Twin.of(world)
    fork = world.fork()
    assert fork.stage is not world.stage and fork.stage.twin is None and fork.stage.lock is not world.stage.lock
    fork.step()
    assert (fork.day, world.day) == (4, 3)


def test_chances_are_those_of_forks_run_by_a_script():
    world = lived(4, **UPRISING)
    chances = Chances(world, n=6)
    world.step()  # the world goes on; the chances are those of the day on which they were asked
    chances.work()
    again = lived(4, **UPRISING)
    ends = [again.fork(dice=k).run().judge for k in range(6)]
    assert chances.ends == [(judge.ending, judge.ended_on) for judge in ends] and chances.done
    assert chances.any_fall().count == sum(judge.ended_on is not None for judge in ends) > 0


def test_chances_can_be_stopped():
    chances = Chances(lived(2, **SMALL), n=50)
    chances.stop()
    chances.work()
    assert chances.done and len(chances.ends) < 50 and chances.failed == ""


def test_the_interval_of_a_chance_is_that_of_every_chance():
    # Jeffreys, by hand: none of 50 is a beta of 1/2 and 101/2, whose upper end is 2.512 / (50 + 1/2), about
    none = chance_of(0, 50)
    assert none.low == 0.0 and none.high == pytest.approx(0.0489, abs=5e-4)
    assert chance_of(0, 0).low == 0.0 and chance_of(0, 0).high == 1.0


# Pictures.


@pytest.mark.parametrize("days", [0, 1, 9])
@pytest.mark.parametrize("given_controls", [SMALL, UPRISING], ids=["2022", "2020"])
def test_every_picture_is_well_formed(days, given_controls):
    for picture in pictures(lived(days, **given_controls)):
        ElementTree.fromstring(f"<div>{picture}</div>")
        assert "nan" not in picture


def test_the_end_is_told_with_its_date_and_cause():
    world = lived(145, **UPRISING)
    date = draw.date_words(world.episode.date_of(world.judge.ended_on))
    assert date in draw.banner(look(world)) and world.judge.cause[1:] in draw.banner(look(world))
    assert "He has fallen" in draw.tightrope(look(world))
    assert draw.banner(look(lived(1, **SMALL))) == ""


def test_words_of_others_cannot_write_into_the_page():
    world = lived(2, **SMALL)
    world.note("<script>alert(1)</script>")
    assert not any("<script" in picture for picture in pictures(world))


def test_units_that_stand_aside_are_in_the_log_by_name():
    world = lived(1, **SMALL)
    before = world.forces.columns["doing"].copy()
    world.forces.columns["doing"][3] = Doing.ASIDE
    world.stage.follow(world, before)
    assert (world.day, f"{world.forces.name(3)} stands aside") in look(world).notes


def test_the_map_knows_the_regions_of_both_episodes_and_says_where_it_is_from():
    told = json.loads(ground.FILE.read_text())
    assert "by hand" in told["source"]
    for name in page.episodes():
        land = ground.of(load_episode(name))
        assert land.drawn and {place.name for place in land.places} == {
            feature["properties"]["name"] for feature in told["features"]
        }


def test_a_country_that_the_map_does_not_know_is_drawn_as_tiles():
    land = ground.lay_out((("Northland", 300_000, True), ("Southland", 200_000, False), ("Isle", 1_000, False)))
    assert not land.drawn and [len(place.dots) for place in land.places] == [6_000, 4_000, 20] and land.per_dot == 50


def test_dots_add_up_to_the_electors_and_lie_in_their_regions():
    episode = load_episode("belarus-2022")
    land = ground.of(episode)
    for place, region in zip(land.places, episode.regions, strict=True):
        points = np.array([dot[1:-2].split() for dot in place.dots], float)
        assert len(points) == round(region.electors / land.per_dot)
        box = place.outline.min(axis=0) - 4.0, place.outline.max(axis=0) + 4.0
        assert (points > box[0]).all() and (points < box[1]).all()
        far = np.hypot(*(points - np.array(place.city)).T)
        assert (np.diff(far) > -0.2).all()  # dots are rounded to a tenth of a pixel


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shares=st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4))
def test_no_dot_is_drawn_for_two_things_and_counts_are_those_of_the_people(shares):
    world = SHARED
    seen = look(world)
    electors = world.citizens.electors[0]
    total = max(sum(shares), 1.0)
    seen.people[:, 0] = 0.0
    for status, share in zip((Status.STREET, Status.DETAINED, Status.EXILE), shares, strict=False):
        seen.people[status, 0] = share / total * electors
    seen.ready[0] = shares[3] / total * electors
    dots = draw.shares_of_dots(seen.ground, seen, 0)
    drawn = [dot for kind in dots.values() for dot in kind]
    assert len(drawn) == len(set(drawn)) <= len(seen.ground.places[0].dots)
    assert abs(len(dots["street"]) - seen.people[Status.STREET, 0] / seen.ground.per_dot) <= 0.5


SHARED = BrowserWorld(**SMALL)


def test_the_observed_crowds_of_2020_are_beside_the_models():
    table = observed()
    assert list(table.columns) == ["date", "low", "mid", "high", "nationwide"]
    assert (table["low"] <= table["mid"]).all() and (table["mid"] <= table["high"]).all()
    assert table["nationwide"].sum() == 4  # 9 to 12 August
    assert charts.crowd_panel(look(BrowserWorld(episode="belarus-2020", **SMALL)), False).count("observed: ") == len(
        table
    )
    assert "observed" not in charts.crowd_panel(look(BrowserWorld(**SMALL)), False)


def test_every_act_has_its_words():
    assert all(callable(getattr(Simulation, name)) and words for name, words in EVERY_ACT.items())


ODD = (
    "1e400", "-1e400", "NaN", "9" * 400, "true", "null", "[[]]", "{}", '"x"', '[[true, "withdraw"]]', '[[0, ["x"]]]',
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_an_odd_value_anywhere_in_a_recipe_is_replayed_or_refused_in_one_line(text):
    world = BrowserWorld(n_citizens=200)
    world.step()
    for part in recipe(world):
        odd = json.dumps(recipe(world) | {part: "@"}).replace('"@"', text)
        refusal = ""
        try:
            replay(read_recipe(odd))
        except RecipeError as error:
            refusal = str(error)
        assert "\n" not in refusal and len(refusal) < 300


@pytest.mark.parametrize("text", ["", "{", "[" * 5_000, '{"tightrope": ' + "9" * 5_000 + "}"])
def test_what_is_no_recipe_is_refused(text):
    with pytest.raises(RecipeError, match="no recipe of a run"):
        replay(read_recipe(text))
    assert read_recipe("\ufeff{}") == {}
