"""Russia's grip: what it changes is counted world by world, the past stays his, and his own grip changes nothing."""

import pandas as pd
import pytest

from experiments.lab.tasks import run_summary, world_of
from experiments.media_grip.__main__ import give_russian_grip, lived, runs_of
from experiments.media_grip.findings import (
    ARMS,
    DECIDE_FALL,
    ENTER_FALL,
    ENTERS,
    OWN,
    RUSSIA,
    SETTINGS,
    STAY_FALL,
    findings_of,
)  # fmt: skip
from experiments.media_grip.words import RUSSIAN, finding, verdict
from model.episode import load_episode
from model.parameters import DECLARED
from model.worlds import draw, origin

EPISODE = load_episode("belarus-2022")
N = 60


def planted(saved: int):
    """Sixty worlds: 30 fall after entry, ``saved`` fewer with Russia's grip; he enters in 15 of them, with either."""
    rows = [
        {
            "world": world, "setting": setting, "arm": str(arm), "seed": world, "n_citizens": 300,
            "entered_on": 40.0 if arm == "decide" and world < 15 else float("nan"),
            "ending": "coup" if arm == "enter" and world < 30 - saved * (setting == RUSSIA) else "survived",
        }
        for world in range(N) for setting in SETTINGS for arm in ARMS
    ]  # fmt: skip
    return pd.DataFrame(rows)


def found(rows):
    return findings_of(rows, EPISODE, origin(None), (0.6, 0.7, 0.8))


def test_what_the_grip_changes_is_counted_world_by_world_in_each_arm():
    result = found(planted(24))
    assert result.chances[OWN, ENTER_FALL].value == 0.5 and result.chances[RUSSIA, ENTER_FALL].value == 0.1
    # 24 of 60 change, none the other way: a paired share of 0.4 has an error of sqrt(0.4 x 0.6 / 59) = 0.0638
    change = result.changes[ENTER_FALL]
    assert change.value == pytest.approx(-0.4) and change.error == pytest.approx(0.0638, abs=0.0001)
    assert result.shown == [ENTER_FALL] and result.chances[OWN, ENTERS].value == 0.25
    assert all(result.changes[outcome].value == 0.0 for outcome in (STAY_FALL, DECIDE_FALL, ENTERS))


def test_the_headline_tells_what_is_shown_and_says_so_where_nothing_is():
    assert finding(found(planted(24))) == (
        "With Russia's grip over the media he falls if he enters, in 10.0 % of worlds, with his own in 50 %"
    )
    none = found(planted(0))
    assert "is not shown to change" in finding(none)
    assert "an assumption, not measured in Russia" in " ".join(verdict(none).split())
    assert max(len(line) for line in verdict(none).splitlines()) <= 100


def test_russias_grip_is_the_declared_range_s_end_from_the_eve_on_and_his_own_is_the_plain_run():
    runs = list(runs_of(draw(1, 0, None), EPISODE, 300))
    own, russia = (next(run for run in runs if run.arm == "stay" and dict(run.asked)["grip"] == it) for it in SETTINGS)
    assert len(runs) == len(SETTINGS) * len(ARMS) and len({run.seed for run in runs}) == 1
    plain, told = run_summary(own), lived(own)
    assert {name: told[name] for name in ("ending", "peak_crowd")} == {
        name: plain[name] for name in ("ending", "peak_crowd")
    }
    world = world_of(russia)
    past, before = list(world.past_rows), world.media.heard()
    give_russian_grip(world)
    assert world.past_rows == past and (world.media.heard() < before).all()
    assert world.media.grip == RUSSIAN["regime.media_grip"] == DECLARED["regime.media_grip"].metadata["high"]
    assert world.parameters.regime.blocking == DECLARED["regime.blocking"].metadata["high"]
