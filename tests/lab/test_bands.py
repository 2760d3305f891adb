"""All bands count worlds and not runs: every world given twice, or ten times, changes none of them."""

import numpy as np
import pytest

from experiments.lab import statistics
from experiments.lab.statistics import chance, foretold_share, logistic_curve, paired_difference

WORLDS = 120
DICE = np.random.default_rng(11)
X = DICE.uniform(-1.5, 1.5, WORLDS)
LUCK = DICE.random(WORLDS)
GRID = [-1.0, 0.0, 1.0]
TWO_RUNS = np.repeat(np.arange(WORLDS), 2)
ONE_OF_TWO = (np.tile([1.0, 0.0], WORLDS) * (TWO_RUNS > 0), np.tile([1.0, 0.0], WORLDS) * (TWO_RUNS < 4))
"""Worlds that hardly differ: then as many runs count as there are, but none twice."""


def ends(estimate):
    return [estimate.value, estimate.low, estimate.high, estimate.error, estimate.draws]


def curve_of(times):
    curve = logistic_curve(times(X), times(LUCK < 0.5 + 0.3 * X), times(np.arange(WORLDS)), GRID)
    return np.concatenate([curve.value, curve.low, curve.high, ends(curve.slope)])


BANDS = {
    "chance": lambda times: ends(chance(times(LUCK < 0.3), times(np.arange(WORLDS)))),
    "rare chance": lambda times: ends(chance(times(LUCK < 0.02), times(np.arange(WORLDS)))),
    "no chance": lambda times: ends(chance(times(LUCK < 0.0), times(np.arange(WORLDS)))),
    "difference": lambda times: ends(paired_difference(times(LUCK < 0.6), times(LUCK < 0.2), times(np.arange(WORLDS)))),
    "rare difference": lambda times: ends(
        paired_difference(times(LUCK < 0.04), times(LUCK < 0.0), times(np.arange(WORLDS)))
    ),
    "chance by luck alone": lambda times: ends(chance(times(ONE_OF_TWO[0]), times(TWO_RUNS))),
    "rare difference by luck alone": lambda times: ends(
        paired_difference(times(ONE_OF_TWO[1]), times(0.0 * TWO_RUNS), times(TWO_RUNS))
    ),
    "curve": curve_of,
    "foretold": lambda times: [
        foretold_share(times(X)[:, None], times(LUCK < 0.5 + 0.3 * X), times(np.arange(WORLDS)))
    ],
}
"""Everything that has an interval, from worlds that are each given some times."""


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("n", [2, 10])
@pytest.mark.parametrize("laid", [np.tile, np.repeat])
def test_every_world_given_again_changes_no_band(band, n, laid):
    once = BANDS[band](np.asarray)
    again = BANDS[band](lambda values: laid(np.asarray(values, float), n))
    assert again == pytest.approx(once, abs=1e-9)


def test_an_interval_holds_its_value_and_is_95_percent():
    luck = np.random.default_rng(3).random(4_000)
    effect = paired_difference(luck < 0.5, luck < 0.2, range(4_000))
    assert effect.low < effect.value < effect.high
    assert effect.high - effect.low == pytest.approx(2.0 * 1.96 * effect.error, rel=0.06)


@pytest.mark.parametrize(
    "low, high, shows", [(0.0, 0.2, False), (-0.2, 0.0, False), (0.1, 0.2, True), (-0.2, -0.1, True)]
)
def test_the_sign_is_shown_where_the_interval_leaves_zero_out(low, high, shows):
    estimate = statistics.Estimate(value=0.1, low=low, high=high, error=0.1, draws=9, method="")
    assert estimate.shows == shows


def test_a_difference_is_after_less_before_and_so_are_the_ends_of_rare_ones():
    rare = paired_difference(LUCK < 0.05, LUCK < 0.0, range(WORLDS))
    assert rare.method == "Newcombe" and rare.low < rare.value < rare.high and rare.value > 0.0


def test_the_incidence_is_a_share_of_all_runs():
    days = statistics.cumulative_incidence([2.0, np.nan, np.nan, np.nan], ["coup", "", "", ""], "coup", 3)
    assert days.tolist() == [0.0, 0.0, 0.25, 0.25]
