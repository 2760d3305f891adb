"""The decision: twins, belief and lookahead answer on planted worlds as they must, and none of them asks an oracle."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from agents.moscow import Support
from agents.regime import Rung
from experiments.decision import __main__ as command
from experiments.decision.__main__ import imagined_years, lasting, looks, main, run_of, twins, without_the_land
from experiments.decision.beliefs import (
    SIGHTS,
    SITUATION,
    School,
    falls,
    learnt,
    learnt_by_all,
    likeness,
    others_of,
    outside,
    sample_of,
)
from experiments.decision.findings import (
    BELIEF,
    BOUGHT,
    CELLS,
    DAYS,
    EVE,
    FLATTERIES,
    LOOKAHEAD,
    PRESSURES,
    PRICES,
    Findings,
    believes,
    bought_of,
    chooses_of,
    eves_of,
    fears_of,
    flip_interval,
    flips_of,
    futures_of,
    histories_of,
    looks_ahead,
    skill_of,
    sorted_clients,
    sorts,
    taught,
    truth_of,
)
from experiments.decision.lives import CHOICES, ENTERS, LIMITED, REFUSES, YEAR, imagined, seen, year_on
from experiments.decision.words import finding, verdict
from experiments.evidence.clients import FILE, clients
from experiments.evidence.gates import Gate
from experiments.evidence.standing import hash_of
from experiments.lab.statistics import worth
from experiments.lab.table import TableError
from experiments.lab.tasks import world_of
from model.beliefs import taught_in
from model.episode import load_episode
from model.simulation import Simulation
from model.worlds import accepted, draw, origin

WORLDS = Path("tests/model/worlds.csv")
INVENTED = "tests/model/invented.toml"
BELARUS = lasting(load_episode("belarus-2022"))
N = 60
MARGIN = 0.02


def sights(n=N):
    """What each of n worlds sees: the street's load is 0.1 in even worlds and 1 in odd ones; all else is alike."""
    alike = {
        **dict.fromkeys(SIGHTS, 0.01), "tells": 0.4, "averse": 0.9, "obeying_before": 0.8, "stands": 1,
        "pressure": 0.5, "price": 0.3, "troops": 1.0, "bias": -0.2, "rung": 1, "support": 2, "course": "stalemate",
    }  # fmt: skip
    days = (EVE, *DAYS)
    rows = [alike | {"world": w, "day": day, "load": 1.0 if w % 2 else 0.1} for w in range(n) for day in days]
    return pd.DataFrame(rows)


def believed(years, n, seeing=None):
    """What n worlds, each a history of its own, believe of each choice, and how much each has learnt from."""
    seeing, histories = sights(n) if seeing is None else seeing, {w: 100 + w for w in range(n)}
    lessons = learnt(School.of(taught(years, seeing, histories)), eves_of(seeing, histories))
    return believes(seeing, lessons, histories), lessons


def falls_as_planted(world, pressure, price, choice):
    """Whether he falls: one in ten who enters; who refuses in 30 of 60 worlds, at eight times pressure and price 16."""
    if choice == ENTERS:
        return world < 6
    if choice == REFUSES and pressure == PRESSURES[-1] and price == PRICES[-1]:
        return world >= 30
    return False


