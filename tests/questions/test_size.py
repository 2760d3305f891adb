"""The size experiment: the same luck at every size, a verdict that follows its stated rule, and whole files."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.show.words import FALL
from experiments.size import __main__ as size
from experiments.size import figure, findings, words
from experiments.size.__main__ import Plan, main, near_the_line, wave_of
from experiments.size.findings import findings_of, trend
from experiments.size.words import verdict
from model.episode import load_episode
from model.parameters import DECLARED
from model.worlds import Origin, draw, informed

EPISODE = load_episode("belarus-2022")
NOTHING = Origin(file=None)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    """A file of one accepted world: the default one."""
    path = tmp_path_factory.mktemp("worlds") / "worlds.csv"
    row = {"weight": 1.0, "distance": 0.0} | {name: DECLARED[name].default for name in informed()}
    pd.DataFrame([row]).to_csv(path, index=False)
    return str(path)


def rows(falls, seed=1, sizes=(2_000, 20_000, 200_000), worlds=40, turns=6):
    """Made-up runs: at each size he falls with a chance of its own; four fifths of the luck is the same at all."""
    dice, runs = np.random.default_rng(seed), []
    for world in range(worlds):
        for turn in range(turns):
            shared = dice.random()
            for n, chance in zip(sizes, falls, strict=True):
                fell = int((shared if dice.random() < 0.8 else dice.random()) < chance)
                for kind in ("line", "wave"):
                    runs.append({
                        "kind": kind, "world": world, "turn": turn, "n_citizens": n, "fell": fell,
                        "ending": "uprising" if fell else "survived", "peak_crowd": 1e5 * np.exp(0.1 * dice.normal()),
                        "crowd_by_week": json.dumps([1000, 5000, 2000][: 3 - fell]),
                    })  # fmt: skip
    return pd.DataFrame(runs)


def result_of(runs):
    return findings_of(runs, 200, EPISODE, wave_of(EPISODE), NOTHING)


def test_a_world_keeps_its_seed_at_every_size_and_scouts_with_others(accepted):
    plan = Plan(
        episode=EPISODE, wave=wave_of(EPISODE), worlds=tuple(draw(5, 3, accepted)), sizes=(2_000, 20_000, 2_000_000),
        seeds=8, scouts=3,
    )  # fmt: skip
    lived = plan.runs([1, 4])
    seeds = {}
    for run in lived:
        labels = dict(run.labels)
        seeds.setdefault((labels["kind"], labels["world"], labels["turn"]), set()).add(run.seed)
    assert all(len(of_one_luck) == 1 for of_one_luck in seeds.values())
    line = [seed for (kind, _, _), own in seeds.items() if kind == "line" for seed in own]
    assert len(set(line)) == len(line) == 2 * 8
    assert not set(line) & {run.seed for run in plan.scouting()}
    assert len({run.seed for run in plan.scouting()}) == 5 * 3
    assert {n: sum(run.n_citizens == n for run in lived) for n in plan.sizes} == dict.fromkeys(
        plan.sizes, 2 * 8 + 2 * 2
    )


def test_near_the_line_is_a_world_in_which_scouts_disagree():
    fell = {
        0: [0, 0, 0, 0, 0, 0],
        1: [1, 0, 0, 0, 0, 1],
        2: [1, 1, 1, 1, 1, 1],
        3: [1, 0, 0, 0, 0, 0],
        4: [0, 1, 1, 1, 0, 0],
    }
    runs = pd.DataFrame([{"world": world, "fell": ending} for world, endings in fell.items() for ending in endings])
    assert near_the_line(runs, 9) == [1, 4]
    assert near_the_line(runs, 1) == [1]


@pytest.mark.parametrize(
    "falls, judged",
    [((0.5, 0.5, 0.5), "survives large N"), ((0.9, 0.6, 0.1), "artefact of N"), ((0.3, 0.4, 0.7), "moves with N")],
)
def test_the_verdict_follows_the_rule(falls, judged):
    result = result_of(rows(falls, worlds=60, turns=8))
    assert result.to_dict()["verdicts"][FALL] == judged
    assert judged in verdict(result).splitlines()[0]


def test_too_few_runs_leave_the_verdict_open():
    result = result_of(rows((0.5, 0.5, 0.5), worlds=12, turns=1))
    assert "Tipping is undecided" in verdict(result)


def test_chances_and_changes_are_those_of_the_runs():
    made = rows((0.2, 0.5, 0.8))
    result = result_of(made)
    for n in (2_000, 20_000, 200_000):
        some = made[(made["kind"] == "line") & (made["n_citizens"] == n)]
        assert result.chances[n, FALL].value == pytest.approx(some["fell"].mean())
        assert result.chances[n, "coup"].value == 0.0
    change = result.changes[200_000, FALL]
    assert change.value == pytest.approx(result.chances[200_000, FALL].value - result.chances[20_000, FALL].value)
    assert change.low < change.value < change.high
    assert result.weeks[200_000].value == 0.0, "all lived the same weeks as far as both lived"
    assert (result.table["peak_ratio_low"] <= result.table["peak_ratio"]).all()


def test_the_test_for_a_trend_rarely_cries_wolf():
    # 60 null data sets at 5 %: more than 9 alarms have a chance of 0.1 % (binomial); the seeds are fixed.
    p = [
        trend(rows((0.5, 0.5, 0.5), seed, worlds=6, turns=2).query("kind == 'line'"), "fell", 199) for seed in range(60)
    ]
    assert sum(value <= 0.05 for value in p) <= 9
    assert trend(rows((0.1, 0.5, 0.9)).query("kind == 'line'"), "fell", 999) == 0.001


@pytest.mark.slow
@pytest.mark.parametrize(
    "sizes, wrong", [("2000", "something larger"), ("100,x", "whole numbers"), ("2000,200000", "20000")]
)
def test_sizes_that_cannot_be_compared_are_refused(accepted, tmp_path, sizes, wrong):
    done = CliRunner().invoke(main, ["--sizes", sizes, "--accepted", accepted, "--results", str(tmp_path)])
    assert done.exit_code == 2 and wrong in done.output and "Traceback" not in done.output


SMALL = ["--draws", "3", "--scouts", "2", "--near", "2", "--seeds", "1", "--sizes", "500,1000,2000", "--workers", "1"]


@pytest.fixture
def small_reference(monkeypatch):
    """A thousand citizens stand for twenty thousand, and every world is near the line."""
    for module in (size, findings, figure, words):
        monkeypatch.setattr(module, "REFERENCE", 1_000)
    monkeypatch.setattr(size, "NEAR", (0.0, 1.0))


@pytest.mark.slow
def test_the_experiment_runs_small_and_goes_on_where_it_stopped(accepted, tmp_path, small_reference):
    options = [*SMALL, "--days", "20", "--accepted", accepted, "--results", str(tmp_path)]
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 0, done.output
    assert "worlds near the line of 3 scouted" in done.output
    assert "weekly crowds of Belarus after the election" in done.output
    table = pd.read_csv(tmp_path / "size.csv")
    assert sorted(table["n_citizens"]) == [500, 500, 1_000, 1_000, 2_000, 2_000] and set(table["runs"]) == {2}
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["options"]["sizes"] == [500, 1_000, 2_000] and record["worlds_near_the_line"] == [0, 1]
    assert (tmp_path / "size.png").read_bytes().startswith(b"\x89PNG")
    again = CliRunner().invoke(main, options)
    assert again.exit_code == 0 and (tmp_path / "verdict.txt").read_text() in again.output


def test_another_country_is_compared_under_its_own_name_and_without_a_wave(tmp_path, small_reference):
    options = [*SMALL, "--episode", "tests/model/invented.toml", "--days", "60", "--results", str(tmp_path)]
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 0, done.output
    said = (tmp_path / "verdict.txt").read_text()
    assert "Three Rivers" in said and "worlds: default numbers, fitted to nothing" in said
    assert not [word for word in ("Belarus", "Moscow", "2020", "2022", "weekly crowds") if word in said]
    assert set(pd.read_csv(tmp_path / "size.csv")["kind"]) == {"line"}


def test_an_episode_in_which_he_cannot_enter_is_refused(tmp_path):
    done = CliRunner().invoke(main, ["--episode", "belarus-2020", "--results", str(tmp_path)])
    assert done.exit_code == 2 and "belarus-2020 has no [entry]" in done.output and "Traceback" not in done.output


def test_runs_that_failed_are_said_and_left_out(tmp_path, small_reference, monkeypatch):
    lived = size.lived

    def fails(run):
        if dict(run.labels)["kind"] == "scout" and run.seed == 0:
            raise ZeroDivisionError("a bad day")
        return lived(run)

    monkeypatch.setattr(size, "lived", fails)
    options = [*SMALL, "--episode", "tests/model/invented.toml", "--days", "40", "--results", str(tmp_path)]
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 0, done.output
    assert "1 of 6 runs failed, as in: ZeroDivisionError: a bad day" in done.output
