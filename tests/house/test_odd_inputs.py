"""Odd inputs to every option of every command: what cannot be is said in one line, and nothing is made of it.

``ALL=1 make test ARGS=tests/house/test_odd_inputs.py`` tries all of them, some thousands, in some minutes.
"""

import contextlib
import importlib
import itertools
import os
import random
import re
import shutil
import signal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from experiments.benchmark import __main__ as benchmark
from experiments.browser import __main__ as browser
from experiments.browser.world import EPISODE_FILE
from experiments.calibrate import __main__ as calibrate
from experiments.lab import runner
from experiments.lab.command import File
from experiments.report import __main__ as report
from model.episode import FOLDER

ROOT = Path(__file__).parents[2]
INVENTED = str(ROOT / "tests/model/invented.toml")
BEGINS = "the runs would begin now"
ODD = (
    "", " ", "-1", "0", "1", "7.5", "nan", "-inf", "1e400", "9" * 400, "1" + "0" * 18, "a" * 300, "~", "~/x", ".",
    "/proc", "/dev/null", "/proc/no/such/x", "$x$", "$", "=", "a=b", ",", ":", "1:2", "☃", "{}", "%s", "..", "*",
    "x.toml", "x.CSV", "stay,enter", "true", "None", "0x10", "１２", "citizen.noise", "citizen.noise=nan",
    "citizen.noise=0.1,0.1", "citizen.noise=1e400", "citizen.noise=0.1:0.3:9999999999", "entry.date=0000-00-00",
    "episode=belarus-2022", "\n", "a\nb", "a\r\nb", "a\tb", "\x1b[31m", "\udcff",
)  # fmt: skip
BELARUS = (FOLDER / "belarus-2022.toml").read_bytes()
DEEP = b"[" * 20_000
FILES = {
    f"{name}{suffix}": content
    for suffix in (".csv", ".toml", ".json")
    for name, content in {
        "empty": b"", "spaces": b" \r\n\t\n", "null": b"\0" * 100, "binary": bytes(range(256)), "mark": b"\xef\xbb\xbf",
        "latin": "größe = 1\n".encode("latin-1"), "deep": DEEP, "key": b"a = " + DEEP, "names": b"a,a\n1,2\n",
        "header": b"weight,distance\n", "quote": b'weight,distance\n"1,2\n', "cell": b"date\n" + b"9" * 200_000,
        "worlds": b"weight,distance,citizen.noise\nnan,inf,0.2\n", "ragged": b"weight,distance\n1\n1,2,3\n",
        "number": b"1e999", "true": b"true", "list": b"[]", "braces": b"{}", "digits": b"a = " + b"9" * 5_000,
        "noise": b"citizen.noise\n0.1\n0.1\n", "seen": b"date,measure,low,middle,high\n2022-03-01,rung,1e999,2,3\n",
        "half": BELARUS[: len(BELARUS) // 2], "date": BELARUS.replace(b"2022-02-24", b"0001-01-01"),
        "text": BELARUS.replace(b"10_000", b'"many"'), "nan": BELARUS.replace(b"10_000", b"nan"),
    }.items()
}  # fmt: skip
"""Files of every kind but the right one, under names that say that they are the right one."""
PLACES = ("folder.csv", "folder.toml", "folder.json", "loop.csv", "loop.toml", "empty.csv/x", "/proc/self/mem")
"""What is no file to be read: a folder, a link to itself, a file in a file, and one that even root cannot read."""
PAIRS = {
    "run": [[INVENTED, "--episode", INVENTED], ["--days", "400"], ["--arm", "enter", "--episode", "belarus-2020"],
            ["--set", "citizen.noise=0.1", "--set", "citizen.noise=0.2"], ["--without", "talks", "--without", "talk"],
            ["--set", "end_date=2022-03-01", "--days", "90"], ["--set", "start_date=2024-01-01"]],
    "war_entry": [["--full", "--worlds", "3"], ["--full", "--seeds", "3"], ["--episode", "belarus-2020"],
                  ["--front", "defeat", "--set", "entry.front=advance"],
                  ["--set", "entry.date=2022-12-01", "--days", "9"]],
    "tipping_line": [["--episode", "belarus-2020"], ["--without", "talks", "--without", "talks"], ["--worlds", "1"]],
    "size": [["--sizes", "2000,2000"], ["--sizes", "2000"], ["--near", "9", "--scouts", "3"], ["--sizes", "9,x"]],
    "sweep": [["--points-from", "noise.csv", "--vary", "citizen.noise=0.1"], ["--points-from", "noise.csv", "--points",
              "3"], ["--points-from", "noise.csv", "--design", "lhs"], ["--design", "lhs"], ["--points", "3"],
              ["--design", "sobol", "--points", "3", "--vary", "citizen.noise"], ["--draws", "3"],
              ["--dask", "tcp://127.0.0.1:9", "--workers", "3"], ["--vary", "arm=stay"], ["--draws", "0"],
              ["--plot", "arm", "arm", "fall"],
              ["--vary", "citizen.noise=0.1", "--vary", "citizen.noise=0.2"], ["--days", "0"],
              ["--store", "a.csv", "--export", "a.csv"],
              ["--vary", "citizen.noise=0.1", "--vary", " citizen.noise =0.2"], ["--until", "0.1", "--days", "400"],
              ["--vary", "episode=belarus-2020,belarus-2022"], ["--arm", "twins", "--episode", "belarus-2020"],
              ["--design", "list", "--vary", "entry.troops=1,2", "--vary", "citizen.noise=0.1"],
              ["--design", "lhs", "--points", "1000001", "--vary", "citizen.noise"]],
    "calibrate": [["--targets", "noise.csv"], ["--draws", "3", "--size", "9"], ["--episode", INVENTED, "--accept"]],
    "challenge": [["--score", "empty.json"], ["--make", "1", "--packs", "2"], ["--make", "1", "--score", "list.json"]],
    "browser": [["--output", "x.csv"], ["--replay", "empty.json", "--output", "x.csv"],
                ["--replay", "list.json", "--picture", "x.png"], ["--host", "1.2.3.4"]],
}  # fmt: skip
"""What contradicts itself, or cannot be together."""
SMALL = {
    "run": ["--seeds", "2"], "war_entry": ["--worlds", "2"], "tipping_line": ["--worlds", "10"],
    "validate": ["--worlds", "2"], "size": ["--draws", "2", "--scouts", "2", "--near", "2", "--sizes", "300"],
    "decision": ["--worlds", "3"], "warning": ["--worlds", "2"], "discover": ["--worlds", "2", "--fresh", "1"],
    "forecast": ["--worlds", "2"], "ablation": ["--worlds", "2"], "media_grip": ["--worlds", "2"],
    "point_of_no_return": ["--worlds", "2"],
    "rare": ["--worlds", "4"], "why": ["--worlds", "2"], "cases": ["--worlds", "2"], "docking": ["--seeds", "2"],
    "sensitivity": ["--worlds", "10", "--points", "8", "--repeats", "2"], "robustness": ["--worlds", "2"],
    "site": ["--worlds", "2"], "base_rates": ["--worlds", "2"], "shocks": ["--worlds", "2"],
    "challenge": ["--worlds", "3"],
}  # fmt: skip
"""So that what is accepted soon comes to its first run; what is given later counts."""
NEVER = {"dask"}
"""Options whose odd values have their own tests: an address is waited for."""
TRIED = 400
"""So many are drawn for a test run."""
PATIENCE = 60
"""After so long a command hangs [s]."""


def commands():
    """Return every command under experiments by its name."""
    found = {}
    for file in (*(ROOT / "experiments").glob("*.py"), *(ROOT / "experiments").glob("*/__main__.py")):
        module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
        if isinstance(getattr(module, "main", None), click.Command):
            found[file.parent.name if file.stem == "__main__" else file.stem] = module.main
    return found


COMMANDS = commands()


def inputs():
    """Yield a command's name and its arguments, for every option with every odd value, and for every odd pair."""
    for name, command in COMMANDS.items():
        yield name, ["surplus"]
        yield name, ["--surplus", "1"]
        yield from ((name, arguments) for arguments in PAIRS.get(name, []))
        for option in command.params:
            odd = (*ODD, *FILES, *PLACES) if isinstance(option.type, File) else ODD
            named = [] if isinstance(option, click.Argument) else [option.opts[0]]
            if not getattr(option, "is_flag", False) and option.name not in NEVER:
                yield from ((name, [*named, *[value] * option.nargs]) for value in odd)
                yield name, named[:1] or ["--"]


def drawn():
    """Return a sample of the odd inputs, the same every time, or all of them and as many again in twos."""
    every = list(inputs())
    if not os.environ.get("ALL"):
        return random.Random(0).sample(every, TRIED)
    twos = ((name, [*one, *other]) for (name, one), (of, other) in itertools.pairwise(shuffled(every)) if name == of)
    return [*every, *itertools.islice(twos, 500)]


def shuffled(every):
    return random.Random(1).sample(every, len(every))


@pytest.fixture
def begun(monkeypatch, tmp_path):
    """Let every command end where its runs would begin, in a folder of its own that holds odd files."""

    def stop(*_, **__):
        raise click.ClickException(BEGINS)

    for engine in ("_here", "_together"):
        monkeypatch.setattr(runner, engine, stop)
    monkeypatch.setattr(calibrate, "calibrate", stop)
    monkeypatch.setattr(benchmark, "report", stop)
    monkeypatch.setattr(report, "asked", stop)  # it asks the others, each in a process of its own
    monkeypatch.setattr(browser, "_take", stop)
    monkeypatch.setattr(browser.os, "execve", stop)
    monkeypatch.setattr(browser, "ROOT", tmp_path)  # the page's server is started there
    monkeypatch.setenv(EPISODE_FILE, "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def lay_out(folder):
    """Write the odd files into a folder."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    for name in PLACES:
        if name.startswith("folder"):
            (folder / name).mkdir()
        if name.startswith("loop"):
            (folder / name).symlink_to(name)


class HangsError(BaseException):
    """A command that takes too long; nothing that catches errors catches it."""


@contextlib.contextmanager
def patience():
    """Raise an error in this block when it takes too long."""

    def give_up(*_):
        raise HangsError(f"nothing after {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def complaint(name, arguments):
    """Return what is wrong with how a command takes odd arguments, or nothing."""
    what = f"{name} {' '.join(arguments)[:100]!r}"
    with patience():
        done = CliRunner().invoke(COMMANDS[name], [*SMALL.get(name, []), *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return f"{what}: {type(done.exception).__name__}: {str(done.exception)[:300]}"
    errors = [line for line in re.split("[\r\n]", done.stderr) if "Error: " in line]
    begins = done.exit_code == 1 and f"Error: {BEGINS}" in errors
    if (not begins and done.exit_code not in (0, 2)) or (done.exit_code and len(errors) != 1):
        return f"{what}: exit code {done.exit_code}, {done.stderr[-300:]!r}"
    if len(errors and errors[0]) > 1_100 or re.search(r"Traceback|Errno|object at 0x|<class|\x1b\[31m", done.stderr):
        return f"{what}: no clear line: {done.stderr[:300]!r}"
    if Path("~").exists():
        shutil.rmtree("~")
        return f"{what}: made a folder named ~"
    return ""


def test_every_command_and_enough_inputs_are_tried():
    assert {"run", "sweep", "browser", "benchmark", "document", "validate"} <= set(COMMANDS)
    assert len(list(inputs())) > 3_000 and {name for name, _ in inputs()} == set(COMMANDS) >= set(PAIRS)


@pytest.mark.slow
def test_odd_inputs_get_one_clear_line(begun):
    lay_out(begun)
    wrong = list(filter(None, itertools.starmap(complaint, drawn())))
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)
