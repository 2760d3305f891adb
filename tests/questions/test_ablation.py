"""A claim that carries the answer is found and told, one that does nothing too, and the past is lived with all."""

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.ablation.__main__ import GRIPS, lived, main, runs_of
from experiments.ablation.findings import (
    ENTER_FALL,
    ENTERS,
    HIGH,
    LOW,
    NEAR_FALL,
    OUTCOMES,
    PAIRS,
    SETTINGS,
    SINGLES,
    STAY_FALL,
    WHOLE,
    claims_of,
    findings_of,
)
from experiments.ablation.words import finding, verdict
from experiments.evidence.claims import sentences
from experiments.evidence.gates import Gate
from experiments.lab.runner import Run
from experiments.lab.tasks import run_summary, world_of
from model.episode import load_episode
from model.measures import summary
from model.parameters import SWITCHES
from model.worlds import draw, origin

EPISODE = load_episode("belarus-2022")
INVENTED = "tests/model/invented.toml"
N = 60


def planted(**more):
    """Sixty worlds with known answers.

    Nearer the line 30 fall, but 6 without C6; without C13 or its pair with C8, 30 others fall; with a high grip none.
    He enters in 15, but in 45 without C1. C11 moves the days of all, C9 one ending, and all others nothing.
    """
    rows = []
    for world in range(N):
        for setting in SETTINGS:
            for outcome, (place, arm) in OUTCOMES.items():
                fell = outcome == NEAR_FALL and world < 30
                enters = 40.0 if outcome == ENTERS and world < (45 if setting == "pressure" else 15) else float("nan")
                if outcome == NEAR_FALL:
                    fell = world < 6 if setting == "war_anger" else fell
                    fell = world >= 30 if setting in ("divided_forces", "defiance+divided_forces") else fell
                    fell = False if setting == HIGH else fell
                    fell = world < 31 if setting == "diaspora" else fell
                rows.append(
                    {
                        "world": world, "place": place, "setting": setting, "arm": str(arm), "seed": world,
                        "n_citizens": 500, "status": "done", "error": None, "entered_on": enters,
                        "ending": "coup" if fell else "survived", "peak_crowd": 7.0 if setting == "talks" else 5.0,
                    }
                )  # fmt: skip
    return findings_of(pd.DataFrame(rows), EPISODE, 5.0, origin(None), (0.6, 0.7, 0.8), **more)


@pytest.fixture(scope="module")
def found():
    return planted()


def said(result):
    """The verdict in one line."""
    return " ".join(verdict(result).split())


def test_what_a_claim_carries_is_the_change_without_it_world_by_world(found):
    change = found.changes["war_anger", NEAR_FALL]
    assert found.chances[WHOLE, NEAR_FALL].value == 0.5 and change.value == pytest.approx(-24 / 60)
    # 24 of 60 change, none the other way: a paired share of 0.4 has an error of sqrt(0.4 x 0.6 / 59) = 0.0638
    assert change.error == pytest.approx(0.0638, abs=0.0001) and change.shows
    assert found.changes["pressure", ENTERS].value == pytest.approx(0.5)
    assert found.changes["war_anger", STAY_FALL].value == found.changes["war_anger", ENTER_FALL].value == 0.0


def test_claims_that_only_change_who_falls_are_not_shown_to_change_how_many(found):
    assert found.changes["divided_forces", NEAR_FALL].value == 0.0 and found.turned["divided_forces"] == N
    assert found.kind("divided_forces") == "not shown"


def test_each_claim_is_told_by_what_it_does(found):
    kinds = {setting: found.kind(setting) for setting in SINGLES}
    assert [name for name, kind in kinds.items() if kind == "carries"] == ["pressure", "war_anger"]
    assert kinds["diaspora"] == "not shown" and found.turned["diaspora"] == 1
    assert kinds["talks"] == "turns nothing" and found.touched["talks"] == N and found.turned["talks"] == 0
    assert kinds["debt"] == "nothing" and found.touched["debt"] == 0


def test_the_largest_change_comes_first(found):
    assert found.by_size[:3] == ["pressure", "war_anger", "diaspora"]
    words = verdict(found)
    assert words.index("C1, “Putin pushes Belarus") < words.index("C6, “entering might spark an uprising")


