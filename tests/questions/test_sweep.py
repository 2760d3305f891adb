"""A sweep runs what its plan says, once, spends seeds where they tell something, and says what it found."""

import contextlib
import itertools
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.design import design
from experiments.lab.plan import worlds_of
from experiments.lab.runner import key
from experiments.lab.store import open_results
from experiments.lab.tasks import run_summary
from experiments.sweep import __main__ as sweep
from experiments.sweep.__main__ import Plan, Rounds, main
from experiments.sweep.words import chance_of, mean_of
from model.episode import load_episode
from model.measures import summary
from model.parameters import DECLARED, Parameters
from model.simulation import Simulation
from model.worlds import informed

ROOT = Path(__file__).parents[2]
SMALL = ["--citizens", "300", "--days", "5", "--workers", "1"]
GRID = ["--vary", "entry.troops=5000,10000", "--vary", "citizen.noise=0.1,0.2", *SMALL]
EPISODE = load_episode("belarus-2022")


@pytest.fixture
def accepted(tmp_path):
    """A file of accepted worlds: three, around the default one."""
    rows = [{"weight": 1.0, "distance": 0.0} | {name: DECLARED[name].default for name in informed()} for _ in range(3)]
    pd.DataFrame(rows).assign(**{"citizen.threshold": [3.0, 3.2, 3.4]}).to_csv(tmp_path / "worlds.csv", index=False)
    return str(tmp_path / "worlds.csv")


@pytest.fixture
def run(tmp_path):
    """Run the command line with a store of the test's own; return the result."""

    def command(*arguments, store="sweep.sqlite"):
        return CliRunner().invoke(main, [*map(str, arguments), "--store", str(tmp_path / store)])

    return command


@pytest.fixture
def coins(monkeypatch):
    """Put coins in place of the model: the chance of an uprising is (noise - 0.1) / 0.2, by the seed."""

    def toss(run):
        chance = (run.parameters.citizen.noise - 0.1) / 0.2
        fell = np.random.default_rng([run.seed, 7]).random() < chance
        return {
            "ending": "uprising" if fell else "survived",
            "peak_crowd": 10.0 * fell,
            "ended_on": 3 if fell else None,
        }

    monkeypatch.setattr(sweep, "run_summary", toss)


def plan(vary=None, *, kind="grid", points=None, worlds=None, drawn=False, arms=("stay", "enter"), seeds=3):
    fixed, _ = worlds_of("default", EPISODE, None, 0, ())
    return Plan(
        episode=EPISODE,
        design=design(kind, vary or {"citizen.noise": [0.1, 0.2]}, points),
        worlds=tuple(worlds or fixed),
        drawn=drawn,
        arms=arms,
        seeds=seeds,
        days=5,
        n_citizens=300,
    )


# What is run.


def test_points_and_arms_differ_by_nothing_but_what_varies(accepted):
    worlds, drawn = worlds_of(accepted, EPISODE, 5, 0, ())
    seeds = {}
    for one in plan(worlds=worlds, drawn=drawn).runs():
        told = dict(one.labels)
        seeds.setdefault((told["citizen.noise"], one.arm), []).append((told["world"], told["front"], one.seed))
    assert len(seeds) == 4 and len(set(map(tuple, seeds.values()))) == 1


def test_no_two_worlds_share_a_seed(accepted):
    worlds, drawn = worlds_of(accepted, EPISODE, 5, 0, ())
    runs = list(plan({"citizen.noise": [0.2]}, worlds=worlds, drawn=drawn, arms=("stay",), seeds=4).runs())
    assert len({one.seed for one in runs}) == len(runs) == 20


def test_a_sweep_that_stops_half_way_is_an_even_sample():
    runs = list(plan({"citizen.noise": "0.1:0.3:100"}, arms=("stay",), seeds=1).runs())
    half = [run.parameters.citizen.noise for run in runs[:50]]
    assert len({run.parameters for run in runs}) == 100
    assert 15 <= sum(noise < 0.2 for noise in half) <= 35  # of 50 drawn from 100: 25, sd 2.5


def test_each_point_of_a_random_design_has_its_own_luck():
    runs = list(plan({"citizen.noise": ""}, kind="lhs", points=6, arms=("stay",)).runs())
    assert len({one.seed for one in runs}) == len(runs) == 18


