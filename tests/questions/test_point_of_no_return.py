"""Coming home: it is held against going on among those who still stand, and against staying out."""

import datetime as dt

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.evidence.gates import Gate
from experiments.point_of_no_return.__main__ import changed, main, runs_of, waits_of
from experiments.point_of_no_return.findings import DRAWN, NEAR, NEVER, STAYS, WAITS, findings_of
from experiments.point_of_no_return.words import finding, verdict
from model.episode import load_episode
from model.worlds import draw, origin

EPISODE = load_episode("belarus-2022")
ENTRY = EPISODE.day_of(EPISODE.entry.date)
INVENTED = "tests/model/invented.toml"
WORLDS = 60


def said(result):
    """The verdict in one line."""
    return " ".join(verdict(result).split())


def planted(helps_until=28, n=WORLDS, stays=None, **more):
    """Worlds that fall on day 100 of the war unless the troops are home by a certain day; ten fall on day 3.

    Of those that never enter, the worlds of ``stays`` fall on a day of theirs.
    """
    rows = []
    for world in range(n):
        for setting in (DRAWN, NEAR):
            for wait in (*WAITS, NEVER, STAYS):
                early = world < 10 and wait != STAYS
                late = world < 40 and wait != STAYS and not 0 < wait <= helps_until
                fell = setting == NEAR and (early or late)
                day = ENTRY + (3 if early else 100)
                if wait == STAYS and world in (stays or {}):
                    fell, day = True, stays[world]
                rows.append(
                    {
                        "world": world, "setting": setting, "wait": wait, "ending": "uprising" if fell else "survived",
                        "ended_on": day if fell else float("nan"),
                    }
                )  # fmt: skip
    return findings_of(pd.DataFrame(rows), EPISODE, 5.0, origin(None), **more)


def test_those_who_fell_before_they_could_come_home_are_not_asked():
    rows = planted().of(NEAR)
    assert rows.loc[7, "standing"] == 50 and rows.loc[112, "standing"] == 20
    assert (rows.loc[7, "still_falls"], rows.loc[7, "would_fall"]) == (0.0, 0.6)
    assert rows.loc[7, "saves"] == pytest.approx(0.6) and rows.loc[7, "left"] == 0.0
    assert rows.loc[NEVER, "falls"] == pytest.approx(40 / 60) and rows.loc[STAYS, "falls"] == 0.0


def test_he_who_would_be_gone_anyway_is_not_held_against_him_who_came_home():
    rows = planted(stays=dict.fromkeys(range(50, 60), ENTRY + 10)).of(NEAR)
    assert rows.loc[7, "standing_both"] == 50 and rows.loc[7, "left"] == pytest.approx(-10 / 50)
    assert rows.loc[14, "standing"] == 50 and rows.loc[14, "standing_both"] == 40 and rows.loc[14, "left"] == 0.0


def test_the_day_is_found_after_which_coming_home_no_longer_helps():
    assert planted(28).helps_until(NEAR) == 28 and planted(56).helps_until(NEAR) == 56
    assert planted(28).helps_until(DRAWN) is None
    assert "until day 28 of the war; on day 56 that is no longer shown" in finding(planted(28))


def test_what_entry_leaves_behind_is_said_and_its_absence_too():
    assert "HYSTERESIS: As drawn: not shown" in said(planted(0))
    assert "Nearer the line: yes: he who comes home after 7 days still falls more often" in said(planted(0))
    assert "he who comes home after 56 days still falls more often" in said(planted(28))
    assert "so on up to day 224" not in said(planted(28)) and "once home he falls by: uprising 30." in said(planted(28))
    assert max(map(len, verdict(planted(28)).splitlines())) <= 100


def test_coming_home_that_harms_is_said():
    rows = pd.DataFrame(
        {"world": world, "setting": setting, "wait": wait, "ending": "coup" if wait == 7 else "survived",
         "ended_on": ENTRY + 9.0 if wait == 7 else float("nan")}
        for world in range(40) for setting in (DRAWN, NEAR) for wait in (*WAITS, NEVER, STAYS)
    )  # fmt: skip
    words = said(findings_of(rows, EPISODE, 5.0, origin(None)))
    assert "As drawn: not shown on any day (0 of 40 worlds fall if they never come home). On day 7 coming home" in words


