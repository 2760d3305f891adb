"""The tables of facts are whole, and stand on their own."""

import re
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "model" / "data"


@pytest.fixture(scope="module")
def weekly():
    return pd.read_csv(FOLDER / "belarus_2020_weekly.csv")


def test_the_wave_of_2020_has_its_dates_in_order(weekly):
    days = pd.to_datetime(weekly["date"].str[:10])
    assert len(weekly) == 23 and days.is_monotonic_increasing and days.is_unique
    sundays = days[days >= "2020-08-16"]
    assert (sundays.dt.day_of_week == 6).all() and (sundays.diff().dropna().dt.days == 7).all()


def test_what_was_counted_lies_between_low_and_high(weekly):
    assert (weekly["crowd_low"] <= weekly["crowd_mid"]).all() and (weekly["crowd_mid"] <= weekly["crowd_high"]).all()
    assert (weekly["detained_low"] <= weekly["detained_high"]).all() and (weekly["detained_low"] >= 0).all()


def test_the_first_four_days_add_up_to_the_ministrys_count(weekly):
    assert weekly["detained_low"][:4].sum() == 6_700  # the ministry's total of 12 August


def test_nobody_divides_nationwide_detentions_by_the_crowds_of_minsk(weekly):
    assert not [name for name in weekly if "risk" in name or "share" in name], "see the traps in model/data/README.md"


@pytest.mark.parametrize("name", ["belarus_2020_weekly.csv", "polls.csv", "cases.csv"])
def test_every_row_names_its_source(name):
    assert pd.read_csv(FOLDER / name)["source"].str.strip().ne("").all()


def test_the_shares_of_the_cases_follow_from_their_crowds():
    cases = pd.read_csv(FOLDER / "cases.csv")
    for end in ("low", "high"):
        share = 100 * cases[f"peak_{end}"] / (cases["pop_m"] * 1e6)
        assert cases[f"peak_share_{end}_pct"].to_numpy() == pytest.approx(share.to_numpy(), abs=0.006)


def test_the_facts_tell_of_every_table_and_name_files_that_exist():
    told = (FOLDER / "README.md").read_text(encoding="utf-8") + (FOLDER / "facts.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\.\./)?\w+\.(?:csv|md))`", told))
    assert {file.name for file in FOLDER.glob("*.csv")} <= named
    assert not [name for name in named if not (FOLDER / name).exists()]
