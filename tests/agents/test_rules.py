"""The rules of the actors: edges by hand, properties for every input, and answers known from theory."""

import dataclasses
import math

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import norm

from agents import elite, moscow, regime, security
from agents.citizen import rules as citizen
from agents.citizen.rules import Media
from agents.moscow import Support
from agents.regime import Lesson, Posture, Situation
from agents.security import Doing
from model.parameters import RegimeParameters

share = st.floats(0.0, 1.0)
inner = st.floats(0.01, 0.99)
sd = st.floats(-6.0, 6.0)
amount = st.floats(0.0, 6.0)
rise = st.floats(0.0, 3.0)
crowds = st.floats(0.0, 2_000_000.0)
losses = st.floats(0.0, 2_000.0)
loads = st.floats(0.0, 20.0)


def rises(rule, inputs, name, by):
    """Whether the rule's value does not fall when one of its inputs is raised."""
    return rule(**inputs) <= rule(**{**inputs, name: inputs[name] + by})


# The citizens.

felt_inputs = st.fixed_dictionaries({"grievance": sd, "news": share, "violence": amount, "accepted": amount})
war_felt_inputs = st.fixed_dictionaries({"news": share, "shock": amount, "known": share, "losses": amount})


@given(sd, sd, sd, amount, rise)
def test_anger_adds_opposition_and_feelings_and_the_averse_are_angrier_for_a_war(opposition, felt, aversion, war, by):
    now = citizen.anger(opposition, felt, aversion, war)
    assert citizen.anger(opposition, felt, 0.0, war) == opposition + felt
    assert (
        citizen.anger(opposition + by, felt, aversion, war)
        >= now
        <= citizen.anger(opposition, felt + by, aversion, war)
    )
    assert citizen.anger(opposition, felt, aversion + by, war) >= now


@pytest.mark.parametrize(
    "aversion, war, expected", [(0.0, 0.3, 1.5), (1.0, 0.3, 1.8), (-2.0, 0.3, 0.9), (-2.0, 0.0, 1.5)]
)
def test_who_likes_the_war_is_less_angry_for_it(aversion, war, expected):
    assert citizen.anger(1.0, 0.5, aversion, war) == pytest.approx(expected)


@given(felt_inputs, st.sampled_from(["grievance", "violence"]), rise)
def test_no_bad_news_soothes(inputs, name, by):
    assert rises(citizen.felt, inputs, name, by)


@given(felt_inputs, rise)
def test_who_accepts_more_of_a_step_feels_it_less(inputs, by):
    assert rises(lambda **given: -citizen.felt(**given), inputs, "accepted", by)


@given(felt_inputs, war_felt_inputs)
def test_without_news_only_grievance_and_the_dead_one_knows_anger(home, war):
    assert citizen.felt(**home | {"news": 0.0}) == home["grievance"]
    assert citizen.war_felt(**war | {"news": 0.0}) == pytest.approx(war["known"] * war["losses"], abs=1e-9)


@given(war_felt_inputs, st.sampled_from(["news", "shock", "known", "losses"]), rise)
def test_ties_and_news_make_a_war_felt_and_the_losses_count_once(inputs, name, by):
    by = min(by, 1.0 - inputs[name]) if name in ("news", "known") else by
    now = citizen.war_felt(**inputs)
    assert now <= citizen.war_felt(**{**inputs, name: inputs[name] + by}) + 1e-9
    assert inputs["news"] * inputs["shock"] - 1e-9 <= now <= inputs["news"] * inputs["shock"] + inputs["losses"] + 1e-9


@given(opposition=sd, grievance=sd, violence=amount, war=war_felt_inputs, accepted=st.floats(0.0, 2.0))
def test_a_step_angers_by_what_aversion_exceeds_what_is_accepted(opposition, grievance, violence, war, accepted):
    # The two averages of one citizen put together are r x shock x (aversion - accepted): who is just as averse as the
    # step may ask feels nothing of it.
    shocked = war | {"losses": 0.0}
    felt = citizen.felt(grievance, war["news"], violence, war["shock"] * accepted)
    anger = citizen.anger(opposition, felt, accepted, citizen.war_felt(**shocked))
    assert anger == pytest.approx(opposition + grievance + war["news"] * violence, abs=1e-9)


@given(losses, losses, st.floats(150.0, 600.0), st.floats(1e6, 1e7))
def test_the_more_dead_and_the_smaller_the_country_the_more_know_one(dead, more, acquaintances, electors):
    known = citizen.knows_a_dead(dead, acquaintances, electors)
    assert 0.0 <= known <= citizen.knows_a_dead(dead + more, acquaintances, electors) <= 1.0
    assert known >= citizen.knows_a_dead(dead, acquaintances, 2.0 * electors) and citizen.knows_a_dead(0, 300, 1e6) == 0
    assert citizen.knows_a_dead(2 * dead, acquaintances, 2 * electors) == known, "a rule knows no country's size"


@pytest.mark.parametrize("known_deaths, expected", [(0.01, 0.00995), (math.log(2), 0.5), (50.0, 1.0)])
def test_who_knows_a_dead_is_poisson_in_how_many_he_would_know(known_deaths, expected):
    assert citizen.knows_a_dead(known_deaths * 10_000.0, 200.0, 2e6) == pytest.approx(expected, rel=1e-4)


