"""Each question as a person asks it: a command with two processes, whose every word and file is looked at."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.lab.store import open_results

ROOT = Path(__file__).parents[2]
INVENTED = ("--episode", "tests/model/invented.toml")
REAL = re.compile(r"Belarus|Minsk|Moscow|Lukashenko|Putin|202[02]")
COMMANDS = {
    "war_entry": ("--worlds", "2", "--citizens", "300", "--days", "60", *INVENTED),
    "run": ("--seeds", "2", "--citizens", "300", "--worlds", "default", "--arm", "enter", *INVENTED),
    "tipping_line": ("--worlds", "10", "--citizens", "300", *INVENTED),
    "sweep": ("--vary", "entry.troops=500,900", "--seeds", "2", "--citizens", "300", "--days", "40", *INVENTED),
    "point_of_no_return": ("--worlds", "2", "--citizens", "300", *INVENTED),
    "ablation": ("--worlds", "2", "--citizens", "300", *INVENTED),
    "decision": ("--worlds", "4", "--citizens", "300", "--futures", "2", *INVENTED),
    "validate": ("--worlds", "2", "--citizens", "300"),
}


@pytest.mark.slow
@pytest.mark.parametrize("question", COMMANDS)
def test_a_question_asked_as_a_command_is_answered_in_whole_words_and_files(question, tmp_path):
    place = ("--store", str(tmp_path / "runs.sqlite")) if question == "sweep" else ("--results", str(tmp_path))
    command = [sys.executable, "-m", f"experiments.{question}", *COMMANDS[question], "--workers", "2", *place]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "failed, as in" not in done.stdout + done.stderr and "Warning" not in done.stderr
    assert not re.search(r"[{}]|\bnan\b|\bNone\b", done.stdout)
    written = re.search(r"Written to \S+: (.+)", done.stdout)
    assert written and all((tmp_path / name).stat().st_size for name in written[1].split(", "))
    if INVENTED[1] in command:
        own = re.sub(r"“[^”]*”", "", done.stdout)  # but for what the article says
        assert not REAL.findall(own.replace(str(tmp_path), ""))
        assert not re.search(r"(?<=[a-z])\d+ %", done.stdout), "a word and its number run together"
    store = str(tmp_path / "runs.sqlite")
    (*_, run_key) = open_results(store, keys=True)["key"]
    command = [sys.executable, "-m", "experiments.run", "--from", store, run_key[:12]]
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr[-2000:]
    assert re.search(r"^Equal to what the store holds, in all \d+ values\.$", again.stdout, re.MULTILINE)
