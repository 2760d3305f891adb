"""What cannot be is refused at the command line: one clear line that names it, and an exit code that is not zero."""

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from experiments.run import __main__ as run
from experiments.war_entry import __main__ as war_entry
from model.episode import FOLDER

BELARUS = (FOLDER / "belarus-2022.toml").read_text()
SMALL = ["--worlds", "default", "--seeds", "1", "--citizens", "500", "--days", "2", "--workers", "1"]


def refused(command, *told):
    """Return the one line with which a command refuses, after checking that it is one line and no traceback."""
    done = CliRunner().invoke(command.main, list(told))
    lines = done.stderr.strip().splitlines()
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit) and "Traceback" not in done.output
    assert [line for line in lines if line.startswith("Error: ")] == lines[-1:]
    assert done.stdout == ""
    return lines[-1]


def episode(tmp_path, old, new):
    """Write the episode of 2022 with one thing changed, and return its path."""
    assert old in BELARUS
    path = tmp_path / "changed.toml"
    path.write_text(BELARUS.replace(old, new, 1))
    return str(path)


@pytest.mark.parametrize(
    "told, line",
    [
        ("citizen.nois=0.2", "no parameter or episode field citizen.nois; did you mean citizen.noise?"),
        ("citizen.noise=much", "citizen.noise = much; expected a number"),
        ("moscow.replace_refusals=2.5", "moscow.replace_refusals = 2.5; expected a whole number"),
        ("citizen.noise=9", "CitizenParameters.noise = 9.0; expected 0.1 to 0.3 [sd]"),
        ("citizen.noise", "--set citizen.noise: expected NAME=VALUE"),
        ("entry.front=retreat", "entry.front = retreat; expected one of stalemate, advance, defeat"),
        ("entry.date=2021-01-01", "entry.date = 2021-01-01; expected 2022-02-24 to 2023-02-23"),
        ("entry.date=2022-02-30", "entry.date = 2022-02-30; expected a date"),
        ("entry.troops=0", "entry.troops = 0; expected 1 to"),
    ],
)
def test_a_number_that_cannot_be_is_named(tmp_path, told, line):
    assert line in refused(run, "belarus-2022", *SMALL, "--results", str(tmp_path), "--set", told)


@pytest.mark.parametrize(
    "told, line",
    [
        (["--arm", "entre"], "arm = 'entre'; expected one of stay, enter, decide; did you mean enter?"),
        (["--without", "talk"], "no switch talk; did you mean talks?"),
        (["--citizens", "0"], "0 is not in the range 100<=x<=20000000"),
        (["--citizens", "-5"], "-5 is not in the range"),
        (["--citizens", "2000000000"], "2000000000 is not in the range"),
        (["--citizens", "7000000"], "n_citizens = 7000000; expected 100 to 6"),
        (["--citizens", "many"], "'many' is not a valid integer"),
        (["--days", "400"], "days = 400; belarus-2022 has 365"),
        (["--days", "0"], "0 is not in the range"),
        (["--seeds", "0"], "0 is not in the range"),
        (["--worlds", "acepted"], "no worlds acepted; did you mean accepted?"),
        (["--sed", "1"], "--sed"),
    ],
)
def test_an_option_that_cannot_be_is_named(tmp_path, told, line):
    assert line in refused(run, "belarus-2022", *SMALL, "--results", str(tmp_path), *told)


@pytest.mark.parametrize(
    "old, new, line",
    [
        ("end_date = 2023-02-23", "end_date = 2022-02-23", "end = 2022-02-23; expected a date after the start"),
        ("date = 2022-03-24", "date = 2024-03-24", "entry.date = 2024-03-24; expected 2022-02-24 to 2023-02-23"),
        ("date = 2022-03-24", "date = 2022-13-24", "is not valid TOML"),
        ("troops = 10_000", "troop = 10_000", "entry.troop does not exist; did you mean troops?"),
        ("troops = 10_000", 'troops = "many"', "entry.troops = 'many'; expected a whole number"),
        ("[entry]", "[entry", "is not valid TOML"),
        ("capital = true", "capital = false", "capital = []; expected exactly one region with the capital"),
        ('rung = "territory"', 'rung = "teritory"', "start.rung = teritory; expected one of none, territory"),
    ],
)
def test_an_episode_that_cannot_be_is_named(tmp_path, old, new, line):
    path = episode(tmp_path, old, new)
    assert line in refused(run, path, *SMALL, "--results", str(tmp_path / "results"))


def test_a_missing_episode_is_named_with_the_nearest(tmp_path):
    assert "did you mean belarus-2022?" in refused(run, "belarus-2002", *SMALL, "--results", str(tmp_path))
    assert "no episode nowhere.toml" in refused(run, "nowhere.toml", *SMALL, "--results", str(tmp_path))