joins_inputs = st.fixed_dictionaries(
    {
        "anger": sd, "ties": amount, "tie_share": share, "news": share, "crowd_seen": amount, "risk_aversion": amount,
        "risk": amount, "noise": share, "mood": sd, "threshold": sd,
    }
)  # fmt: skip


@given(joins_inputs, st.sampled_from(["anger", "ties", "tie_share", "news", "crowd_seen", "mood"]), rise)
def test_anger_and_company_only_bring_people_out(inputs, name, by):
    assert rises(citizen.joins, inputs, name, by)


@given(joins_inputs, st.sampled_from(["risk", "risk_aversion", "threshold"]), rise)
def test_risk_only_keeps_people_at_home(inputs, name, by):
    assert rises(lambda **given: not citizen.joins(**given), inputs, name, by)


@pytest.mark.parametrize(
    "changed, joins",
    [({}, False), ({"anger": 1.01}, True), ({"tie_share": 0.1}, True), ({"crowd_seen": 0.1}, True),
     ({"mood": 0.1}, True), ({"anger": 2.0, "risk": 0.9}, True), ({"anger": 2.0, "risk": 1.1}, False),
     ({"anger": 2.0, "risk": 1.1, "risk_aversion": 0.5}, True), ({"crowd_seen": 5.0, "news": 0.0}, False)],
)  # fmt: skip
def test_the_decision_by_hand(changed, joins):
    at_the_line = {
        "anger": 1.0, "ties": 1.0, "tie_share": 0.0, "news": 1.0, "crowd_seen": 0.0, "risk_aversion": 1.0, "risk": 0.0,
        "noise": 1.0, "mood": 0.0, "threshold": 1.0,
    }  # fmt: skip
    assert citizen.joins(**at_the_line | changed) == joins


@given(amount, share, share, st.floats(0.003, 0.03))
def test_a_crowd_pulls_more_the_larger_it_is_and_less_than_its_bound(crowd, part, more, half):
    assert 0.0 <= citizen.crowd_pull(crowd, part, half) <= crowd
    assert citizen.crowd_pull(crowd, min(part, more), half) <= citizen.crowd_pull(crowd, max(part, more), half)


def test_a_crowd_of_c0_pulls_half_and_no_crowd_not_at_all():
    assert citizen.crowd_pull(3.0, 0.02, 0.02) == 1.5 and citizen.crowd_pull(3.0, 0.0, 0.02) == 0.0


news_inputs = st.tuples(share, share, share, share)


@given(st.sampled_from(list(Media)), news_inputs)
def test_the_share_of_news_is_a_share(media, inputs):
    assert 0.0 <= citizen.reaches(media, *inputs) <= 1.0


@given(news_inputs)
def test_the_independent_hear_more_than_the_audience_of_the_state(inputs):
    state, independent, both, none = (citizen.reaches(media, *inputs) for media in Media)
    assert none <= state + 1e-12 and state <= both + 1e-12 and both <= independent + 1e-12


@given(st.sampled_from(list(Media)), news_inputs, share)
def test_grip_hides_news_and_the_diaspora_restores_it(media, inputs, more):
    grip, blocking, mouth, diaspora = inputs
    heard = citizen.reaches(media, *inputs)
    assert citizen.reaches(media, max(grip, more), blocking, mouth, diaspora) <= heard + 1e-12
    assert citizen.reaches(media, grip, blocking, mouth, max(diaspora, more)) >= heard - 1e-12


@given(share, share, share)
def test_without_grip_everybody_with_media_hears_all(blocking, mouth, diaspora):
    heard = [citizen.reaches(media, 0.0, blocking, mouth, diaspora) for media in Media]
    assert heard == pytest.approx([1.0, 1.0, 1.0, mouth])


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(30, 600))
def test_outrage_grows_with_the_detained_per_million_and_saturates(detained, more, half):
    assert 0.0 <= citizen.outrage(detained, half) <= citizen.outrage(detained + more, half) < 1.0
    assert citizen.outrage(half, half) == 0.5 and citizen.outrage(0.0, half) == 0.0


@given(share, share, st.floats(3e-5, 3e-3))
def test_a_movement_calls_itself_the_further_the_larger_its_last_gathering_was(part, more, half):
    reach = citizen.calls_itself(part, half)
    assert 0.0 <= reach <= citizen.calls_itself(part + more, half) < 1.0
    assert citizen.calls_itself(0.0, half) == citizen.calls_itself(0.0, 0.0) == 0.0
    assert citizen.calls_itself(half, half) == 0.5


@given(share, share, share, share)
def test_those_are_free_whom_a_call_reaches_or_who_stay_in_the_square(stays, reach, called, more):
    free = citizen.free(stays, reach, called)
    assert max(stays, reach * called) == free <= citizen.free(stays, max(reach, more), called)
    assert citizen.free(stays, 0.0, called) == stays and citizen.free(0.0, 1.0, called) == called


@given(share, share, share)
def test_the_risk_seen_lies_between_memory_and_sight(memory, deployed, view):
    low, high = sorted((memory, deployed))
    assert low - 1e-12 <= citizen.risk_seen(memory, deployed, view) <= high + 1e-12
    assert (citizen.risk_seen(memory, deployed, 0.0), citizen.risk_seen(memory, deployed, 1.0)) == (memory, deployed)


