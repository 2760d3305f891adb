"""Odd inputs to every option of every question: what cannot be is said in one line, and nothing is made of it."""

import itertools
import os
import random
import re
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from experiments import validate
from experiments.calibrate import __main__ as calibrate
from experiments.lab import runner
from experiments.run import __main__ as run
from experiments.size import __main__ as size
from experiments.sweep import __main__ as sweep
from experiments.tipping_line import __main__ as tipping_line
from experiments.war_entry import __main__ as war_entry

COMMANDS = {
    "run": (run.main, ["belarus-2022"]), "war_entry": (war_entry.main, []), "tipping_line": (tipping_line.main, []),
    "size": (size.main, []), "sweep": (sweep.main, []), "calibrate": (calibrate.main, []),
    "validate": (validate.main, []),
}  # fmt: skip
ODD = (
    "", " ", "-1", "0", "1", "7.5", "nan", "-inf", "1e400", "9" * 400, "a" * 300, "~", "~/x", ".", "/", "/dev/null",
    "/no/such/folder/x", "$x$", "$", "=", "a=b", ",", ":", "1:2", "☃", "{}", "%s", "../..", "*", "x.toml", "x.CSV",
    "stay,enter", "true", "None", "0x10", "１２", "citizen.noise", "citizen.noise=nan", "citizen.noise=0.1,0.1", "\n",
)  # fmt: skip
NEVER = {"dask"}
"""Options whose odd values have their own tests: an address is waited for."""
TRIED = 400
"""So many are drawn for a test run; ``ALL=1 make test ARGS=tests/house/test_odd_inputs.py`` tries all of them."""


def inputs():
    """Return command, option and odd value of every combination."""
    for name, (command, _) in COMMANDS.items():
        for option in command.params:
            if isinstance(option, click.Argument):
                yield from ((name, None, odd) for odd in ODD)
            elif not option.is_flag and option.name not in NEVER:
                yield from ((name, option.opts[0], odd) for odd in ODD)


def drawn():
    """Return a sample of the odd inputs, the same every time, or all of them."""
    every = list(inputs())
    return every if os.environ.get("ALL") else random.Random(0).sample(every, TRIED)


@pytest.fixture
def begun(monkeypatch, tmp_path):
    """Let every command end where its runs would begin, in a folder of its own."""

    def stop(*_, **__):
        raise click.ClickException("the runs would begin now")

    for engine in ("_here", "_together"):
        monkeypatch.setattr(runner, engine, stop)
    monkeypatch.setattr(calibrate, "calibrate", stop)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def complaint(name, option, odd):
    """Return what is wrong with how a command takes an odd input, or nothing."""
    command, needed = COMMANDS[name]
    given = [odd] if option is None else [*needed, option, odd]
    done = CliRunner().invoke(command, given)
    what = f"{name} {' '.join(given)[:100]!r}"
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return f"{what}: {type(done.exception).__name__}: {done.exception}"
    errors = [line for line in re.split("[\r\n]", done.stderr) if "Error: " in line]
    if done.exit_code not in (0, 1, 2) or (done.exit_code and len(errors) != 1):
        return f"{what}: exit code {done.exit_code}, {done.stderr!r}"
    if len(done.stderr) > 2_000:
        return f"{what}: {len(done.stderr)} characters of complaint"
    if Path("~").exists():
        shutil.rmtree("~")
        return f"{what}: made a folder named ~"
    return ""


@pytest.mark.slow
def test_odd_inputs_get_one_clear_line(begun):
    wrong = list(filter(None, itertools.starmap(complaint, drawn())))
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)
