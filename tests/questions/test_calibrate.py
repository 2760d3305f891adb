"""The calibration: what was seen is at distance nought, giving up early loses no world, and walks stay within."""

import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.calibrate import __main__ as calibrate
from experiments.calibrate.__main__ import (
    Trial,
    attempt,
    contraction,
    disagreement,
    effective_size,
    main,
    walk,
    worlds_table,
)
from experiments.evidence import wave_2020 as wave
from model.measures import MEASURES
from model.worlds import informed, rank, spread

MIDDLE = np.full(len(informed()), 0.5)
SMALL = 500  # citizens: enough to run, not to fit


@pytest.fixture(scope="module")
def surviving():
    """The first few worlds of a pilot that survive 2020, each with its full distance."""
    dice = np.random.default_rng(1)
    trials = (attempt(dice.random(MIDDLE.size), int(dice.integers(2**62)), SMALL, math.inf) for _ in range(40))
    return [trial for trial in trials if math.isfinite(trial.distance)]


def test_what_was_seen_is_at_distance_nought():
    assert wave.distance({target.name: target.mid for target in wave.targets()}) == 0.0


def test_a_miss_by_the_whole_range_is_about_two_errors():
    # low to high is read as 90 %: 1.645 sd a side, less what the model's own error adds; worked out by hand
    target = next(t for t in wave.targets() if t.name == "detained, to the year's end")
    sd = math.hypot(math.log(33 / 25) / 3.29, 0.2)
    assert target.miss(33_000.0) == pytest.approx(math.log(33 / 29) / sd)


def test_a_world_that_falls_is_infinitely_far():
    assert wave.distance({}) == math.inf


def test_targets_are_read_from_the_rows_of_a_run():
    rows = [[float(day)] * len(MEASURES) for day in range(1, 146)]
    shown = wave.shown_by(rows, forces=1_000.0, until=145)
    assert shown["detained, 9 to 12 August"] == wave.FEWEST  # four days: 4, lifted to the least
    assert shown["crowd, 18 October"] == pytest.approx(71.0)
    assert shown["left the forces"] == pytest.approx(0.145)


def test_giving_up_early_never_loses_a_world_that_fits(surviving):
    for trial in surviving:
        assert attempt(trial.ranks, trial.seed, SMALL, trial.distance + 1e-9).distance == trial.distance
        assert attempt(trial.ranks, trial.seed, SMALL, trial.distance - 1e-6).distance == math.inf


def test_a_walk_stays_within_its_limit_and_its_ranges(surviving):
    farthest = max(trial.distance for trial in surviving)
    others = np.array([trial.ranks for trial in surviving])
    here, moved = walk(surviving[0], others, 3, SMALL, farthest, 8)
    assert here.distance <= farthest
    assert np.all((here.ranks >= 0.0) & (here.ranks <= 1.0))
    assert (moved == 0) == (here is surviving[0])


def test_one_seed_walks_one_way(surviving):
    others = np.array([trial.ranks for trial in surviving])
    first, second = (walk(surviving[0], others, 5, SMALL, 1e9, 8)[0] for _ in range(2))
    assert np.array_equal(first.ranks, second.ranks)
    assert first.distance == second.distance


def test_copies_of_one_world_are_its_weight_and_count_once():
    one, other = Trial(MIDDLE, 1, 1.0, {}), Trial(MIDDLE * 0.5, 2, 1.2, {})
    table = worlds_table([one, one, one, other])
    assert table["weight"].tolist() == [3, 1]
    assert effective_size([one, one, one, other]) == pytest.approx(16 / 10)


def test_contraction_is_nought_for_the_prior_and_one_for_certainty():
    places = (np.arange(200) + 0.5) / 200
    columns = {name: spread(name, places) for name in informed()}
    prior = pd.DataFrame({"weight": 1.0, **columns})
    assert contraction(prior)["citizen.noise"] == pytest.approx(0.0, abs=1e-3)
    assert contraction(prior.iloc[[100]])["citizen.penalty"] == 1.0


def test_runs_that_found_the_same_agree_and_runs_apart_do_not():
    dice = np.random.default_rng(1)
    here = [Trial(dice.uniform(0.2, 0.4, MIDDLE.size), 1, 1.0, {}) for _ in range(200)]
    there = [Trial(trial.ranks + 0.4, 1, 1.0, {}) for trial in here]
    assert disagreement([here[:100], here[100:]]).max() < 1.1  # 61 numbers: largest of chi-squares, far below
    assert disagreement([here, there]).min() > 2.0
    assert disagreement([here]).empty


def test_a_table_of_worlds_keeps_the_numbers_to_six_digits():
    table = worlds_table([Trial(MIDDLE, 1, 1.0, {})])
    assert all(abs(rank(name, table[name]) - 0.5).max() < 1e-5 for name in informed())


def test_a_calibration_that_does_not_arrive_says_so_and_accepts_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(calibrate, "FILE", tmp_path / "worlds.csv")
    options = "--draws 120 --size 16 --citizens 1000 --runs 1 --rounds 1 --workers 1 --accept --results"
    done = CliRunner().invoke(main, [*options.split(), str(tmp_path)])
    assert done.exit_code == 1
    assert "the model is wrong, not the target" in done.output
    assert not (tmp_path / "worlds.csv").exists()
    assert (tmp_path / "population-0.json").exists()  # what is done is kept