@given(amount, losses, losses, losses, st.floats(1.0, 30.0), share)
def test_each_death_angers_and_the_first_most(per_tenfold, recent, total, more, half, part):
    def felt(dead):
        return citizen.loss_anger(per_tenfold, recent, dead, half, part)

    assert 0.0 <= felt(0.0) <= felt(total) <= felt(total + more)
    assert felt(total + 2 * more) - felt(total + more) <= felt(total + more) - felt(total) + 1e-9  # Mueller's logarithm


@pytest.mark.parametrize(
    "recent, total, expected", [(0, 0, 0.0), (90, 0, 0.6), (0, 90, 0.4), (90, 90, 1.0), (990, 990, 2.0), (0, 990, 0.8)]
)
def test_loss_anger_by_hand(recent, total, expected):
    assert citizen.loss_anger(1.0, recent, total, 10.0, 0.6) == pytest.approx(expected)
    assert citizen.loss_anger(0.5, recent, total, 10.0, 0.6) == pytest.approx(0.5 * expected)


@given(losses, st.floats(1.0, 30.0), st.sampled_from([0.0, 1e-6, 0.2, 0.5, 1.0]))
def test_every_curve_of_losses_is_nothing_for_none_and_one_for_nine_times_the_half(dead, half, curve):
    assert citizen.tenfolds(0.0, half, curve) == 0.0
    assert citizen.tenfolds(9.0 * half, half, curve) == pytest.approx(1.0)
    assert citizen.tenfolds(dead, half, 0.0) == math.log10(1.0 + dead / half)
    assert citizen.tenfolds(dead, half, 1.0) == pytest.approx(dead / half / 9.0)


@given(st.lists(share, min_size=1, max_size=5), st.floats(0.3, 2.0))
def test_a_chance_of_arrest_that_is_weighed_keeps_its_ends_and_its_order(chances, weight):
    some = np.sort(np.array(chances))
    assert citizen.weighed(some, 1.0) is some
    counts = citizen.weighed(some, weight)
    assert (np.diff(counts) >= 0.0).all() and (counts >= 0.0).all() and (counts <= 1.0).all()
    assert citizen.weighed(np.array([0.0, math.exp(-1.0), 1.0]), weight) == pytest.approx([0.0, math.exp(-1.0), 1.0])


@given(inner, st.floats(0.3, 1.2), inner)
def test_a_share_approves_whose_aversion_is_below_what_one_may_be(approve, spread, more):
    line = citizen.accepts(approve, spread)
    assert norm.cdf(line, 1.0, spread) == pytest.approx(approve, abs=1e-9)
    assert citizen.accepts(max(approve, more), spread) >= line
    assert citizen.accepts(0.5, spread) == 1.0


@given(st.floats(0.1, 1.5), st.floats(0.1, 0.5), st.floats(0.1, 0.5))
def test_a_larger_step_into_the_war_is_accepted_by_fewer(lent, limited, other):
    none, land, part, all_of_it = (citizen.accepted_on(rung, lent, limited) for rung in range(4))
    assert (none, land, all_of_it) == (0.0, lent, 0.0) and all_of_it < part < land
    assert part == pytest.approx(lent * (1.0 - limited))
    assert citizen.accepted_on(2, lent, max(limited, other)) <= part


@given(amount, share, share)
def test_staying_out_soothes_as_the_first_fright_wears_off(premium, left, less):
    assert 0.0 <= citizen.soothes(premium, left) <= citizen.soothes(premium, min(left, less)) <= premium
    assert (citizen.soothes(premium, 1.0), citizen.soothes(premium, 0.0)) == (0.0, premium)


@given(sd, amount, amount, rise)
def test_fear_hides_opposition_and_invents_none(anger, risk_aversion, falsification, by):
    tells = citizen.tells_pollster(anger, risk_aversion, falsification)
    assert not tells or anger > 0.0
    assert citizen.tells_pollster(anger, risk_aversion, 0.0) == (anger > 0.0)
    assert tells or not citizen.tells_pollster(anger, risk_aversion + by, falsification)


# The security forces: the cut-off game.

units = st.lists(st.tuples(st.floats(0.1, 5.0), inner), min_size=1, max_size=30)  # strength, willingness


def mean_willingness(units):
    return sum(m * q for m, q in units) / sum(m for m, _ in units)


@given(units, st.floats(0.0, 2.0))
def test_without_noise_an_order_fails_exactly_when_the_crowd_exceeds_rho_k_qbar(units, ratio):
    rho, force, qbar = 20.0, 1_000.0, mean_willingness(units)
    assume(abs(ratio - qbar) > 1e-9)
    crowd = ratio * rho * force
    strength = 1.0 - security.load(crowd, rho, force)
    refused = [security.refuses(strength, security.cutoff(qbar), 0.0, q) for _, q in units]
    obeying = (
        force * sum(m for (m, _), refuses in zip(units, refused, strict=True) if not refuses) / sum(m for m, _ in units)
    )
    assert len(set(refused)) == 1, "without private noise all do the same"
    assert security.dispersal_fails(crowd, rho, obeying) == (crowd > rho * force * qbar)