def test_more_seeds_keep_the_runs_there_were():
    few, many = ({key(run, run_summary) for run in plan(seeds=seeds).runs()} for seeds in (2, 5))
    assert few < many and len(many) == 5 * 2 * 2


def test_a_drawn_world_brings_its_front_and_a_fixed_one_keeps_the_episodes(accepted):
    worlds, drawn = worlds_of(accepted, EPISODE, 3, 0, ())
    fronts = {one.episode.entry.front for one in plan(worlds=worlds, drawn=drawn).runs()}
    assert fronts == {"stalemate", "advance", "defeat"}
    assert {one.episode for one in plan().runs()} == {EPISODE}


def test_a_switch_is_off_in_every_world(accepted):
    for asked, draws in ((accepted, 3), ("default", None)):
        worlds, _ = worlds_of(asked, EPISODE, draws, 0, ["talks"])
        assert all(world.parameters.without == {"talks"} for world in worlds)


# How many seeds are spent.


def spend(rounds, chances, order):
    """Carry out rounds with coins, finishing the runs in flight in some order; return which runs there were."""
    flying, given, runs = [], [], rounds.runs()
    while True:
        one = next(runs, None)
        if one is not None:
            flying.append(one)
            given.append((one.labels, one.arm, one.seed))
        elif not flying:
            return given
        if one is None or len(flying) == 20:
            done = flying.pop(order.randrange(len(flying)))
            labels = done.named()
            fell = np.random.default_rng([done.seed, 1]).random() < chances[labels["citizen.noise"]]
            rounds.hear(labels, {"ending": "uprising" if fell else "survived"})


@given(st.integers(0, 2**32), st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_which_runs_are_done_does_not_hang_on_the_order_in_which_they_finish(one, other):
    chances = {0.1: 0.01, 0.12: 0.03, 0.14: 0.06, 0.16: 0.1, 0.18: 0.15, 0.2: 0.25}
    points = plan({"citizen.noise": list(chances)}, arms=("enter",), seeds=300)
    given = [spend(Rounds(points, 0.2, "uprising"), chances, random.Random(seed)) for seed in (one, other)]
    assert sorted(given[0]) == sorted(given[1])


def test_seeds_are_spent_where_the_answer_is_open():
    rounds = Rounds(plan(arms=("enter",), seeds=1000), 0.1, "uprising")
    given = spend(rounds, {0.1: 0.0, 0.2: 0.5}, random.Random(1))
    runs = Counter(dict(labels)["citizen.noise"] for labels, _, _ in given)
    # No hit in n runs has Jeffreys' upper end near 2.5 / n: 30 runs do. At one half it takes (1.96 / 0.1)^2 = 384.
    assert runs[0.1] <= 30 and 384 <= runs[0.2] <= 1.5 * 390
    assert rounds.settled == 2 and rounds.spared == 2000 - sum(runs.values())


def test_no_more_seeds_are_spent_than_there_are():
    rounds = Rounds(plan(seeds=25), 0.01, "uprising")
    assert len(spend(rounds, {0.1: 0.5, 0.2: 0.5}, random.Random(1))) == 100
    assert rounds.spared == rounds.settled == 0


def test_runs_of_one_world_count_as_one_where_they_all_end_alike():
    values, worlds = np.repeat([0.0, 1.0, 1.0, 0.0, 1.0], 40), np.repeat(np.arange(5), 40)
    alone = chance_of(np.array([0.0, 1.0, 1.0, 0.0, 1.0]), [np.arange(5)])
    assert chance_of(values, [worlds]) == pytest.approx(alone)


def test_a_chance_never_seen_has_an_interval_from_nothing():
    mean, low, high = chance_of(np.zeros(30), [np.arange(30)])
    assert (mean, low) == (0.0, 0.0) and high == pytest.approx(0.08, abs=0.01)  # Jeffreys for 0 of 30


def test_a_mean_has_the_normal_interval_of_its_clusters():
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)
    mean, low, high = mean_of(values, [np.arange(400)])
    assert (low, high) == pytest.approx((mean - 1.96 * 0.1, mean + 1.96 * 0.1), abs=0.02)  # 2 / sqrt(400) = 0.1


