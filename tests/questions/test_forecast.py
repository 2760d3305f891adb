"""A forecast is dated, its conditions stand in its names, and its file says whether anybody has changed it."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.evidence.base_rates import CROWDS, FALLS
from experiments.evidence.gates import Gate
from experiments.forecast.__main__ import kept, main, record_of, runs_of
from experiments.forecast.findings import GIVEN, findings_of, lived
from experiments.forecast.words import finding, verdict
from experiments.lab.locked import SHAPE, LockedError, hash_of, hubverse, locked, read_locked, stated
from experiments.lab.tasks import world_of
from model.episode import load_episode
from model.measures import summary
from model.worlds import draw, origin

EPISODE = load_episode("belarus-2022")
INVENTED = "tests/model/invented.toml"
DAYS = (30, 90, 180, 365)
MARK = min(CROWDS)


def planted(n=20, **more):
    """Twenty worlds: in five he enters on day 60, in two he falls on day 200 if he enters; 10 detained a day."""
    rows = []
    for world in range(n):
        for arm in GIVEN:
            fell = arm == "enter" and world < 2
            row = {
                "world": world, "arm": str(arm), "ending": "coup" if fell else "survived",
                "ended_on": 200.0 if fell else float("nan"), "electors": 2e6,
                "entered_on": 60.0 if arm == "decide" and world < 5 else 29.0 if arm == "enter" else float("nan"),
            }  # fmt: skip
            row |= {f"crowd_by_{day}": 0.5 if world < 4 else 0.0 for day in DAYS}
            rows.append(row | {f"detained_by_{day}": 10.0 * day for day in DAYS})
    return findings_of(pd.DataFrame(rows), EPISODE, origin(None), **more)


@pytest.fixture
def record():
    return record_of(planted(), {"worlds": 20})


def test_whether_he_enters_is_asked_where_he_decides_and_conditions_stand_in_the_names():
    result = planted()
    targets = {question["target"] for question in result.questions}
    assert "entry" in targets and not {"entry_if_he_stays", "entry_if_he_enters"} & targets
    given = {question["target"].partition("_if_")[2]: question["given"] for question in result.questions}
    assert given == {"": "", "he_stays": "if he stays out", "he_enters": "if he enters on 24 Mar 2022"}


def test_a_thing_has_happened_by_a_day_and_not_before():
    result = planted()
    shares = [np.mean(q["samples"]) for q in result.questions if q["target"] == "entry"]
    assert shares == [0.0, 0.25, 0.25, 0.25]
    falls = [np.mean(q["samples"]) for q in result.questions if q["target"] == "fall_if_he_enters"]
    assert falls == [0.0, 0.0, 0.0, 0.1] and sum(result.question("fall")["samples"]) == 0.0
    crowd = result.question(f"crowd_of_{MARK:g}_percent")
    assert sum(crowd["samples"]) == 4.0 and f"{MARK / 100 * 2e6:,.0f} people" in crowd["words"]
    assert set(result.question("detained", "2022-05-24")["samples"]) == {900.0}


def test_a_base_rate_has_a_source_or_is_called_an_assumption():
    sources = {question["base"]["source"] for question in planted().questions}
    assert sources == {"assumption", "model/data/facts.md", "the reference class above"}
    base = planted().question("fall")["base"]
    assert base["chance"] == pytest.approx(FALLS.yearly) and base["source"] == "model/data/facts.md"
    words = " ".join(verdict(planted(), record_of(planted(), {})).split())
    assert "one year in ten brings the entry of such an ally (an assumption)" in words


def test_the_lock_holds_while_nothing_is_changed(record, tmp_path):
    file = tmp_path / "locked.json"
    file.write_text(json.dumps(record, indent=2))  # how it is laid out does not count
    assert read_locked(file) == record and set(SHAPE) <= set(record)
    record["questions"][0]["samples"][0] = 1.0 - record["questions"][0]["samples"][0]
    file.write_text(json.dumps(record))
    with pytest.raises(LockedError, match="was changed after it was locked: its contents have sha256"):
        read_locked(file)


@pytest.mark.parametrize("name", ["locked", "commit", "fingerprint", "origin_date", "worlds"])
def test_all_that_a_forecast_says_of_itself_is_locked_too(record, name):
    assert hash_of(record | {name: "another"}) != record["sha256"]


def test_a_forecast_made_wrongly_is_refused_though_its_hash_fits(record, tmp_path):
    file = tmp_path / "locked.json"
    for change, line in (
        ({"samples": [1.0]}, "1 samples; expected 20"), ({"by": "soon"}, "expected a date"),
        ({"samples": [0.5] * 20}, "expected samples of 0 and 1"),
        ({"base": {"source": "", "words": "", "chance": 1.0}}, "expected a chance between 0 and 1"),
    ):  # fmt: skip
        questions = [record["questions"][0] | change, *record["questions"][1:]]
        file.write_text(
            json.dumps(locked({name: record[name] for name in record if name != "sha256"} | {"questions": questions}))
        )
        with pytest.raises(LockedError, match=line):
            read_locked(file)


def test_a_locked_forecast_is_never_written_over(record, tmp_path):
    file = tmp_path / "locked.json"
    assert kept(file, record, {"worlds": 20}) is None
    file.write_text(json.dumps(record))
    again = record_of(planted(), {"worlds": 20}) | {"locked": "2030-01-01", "sha256": "x", "commit": "y"}
    assert kept(file, again, {"worlds": 20}) == record  # the same answer keeps its first date
    other = record_of(planted(19), {"worlds": 20})
    for made, options in ((None, {"worlds": 21}), (other, {"worlds": 20})):
        with pytest.raises(LockedError, match="holds another forecast, which stays locked"):
            kept(file, made, options)


def test_no_chance_is_stated_as_nought_or_one():
    assert 0.0 < stated([0.0] * 1_000).value < 0.001 and 0.999 < stated([1.0] * 1_000).value < 1.0


def test_samples_stand_in_the_schema_of_the_hubverse(record, tmp_path):
    pytest.importorskip("pyarrow")
    hubverse(record).to_parquet(tmp_path / "samples.parquet", index=False)
    table = pd.read_parquet(tmp_path / "samples.parquet")
    assert list(table) == [
        "origin_date", "target", "horizon", "target_end_date", "location", "output_type", "output_type_id", "value",
    ]  # fmt: skip
    assert set(table["output_type"]) == {"sample"} and len(table) == 20 * len(record["questions"])
    assert not table.duplicated(["target", "horizon", "output_type_id"]).any()
    first = table.iloc[0]
    assert str(first["origin_date"]) == "2022-02-23" and str(first["target_end_date"]) == "2022-03-25"
    assert (pd.to_datetime(table["target_end_date"]) - pd.to_datetime(table["origin_date"])).dt.days.equals(
        table["horizon"].astype("int64")
    )


def test_of_days_gone_by_it_is_called_a_hindcast(record):
    assert "52 of the 52 questions had fallen due" in " ".join(verdict(planted(), record).split())
    before = record | {"locked": "2022-02-01T00:00:00"}
    words = " ".join(verdict(planted(), before).split())
    assert "all days lay ahead" in words and "hindcast" not in words
    assert finding(planted(), "2022-02-01").endswith("52 dated questions are locked")
    assert "he has entered with a chance of 26 % [" in finding(planted(), "2022-02-01")  # 5.5 of 21


def test_the_verdict_tells_likelihood_confidence_and_lock_apart(record):
    gates = [Gate(words="the plateau", bound="", shown="", met=False)]
    words = verdict(planted(gates=gates), record)
    one_line = " ".join(words.split())
    assert "CONFIDENCE: very low; 0 of 1 gates are met, not: the plateau." in one_line and "BASE RATES" in one_line
    assert record["sha256"] in words and "nan" not in words and max(map(len, words.splitlines())) <= 100


def test_a_world_answers_what_its_days_say():
    country = load_episode(INVENTED)
    run = next(run for run in runs_of(draw(1, path=None), country, 500) if run.arm == "enter")
    world = world_of(run).run()
    told, days = lived(run), world.series()
    assert told["ending"] == summary(world)["ending"] and dict(run.asked)["by"] == "30 90 120"
    assert told["crowd_by_30"] == pytest.approx(
        100 * days["crowd"].iloc[:30].max() / sum(region.electors for region in country.regions)
    )
    assert told["detained_by_120"] == days["detained_total"].iloc[-1]


@pytest.mark.parametrize(
    "told, line", [(["--worlds", "0"], "0 is not in the range"), (["--episode", "belarus-2020"], "has no [entry]")]
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and not (tmp_path / "out").exists()