def test_the_headline_is_made_from_the_numbers(found):
    assert finding(found) == (
        "Most rests on C1 pressure: without it he enters, if he may choose, in 75 % of worlds, not in 25 %; 1 more is "
        "shown to carry some of it; 14 of 18 claims turn no ending and no choice in any of 60 worlds"
    )


def test_pairs_stand_beside_the_sum_of_each_alone(found):
    line = next(line for line in verdict(found).splitlines() if line.startswith("  media_grip + diaspora"))
    assert line.split()[3:5] == ["0", "[-3.2"] and line.split()[7] == "+1.7"  # one world of 60 falls without C9 alone


def test_the_media_grip_is_told_between_its_ends(found):
    assert found.grip[NEAR_FALL].value == pytest.approx(-0.5)
    assert "nearer the line, in 50 % and in 0 % of worlds (-50.0 [" in said(found) and "is 0.70 (0.60 to 0.80)" in said(
        found
    )


def test_the_verdict_says_from_when_on_a_claim_is_off_and_what_that_means(found):
    assert "a claim is off from the eve, 24 Feb 2022, on. The past is lived with all of them" in said(found)
    assert "Of 104 intervals up to 5 may leave zero out by luck alone" in said(found)
    assert max(map(len, verdict(found).splitlines())) <= 100 and "nan" not in verdict(found)


def test_likelihood_and_confidence_stand_apart():
    words = said(planted(gates=[Gate(words="the plateau", bound="", shown="", met=False)]))
    assert "CONFIDENCE: very low; 0 of 1 gates are met, not: the plateau." in words and "BASE RATES" in words


def test_every_claim_that_has_a_switch_has_its_sentence():
    assert set(SWITCHES.values()) <= set(sentences()) and sentences()["C6"].startswith("entering might spark")
    assert {*SINGLES} == set(SWITCHES) and {claim for pair in PAIRS for claim in pair} <= set(SWITCHES)


def test_settings_share_world_and_dice_and_the_past_with_all_claims():
    runs = list(runs_of(draw(2), EPISODE, 5.0, 500))
    assert len(runs) == 2 * len(SETTINGS) * len(OUTCOMES)
    first = [run for run in runs if dict(run.labels)["world"] == 0]
    assert len({(run.seed, run.history) for run in first}) == 1 and not any(run.parameters.without for run in runs)
    assert {run.parameters.citizen.war_beyond for run in first if dict(run.labels)["place"] == "nearer the line"} == {5}


def one(setting, arm="enter"):
    """One run of a small world of the invented country."""
    country = load_episode(INVENTED)
    world = draw(1, path=None)[0]
    return Run(
        episode=country, parameters=world.parameters, arm=arm, seed=3, n_citizens=500, days=60, asked={"off": setting}
    )


def test_with_all_claims_a_run_is_what_it_is_elsewhere():
    assert lived(one(WHOLE)) == run_summary(one(WHOLE))


@pytest.mark.parametrize("setting", ["war_anger", "shame+sanctions"])
def test_a_claim_is_off_from_the_eve_on(setting):
    run = one(setting)
    world = world_of(run)
    world.switch_off(*claims_of(setting))
    assert not any(world.holds(claim) for claim in claims_of(setting))
    assert lived(run) == summary(world.run(run.days)) != lived(one(WHOLE))


def test_a_low_grip_lets_more_through_than_a_high_one():
    assert GRIPS[LOW] < GRIPS[HIGH]
    assert lived(one(LOW)) != lived(one(HIGH))


@pytest.mark.parametrize(
    "told, line",
    [
        (["--beyond", "9"], "is not in the range"),
        (["--worlds", "1"], "is not in the range"),
        (["--episode", "belarus-2020"], "belarus-2020 has no [entry]"),
        (["--accepted", "nowhere.csv"], "no accepted worlds in nowhere.csv"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_command_answers_for_two_small_worlds_and_goes_on_where_it_was(tmp_path):
    told = ["--worlds", "2", "--citizens", "300", "--workers", "1", "--results", str(tmp_path), "--episode", INVENTED]
    done = CliRunner().invoke(main, told)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "ablation.png").stat().st_size > 10_000
    assert CliRunner().invoke(main, told).stdout == done.stdout
