"""Draws of plausible worlds: by weight, over the ranges, and refused in one line when the file is no good."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.parameters import DECLARED
from model.worlds import WorldsError, accepted, central, draw, free, informed, rank, spread


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "worlds.csv"
    rows = [{"weight": w, "distance": 1.0, "citizen.noise": round(0.1 + 0.05 * w, 2)} for w in (1.0, 3.0)]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_worlds_are_drawn_as_often_as_they_weigh(file):
    noises = [world.parameters.citizen.noise for world in draw(100, 3, file)]
    assert sorted(set(noises)) == [0.15, 0.25]
    assert noises.count(0.25) in (74, 75, 76)  # systematic: within one of 3/4


def test_one_seed_gives_the_same_worlds_and_another_gives_others(file):
    assert draw(5, 0, file) == draw(5, 0, file)
    assert draw(5, 0, file)[0].parameters != draw(5, 1, file)[0].parameters


def test_seeds_are_distinct_across_draws(file):
    assert len({world.seed for seed in (0, 1) for world in draw(50, seed, file)}) == 100


def test_numbers_that_2020_cannot_inform_cover_their_range_evenly(file):
    shocks = rank("citizen.war_shock", [world.parameters.citizen.war_shock for world in draw(20, 0, file)])
    assert sorted(np.floor(shocks * 20).astype(int)) == list(range(20))  # a Latin hypercube: one in each twentieth


def test_the_fronts_are_shared_out_evenly(file):
    fronts = [world.front for world in draw(30, 0, file)]
    assert {fronts.count(front) for front in set(fronts)} == {10}


def test_informed_and_free_numbers_do_not_overlap_and_definitions_are_neither():
    assert not set(informed()) & set(free())
    assert not any(name.startswith(("outcome.", "sample.")) for name in informed() + free())


@given(st.sampled_from(informed() + free()), st.floats(0.0, 1.0))
def test_ranks_and_values_are_inverse(name, place):
    value = spread(name, place)
    step = 0.0 if isinstance(DECLARED[name].default, float) else 0.5 / np.ptp([spread(name, 0.0), spread(name, 1.0)])
    assert abs(rank(name, value) - place) <= step + 1e-9


def test_the_median_world_is_weighted(file):
    assert central(file).citizen.noise == 0.25


def test_the_shipped_worlds_can_be_read_and_are_many():
    table = accepted()
    assert len(table) >= 200
    assert set(informed()) <= set(table.columns)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read"),
        ("weight,distance\n", "one world or more"),
        ("weight,citizen.noise\n1,0.2\n", "no column distance"),
        ("weight,distance,citizen.nois\n1,1,0.2\n", "did you mean citizen.noise"),
        ("weight,distance,citizen.noise\n1,1,much\n", "all of them numbers"),
        ("weight,distance,citizen.noise\n-1,1,0.2\n", "weights above 0"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(tmp_path, text, says):
    path = tmp_path / "broken.csv"
    path.write_text(text)
    with pytest.raises(WorldsError, match=says):
        accepted(path)


def test_a_missing_file_tells_how_to_make_it(tmp_path):
    with pytest.raises(WorldsError, match=r"run python -m experiments\.calibrate"):
        accepted(tmp_path / "none.csv")
