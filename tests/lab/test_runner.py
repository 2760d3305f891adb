"""A sweep survives errors, deaths and kills, and its table does not depend on how it was carried out."""

import dataclasses
import importlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import click
import numpy as np
import pytest

from experiments.lab import runner
from experiments.lab.runner import Run, carry_out, key
from experiments.lab.store import Store
from model.episode import load_episode
from model.parameters import Parameters

ROOT = Path(__file__).parents[2]
hash_of_files = runner.hash_of_files  # the real one: the fixture below puts a toy in its place

# Workers are new processes and must be able to import the task, so the toy is a module in a folder of its own.
TOY = '''
"""A stand-in for the model: tasks whose outcome is arithmetic, and some that go wrong."""

import os
import signal
import sys
import time
from dataclasses import dataclass

from experiments.lab import runner
from experiments.lab.store import Store


@dataclass(frozen=True)
class Toy:
    number: float

    def flat(self):
        return {"toy.number": self.number}

    to_dict = flat


def runs(count):
    for n in range(count):
        world = Toy(n // 4 / 7)
        yield runner.Run(
            episode=Toy(1.0), parameters=world, arm="stay", seed=n % 4, n_citizens=10, labels={"world": n // 4}
        )


def task(run):
    if run.seed:
        time.sleep(float(os.environ.get("TOY_SECONDS", "0")))
    return {"share": run.parameters.number * 0.1, "product": run.seed * 3, "ending": None if run.seed else "coup"}


def one_fails(run):
    return {"share": 1 / run.seed}


def one_dies_once(run):
    mark = os.environ["TOY_MARK"]
    if run.labels == (("world", 2),) and run.seed == 1 and not os.path.exists(mark):
        open(mark, "w").close()
        os._exit(9)
    return task(run)


def one_always_dies(run):
    if run.labels == (("world", 2),) and run.seed == 1:
        os._exit(9)
    return task(run)


def one_leaves(run):
    return {"share": 1.0} if run.seed else sys.exit("I am off")


def threads(run):
    return {"numba": os.environ.get("NUMBA_NUM_THREADS"), "omp": os.environ.get("OMP_NUM_THREADS")}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background is deaf to Ctrl-C
    runner.source_hash = runner.hash_of_files = lambda: "toy"
    print("begun", flush=True)
    with Store(sys.argv[1]) as store:
        print(runner.carry_out(runs(int(sys.argv[2])), task, store, workers=int(sys.argv[3]), progress=False))
'''


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The toy, importable here and in the workers, which get a copy of this ``sys.path``."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "toy_of_the_runner.py").write_text(TOY)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("toy_of_the_runner")


@pytest.fixture(autouse=True)
def toy_source(monkeypatch):
    """The toy's source has a name of its own: no edit of the model can change these tests."""
    monkeypatch.setattr(runner, "source_hash", lambda: "toy")
    monkeypatch.setattr(runner, "hash_of_files", lambda: "toy")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "sweep.sqlite") as store:
        yield store


