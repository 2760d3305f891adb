"""Planted shares are found by each method, chance is told apart, and what means nothing stays below its line."""

import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from SALib.analyze import pawn

from experiments.evidence.gates import Gate
from experiments.lab.nearness import any_fall, at_home
from experiments.sensitivity import designs, findings
from experiments.sensitivity.__main__ import accepted_runs, main
from experiments.sensitivity.designs import DICE, FRONT
from experiments.sensitivity.findings import NEAR, OUTPUTS, Findings, luck_of, pawn_of, screened_by, shares_of, top_of
from experiments.sensitivity.words import finding, verdict
from model.episode import load_episode
from model.simulation import Simulation
from model.worlds import FILE, draw, origin

EPISODE = load_episode("belarus-2022")
FIRST, SECOND = "citizen.ties", "security.obedience"
FORCES = "21 others of the forces"
SHARES = {FIRST: 9 / 14, FORCES: 4 / 14, DICE: 1 / 14}
"""Of 3 x a number + 2 x a rank among the forces' others + a die, all uniform."""


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Let bootstraps and shams be small."""
    monkeypatch.setattr(findings, "RESAMPLES", 100)
    monkeypatch.setattr(findings, "SHAMS", 40)
    monkeypatch.setattr(findings, "AGAIN", 10)


def planted(factors, rows):
    """The outputs of a design over factors, as if each run had told three times a number and so on."""
    index = {factor.words: place for place, factor in enumerate(factors)}
    others = factors[index[FORCES]]
    forces = np.array([others.ranks(value)[3] for value in rows[:, index[FORCES]]])
    luck = np.array([np.random.default_rng(int(value * designs.WHOLE)).random() for value in rows[:, index[DICE]]])
    values = (3.0 * rows[:, index[FIRST]] + 2.0 * forces + luck) / 6.0
    return pd.DataFrame(dict.fromkeys(OUTPUTS, values) | {findings.FELL: np.zeros(len(values))})


@pytest.fixture(scope="module")
def shares():
    factors = designs.factors_of([FIRST, SECOND])
    frozen, orders = designs.pick_and_freeze(factors, 512, 0), designs.orders(factors, 512, 0)
    return shares_of(factors, planted(factors, frozen), (orders, planted(factors, orders)), 0)


@pytest.mark.parametrize("method", ["shapley", "first", "total"])
def test_planted_shares_are_found_a_number_an_actor_and_chance(shares, method):
    # An additive sum: all three shares are the same. 512 points, seed fixed; a group and the dice are drawn by lot,
    # so the errors are those of plain Monte Carlo, about 0.04: 0.12 is three of them, for 9 factors.
    rows = shares[shares["output"] == NEAR].set_index("factor")
    for factor, share in rows[method].items():
        assert share == pytest.approx(SHARES.get(factor, 0.0), abs=0.12), factor
    assert rows.loc[FIRST, f"{method}_low"] > 0.3 and rows.loc[SECOND, f"{method}_low"] <= 0.0


def test_shapleys_shares_add_up_and_what_never_happens_has_none(shares):
    assert shares[shares["output"] == NEAR]["shapley"].sum() == pytest.approx(1.0)
    assert set(shares["output"]) == set(OUTPUTS) - {findings.FELL}


def test_seed_0_is_a_seed_too():
    for design in (lambda seed: designs.screening(2, seed), lambda seed: designs.orders(FACTORS, 4, seed)):
        assert np.array_equal(design(0), design(0)) and not np.array_equal(design(0), design(1))


FACTORS = designs.factors_of([FIRST])


def test_every_number_is_in_one_factor_and_the_dice_in_their_own():
    told = [name for factor in designs.factors_of([FIRST, FRONT]) for name in factor.numbers]
    assert sorted(told) == sorted(designs.names()) and len(FACTORS[-1].numbers) == 0


def test_a_trajectory_has_one_luck_and_moves_one_number_at_a_time():
    walks = designs.screening(2, 0)
    runs = list(designs.screening_runs(walks, EPISODE, 500, 0))
    each = len(designs.names()) + 1
    assert len({run.seed for run in runs[:each]}) == 1 and runs[0].seed != runs[each].seed
    assert ((walks[1:each] != walks[: each - 1]).sum(axis=1) == 1).all()


def test_equal_places_of_an_actor_are_equal_numbers_and_others_are_not():
    rows = designs.orders(FACTORS, 2, 0)
    runs = list(designs.factor_runs(rows, FACTORS, EPISODE, 500, "Shapley"))
    column = [factor.words for factor in FACTORS].index("15 others of the elites")
    same = [run.parameters.elite == runs[0].parameters.elite for run in runs]
    assert same == (rows[:, column] == rows[0, column]).tolist() and not all(same)
    assert [run.seed for run in runs] == [int(value * designs.WHOLE) for value in rows[:, -1]]


def test_the_screening_puts_what_moves_the_answer_first():
    walks, names = designs.screening(3, 0), designs.names()
    values = walks[:, names.index(SECOND)] - 0.5 * walks[:, names.index(FIRST)]
    screened = screened_by(walks, pd.DataFrame({NEAR: values}), 0)
    assert top_of(screened, 2) == (SECOND, FIRST)
    row = screened.set_index("number").loc[FIRST]
    assert (row["mu_star"], row["mu"], row["sigma"]) == pytest.approx((0.5, -0.5, 0.0))


def test_in_accepted_histories_what_goes_with_the_answer_is_above_the_line_and_little_else():
    dice = np.random.default_rng(3)
    worlds = 120
    numbers = pd.DataFrame(dice.random((worlds, 12)), columns=[f"x{k}" for k in range(12)])
    lives = pd.concat([numbers, numbers], ignore_index=True)
    values = lives["x0"] + 0.3 * dice.random(2 * worlds)
    told = pawn_of(lives, [*range(worlds)] * 2, pd.DataFrame({NEAR: values}), 0).set_index("number")
    # 11 numbers mean nothing; more than four of them above a line of one in twenty: a chance of 2 in 10,000.
    assert told.loc["x0", "above"] and told["above"].sum() <= 5
    assert told["pawn"].idxmax() == "x0" and told.loc["x0", "low"] > told.loc["x0", "nothing"]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # SALib's: an empty slice, and p values of ties
@pytest.mark.parametrize("rounded", [9, 0], ids=["all values differ", "many are equal"])
def test_pawn_is_salibs(rounded):
    dice = np.random.default_rng(4)
    table = np.column_stack([(3.0 * dice.random(57)).round(digits) for digits in (9, 1, 0)])
    y = (3.0 * dice.random(57)).round(rounded)
    told = pawn.analyze(designs.problem(["a", "b", "c"]), table, y, S=findings.SLICES)["median"]
    assert findings._pawn(table, y) == pytest.approx(np.nan_to_num(told), abs=1e-12)


def test_chance_is_what_differs_between_lives_of_one_world():
    dice = np.random.default_rng(0)
    worlds = np.repeat(dice.standard_normal(2_000), 2)
    value, low, high = luck_of(worlds + dice.standard_normal(4_000), np.repeat(range(2_000), 2), dice)
    assert low < 0.5 < high and value == pytest.approx(0.5, abs=0.05)  # sd of the estimate 0.013


def test_lives_of_a_world_share_its_history_and_no_luck():
    runs = list(accepted_runs(draw(20, 0), EPISODE, 500))
    assert len({run.seed for run in runs}) == 40
    assert all(
        a.history == b.history and a.parameters == b.parameters for a, b in zip(runs[::2], runs[1::2], strict=True)
    )


def test_a_hazard_that_is_there_or_not_is_no_nearness():
    world = Simulation("tests/model/invented.toml", rng=0, n_citizens=300).run(days=3)
    before = at_home(world)
    world.moscow.hazard = 1.0
    assert any_fall(world) > before == at_home(world) < 1.0
    world.judge.ended_on = 3
    assert at_home(world) == 1.0


def found(shares):
    """Findings of planted shares."""
    walks, names = designs.screening(2, 0), designs.names()
    screened = screened_by(walks, pd.DataFrame({NEAR: walks[:, names.index(FIRST)]}), 0)
    pawn = pd.DataFrame(
        [{"number": FIRST, "output": NEAR, "pawn": 0.4, "nothing": 0.2, "above": True, "low": 0.3, "high": 0.5}]
    )
    return Findings(
        episode=EPISODE, origin=origin(FILE), lives={"Morris": 294, "Sobol": 120, "Shapley": 112, "PAWN": 40},
        n_citizens=(500, 2_000), ended=0.4, falls={"prior": 0.2, "accepted": 0.05}, screened=screened, top=(FIRST,),
        factors=shares, pawn=pawn, luck=dict.fromkeys(OUTPUTS, (0.6, 0.5, 0.7)),
        gates=[Gate(words="size", bound="", shown="", met=True)],
    )  # fmt: skip


def test_the_verdict_says_of_whom_each_method_speaks(shares):
    result = found(shares)
    words, headline = verdict(result), finding(result)
    assert f"Under the prior {FIRST} (" in headline and "the luck of the year alone is 60 %" in headline
    told = " ".join(words.split())
    assert "UNDER THE PRIOR, as if nothing had been seen: the methods take all numbers for independent" in told
    assert "this tells what goes with the answer, not what brings it about" in told
    assert max(map(len, words.splitlines())) <= 100 and "nan" not in words


def test_without_its_extra_the_way_out_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib", None)
    refused = CliRunner().invoke(main, ["--results", str(tmp_path / "out")])
    assert refused.exit_code == 1 and refused.stderr == (
        'Error: this needs the extra "evidence": pip install ".[evidence]"\n'
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "told, line", [(["--points", "12"], "8 or 16"), (["--episode", "belarus-2020"], "has no [entry]")]
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and not (tmp_path / "out").exists()
