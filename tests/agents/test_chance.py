"""Every draw is a function of (seed, purpose, actor, day), and looks like chance.

The seeds are fixed, so these tests always give the same answer. A sound generator would fail one of the
statistical ones with a fresh seed with a chance of 7 in a million each (4.5 standard errors, two sides).
"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.ground import chance
from agents.ground.chance import Purpose, builder, day_key, drift, normal, persistence, uniform

STRICT = 4.5  # standard errors
MASK = 2**64 - 1
words = st.integers(0, MASK).map(np.uint64)
seeds = st.integers(0, 2**63 - 1)
purposes = st.sampled_from(list(Purpose))
actors = st.integers(0, 20_000_000)
days = st.integers(0, 3_700)


def word(seed, purpose, actor, day):
    return int(chance.bits(np.uint64(day_key(seed, purpose, day)), actor))


def plain_mix(z):
    """The finaliser of splitmix64, in Python's own whole numbers."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def plain_word(seed, purpose, actor, day):
    key = plain_mix((seed + purpose * chance.DAYS_KEY) & MASK)
    key = plain_mix((key + day * chance.DAYS_KEY) & MASK)
    return plain_mix((key + actor * chance.ACTORS_KEY) & MASK)


def test_the_mixing_function_is_that_of_splitmix64():
    # The first outputs of splitmix64 from the state 1234567, as published with other implementations of it.
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    states = [(1234567 + step * 0x9E3779B97F4A7C15) & MASK for step in range(1, 6)]
    assert [int(chance.mix(np.uint64(state))) for state in states] == published


@given(seeds, purposes, actors, days)
def test_a_draw_is_the_published_function_of_its_four_keys(seed, purpose, actor, day):
    expected = plain_word(seed, int(purpose), actor, day)
    assert word(seed, purpose, actor, day) == expected
    assert uniform(seed, purpose, actor, day) == (expected >> 11) / 2**53
    parts = sum((expected >> shift) & 0xFFFF for shift in (0, 16, 32, 48))
    assert normal(seed, purpose, actor, day) == (parts - 131070.0) * (math.sqrt(3.0) / 65536.0)


@given(words, words)
def test_compiled_and_plain_dice_agree_to_the_last_bit(one, other):
    with np.errstate(over="ignore"):  # 64-bit products wrap on purpose; plain NumPy would warn
        assert chance.mix(one) == chance.mix.py_func(one)
        assert chance.bits(one, other) == chance.bits.py_func(one, other)
        assert day_key(one, other, other) == day_key.py_func(one, other, other)
    assert chance.as_uniform(one) == chance.as_uniform.py_func(one)
    assert chance.as_normal(one) == chance.as_normal.py_func(one)


@given(st.integers(0, 2**63 - 1), actors)
def test_plain_whole_numbers_are_mixed_like_64_bit_ones(number, actor):
    assert chance.bits(number, actor) == chance.bits(np.uint64(number), actor)
    assert chance.mix(number) == plain_mix(number)
    assert chance.as_uniform(number) == chance.as_uniform(np.uint64(number))
    assert chance.as_normal(number) == chance.as_normal(np.uint64(number))


@pytest.mark.parametrize("seed", [0, 1, 2**40, 2**62])
def test_the_order_of_draws_does_not_matter(seed):
    keys = [(purpose, actor, day) for purpose in Purpose for actor in (0, 1, 999) for day in (1, 2, 365)]
    forwards = {key: uniform(seed, *key) for key in keys}
    for other in range(50):  # somebody else draws in between
        normal(seed + other, Purpose.PLOT, other, other)
    assert {key: uniform(seed, *key) for key in reversed(keys)} == forwards


def test_seed_zero_is_a_seed_like_any_other():
    draws = [[uniform(seed, Purpose.MOOD, actor, 1) for actor in range(100)] for seed in (0, 0, 1)]
    assert draws[0] == draws[1] and not set(draws[0]) & set(draws[2])
    assert 0.3 < np.mean(draws[0]) < 0.7


@pytest.mark.parametrize("bit", [0, 31, 32, 40, 53, 62])
def test_seeds_that_differ_in_one_bit_differ_in_all_draws(bit):
    for purpose, day in itertools.product(Purpose, (1, 100)):
        assert word(7, purpose, 3, day) != word(7 ^ (1 << bit), purpose, 3, day)


@pytest.mark.slow
def test_no_two_of_many_neighbouring_keys_give_the_same_word():
    # 64,000 words of 64 bits: a sound generator repeats one with a chance of 1e-10.
    keys = itertools.product(range(8), list(Purpose)[:20], range(4), range(100))
    counted = [word(*key) for key in keys]
    assert len(set(counted)) == len(counted) == 64_000


