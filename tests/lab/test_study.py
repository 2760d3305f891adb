"""The ritual of every question: what failed is said, what is named is written, and only its own rows are its rows."""

import json
from dataclasses import dataclass

import click
import pandas as pd
import pytest

from experiments.lab import study as ritual
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, of_whole_worlds, publish


@dataclass(frozen=True)
class Toy:
    number: float

    def to_dict(self):
        return {"number": self.number}

    flat = to_dict


def toy_run(seed, **labels):
    return Run(episode=Toy(1.0), parameters=Toy(2.0), arm="stay", seed=seed, n_citizens=10, labels=labels)


def odd_seeds_fail(run):
    if run.seed % 2:
        raise ValueError(f"seed {run.seed} is odd")
    return {"share": run.seed / 10}


@pytest.fixture
def study(tmp_path):
    return Study(question="toy", results=tmp_path / "results", options={"draws": 3}, workers=1)


def test_failed_runs_are_said_and_counted_and_the_others_are_the_rows(study, capsys):
    rows = live(study, [toy_run(seed, world=seed) for seed in range(5)], odd_seeds_fail)
    assert sorted(rows["seed"]) == [0, 2, 4]
    said = capsys.readouterr().err
    assert "2 of 5 runs failed" in said and "is odd" in said and "tries them again" in said


def test_where_nothing_came_to_its_end_one_line_says_so(study, capsys):
    with pytest.raises(click.ClickException, match=r"^no run came to its end$"):
        live(study, [toy_run(1, world=1), toy_run(3, world=3)], odd_seeds_fail)
    assert "2 of 2 runs failed" in capsys.readouterr().err


def test_without_any_run_one_line_says_so(study):
    with pytest.raises(click.ClickException, match=r"^no run came to its end$"):
        live(study, [], odd_seeds_fail)


def test_a_world_that_lost_a_run_is_left_out_and_where_all_did_one_line_says_so():
    rows = pd.DataFrame({"world": [4, 3, 3, 4, 1], "arm": ["stay", "stay", "enter", "enter", "stay"]})
    assert of_whole_worlds(rows, 2)["world"].tolist() == [3, 3, 4, 4]
    with pytest.raises(click.ClickException, match=r"^there is no world of which every run came to its end$"):
        of_whole_worlds(rows, 3)


def test_rows_under_the_labels_of_another_command_are_left_out(study):
    live(study, [toy_run(0, cell="mild"), toy_run(2, cell="mild")], odd_seeds_fail)
    rows = live(study, [toy_run(0, cell="harsh"), toy_run(4, cell="harsh")], odd_seeds_fail)
    assert sorted(rows["seed"]) == [0, 4] and set(rows["cell"]) == {"harsh"}


@pytest.mark.parametrize("stem", ["", "toy-2022-stay"])
def test_publish_writes_all_that_it_names(tmp_path, capsys, stem):
    study = Study(question="toy", results=tmp_path, options={"draws": 3}, stem=stem)
    table = pd.DataFrame({"share": [0.5]})
    record = publish(
        study, tables={"toy.csv": table}, verdict="He stays.", record={"findings": {"share": 0.5}},
        figure=lambda path, record: path.write_text(record["source"]),
    )  # fmt: skip
    output = capsys.readouterr().out
    named = output.splitlines()[0].removeprefix(f"Written to {tmp_path}: ").split(", ")
    ends = {"toy.csv", *(study.named(name) for name in ("toy.png", "record.json", "verdict.txt"))}
    assert set(named) == ends == {path.name for path in tmp_path.iterdir()}
    assert json.loads((tmp_path / study.named("record.json")).read_text()) == json.loads(json.dumps(record))
    assert record["options"] == {"draws": 3} and record["findings"] == {"share": 0.5}
    assert (tmp_path / study.named("toy.png")).read_text() == record["source"]
    assert (tmp_path / study.named("verdict.txt")).read_text() == "He stays.\n" and output.endswith("He stays.\n")


@pytest.mark.parametrize("asked", [True, False])
def test_the_gallery_gets_the_figure_where_it_is_asked_for(study, tmp_path, monkeypatch, asked):
    monkeypatch.setattr(ritual, "GALLERY", tmp_path / "gallery")
    publish(study, figure=lambda path, record: path.write_text("drawn"), gallery=asked)
    assert (study.folder / "toy.png").read_text() == "drawn"
    assert (tmp_path / "gallery" / "toy.png").exists() == asked


def test_results_that_are_gone_when_they_are_written_are_one_line(study):
    study.folder.rmdir()
    with pytest.raises(click.ClickException, match=r"results was moved or deleted meanwhile"):
        publish(study, tables={"toy.csv": pd.DataFrame({"share": [0.5]})})
    assert not study.folder.exists()
