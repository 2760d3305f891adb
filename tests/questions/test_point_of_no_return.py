"""Coming home: it is held against going on among those who still stand, and against staying out."""

import datetime as dt

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.point_of_no_return.__main__ import main, runs_of
from experiments.point_of_no_return.findings import DRAWN, NEAR, NEVER, STAYS, WAITS, findings_of
from experiments.point_of_no_return.words import finding, verdict
from model.episode import load_episode
from model.worlds import draw, origin

EPISODE = load_episode("belarus-2022")
ENTRY = EPISODE.day_of(EPISODE.entry.date)
WORLDS = 60


def planted(helps_until=28, n=WORLDS):
    """Worlds that fall on day 100 of the war unless the troops are home by a certain day; ten fall on day 3."""
    rows = []
    for world in range(n):
        for setting in (DRAWN, NEAR):
            for wait in (*WAITS, NEVER, STAYS):
                early = world < 10 and wait != STAYS
                late = world < 40 and wait != STAYS and not 0 < wait <= helps_until
                fell = setting == NEAR and (early or late)
                day = ENTRY + (3 if early else 100)
                rows.append(
                    {
                        "world": world, "setting": setting, "wait": wait, "ending": "uprising" if fell else "survived",
                        "ended_on": day if fell else float("nan"),
                    }
                )  # fmt: skip
    return findings_of(pd.DataFrame(rows), EPISODE, 5.0, origin(None))


def test_those_who_fell_before_they_could_come_home_are_not_asked():
    rows = planted().of(NEAR)
    assert rows.loc[7, "standing"] == 50 and rows.loc[112, "standing"] == 20
    assert (rows.loc[7, "still_falls"], rows.loc[7, "would_fall"]) == (0.0, 0.6)
    assert rows.loc[7, "saves"] == pytest.approx(0.6) and rows.loc[7, "left"] == 0.0
    assert rows.loc[NEVER, "falls"] == pytest.approx(40 / 60) and rows.loc[STAYS, "falls"] == 0.0


def test_the_day_is_found_after_which_coming_home_no_longer_helps():
    assert planted(28).helps_until(NEAR) == 28 and planted(56).helps_until(NEAR) == 56
    assert planted(28).helps_until(DRAWN) is None
    assert "until day 28 of the war; on day 56 that is no longer shown" in finding(planted(28))


def test_what_entry_leaves_behind_is_said_and_its_absence_too():
    assert "HYSTERESIS: yes" in verdict(planted(0))
    assert "HYSTERESIS: yes, nearer the line. He who comes home after 56 days" in verdict(planted(28))
    assert max(map(len, verdict(planted(28)).splitlines())) <= 100


def test_all_runs_of_a_world_share_its_dice_and_differ_in_the_day_of_return():
    runs = list(runs_of(draw(1), EPISODE, 5.0, 500))
    assert len({(run.seed, run.history) for run in runs}) == 1
    first = runs[: len(WAITS) + 2]
    assert [run.episode.entry.withdrawal for run in first] == [
        *(EPISODE.entry.date + dt.timedelta(days=wait) for wait in WAITS), None, None
    ]  # fmt: skip
    assert [run.arm for run in first] == ["enter"] * (len(WAITS) + 1) + ["stay"]
    assert {run.parameters.citizen.war_beyond for run in runs[len(first) :]} == {5.0}


def test_a_shock_beyond_what_is_allowed_is_refused(tmp_path):
    refused = CliRunner().invoke(main, ["--beyond", "9", "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and "9.0 is not in the range 0<=x<=8" in refused.output.replace(
        "0.0<=x<=8.0", "0<=x<=8"
    )


@pytest.mark.slow
def test_the_command_answers_for_two_small_worlds(tmp_path):
    told = ["--worlds", "2", "--citizens", "300", "--workers", "1", "--results", str(tmp_path)]
    done = CliRunner().invoke(main, told)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "point_of_no_return.png").stat().st_size > 10_000
