"""A planted box is found, on chances and by way of runs, a fresh sample confirms it, and luck is not taken for one."""

import itertools

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.discover import findings as discovered
from experiments.discover.__main__ import BEYOND, main, numbers_of, points_of, runs_of, shocks, worlds_of
from experiments.discover.findings import findings_of, held_of
from experiments.discover.prim import Box, box_of, chosen, inside, peeled
from experiments.discover.words import FRONT, finding, sentence, verdict
from model.episode import FRONTS, load_episode
from model.worlds import file_of, free, origin

EPISODE = load_episode("belarus-2022")
RARE, OFTEN = 0.04, 0.85


def table(n, seed):
    """Five numbers from 0 to 1, and two courses of the front."""
    dice = np.random.default_rng(seed)
    numbers = pd.DataFrame(dice.random((n, 5)), columns=list("vwxyz"))
    return numbers.assign(**{f"{FRONT}defeat": (dice.random(n) < 0.3).astype(float)})


def truth(numbers):
    """The planted box: x is 0.6 or more and y 0.5 or less, a fifth of all."""
    return np.where((numbers["x"] >= 0.6) & (numbers["y"] <= 0.5), OFTEN, RARE)


def runs(n, seed, chance=truth):
    """Runs of 0 and 1 with a chance."""
    numbers = table(n, seed)
    return numbers, (np.random.default_rng(seed + 1).random(n) < chance(numbers)).astype(float)


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discovered, "TREES", 60)
        patch.setattr(discovered, "RESAMPLES", 50)
        return findings_of(
            runs(500, 0), runs(400, 10), table(3_000, 20), episode=EPISODE, origin=origin(None), beyond=8.0
        )


def test_a_planted_box_is_found_on_chances():
    points = table(3_000, 0)
    box = chosen(peeled(points, truth(points)), points, truth(points))
    assert set(box.limits) == {"x", "y"}
    assert box.limits["x"][0] == pytest.approx(0.6, abs=0.03) and np.isinf(box.limits["x"][1])
    assert box.limits["y"][1] == pytest.approx(0.5, abs=0.03) and np.isinf(box.limits["y"][0])
    # 0.2 x 0.85 of 0.2 x 0.85 + 0.8 x 0.04
    assert box.coverage == pytest.approx(0.17 / 0.202, abs=0.05) and box.density == pytest.approx(OFTEN, abs=0.05)


def test_a_planted_box_is_found_by_way_of_runs_and_a_fresh_sample_confirms_it(found):
    first = found.boxes[0]
    assert set(first.box.limits) == {"x", "y"}
    assert first.box.limits["x"][0] == pytest.approx(0.6, abs=0.08)
    assert first.box.limits["y"][1] == pytest.approx(0.5, abs=0.08)
    assert found.area[1] > 0.6 and first.confirmed
    assert first.density.value > 0.6 and first.outside.value < 0.15 and first.coverage.value > 0.6
    assert "of the falls lie where " in finding(found) and "x is 0." in finding(found)


def test_a_front_that_decides_is_a_limit_too():
    points = table(2_000, 3)
    defeat = points[f"{FRONT}defeat"].to_numpy()
    box = chosen(peeled(points, 0.1 + 0.8 * defeat), points, 0.1 + 0.8 * defeat)
    assert box.limits == {f"{FRONT}defeat": (1.0, np.inf)} and box.coverage == pytest.approx(
        0.27 / (0.27 + 0.07), abs=0.03
    )


def test_luck_is_not_taken_for_a_box(monkeypatch):
    monkeypatch.setattr(discovered, "TREES", 60)
    monkeypatch.setattr(discovered, "RESAMPLES", 50)

    def luck(numbers):
        return np.full(len(numbers), 0.3)

    result = findings_of(
        runs(200, 5, luck), runs(200, 15, luck), table(1_000, 25), episode=EPISODE, origin=origin(None), beyond=8.0
    )
    assert result.area[1] <= 0.5 and not any(held.confirmed for held in result.boxes)
    words = " ".join(verdict(result).split())
    assert "not shown to know anything: believe no box" in words and "does not confirm" in finding(result)


