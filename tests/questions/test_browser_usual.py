"""What is usual: the bands beside the accepted worlds, and when the page draws them behind a run's lines."""

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from experiments.browser import charts
from experiments.browser.look import look
from experiments.browser.usual import arm_of, kept_for, usual_words
from experiments.browser.world import BrowserWorld, check
from experiments.evidence import standing, usual
from experiments.lab.bands import BAND, BANDED, band
from experiments.lab.packed import pack
from model import worlds
from model.episode import load_episode
from model.records import RecordError

EPISODE = load_episode("belarus-2022")
SMALL = {"n_citizens": 300, "world": 2}


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A table of two accepted worlds, with bands of three histories of 300 citizens beside it."""
    monkeypatch.setattr(worlds, "FITTED", tmp_path)
    for module in (usual, standing):
        monkeypatch.setattr(module, "fingerprint", lambda episode: "as it is")
    (tmp_path / "belarus-2022").mkdir()
    file = tmp_path / "belarus-2022" / "worlds.csv"
    file.write_text("weight,distance,citizen.noise\n1,0.2,0.11\n1,0.2,0.15\n")
    lives = [np.full((days, len(BANDED)), float(days)) for days in (30, 30, 20)]
    rows = pd.DataFrame(
        [
            {"world": k, "arm": arm, "n_citizens": 300, "daily": pack(BANDED, life + (arm == "enter"))}
            for k, life in enumerate(lives)
            for arm in usual.ARMS
        ]
    )
    written = usual.usual_of(rows, EPISODE, file).to_dict()
    file.with_name(usual.FILE).write_text(json.dumps(written))
    return file


def test_a_band_holds_the_histories_in_which_he_has_not_fallen():
    lives = [np.array([1.0, 2.0]), np.array([3.0]), np.array([5.0, 4.0])]
    expected = [[np.quantile([1.0, 3.0, 5.0], q), np.quantile([2.0, 4.0], q)] for q in BAND]
    assert np.allclose(band("against", lives, 3), expected)
    assert band("crowd", [np.array([9.0, 0.0, 0.0])], 3)[2].tolist() == [9.0, 9.0, 9.0]


def test_what_is_written_is_read_back_and_what_is_broken_is_refused(file):
    kept = usual.usual_beside(file)
    assert kept.worlds == 3 and kept.changed(file, EPISODE) == ""
    stay, enter = (kept.of(arm)["dead"] for arm in usual.ARMS)
    assert stay.shape == (5, 30) and stay[2, 25] == 30.0 and np.allclose(enter, stay + 1.0)
    file.with_name(usual.FILE).write_text(json.dumps(kept.to_dict() | {"bands": {"stay": "x", "enter": "x"}}))
    with pytest.raises(RecordError, match="tables that were packed"):
        usual.usual_beside(file)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"seed": 9}, ""),
        ({"world": 0}, "default numbers"),
        ({"numbers": {"citizen.ties": 3.0}}, "changed numbers"),
        ({"without": ("talks",)}, "mechanisms"),
        ({"n_citizens": 400}, "of 300 citizens"),
        ({"episode": "belarus-2020"}, "they are of"),
    ],
)
def test_bands_stand_behind_accepted_histories_alone_and_the_reason_is_told(file, changed, why):
    kept, said = kept_for(check(**SMALL | changed)[0])
    assert (kept is not None) == (why == "") and why in said


def test_bands_of_other_worlds_are_not_drawn(file):
    file.write_text(file.read_text() + "1,0.2,0.2\n")
    assert "of other accepted worlds" in kept_for(check(**SMALL)[0])[1]
    file.with_name(usual.FILE).unlink()  # and what is not there is said
    assert "war_entry --accept" in kept_for(check(**SMALL)[0])[1]


def test_the_bands_are_of_the_arm_that_he_is_in_and_are_drawn(file):
    world = BrowserWorld(**SMALL)
    world.step()
    kept, _ = kept_for(world.setup)
    assert arm_of(world) == "stay" and "he stays out" in usual_words(kept, world, "stay")
    plain = charts.opposition_panel(look(world))
    world.act("enter_war")
    said = usual_words(kept, world, arm_of(world))
    assert "he enters on 24 Mar" in said and "Here he entered on 24 Feb" in said
    seen = look(world)
    seen.usual.update(kept.of("enter"))
    assert "usual" not in plain and charts.opposition_panel(seen).count('class="usual"') == 3
