"""Intervals agree with published and closed-form answers, and draws of worlds, not runs, are what counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import beta

from experiments.lab.statistics import (
    between_draws,
    chance,
    cumulative_incidence,
    foretold_share,
    jeffreys,
    logistic_curve,
    newcombe_paired,
    paired_difference,
    wilson,
)

COUNTS = st.integers(0, 300)


@pytest.mark.parametrize(
    "hits, n, low, high",
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_newcombes_published_table(hits, n, low, high):
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)  # Newcombe 1998, Statistics in Medicine 17, table I


def test_jeffreys_is_a_beta_with_half_a_hit_and_half_a_miss():
    assert jeffreys(7, 40) == pytest.approx(beta(7.5, 33.5).ppf([0.025, 0.975]), rel=1e-6)
    assert jeffreys(0, 40)[0] == 0.0 and jeffreys(40, 40)[1] == 1.0


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_newcombes_interval_holds_the_difference_and_turns_round_with_the_arms(both, after, before, neither):
    n = both + after + before + neither
    if n == 0:
        return
    low, high = newcombe_paired(both, after, before, neither)
    assert -1.0 - 1e-9 <= low <= (after - before) / n + 1e-9 and (after - before) / n - 1e-9 <= high <= 1.0 + 1e-9
    assert newcombe_paired(both, before, after, neither) == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize("stay, enter, worlds", [(0.05, 0.3, 200), (0.01, 0.02, 200), (0.0, 0.03, 100), (0.4, 0.4, 60)])
def test_the_interval_of_a_paired_difference_holds_the_truth_in_nine_of_ten_experiments_or_more(stay, enter, worlds):
    # 400 experiments each: an interval that holds the truth in 95 % of them fails one of these four tests by chance
    # in fewer than 1 in 10,000 seeds (91 % is 3.7 standard errors below).
    dice, held = np.random.default_rng(3), 0
    for _ in range(400):
        luck = dice.random(worlds)  # the same luck in both arms, as twins have
        effect = paired_difference(luck < enter, luck < stay, np.arange(worlds))
        held += effect.low <= enter - stay <= effect.high
    assert held >= 0.91 * 400


def test_rare_events_get_newcombes_interval_and_others_the_bootstrap():
    luck = np.random.default_rng(1).random(200)
    assert paired_difference(luck < 0.02, luck < 0.0, range(200)).method == "Newcombe"
    assert paired_difference(luck < 0.5, luck < 0.2, range(200)).method == "bootstrap over draws"
    assert paired_difference(luck < 0.5, luck < 0.49, range(200)).method == "Newcombe"  # few pairs differ


def test_the_bootstrap_agrees_with_the_closed_form_where_both_hold():
    luck = np.random.default_rng(2).random(2_000)
    effect = paired_difference(luck < 0.5, luck < 0.2, range(2_000))
    differences = (luck < 0.5).astype(float) - (luck < 0.2)
    error = differences.std(ddof=1) / np.sqrt(2_000)
    assert effect.error == pytest.approx(error)
    assert (effect.low, effect.high) == pytest.approx(
        (effect.value - 1.96 * error, effect.value + 1.96 * error), abs=2e-3
    )


def test_running_the_same_worlds_again_makes_no_draw_more():
    luck = np.random.default_rng(4).random(100)
    once = paired_difference(luck < 0.5, luck < 0.2, np.arange(100))
    thrice = paired_difference(np.tile(luck < 0.5, 3), np.tile(luck < 0.2, 3), np.tile(np.arange(100), 3))
    assert (thrice.low, thrice.high, thrice.error) == pytest.approx((once.low, once.high, once.error))
    rare = paired_difference(luck < 0.02, luck < 0.0, np.arange(100))
    rare_thrice = paired_difference(np.tile(luck < 0.02, 3), np.zeros(300), np.tile(np.arange(100), 3))
    assert (rare_thrice.low, rare_thrice.high) == pytest.approx((rare.low, rare.high), abs=2e-3)
    single, repeated = chance(luck < 0.3, np.arange(100)), chance(np.tile(luck < 0.3, 3), np.tile(np.arange(100), 3))
    assert (repeated.low, repeated.high) == pytest.approx((single.low, single.high), abs=2e-3)


def test_seeds_help_where_luck_is_all_and_not_where_worlds_are_all():
    dice = np.random.default_rng(5)
    draws = np.repeat(np.arange(200), 4)
    luck_is_all = chance(dice.random(800) < 0.3, draws)
    worlds_are_all = chance(np.repeat(dice.random(200) < 0.3, 4), draws)
    assert worlds_are_all.error == pytest.approx(2.0 * luck_is_all.error, rel=0.25)
    assert worlds_are_all.high - worlds_are_all.low > 1.6 * (luck_is_all.high - luck_is_all.low)


def test_the_spread_between_worlds_is_found_under_their_luck():
    dice = np.random.default_rng(6)
    own = dice.beta(2.0, 2.0, 4_000)  # variance 1 / 20
    seen = (dice.random((2, 4_000)) < own).T.ravel()
    assert between_draws(seen, np.repeat(np.arange(4_000), 2)) == pytest.approx(np.sqrt(0.05), abs=0.02)
    assert between_draws(seen[::2], np.arange(4_000)) is None  # one run a world cannot tell


@given(
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["uprising", "coup", "survived"])), min_size=1, max_size=40)
)
def test_cumulative_incidences_of_causes_add_up_and_only_rise(runs):
    days = [np.nan if cause == "survived" else day for day, cause in runs]
    causes = [cause for _, cause in runs]
    whole = cumulative_incidence(days, causes, None, 30)
    parts = [cumulative_incidence(days, causes, cause, 30) for cause in ("uprising", "coup")]
    assert np.allclose(whole, sum(parts)) and (np.diff(whole) >= 0.0).all() and whole[0] == 0.0
    assert whole[-1] == pytest.approx(sum(cause != "survived" for cause in causes) / len(runs))


def test_a_logistic_curve_through_two_places_is_the_two_shares():
    x = np.repeat([0.0, 1.0], 500)
    happened = np.concatenate([np.arange(500) < 100, np.arange(500) < 300])  # 20 % and 60 %
    curve = logistic_curve(x, happened, np.arange(1_000), [0.0, 1.0])
    assert curve.value == pytest.approx([0.2, 0.6], abs=0.01)
    assert curve.slope.value == pytest.approx(logit(0.6) - logit(0.2), rel=0.03)
    for place, share in enumerate((0.2, 0.6)):  # the band is that of the share there
        half = 1.96 * np.sqrt(share * (1.0 - share) / 500)
        assert (curve.low[place], curve.high[place]) == pytest.approx((share - half, share + half), abs=0.012)


@pytest.mark.slow
def test_the_band_of_a_curve_holds_the_truth():
    # 100 experiments at 3 places: a band that holds in 95 % of them is under 88 % at a place in 1 of 1,000 seeds.
    dice, held, grid = np.random.default_rng(7), np.zeros(3), np.array([-1.0, 0.0, 1.0])
    for _ in range(100):
        x = dice.uniform(-1.5, 0.5 + 1.0, 200)
        curve = logistic_curve(x, dice.random(200) < expit(-1.0 + 2.0 * x), np.arange(200), grid)
        held += (curve.low <= expit(-1.0 + 2.0 * grid)) & (expit(-1.0 + 2.0 * grid) <= curve.high)
    assert (held >= 88).all()


def test_there_is_no_curve_through_a_handful():
    assert logistic_curve(np.linspace(0, 1, 100), np.arange(100) < 5, np.arange(100), [0.5]) is None
    assert logistic_curve(np.ones(100), np.arange(100) < 50, np.arange(100), [0.5]) is None


def test_noise_foretells_nothing_and_a_cause_what_it_causes():
    dice = np.random.default_rng(8)
    cause, noise = dice.standard_normal(2_000), dice.standard_normal((2_000, 5))
    p = expit(2.0 * cause)
    happened = dice.random(2_000) < p
    assert foretold_share(noise, happened, np.arange(2_000)) < 0.01
    share = p.var() / (p.mean() * (1.0 - p.mean()))  # what a perfect forecast of the chance would explain
    assert foretold_share(np.column_stack([cause, noise]), happened, np.arange(2_000)) == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize("runs_of_a_draw", [1, 3])
def test_every_world_given_twice_changes_no_interval(runs_of_a_draw):
    dice = np.random.default_rng(8)
    draws = np.repeat(np.arange(60), runs_of_a_draw)
    x = np.repeat(dice.normal(size=60), runs_of_a_draw)
    fell, fell_too = (dice.random(x.size) < expit(level + x) for level in (0.0, -0.5))
    twice = [np.tile(values, 2) for values in (fell, fell_too, draws, x)]

    def intervals(fell, fell_too, draws, x):
        curve = logistic_curve(x, fell, draws, [-1.0, 0.0, 1.0])
        estimates = [chance(fell, draws), paired_difference(fell, fell_too, draws), curve.slope]
        return [*curve.low, *curve.high, *(end for some in estimates for end in (some.low, some.value, some.high))]

    assert intervals(*twice) == pytest.approx(intervals(fell, fell_too, draws, x), abs=1e-9)