@given(units, st.floats(0.05, 0.3))
def test_at_the_cutoff_just_enough_refuse_for_him_to_fall(units, noise):
    # Brute force instead of the closed form: find by halving the signal below which each unit refuses, and the
    # share of the force that sees less than that when the strength is T*. In equilibrium that share is T* itself.
    threshold = security.cutoff(mean_willingness(units))
    refusing = 0.0
    for m, q in units:
        low, high = threshold - 5.0, threshold + 5.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if security.refuses(middle, threshold, noise, q) else (low, middle)
        refusing += m * norm.cdf((low - threshold) / noise)
    assert refusing / sum(m for m, _ in units) == pytest.approx(threshold, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.05, 0.15, 0.3])
@pytest.mark.parametrize("distance", [-0.05, 0.05])
def test_with_noise_too_an_order_fails_when_the_crowd_exceeds_rho_k_qbar(noise, distance):
    # 40,000 units with one draw each: the share that obeys has a standard error of at most 0.0025. At the
    # distance of 0.05 from the line the answer is wrong with a chance below 1 in 10,000,000.
    dice = np.random.default_rng(2022)
    q = dice.uniform(0.2, 0.99, 40_000)
    load = q.mean() + distance
    signals = 1.0 - load + noise * dice.standard_normal(q.size)
    obeying = np.mean(
        [not security.refuses(x, security.cutoff(q.mean()), noise, each) for x, each in zip(signals, q, strict=True)]
    )
    assert security.dispersal_fails(load, 1.0, obeying) == (distance > 0.0)


@given(st.floats(-1, 1), st.floats(-1, 1), inner)
def test_as_noise_vanishes_refusing_becomes_a_step(signal, threshold, q):
    assume(abs(signal - threshold) > 1e-4)
    assert (
        security.refuses(signal, threshold, 1e-6, q)
        == security.refuses(signal, threshold, 0.0, q)
        == (signal < threshold)
    )


@given(sd, sd, st.floats(0.01, 0.5), inner)
def test_refusing_by_the_other_form_of_the_rule(signal, threshold, noise, q):
    line = threshold - noise * ndtri(q)
    assume(abs(signal - line) > 1e-9 and abs(signal - threshold) < 8 * noise)
    assert security.refuses(signal, threshold, noise, q) == (signal < line)


@given(sd, sd, st.floats(0.0, 0.5), share, rise, share)
def test_strength_and_willingness_only_make_units_obey(signal, threshold, noise, q, by, better):
    refuses = security.refuses(signal, threshold, noise, q)
    assert refuses or not security.refuses(signal + by, threshold, noise, q)
    assert refuses or not security.refuses(signal, threshold, noise, max(q, better))


willingness_inputs = st.fixed_dictionaries(
    {
        "base": sd,
        "loyalty": sd,
        "support": amount,
        "strain": amount,
        "kin": amount,
        "violence": amount,
        "losses": amount,
    }
)


@given(willingness_inputs, st.sampled_from(["base", "loyalty", "support"]), rise)
def test_loyalty_and_support_hold_a_unit(inputs, name, by):
    assert 0.0 < security.willingness(**inputs) < 1.0
    assert rises(security.willingness, inputs, name, by)


@given(willingness_inputs, st.sampled_from(["strain", "kin", "violence", "losses"]), rise)
def test_strain_kin_violence_and_losses_wear_a_unit_down(inputs, name, by):
    assert rises(lambda **given: -security.willingness(**given), inputs, name, by)


@pytest.mark.parametrize("logit, q", [(0.0, 0.5), (math.log(3), 0.75), (-math.log(3), 0.25), (math.log(99), 0.99)])
def test_willingness_is_logistic(logit, q):
    assert security.willingness(logit, 0, 0, 0, 0, 0, 0) == pytest.approx(q)
    assert security.willingness(0, 0, 0, 0, 0, 0, -logit) == pytest.approx(q)


@pytest.mark.parametrize(
    "crowd, rho, force, expected",
    [
        (0, 20, 0, 0.0),
        (0, 20, 100, 0.0),
        (-5, 20, 100, 0.0),
        (2_000, 20, 100, 1.0),
        (500, 20, 100, 0.25),
        (500, 20, 0, 500.0),
    ],
)
def test_the_load_of_a_crowd_by_hand(crowd, rho, force, expected):
    assert security.load(crowd, rho, force) == expected


@pytest.mark.parametrize("crowd, fails", [(100_000.0, False), (100_000.1, True), (0.0, False)])
def test_what_the_obeying_can_just_contain_they_contain(crowd, fails):
    assert security.dispersal_fails(crowd, 20.0, 5_000.0) == fails
    assert not security.dispersal_fails(0.0, 20.0, 0.0)


# What the forces do, and what it does to them.


@given(st.sampled_from([True, False]), share)
def test_a_unit_stands_aside_or_does_as_it_thinks_right(aside, q):
    expected = Doing.ASIDE if aside else Doing.OBEYING if q >= 0.5 else Doing.SHIRKING
    assert security.does(aside, q) == expected
    assert security.does(False, 0.5) == Doing.OBEYING and security.does(False, 0.4999) == Doing.SHIRKING


@given(st.floats(0.0, 1.0), loads, share, share, rise)
def test_who_stands_adds_strength_and_crowds_and_refusals_take_it(standing, load, refusal, more, by):
    left = security.strength_left(standing, load, refusal)
    assert left <= 1.0 and security.strength_left(max(standing, more), load, refusal) >= left
    assert security.strength_left(standing, load + by, refusal) <= left
    assert security.strength_left(standing, load, refusal + by) == pytest.approx(left - by)