# The command line.


def test_a_sweep_makes_a_table_of_its_points(run, tmp_path, coins):
    done = run(*GRID, "--seeds", 5, "--arm", "twins")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "sweep.csv")
    assert table[["entry.troops", "citizen.noise", "arm"]].apply(tuple, axis=1).tolist() == list(
        itertools.product([5000, 10_000], [0.1, 0.2], ["stay", "enter"])
    )
    assert (table["runs"] == 5).all() and (table[table["citizen.noise"] == 0.1]["uprising"] == 0.0).all()
    assert (table["uprising"] + table["survived"] == 1.0).all() and (table["fall"] == table["uprising"]).all()


def test_the_model_is_what_a_sweep_runs(run, tmp_path):
    assert run("--vary", "citizen.noise=0.1,0.2", *SMALL).exit_code == 0
    for row in open_results(tmp_path / "sweep.sqlite").to_dict("records"):
        parameters = Parameters().replace({"citizen.noise": row["citizen.noise"]})
        world = Simulation("belarus-2022", parameters, arm="enter", rng=row["seed"], n_citizens=300)
        expected = summary(world.run(5))
        assert {name: row[name] for name in ("peak_crowd", "detained", "ending", "days")} == {
            name: expected[name] for name in ("peak_crowd", "detained", "ending", "days")
        }


@pytest.mark.parametrize(
    "more, kept, new",
    [(["--seeds", 3], 8, 4), (["--vary", "entry.troops=5000,7000,10000"], 8, 4), (["--seeds", 1], 4, 0)],
)
def test_later_only_what_is_missing_is_run(run, coins, more, kept, new):
    run(*GRID, "--seeds", 2)
    done = run(*(GRID[2:] if "--vary" in more else GRID), "--seeds", 2, *more)
    assert done.exit_code == 0, done.output
    assert f"{new} runs now, {kept} were there already" in done.output


SAMPLE = "citizen.noise,entry.troops\n0.3,9000\n0.1,5000\n0.3,9000\n0.2,7000\n"


@pytest.mark.parametrize("more", [[], ["--seeds", 90, "--until", 0.5]])
def test_the_table_has_the_lines_of_a_file_of_points_in_its_order(run, tmp_path, coins, more):
    (tmp_path / "sample.csv").write_text(SAMPLE)
    done = run("--points-from", tmp_path / "sample.csv", *SMALL, "--seeds", 4, "--arm", "twins", *more)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "sweep.csv")
    sample = pd.read_csv(tmp_path / "sample.csv")
    for arm in ("stay", "enter"):
        rows = table[table["arm"] == arm].reset_index()
        pd.testing.assert_frame_equal(rows[list(sample)], sample)
        assert rows["uprising"].tolist()[:3] == [1.0, 0.0, 1.0]  # the coins' chances at 0.3 and 0.1
        assert rows.loc[0, "runs"] == rows.loc[2, "runs"]
    assert len(open_results(tmp_path / "sweep.sqlite")) == table.drop_duplicates()["runs"].sum()


def test_points_whose_runs_failed_have_their_rows_too(run, tmp_path, monkeypatch):
    def fails(one):
        return {"ending": "survived"} if one.episode.entry.troops == 5000 else 1 / 0

    monkeypatch.setattr(sweep, "run_summary", fails)
    (tmp_path / "sample.csv").write_text(SAMPLE)
    assert run("--points-from", tmp_path / "sample.csv", *SMALL, "--seeds", 2).exit_code == 0
    assert pd.read_csv(tmp_path / "sweep.csv")[["runs", "failed"]].values.tolist() == [[0, 2], [2, 0], [0, 2], [0, 2]]


def test_more_lines_in_a_file_of_points_run_only_what_is_missing(run, tmp_path, coins):
    (tmp_path / "sample.csv").write_text(SAMPLE)
    assert "3 runs now, 0 were there already" in run("--points-from", tmp_path / "sample.csv", *SMALL).output
    (tmp_path / "sample.csv").write_text(f"{SAMPLE}0.15,6000\n")
    assert "1 runs now, 3 were there" in run("--points-from", tmp_path / "sample.csv", *SMALL).output


