"""Docking: our rules at the numbers of known models give what these are known for, and a miss is said as one."""

import numpy as np
import pandas as pd
import pytest

from agents.ground.chance import builder
from experiments.docking import crowds, forces, grid
from experiments.docking.findings import Check, mean


def test_watts_condition_is_met_by_our_rule_inside_the_window_only():
    # 10,000 Poisson degrees: the branching number has a standard error of about 0.02, and lies 0.2 or more from 1.
    dice = builder(0, "test: degrees")
    over = {z: crowds.branches(dice.poisson(z, 10_000)) > 1.0 for z in (0.7, 1.5, 4.0, 5.0, 7.0)}
    assert over == {0.7: False, 1.5: True, 4.0: True, 5.0: True, 7.0: False}


def test_one_vertex_sets_off_a_cascade_in_a_sparse_graph_and_none_in_a_dense_one():
    found = crowds.watts(0, 2_000)
    assert found["cascades_3"] > 0 and found["cascades_0.5"] == found["cascades_8"] == 0


def test_the_street_fills_and_empties_at_the_folds_that_are_solved():
    # A quantile of 10,000 draws has a standard error of about 0.02 sd there: 4 of them, about 1 in 10,000.
    found = crowds.kuran(0, 10_000)
    assert (found["fills"], found["empties"]) == pytest.approx(crowds.folds(), abs=0.08)


def test_with_private_noise_both_extreme_beliefs_lead_to_the_rules_own_cutoff_and_without_it_every_belief_holds():
    # The mean of 500 units' answers has a standard error of 0.02: within 4 of them, about 1 in 10,000.
    found = forces.morris_shin(0, 500)
    for noise in forces.NOISES:
        assert found[f"low_{noise:g}"] == pytest.approx(found[f"high_{noise:g}"], abs=0.005)
        assert found[f"low_{noise:g}"] == pytest.approx(found["cutoff"], abs=0.08)
    assert found["self_fulfilling"] == len(forces.BELIEFS)


def test_what_is_in_sight_is_counted_right_after_many_moves_and_arrests():
    seen, every = grid.sight(grid.VISION), np.arange(grid.SIDE**2)
    there = grid.new_grid(1, seen, grid.FEW)
    active = grid.live(there, seen, every, np.full(60, 0.7), 5, grid.NEAREST, True, np.uint64(1))
    officers, rioters = np.zeros(len(every), bool), np.zeros(len(every), bool)
    out = there.at != grid.NOBODY
    officers[there.at[grid.CITIZENS :]] = True
    rioters[there.at[out & there.active]] = True
    assert (there.officers == officers[seen].sum(axis=1)).all() and (there.rioters == rioters[seen].sum(axis=1)).all()
    assert active[-1] == rioters.sum() and active.max() > grid.OUTBURST and not out.all()
    assert (there.site[there.at[out]] == np.flatnonzero(out)).all()


def test_of_a_lone_rioter_the_only_officer_in_sight_catches_nine_in_ten():
    assert grid._caught(1.0, 1.0, grid.NEAREST) == pytest.approx(0.9, abs=0.001)
    assert grid._caught(1.0, 3.0, grid.NEAREST) == 0.0 < grid._caught(1.0, 3.0, grid.Rounding.EXACT)


def test_a_number_that_is_missed_is_said_to_be_missed():
    told = {"model": "watts", "what": "", "published": 1.0, "give": 0.05, "source": ""}
    assert Check(**told, value=1.1, low=1.04, high=1.2).reproduced
    assert not Check(**told, value=1.1, low=1.06, high=1.2).reproduced
    assert mean(pd.Series([3.0, None]))[1:] == (-np.inf, np.inf)
