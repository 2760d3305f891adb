"""As many processes as this one may use: neither the node's cores nor more than a container is given."""

import os

import pytest

from experiments.lab import cores as module
from experiments.lab.cores import cores, quota


@pytest.fixture
def group(tmp_path):
    """Make control groups, each inside the one before, of some limits; return where they are and which is ours."""

    def made(*limits):
        folder = tmp_path / "groups"
        (tmp_path / "own").write_text("0::/" + "/".join(f"job{n}" for n in range(len(limits))) + "\n")
        for number, limit in enumerate(limits):
            folder = folder / f"job{number}"
            folder.mkdir(parents=True)
            (folder / "cpu.max").write_text(f"{limit}\n")
        return tmp_path / "groups", tmp_path / "own"

    return made


@pytest.mark.parametrize(
    "limits, allowed",
    [
        (["max 100000"], None),
        (["200000 100000"], 2.0),
        (["150000 100000", "max 100000"], 1.5),
        (["400000 100000", "100000 100000"], 1.0),
        (["nonsense"], None),
    ],
)
def test_the_tightest_group_counts(group, limits, allowed):
    assert quota(*group(*limits)) == allowed


def test_without_groups_there_is_no_limit(tmp_path):
    assert quota(tmp_path, tmp_path / "none") is None


def test_what_is_asked_for_is_used():
    assert cores(7) == 7


@pytest.mark.parametrize("given, expected", [(None, 3), (2.5, 2), (0.5, 1), (64.0, 3)])
def test_cores_are_those_of_this_process_and_not_of_the_machine(monkeypatch, given, expected):
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {4, 5, 9}, raising=False)
    monkeypatch.setattr(module, "quota", lambda *_: given)
    assert cores() == expected