@pytest.mark.parametrize(
    "more, said",
    [
        (["--vary", "entry.troops=5000"], "sample.csv says all of the points: give it or --vary, not both"),
        (["--points", 8], "give it or --points, not both"),
        (["--design", "lhs"], "give it or --design, not both"),
    ],
)
def test_a_file_of_points_stands_beside_no_other_design(run, tmp_path, more, said):
    (tmp_path / "sample.csv").write_text(SAMPLE)
    refused = run("--points-from", tmp_path / "sample.csv", *SMALL, *more)
    assert refused.exit_code == 2 and len(refused.output.splitlines()) == 1 and said in refused.output


@pytest.mark.parametrize("cell, said", [("9", "noise = 9.0; expected 0.1 to 0.3"), ("x", "noise = x; expected a num")])
def test_a_value_of_a_file_of_points_is_refused_with_its_line(run, tmp_path, cell, said):
    (tmp_path / "sample.csv").write_text(f"{SAMPLE}{cell},5000\n")
    refused = run("--points-from", tmp_path / "sample.csv", *SMALL)
    assert refused.exit_code == 2 and len(refused.output.splitlines()) == 1
    assert "sample.csv, line 6: " in refused.output and said in refused.output
    assert not (tmp_path / "sweep.sqlite").exists()


def test_a_file_of_points_is_not_written_over(run, tmp_path, coins):
    (tmp_path / "sweep.csv").write_text(SAMPLE)
    refused = run("--points-from", tmp_path / "sweep.csv", *SMALL)
    assert refused.exit_code == 2 and "sweep.csv would be written over" in refused.output
    assert (tmp_path / "sweep.csv").read_text() == SAMPLE


def test_another_sweep_is_refused_with_the_difference(run, coins):
    run(*GRID)
    vary = ["--vary", "entry.troops=5000,10000", "--vary", "citizen.noise=0.1,0.3"]
    refused = run(*vary, *SMALL, "--days", 6, "--arm", "stay")
    assert refused.exit_code == 2
    (line,) = refused.output.splitlines()
    assert line.startswith("Error: ") and "sweep.sqlite holds something else: " in line
    for difference in (
        "days: 5 in the store, now 6",
        "arms: ['enter'] in the store, now ['stay']",
        "vary.citizen.noise: [0.1, 0.2] in the store, now [0.1, 0.3]",
    ):
        assert difference in line


def test_worlds_of_a_new_calibration_do_not_mix_with_old_ones(run, accepted, coins):
    some = ["--worlds", accepted, "--draws", 3, *SMALL]
    assert run(*some).exit_code == 0
    table = pd.read_csv(accepted)
    table.assign(**{"citizen.threshold": 3.1}).to_csv(accepted, index=False)
    assert "worlds.numbers (hash): " in run(*some).output


def test_drawn_worlds_stand_beside_the_store_with_all_their_numbers(run, accepted, coins, tmp_path):
    run("--worlds", accepted, "--draws", 4, *SMALL)
    runs = open_results(tmp_path / "sweep.sqlite")
    worlds = pd.read_csv(tmp_path / "sweep-worlds.csv").set_index("world")
    assert set(DECLARED) < set(worlds.columns)
    assert runs["seed"].tolist() == worlds.loc[runs["world"], "seed"].tolist()


def test_a_run_that_fails_is_counted_and_does_not_end_the_sweep(run, monkeypatch):
    def fails(one):
        if one.seed == 1:
            raise ZeroDivisionError("a bad day")
        return {"ending": "survived"}

    monkeypatch.setattr(sweep, "run_summary", fails)
    done = run(*GRID, "--seeds", 3)
    assert done.exit_code == 0
    assert "4 of 12 runs failed, as in: ZeroDivisionError: a bad day" in done.output
    assert "the same command tries them again" in done.output


def test_a_sweep_leaves_its_verdict_and_where_it_comes_from(run, tmp_path, coins):
    done = run(*GRID, "--seeds", 2)
    assert done.exit_code == 0 and (tmp_path / "sweep.txt").read_text() in done.output
    assert "Written to" in done.output and "default numbers, fitted to nothing" in done.output
    record = json.loads((tmp_path / "sweep.json").read_text())
    assert record["options"]["seeds"] == 2 and record["sweep"]["citizens"] == 300 and record["source"]


