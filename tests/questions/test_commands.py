"""Each question as a person asks it: a command with two processes, whose every word and file is looked at.

A run that one of these processes has lived is then lived again in this one, by the command that does so.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.forecast.__main__ import main as forecast
from experiments.lab.store import open_results
from experiments.run.__main__ import main as run
from experiments.score.__main__ import main as score

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
    "media_grip": ("--worlds", "2", "--citizens", "300", *INVENTED),
    "warning": ("--worlds", "3", "--citizens", "300", *INVENTED),
    "discover": ("--worlds", "3", "--fresh", "2", "--citizens", "300", *INVENTED),
    "forecast": ("--worlds", "2", "--citizens", "300", *INVENTED),
    "site": ("--worlds", "3", "--citizens", "300", *INVENTED),
    "why": ("--worlds", "10", "--citizens", "300", "--beyond", "8", *INVENTED),
    "rare": ("--worlds", "8", "--repeats", "3", "--citizens", "300", *INVENTED),
    "decision": ("--worlds", "3", "--citizens", "300", "--futures", "2", *INVENTED),
    "cases": ("--worlds", "2", "--citizens", "300"),
    "base_rates": ("--worlds", "2", "--seeds", "1", "--citizens", "300"),
    "shocks": ("--worlds", "2", "--citizens", "300"),
    "challenge": ("--packs", "2", "--worlds", "20", "--lives", "4", "--citizens", "300"),
    "docking": ("--seeds", "2", "--citizens", "300"),
    "validate": ("--worlds", "2", "--citizens", "300"),
    "sensitivity": ("--worlds", "10", "--points", "8", "--repeats", "2", "--citizens", "300", *INVENTED),
    "robustness": ("--worlds", "2", "--mixed", "1", "--citizens", "300", *INVENTED),
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
        # but for what the article says, hashes, and units (that of an anger is the reference's, 2020)
        own = re.sub(r"“[^”]*”|[0-9a-f]{12,}|\[[^\]]*\]", "", done.stdout)
        assert not REAL.findall(own.replace(str(tmp_path), ""))
        assert not re.search(r"(?<=[a-z])\d+ %", done.stdout), "a word and its number run together"
    store = str(tmp_path / "runs.sqlite")
    (*_, run_key) = open_results(store, keys=True)["key"]
    again = CliRunner().invoke(run, ["--from", store, run_key[:12]])
    assert again.exit_code == 0, again.output[-2000:]
    assert re.search(r"^Equal to what the store holds, in all \d+ values\.$", again.stdout, re.MULTILINE)


@pytest.mark.slow
def test_a_forecast_is_locked_and_judged_by_two_commands(tmp_path):
    asked = CliRunner().invoke
    told = [*COMMANDS["forecast"], "--workers", "1", "--results", str(tmp_path / "forecast")]
    first = asked(forecast, told)
    assert first.exit_code == 0, first.output[-2000:]
    file = tmp_path / "forecast" / "locked.json"
    locked = file.read_bytes()
    again = asked(forecast, told)
    assert again.exit_code == 0 and file.read_bytes() == locked  # the same again keeps its first date
    lines = (tmp_path / "forecast" / "questions.csv").read_text().splitlines()
    happened = tmp_path / "happened.csv"
    happened.write_text("\n".join([lines[0], *(f"{line}0" for line in lines if line.startswith(("fall,", "entry,")))]))
    told = [str(file), "--resolved", str(happened), "--results", str(tmp_path / "score")]
    done = asked(score, told)
    assert done.exit_code == 0, done.output[-2000:]
    assert "6 questions are answered" in " ".join(done.stdout.split()) and not re.search(
        r"[{}]|\bnan\b|\bNone\b", done.stdout
    )
    file.write_bytes(locked.replace(b'"2022', b'"2023').replace(b'"1997', b'"1998'))
    refused = asked(score, told)
    assert refused.exit_code == 2 and "was changed after it was locked" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
