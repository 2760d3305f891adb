"""A planted sign is found with its lead, signs that know nothing are called losers, and false alarms are counted."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.metrics import roc_auc_score

from experiments.lab.packed import pack, unpack
from experiments.warning import findings as warned
from experiments.warning.__main__ import lived, main, runs_of
from experiments.warning.findings import (
    AHEAD,
    MAIN,
    RATES,
    Watched,
    alarms,
    area,
    findings_of,
    judged,
    threshold_for,
    watched,
)
from experiments.warning.indicators import CALENDAR, MEASURED, SIGNS, WINDOW, autocorrelation, told_share, variance
from experiments.warning.words import finding, verdict
from model.episode import load_episode
from model.worlds import draw, origin

EPISODE = load_episode("belarus-2022")
ENTRY = EPISODE.day_of(EPISODE.entry.date)
INVENTED = "tests/model/invented.toml"
N, LEAD = 24, 12


def planted(falls=N // 2, at_once=0, n=N):
    """Worlds of which some fall on a day of their own; strain is 1 on the last 12 days before, all else is noise."""
    rows = []
    for world in range(n):
        dice = np.random.default_rng(world)
        fell = world < falls + at_once
        ended = ENTRY if world < at_once else int(ENTRY + dice.integers(60, 250))
        length = ended if fell else EPISODE.days
        noise = dice.integers(1, 4, (length, len(MEASURED) + 1)) / 10.0
        strain = noise[:, -1].copy()
        if fell:
            strain[ended - 1 - LEAD :] = 1.0
        values = np.column_stack([noise[:, :-1], strain, np.full(length, 7e6)])
        rows.append(
            {
                "world": world, "ending": "coup" if fell else "survived", "ended_on": float(ended) if fell else None,
                "daily": pack([*MEASURED, "strain", "electors"], values),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warned, "RESAMPLES", 25)
        return findings_of(planted(), EPISODE, 5.0, origin(None))


def said(result):
    """The verdict in one line."""
    return " ".join(verdict(result).split())


def test_the_planted_sign_is_found_with_its_lead_and_raises_no_false_alarm(found):
    best = found.at(MAIN).iloc[0]
    assert best["sign"] == "strain" and best["warned"] == 1.0 and best["false_a_year"] == 0.0
    assert (best["lead_25"], best["lead_50"], best["lead_75"]) == (LEAD, LEAD, LEAD)
    # 12 of 30 dangerous days stand above all others, the rest is noise: 0.4 + 0.6 / 2
    assert best["area"] == pytest.approx(0.7, abs=0.02) and best["area_low"] > 0.6
    assert finding(found).startswith(
        "What to watch first: strain in the forces. At 0.0 false alarms a year it stands before 100 % of falls, 12 days"
    )


def test_signs_that_know_nothing_are_called_losers(found):
    rows = found.at(MAIN).set_index("sign")
    assert rows.loc["small_protests", "area"] == 0.5  # no crowd is ever large enough to count
    losers = said(found).partition("THE LOSERS: not shown to know anything:")[2].partition(".")[0]
    assert SIGNS["small_protests"].words in losers and SIGNS["refused"].words in losers
    assert SIGNS["strain"].words not in losers and SIGNS[CALENDAR].words not in losers


def test_an_area_is_that_of_scikit_learn():
    dice = np.random.default_rng(0)
    values, danger, weight = dice.integers(0, 9, 300), dice.random(300) < 0.3, dice.integers(0, 3, 300)
    order = np.unique(values, return_inverse=True)[1]
    assert area(order, danger, weight) == pytest.approx(roc_auc_score(danger, values, sample_weight=weight))


def test_falls_and_years_are_counted(found):
    assert found.falls == N // 2 and found.at_once == 0 and set(found.table["rate"]) == set(RATES)
    # a survivor is watched from the entry to 30 days before the end; who falls until the eve of it
    ends = planted()["ended_on"].dropna()
    days = (ends - ENTRY).sum() + N // 2 * (EPISODE.days - AHEAD - ENTRY + 1)
    assert found.years == pytest.approx(days / 365.0)


def test_a_fall_on_the_day_of_entry_is_counted_and_judged_of_nobody():
    rows = planted(falls=3, at_once=2, n=8)
    worlds = list(watched(rows, ENTRY))
    assert len(worlds) == 6 and sum(world.fall is not None for world in worlds) == 3


def test_danger_begins_thirty_days_before_the_fall():
    world = Watched(world=0, signs={"x": np.zeros(40)}, fall=40)
    assert world.danger.tolist() == [False] * 10 + [True] * 30
    assert not Watched(world=0, signs={"x": np.zeros(40)}, fall=None).danger.any()


def test_an_alarm_stands_for_a_month_and_is_true_only_if_he_falls_meanwhile():
    x = np.zeros(100)
    x[[5, 20, 60]] = 1.0
    assert alarms(x, 1.0) == [5, 60]
    falls, stands = Watched(world=0, signs={"x": x}, fall=90), Watched(world=1, signs={"x": x}, fall=None)
    assert judged([falls, stands], "x", 1.0) == (3, [30])  # one true, on day 60, and three false
    assert judged([Watched(world=0, signs={"x": x}, fall=100)], "x", 1.0) == (2, [None])


def test_the_threshold_keeps_to_the_false_alarms_that_are_allowed():
    dice = np.random.default_rng(0)
    worlds = [Watched(world=w, signs={"x": dice.random(365)}, fall=None) for w in range(10)]
    for rate in (0.5, 2.0):
        threshold = threshold_for(worlds, "x", rate)
        assert judged(worlds, "x", threshold)[0] <= rate * 10
    assert threshold_for(worlds, "x", 0.5) >= threshold_for(worlds, "x", 2.0)


def test_variance_and_autocorrelation_see_a_street_that_slows_down():
    dice = np.random.default_rng(0)
    steps = dice.normal(size=400)
    slow = np.zeros(400)
    for day in range(1, 400):
        slow[day] = 0.95 * slow[day - 1] + steps[day]
    calm, slowed = (pd.DataFrame({"crowd": np.expm1(8.0 + 0.3 * x)}) for x in (steps, slow))
    late = slice(WINDOW + 7, None)
    assert autocorrelation(slowed)[late].mean() > autocorrelation(calm)[late].mean() + 0.4
    assert variance(slowed)[late].mean() > variance(calm)[late].mean()
    assert (variance(pd.DataFrame({"crowd": [0.0] * 60})) == 0.0).all()
    assert (autocorrelation(pd.DataFrame({"crowd": [0.0] * 60})) == 0.0).all()


def test_what_is_told_is_a_share_of_what_is_thought():
    assert told_share(pd.DataFrame({"tells": [0.2, 0.0], "against": [0.4, 0.0]})).tolist() == [0.5, 0.0]


def test_without_falls_there_is_nothing_to_watch(found):
    none = findings_of(planted(falls=0, n=4), EPISODE, 5.0, origin(None))
    assert finding(none) == "He falls in 0 of 4 worlds: too few to say what to watch"
    assert "THE SIGNS" not in verdict(none) and "nan" not in verdict(none)
    for result in (none, found):
        assert max(map(len, verdict(result).splitlines())) <= 100 and "BASE RATES" in verdict(result)
    assert "CONFIDENCE: unknown" in said(found) and "an area by resampling worlds" in said(found)


def test_a_run_keeps_every_day_until_he_falls():
    country = load_episode(INVENTED)
    run = next(iter(runs_of(draw(1, path=None), country, 5.0, 300)))
    told = lived(run)
    names, days = unpack(told["daily"])
    assert names == [*MEASURED, "strain", "electors"] and len(days) == (told["ended_on"] or country.days)
    assert run.arm == "enter" and run.parameters.citizen.war_beyond == 5.0


@pytest.mark.parametrize(
    "told, line",
    [
        (["--worlds", "1"], "1 is not in the range"),
        (["--episode", "belarus-2020"], "has no [entry]"),
        (["--set", "citizen.war_beyond=3"], "--beyond says how shocking the entry is"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and not (tmp_path / "out").exists()
