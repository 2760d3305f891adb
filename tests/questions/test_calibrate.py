"""The calibration: what was seen is at distance nought, giving up early loses no world, and walks stay within."""

import contextlib
import dataclasses
import json
import math
import pickle
import sqlite3

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.calibrate.__main__ import fit_of, keep, main
from experiments.calibrate.search import effective_size, worlds_table
from experiments.calibrate.trials import Trial, tried
from experiments.calibrate.walks import walk
from experiments.calibrate.words import contraction, disagreement
from experiments.evidence import wave_2020 as wave
from experiments.lab.again import live_again
from experiments.lab.runner import Run
from experiments.lab.store import differences, open_results
from experiments.war_entry.__main__ import main as war_entry
from model import worlds
from model.episode import FOLDER, load_episode
from model.measures import MEASURES
from model.worlds import informed, spread

MIDDLE = np.full(len(informed()), 0.5)
SMALL = fit_of("belarus-2020", None, n_citizens=500, draws=16, size=16, rounds=1)
"""Citizens enough to run, not to fit."""
ISLE = """
title = "The Isle of Wind after its election"
country = "the Isle of Wind"
start_date = 2031-05-04
end_date = 2031-06-30
[[regions]]
name = "Harbour"
electors = 300_000
early_vote = 20.0
capital = true
[[regions]]
name = "Hills"
electors = 500_000
early_vote = 35.0
[[forces]]
branch = "police"
region = "*"
heads = 9_000
units = 20
pool = 0.4
[[forces]]
branch = "army"
region = "*"
heads = 6_000
units = 10
pool = 0.1
sent = 1
[[events]]
date = 2031-05-04
kind = "stolen_election"
size = 0.3
[entry]
date = 2031-05-20
troops = 1_000
rung = "limited"
front = "stalemate"
"""
COLUMNS = "name,measure,how,dates,low,middle,high,unit,source\n"
WIDE = COLUMNS + 'crowds of May,crowd,peak,2031-05-04 2031-05-11,1,3000,1e7,people,"made up"\n'
NARROW = COLUMNS + "all of them for ever,took_part,share,2031-06-30,0.989,0.99,0.991,share of electors,made up\n"


@pytest.fixture
def isle(tmp_path):
    """An invented country with targets that nearly all worlds meet, in a folder of its own."""
    (tmp_path / "isle.toml").write_text(ISLE)
    (tmp_path / "wide.csv").write_text(WIDE)
    (tmp_path / "narrow.csv").write_text(NARROW)
    return tmp_path


def calibrated(isle, targets, *more):
    """Run the command for the invented country, small."""
    small = ["--draws", "40", "--size", "16", "--citizens", "500", "--runs", "1", "--rounds", "1", "--workers", "1"]
    of = ["--episode", str(isle / "isle.toml"), "--targets", str(isle / targets), "--results", str(isle / "results")]
    return CliRunner().invoke(main, [*small, *of, *map(str, more)])


def attempt(fit, ranks, seed, farthest):
    """Try a world here and now."""
    return tried(fit, ranks, seed, fit.attempt(fit.trial(ranks, seed, farthest)))


def walked(fit, *rest):
    """Walk here and now, and return where the walk ended and how often it moved."""
    search, answers = walk(fit, *rest), None
    while True:
        try:
            runs, still = search.send(answers)
        except StopIteration as end:
            return end.value
        assert still < 8 and all(isinstance(run, Run) for run in runs)
        answers = [fit.attempt(run) for run in runs]


def lived(isle):
    """Return the runs that the store holds, with the seconds that each took."""
    with contextlib.closing(sqlite3.connect(isle / "results" / "runs.sqlite")) as connection:
        return connection.execute("SELECT key, seconds FROM runs ORDER BY key").fetchall()


@pytest.fixture(scope="module")
def surviving():
    """The first few worlds of a pilot that survive 2020, each with its full distance."""
    dice = np.random.default_rng(1)
    trials = (attempt(SMALL, dice.random(MIDDLE.size), int(dice.integers(2**62)), math.inf) for _ in range(40))
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


@pytest.mark.slow
def test_giving_up_early_never_loses_a_world_that_fits(surviving):
    every_day = dataclasses.replace(SMALL, stages=tuple(sorted({target.known_on for target in SMALL.targets})))
    for trial in surviving:
        for fit in (SMALL, every_day):
            assert attempt(fit, trial.ranks, trial.seed, trial.distance + 1e-9).distance == trial.distance
            assert attempt(fit, trial.ranks, trial.seed, trial.distance - 1e-6).distance == math.inf


