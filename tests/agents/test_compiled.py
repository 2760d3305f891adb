"""Compiled code is never older than the rules it was compiled from."""

import json
import os
import shutil
import stat
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


@pytest.fixture
def elsewhere(copy, monkeypatch):
    """The user's own cache, in a copy of the project whose cache folder cannot be used."""
    (copy / compiled.CACHE).write_text("a file is in the way")
    monkeypatch.setattr(compiled, "ROOT", copy)
    monkeypatch.setenv("XDG_CACHE_HOME", str(copy / "elsewhere"))
    return copy / "elsewhere" / "tightrope-numba"


def test_where_the_project_cannot_be_written_the_cache_lives_in_the_users_own(elsewhere):
    assert compiled._cache_folder() == elsewhere / sources.source_hash()[:16]
    assert stat.S_IMODE(elsewhere.lstat().st_mode) == 0o700


def planted_link(folder):
    (folder.parent / "planted").mkdir()
    folder.symlink_to(folder.parent / "planted")


def planted_open(folder):
    folder.mkdir()
    folder.chmod(0o777)


def planted_by_another(folder):
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    folder.mkdir()
    os.chown(folder, 65534, 65534)


@pytest.mark.parametrize("plant", [planted_link, planted_open, planted_by_another])
@pytest.mark.parametrize("place", ["the cache", "the folder of these sources"])
def test_code_that_another_user_may_have_planted_is_never_loaded(elsewhere, plant, place):
    elsewhere.parent.mkdir()
    folder = elsewhere
    if place != "the cache":
        elsewhere.mkdir()
        folder = elsewhere / sources.source_hash()[:16]
    plant(folder)
    used = compiled._cache_folder()
    assert elsewhere not in used.parents, f"{used} is not fresh and private"
    assert stat.S_IMODE(used.lstat().st_mode) == 0o700


def test_the_cache_is_private_however_generous_the_umask_is(elsewhere):
    before = os.umask(0)
    try:
        used = compiled._cache_folder()
    finally:
        os.umask(before)
    assert stat.S_IMODE(used.lstat().st_mode) == stat.S_IMODE(elsewhere.lstat().st_mode) == 0o700


@pytest.mark.slow
def test_without_compiling_a_world_lives_in_plain_python_without_a_warning():
    world = "Simulation(arm='enter', rng=3, n_citizens=200)"
    program = f"from model.simulation import Simulation; print({world}.run(days=40).day)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT, env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "40\n", done.stderr


@pytest.mark.slow
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