@pytest.mark.parametrize(
    "standing, load, refusal, left",
    [
        (1.0, 0.0, 0.0, 1.0),
        (1.0, 1.5, 0.0, -0.5),
        (0.5, 0.25, 0.0, 0.5),
        (1.0, 0.25, 0.3, 0.45),
        (0.0, 0.02, 0.0, -1.0),
    ],
)
def test_the_strength_that_is_left_by_hand(standing, load, refusal, left):
    assert security.strength_left(standing, load, refusal) == pytest.approx(left)


fight_inputs = st.fixed_dictionaries(
    {
        "base": sd, "loyalty": sd, "support": amount, "home": amount, "conscripts": amount, "losses": amount,
        "defeat": amount,
    }
)  # fmt: skip


@given(fight_inputs, st.sampled_from(["base", "loyalty", "support"]), rise)
def test_loyalty_and_support_send_a_unit_to_war(inputs, name, by):
    assert 0.0 < security.would_fight(**inputs) < 1.0
    assert rises(security.would_fight, inputs, name, by)


@given(fight_inputs, st.sampled_from(["home", "conscripts", "losses", "defeat"]), rise)
def test_home_conscripts_losses_and_defeat_hold_a_unit_back(inputs, name, by):
    assert rises(lambda **given: -security.would_fight(**given), inputs, name, by)


@pytest.mark.parametrize("place", range(7))
def test_each_reason_to_fight_or_not_weighs_one_logit(place):
    reasons = [0.0] * 7
    reasons[place] = math.log(3)
    assert security.would_fight(*reasons) == pytest.approx(0.75 if place < 3 else 0.25)


@given(st.floats(0.05, 0.8), st.floats(0, 1e5), st.floats(1.0, 2e6), crowds)
def test_detentions_are_a_capacity_and_numbers_give_safety(rate, officers, crowd, more):
    caught, later = (security.detained(rate, officers, c) for c in (crowd, crowd + more))
    assert 0.0 <= caught <= min(crowd, rate * officers) + 1e-6
    assert caught <= later + 1e-6
    assert later / (crowd + more) <= caught / crowd + 1e-9


@given(st.floats(0.05, 0.8), st.floats(1.0, 1e5), st.floats(1.0, 2e6), st.floats(1.0, 16.0))
def test_a_country_twice_as_large_detains_twice_as_many(rate, officers, crowd, times):
    once = security.detained(rate, officers, crowd)
    assert security.detained(rate, times * officers, times * crowd) == pytest.approx(times * once)


@pytest.mark.parametrize(
    "rate, crowd, expected",
    [(0.25, 0.0, 0.0), (0.25, 12_000.0, 12_000 * (1 - math.exp(-0.25))), (0.25, 1e9, 3_000.0), (0.1, 100.0, 99.9994)],
)
def test_detentions_by_hand(rate, crowd, expected):
    assert security.detained(rate, 12_000.0, crowd) == pytest.approx(expected, rel=1e-5)


def test_no_more_are_detained_than_come():
    assert security.detained(0.8, 1e6, 10.0) == 10.0


@given(share, share, share, share, share)
def test_strain_stays_a_share_and_rises_with_use(strain, keep, gain, use, more):
    after = security.strained(strain, keep, gain, use)
    assert 0.0 <= after <= 1.0
    assert after <= security.strained(strain, keep, gain, max(use, more)) + 1e-12
    assert security.strained(strain, keep, gain, 0.0) <= strain


@given(st.floats(0.9, 0.99), st.floats(0.01, 0.15), inner)
def test_under_steady_use_strain_settles_where_gain_meets_rest(keep, gain, use):
    strain = 0.0
    for _ in range(3_000):
        strain = security.strained(strain, keep, gain, use)
    assert strain == pytest.approx(gain * use / (1.0 - keep + gain * use))


@given(st.floats(0, 1e4), share, share, share)
def test_no_more_resign_than_there_are(heads, rate, strain, q):
    assert 0.0 <= security.resigned(heads, rate, strain, q) <= heads
    assert security.resigned(heads, rate, 0.0, q) == security.resigned(heads, rate, strain, 1.0) == 0.0


# The elites.


@given(loads, st.floats(-1, 1), st.floats(0.1, 0.6), rise)
def test_the_belief_in_the_fall_is_normal_in_the_load(x, grievance, noise, by):
    believed = elite.expects_fall(x, grievance, noise)
    assert believed == pytest.approx(norm.cdf((x - 1.0 + grievance) / noise), abs=1e-12)
    assert believed <= elite.expects_fall(x + by, grievance, noise)


@given(share, share, share)
def test_beliefs_move_towards_what_is_seen(belief, expected, keep):
    after = elite.believes(belief, expected, keep)
    assert min(belief, expected) - 1e-12 <= after <= max(belief, expected) + 1e-12
    assert elite.believes(belief, expected, 1.0) == belief and elite.believes(belief, expected, 0.0) == expected


@pytest.mark.parametrize(
    "belief, stake, hedges", [(0.5, 0.5, False), (0.51, 0.5, True), (1.0, 1.0, False), (0.0, 0.0, False)]
)
def test_who_has_more_to_lose_hedges_later(belief, stake, hedges):
    assert elite.hedges(belief, stake) == hedges


