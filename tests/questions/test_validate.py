"""The gates and the facts: what is read off a run, when a gate is met, and that failures are said first."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.evidence.gates import Gate, gates_beside, gates_table
from experiments.evidence.targets import Target
from experiments.lab.table import TableError
from experiments.validate import lives
from experiments.validate.__main__ import main
from experiments.validate.findings import FACTS, Lived, facts_table, gates
from experiments.validate.words import verdict
from model.episode import load_episode
from model.measures import MEASURES
from model.simulation import Simulation

COUNTRY = load_episode("belarus-2022")
RUN = SimpleNamespace(episode=COUNTRY, parameters=None, arm="stay", seed=1, history=None, n_citizens=100)


def value(measure, day):
    """What a made-up run shows of a measure on a day: a value of its own on each."""
    if measure in ("support", "order_failed"):
        return 0.0
    return {"crowd": 2_000.0, "capital_crowd": 1_000.0, "tells": 0.1}.get(measure, 500.0) + 0.001 * day


@pytest.fixture
def made_up(monkeypatch):
    """A run that lives a made-up history: the past, and as many days of the year of war as are asked for."""

    def lived(days=365, **told):
        def row(day):
            return [told.get(name, value)(name, day) if name in told else value(name, day) for name in MEASURES]

        past = [row(day) for day in range(1 - COUNTRY.past_days, 1)]
        world = SimpleNamespace(episode=COUNTRY, past_rows=past, rows=[row(day) for day in range(1, days + 1)])
        world.fell_before = ""
        world.run = lambda: world
        monkeypatch.setattr(lives, "world_of", lambda run: world)
        monkeypatch.setattr(lives, "summary", lambda world: {"detained": 1.0})
        return lives.look_back(RUN)

    return lived


def on(measure, date):
    return value(measure, COUNTRY.day_of(dt.date.fromisoformat(date)))


def test_what_is_known_is_read_on_its_dates(made_up):
    seen = made_up()
    assert seen["country_for_capital"] == on("crowd", "2020-08-23") / on("capital_crowd", "2020-08-23")
    assert seen["october_call"] == on("capital_crowd", "2020-10-25") / on("capital_crowd", "2020-10-18")
    assert seen["crowd_march"] == on("crowd", "2021-03-27")
    calls = (on("detained_today", "2021-03-25"), on("detained_today", "2021-03-27"))
    assert seen["detained_march"] == pytest.approx(sum(calls) / 2.0)
    assert seen["crowd_27"] == on("crowd", "2022-02-27")
    assert seen["detained_27_28"] == on("detained_today", "2022-02-27") + on("detained_today", "2022-02-28")
    assert seen["crowd_later"] == on("crowd", "2023-02-23") and seen["x_eve"] == value("movement_load", 0)
    assert seen["loyal"] == 1.0 - on("tells", "2022-05-01")
    assert seen["volunteers_july"] == on("volunteers", "2022-07-01")


def test_the_crowds_after_the_first_days_of_war_are_those_from_7_march_on(made_up):
    def crowd(name, day):
        return 9_000.0 if day <= COUNTRY.day_of(dt.date(2022, 3, 6)) else 5.0

    assert made_up(crowd=crowd)["crowd_later"] == 5.0


def test_moscows_help_is_read_on_its_first_day_and_days_count_from_one(made_up):
    first = 1 - COUNTRY.past_days
    seen = made_up(support=lambda name, day: 0.0 if day < first + 17 else 1.0 if day < first + 37 else 2.0)
    assert (seen["police_on"], seen["money_on"]) == (18, 38)
    seen = made_up(support=lambda name, day: 0.0 if day < first + 17 else 1.0)
    assert (seen["police_on"], seen["money_on"]) == (18, None)


def test_what_a_run_that_ended_early_does_not_show_is_empty(made_up):
    seen = made_up(days=10)
    assert (seen["crowd_27"], seen["loyal"], seen["volunteers_july"]) == (on("crowd", "2022-02-27"), None, None)
    assert made_up(days=2)["detained_27_28"] is None and made_up(days=2)["crowd_later"] == 0.0


def test_a_country_many_times_as_large_ends_alike_and_its_crowds_are_the_same_share():
    small, large = (
        Simulation(country, arm="enter", rng=3, n_citizens=500).run(60)
        for country in (COUNTRY, lives.larger(COUNTRY, 16))
    )
    assert small.judge.ending == large.judge.ending and len(small.rows) == len(large.rows)
    place = list(MEASURES).index("crowd")
    for day, many in zip(small.past_rows + small.rows, large.past_rows + large.rows, strict=True):
        assert many[place] == pytest.approx(16.0 * day[place], rel=1e-6, abs=1.0)


# Gates.

TARGET = Target(
    name="Minsk's share, first night",
    measure="crowd",
    how="typical",
    days=(1,),
    low=1,
    mid=2,
    high=3,
    unit="u",
    source="",
)


def frames(**changed):
    """Runs that meet every gate that can be met, but for what is changed (frame__column)."""
    n = 40
    kept = {
        "country_for_capital": 1.6, "october_call": np.linspace(2.0, 3.0, n), "crowd_march": 900.0,
        "detained_march": 200.0, "crowd_27": np.linspace(1_000.0, 9_000.0, n),
        "detained_27_28": np.linspace(700.0, 1_200.0, n), "crowd_later": 100.0, "police_on": 18, "x_eve": 0.1,
    }  # fmt: skip
    entered = {"ending": "survived", "cause": "", "peak_share": 0.01, "run": [0, 1] * (n // 2)}
    less = {"ending": ["uprising"] * 8 + ["survived"] * (n - 8), "cause": "his forces stood aside", "peak_share": 0.01}
    fresh = {"fell": 0, "distance": 1.0, TARGET.name: np.linspace(1.0, 3.0, n)}
    near = less | {"ending": ["uprising"] * 4 + ["survived"] * (n - 4)}
    made = {
        "kept": kept, "entered": entered, "near": near, "less_loyal": less, "larger": dict(entered), "fresh": fresh,
    }  # fmt: skip
    for name, values in changed.items():
        frame, column = name.split("__")
        made[frame] = made[frame] | {column: values}
    return Lived(**{name: pd.DataFrame(columns, index=range(n)) for name, columns in made.items()})


AGREED = {"gelman_rubin": dict.fromkeys("abcde", 1.05)}
COVERS = {
    "fits": 50, "covers": True, "outer": {"covered": 85.0, "expected": 84.6},
    "inner": {"covered": 50.0, "expected": 53.8},
}  # fmt: skip


def tried(record=AGREED, check=COVERS, **changed):
    return {gate.words: gate for gate in gates(frames(**changed), [TARGET], 1.4, record, check, 4.0)}


def failing(**changed):
    return {words for words, gate in tried(**changed).items() if not gate.met}


def test_where_everything_is_as_seen_all_gates_are_met():
    assert not failing()


@pytest.mark.parametrize("check", [None, COVERS | {"covers": False}, COVERS | {"fits": 49}])
def test_known_histories_must_have_been_tried_all_50_and_covered(check):
    gate = tried(check=check)["simulation-based calibration on 50 known worlds"]
    assert not gate.met and gate.shown == (
        "not tried" if check is None else f"85 % for 85 %, 50 % for 54 %, of {check['fits']} known histories"
    )


@pytest.mark.parametrize(
    "changed, gate",
    [
        ({"kept__country_for_capital": 2.1}, "the country's peak crowd of August 2020, by Minsk's"),
        ({"kept__october_call": 1.5}, "25 October 2020 by 18 October, Minsk"),
        ({"kept__crowd_march": 3_100.0}, "25 and 27 March 2021: the larger crowd"),
        ({"kept__detained_march": 60.0}, "25 and 27 March 2021: detained a day"),
        ({"kept__crowd_27": 12_000.0}, "27 February 2022: in the street"),
        ({"kept__crowd_27": 7_000.0}, "27 February 2022: in the street"),
        ({"kept__detained_27_28": 400.0}, "27 and 28 February 2022: detained"),
        ({"kept__crowd_later": [2_000.0] * 5 + [0.0] * 35}, "a largest crowd below 1,000 from 7 March 2022 on"),
        ({"kept__police_on": [None] * 21 + [18] * 19}, "Moscow's police reserve on days 12 to 25 of 2020"),
        ({"entered__peak_share": [0.11] * 3 + [0.01] * 37}, "largest crowd after entry"),
        ({"entered__peak_share": [0.21] + [0.01] * 39}, "largest crowd after entry"),
        (
            {"less_loyal__ending": ["uprising"] * 7 + ["survived"] * 33},
            "a logit less loyalty on the eve, near the line",
        ),
        ({"fresh__distance": [1.0] * 15 + [1.5] * 25}, "fresh lives of accepted numbers that fit again"),
        ({"larger__ending": ["coup"] + ["survived"] * 39}, "the same country 16 times as large: endings and crowds"),
        ({"larger__peak_share": 0.03}, "the same country 16 times as large: endings and crowds"),
    ],
)
def test_a_gate_fails_when_its_bound_is_passed(changed, gate):
    assert gate in failing(**changed)


def test_a_target_outside_the_band_fails_the_targets_and_if_it_is_of_the_first_nights_those_too():
    assert failing(fresh__fell=1) == {"targets inside the 90 % band of fresh lives", "the first nights inside"}
    outside = {f"fresh__{TARGET.name}": np.linspace(5.0, 6.0, 40)}
    assert failing(**outside) == {"targets inside the 90 % band of fresh lives", "the first nights inside"}


def test_uprisings_may_end_in_giving_up_in_one_of_three_and_no_more():
    def some(gave_up):
        ending, causes = (
            ["uprising"] * 6 + ["survived"] * 34,
            ["he gave up"] * gave_up + ["his forces stood aside"] * 34,
        )
        return failing(
            entered__ending=ending, entered__cause=(causes + [""] * 40)[:40],
            larger__ending=ending,
        )  # fmt: skip

    assert "uprisings that end because he gives up" not in some(2)
    assert "uprisings that end because he gives up" in some(3)


def test_runs_of_the_fit_must_agree_on_all_numbers_but_three_and_on_the_headline():
    apart = dict.fromkeys("abcd", 1.3) | dict.fromkeys("efgh", 1.0)
    assert "independent runs of the fit agree (Gelman-Rubin at most 1.1)" in {
        words for words, gate in tried({"gelman_rubin": apart}).items() if not gate.met
    }
    one_falls = ["uprising", "survived"] * 20
    assert "falls after entry, by run of the fit" in failing(entered__ending=one_falls)


def test_gates_are_kept_beside_worlds_and_read_again(tmp_path):
    made = list(tried().values())
    gates_table(made).to_csv(tmp_path / "gates.csv", index=False)
    assert gates_beside(tmp_path / "worlds.csv") == made
    assert gates_beside(tmp_path / "elsewhere" / "worlds.csv") is None
    (tmp_path / "gates.csv").write_text("what,met\nsize,True\n")
    with pytest.raises(TableError, match="has columns what, met; expected words, bound, shown, met"):
        gates_beside(tmp_path / "worlds.csv")


# Facts, and the verdict.


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


def test_the_verdict_says_failures_first_and_counts_survivors_attempts_and_coups(rows):
    made = [
        Gate(words="one", bound="b", shown="s", met=True), Gate(words="two", bound="b", shown="s", met=False)
    ]  # fmt: skip
    said = verdict(made, facts_table(rows), rows)
    assert said.startswith("1 of 2 gates are met; failures first.\n\nFAILS two: s (gate: b)\nmet one: s (gate: b)\n")
    assert "99% of worlds" in said and "3.0 attempts in a hundred years, 1 of 3 succeed" in said


@pytest.mark.parametrize(
    "low, high, missed", [(95.5, 99.0, True), (95.0, 99.0, False), (1.0, 5.0, False), (1.0, 4.5, True)]
)
def test_a_fact_outside_the_band_is_missed(rows, low, high, missed):
    table = facts_table(rows).head(1).assign(known_low=low, known_high=high)
    assert ("MISSED" in verdict([], table, rows)) == missed


@pytest.mark.slow
def test_the_command_puts_its_gates_beside_the_worlds_when_asked(tmp_path, monkeypatch):
    from experiments.validate import __main__ as command

    here = tmp_path / "worlds.csv"
    here.write_bytes(command.file_of(COUNTRY).read_bytes())
    monkeypatch.setattr(command, "file_of", lambda episode: here)
    asked = ["--worlds", "3", "--citizens", "300", "--workers", "1", "--results", str(tmp_path / "out"), "--accept"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert "gates are met; failures first." in done.output
    assert {gate.words for gate in gates_beside(here)} == set(tried())
