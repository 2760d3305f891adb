"""Citizens are Mesa agents over columns, stand for the electors by weight, and differ as the numbers say."""

import copy
import dataclasses
import functools
import math
import pickle
from pathlib import Path

import mesa
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtri

from agents.citizen.population import READ_ONLY, Citizen, PopulationError, _quotas
from agents.citizen.rules import Age, Media, Status
from agents.elite import Elite
from agents.moscow import Moscow
from agents.regime import Regime
from agents.security import SecurityUnit
from model.episode import load_episode
from model.parameters import Parameters
from model.simulation import Simulation

INVENTED = Path(__file__).parents[1] / "model" / "invented.toml"
STRICT = 4.5  # standard errors: a sound sample misses one such test with a chance of 7 in a million
WRITABLE = {
    "status": Status.DETAINED, "media": Media.NONE, "age": Age.OLD, "opposition": 1.5, "threshold": 2.5,
    "aversion": -0.5, "risk_aversion": 2.0, "mood": 0.25, "mobilised": 1, "free_day": 9,
}  # fmt: skip


def world(n_citizens=1_000, seed=0, episode="belarus-2020", **numbers):
    return Simulation(episode, Parameters().replace(numbers), rng=seed, n_citizens=n_citizens)


# Mesa agents.


def test_all_five_kinds_of_actors_are_mesa_agents_found_by_their_type():
    model = world()
    kinds = (Citizen, SecurityUnit, Elite, Regime, Moscow)
    assert set(model.agents_by_type) == set(model.agent_types) == set(kinds)
    assert [len(model.agents_by_type[kind]) for kind in kinds] == [1_000, 150, 100, 1, 1]
    for kind in kinds:
        first = next(iter(model.agents_by_type[kind]))
        assert type(first) is kind and isinstance(first, mesa.Agent) and first.model is model


def test_no_two_agents_share_an_id():
    model = world()
    ids = [agent.unique_id for kind in model.agents_by_type for agent in model.agents_by_type[kind]]
    assert len(set(ids)) == len(ids) == 1_252


