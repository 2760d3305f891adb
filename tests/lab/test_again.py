"""A run that a store holds is lived again from the store alone, exactly, and what differs is said."""

import contextlib
import json
import sqlite3

import pytest
from click.testing import CliRunner

from experiments.lab import again, runner
from experiments.lab.again import made_again
from experiments.lab.runner import Run, carry_out, inputs_of, key
from experiments.lab.store import Store, checksum, kept_run, open_results
from experiments.lab.tasks import run_summary
from experiments.run.__main__ import main
from model.episode import FOLDER, Episode, load_episode
from model.parameters import DECLARED, Parameters

ENTERS = load_episode("belarus-2022").replace(entry_troops=7_000, entry_front="defeat")
NUMBERS = Parameters().replace({"citizen.noise": 0.1 + 0.1 / 7, "moscow.replace_refusals": 5}).switch_off("talks")


def run_of(seed, **more):
    return Run(
        **{"episode": ENTERS, "parameters": NUMBERS, "arm": "enter", "seed": seed, "n_citizens": 300, "days": 40}
        | {"labels": {"world": seed, "entry.troops": 7_000}} | more
    )  # fmt: skip


@pytest.fixture
def path(tmp_path):
    """A store of three runs, of which one fails: he cannot be given a day beyond the episode."""
    with Store(tmp_path / "runs.sqlite") as store:
        runs = [run_of(7), run_of(2**62 - 1, asked={"farthest": float("inf")}), run_of(9, arm="retreat")]
        carry_out(runs, run_summary, store, workers=1, progress=False)
    return tmp_path / "runs.sqlite"


def asked(*words):
    return CliRunner().invoke(main, ["--from", *map(str, words)])


def test_each_run_is_made_again_as_it_was_and_is_equal(path):
    for run_key in open_results(path, keys=True)["key"]:
        run, task = made_again(kept_run(path, run_key), path)
        assert task is run_summary and key(run, task) == run_key
        assert run in [run_of(7), run_of(2**62 - 1, asked={"farthest": float("inf")}), run_of(9, arm="retreat")]
        done = asked(path, run_key[:8])
        assert done.exit_code == 0, done.output
        assert f"run {run_key[:12]} of {path}: world " in done.output
        assert done.output.rstrip().splitlines()[-1].startswith("Equal to what the store holds, in all ")


@pytest.mark.parametrize("name", [*sorted(FOLDER.glob("*.toml")), "tests/model/invented.toml"])
def test_an_episode_comes_back_from_what_it_tells_of_itself(name):
    episode = load_episode(name)
    assert Episode.from_dict(json.loads(json.dumps(episode.to_dict()))) == episode


def test_every_number_comes_back_to_the_last_bit(path):
    run, _ = made_again(kept_run(path, key(run_of(7), run_summary)), path)
    assert run.parameters == NUMBERS and run.parameters.holds("talks") is False
    assert all(type(run.parameters.flat()[name]) is type(DECLARED[name].default) for name in DECLARED)


def change(path, statement, *values):
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("checksum", -1, checksum)
        connection.execute(statement, values)


def test_what_is_not_equal_is_named_with_both_values(path):
    outcome = """replace(outcome, '"coup_attempts": 0', '"coup_attempts": 3')"""
    change(path, f"UPDATE runs SET outcome = {outcome}")
    change(path, "UPDATE runs SET sum = checksum(key, source, status, outcome, error, seconds)")
    done = asked(path, key(run_of(7), run_summary)[:10])
    assert done.exit_code == 1 and "coup_attempts: 0" in done.stdout
    assert done.stderr == f"Error: not equal to what {path} holds: coup_attempts is 3 there, 0 now\n"


def test_a_run_of_changed_rules_is_lived_and_said_to_be_one(path, monkeypatch):
    monkeypatch.setattr(runner, "source_hash", lambda: "changed since")
    done = asked(path, open_results(path, keys=True)["key"][0])
    assert done.exit_code == 0 and f"values ({again.CHANGED})." in done.output


@pytest.mark.parametrize(
    "told, line",
    [
        (["", "--seeds", "3"], "--from lives a run as it was: seeds has no meaning beside it"),
        (["", "--arm", "stay"], "--from lives a run as it was: arm has no meaning beside it"),
        ([""], "several runs of {path} have a key that begins with '': "),
        (["no such key"], "no run of {path} has a key that begins with 'no such key'"),
    ],
)
def test_a_run_that_is_not_one_run_is_refused_in_one_line(path, told, line):
    done = asked(path, *told)
    assert done.exit_code == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert line.format(path=path) in done.stderr


def test_a_store_that_is_not_there_is_refused_and_not_made(tmp_path):
    done = asked(tmp_path / "runs.sqlite", "a")
    assert done.exit_code == 2 and "there is no store" in done.stderr and not list(tmp_path.iterdir())


@pytest.mark.parametrize("lost", ["DELETE FROM inputs", "DELETE FROM parts", "UPDATE parts SET content = X'00'"])
def test_what_a_run_was_given_is_added_by_the_same_command_without_living_it(path, lost):
    change(path, lost)  # as in a store from before, or a damaged one
    run_key = key(run_of(7), run_summary)
    done = asked(path, run_key)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    assert "what that run was given is not in it, or damaged: the command that made it adds it" in done.stderr
    with Store(path) as store:
        tally = carry_out([run_of(7)], run_summary, store, workers=1, progress=False)
    assert tally.kept == 1 and asked(path, run_key).exit_code == 0


def test_a_part_that_many_runs_share_is_kept_once(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        for seed in range(5):
            run = run_of(seed)
            inputs = inputs_of(run, run_summary)
            store.put(key(run, run_summary), labels=run.named(), outcome={}, status="done", inputs=inputs)
        assert store._connection.execute("SELECT count(*) FROM parts").fetchone() == (2,)


def test_only_a_task_of_a_question_is_looked_up(path):
    change(path, "UPDATE inputs SET inputs = replace(inputs, 'experiments.lab.tasks:run_summary', 'os:system')")
    change(path, "UPDATE inputs SET sum = checksum(key, inputs)")
    done = asked(path, key(run_of(7), run_summary))
    assert done.exit_code == 2 and "its task os:system stands in no question of this project" in done.stderr
