"""Ctrl-C ends every command with code 130, whenever it comes and however often."""

from experiments.lab.stop import leave

import ast
import gc
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.lab import runner
from experiments.lab.command import OneLine
from experiments.lab.tasks import run_summary

ROOT = Path(__file__).parents[2]
COMMANDS = [
    file for file in sorted((ROOT / "experiments").rglob("*.py"))
    if "click.command(" in file.read_text(encoding="utf-8")
]  # fmt: skip


def test_every_command_hears_ctrl_c_first_and_speaks_in_one_line():
    assert len(COMMANDS) >= 10
    for file in COMMANDS:
        body = ast.parse(file.read_text(encoding="utf-8")).body
        first = next(node for node in body if isinstance(node, (ast.Import, ast.ImportFrom)))
        assert ast.unparse(first) == "import experiments.lab.stop", file
        assert "@click.command(cls=OneLine" in file.read_text(encoding="utf-8"), file


@pytest.fixture
def importing():
    """As it is while a command imports: Ctrl-C ends it at once, and no garbage is looked for."""
    before = signal.signal(signal.SIGINT, leave)
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("begun", [
    OneLine("toy", callback=lambda: None).main,
    lambda nothing: runner.attempts(nothing, run_summary),
    lambda nothing: runner._begun(list, nothing),
], ids=["a command", "a worker with its runs", "a worker with one task"])  # fmt: skip
def test_garbage_is_looked_for_once_the_imports_are_over(importing, begun):
    begun([])
    assert gc.isenabled() and gc.get_freeze_count() > 10_000


@pytest.mark.slow
@pytest.mark.parametrize("begun", [False, True], ids=["while it imports", "while it lives its runs"])
@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_ends_with_130_and_without_a_traceback(tmp_path, begun, times):
    command = [sys.executable, "-m", "experiments.war_entry", "--worlds", "500", "--citizens", "500", "--workers", "1"]
    running = subprocess.Popen(
        [*command, "--results", str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    if begun:
        while not (tmp_path / "runs.sqlite").exists() and running.poll() is None:
            time.sleep(0.05)
    time.sleep(0.5)
    for _ in range(times):
        running.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130 and "Traceback" not in said, said
