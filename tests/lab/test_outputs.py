"""A table, a figure or a record is there as a whole or not at all, whatever the disk does."""

import ast
import os
from pathlib import Path

import click
import pandas as pd
import pytest
from matplotlib.figure import Figure

import experiments
from experiments.calibrate.__main__ import keep
from experiments.lab.command import OneLine
from experiments.lab.outputs import whole
from experiments.lab.runner import Run
from experiments.lab.store import Store, export
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import run_summary
from experiments.show import figures
from model.episode import load_episode
from model.parameters import Parameters

FULL = Path("/dev/full")
"""What is written into it meets a full disk."""
needs_a_full_disk = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


@pytest.fixture
def disk_fills(monkeypatch):
    """Return what makes the disk full for every file with an ending, when it is written beside its place."""

    def fill(ending):
        unlimited = Path.with_name

        def onto_full(path, name):
            beside = unlimited(path, name)
            if name.endswith(f".half{ending}"):
                beside.symlink_to(FULL)
            return beside

        monkeypatch.setattr(Path, "with_name", onto_full)

    return fill


def told(folder):
    """Return what files there are, each with what it holds."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def questions_outputs(study, peak):
    """Publish what a question publishes, from what is in its store."""
    figure = Figure()
    figure.subplots().plot([0, peak])
    publish(
        study, tables={"toy.csv": pd.DataFrame({"peak": [peak] * 9_999})}, verdict="He stays.", record={"peak": peak},
        figure=lambda path, record: figures.save(figure, path, record),
    )  # fmt: skip


@needs_a_full_disk
@pytest.mark.parametrize("ending", [".csv", ".png", ".json", ".txt"])
def test_a_disk_that_fills_while_outputs_are_written_is_one_line_and_leaves_all_as_it_was(
    tmp_path, disk_fills, capsys, ending
):
    study = Study(question="toy", results=tmp_path, workers=1)
    run = Run(episode=load_episode("belarus-2022"), parameters=Parameters(), arm="stay", seed=1, n_citizens=500, days=3)
    rows = live(study, [run], run_summary)
    questions_outputs(study, 0.25)
    before = told(tmp_path)
    assert set(before) == {"runs.sqlite", "toy.csv", "toy.png", "record.json", "verdict.txt"}
    disk_fills(ending)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        OneLine("toy", callback=lambda: questions_outputs(study, 0.5))([])
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.err.count("\n") == 1 and f"{ending} cannot be written (No space left on device): what is" in said.err
    assert said.out == "He stays.\n"  # what was found is not lost
    assert told(tmp_path) == before
    with Store(study.path) as store:
        assert store.results()[0]["peak_capital_crowd"] == rows["peak_capital_crowd"][0]


@needs_a_full_disk
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_an_export_that_meets_a_full_disk_leaves_the_one_before(tmp_path, disk_fills, ending):
    pytest.importorskip("pyarrow")
    path, to = tmp_path / "sweep.sqlite", tmp_path / f"runs{ending}"
    with Store(path) as store:
        store.put("a", labels={"seed": 1}, outcome={"peak": 0.5}, status="done")
    export(path, to)
    before = told(tmp_path)
    disk_fills(ending)
    with pytest.raises(click.ClickException, match=rf"runs{ending} cannot be written \(.*No space left on device\)"):
        export(path, to)
    assert told(tmp_path) == before


@needs_a_full_disk
def test_accepted_worlds_are_replaced_with_their_record_or_not_at_all(tmp_path, disk_fills):
    results, accepted = tmp_path / "results", tmp_path / "accepted"
    for folder, age in ((results, "new"), (accepted, "old")):
        folder.mkdir()
        for name in ("worlds.csv", "calibration.json"):
            (folder / name).write_text(age)
    disk_fills(".json")
    with pytest.raises(click.ClickException, match=r"calibration.json cannot be written"):
        keep(results, accepted, "belarus-2022", load_episode("belarus-2022"))
    assert told(accepted) == {"worlds.csv": b"old", "calibration.json": b"old"}


def test_whatever_ends_the_writing_nothing_of_it_is_left(tmp_path):
    file = tmp_path / "record.json"
    file.write_text("{}")
    with pytest.raises(KeyboardInterrupt), whole(file) as half:
        half.write_text("{half")
        raise KeyboardInterrupt
    assert told(tmp_path) == {"record.json": b"{}"}


def test_a_link_stays_a_link_and_what_is_no_file_is_written_into(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "runs.csv").symlink_to(tmp_path / "there" / "runs.csv")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("runs.csv", "pipe"):
        with whole(tmp_path / name) as half:
            half.write_text("seed")
    assert os.read(reader, 9) == b"seed"
    os.close(reader)
    assert (tmp_path / "runs.csv").is_symlink() and (tmp_path / "there" / "runs.csv").read_text() == "seed"


def test_every_output_is_written_beside_its_place():
    """``with whole(path) as half: half.write_text(...)``; a function that draws into a path is given one."""
    bare = []
    for file in sorted(Path(experiments.__path__[0]).rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
            name = getattr(call.func, "attr", "")
            words = ast.unparse(call)
            only_told = name == "to_csv" and not call.args  # without a place it is a text, and writes nothing
            writes = name in {"write_text", "write_bytes", "to_csv", "to_parquet", "screenshot"} and not only_told
            if writes and "half" not in words:
                bare.append(f"{file.name}: {words}")
    assert bare == [], "write it with experiments.lab.outputs.whole"