def test_reading_a_citizen_reads_his_row():
    people = world(seed=3).citizens
    for one in people:
        for name in WRITABLE:
            assert getattr(one, name) == people.columns[name][one.row]
        stratum = people.columns["stratum"][one.row]
        assert (one.region, one.weight) == (stratum // 2, people.weights[stratum])
        assert one.tie_share == people.columns["tie_count"][one.row] / people.n_ties


@pytest.mark.parametrize("name, value", WRITABLE.items())
def test_writing_a_citizen_writes_his_row_and_no_other(name, value):
    people = world(seed=3).citizens
    before = people.columns[name].copy()
    before[77] = value
    people[77].__setattr__(name, value)
    assert getattr(people[77], name) == value and people.columns[name].tolist() == before.tolist()


def test_handles_of_one_row_are_one_citizen():
    model, other = world(), world()
    one, again, next_one, elsewhere = model.citizens[5], model.citizens[5], model.citizens[6], other.citizens[5]
    assert one == again and hash(one) == hash(again) and one in model.citizens
    assert one not in (next_one, elsewhere) and elsewhere not in model.citizens and "Citizen 5" not in model.citizens
    one.mood = 1.25
    assert again.mood == 1.25 and elsewhere.mood != 1.25


def test_a_citizen_says_who_he_is():
    assert repr(world().citizens[5]) == "Citizen 5 (home)"


# The agent set.


def test_iterating_and_indexing_visit_every_row_once_in_order():
    people = world().citizens
    rows = list(range(1_000))
    assert [one.row for one in people] == [one.row for one in people.to_list()] == rows
    assert [people[row].row for row in rows] == rows and len(people) == 1_000
    for row in (-1, 1_000):
        with pytest.raises(IndexError, match=f"citizen {row}; expected 0 to 999"):
            people[row]


def test_selecting_equals_a_filter_over_all():
    people = world().citizens
    angry = [one for one in people if one.opposition > 1.0]
    assert 0 < len(angry) < 1_000
    assert people.select(lambda one: one.opposition > 1.0).to_list() == angry
    assert people.where(people.columns["opposition"] > 1.0).to_list() == angry
    assert people.select(lambda one: one.opposition > 1.0, at_most=7).to_list() == angry[:7]
    assert people.select(at_most=0.25).to_list() == list(people)[:250]
    assert people.select(agent_type=Citizen).to_list() == list(people) and not people.select(agent_type=Elite)


def test_getting_aggregating_and_grouping_equal_their_plain_forms():
    people = world().citizens
    assert people.get("age") == [one.age for one in people] and people.get("region") == [one.region for one in people]
    assert people.get(["age", "weight"]) == [[one.age, one.weight] for one in people]
    assert people.agg("mood", np.mean) == np.mean(people.columns["mood"].astype(float))
    assert people.agg("region", [min, max]) == [0, 6]
    groups = people.groupby("media", result_type="list").groups
    assert groups == {diet: [one for one in people if one.media == diet] for diet in Media}
    assert people.groupby(lambda one: one.media).count() == {diet: len(group) for diet, group in groups.items()}
    assert people.sort("mood", ascending=True).to_list() == sorted(people, key=lambda one: one.mood)
    assert sorted(one.row for one in people.shuffle()) == list(range(1_000))


def test_what_is_aggregated_is_a_copy_in_numbers_that_do_not_wrap():
    people = world(n_citizens=7_000).citizens
    people.set("mobilised", 1)
    assert people.agg("mobilised", sum) == 7_000
    moods = people.get("mood")
    people.agg("mood", list.sort)
    assert people.get("mood") == moods != sorted(moods)


def test_tools_chain_as_in_mesa():
    people = world().citizens
    the_angry = people.select(lambda one: one.opposition > 1.0).do(lambda one: setattr(one, "mood", 9.0))
    assert set(the_angry.get("mood")) == {9.0} and people.get("mood").count(9.0) == len(the_angry)
    by_media = people.groupby("media").agg("mood", max)
    assert set(by_media) == set(Media) and max(by_media.values()) == 9.0
    highest = the_angry.sort("opposition").select(at_most=3, inplace=True)
    assert highest is not the_angry and len(highest) == 3
    assert the_angry.select(at_most=5, inplace=True) is the_angry and len(the_angry) == 5


def test_what_mesa_may_ask_is_honoured_or_refused():
    people = world().citizens
    assert people.get("shoe_size", handle_missing="default", default_value=42) == [42] * 1_000
    for ask in (people.get, people.select(at_most=2).get):
        with pytest.raises(AttributeError, match="shoe_size"):
            ask("shoe_size")
        with pytest.raises(ValueError, match="handle_missing"):
            ask("mood", handle_missing="guess")
    with pytest.raises(ValueError, match="expected agentset or list"):
        people.groupby("media", result_type="tuple")
    for ask in (people.shuffle, functools.partial(people.sort, "mood"), functools.partial(people.select, at_most=5)):
        with pytest.raises(NotImplementedError, match="leave inplace out"):
            ask(inplace=True)


def test_a_citizen_is_copied_and_pickled_with_his_world():
    one = world().citizens[5]
    assert copy.copy(one) == one
    twin = pickle.loads(pickle.dumps(one))
    assert twin.mood == one.mood and twin.model is not one.model
    twin.mood = 3.0
    assert one.mood != 3.0


def test_numbers_of_numpy_are_numbers():
    assert len(world(n_citizens=np.int64(300)).citizens) == 300


def test_doing_and_mapping_visit_everybody():
    people = world().citizens
    seen = []
    assert people.do(seen.append) is people and seen == list(people)
    assert people.map(lambda one, more: one.row + more, 5) == list(range(5, 1_005))
    assert people.set("mood", 0.5).agg("mood", set) == {0.5}


# What is written is lived.


def test_the_next_step_sees_what_was_written():
    model, twin = (world(seed=4, **{"citizen.called_availability": 0.9}) for _ in range(2))
    for each in (model, twin):
        each.run(days=7)
        each.street.announced = 1.0  # a call for tomorrow that reaches all
    people = model.citizens
    at_home = people.select(lambda one: one.status == Status.HOME and one.threshold < math.inf)
    calm = at_home.sort(lambda one: one.opposition - one.threshold)
    quiet = list(calm)[-20:]
    for one in quiet:
        one.opposition = 50.0
    model.step()
    twin.step()
    assert all(one.mobilised or one.status == Status.DETAINED for one in quiet)
    assert {Status(one.status) for one in quiet} >= {Status.HOME, Status.STREET}, "a few are not free"
    assert not any(twin.citizens[one.row].mobilised for one in quiet)


def test_who_cannot_be_reached_is_drawn_in_by_no_anger():
    model = world(seed=4)
    people = model.citizens
    out_of_reach = np.isinf(people.columns["threshold"])
    people.columns["opposition"][:] = 1e6
    model.street.announced = 1.0
    model.step()
    home, ready = people.columns["status"] == Status.HOME, people.columns["mobilised"] == 1
    assert out_of_reach.any() and (home & ~ready).tolist() == out_of_reach.tolist()


def test_friends_know_at_once_and_only_they():
    people = world(seed=4).citizens
    friends = np.bincount(people.observers[people.ties_start[9] : people.ties_start[10]], minlength=1_000)
    assert friends.sum() > 0
    people[9].mobilised = 1
    assert people.columns["tie_count"].tolist() == friends.tolist() and people.n_mobilised.sum() == 1
    people[9].mobilised = 1
    assert people.columns["tie_count"].tolist() == friends.tolist(), "news that is none changes nothing"
    people[9].status = Status.EXILE
    assert not people[9].mobilised and not people.columns["tie_count"].any() and not people.n_mobilised.any()


def test_a_jailed_citizen_sits_until_his_day_and_an_exile_stays_away():
    model = world(seed=5, **{"citizen.exile_chance": 0.02})
    jailed, exile = model.citizens[3], model.citizens[4]
    jailed.status, jailed.free_day = Status.DETAINED, 6
    exile.status, exile.opposition = Status.EXILE, 50.0
    lived = [(jailed.status, exile.status) for _ in range(10) if model.step() is None]
    assert [status for status, _ in lived[:5]] == [Status.DETAINED] * 5
    assert lived[5][0] in (Status.HOME, Status.STREET)
    assert {status for _, status in lived} == {Status.EXILE}


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_follows_from_others_cannot_be_written(name):
    people = world().citizens
    with pytest.raises(AttributeError, match=f"a citizen's {name} cannot be changed"):
        people.write(name, 0, 1)
    with pytest.raises(AttributeError):
        setattr(people[0], name, 1)


@pytest.mark.parametrize("name", ["anger", "statu", "__dict__", "weight", "region", "unique_id", "tie_share", "model"])
def test_what_is_no_column_is_refused_instead_of_lost(name):
    with pytest.raises(AttributeError):
        setattr(world().citizens[0], name, 1)


@pytest.mark.parametrize(
    "name, value, expected",
    [("status", 5, "a whole number, 0 to 4"), ("status", -1, "a whole number, 0 to 4"),
     ("status", 1.5, "a whole number, 0 to 4"), ("status", "jail", "a whole number, 0 to 4"),
     ("media", 4, "a whole number, 0 to 3"), ("age", 3, "a whole number, 0 to 2"),
     ("mobilised", 2, "a whole number, 0 to 1"), ("mood", math.nan, "a number"), ("opposition", math.inf, "a number")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_and_changes_nothing(name, value, expected):
    people = world().citizens
    before = people.by_status.copy(), people.n_mobilised.copy(), people.columns[name].copy()
    with pytest.raises(ValueError, match=f"{name} = {value}; expected {expected}"):
        setattr(people[0], name, value)
    after = people.by_status, people.n_mobilised, people.columns[name]
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


def test_heads_are_conserved_so_nobody_is_added_or_removed():
    people = world().citizens
    with pytest.raises(NotImplementedError, match=r"not removed; set status = Status\.EXILE"):
        people[0].remove()
    for refused in (people.add, people.discard, people.remove):
        with pytest.raises(NotImplementedError, match="heads are conserved"):
            refused(people[0])
    assert len(people) == 1_000


@pytest.mark.parametrize("n", [0, -5, 99, 6_836_586, 10**9])
def test_too_few_and_too_many_citizens_are_refused(n):
    with pytest.raises(PopulationError, match=f"n_citizens = {n}; expected 100 to 6836585"):
        world(n_citizens=n)


def of_regions(electors):
    """A country with so many electors in its regions; the first holds the capital."""
    country = load_episode(INVENTED)
    regions = tuple(
        dataclasses.replace(country.regions[0], name=f"region {i}", electors=n, capital=i == 0)
        for i, n in enumerate(electors)
    )
    return country.replace(regions=regions, forces=(dataclasses.replace(country.forces[1], sent=1),), entry_troops=100)


def test_no_region_is_too_small_to_be_lived_in():
    # Without a citizen a region would lose its electors, and those who know somebody there would know nobody.
    country = of_regions([2_000_000, *[1_000] * 49])
    model = world(100, episode=country).run(days=5)
    assert model.citizens.counts.min() == 1 and model.citizens.all_electors == pytest.approx(country.electors)
    assert (np.bincount(model.citizens.observers, minlength=100) == model.citizens.n_ties).all()
    with pytest.raises(PopulationError, match="n_citizens = 100; expected 102 to"):
        world(100, episode=of_regions([1_000] * 51))


@pytest.mark.parametrize("n", [1000.0, True, "1000", None])
def test_a_number_of_citizens_is_a_whole_number(n):
    with pytest.raises(PopulationError, match="expected a whole number"):
        world(n_citizens=n)


# Weights and quotas.

persons = st.lists(st.tuples(st.integers(100, 10**6), st.integers(100, 10**6)), min_size=1, max_size=12)


@given(persons, st.integers(100, 50_000), st.floats(0.05, 0.9), st.floats(0.05, 0.95), st.data())
def test_quotas_add_up_and_never_exceed_the_electors(pairs, n, capital_quota, likely_quota, data):
    electors = np.array(pairs, float).ravel()
    assume(2 * len(pairs) <= n <= electors.sum())
    capital = data.draw(st.integers(0, len(pairs) - 1))
    counts = _quotas(electors, capital, n, capital_quota, likely_quota)
    assert counts.sum() == n and (counts >= 1).all() and (counts <= electors).all()
    if (counts < electors - 1).all() and counts.min() > 1 and len(pairs) > 1:
        by_region = counts.reshape(-1, 2)
        assert by_region[capital].sum() == pytest.approx(capital_quota * n, abs=2)
        assert by_region[:, 1].sum() == pytest.approx(likely_quota * n, abs=len(pairs) + 1)


@pytest.mark.parametrize("n", [200, 2_000, 50_000])
@pytest.mark.parametrize("name", ["belarus-2020", "belarus-2022", INVENTED], ids=["2020", "2022", "invented"])
def test_weights_add_up_to_the_electors_of_every_region(name, n):
    episode = load_episode(name)
    people = world(n, episode=episode).citizens
    assert people.counts.sum() == n == sum(np.bincount(people.columns["stratum"]))
    assert people.by_region(people.counts) == pytest.approx([region.electors for region in episode.regions])


def test_the_capital_and_the_likely_stand_for_fewer_each():
    model = world(5_000)
    weights, capital = model.citizens.weights.reshape(-1, 2), model.episode.capital
    assert (weights[:, 1] < weights[:, 0]).all()
    assert (weights[capital] < np.delete(weights, capital, axis=0).min(axis=0)).all()


def test_one_citizen_for_each_elector_weighs_one():
    assert world(6_000, episode=of_regions([2_000] * 3)).citizens.weights == pytest.approx(1.0)


# Traits and ties. One population of 80,000, more than are drawn at a time; errors are those of weighted means.


@functools.cache
def large():
    flat = dict.fromkeys(("capital_shift", "control_gradient", "age_gradient", "media_gradient"), 0.0)
    flat |= {"age_gradient": 0.2, "media_gradient": 0.2}  # the smallest allowed
    return world(80_000, seed=6, **{f"citizen.{name}": value for name, value in flat.items()})


def weighted(values, model, rows=slice(None)):
    """The weighted mean of a column over some rows, and its standard error."""
    weight = model.citizens.weights[model.citizens.columns["stratum"]][rows]
    values = values[rows]
    mean = np.average(values, weights=weight)
    return mean, math.sqrt(np.sum(weight**2 * (values - mean) ** 2)) / weight.sum()


def agrees(values, expected, model, rows=slice(None)):
    mean, error = weighted(np.asarray(values, float), model, rows)
    return abs(mean - expected) < STRICT * error


def reachable(model):
    """Those whom anger can bring out at all."""
    return np.isfinite(model.citizens.columns["threshold"])


def tilts(model):
    """By hand: how age and media diet shift opposition and aversion in the large population, each a unit gradient."""
    columns, shares = model.citizens.columns, model.episode.people
    young_old, state_free = np.array([0.5, 0.0, -0.5]), np.array([-0.5, 0.5, 0.0, 0.0])
    ages = (young_old - young_old @ np.array(shares.ages))[columns["age"]]
    return ages + (state_free - state_free @ np.array(shares.media))[columns["media"]]


def test_what_opposes_against_what_holds_back_has_the_declared_spread():
    model = large()
    numbers, columns = model.parameters.citizen, model.citizens.columns
    opposition, threshold = columns["opposition"].astype(float), columns["threshold"].astype(float)
    # age and media spread the groups a little: their variance, by the shares of the groups
    ages, media = np.array([0.1, 0.0, -0.1]), np.array([-0.1, 0.1, 0.0, 0.0])
    shares = model.episode.people
    groups = sum(np.average(x**2, weights=w) - np.average(x, weights=w) ** 2
                 for x, w in ((ages, shares.ages), (media, shares.media)))  # fmt: skip
    mean = numbers.opposition_spread * ndtri(numbers.private_opposition)
    assert agrees(opposition, mean, model) and agrees(threshold, numbers.threshold, model, reachable(model))
    margin = opposition - threshold - (mean - numbers.threshold)
    assert agrees(margin**2, 1.0 + groups, model, reachable(model))
    assert agrees((opposition - mean) ** 2, numbers.opposition_spread**2 + groups, model)
    assert agrees(columns["media"] == Media.STATE, shares.media[0], model)
    assert agrees(columns["age"] == Age.YOUNG, shares.ages[0], model)


def test_risk_aversion_has_mean_one_and_war_aversion_the_polls_share():
    model = large()
    columns, numbers = model.citizens.columns, model.parameters.citizen
    assert agrees(columns["risk_aversion"], 1.0, model)
    assert agrees(columns["aversion"], 1.0, model)
    share, error = weighted(columns["aversion"] < 0.0, model)
    assert abs(share - numbers.aversion_support) < STRICT * error + 0.005  # groups differ a little in their mean


def test_the_likely_are_the_top_of_what_opposes_against_what_holds_back():
    model = large()
    columns, band = model.citizens.columns, model.parameters.sample.likely_band
    margin = (columns["opposition"] - columns["threshold"]).astype(float)
    likely, goes = columns["stratum"] % 2 == 1, reachable(model)
    assert agrees(likely, band, model)
    assert np.quantile(margin[likely & goes], 0.05) > np.quantile(margin[~likely & goes], 0.9)


def test_the_reachable_are_the_declared_share_of_the_likely_and_of_the_rest():
    # Two shares at 4.5 standard errors: a sound sample misses with a chance of 14 in a million.
    model = large()
    likely = model.citizens.columns["stratum"] % 2 == 1
    for rows in (likely, ~likely):
        assert agrees(reachable(model), model.parameters.citizen.reachable, model, rows)


def test_another_share_of_the_reachable_adds_people_and_changes_nobody_else():
    few, many = (world(2_000, **{"citizen.reachable": share}) for share in (0.3, 0.5))
    assert not (reachable(few) & ~reachable(many)).any() and (reachable(many) & ~reachable(few)).any()
    for name, column in few.citizens.columns.items():
        rows = reachable(few) if name == "threshold" else slice(None)
        assert np.array_equal(column[rows], many.citizens.columns[name][rows]), name


def test_aversion_goes_with_opposition_by_the_declared_correlation():
    # Both in their own units, less what age and media shift: the mean of the product is the correlation, and of the
    # squares 1. Three means at 4.5 standard errors: a sound sample misses with a chance of 21 in a million.
    model = large()
    numbers, columns, tilt = model.parameters.citizen, model.citizens.columns, tilts(model)
    mean = numbers.opposition_spread * ndtri(numbers.private_opposition)
    opposition = (columns["opposition"] - mean - 0.2 * tilt) / numbers.opposition_spread
    aversion = (columns["aversion"] - 1.0 - numbers.aversion_gradient * tilt) * -ndtri(numbers.aversion_support)
    assert agrees(opposition * aversion, numbers.aversion_opposition, model)
    assert agrees(opposition**2, 1.0, model) and agrees(aversion**2, 1.0, model)


def test_the_young_and_the_audience_of_free_media_oppose_more_and_dislike_the_war_more():
    model = world(40_000, seed=7)
    people, columns = model.citizens, model.citizens.columns
    for name in ("opposition", "aversion"):
        ages = [weighted_mean(people, columns[name], columns["age"] == age) for age in Age]
        assert ages == sorted(ages, reverse=True), name
        state, independent = (
            weighted_mean(people, columns[name], columns["media"] == diet) for diet in (Media.STATE, Media.INDEPENDENT)
        )
        assert independent > state + 0.1, name


def weighted_mean(people, values, rows):
    return np.average(values[rows], weights=people.weights[people.columns["stratum"][rows]])


def test_everybody_knows_as_many_mostly_near_and_often_as_likely_as_himself():
    model = large()
    people, sample = model.citizens, model.parameters.sample
    known = np.repeat(np.arange(80_000), np.diff(people.ties_start.astype(np.int64)))
    knows = people.observers.astype(np.int64)
    assert (np.bincount(knows, minlength=80_000) == sample.n_ties).all()
    stratum = people.columns["stratum"].astype(int)
    electors = model.citizens.electors / model.citizens.electors.sum()
    n = knows.size
    own = np.bincount(stratum // 2, minlength=7) / 80_000
    near = sample.local_ties + (1.0 - sample.local_ties) * float(own @ electors)
    assert np.mean(stratum[known] // 2 == stratum[knows] // 2) == pytest.approx(near, abs=STRICT * 0.5 / math.sqrt(n))
    for likely, share in ((1, sample.likely_band), (0, 1.0 - sample.likely_band)):
        rows = stratum[knows] % 2 == likely
        alike = sample.like_ties + (1.0 - sample.like_ties) * share
        found = np.mean(stratum[known[rows]] % 2 == likely)
        assert found == pytest.approx(alike, abs=STRICT * 0.5 / math.sqrt(rows.sum()))


def test_of_those_who_emigrate_opponents_go_first_and_those_who_know_them_see_it():
    model = world(40_000, seed=8)
    people, columns = model.citizens, model.citizens.columns
    columns["status"][::50] = Status.DETAINED
    keen = np.argsort(-columns["opposition"])[:400].tolist()
    for row in keen:
        people.write("mobilised", row, 1)
    people.emigrate(0.02)
    gone = columns["status"] == Status.EXILE
    share, error = weighted(gone, model)
    assert abs(share - 0.02) < STRICT * error
    assert gone[keen].sum() > 50 and not columns["mobilised"][gone].any() and not gone[::50].any()
    assert people.n_mobilised.sum() == columns["mobilised"].sum()
    assert (
        weighted_mean(people, columns["opposition"], gone) > weighted_mean(people, columns["opposition"], ~gone) + 0.5
    )


def test_without_the_claim_of_war_aversion_all_are_equally_averse():
    without = Simulation(parameters=Parameters().switch_off("war_aversion"), n_citizens=500).citizens
    assert set(without.columns["aversion"]) == {1.0}
