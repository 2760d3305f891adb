"""Shocks: whose crowd is read over which weeks, what lies in a range, and what is no evidence."""

import math

import pandas as pd
import pytest

from experiments.evidence.shocks import BESIDE, CONDITIONS, Shock, shocks
from experiments.lab.table import TableError
from experiments.shocks import __main__ as question
from experiments.shocks.findings import WINDOW, Check, check_of, findings_of
from experiments.shocks.words import headline, state, verdict
from model.measures import MEASURES


def lived(name, world, *, reference=100.0, after=0.0, later=0.0, after_defeat=None, ending="survived", entered_on=29.0):
    return {"lived": name, "world": world, "reference": reference, "after": after, "later": later, "ending": ending,
            "after_defeat": after_defeat, "entered_on": entered_on, "n_citizens": 300}  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    """Twenty histories: entry brings a tenth of the peak out, a defeat half; in four he would join by himself."""
    told = []
    for world in range(20):
        told += [
            lived("stay", world, entered_on=None), lived("entry", world, after=10.0 + world / 100.0),
            lived("defeat", world, after=99.0, after_defeat=50.0, ending="uprising" if world < 3 else "survived"),
            lived("choice", world, entered_on=40.0 if world < 4 else None),
        ]  # fmt: skip
    return pd.DataFrame(told)


def test_each_number_is_of_its_own_weeks_and_over_the_own_peak(rows):
    result = findings_of(rows, shocks(), "worlds")
    medians = {name: spread.median for name, spread in result.spreads.items()}
    assert medians == {"stay": 0.0, "entry": pytest.approx(0.10095), "war": 0.0, "defeat": 0.5}
    assert (result.joiners.lives, result.others.lives) == (4, 16)
    assert result.joiners.median == pytest.approx(0.10015) and result.falls["defeat"] == (3, 20)


def test_misses_are_counted_by_the_lives_in_a_range_and_said_first(rows):
    result = findings_of(rows, shocks(), "worlds")
    missed = {check.shock.name for check in result.checks if check.misses}
    assert {"Armenia, 2020-21", "Iraq, 1991"} <= missed and not {"Serbia, 1991-92", "Georgia, 2008-09"} & missed
    lines = verdict(result).splitlines()
    words = [line[:8].strip() for line in lines if line[:8].strip().upper() in ("MISSES", "MEETS")]
    assert len(words) == 10 and words == sorted(words, key=["MISSES", "misses", "MEETS", "meets"].index)
    assert max(map(len, lines)) <= 100 and "misses for 3 of 4 entries, 0 of 2 long wars, " in headline(result)


def test_a_row_from_memory_is_no_evidence_and_a_condition_without_lives_says_nothing():
    told = {"case": "A", "years": "1968", "type": "entry", "low": 0.0, "high": 0.1, "outcome": ""}
    crowds = pd.Series([0.5] * 20)
    assert [state(check_of(Shock(**told, origin=origin), crowds)) for origin in ("S", "S/M", "M")] == [
        "MISSES", "misses", "misses",
    ]  # fmt: skip
    assert state(Check(shock=Shock(**told, origin="S"), inside=None)) == "NOT SAID"


def test_every_type_stands_beside_something_and_an_impossible_row_is_refused(tmp_path):
    found = shocks()
    assert len(found) == 10 and {one.condition for one in found} == set(CONDITIONS) == set(BESIDE.values())
    assert [one.case for one in found if math.isinf(one.high)] == ["Iraq"]
    broken = tmp_path / "shocks.csv"
    broken.write_text("case,years,type,ratio_low,ratio_high,outcome,origin\nA,1968,entry,0.5,0.1,survived,S\n")
    with pytest.raises(TableError, match=r"line 2: entry, 0\.5 to 0\.1"):
        shocks(broken)


@pytest.mark.slow
def test_the_crowds_of_a_life_are_those_of_its_days():
    runs = {dict(run.labels)["lived"]: run for run in question.runs_of(1, seed=0, n_citizens=300)}
    assert list(runs) == list(question.LIVES)
    told = question.crowds(runs["defeat"])
    world = question.world_of(runs["defeat"]).run()
    place, first = list(MEASURES).index("crowd"), world.episode.day_of(world.episode.entry.date)
    people = [row[place] for row in world.rows]
    assert told["reference"] == max(row[place] for row in world.past_rows)
    assert told["after"] == max(people[first - 1 : first - 1 + WINDOW], default=None)
    lost = world.front.defeat_on
    assert told["after_defeat"] == (max(people[lost - 1 :], default=None) if lost else None)