def test_the_verdict_tells_likelihood_confidence_and_base_rates_apart():
    gates = [Gate(words="the plateau", bound="", shown="", met=False)]
    words = said(planted(gates=gates, fixed=("entry.troops=5000",)))
    assert "if they never come home, exceptionally unlikely (0 % [0 to 4.1])" in words  # Jeffreys, by hand: 0 of 60
    assert "CONFIDENCE: very low; 0 of 1 gates are met, not: the plateau." in words
    assert "BASE RATES" in words and "The same in all worlds: entry.troops=5000." in words
    assert "nan" not in words


def test_nobody_left_to_come_home_is_said_by_a_dash():
    rows = pd.DataFrame(
        {"world": world, "setting": setting, "wait": wait, "ending": "survived" if wait == STAYS else "coup",
         "ended_on": float("nan") if wait == STAYS else ENTRY + 30.0}
        for world in range(20) for setting in (DRAWN, NEAR) for wait in (*WAITS, NEVER, STAYS)
    )  # fmt: skip
    words = verdict(findings_of(rows, EPISODE, 5.0, origin(None)))
    assert " 56 days     0 -                    -" in words and "nan" not in words


def test_a_country_whose_year_ends_early_is_asked_of_the_days_that_it_has():
    country = load_episode(INVENTED)
    assert waits_of(country) == (7, 14, 28, 56)
    runs = list(runs_of(draw(1, path=None), country, 5.0, 500))
    never = [run for run in runs if dict(run.labels)["wait"] == NEVER]
    assert [run.episode.entry.withdrawal for run in never] == [None, None]  # its own return is not in question


def test_what_is_set_is_the_same_in_all_worlds():
    country = changed(EPISODE, ["entry.troops=5000"])
    for run in runs_of(draw(2), country, 5.0, 500, ["citizen.noise=0.2", "entry.troops=5000"]):
        assert run.parameters.citizen.noise == 0.2 and run.episode.entry.troops == 5_000


def test_all_runs_of_a_world_share_its_dice_and_differ_in_the_day_of_return():
    runs = list(runs_of(draw(1), EPISODE, 5.0, 500))
    assert len({(run.seed, run.history) for run in runs}) == 1
    first = runs[: len(WAITS) + 2]
    assert [run.episode.entry.withdrawal for run in first] == [
        *(EPISODE.entry.date + dt.timedelta(days=wait) for wait in WAITS), None, None
    ]  # fmt: skip
    assert [run.arm for run in first] == ["enter"] * (len(WAITS) + 1) + ["stay"]
    assert {run.parameters.citizen.war_beyond for run in runs[len(first) :]} == {5.0}


@pytest.mark.parametrize(
    "told, line",
    [
        (["--set", "entry.withdrawal=2022-05-01"], "the days of coming home are what is asked here"),
        (["--set", "end_date=2022-03-28"], "expected 7 days or more after the entry, 2022-03-24"),
        (["--set", "citizen.nois=1"], "did you mean citizen.noise?"),
        (["--episode", "belarus-2020"], "belarus-2020 has no [entry]"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_shock_beyond_what_is_allowed_is_refused(tmp_path):
    refused = CliRunner().invoke(main, ["--beyond", "9", "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and "9.0 is not in the range 0<=x<=8" in refused.output.replace(
        "0.0<=x<=8.0", "0<=x<=8"
    )


@pytest.mark.slow
def test_the_command_answers_for_two_small_worlds(tmp_path):
    told = ["--worlds", "2", "--citizens", "300", "--workers", "1", "--results", str(tmp_path), "--episode", INVENTED]
    done = CliRunner().invoke(main, told)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "point_of_no_return.png").stat().st_size > 10_000