def sweep_in_a_child(toy, path, count, *, workers=2, seconds=0.0):
    """Start a sweep in a process of its own, and return it once it has begun; runs with seed 0 take no time."""
    folders = os.pathsep.join([str(ROOT), str(Path(toy.__file__).parent)])
    child = subprocess.Popen(
        [sys.executable, toy.__file__, str(path), str(count), str(workers)],
        env={**os.environ, "PYTHONPATH": folders, "TOY_SECONDS": str(seconds)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout.readline() == "begun\n"
    return child


def rows_in(path):
    with Store(path) as store:
        return len(store.results())


def wait_for_a_row(path, more_than=0):
    for _ in range(2400):
        time.sleep(0.05)
        if rows_in(path) > more_than:
            return
    pytest.fail("no row within two minutes")


def statuses(store):
    rows = store.results()
    return {status: sum(row["status"] == status for row in rows) for status in ("done", "failed", "crashed")}


def carry(runs, task, store, **options):
    return carry_out(runs, task, store, progress=False, **options)


def test_the_table_is_the_same_for_one_worker_and_two(toy, tmp_path):
    tables = []
    for workers in (1, 2):
        with Store(tmp_path / f"{workers}.sqlite") as store:
            carry(toy.runs(60), toy.task, store, workers=workers)
            tables.append(store.results())
    assert len(tables[0]) == 60
    assert tables[0] == tables[1]


def test_inputs_stand_beside_outcomes(toy, store):
    carry(toy.runs(6), toy.task, store, workers=1)
    expected = {"world": 1, "arm": "stay", "seed": 1, "n_citizens": 10, "share": 1 / 7 * 0.1, "product": 3}
    assert store.results()[-1] == expected | {"ending": None, "status": "done", "error": None}


def test_the_store_learns_where_its_rows_come_from(toy, store):
    carry(toy.runs(1), toy.task, store, workers=1)
    assert store.about()["source"] == "toy"
    assert "command" in store.about()


def test_only_what_is_missing_is_run(toy, store):
    assert carry(toy.runs(8), toy.task, store, workers=1).done == 8
    tally = carry(toy.runs(12), toy.task, store, workers=1)
    assert (tally.kept, tally.done) == (8, 4)
    assert statuses(store)["done"] == 12


def test_the_same_run_in_two_cells_is_run_once_and_listed_twice(toy, store):
    (run,) = toy.runs(1)
    elsewhere = dataclasses.replace(run, labels={"world": "the mean"})
    tally = carry([run, elsewhere], toy.task, store, workers=1)
    assert (tally.kept, tally.done) == (1, 1)
    assert [row["world"] for row in store.results()] == [0, "the mean"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_fails_is_a_row(toy, store, workers):
    tally = carry(toy.runs(8), toy.one_fails, store, workers=workers)
    assert (tally.done, tally.failed) == (6, 2)
    (first, _) = [row for row in store.results() if row["status"] == "failed"]
    assert first["error"].startswith("ZeroDivisionError: division by zero (toy_of_the_runner.py, line ")
    assert first["share"] is None


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_tries_to_leave_is_a_row(toy, store, workers):
    assert carry(toy.runs(4), toy.one_leaves, store, workers=workers).failed == 1


def test_a_failed_run_is_tried_again_next_time(toy, store):
    carry(toy.runs(4), toy.one_fails, store, workers=1)
    assert carry(toy.runs(4), toy.task, store, workers=1).done == 1
    assert statuses(store) == {"done": 4, "failed": 0, "crashed": 0}


@pytest.mark.parametrize("outcome", [{"crowds": [1, 2]}, {"world": "another"}, {"error": "?"}])
def test_an_outcome_that_fits_no_table_is_a_failed_row(toy, store, outcome):
    assert carry(toy.runs(1), lambda run: outcome, store, workers=1).failed == 1


def test_numpy_numbers_are_kept_as_plain_ones(toy, store):
    carry(toy.runs(1), lambda run: {"peak": np.float32(0.5), "day": np.int16(3), "gap": np.nan}, store, workers=1)
    (row,) = store.results()
    assert (row["peak"], row["day"]) == (0.5, 3)


def test_a_dead_worker_is_replaced_and_nothing_is_lost(toy, store, tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_MARK", str(tmp_path / "died"))
    tally = carry(toy.runs(40), toy.one_dies_once, store, workers=2)
    assert (tmp_path / "died").exists()
    assert tally.done == len(store.results()) == 40


def test_a_run_that_kills_its_worker_twice_is_the_only_one_blamed(toy, store):
    carry(toy.runs(40), toy.one_always_dies, store, workers=2)
    assert statuses(store) == {"done": 39, "failed": 0, "crashed": 1}
    (crashed,) = [row for row in store.results() if row["status"] == "crashed"]
    assert (crashed["world"], crashed["seed"]) == (2, 1)


def test_a_task_that_cannot_travel_is_a_failed_row(toy, store):
    assert carry(toy.runs(2), lambda run: {}, store, workers=2).failed == 2


def test_workers_use_one_thread_and_this_process_is_left_as_it_was(toy, store, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    carry(toy.runs(1), toy.threads, store, workers=2)
    assert (store.results()[0]["numba"], store.results()[0]["omp"]) == ("1", "1")
    assert os.environ["OMP_NUM_THREADS"] == "3" and "NUMBA_NUM_THREADS" not in os.environ


def test_few_runs_are_held_at_a_time(toy, store):
    asked = []

    def counted():
        for run in toy.runs(100):
            asked.append(run)
            yield run
            assert len(asked) - len(store.results()) <= 2 * 2 + 1  # two a worker, and the row on its way

    assert carry(counted(), toy.task, store, workers=2).done == 100


def test_the_bar_shows_what_is_kept_done_and_failed(toy, store, capsys):
    for _ in range(2):
        carry_out(toy.runs(8), toy.one_fails, store, workers=1, total=8, description="toy")
        shown = capsys.readouterr().err.split("\r")[-1]
        assert "toy: 100%" in shown and "8/8" in shown and "failed=2" in shown


@pytest.mark.parametrize("workers", [1, 2])
def test_runs_may_wait_for_what_comes_of_earlier_ones(toy, store, workers):
    heard = []

    def one_after_another():
        for number, run in enumerate(toy.runs(12)):
            while len(heard) < number:
                yield None
            yield run

    def listen(labels, outcome):
        heard.append((labels["world"], labels["seed"], outcome["product"]))

    tally = carry(one_after_another(), toy.task, store, workers=workers, watch=listen)
    assert tally.done == 12
    assert heard == [(n // 4, n % 4, n % 4 * 3) for n in range(12)]


def test_who_watches_hears_of_kept_new_and_failed_runs(toy, store):
    carry(toy.runs(6), toy.task, store, workers=1)
    heard = []
    carry(toy.runs(9), toy.one_fails, store, workers=1, watch=lambda labels, outcome: heard.append(outcome))
    assert [outcome and sorted(outcome) for outcome in heard] == [
        *[["ending", "product", "share"]] * 6,  # kept
        *[["share"]] * 2,
        None,  # seed 0 of the third world
    ]


def test_another_engine_can_carry_out_the_runs(toy, store):
    def backwards(jobs, task):
        for run_key, run in reversed(list(jobs)):
            yield runner.attempt(run_key, run, task)

    assert carry(toy.runs(8), toy.task, store, engine=backwards).done == 8
    assert [row["product"] for row in store.results()] == [0, 3, 6, 9] * 2


def test_the_bar_follows_a_total_that_changes(toy, store, capsys):
    totals = iter(range(20, 8, -1))
    carry_out(toy.runs(8), toy.task, store, workers=1, total=lambda: next(totals), description="toy")
    assert "8/12" in capsys.readouterr().err.split("\r")[-1]


def test_a_full_disk_stops_the_sweep_with_one_line(toy, store):
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(click.ClickException, match=r"^the disk is full"):
        carry(toy.runs(1000), toy.task, store, workers=2)
    assert 0 < len(store.results()) < 1000


def test_an_edited_model_does_not_mix_with_the_one_the_keys_were_made_of(toy, store, monkeypatch):
    monkeypatch.setattr(runner, "hash_of_files", lambda: "edited")
    with pytest.raises(click.ClickException, match="the model was edited"):
        carry(toy.runs(4), toy.task, store, workers=2)


@pytest.mark.slow
def test_a_sweep_killed_at_20_moments_has_the_table_of_one_never_killed(toy, tmp_path):
    path, count, moments = tmp_path / "killed.sqlite", 1000, random.Random(20)
    for number in range(20):
        child = sweep_in_a_child(toy, path, count, seconds=0.03)
        if number % 2:  # half of the kills come while rows are written, however slow the machine is
            wait_for_a_row(path, more_than=rows_in(path))
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(moments.uniform(0.0, 0.4))
        child.kill()
        child.communicate(timeout=120)  # returns when no worker holds the pipe any more
        assert child.returncode == -signal.SIGKILL
    with Store(path) as killed, Store(tmp_path / "whole.sqlite") as whole:
        tally = carry(toy.runs(count), toy.task, killed, workers=2)
        carry(toy.runs(count), toy.task, whole, workers=1)
        assert tally.kept + tally.done == count and tally.kept >= 10
        assert killed.results() == whole.results()
        assert killed._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
def test_two_sweeps_on_one_store_share_the_work(toy, tmp_path):
    path, count = tmp_path / "shared.sqlite", 80
    children = [sweep_in_a_child(toy, path, count, workers=workers, seconds=0.1) for workers in (1, 2)]
    tallies = []
    for child in children:
        said, wrong = child.communicate(timeout=120)
        assert child.returncode == 0, wrong
        tallies.append({name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", said)})
    assert [tally["kept"] + tally["done"] for tally in tallies] == [count, count]
    assert sum(tally["done"] for tally in tallies) == count and all(tally["done"] > 10 for tally in tallies)
    with Store(path) as store, Store(tmp_path / "alone.sqlite") as alone:
        carry(toy.runs(count), toy.task, alone, workers=1)
        assert store.results() == alone.results()


@pytest.mark.slow
def test_what_a_killed_sweep_was_at_is_done_by_the_other(toy, tmp_path):
    path = tmp_path / "shared.sqlite"
    child = sweep_in_a_child(toy, path, 1000, seconds=60.0)
    wait_for_a_row(path)
    with Store(path) as store:
        asked = list(toy.runs(8))
        killer = threading.Timer(1.0, child.kill)
        killer.start()
        tally = carry(asked, toy.task, store, workers=1)
        assert killer.finished.is_set()  # some of its runs had to be waited for
        assert tally.kept + tally.done == 8 and tally.done > 0
    child.communicate(timeout=120)


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_is_one_line_waits_for_no_run_and_leaves_no_worker(toy, tmp_path, workers):
    path = tmp_path / "stopped.sqlite"
    child = sweep_in_a_child(toy, path, 1000, workers=workers, seconds=60.0)
    wait_for_a_row(path)
    os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to the workers as well
    _, said = child.communicate(timeout=120)  # returns when no worker holds the pipe any more
    assert child.returncode == 130
    assert said == "Stopped. What is done is kept; the same command goes on from there.\n"
    with Store(path) as store:
        assert 0 < statuses(store)["done"] < 1000


TYPED = """
import sys
sys.path.insert(0, {folder!r})
import toy_of_the_runner as toy
from experiments.lab import runner
from experiments.lab.store import Store

runner.source_hash = runner.hash_of_files = lambda: "toy"

def typed(run):
    return {{"double": 2 * run.seed}}

with Store(sys.argv[1]) as store:
    for _ in range(2):
        print(runner.carry_out(toy.runs(3), typed, store, workers=int(sys.argv[2]), progress=False))
"""


@pytest.mark.parametrize(
    "workers, said", [("2", "typed was typed here: other processes cannot find it. Put"), ("1", "")]
)
def test_a_task_typed_in_a_notebook_runs_alone_and_else_is_one_clear_line(toy, tmp_path, workers, said):
    command = [sys.executable, "-", str(tmp_path / "typed.sqlite"), workers]
    text = TYPED.format(folder=str(Path(toy.__file__).parent))
    done = subprocess.run(command, input=text, cwd=ROOT, capture_output=True, text=True, check=False)
    if said:
        assert done.stderr.splitlines()[-1].startswith(f"click.exceptions.ClickException: {said}")
    else:
        assert "kept=0, done=3" in done.stdout and "kept=3, done=0" in done.stdout, done.stderr


def test_labels_do_not_change_the_key_and_everything_else_does(toy):
    fields = {"episode": toy.Toy(1.0), "parameters": toy.Toy(2.0), "arm": "stay", "seed": 0, "n_citizens": 10}
    plain = key(Run(**fields), toy.task)
    assert key(Run(**fields, labels={"world": 1}), toy.task) == plain
    others = [
        {"episode": toy.Toy(2.0)},
        {"parameters": toy.Toy(1.0)},
        {"arm": "enter"},
        {"seed": 1},
        {"n_citizens": 11},
        {"days": 10},
    ]
    keys = {key(Run(**{**fields, **other}), toy.task) for other in others}
    assert len(keys | {plain}) == 7


def test_a_claim_switched_off_changes_the_key(toy):
    class Switched(toy.Toy):
        without = frozenset({"talks"})

    fields = {"episode": toy.Toy(1.0), "arm": "stay", "seed": 0, "n_citizens": 10}
    switched = key(Run(**fields, parameters=Switched(2.0)), toy.task)
    assert switched != key(Run(**fields, parameters=toy.Toy(2.0)), toy.task)


def test_changed_source_changes_the_key(toy, monkeypatch):
    (run,) = toy.runs(1)
    before = key(run, toy.task)
    monkeypatch.setattr(runner, "source_hash", lambda: "edited")
    assert key(run, toy.task) != before


def test_an_edited_task_changes_the_key(toy):
    (run,) = toy.runs(1)
    before = key(run, toy.task)
    Path(toy.__file__).write_text(Path(toy.__file__).read_text() + "# observes something else\n")
    runner.observer_hash.cache_clear()
    assert key(run, toy.task) != before


def test_equal_numbers_have_one_key(toy):
    fields = {"episode": toy.Toy(1.0), "arm": "stay", "n_citizens": 10}
    whole = key(Run(**fields, parameters=toy.Toy(5000), seed=3), toy.task)
    runner._digest_of_parameters.cache_clear()  # it would not look at an equal number a second time
    assert key(Run(**fields, parameters=toy.Toy(5000.0), seed=np.int64(3)), toy.task) == whole
    big = [Run(**fields, parameters=toy.Toy(1.0), seed=2**53 + more) for more in (0, 1)]
    assert key(big[0], toy.task) != key(big[1], toy.task)


def test_the_source_hash_notices_an_edit_a_new_file_and_a_move(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "agents").mkdir()
    seen = [hash_of_files(tmp_path)]
    (tmp_path / "model" / "rule.py").write_text("x = 1")
    seen.append(hash_of_files(tmp_path))
    (tmp_path / "model" / "rule.py").write_text("x = 2")
    seen.append(hash_of_files(tmp_path))
    (tmp_path / "model" / "rule.py").rename(tmp_path / "agents" / "rule.py")
    seen.append(hash_of_files(tmp_path))
    assert len(set(seen)) == 4


APART = """
import os
from experiments.lab.runner import apart


def where(number):
    if number < 0:
        os._exit(9)
    return os.getpid(), number


if __name__ == "__main__":
    process, number = apart(where, 5)
    print(number, process != os.getpid())
    apart(where, -1)
"""


@pytest.mark.slow
def test_a_function_of_the_command_itself_runs_in_a_process_of_its_own_and_its_death_is_one_line(tmp_path):
    (tmp_path / "asks.py").write_text(APART)
    paths = os.pathsep.join([str(ROOT), str(tmp_path)])
    command = [sys.executable, "-m", "asks"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, timeout=120)
    assert done.stdout == "5 True\n"
    assert "the process of where died (killed, or out of memory?)" in done.stderr


def test_all_processes_are_started_in_one_place():
    files = [file for file in (ROOT / "experiments").rglob("*.py") if "ProcessPoolExecutor(" in file.read_text("utf-8")]
    assert [file.name for file in files] == ["runner.py"], "else they outlive a killed parent, or cannot find a task"


def test_runs_that_share_a_past_go_to_one_process_together_and_all_others_alone():
    country = load_episode("belarus-2022")

    def job(arm, world, episode=country):
        return "", Run(episode=episode, parameters=Parameters(), arm=arm, seed=5, history=world, n_citizens=300)

    shared = [job(arm, world) for world in (1, 2) for arm in ("stay", "enter", "decide")]
    alone = [job("stay", 1, load_episode("belarus-2020")) for _ in range(2)]
    asked = [*shared[:4], None, *shared[4:], *alone]
    got = list(runner._batches(iter(asked)))
    assert got == [shared[:3], shared[3:4], None, shared[4:], alone[:1], alone[1:]]
    long = [shared[0]] * (runner.MOST_TOGETHER + 1)
    assert [len(batch) for batch in runner._batches(iter(long))] == [runner.MOST_TOGETHER, 1]
