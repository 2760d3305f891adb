"""Compiled code is never older than the rules it was compiled from."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from agents.ground import compiled, sources
from agents.ground.sources import hash_of_files

ROOT = Path(__file__).parents[2]
LOOP = """
from agents import security
from agents.ground.compiled import compiled, inlined

rule = inlined(security.cutoff)


@compiled
def loop(q):
    return rule(q)
"""
START = """
import json
import numba
from agents.ground import compiled, probe, sources
value = probe.loop(0.25)
hits = sum(probe.loop.stats.cache_hits.values())
print(json.dumps([sources.source_hash()[:16], numba.config.CACHE_DIR, value, hits]))
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of the sources of the model and the agents, without anything compiled."""
    for folder in ("model", "agents"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "data"))
    return tmp_path


def edit(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_equal_sources_have_equal_hashes_wherever_they_are(copy):
    here = sources.source_hash()
    assert hash_of_files(copy) == here
    assert len(here) == 64 and int(here, 16) >= 0


@pytest.mark.parametrize(
    "name", ["agents/citizen/rules.py", "agents/security.py", "agents/ground/chance.py", "model/parameters.py"]
)
def test_an_edit_of_any_source_changes_the_hash(copy, name):
    before = hash_of_files(copy)
    file = copy / name
    text = file.read_bytes()
    file.write_bytes(text + b"\n")
    assert hash_of_files(copy) != before
    file.write_bytes(text)
    assert hash_of_files(copy) == before


def test_the_hash_tells_files_apart(copy):
    one, other = copy / "model" / "aaa.py", copy / "model" / "aab.py"
    one.write_text("x = 1\n")
    other.write_text("y = 2\n")
    before = hash_of_files(copy)
    one.write_text("x = 1\ny = 2\n")
    other.write_text("")
    assert hash_of_files(copy) != before


def test_the_cache_lives_in_a_folder_named_by_the_sources():
    assert Path(numba.config.CACHE_DIR).name == sources.source_hash()[:16]


def test_where_the_project_cannot_be_written_the_cache_lives_among_temporary_files(copy, monkeypatch):
    (copy / compiled.CACHE).write_text("a file is in the way")
    monkeypatch.setattr(compiled, "ROOT", copy)
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(copy / "elsewhere"))
    assert compiled._cache_folder() == copy / "elsewhere" / "tightrope-numba" / sources.source_hash()[:16]


def test_an_edited_rule_is_compiled_anew_in_a_fresh_process(copy):
    # Numba's own cache looks at the file of the loop only: it would go on with the old rule.
    def start():
        done = subprocess.run([sys.executable, "-c", START], cwd=copy, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    (copy / "agents" / "ground" / "probe.py").write_text(LOOP)
    first, again = start(), start()
    assert first[2:] == [0.75, 0], "nothing was compiled before"
    assert again == [*first[:3], 1], "the second start finds what the first has compiled"
    edit(copy / "agents" / "security.py", "return 1.0 - mean_willingness", "return 2.0 - mean_willingness")
    edited = start()
    assert edited[0] != first[0] and edited[1] != first[1]
    assert edited[2:] == [1.75, 0]
    assert {file.name for file in (copy / compiled.CACHE).iterdir()} == {first[0], edited[0]}
