"""The store keeps whole rows, whatever happens, and says clearly what it cannot do."""

import contextlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from experiments.lab import store as store_module
from experiments.lab.store import Store, StoreError, export, open_results, provenance, results_folder


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sweep.sqlite"


def put(store, key, *, status="done", source=None, error=None, outcome=None, **labels):
    outcome = {"peak": 0.25} if outcome is None else outcome
    store.put(key, labels=labels, outcome=outcome, status=status, source=source, error=error)


def test_a_row_comes_back_as_it_was_written(path):
    outcome = {"peak": 0.1 + 0.2, "ending": "survived", "day": None, "heads": 2**60}
    with Store(path) as store:
        put(store, "a", outcome=outcome, world=1)
    with Store(path) as store:
        assert store.results() == [{"world": 1, **outcome, "status": "done", "error": None}]


def test_rows_are_read_sorted_whatever_order_they_came_in(path):
    with Store(path) as store:
        for world in (10, 9, 2.5, "mean", None):
            put(store, f"key {world}", world=world)
        assert [row["world"] for row in store.results()] == [None, 2.5, 9, 10, "mean"]


def test_a_closed_store_is_one_plain_file(path):
    with Store(path) as store:
        put(store, "a")
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes()[18:20] == b"\1\1"  # no write-ahead log: it can be read where nothing can be written


def test_only_done_runs_count_as_there(path):
    with Store(path) as store:
        put(store, "a")
        put(store, "b", status="failed", error="ValueError: no")
        put(store, "c", status="crashed", error="died")
        assert [store.has(key) for key in ("a", "b", "c", "d")] == [True, False, False, False]


def test_a_second_try_replaces_a_failure(path):
    with Store(path) as store:
        put(store, "a", status="failed", error="ValueError: no", outcome={}, world=1)
        put(store, "a", world=1)
        assert store.results() == [{"world": 1, "peak": 0.25, "status": "done", "error": None}]


def test_one_run_can_stand_in_two_cells(path):
    with Store(path) as store:
        put(store, "a", cell="left")
        store.label("a", {"cell": "right"})
        store.label("a", {"cell": "right"})
        assert [row["cell"] for row in store.results()] == ["left", "right"]


def test_only_the_runs_asked_for_are_read(path):
    with Store(path) as store:
        put(store, "a", seed=1)
        put(store, "b", seed=2)
        assert [row["seed"] for row in store.results(["b"])] == [2]


def test_rows_of_earlier_source_are_left_out(path):
    with Store(path) as store:
        put(store, "a", source="old", seed=1)
        put(store, "b", source="new", seed=1)
        store.record(source="new")
        assert len(store.results()) == 1
    assert len(open_results(path)) == 1


def test_the_same_spec_is_agreed_to_again(path):
    spec = {"arms": ("stay", "enter"), "vary": {"entry.troops": [5000.0]}, "days": None}
    with Store(path) as store:
        store.agree(spec)
    with Store(path) as store:
        store.agree(spec)


def test_another_spec_is_refused_with_every_difference_by_name(path):
    with Store(path) as store:
        store.agree({"arms": ["stay"], "vary": {"entry.troops": [5000], "citizen.noise": [0.1]}})
        with pytest.raises(StoreError) as refusal:
            store.agree({"arms": ["stay"], "vary": {"entry.troops": [6000]}, "days": 90})
    assert refusal.value.message == (
        f"{path} holds something else: days: not in the store, now 90; "
        "vary.citizen.noise: [0.1] in the store, not asked for now; "
        "vary.entry.troops: [5000] in the store, now [6000]. "
        "Give another file, or delete this one to start anew."
    )


@pytest.mark.parametrize("later", [[5000, 6000, 7000], [6000], [5000, 6000]])
def test_a_list_that_may_grow_may_be_longer_or_a_part(path, later):
    with Store(path) as store:
        store.agree({"vary": {"entry.troops": [5000, 6000]}}, growing=["vary.entry.troops"])
        store.agree({"vary": {"entry.troops": later}}, growing=["vary.entry.troops"])
        assert store.about()["spec"]["vary"]["entry.troops"] == sorted({5000, 6000, *later})