def test_another_country_is_swept_in_its_own_words(run, tmp_path, coins):
    done = run("--episode", "tests/model/invented.toml", "--vary", "citizen.noise=0.1,0.2", "--arm", "twins", *SMALL)
    said = (tmp_path / "sweep.txt").read_text()
    assert done.exit_code == 0 and "Three Rivers" in said
    assert not [word for word in ("Belarus", "Moscow", "2020", "2022") if word in said]


def test_a_sweep_of_which_all_runs_fail_is_an_error(run, monkeypatch):
    monkeypatch.setattr(sweep, "run_summary", lambda one: 1 / 0)
    assert run(*GRID).exit_code == 1


def test_until_says_what_it_saved_and_comes_to_the_same_when_given_again(run, coins, tmp_path):
    command = [*SMALL, "--vary", "citizen.noise=0.1,0.2,0.3", "--seeds", 200, "--until", 0.2]
    first = run(*command)
    rows = open_results(tmp_path / "sweep.sqlite")
    assert f"which saved {600 - len(rows)} of 600 runs" in first.output
    assert 130 <= len(rows) < 200  # 20 for each sure one, and about 100 for one half
    again = run(*command)
    assert f"0 runs now, {len(rows)} were there already" in again.output


def test_a_dry_run_says_how_many_and_runs_nothing_into_a_store(run, tmp_path):
    done = run(*GRID, "--seeds", 20, "--arm", "twins", "--dry-run")
    assert "Runs: 4 points x 2 arms x 1 world x 20 seeds = 160" in done.output
    assert "entry.troops [people]: 5000, 10000" in done.output
    assert "Time: one run took" in done.output
    assert not (tmp_path / "sweep.sqlite").exists()


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["--vary", "entry.tropps=5"], 2, "no parameter or episode field entry.tropps; did you mean entry.troops?"),
        (["--vary", "citizen.noise=0.1,9"], 2, "noise = 9.0; expected 0.1 to 0.3"),
        (["--vary", "entry.troops=10,99999999"], 2, "entry.troops = 99999999; expected 1 to"),
        (["--vary", "entry.date=2022-03-01,2029-01-01"], 2, "entry.date = 2029-01-01; expected"),
        (["--vary", "citizen.noise"], 2, "citizen.noise has no values"),
        (["--worlds", "acepted"], 2, "no worlds acepted; did you mean accepted?"),
        (["--worlds", "none.csv"], 2, "no accepted worlds in none.csv"),
        (["--worlds", "none.toml"], 2, "there is no file none.toml"),
        (["--draws", "5"], 2, "draws = 5 has no meaning in the fixed world default"),
        (["--episode", "belarus-2032"], 2, "no episode belarus-2032"),
        (["--days", "400"], 2, "days = 400; belarus-2022 has 365"),
        (["--citizens", "3"], 2, "3 is not in the range 100<=x<=20000000"),
        (["--without", "talk"], 2, "no switch talk; did you mean talks?"),
        (["--arm", "leave"], 2, "'leave' is not one of 'stay', 'enter', 'decide', 'twins'"),
        (["--seeds", "none"], 2, "'none' is not a valid integer"),
        (["--until", "2"], 2, "2.0 is not in the range"),
        (["--plot", "entry.troops", "-", "uprising"], 2, "--plot: entry.troops is not in this sweep"),
        (
            ["--plot", "arm", "-", "peak_crowds"],
            2,
            "--plot: peak_crowds is not in this sweep; did you mean peak_crowd?",
        ),
        (["--export", "out.xlsx"], 2, "expected a name that ends in .csv or .parquet"),
        (["none.toml"], 2, "there is no file none.toml"),
        (["--vary", "citizen.noise=0.1", "--vary", "citizen.noise=0.2"], 2, "--vary citizen.noise is given twice"),
        (["--until", "nan"], 2, "nan is not in the range 0.0<x<=1.0"),
        (["--dask", ""], 2, "--dask is empty"),
        (["--dask", "tcp://127.0.0.1:9", "--workers", "3"], 2, "workers = 3 has no meaning on a cluster"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_before_the_first_run(run, tmp_path, arguments, code, said):
    refused = run(*arguments)
    assert refused.exit_code == code
    (line,) = refused.output.splitlines()
    assert line.startswith("Error: ") and said in line
    assert not (tmp_path / "sweep.sqlite").exists()


@pytest.mark.slow
@pytest.mark.parametrize("store", ["x.csv", "x.png", "x.txt", "x.json", "kz.jan2022", "kz.feb2022"])
def test_no_output_takes_the_name_of_the_store_or_of_another_stores_output(run, tmp_path, coins, store):
    assert run(*GRID, store="kz.sqlite").exit_code == 0
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert run(*GRID, "--plot", "citizen.noise", "-", "fall", store=store).exit_code == 0
    assert len(open_results(tmp_path / store)) == 4
    assert {f"{store}.csv", f"{store}.txt", f"{store}.json", f"{store}.png"} < {f.name for f in tmp_path.iterdir()}
    assert all((tmp_path / name).read_bytes() == content for name, content in before.items())


@pytest.mark.parametrize(
    "store, to, said",
    [
        ("x.parquet", "x.parquet", "x.parquet would be written over"),
        ("sweep.sqlite", "sweep.csv", "sweep.csv would be written over"),
        ("sweep.sqlite", "sweep-worlds.csv", "sweep-worlds.csv would be written over"),
        ("sweep.sqlite", "worlds.csv", "worlds.csv would be written over"),
        ("worlds.sqlite", "out.csv", "worlds.csv would be written over"),
        ("sweep.sqlite", "other.csv", "other.csv is an output of"),
        ("sweep.sqlite", "mine.csv", "mine.csv would be written over"),
        ("other", "out.csv", "would both have other-worlds.csv beside them"),
        ("mine", "out.csv", "mine.csv would be written over"),
    ],
)
def test_names_that_collide_are_refused_before_the_first_run(run, tmp_path, accepted, coins, store, to, said):
    for other in ("other.sqlite", "mine.csv"):
        assert run(*GRID, store=other).exit_code == 0
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    refused = run(*GRID, "--worlds", accepted, "--draws", 3, "--export", tmp_path / to, store=store)
    assert refused.exit_code == 2 and said in refused.output and len(refused.output.splitlines()) == 1
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_results_that_vanish_stop_the_sweep_and_nothing_claims_to_hold_them(run, tmp_path, monkeypatch):
    def vanishes(one):
        if one.seed == 1:
            shutil.rmtree(tmp_path / "results", ignore_errors=True)
        return {"ending": "survived"}

    monkeypatch.setattr(sweep, "run_summary", vanishes)
    stopped = run(*GRID, "--seeds", 3, store="results/sweep.sqlite")
    assert stopped.exit_code != 0 and "was moved, deleted or replaced" in stopped.output
    assert "They are in" not in stopped.output and not (tmp_path / "results").exists()


# The spec file.


def test_a_file_says_the_same_as_the_command_line(run, coins, tmp_path):
    file = tmp_path / "spec.toml"
    file.write_text(
        'citizens = 300\ndays = 5\nworkers = 1\nseeds = 2\nwithout = ["talks"]\n'
        '[vary]\nentry.troops = "5000:10000:2"\n"citizen.noise" = [0.1, 0.2]\n'
    )
    assert run(file, store="file.sqlite").exit_code == 0
    assert run(*GRID, "--seeds", 2, "--without", "talks", store="line.sqlite").exit_code == 0
    assert open_results(tmp_path / "file.sqlite").equals(open_results(tmp_path / "line.sqlite"))
    assert (
        "8 were there already" in run(file, "--seeds", 3, store="file.sqlite").output
    )  # the line goes before the file


@pytest.mark.parametrize(
    "text, said",
    [
        ("sedes = 3", "no option sedes; did you mean seeds?"),
        ('seeds = "many"', "seeds = 'many': 'many' is not a valid integer"),
        ("seeds = 2.5", "seeds = 2.5: '2.5' is not a valid integer"),
        ('without = "talks"', "without = 'talks'; expected a list"),
        ("seeds = [1]", "seeds = [1]; expected one value"),
        ("vary = 3", "vary = 3; expected a table [vary]"),
        ("[vary]\nentry.tropps = 3", "did you mean entry.troops?"),
        ("[vary", "is not valid TOML"),
        ('dask = ""', "--dask is empty"),
        ('[vary]\nentry.troops = 3\n"entry.troops" = 4', "[vary] entry.troops is given twice"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(run, tmp_path, text, said):
    (tmp_path / "spec.toml").write_text(text)
    refused = run(tmp_path / "spec.toml")
    assert refused.exit_code == 2
    (line,) = refused.output.splitlines()
    assert line.startswith("Error: ") and said in line


def test_the_example_can_be_run(run):
    done = run(ROOT / "experiments" / "sweep" / "example.toml", "--citizens", 300, "--days", 5, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "= 360" in done.output


# What is said and drawn.


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_all_runs_are_exported(run, tmp_path, coins, name):
    pytest.importorskip("pyarrow")
    assert run(*GRID, "--seeds", 2, "--export", tmp_path / name).exit_code == 0
    read = pd.read_csv if name.endswith("csv") else pd.read_parquet
    assert len(read(tmp_path / name)) == 8


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        ["--plot", "citizen.noise", "arm", "uprising"],
        ["--plot", "citizen.noise", "entry.troops", "fall"],
        ["--plot", "entry.front", "-", "peak_crowd"],
        ["--plot", "entry.troops", "-", "ended_on", "--design", "sobol", "--points", 8],
    ],
)
def test_a_figure_is_drawn(run, tmp_path, coins, more):
    vary = [
        "--vary",
        "citizen.noise=0.15,0.2",
        "--vary",
        "entry.troops=5000,9000",
        "--vary",
        "entry.front=defeat,advance",
    ]
    done = run(*vary, *SMALL, "--seeds", 6, "--arm", "twins", *more)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_the_verdict_names_the_extremes_only_where_their_intervals_part(run, tmp_path, coins):
    clear = run(*SMALL, "--vary", "citizen.noise=0.1,0.3", "--seeds", 20, store="clear.sqlite").output
    assert "from 0 % [0 % to 12 %] at citizen.noise 0.1 to 100 % [88 % to 100 %] at citizen.noise 0.3" in clear
    assert "no difference shown" in run(*SMALL, "--vary", "citizen.noise=0.19,0.2", "--seeds", 20).output


def test_twins_say_what_entering_adds(run, coins):
    # The coins do not look at the arm, and twins share their seeds: nothing is added.
    assert (
        "Entering adds to the chance of an uprising: +0 points [" in run(*GRID, "--seeds", 9, "--arm", "twins").output
    )


# A sweep of real worlds, killed.


def wait_for_more(path, process, before):
    """Wait until a store that is being written has more runs than before; return how many."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        with contextlib.closing(sqlite3.connect(path)) as store, contextlib.suppress(sqlite3.OperationalError):
            (count,) = store.execute("SELECT count(*) FROM runs").fetchone()
            if count > before:
                return count
        if process.poll() is not None:
            pytest.fail("the sweep ended before it could be killed")
        time.sleep(0.02)
    return pytest.fail("no run within five minutes")


@pytest.mark.slow
def test_a_sweep_of_real_worlds_that_is_killed_has_the_table_of_one_never_killed(tmp_path):
    command = [sys.executable, "-m", "experiments.sweep", "--vary", "citizen.threshold=1.8,2.1", "--seeds", "40"]
    command += ["--citizens", "500", "--days", "60", "--until", "0.4"]
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    moments, count = random.Random(3), 0
    for _ in range(3):
        with subprocess.Popen([*command, "--store", tmp_path / "killed.sqlite", "--workers", "1"], **quiet) as child:
            try:
                count = wait_for_more(tmp_path / "killed.sqlite", child, count)
                time.sleep(moments.uniform(0.0, 0.1))
            finally:
                child.kill()
    resumed = subprocess.run([*command, "--store", tmp_path / "killed.sqlite", "--workers", "2"], check=False, **quiet)
    assert resumed.returncode == 0
    whole = subprocess.run([*command, "--store", tmp_path / "whole.sqlite", "--workers", "1"], check=False, **quiet)
    assert whole.returncode == 0
    killed = open_results(tmp_path / "killed.sqlite")
    assert len(killed) > count and killed.equals(open_results(tmp_path / "whole.sqlite"))
    assert killed["peak_crowd"].nunique() > 20