def lived(n=N, planted=falls_as_planted):
    rows = []
    for world in range(n):
        for day, pressure, price in CELLS:
            for choice in CHOICES:
                fell = planted(world, pressure, price, choice)
                rows.append(
                    {
                        "world": world, "day": day, "pressure": pressure, "price": price, "choice": choice, "off": "",
                        "stands": 1, "in_office": int(not fell),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def bought(n=N):
    """Refusing is safe as it was and without the talks; without the land 30 fall, under twice the pressure."""
    numbers = {"mean_pressure": 0.5, "refusals": 3, "gdp_lost": 4.0}
    return pd.DataFrame(
        {"world": w, "off": off, "in_office": int(off != "land" or w < 30), **numbers}
        | ({"mean_pressure": 1.0} if off == "land" else {})
        for off in BOUGHT for w in range(n)
    )  # fmt: skip


def found():
    """All numbers from planted worlds; each looks ahead into three other worlds, of which the futures end alike."""
    few = 12
    years, seeing, histories = lived(), sights(few), {w: w for w in range(few)}
    taught_by, margins = years[years["world"] < few], dict.fromkeys(range(few), MARGIN)
    beliefs, _ = believed(taught_by, few)
    futures = futures_of(seeing, histories, 4, 0)
    ahead = looks_ahead(futures, seeing, dreams(futures, falls_as_planted))
    told = sorted_clients(learnt_by_all(School.of(taught(taught_by, seeing, histories))), clients(), MARGIN, 0.3)
    return Findings(
        episode=BELARUS, origin=origin(None), worlds=N, futures=4, truth=truth_of(years), flips=flips_of(years),
        chooses=pd.DataFrame([*chooses_of(BELIEF, beliefs, margins), *chooses_of(LOOKAHEAD, ahead, margins)]),
        margin=MARGIN, fears=fears_of(beliefs, margins),
        skill=skill_of(beliefs, taught_by), worth=11.0, bought=bought_of(bought()), clients=told,
        sorts=sorts(told["gain"].tolist(), told["joined"].tolist()),
    )  # fmt: skip


def dreams(futures, planted):
    """The imagined years that the futures name, ended as planted in the world where they lie."""
    state = {"rung": 1, "support": 2, "course": "stalemate"}
    return pd.DataFrame(
        {"other": other, "dice": dice, **state, "pressure": pressure, "choice": choice, "stands": 1,
         "in_office": int(not planted(other, pressure, 1.0, choice))}
        for other, dice in sorted({future for drawn in futures.values() for future in drawn})
        for pressure in PRESSURES for choice in CHOICES
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted():
    return found()


def twinned(result, planted):
    """The same findings, but for what the twins show."""
    years = lived(planted=planted)
    return dataclasses.replace(result, truth=truth_of(years), flips=flips_of(years))


def said(result):
    """The verdict in one line."""
    return " ".join(verdict(result).split())


# Truth.


def test_a_step_gains_what_the_twins_show(planted):
    safe = planted.truth_at(DAYS[0], 1.0, 1.0, ENTERS)
    assert (safe["in_office"], safe["gain"]) == (pytest.approx(0.9), pytest.approx(-0.1))
    assert (safe["saved"], safe["lost"]) == (0, 6)
    hard = planted.truth_at(DAYS[0], PRESSURES[-1], PRICES[-1], ENTERS)
    assert hard["gain"] == pytest.approx(30 / 60 - 6 / 60) and hard["gain_low"] > 0.0
    assert planted.truth_at(DAYS[0], PRESSURES[-1], PRICES[-1], LIMITED)["gain"] == pytest.approx(0.5)


def test_the_answer_flips_where_the_planted_gain_crosses_zero(planted):
    flips = planted.flips[(planted.flips["along"] == "pressure") & (planted.flips["choice"] == ENTERS)]
    # From -0.1 at x 4 to +0.4 at x 8: a fifth of the way in logarithms, 4 x 2^0.2.
    assert flips.loc[flips["price"] == PRICES[-1], "at"].tolist() == [pytest.approx(4.0 * 2.0**0.2)]
    assert flips.loc[flips["price"] == 1.0, "at"].tolist() == [math.inf] * len(DAYS)
    along_price = planted.flips[(planted.flips["along"] == "price") & (planted.flips["choice"] == ENTERS)]
    assert along_price.set_index("pressure").loc[PRESSURES[-1], "at"] == pytest.approx(4.0 * 4.0**0.2)


def test_a_flip_has_the_spread_of_its_worlds_as_interval():
    sure = np.tile([-0.1, 0.1], (50, 1))
    assert flip_interval([1.0, 4.0], sure) == (pytest.approx(2.0), pytest.approx(2.0), pytest.approx(2.0))
    at, low, high = flip_interval([1.0, 4.0], np.array([[-1.0, 1.0], [0.0, 0.0], [0.0, -0.9]] * 20))
    assert low < at < high == math.inf
    assert flip_interval([1.0, 4.0], np.zeros((50, 2)))[0] == math.inf, "what is equal is no gain"


# Belief.


def test_nobody_knows_his_own_history_nor_another_draw_of_it():
    histories = {0: 7, 1: 7, 2: 9, 3: 11}
    assert others_of(7, [7, 9, 11]) == [9, 11]
    futures = futures_of(sights(4), histories, 16, 0)
    assert all(histories[other] != histories[world] for world, drawn in futures.items() for other, _ in drawn)
    assert all(number > 0 for drawn in futures.values() for _, number in drawn), "dice of 0 are the world's own"
    assert all(len(drawn) == 16 == len(set(drawn)) for drawn in futures.values())


def test_what_happens_in_his_own_world_does_not_touch_what_he_believes():
    before, lessons = believed(lived(8), 8)
    changed = lived(8)
    changed.loc[changed["world"] == 5, "in_office"] = 0
    after, others = believed(changed, 8)
    own = before["world"] == 5
    assert before[own].equals(after[own]) and not before[~own].equals(after[~own])
    assert lessons[105] == others[105] and all(lessons[100 + w] != others[100 + w] for w in range(8) if w != 5)


def test_a_history_that_lived_no_years_learns_from_all_that_did():
    seeing, histories = sights(3), {0: 7, 1: 9, 2: 11}
    lessons = learnt(School.of(taught(lived(2), seeing, histories)), eves_of(seeing, histories))
    assert [round(size) for _, size in lessons.values()] == [1, 1, 2] and list(lessons) == [7, 9, 11]


def test_histories_that_look_alike_count_for_more():
    looks_ = pd.DataFrame({name: [0.2, 0.2, 0.4, 0.4] for name in SIGHTS})
    weights = likeness(looks_, looks_.iloc[0])
    # The two others are two sd away in every sight: exp(-0.5 x 4 / 0.25) = exp(-8).
    assert weights[2] / weights[0] == pytest.approx(math.exp(-8.0))
    assert worth(np.full(8, 0.125)) == pytest.approx(8.0)
    flat = pd.DataFrame({name: [0.2, 0.2] for name in SIGHTS})
    assert likeness(flat, flat.iloc[0]).tolist() == [0.5, 0.5]


def test_futures_fall_on_histories_by_their_weight_each_with_dice_of_its_own():
    drawn = sample_of(np.array([0.75, 0.0, 0.25]), 16, np.random.default_rng(0))
    assert [place for place, _ in drawn].count(0) == 12 and [place for place, _ in drawn].count(2) == 4
    assert len(set(drawn)) == 16


def schooled(rows):
    """What rows teach, all of them of one history and counted alike."""
    return learnt_by_all(School.of(rows.assign(history=7)))


def test_belief_learns_a_chance_that_hangs_on_the_street_and_flattery_hides_it():
    dice = np.random.default_rng(3)
    rows = pd.DataFrame(dict.fromkeys(SITUATION, 0.5), index=range(6_000)).assign(
        load=10.0 ** dice.uniform(-1.0, 1.0, 6_000), choice=[CHOICES[k % 3] for k in range(6_000)]
    )
    chances = np.where(rows["choice"] == ENTERS, 1.0 / (1.0 + np.exp(-2.0 * np.log10(rows["load"]))), 0.2)
    lessons = schooled(rows.assign(in_office=(dice.random(6_000) >= chances).astype(int)))
    asked = pd.DataFrame({name: [0.5, 0.5] for name in SITUATION}).assign(load=[1.0, 10.0])
    told = falls(lessons, asked)
    # 2,000 runs a choice: the standard error of a chance near one half is 0.011, at the edge of the range 0.02.
    assert told[ENTERS].tolist() == pytest.approx([0.5, 1.0 / (1.0 + math.exp(-2.0))], abs=0.06)
    assert told[REFUSES].tolist() == pytest.approx([0.2, 0.2], abs=0.05)
    flattered = falls(lessons, asked, math.log(10.0))
    assert flattered[ENTERS].iloc[1] == pytest.approx(told[ENTERS].iloc[0], abs=1e-3)  # 10 is just beyond the edge
    assert falls(lessons, asked.assign(bias=-math.log(10.0))).equals(flattered)
    assert outside(lessons, asked.assign(load=[1.0, 100.0], troops=[0.5, 9.0])).tolist() == [0, 2]


def test_where_all_end_alike_the_chance_is_that_of_so_many_runs():
    rows = pd.DataFrame({name: [0.5] * 9 for name in SITUATION}).assign(choice=list(CHOICES) * 3, in_office=1)
    assert falls(schooled(rows), rows.head(1)).iloc[0].tolist() == pytest.approx(
        [0.125] * 3
    )  # Jeffreys' mean: 0.5 of 4


def test_he_is_deceived_once_the_street_looks_weak_enough(planted):
    def street(world, pressure, price, choice):  # entering is deadly where the load is 1, refusing by luck
        return world % 2 == 1 and world % 10 != 1 if choice == ENTERS else world % 5 == 0

    n = 20
    beliefs, _ = believed(lived(n, street), n)
    result = dataclasses.replace(
        planted, chooses=pd.DataFrame(chooses_of(BELIEF, beliefs, dict.fromkeys(range(n), MARGIN)))
    )
    shares = [result.chosen(BELIEF, DAYS[0], 1.0, 1.0, extra)[ENTERS] for extra in FLATTERIES]
    assert shares == sorted(shares) and result.deceived_by is not None


# Lookahead.


def test_looking_ahead_counts_the_falls_of_other_worlds():
    futures = {0: [(7, 1), (8, 1), (1, 1), (1, 2)]}
    ahead = looks_ahead(futures, sights(), dreams(futures, falls_as_planted))
    assert ahead[ENTERS].tolist() == [0.5] * len(PRESSURES), "of the four futures, two lie in a world where he falls"
    assert ahead[REFUSES].tolist() == [0.0] * len(PRESSURES)


def test_an_imagined_future_is_another_world_with_new_luck_in_the_state_that_he_sees():
    country = lasting(load_episode(INVENTED))
    world = Simulation(country, rng=3, n_citizens=300).run(10)
    other = imagined(world, 1, Rung.TERRITORY, Support.MONEY, "advance")
    assert other.dice != world.dice and other.dice != imagined(world, 2, 1, 2, "advance").dice
    assert (other.regime.rung, other.moscow.support, other.front.course) == (Rung.TERRITORY, Support.MONEY, "advance")
    assert other.front.will_be == "advance", "behind an advance that he sees no defeat waits"
    assert imagined(world, 1, 1, 2, "stalemate").front.will_be == world.front.will_be == "defeat"
    assert other.day == world.day == 10


def test_the_runs_that_are_imagined_lie_in_the_others_and_on_their_state():
    country, worlds = lasting(load_episode(INVENTED)), draw(3, path=None)
    first = sights(3).query("day == @DAYS[0]")
    futures = futures_of(sights(3), histories_of(worlds), 4, 0)
    runs = list(imagined_years(worlds, country, 300, first, futures))
    assert len(runs) == len(PRESSURES) * len(CHOICES) * len({future for drawn in futures.values() for future in drawn})
    for run in runs:
        told = dict(run.labels)
        assert run.seed == worlds[told["other"]].seed and dict(run.asked)["dice"] >= 1
        assert (told["rung"], told["support"], told["course"]) == (1, 2, "stalemate")


# The lives.


def test_refusing_on_is_the_life_that_would_have_been_lived():
    country, (world, *_) = lasting(load_episode(INVENTED)), draw(2, path=None)
    asked = {"day": DAYS[0], "pressure": 1.0, "price": 1.0, "choice": REFUSES, "off": ""}
    run = run_of(world, country, 300, asked, {})
    whole = world_of(run).run(DAYS[0] + YEAR)
    year = year_on(run)
    assert year["in_office"] == int(whole.judge.ended_on is None) and year["dead"] == whole.front.dead_total
    assert year["peak_crowd"] == max(row[0] for row in whole.rows[DAYS[0] :])


def test_each_choice_leads_to_its_rung_and_pressure_to_more_refusals():
    (world, *_) = draw(2)
    rungs, refusals = [], []
    for choice, pressure in ((REFUSES, 1.0), (LIMITED, 1.0), (ENTERS, 1.0), (REFUSES, 8.0)):
        asked = {"day": DAYS[0], "pressure": pressure, "price": 1.0, "choice": choice, "off": ""}
        year = year_on(run_of(world, BELARUS, 500, asked, {}))
        rungs.append(year["rung_after"] if year["refused"] <= 0.5 else CHOICES.index(choice) + 1)
        refusals.append(year["refusals"])
    assert rungs == [1, 2, 3, 1] and refusals[3] > refusals[0]


def test_he_sees_the_past_and_his_situation_on_the_day():
    (world, *_) = draw(2)
    eve, day = (seen(run_of(world, BELARUS, 500, {"day": day}, {})) for day in (EVE, DAYS[0]))
    assert set(day) >= {*SIGHTS, *SITUATION, "bias"}
    assert 0.0 < day["crowd_before"] < 0.2 and day["rung"] == Rung.TERRITORY and day["load"] >= eve["load"] > 0.0
    assert 0.5 < day["averse"] <= 1.0 and day["pressure"] > 0.0 and day["price"] > 0.0


def test_every_world_is_asked_every_choice_in_every_cell_with_the_same_dice():
    runs = [run for run in twins(draw(2), BELARUS, 500) if dict(run.labels)["world"] == 0]
    assert len(runs) == len(CELLS) * len(CHOICES) + len(BOUGHT) and len({run.seed for run in runs}) == 1
    assert {run.arm for run in runs} == {"stay"}
    lent = [run.episode.start.rung for run in runs if dict(run.asked)["off"] == "land"]
    assert lent == ["none"] and without_the_land(BELARUS).start.support == BELARUS.start.support
    assert len(list(looks(draw(2), BELARUS, 500))) == 2 * (1 + len(DAYS))


def test_a_year_follows_the_last_day_of_choice():
    assert BELARUS.days >= DAYS[-1] + YEAR and lasting(BELARUS) == BELARUS


# Other clients.


def test_joiners_are_told_from_refusers_no_better_than_shuffled_answers_can():
    assert sorts([0.3, 0.2, 0.1], [1, 1, 0]) == (1.0, pytest.approx(1 / 3))
    assert sorts([0.1, 0.1, 0.1, 0.1], [1, 0, 1, 0]) == (0.5, 1.0)
    assert sorts([1.0, 2.0], [1, 1]) == (0.5, 1.0), "where all did the same there is nothing to tell apart"


def test_the_rule_is_judged_by_what_the_clients_did(planted):
    rows = planted.clients.set_index("client")
    right = (rows["says"] != REFUSES) == (rows["joined"] == 1)
    assert rows["right"].tolist() == right.tolist()
    words = said(planted)
    assert f"Right in {int(right.sum())} of 12; to say of each that he joins is right in 9 (the base rate)." in words


@pytest.mark.parametrize(
    "old, new, line",
    [("source,origin", "sources,origin", "expected"), (",1,0.6,4,0.1,", ",1,much,4,0.1,", "pressure = much"),
     (",1,0.6,4,0.1,", ",2,0.6,4,0.1,", "joined = 2; expected 0 to 1")],
)  # fmt: skip
def test_a_file_of_clients_that_cannot_be_is_named(tmp_path, old, new, line):
    file = tmp_path / "clients.csv"
    file.write_text(FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TableError, match=line):
        clients(file)


# Words.


def test_the_headline_tells_from_where_on_a_step_serves_him(planted):
    assert finding(planted).startswith(
        "Going limited is shown to serve his survival first at 8 times Moscow's pressure and 16 times Moscow's"
    )
    calm = twinned(planted, lambda world, pressure, price, choice: choice == ENTERS and world < 6)
    assert finding(calm).startswith("At no pressure and no price tried is a step into the war shown to serve his")
    assert "entering at none tried" in said(calm)
    always = twinned(planted, lambda world, pressure, price, choice: choice == REFUSES and world < 40)
    assert "is shown to serve his survival as things stood" in finding(always)


def test_the_verdict_tells_likelihood_confidence_base_rates_and_what_was_bought(planted):
    gates = [Gate(words="the plateau", bound="", shown="", met=False)]
    words = said(dataclasses.replace(planted, gates=gates))
    assert "if he refuses, exceptionally unlikely (0 % [0 to 4.1])" in words  # Jeffreys, by hand: 0 of 60
    assert "if he enters, unlikely (10.0 %" in words
    assert "CONFIDENCE: very low; 0 of 1 gates are met, not: the plateau." in words and "BASE RATES" in words
    assert "The lent land bought off 50 % of the pressure" in words and "+50.0" in words
    assert "nan" not in words and max(map(len, verdict(planted).splitlines())) <= 130


@pytest.mark.parametrize(
    "told, line",
    [(["--episode", "belarus-2020"], "belarus-2020 has no [entry]"), (["--futures", "1"], "1 is not in the range 2<=x"),
     (["--worlds", "2"], "2 is not in the range 3<=x")],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def seen_at_once(run):
    """What a world sees, told without living it: by its number."""
    world = dict(run.labels)["world"]
    own = {"load": 0.1 + world, "crowd_before": 0.01 * (1 + world)}
    return sights(1).iloc[0].drop(["world", "day"]).to_dict() | own


def year_at_once(run):
    """How a year ends, told without living it: who enters falls in every third world."""
    told = dict(run.asked)
    fell = told["choice"] == ENTERS and dict(run.labels).get("world", told.get("dice")) % 3 == 0
    return {
        "stands": 1, "in_office": int(not fell), "ending": "coup" if fell else "survived", "mean_pressure": 0.5,
        "refusals": 1, "gdp_lost": 4.0,
    }  # fmt: skip


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(command, "seen", seen_at_once)
    monkeypatch.setattr(command, "year_on", year_at_once)
    return ["--worlds", "6", "--citizens", "300", "--workers", "1", "--futures", "2"]


def test_the_command_puts_all_parts_together(tmp_path, at_once):
    done = CliRunner().invoke(main, [*at_once, "--results", str(tmp_path)])
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "truth.csv")
    assert table.loc[table["choice"] == ENTERS, "in_office"].to_numpy() == pytest.approx(4 / 6)
    assert "At no pressure and no price tried is a step" in done.output and "nan" not in done.output
    assert (tmp_path / "decision.png").stat().st_size > 10_000
    ahead = pd.read_csv(tmp_path / "lookahead.csv")
    assert len(ahead) == 6 * len(PRESSURES) and (ahead[ENTERS] == 0.0).all(), "the first dice have the numbers 1 and 2"


def test_accepted_lessons_are_those_of_every_accepted_history_and_of_all_and_are_read_back(
    tmp_path, at_once, monkeypatch
):
    folder = tmp_path / "belarus-2022"
    folder.mkdir()
    table = accepted(WORLDS).head(9).assign(seed=range(70, 79))
    table.to_csv(folder / "worlds.csv", index=False)
    monkeypatch.setattr(command, "file_of", lambda episode: folder / "worlds.csv")
    done = CliRunner().invoke(main, [*at_once, "--accept", "--results", str(tmp_path / "out")])
    assert done.exit_code == 0 and f"Accepted into {folder}" in done.output, done.output
    taught_by = taught_in(folder / "beliefs.json")
    assert set(taught_by.lessons) == {"all", *map(str, range(70, 79))}
    assert taught_by.accepted == hash_of(folder / "worlds.csv")
    assert all(some.least.pressure == 0.5 and some.most.pressure == 4.0 for some in taught_by.lessons.values())


def test_only_an_episode_s_own_worlds_are_given_lessons(tmp_path):
    told = ["--accept", "--accepted", str(WORLDS), "--results", str(tmp_path / "out")]
    refused = CliRunner().invoke(main, told)
    assert refused.exit_code == 2 and "give it alone" in refused.stderr and not (tmp_path / "out").exists()