def test_what_a_box_holds_is_counted():
    numbers = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
    box = box_of({"x": (2.0, np.inf)}, numbers, np.array([0.0, 1.0, 1.0, 0.0]))
    assert (box.share, box.density, box.coverage, box.gain) == (0.5, 0.5, 0.5, 0.0)
    held = held_of(box, numbers, np.array([1.0, 0.0, 1.0, 1.0]))
    assert (held.runs, held.density.value, held.outside.value) == (2, 1.0, 0.5)
    assert held.coverage.value == pytest.approx(2 / 3)
    nowhere = held_of(Box(limits={"x": (9.0, np.inf)}, share=0, density=0, coverage=0), numbers, np.zeros(4))
    assert nowhere.density is None and nowhere.coverage is None and not nowhere.confirmed


def test_peels_are_thin_boxes_nest_and_stop_in_time():
    points = table(1_000, 1)
    boxes = peeled(points, truth(points))
    held = [inside(box.limits, points) for box in boxes]
    assert all((later <= before).all() for before, later in itertools.pairwise(held))
    assert min(box.share for box in boxes) >= 0.05
    assert all(before.density <= later.density for before, later in itertools.pairwise(boxes))


def test_the_verdict_says_limits_worth_and_count(found):
    words = verdict(found)
    assert "so in 5" in words or "so in 4" in words  # y: about half of the draws
    assert "Confirmed: the intervals inside and outside stand apart" in " ".join(words.split())
    assert "nan" not in words and max(map(len, words.splitlines())) <= 100
    rows = found.table()
    assert set(rows["number"]) >= {"x", "y"} and (rows["coverage_fresh"] > 0).all()
    assert sentence(found.boxes[0]).count(" and ") == 1


def test_too_few_falls_are_said():
    numbers = table(30, 0)
    few = (numbers, np.array([1.0] * 3 + [0.0] * 27))
    result = findings_of(few, few, table(50, 1), episode=EPISODE, origin=origin(None), beyond=8.0)
    assert finding(result) == "He falls in 3 of 30 runs: no box is found that holds the falls"
    assert "NO BOX" in verdict(result) and "nan" not in verdict(result) and result.table().empty


def test_points_are_drawn_as_worlds_are():
    file = file_of(EPISODE)
    points = points_of(2_000, 8.0, 0, file)
    names = [name for name in points.columns if not name.startswith(FRONT)]
    worlds = worlds_of(3, 8.0, 0, file)
    numbers = numbers_of(worlds, names)
    assert set(numbers.columns) == set(points.columns) and not points.isna().any().any() and set(free()) <= set(names)
    assert (points[[f"{FRONT}{front}" for front in FRONTS]].sum(axis=1) == 1.0).all()
    assert np.log(points[BEYOND]).mean() == pytest.approx(np.log(2.0), abs=0.01)  # 0.5 to 8, the middle by ratios
    drawn = pd.concat([numbers_of(worlds_of(60, 8.0, 0, file), names)])
    for name in names:
        low, high = points[name].min(), points[name].max()
        assert drawn[name].between(low - 0.02 * (high - low) - 1e-12, high + 0.02 * (high - low) + 1e-12).all(), name


def test_every_run_enters_with_its_own_shock_and_the_samples_share_no_luck():
    worlds = worlds_of(4, 8.0, 0, file_of(EPISODE))
    own = list(runs_of(worlds, EPISODE, 500, "learnt"))
    assert {run.arm for run in own} == {"enter"}
    assert [run.parameters.citizen.war_beyond for run in own] == [pytest.approx(x) for x in shocks(4, 8.0, 0)]
    others = worlds_of(4, 8.0, 10**9 + 1, file_of(EPISODE))
    assert not {run.seed for run in own} & {world.seed for world, _ in others}


@pytest.mark.parametrize(
    "told, line", [(["--beyond", "0.4"], "expected more than 0.5"), (["--episode", "belarus-2020"], "has no [entry]")]
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and not (tmp_path / "out").exists()
