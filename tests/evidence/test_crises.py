"""The 18 crises are those of the table, and a file of one's own is read or refused by name."""

import csv
import re
from pathlib import Path

import pytest

from experiments.evidence.crises import FITTED_TO, FOLDER, read_case, shipped
from model.episode import EpisodeError

TABLE = Path(__file__).parents[2] / "model" / "data" / "cases.csv"
ROWS = {row["id"]: row for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())}
TEXT = (FOLDER / "arm18.toml").read_text(encoding="utf-8")


def test_every_row_of_the_table_is_a_case_and_no_other():
    assert set(shipped()) == set(ROWS) and len(ROWS) == 18 and FITTED_TO in ROWS


@pytest.mark.parametrize("row", ROWS)
def test_a_case_holds_the_numbers_of_its_row(row):
    case, told = shipped()[row], ROWS[row]
    assert case.peak == (float(told["peak_low"]), float(told["peak_high"]))
    assert case.episode.electors == pytest.approx(0.7e6 * float(told["pop_m"]), abs=1)
    assert case.fell == (told["outcome_success"] == "1") and case.episode.days == 180
    assert case.episode.alone == (float(told["patron_support_regime"]) == 0.0)
    assert (case.episode.entry is not None) == (told["war_with_casualties"] == "1")


@pytest.mark.parametrize("row", ROWS)
def test_the_forces_broke_where_the_tables_defection_reaches_one(row):
    number = re.match(r"([\d.]+)(?:-(\d))?", ROWS[row]["defection"])
    expected = None if number is None else max(float(part) for part in number.groups() if part) >= 1.0
    assert shipped()[row].broke == expected


def test_how_it_ended_changes_nothing_that_is_lived():
    # fell, broke and days stand in the case, and no field of the episode holds them
    for case in shipped().values():
        assert {"fell", "broke", "days"}.isdisjoint(case.episode.to_dict())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[case]", "[caze]", r"case = None; expected a table \[case\]"),
        ("fell =", "fel =", r"case\.fel does not exist; did you mean fell\?"),
        ("peak = [115_000, 250_000]", "peak = [250_000, 115_000]", r"case\.peak = .*expected \[low, high\], 0 to"),
        ("peak = [115_000, 250_000]", "peak = [1, 9_000_000]", r"expected \[low, high\], 0 to 2079000"),
        ("peak = [115_000, 250_000]", "peak = [0, 5]", r"expected both 0 \(no crowd\) or both above"),
        ('kind = "shock"', 'kind = "talks"', "0 events of the kind shock; expected one"),
        ("days = 10", "days = 0", r"case\.days = 0; expected a whole number"),
        ("fell = true", 'fell = "yes"', r"case\.fell = 'yes'; expected true or false"),
    ],
)
def test_a_case_that_cannot_be_is_refused_by_its_field(tmp_path, old, new, says):
    assert old in TEXT
    file = tmp_path / "wrong.toml"
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EpisodeError, match=f"^wrong: .*{says}"):
        read_case(file)