@given(st.floats(0.001, 0.02), amount, amount, amount, amount, share)
def test_losses_streets_moscow_and_defeat_multiply_the_hazard_of_a_plot(rate, losses, x, nod, defeat, fear):
    hazard = elite.plot_hazard(rate, losses, x, nod, defeat, fear)
    assert rate * fear <= hazard * (1 + 1e-12)
    assert hazard == pytest.approx(rate * math.exp(losses) * math.exp(x) * math.exp(nod) * math.exp(defeat) * fear)


@given(share, share)
def test_a_plot_counts_on_its_own_and_on_the_hedging(strength, hedging):
    joiners = elite.who_would_join(strength, hedging)
    assert strength - 1e-12 <= joiners <= 1.0 + 1e-12
    assert elite.who_would_join(strength, 0.0) == strength and elite.who_would_join(strength, 1.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "joiners, noise, goes", [(0.5, 0.0, True), (0.49, 0.0, False), (0.3, 0.25, True), (0.7, -0.25, False)]
)
def test_a_plot_goes_ahead_when_half_seem_to_join(joiners, noise, goes):
    assert elite.attempts(joiners, noise) == goes


# Moscow.


@given(st.floats(0, 2), st.floats(0, 5), share, st.floats(0, 2), rise)
def test_pressure_grows_with_need_and_debt_and_falls_with_credit(need, debt, per_debt, credit, by):
    now = moscow.pressure(need, debt, per_debt, credit)
    assert now >= 0.0
    assert (
        moscow.pressure(need + by, debt, per_debt, credit) >= now <= moscow.pressure(need, debt + by, per_debt, credit)
    )
    assert moscow.pressure(need, debt, per_debt, credit + by) <= now
    assert moscow.pressure(need, debt, per_debt, 1.0) == 0.0


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0, 5))
def test_debt_is_never_negative(debt, cost, paid):
    assert moscow.owes(debt, cost, paid) == max(0.0, debt + cost - paid)


@given(share, loads, share, rise)
def test_he_is_as_strong_as_what_obeys_and_holds(obeying, load, refusal, by):
    strength = moscow.strength(obeying, load, refusal)
    assert 0.0 <= strength <= obeying
    assert moscow.strength(obeying, min(load, 1.0), 0.0) == obeying
    assert moscow.strength(obeying, load + by, refusal) <= strength >= moscow.strength(obeying, load, refusal + by)


@pytest.mark.parametrize(
    "obeying, load, refusal, strength", [(0.8, 2.0, 0.0, 0.4), (0.8, 0.0, 0.3, 0.5), (0.4, 0.5, 0.6, 0.0)]
)
def test_units_that_would_not_fight_are_taken_off_his_strength(obeying, load, refusal, strength):
    assert moscow.strength(obeying, load, refusal) == pytest.approx(strength)


weakness = st.fixed_dictionaries({"shown": share, "safe": share, "drop": share, "stake": amount, "need": amount})


@given(weakness, rise)
def test_moscow_lends_more_readily_for_a_higher_stake_and_a_smaller_need(inputs, by):
    assert rises(moscow.lends, inputs, "stake", by)
    assert rises(lambda **given: not moscow.lends(**given), inputs, "need", by)
    weak = inputs["drop"] <= inputs["shown"] < inputs["safe"]
    assert moscow.lends(**inputs | {"need": -1.0}) == weak, "neither to the strong nor to the lost"


@pytest.mark.parametrize(
    "changed, lends",
    [({}, True), ({"need": 0.5}, False), ({"shown": 0.2}, True), ({"shown": 0.19}, False), ({"shown": 0.8}, False),
     ({"shown": 0.79, "need": 0.2}, True), ({"shown": 0.79, "need": 0.22}, False)],
)  # fmt: skip
def test_lending_by_hand(changed, lends):
    assert moscow.lends(**{"shown": 0.5, "safe": 0.8, "drop": 0.2, "stake": 1.0, "need": 0.49} | changed) == lends


LAGS = {"police_lag": 18, "money_lag": 36, "troops_lag": 12, "drop_days": 14}


@pytest.mark.parametrize(
    "weak, grave, lost, expected",
    [(0, 0, 0, "NONE"), (17, 0, 0, "NONE"), (18, 0, 0, "POLICE"), (35, 0, 0, "POLICE"), (36, 0, 0, "MONEY"),
     (300, 0, 0, "MONEY"), (36, 11, 0, "MONEY"), (12, 12, 0, "TROOPS"), (40, 12, 0, "TROOPS"), (200, 12, 13, "TROOPS"),
     (200, 200, 14, "NONE"), (18, 0, 14, "NONE")],
)  # fmt: skip
def test_moscow_helps_as_in_2020_sends_troops_near_the_end_and_drops_the_lost(weak, grave, lost, expected):
    # From the vote of 9 August 2020: a police reserve on the 27th (18 days), a loan on 14 September (36 days).
    assert moscow.gives(Support.NONE, weak, grave, lost, **LAGS) == Support[expected]