def test_a_list_that_may_grow_must_not_become_another(path):
    with Store(path) as store:
        store.agree({"vary": {"entry.troops": [5000, 6000]}}, growing=["vary.entry.troops"])
        with pytest.raises(StoreError, match=r"vary.entry.troops: \[5000, 6000\] in the store, now \[5000, 7000\]"):
            store.agree({"vary": {"entry.troops": [5000, 7000]}}, growing=["vary.entry.troops"])


def test_what_was_observed_is_found_by_key(path):
    with Store(path) as store:
        put(store, "a", outcome={"peak": 0.5})
        put(store, "b", status="failed", outcome={})
        assert [store.outcome(key) for key in ("a", "b", "c")] == [{"peak": 0.5}, None, None]


def test_rows_read_one_at_a_time_are_the_rows(path):
    with Store(path) as store:
        for seed in (3, 1, 2):
            put(store, f"{seed}", seed=seed, outcome={"peak": seed / 10} if seed < 3 else {"other": 1})
        assert list(store.rows()) == store.results()
        assert next(store.rows()) == {"seed": 1, "peak": 0.1, "other": None, "status": "done", "error": None}


def test_a_full_disk_is_one_clear_line_and_an_intact_store(path):
    store = Store(path)
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(StoreError, match=r"^the disk is full: .*sweep.sqlite.* the same command goes on") as refusal:
        for written in range(1000):
            put(store, f"key {written}", text="x" * 500)
    store.close()
    assert "\n" not in refusal.value.message
    with Store(path) as store:
        assert len(store.results()) == written > 0
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        put(store, "room again")


DIES = """
import sys
from experiments.lab.store import Store

print(Store(sys.argv[1]).claim("a"), flush=True)
sys.stdin.read()
"""


def test_a_claim_holds_as_long_as_its_process_and_until_its_row_is_there(path):
    root = Path(store_module.__file__).parents[2]
    command = [sys.executable, "-c", DIES, str(path)]
    with (
        subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other,
        Store(path) as store,
    ):
        assert other.stdout.readline() == "True\n"
        assert not store.claim("a") and store.claim("b")
        other.kill()
        time.sleep(0.5)  # dead, and not yet waited for
        assert store.claim("a") and not store.claim("a")
    with Store(path) as store:
        store.release(["b"])
        assert store.claim("b") and not store.claim("a")
        put(store, "a")
        assert not store.claim("a")  # done
        put(store, "b", status="failed", error="no")
        assert store.claim("b")  # to be tried again


def test_a_claim_of_another_machine_or_of_a_process_that_stands_still_ends_after_an_hour(path, monkeypatch):
    for host in ("another", "this"):
        monkeypatch.setattr(store_module.platform, "node", lambda host=host: host)
        with Store(path) as store:
            assert store.claim(host)
    with Store(path) as store:
        assert not store.claim("another") and not store.claim("this")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + store_module.CLAIMED + 1)
        assert store.claim("another") and store.claim("this")


def deleted(path):
    shutil.rmtree(path.parent)


def moved(path):
    path.rename(path.with_name("elsewhere.sqlite"))


def replaced(path):
    moved(path)
    Store(path).close()


def newest_rows_deleted(path):
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize("vanish", [deleted, moved, replaced, newest_rows_deleted])
@pytest.mark.parametrize("use", [lambda store: put(store, "b"), Store.results], ids=["write", "read"])
def test_a_store_that_vanishes_is_noticed_before_the_next_row(tmp_path, vanish, use):
    path = tmp_path / "results" / "sweep.sqlite"
    with Store(path) as store:
        put(store, "a")
        vanish(path)
        with pytest.raises(StoreError, match=r"sweep.sqlite was moved, deleted or replaced .* stopped"):
            use(store)