def test_a_walk_stays_within_its_limit_and_its_ranges(surviving):
    farthest = max(trial.distance for trial in surviving)
    others = np.array([trial.ranks for trial in surviving])
    here, moved, *_ = walked(SMALL, surviving[0], others, 3, farthest, 8)
    assert here.distance <= farthest
    assert np.all((here.ranks >= 0.0) & (here.ranks <= 1.0))
    assert (moved == 0) == (here is surviving[0])


def test_one_seed_walks_one_way(surviving):
    others = np.array([trial.ranks for trial in surviving])
    first, second = (walked(SMALL, surviving[0], others, 5, 1e9, 8)[0] for _ in range(2))
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
    ranks = dice.uniform(0.2, 0.4, (200, MIDDLE.size))
    here, there = (worlds_table([Trial(row, 1, 1.0, {}) for row in some]) for some in (ranks, ranks + 0.4))
    assert disagreement([here[:100], here[100:]]).max() < 1.1  # 79 numbers: largest of chi-squares, far below
    assert disagreement([here, there]).min() > 2.0
    assert disagreement([here]).empty


def test_a_table_of_worlds_keeps_every_digit_and_the_seed(tmp_path):
    third = np.full(MIDDLE.size, 1.0 / 3.0)
    worlds_table([Trial(third, 2**53 - 1, 1.0, {})]).to_csv(tmp_path / "worlds.csv", index=False)
    [world] = worlds.draw(1, 0, tmp_path / "worlds.csv")
    assert world.history == 2**53 - 1
    assert all(world.parameters.flat()[name] == spread(name, 1.0 / 3.0) for name in informed())


def test_a_fit_is_one_value_that_goes_to_other_processes():
    assert pickle.loads(pickle.dumps(SMALL)) == SMALL
    assert hash(pickle.loads(pickle.dumps(SMALL))) == hash(SMALL)


@pytest.mark.slow
def test_a_calibration_that_does_not_arrive_says_how_near_it_came_and_accepts_nothing(isle, monkeypatch):
    monkeypatch.setattr(worlds, "FITTED", isle / "fitted")
    done = calibrated(isle, "narrow.csv", "--accept")
    assert done.exit_code == 1
    assert "no world lies within 1.4 errors of The Isle of Wind after its election (the nearest: " in done.output
    assert "it misses all of them for ever by -" in done.output
    assert "the model is wrong, not the target" in done.output
    assert not (isle / "fitted").exists()
    assert len(lived(isle)) == 40 + 16, "kept: the pilot and a round of four islands of four"
    trials = open_results(isle / "results" / "runs.sqlite", keys=True).groupby("stage").first()["key"]
    assert list(trials.index) == ["islands", "pilot"]
    for key in trials:  # lived again from the store alone: the files that it was made of are gone
        for file in ("isle.toml", "narrow.csv"):
            (isle / file).unlink(missing_ok=True)
        assert "Equal to what the store holds" in live_again(isle / "results" / "runs.sqlite", key[:12])


