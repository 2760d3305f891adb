"""Scores are those worked out by hand, stand beside the base rate's, and impossible answers are refused."""

import datetime as dt
import json
import math

import pytest
from click.testing import CliRunner

from experiments.lab.locked import locked
from experiments.score.__main__ import main
from experiments.score.findings import answers, brier, crps, findings_of, surprise
from experiments.score.words import finding, verdict

TODAY = dt.date(2022, 6, 1)


def question(target, by, samples, unit="yes or no", base=0.1, source="assumption"):
    """One locked question."""
    held = {"chance": base} if unit == "yes or no" else {"samples": base}
    return {
        "target": target, "words": target, "given": "", "unit": unit, "by": by, "horizon": 90, "samples": samples,
        "base": {"source": source, "words": "a rate", **held},
    }  # fmt: skip


def forecast(day="2022-02-01"):
    """A forecast of three worlds: entry 7 in 8, a fall 1 in 8, 0, 1 or 2 detained; and under both conditions."""
    questions = [
        question("entry", "2022-05-01", [1.0, 1.0, 1.0]), question("entry", "2022-07-01", [1.0, 1.0, 1.0]),
        question("fall", "2022-05-01", [0.0, 0.0, 0.0], source="model/data/facts.md"),
        question("fall_if_he_stays", "2022-05-01", [0.0, 0.0, 0.0]),
        question("fall_if_he_enters", "2022-05-01", [0.0, 0.0, 1.0]),
        question("detained", "2022-05-01", [0.0, 1.0, 2.0], "people", [1.0, 3.0]),
    ]  # fmt: skip
    return locked(
        {
            "locked": f"{day}T00:00:00+00:00", "commit": "abc", "fingerprint": "def", "origin_date": "2022-01-31",
            "location": "Freedonia", "confidence": "CONFIDENCE: unknown.", "worlds": [0, 1, 2], "questions": questions,
        }
    )  # fmt: skip


HAPPENED = {("entry", "2022-05-01"): 1.0, ("fall", "2022-05-01"): 1.0, ("detained", "2022-05-01"): 1.0}


def said(result):
    """The verdict in one line."""
    return " ".join(verdict(result).split())


def test_scores_are_those_worked_out_by_hand():
    table = findings_of(forecast(), HAPPENED).table.set_index("target")
    # (k + 1/2) / (n + 1): 3.5 / 4 and 0.5 / 4
    assert table.loc["entry", "brier"] == pytest.approx((1 / 8) ** 2)
    assert table.loc["fall", "brier"] == pytest.approx((7 / 8) ** 2)
    assert table.loc["entry", "brier_base"] == pytest.approx(0.81)
    assert table.loc["fall", "log"] == pytest.approx(math.log(8)) and table.loc["fall", "log_base"] == pytest.approx(
        math.log(10)
    )
    assert table.loc["detained", "crps"] == pytest.approx(2 / 9)
    # the base rate's 1 and 3: mean distance to 1 is 1, less half of the mean distance of two, 1
    assert table.loc["detained", "crps_base"] == pytest.approx(0.5)


def test_a_sure_forecast_of_what_does_not_happen_is_worse_than_an_unsure_one():
    assert brier(0.0, 0.9) > brier(0.0, 0.5) > brier(0.0, 0.1) and surprise(1.0, 0.1) > surprise(1.0, 0.9)
    assert crps(5.0, [5.0]) == 0.0 and crps(5.0, [7.0]) == 2.0


def test_the_headline_counts_where_the_forecast_was_nearer():
    result = findings_of(forecast(), HAPPENED)
    assert result.better() == 3  # entry; the fall, 0.766 against 0.81; the detained
    assert finding(result) == (
        "On 3 of 3 answered questions the forecast was nearer than the base rate; its chances lose 0.3906 (Brier), "
        "less than the base rates' 0.8100"
    )
    assert result.open_questions == 3


def test_a_hindcast_is_called_one():
    assert finding(findings_of(forecast("2022-06-01"), HAPPENED)).startswith("A hindcast: on 3 of 3")
    assert "3 of the 3 answers were there to be known" in said(findings_of(forecast("2022-06-01"), HAPPENED))
    assert "All answers lay ahead" in said(findings_of(forecast(), HAPPENED))


def test_the_verdict_says_what_base_rates_are_assumptions():
    words = said(findings_of(forecast(), HAPPENED))
    assert "1 of 3 answered questions have one with a source, 2 an assumption" in words
    assert "nan" not in words and max(map(len, verdict(findings_of(forecast(), HAPPENED)).splitlines())) <= 100


def test_only_what_is_answered_is_judged():
    only = {("detained", "2022-05-01"): 4.0}
    words = said(findings_of(forecast(), only))
    assert "YES OR NO" not in words and "HOW MANY" in words and "5 are open" in words


@pytest.mark.parametrize(
    "lines, line",
    [
        ("entri,2022-05-01,1", "line 2: entri by 2022-05-01 was not asked in the forecast"),
        ("entry,2022-05-01,0.5", "value = 0.5; expected 0 or 1"),
        ("detained,2022-05-01,-1", "value = -1; expected 0 to"),
        ("detained,2022-05-01,many", "value = many; expected 0 to"),
        ("entry,2022-07-01,0", "2022-07-01 is not over yet"),
        ("entry,2022-05-01,1\nentry,2022-05-01,1", "line 3: entry by 2022-05-01 is answered twice"),
        ("entry,2022-05-01,", "answers no question"),
        ("fall_if_he_stays,2022-05-01,0\nfall_if_he_enters,2022-05-01,0", "he cannot have stayed and entered"),
    ],
)
def test_what_cannot_have_happened_is_refused_in_one_line(tmp_path, lines, line):
    (tmp_path / "happened.csv").write_text(f"target,by,value\n{lines}\n")
    with pytest.raises(ValueError) as refused:
        answers(tmp_path / "happened.csv", forecast(), TODAY)
    assert line in str(refused.value)


def test_what_had_happened_has_happened_later_too(tmp_path):
    (tmp_path / "happened.csv").write_text("target,by,value\nentry,2022-05-01,1\nentry,2022-07-01,0\n")
    with pytest.raises(ValueError, match="entry is 1 by 2022-05-01, and less by 2022-07-01"):
        answers(tmp_path / "happened.csv", forecast(), dt.date(2022, 8, 1))


def test_a_yes_may_be_known_before_its_day_and_empty_lines_are_open(tmp_path):
    (tmp_path / "happened.csv").write_text("target,by,value\nentry,2022-07-01,1\nfall,2022-05-01,\n")
    assert answers(tmp_path / "happened.csv", forecast(), TODAY) == {("entry", "2022-07-01"): 1.0}


@pytest.mark.slow
def test_the_command_judges_and_refuses_a_file_that_was_changed(tmp_path):
    file, happened = tmp_path / "locked.json", tmp_path / "happened.csv"
    happened.write_text("target,by,value\nentry,2022-05-01,1\ndetained,2022-05-01,4\n")
    file.write_text(json.dumps(forecast()))
    told = [str(file), "--resolved", str(happened), "--results", str(tmp_path / "out")]
    done = CliRunner().invoke(main, told)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "score.png").stat().st_size > 10_000 and "On 2 of 2" not in done.stderr
    file.write_text(json.dumps(forecast() | {"commit": "another"}))
    refused = CliRunner().invoke(main, told)
    assert refused.exit_code == 2 and "was changed after it was locked" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