def test_half_a_row_is_never_written(path):
    with Store(path) as store:
        with pytest.raises(TypeError):
            store.put("a", labels={"cell": object()}, outcome={}, status="done")
        assert not store.has("a")


KILLED_WHILE_WRITING = """
import os, signal, sys
from experiments.lab.store import Store

store = Store(sys.argv[1])
for n in range(300):
    store.put(str(n), labels={}, outcome={"text": "whole" * 100}, status="done")
store._connection.execute("PRAGMA cache_size = 1")  # what is half written goes to the disk, not to memory
store._connection.execute("UPDATE runs SET status = 'half'")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_in_the_middle_of_writing_leaves_whole_rows_only(path):
    root = Path(store_module.__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    with Store(path) as store:
        assert [row["status"] for row in store.results()] == ["done"] * 300
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("opened", [Store, open_results])
def test_what_is_not_a_store_is_refused_and_left_alone(path, opened):
    path.write_bytes(b"minutes of a meeting\n" * 100)
    with pytest.raises(StoreError, match=r"sweep.sqlite is not a store of results: give another file"):
        opened(path)
    assert path.read_bytes() == b"minutes of a meeting\n" * 100


@pytest.mark.parametrize("opened", [Store, open_results])
def test_another_programs_database_is_refused_and_left_alone(path, opened):
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is not a store of results"):
        opened(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_store(path):
    path.touch()  # a kill in the first moment leaves this
    with Store(path) as store:
        assert store.results() == []


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path)


def test_a_results_folder_is_made(tmp_path):
    assert results_folder(tmp_path / "new" / "results").is_dir()


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / "results").write_text("a file in the way")
    with pytest.raises(StoreError, match=r"^no results can be written into .*: give another folder$"):
        Store(tmp_path / "results" / "sweep.sqlite")


def test_a_missing_store_is_not_made_by_reading_it(path):
    with pytest.raises(StoreError, match=r"there is no store .*sweep.sqlite"):
        open_results(path)
    assert not path.exists()


def test_results_can_be_read_while_a_sweep_writes(path):
    with Store(path) as store:
        put(store, "a", seed=1)
        assert list(open_results(path)["seed"]) == [1]
        put(store, "b", seed=2)
        assert list(open_results(path)["seed"]) == [1, 2]


def test_what_is_written_while_a_store_is_read_is_not_called_damaged(path, monkeypatch, capsys):
    checked = store_module._checked
    with Store(path) as store:
        put(store, "a", seed=1)

        def slowly(connection, table, *which):
            if table == "labels":
                put(store, "b", seed=2)
            return checked(connection, table, *which)

        monkeypatch.setattr(store_module, "_checked", slowly)
        assert list(open_results(path)["seed"]) == [1]
    assert "damaged" not in capsys.readouterr().err


def test_a_frame_is_tidy_and_tells_where_it_comes_from(path):
    with Store(path) as store:
        store.record(seed=7)
        put(store, "a", seed=1, status="failed", outcome={}, error="ValueError: no")
        put(store, "b", seed=2)
    frame = open_results(path)
    assert list(frame.columns) == ["seed", "peak", "status", "error"]
    assert frame["peak"].dtype == "float64"
    assert frame.attrs["seed"] == 7 and "commit" in frame.attrs


def test_an_empty_store_is_an_empty_frame(path):
    Store(path).close()
    assert open_results(path).empty


@pytest.mark.parametrize("name, read", [("out.csv", pd.read_csv), ("out.parquet", pd.read_parquet)])
def test_an_export_holds_the_same_numbers(path, tmp_path, name, read):
    pytest.importorskip("pyarrow")
    with Store(path) as store:
        for seed in range(5):
            put(store, f"{seed}", seed=seed, outcome={"peak": 0.1 * seed, "ending": "coup"})
    export(path, tmp_path / name)
    columns = ["seed", "peak", "ending", "status"]
    pd.testing.assert_frame_equal(read(tmp_path / name)[columns], open_results(path)[columns])


def test_an_export_without_pyarrow_says_what_to_do(path, tmp_path, monkeypatch):
    Store(path).close()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StoreError, match=r"out.parquet needs pyarrow: pip install pyarrow, or write a .csv"):
        export(path, tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_an_export_to_another_kind_of_file_is_refused(path, tmp_path):
    Store(path).close()
    with pytest.raises(StoreError, match=r"expected a name that ends in .csv or .parquet"):
        export(path, tmp_path / "out.xlsx")


def test_provenance_names_command_versions_and_commit_but_no_folder(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/home/someone/sweep.py", "two words.toml", "--seeds", "20"])
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    facts = provenance()
    assert facts["command"] == "python sweep.py 'two words.toml' --seeds 20"
    assert {"date", "python", "mesa", "numpy", "numba", "scipy", "pandas", "commit"} <= set(facts)


def test_outside_git_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "ROOT", tmp_path)
    assert provenance()["commit"] == "unknown"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_is_the_projects_own_and_tells_of_changes(tmp_path, monkeypatch):
    def git(*words):
        me = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *me, *words], check=True, capture_output=True)

    git("init")
    git("commit", "--allow-empty", "-m", "first")
    monkeypatch.setattr(store_module, "ROOT", tmp_path)
    assert len(provenance()["commit"]) == 40
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "rule.py").touch()
    assert provenance()["commit"].endswith(" and uncommitted changes")
    monkeypatch.setattr(store_module, "ROOT", tmp_path / "inside")
    assert provenance()["commit"] == "unknown"


@pytest.mark.parametrize("damage", ['{"crowd": 4', '{"crowd": 4}\xff', "[]", "", b"\xff\xfe"])
@pytest.mark.parametrize("column", ["outcome", "labels"])
def test_a_damaged_row_is_left_out_and_its_run_done_again(path, column, damage, capsys):
    with Store(path) as store:
        for key in ("a", "b"):
            store.put(key, labels={"seed": key}, outcome={"crowd": 3.0}, status="done")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        table = "runs" if column == "outcome" else "labels"
        connection.execute(f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE key = 'a'", (damage,))
    with Store(path) as store:
        assert [row["seed"] for row in store.results()] == ["b"]
        assert store.has("b") and store.has("a") == (column == "labels")
    assert "1 damaged row is left out (a): the same command does again what is missing" in capsys.readouterr().err
    assert len(open_results(path)) == 1


def test_a_damaged_file_is_refused_in_one_line(path):
    with Store(path) as store:
        for key in range(300):
            store.put(str(key), labels={"seed": key}, outcome={"crowd": 3.0}, status="done")
    whole = bytearray(path.read_bytes())
    assert len(whole) > 5 * 4096
    whole[4 * 4096 : 4 * 4096 + 64] = b"\xff" * 64
    path.write_bytes(whole)
    for opening in (Store, open_results):
        with pytest.raises(StoreError, match=r"is damaged|is not a store") as refused:
            opening(path)
        assert "\n" not in str(refused.value)


def key_of(seed):
    return f"{seed:02x}" * 32


@pytest.fixture
def small(path):
    """A store with a little of everything that one can hold."""
    with Store(path) as store:
        store.agree({"experiment": "toy", "vary": {"entry.troops": [5000, 6000]}})
        for seed in range(12):
            outcome = {"peak": seed / 7, "ending": "survived", "day": None, "heads": 2**seed}
            put(store, key_of(seed), outcome=outcome, source="old" if seed < 2 else "new", world=seed, arm="stay")
        put(
            store, "f" * 64, status="failed", error="ValueError: größer", outcome={}, source="new", world=99, arm="stay"
        )
        store.label(key_of(5), {"world": 5, "arm": "stay", "cell": "right"})
        store.record(source="new", seed=7)
        store.claim("e" * 64)
    return path


def read(path):
    """Return all that a store holds, as far as its users see it: by a command, and in a notebook."""
    frame = open_results(path)
    with Store(path) as store:
        rows, about = store.results(), store.about()
        outcomes = {key: store.outcome(key) for key in (key_of(seed) for seed in range(12))}
        store.claim("e" * 64)
    return [*frame.astype(object).where(frame.notna(), None).to_dict("records"), *rows], about | frame.attrs, outcomes


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
def test_no_flipped_bit_changes_a_value_silently(small, tmp_path, capsys, part):
    whole, (rows, about, outcomes) = small.read_bytes(), read(small)
    capsys.readouterr()
    chance, damaged, silent = random.Random(part), tmp_path / "damaged.sqlite", []
    for bit in chance.sample(range(8 * len(whole)), 100):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        damaged.write_bytes(flipped)
        try:
            rows_now, about_now, outcomes_now = read(damaged)
        except StoreError as refused:
            silent += [] if "\n" not in str(refused) and "damaged.sqlite" in str(refused) else [(bit, str(refused))]
            continue
        finally:
            said = capsys.readouterr().err
        if (rows_now, about_now, outcomes_now) != (rows, about, outcomes):
            kept = all(outcomes_now[key] in (outcomes[key], None) for key in outcomes)
            fewer = all(_part_of(row, rows) for row in rows_now) and about_now.items() <= about.items()
            silent += [] if kept and fewer and "left out" in said else [(bit, said)]
    assert not silent


def _part_of(row, rows):
    """Whether a row is one of the rows; a column that no other row has goes with it."""
    return any(row == {name: value for name, value in other.items() if name in row} for other in rows)


def test_a_flipped_bit_costs_one_run_and_no_other(small, capsys):
    whole = small.read_bytes()
    small.write_bytes(whole.replace(b'"heads": 32}', b'"heads": 33}'))
    assert len(open_results(small)) == 12 - 2  # both labels of that run
    assert capsys.readouterr().err.count("1 damaged row is left out (050505050505)") == 1
    with Store(small) as store:
        assert [store.has(key_of(seed)) for seed in (4, 5, 6)] == [True, False, True]
        put(store, key_of(5), source="new", world=5, arm="stay")
        assert len(store.results()) == 12
    capsys.readouterr()
    Store(small).close()
    assert capsys.readouterr().err == ""


def test_a_key_that_disagrees_with_its_index_is_one_damaged_row(small, capsys):
    whole = small.read_bytes()
    key = key_of(5).encode()
    places = [place for place in range(len(whole)) if whole.startswith(key, place)]
    for place in places:
        small.write_bytes(whole[:place] + b"1" + whole[place + 1 :])
        with Store(small) as store:
            others = [row["world"] for row in store.results() if row["world"] != 5]
            assert others == [2, 3, 4, 6, 7, 8, 9, 10, 11, 99]
        assert "was damaged" in capsys.readouterr().err


BEFORE_CHECKSUMS = """
CREATE TABLE runs (
    key TEXT PRIMARY KEY, source TEXT, status TEXT NOT NULL, outcome TEXT NOT NULL, error TEXT, seconds REAL
);
CREATE TABLE labels (key TEXT NOT NULL, labels TEXT NOT NULL, PRIMARY KEY (key, labels));
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO runs VALUES ('a', 'new', 'done', '{"peak": 0.25}', NULL, 1.5), ('b', 'new', 'failed', '{}', 'no', NULL);
INSERT INTO labels VALUES ('a', '{"seed": 1}'), ('b', '{"seed": 2}');
INSERT INTO about VALUES ('source', '"new"');
PRAGMA application_id = 1414680400;
"""


def test_a_store_from_before_there_were_checksums_opens_with_its_rows(path, capsys):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(BEFORE_CHECKSUMS)
    before = path.read_bytes()
    assert open_results(path)["seed"].tolist() == [1, 2] and path.read_bytes() == before
    with Store(path) as store:
        assert store.outcome("a") == {"peak": 0.25} and [row["seed"] for row in store.results()] == [1, 2]
        assert store.claim("b")
        put(store, "b", source="new", seed=2)
    assert open_results(path)["peak"].tolist() == [0.25, 0.25]
    assert capsys.readouterr().err == ""