@pytest.mark.slow
def test_an_invented_country_is_fitted_and_accepted_as_itself(isle, monkeypatch):
    monkeypatch.setattr(worlds, "FITTED", isle / "fitted")
    for name in ("COARSE_WALKS", "WALKS"):  # enough to fit, if not to forget where it began
        monkeypatch.setattr(f"experiments.calibrate.search.{name}", (8, 4))
    done = calibrated(isle, "wide.csv", "--accept")
    assert done.exit_code == 0, done.output
    said = (isle / "results" / "calibration.txt").read_text()
    assert "The Isle of Wind after its election" in said
    assert not any(word in said for word in ("2020", "Belarus", "Minsk", "Moscow"))
    episode = load_episode(isle / "isle.toml")
    accepted = worlds.file_of(episode)
    assert accepted == isle / "fitted" / "isle" / "worlds.csv"
    assert worlds.origin(accepted).words == "worlds fitted to The Isle of Wind after its election"
    assert len(worlds.draw(3, 0, accepted)) == 3
    asked = ["--episode", str(isle / "isle.toml"), "--worlds", "4", "--citizens", "500", "--workers", "1"]
    war = CliRunner().invoke(war_entry, [*asked, "--results", str(isle / "war")])
    assert war.exit_code == 0, war.output
    assert "worlds fitted to The Isle of Wind after its election" in war.output
    assert not any(word in war.output for word in ("2020", "Belarus", "Minsk", "Moscow", "Lukashenka"))
    before = lived(isle)
    table = (isle / "results" / "worlds.csv").read_bytes()
    again = calibrated(isle, "wide.csv")
    assert again.exit_code == 0 and (isle / "results" / "worlds.csv").read_bytes() == table
    assert lived(isle) == before, "nothing was lived twice"
    refused = calibrated(isle, "wide.csv", "--beside", accepted)
    assert refused.exit_code == 2 and "run 0 is in" in refused.stderr and "another --seed (say, 1)" in refused.stderr
    more = calibrated(isle, "wide.csv", "--beside", accepted, "--seed", "1")
    assert more.exit_code == 0, more.output
    earlier, both = (pd.read_csv(file) for file in (accepted, isle / "results" / "worlds.csv"))
    assert f"Of {len(earlier)} worlds of earlier runs, lived again" in " ".join(more.output.split())
    of_run_0 = both[both["run"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_run_0, earlier, check_exact=True, check_dtype=False)
    assert set(both["run"]) == {0, 1}
    pooled = calibrated(isle, "wide.csv", "--beside", isle / "results" / "worlds.csv", "--runs", "0")
    assert pooled.exit_code == 0, pooled.output
    pd.testing.assert_frame_equal(pd.read_csv(isle / "results" / "worlds.csv"), both, check_exact=True)


@pytest.mark.parametrize("part", ["draws", "rounds", "size", "n_citizens", "tolerance"])
def test_a_search_rests_on_each_of_its_options(part):
    other = dataclasses.replace(SMALL, **{part: getattr(SMALL, part) + 1})
    assert differences(SMALL.rests_on(), other.rests_on()) == [
        f"{part}: {getattr(SMALL, part)} in the store, now {getattr(other, part)}"
    ]


def test_what_was_searched_with_other_targets_is_refused_by_name_and_left_as_it_is(isle):
    assert calibrated(isle, "narrow.csv").exit_code == 1
    before = lived(isle)
    (isle / "narrow.csv").write_text(NARROW.replace("0.991", "0.992"))
    done = calibrated(isle, "narrow.csv")
    assert done.exit_code == 2
    assert "targets.all of them for ever.high: 0.991 in the store, now 0.992" in done.stderr
    assert lived(isle) == before


@pytest.mark.slow
def test_another_option_in_the_same_folder_is_refused_in_one_line(isle):
    assert calibrated(isle, "narrow.csv").exit_code == 1
    before = lived(isle)
    done = calibrated(isle, "narrow.csv", "--draws", "41")
    assert done.exit_code == 2 and len(done.stderr.strip().splitlines()) <= 4
    assert "draws: 40 in the store, now 41" in done.stderr.strip().splitlines()[-1]
    assert lived(isle) == before


@pytest.mark.parametrize("options, line", [
    ("--draws 0", "'--draws': 0 is not in the range 8<=x<=10000000"),
    ("--size 7", "'--size': 7 is not in the range 8<=x<=1000000"),
    ("--runs 0", "runs = 0 finds nothing; expected 1 or more, or --beside"),
    ("--beside none.csv", "no accepted worlds in none.csv"),
    ("--rounds 0", "'--rounds': 0 is not in the range 1<=x<=1000000"),
    ("--citizens 0", "0 is not in the range 100<=x<=20000000"),
    ("--episode belarus-2021", "no episode belarus-2021; did you mean belarus-202"),
    ("--episode HERE/mine.toml", "no targets of mine: give --targets FILE.csv (README"),
    ("--targets none.csv", "none.csv cannot be read as a table: No such file"),
    ("--episode belarus-2020 --accept", "belarus-2020 uses the worlds of belarus-2022"),
    ("--episode HERE/belarus-2022.toml --accept", "has the name of an episode that is here"),
])  # fmt: skip
def test_what_cannot_be_calibrated_is_refused_in_one_line(tmp_path, options, line):
    for name in ("belarus-2022", "mine"):
        (tmp_path / f"{name}.toml").write_bytes((FOLDER / "belarus-2022.toml").read_bytes())
    options = options.replace("HERE", str(tmp_path)).split()
    done = CliRunner().invoke(main, [*options, "--results", str(tmp_path / "results")])
    assert done.exit_code == 2
    assert line in done.stderr.strip().splitlines()[-1]


def test_only_the_wave_of_2020_is_drawn_into_the_gallery(isle, monkeypatch):
    (isle / "gallery").mkdir()
    monkeypatch.setattr("experiments.calibrate.__main__.GALLERY", isle / "gallery")
    for name in ("worlds.csv", "calibration.json", "calibration.png"):
        (isle / name).write_text(json.dumps(name))
    keep(isle, isle / "fitted" / "isle", str(isle / "isle.toml"), load_episode(isle / "isle.toml"))
    assert not list((isle / "gallery").iterdir())
    keep(isle, isle / "fitted" / "belarus-2020", "belarus-2020", load_episode("belarus-2020"))
    assert [file.name for file in (isle / "gallery").iterdir()] == ["calibration.png"]