@given(st.sampled_from(list(Support)), *[st.integers(0, 100)] * 2, st.integers(0, 13), *[st.integers(0, 100)] * 2)
def test_who_holds_loses_no_support(support, weak, grave, lost, later, longer):
    given_now = moscow.gives(support, weak, grave, lost, **LAGS)
    assert given_now >= support
    assert moscow.gives(support, weak + later, grave + longer, lost, **LAGS) >= given_now


@given(st.floats(0.02, 0.4), st.floats(0, 10))
def test_twice_the_pressure_asks_as_often_as_two_weeks(rate, pressure):
    once = moscow.demand_chance(rate, pressure)
    assert 0.0 <= once < 1.0 and moscow.demand_chance(rate, 0.0) == 0.0
    assert moscow.demand_chance(rate, 2 * pressure) == pytest.approx(1.0 - (1.0 - once) ** 2)


@given(st.floats(0, 5), share, share)
def test_geography_shields_him_from_the_price_of_refusal(pressure, geography, more):
    price = moscow.price_of_refusal(pressure, geography)
    assert 0.0 <= price <= 1.0
    assert moscow.price_of_refusal(pressure, max(geography, more)) <= price
    assert pressure > geography or price == 0.0


replaced = {
    "rate": 0.3, "lost": True, "refusals": 0, "refusals_needed": 3, "geography": 0.5, "compliance": 0.5,
    "troops": 10_000.0, "troops_half": 10_000.0, "successor": True,
}  # fmt: skip


@given(share, share, share)
def test_a_puppet_suffices(geography, compliance, more):
    inputs = replaced | {"geography": geography}
    hazard = moscow.replacement_hazard(**inputs | {"compliance": compliance})
    assert 0.0 <= hazard <= 0.3
    assert moscow.replacement_hazard(**inputs | {"compliance": max(compliance, more)}) <= hazard


@pytest.mark.parametrize(
    "changed, expected",
    [({}, 0.3 * 0.75 * 0.5), ({"compliance": 0.0}, 0.15), ({"compliance": 1.0, "geography": 1.0}, 0.0),
     ({"troops": 0.0}, 0.0), ({"troops": 30_000.0}, 0.3 * 0.75 * 0.75), ({"successor": False}, 0.0),
     ({"lost": False}, 0.0), ({"lost": False, "refusals": 2}, 0.0), ({"lost": False, "refusals": 3}, 0.3 * 0.75 * 0.5)],
)  # fmt: skip
def test_being_replaced_needs_a_reason_a_man_and_troops(changed, expected):
    assert moscow.replacement_hazard(**replaced | changed) == pytest.approx(expected)


# The regime.


@given(loads, st.floats(0, 0.5), sd, rise)
def test_flattery_makes_every_crowd_look_smaller(x, flattery, noise, by):
    assert regime.believed_load(x, flattery + by, noise) <= regime.believed_load(x, flattery, noise)
    assert regime.believed_load(x, 0.0, 0.0) == x and regime.believed_load(0.0, flattery, noise) == 0.0


@given(st.floats(1e-6, 50.0), st.floats(0.1, 0.8), rise)
def test_the_doubt_of_an_order_is_normal_in_the_logarithm_of_the_load(x, caution, by):
    assert regime.order_fails(x, caution) == pytest.approx(norm.cdf(math.log(x) / caution), abs=1e-12)
    assert regime.order_fails(x, caution) <= regime.order_fails(x + by, caution)
    assert regime.order_fails(0.0, caution) == regime.order_fails(-1.0, caution) == 0.0


def preferred(x):
    numbers = RegimeParameters(order_caution=0.4, contain_cost=0.15, restrain_cost=0.5, contain_part=0.4)
    hazards = regime.posture_hazards(
        x, numbers.order_caution, numbers.contain_cost, numbers.restrain_cost, numbers.contain_part
    )
    return Posture(hazards.index(min(hazards)))


@given(loads, loads)
def test_the_larger_the_crowd_the_softer_the_answer(x, other):
    assert preferred(max(x, other)) <= preferred(min(x, other))


@pytest.mark.parametrize(
    "x, posture", [(0.0, Posture.DISPERSE), (0.1, Posture.DISPERSE), (1.0, Posture.CONTAIN), (5.0, Posture.RESTRAIN)]
)
def test_he_orders_only_what_he_thinks_will_be_obeyed(x, posture):
    assert preferred(x) == posture


choice_inputs = st.lists(share, min_size=1, max_size=5).flatmap(
    lambda hazards: st.tuples(st.just(hazards), st.integers(0, len(hazards) - 1))
)


@settings(max_examples=30)
@given(choice_inputs, st.floats(0, 60), st.floats(0, 3))
def test_choices_fall_as_exp_minus_hazard_and_inertia(choice, decisiveness, inertia):
    # Over a fine grid of dice each choice comes up in proportion to its weight, to one grid step a choice.
    hazards, current = choice
    weights = np.array([math.exp(-decisiveness * h - inertia * (a != current)) for a, h in enumerate(hazards)])
    grid = [regime.chooses(hazards, current, decisiveness, inertia, (i + 0.5) / 2_000) for i in range(2_000)]
    shares = np.bincount(grid, minlength=len(hazards)) / 2_000
    assert shares == pytest.approx(weights / weights.sum(), abs=2 / 2_000)


@given(choice_inputs, st.floats(0, 1e6), share)
def test_a_choice_is_one_of_the_choices(choice, decisiveness, dice):
    hazards, current = choice
    assert 0 <= regime.chooses(hazards, current, decisiveness, 1.0, min(dice, 1.0 - 2.0**-53)) < len(hazards)