@pytest.fixture(scope="module")
def rolls():
    """Rolls over neighbouring keys: (seed, purpose, actor, day) by (uniform, normal)."""
    shape = (12, 8, 10, 40)
    keys = itertools.product(range(shape[0]), list(Purpose)[: shape[1]], range(shape[2]), range(1, shape[3] + 1))
    counted = np.array([word(*key) for key in keys], dtype=np.uint64)
    both = [[chance.as_uniform(w), chance.as_normal(w)] for w in counted]
    return np.moveaxis(np.array(both).reshape(*shape, 2), -1, 0)


@pytest.mark.slow
def test_uniform_rolls_are_uniform(rolls):
    flat = rolls[0].ravel()
    assert flat.min() >= 0.0 and flat.max() < 1.0
    assert abs(flat.mean() - 0.5) < STRICT * math.sqrt(1 / 12 / flat.size)
    assert abs(flat.var() - 1 / 12) < STRICT * math.sqrt((1 / 80 - 1 / 144) / flat.size)
    assert stats.kstest(flat, "uniform").pvalue > 7e-6


def test_normal_rolls_have_mean_zero_and_sd_one(rolls):
    flat = rolls[1].ravel()
    kurtosis = 3.0 - 1.2 / 4  # of a sum of four uniforms
    assert abs(flat).max() < 2 * math.sqrt(3.0)
    assert abs(flat.mean()) < STRICT / math.sqrt(flat.size)
    assert abs(flat.var() - 1.0) < STRICT * math.sqrt((kurtosis - 1.0) / flat.size)
    assert abs((flat**3).mean()) < STRICT * math.sqrt(15.0 / flat.size)
    assert (flat**4).mean() == pytest.approx(kurtosis, abs=STRICT * math.sqrt(105.0 / flat.size))


@pytest.mark.parametrize("lag", [1, 2, 7])
@pytest.mark.parametrize("axis", range(4), ids=["seed", "purpose", "actor", "day"])
@pytest.mark.parametrize("kind", [0, 1], ids=["uniform", "normal"])
def test_neighbours_are_not_correlated(rolls, kind, axis, lag):
    values = np.moveaxis(rolls[kind], axis, 0)
    first, second = values[:-lag].ravel(), values[lag:].ravel()
    assert abs(np.corrcoef(first, second)[0, 1]) < STRICT / math.sqrt(first.size)


@pytest.mark.parametrize("half_life", [1.0, 14.0, 30.0, 365.0])
def test_half_of_a_deviation_is_left_after_a_half_life(half_life):
    assert persistence(half_life, half_life) == 0.5
    assert persistence(half_life) ** half_life == pytest.approx(0.5)
    assert persistence(half_life, 0.0) == 1.0


def test_a_drifting_die_keeps_its_variance_and_half_of_itself_per_half_life():
    people, half_life = 5_000, 7
    keep, state = persistence(half_life), builder(0, "start").standard_normal(people)
    states = [state]
    for day in range(1, 5 * half_life + 1):
        key = np.uint64(day_key(0, Purpose.MOOD, day))
        shock = np.array([chance.as_normal(np.uint64(chance.bits(key, person))) for person in range(people)])
        states.append(drift(states[-1], keep, shock))
    for later in states[1::half_life]:
        assert abs(later.mean()) < STRICT / math.sqrt(people)
        assert abs(later.var() - 1.0) < STRICT * math.sqrt(2 / people)
    echo = np.corrcoef(states[half_life], states[2 * half_life])[0, 1]
    assert abs(echo - 0.5) < STRICT * (1 - 0.5**2) / math.sqrt(people)


@given(st.floats(-4, 4), st.floats(-4, 4))
def test_the_ends_of_drift_are_no_change_and_no_memory(state, shock):
    assert drift(state, 1.0, shock) == state and drift(state, 0.0, shock) == shock


def test_no_two_purposes_share_a_number():
    assert len(Purpose) == len(Purpose.__members__), "names of one number share their luck; give the new one its own"


def test_old_purposes_keep_their_numbers():
    # A changed number changes every history: results that were published could not be repeated.
    known = (
        "MOOD AVAILABILITY ARREST DETENTION EXILE VOLUNTEER SIGNAL COMMON_SHOCK PLOT DETECTION ESTIMATE BELIEF POSTURE "
        "RUNG PROVOCATION DEMAND VIEW REPLACEMENT -resignation- PLOT_STRENGTH HOME_ARREST DEFEAT"
    )
    numbers = {name: number for number, name in enumerate(known.split(), 1)}
    gone = numbers.pop("-resignation-")
    assert {name: int(Purpose[name]) for name in numbers} == numbers
    assert gone not in list(Purpose), "the number of a draw that is no more is not given anew"


def test_the_world_is_built_from_named_generators():
    first = [builder(seed, name).random() for seed, name in [(0, "ties"), (0, "ties"), (0, "ages"), (1, "ties")]]
    assert first[0] == first[1] and len(set(first)) == 3
