"""What is read off a run to be held against facts: a made-up run with a different known value on each date."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments import validate
from experiments.validate import FACTS, facts_table, look_at_war, look_back, verdict

DAYS = pd.date_range("2022-02-24", "2023-02-23")
RUN = SimpleNamespace(episode=None, parameters=None, arm="stay", seed=1, n_citizens=100)


@pytest.fixture
def lives(monkeypatch):
    """Let a run live a made-up history."""

    def made_up(series, failed=()):
        judge = SimpleNamespace(ending="survived", failed_days=list(failed))
        world = SimpleNamespace(judge=judge, series=lambda: pd.DataFrame(series))
        world.run = lambda: world
        monkeypatch.setattr(validate, "Simulation", lambda *given, **named: world)
        monkeypatch.setattr(validate, "summary", lambda world: {"detained": 1.0})

    return made_up


def value(measure, date):
    day = (dt.date.fromisoformat(date) - dt.date(2022, 2, 24)).days
    return {"crowd": 1_000.0, "tells": 0.1, "volunteers": 50_000.0}[measure] + 0.001 * day


def test_moscows_help_is_read_on_its_first_day_and_days_count_from_one(lives):
    support = np.array([0] * 17 + [1] * 20 + [2] * 10 + [3] * 5)
    lives({"support": support}, failed=(3, 9))
    assert look_back(RUN) == {"ending": "survived", "police_on": 18, "money_on": 38, "failed_2020": 2}


def test_help_that_never_came_has_no_day(lives):
    lives({"support": np.array([0] * 17 + [1] * 20)})
    assert (look_back(RUN)["police_on"], look_back(RUN)["money_on"]) == (18, None)


def test_a_loan_without_police_before_it_is_both(lives):
    lives({"support": np.array([0, 0, 2, 2])})
    assert (look_back(RUN)["police_on"], look_back(RUN)["money_on"]) == (3, 3)


def test_the_year_of_war_is_read_on_its_dates(lives):
    columns = {
        measure: pd.Series([value(measure, f"{day:%F}") for day in DAYS], index=DAYS)
        for measure in ("crowd", "tells", "volunteers")
    }
    lives(columns)
    assert look_at_war(RUN) == {
        "detained": 1.0,
        "crowd_27": value("crowd", "2022-02-27"),
        "loyal": pytest.approx(1.0 - value("tells", "2022-05-01")),
        "volunteers_july": value("volunteers", "2022-07-01"),
    }


def test_what_a_run_that_ended_early_does_not_show_is_empty(lives):
    short = DAYS[:10]
    lives({measure: pd.Series(1.0, index=short) for measure in ("crowd", "tells", "volunteers")})
    seen = look_at_war(RUN)
    assert (seen["crowd_27"], seen["loyal"], seen["volunteers_july"]) == (1.0, None, None)


@pytest.fixture
def rows():
    """101 worlds, in which each fact takes the values 0 to 100, in another order."""
    dice = np.random.default_rng(1)
    columns = {fact.column: dice.permutation(np.arange(101.0)) for fact in FACTS}
    return pd.DataFrame(
        columns | {"days": 365, "coup_attempts": [1] * 3 + [0] * 98, "ending": ["coup"] + ["survived"] * 100}
    )


def test_each_fact_stands_beside_the_90_percent_of_what_worlds_show(rows):
    table = facts_table(rows).set_index("fact")
    assert (table["band_low"] == 5.0).all() and (table["median"] == 50.0).all() and (table["band_high"] == 95.0).all()
    inside = {fact.words: sum(fact.low <= number <= fact.high for number in range(101)) / 101 for fact in FACTS}
    assert table["share_inside"].to_dict() == pytest.approx(inside)
    assert (table["known_low"] == [fact.low for fact in FACTS]).all() and (table["never"] == 0.0).all()


def test_what_never_came_is_said_and_is_not_inside(rows):
    rows.loc[:49, FACTS[0].column] = None
    fact = facts_table(rows).iloc[0]
    assert fact["never"] == pytest.approx(50 / 101) and fact["share_inside"] <= 51 / 101


def test_the_verdict_counts_survivors_attempts_and_coups(rows):
    said = verdict(facts_table(rows), rows)
    assert "99% of worlds" in said and "3.0 attempts in a hundred years, 1 of 3 succeed" in said


@pytest.mark.parametrize(
    "low, high, missed", [(95.5, 99.0, True), (95.0, 99.0, False), (1.0, 5.0, False), (1.0, 4.5, True)]
)
def test_a_fact_outside_the_band_is_missed(rows, low, high, missed):
    table = facts_table(rows).head(1).assign(known_low=low, known_high=high)
    assert ("MISSED" in verdict(table, rows)) == missed