def test_a_decisive_leader_takes_the_safest_and_an_inert_one_stays():
    assert {regime.chooses([0.5, 0.1, 0.9], 0, 1e4, 0.0, dice / 10) for dice in range(10)} == {1}
    assert {regime.chooses([0.5, 0.1, 0.9], 0, 0.0, 1e4, dice / 10) for dice in range(10)} == {0}


@given(st.booleans(), share, st.booleans())
def test_he_gives_up_only_if_street_elite_and_moscow_all_fail_him(lost_control, hedging, patron_sends):
    gives_up = regime.gives_up(lost_control, hedging, patron_sends)
    assert gives_up == (lost_control and hedging >= 0.5 and not patron_sends)
    assert not any(
        regime.gives_up(*held)
        for held in ((False, hedging, patron_sends), (lost_control, 0.49, patron_sends), (lost_control, hedging, True))
    )


def test_half_of_the_elite_is_enough():
    assert regime.gives_up(True, 0.5, False) and not regime.gives_up(True, 0.4999, False)


@given(st.floats(2, 8), st.floats(0, 2), amount, share)
def test_sanctions_for_entry_are_an_addition_that_talks_ease(base, entry, provoked, eased):
    home, war = (regime.sanctions(base, entry, provoked, at_war, eased) for at_war in (False, True))
    assert war - home == pytest.approx(entry * (1.0 - eased))


LEAST, MOST = Situation(0.1, 0.1, 0.1, 0.1, 0.1, 0.1), Situation(10.0, 10.0, 10.0, 0.9, 0.9, 10.0)
MIDDLE = Situation(1.0, 1.0, 1.0, 0.5, 0.5, 1.0)
"""All of it is nought on its scale."""


def test_a_believed_fall_is_a_sum_that_a_pencil_can_do():
    lesson = Lesson(-1.0, (0.5, 0.25, -0.5, 1.0, 2.0, 4.0))
    assert regime.believed_fall(MIDDLE, lesson, LEAST, MOST) == pytest.approx(1.0 / (1.0 + math.e))
    seen = Situation(10.0, 0.1, 10.0, 0.9, 0.5, 0.1)
    # -1 + 0.5 x 1 - 0.25 x 1 - 0.5 x 1 + ln 9 - 4 x 1 = -5.25 + ln 9
    odds = 9.0 * math.exp(-5.25)
    assert regime.believed_fall(seen, lesson, LEAST, MOST) == pytest.approx(odds / (1.0 + odds))
    assert regime.yearly_hazard(0.5) == pytest.approx(math.log(2.0)) and regime.yearly_hazard(1.0) < 7.0


@given(st.sampled_from(Situation._fields), share, st.floats(-4, 4), st.floats(0, 3))
def test_a_fall_is_believed_likelier_the_more_there_is_of_what_weighs_for_it(name, value, intercept, weight):
    lesson = Lesson(intercept, tuple(weight * (name == field) for field in Situation._fields))
    less, more = (MIDDLE._replace(**{name: x}) for x in (value, min(1.0, value + 0.1)))
    chances = [regime.believed_fall(seen, lesson, LEAST, MOST) for seen in (less, more)]
    assert 0.0 <= chances[0] <= chances[1] <= 1.0
    lower, upper = (MIDDLE._replace(**{name: x}) for x in (0.0, 99.0))
    ends = [regime.believed_fall(seen, lesson, LEAST, MOST) for seen in (lower, upper)]
    assert ends == [regime.believed_fall(MIDDLE._replace(**{name: getattr(edge, name)}), lesson, LEAST, MOST)
                    for edge in (LEAST, MOST)], "there is no lesson beyond what it was learnt from"  # fmt: skip


# The rules that the loops compile.


@dataclasses.dataclass(frozen=True)
class Compiled:
    rule: object
    inputs: tuple


COMPILED = [
    Compiled(citizen.anger, (sd, sd, sd, amount)),
    Compiled(citizen.joins, (sd, amount, share, share, amount, amount, amount, share, sd, sd)),
    Compiled(citizen.tells_pollster, (sd, amount, amount)),
    Compiled(security.willingness, (sd, sd, amount, amount, amount, amount, amount)),
    Compiled(security.refuses, (sd, sd, st.floats(0.0, 0.5), share)),
    Compiled(security.detained, (st.floats(0.05, 0.8), st.floats(0, 1e5), crowds)),
    Compiled(security.does, (st.booleans(), share)),
    Compiled(security.strained, (share, share, share, share)),
    Compiled(security.resigned, (st.floats(0, 1e4), share, share, share)),
    Compiled(elite.expects_fall, (loads, sd, st.floats(0.1, 0.6))),
    Compiled(elite.believes, (share, share, share)),
    Compiled(elite.hedges, (share, share)),
]


@pytest.mark.parametrize("case", COMPILED, ids=lambda case: case.rule.__name__)
def test_a_compiled_rule_is_the_rule_to_the_last_bit(case):
    compiled = numba.njit(case.rule, error_model="numpy")

    @settings(max_examples=200)
    @given(st.tuples(*case.inputs))
    def agrees(inputs):
        assert compiled(*inputs) == case.rule(*inputs)

    agrees()