def test_an_episode_without_an_entry_has_no_arm_but_stay(tmp_path):
    line = refused(run, "belarus-2020", *SMALL, "--results", str(tmp_path), "--arm", "enter")
    assert "belarus-2020 has no [entry]: only the arm stay can be run" in line
    assert "belarus-2020 has no [entry]" in refused(war_entry, "--episode", "belarus-2020", "--results", str(tmp_path))


@pytest.mark.parametrize(
    "content, line",
    [
        (None, "no accepted worlds in"),
        (b"\xff\xfe\x00broken", "cannot be read as a table"),
        (b"", "has no column weight"),
        (b"weight,citizen.noise\n1,0.2\n", "has no column distance"),
        (b"weight,distance,citizen.nois\n1,1,0.2\n", "no parameter citizen.nois; did you mean citizen.noise?"),
        (
            b"weight,distance,citizen.noise\n1,1,much\n",
            "line 2: citizen.noise = much; expected a number, 0.1 to 0.3 [sd]",
        ),
        (b"weight,distance,citizen.noise\n1,1,9\n", "line 2: citizen.noise = 9; expected a number, 0.1 to 0.3 [sd]"),
    ],
)
def test_a_table_of_worlds_that_cannot_be_read_is_named(tmp_path, content, line):
    path = tmp_path / "worlds.csv"
    if content is not None:
        path.write_bytes(content)
    told = ["--accepted", str(path), "--worlds", "2", "--citizens", "500", "--results", str(tmp_path / "results")]
    assert line in refused(war_entry, *told)
    assert line in refused(run, "belarus-2022", "--worlds", str(path), "--seeds", "2", "--results", str(tmp_path))


GOOD = '{"fingerprint": "f", "ess": [293], "tolerance": 1.4, "targets": [{"name": "peak", "outside": false}]}'


@pytest.mark.parametrize(
    "old, new, line",
    [
        ("[293]", "293", "calibration.json: ess = 293; expected a list"),
        ("293", '"many"', "calibration.json: ess.0 = 'many'; expected a finite number"),
        ("1.4", "1e400", "calibration.json: tolerance = inf; expected a finite number"),
        ("1.4", "NaN", "calibration.json: tolerance = nan; expected a finite number"),
        ("1.4", "9" * 400, "calibration.json: tolerance = 9999"),
        ("1.4", "true", "calibration.json: tolerance = True; expected a finite number"),
        ('"f"', "null", "calibration.json: fingerprint = None; expected a text"),
        ('"fingerprint": "f", ', "", "calibration.json: fingerprint is missing"),
        ('"outside": false', '"outside": "no"', "calibration.json: targets.0.outside = 'no'; expected true or false"),
        ('{"name": "peak", "outside": false}', "[1]", "calibration.json: targets.0 = [1]; expected a table"),
        ('"ess"', '"tolerance"', "calibration.json: tolerance is given twice"),
        (GOOD, "[]", "calibration.json: all of it = []; expected a table"),
        (GOOD, "[" * 100_000, "calibration.json is not valid JSON: it nests too deep"),
        (GOOD, GOOD[:-1], "calibration.json is not valid JSON: "),
        (GOOD, "\xff", "calibration.json cannot be read: "),
    ],
)
def test_a_record_of_a_calibration_that_cannot_be_is_named_before_anything_is_run(tmp_path, old, new, line):
    path = tmp_path / "worlds.csv"
    path.write_text("weight,distance,citizen.noise\n1,1,0.2\n")
    assert old in GOOD
    path.with_name("calibration.json").write_text(GOOD.replace(old, new), encoding="latin-1")
    for command, told in ((war_entry, ["--accepted", str(path)]), (run, ["--worlds", str(path)])):
        assert line in refused(command, *told, "--results", str(tmp_path / "results"))
    assert not (tmp_path / "results" / "runs.sqlite").exists()


@pytest.mark.parametrize("command, first", [(war_entry, []), (run, ["belarus-2022"])])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, command, first):
    (tmp_path / "a file").write_text("no folder")
    line = refused(command, *first, "--results", str(tmp_path / "a file" / "results"))
    assert re.search(r"no results can be written into .*a file.results .*: give another folder", line)


def test_a_store_of_something_else_is_named(tmp_path):
    (tmp_path / "runs.sqlite").write_text("somebody's notes, not a database at all")
    assert "is not a store of results" in refused(run, "belarus-2022", *SMALL, "--results", str(tmp_path))


@pytest.mark.slow
def test_the_real_command_line_says_one_line_and_fails(tmp_path):
    command = [
        sys.executable,
        "-m",
        "experiments.run",
        "belarus-2022",
        "--set",
        "citizen.nois=1",
        "--worlds",
        "default",
    ]
    done = subprocess.run([*command, "--results", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.strip() == "Error: no parameter or episode field citizen.nois; did you mean citizen.noise?"
