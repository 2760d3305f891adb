"""The line lies where the runs put it, is said to be absent where it is, and runs go where they tell most."""

import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.special import expit

from experiments.lab.runner import key
from experiments.tipping_line import __main__ as tipping_line
from experiments.tipping_line import surface as surfaces
from experiments.tipping_line.__main__ import Asked, lived, main, make_averse
from experiments.tipping_line.axes import AXES, axis_of, fields_at, pair_of
from experiments.tipping_line.check import formula, gridded, searched, wrong
from experiments.tipping_line.findings import crossed, findings_of
from experiments.tipping_line.surface import BATCH, Box, Counts, fit, hunt, parts, where_next
from experiments.tipping_line.words import finding, verdict
from model.episode import load_episode
from model.simulation import Simulation
from model.worlds import draw, origin

EPISODE = load_episode("belarus-2022")
ENTRY = EPISODE.day_of(EPISODE.entry.date)
INVENTED = "tests/model/invented.toml"
BOX = Box(x=AXES["losses"], y=AXES["beyond"])
WORLDS = draw(60, 0, None)


def rising(box, line, slope=8.0):
    """Chances that rise along y and are one half at a rank, whatever x is."""
    return expit(slope * (box.places[:, 1] - line))


def counted(box, chances, n=2_000, seed=0):
    return gridded(box, chances, n, seed)


def result_of(chances, box=BOX, n=2_000, **more):
    what = {"level": 0.5, "ending": "fall"} | more
    return findings_of(counted(box, chances, n), WORLDS, EPISODE, origin(None), box=box, **what)


def said(result):
    return " ".join(verdict(result).split())


# Where the runs go.


def test_the_next_runs_go_where_the_side_is_unknown_and_not_where_it_is_known():
    box = Box(x=AXES["losses"], y=AXES["beyond"], steps=11)
    fitted = fit(box, counted(box, rising(box, 0.5, slope=20.0), n=400))
    asked = where_next(fitted, 0.5, 4 * BATCH)
    assert len(asked) == 4 * BATCH
    assert (np.abs(box.places[asked, 1] - 0.5) <= 0.3).all()


@pytest.mark.slow
def test_chosen_places_know_a_line_that_is_known_better_than_a_grid_with_as_many_runs():
    """Six repeats each, with fixed seeds; how often other seeds would fail was not measured."""
    box = Box(x=AXES["losses"], y=AXES["beyond"], steps=11)
    chances = formula(box)
    ours = [wrong(box, searched(box, chances, 600, 0.5, seed), chances, 0.5) for seed in range(6)]
    grid = [wrong(box, gridded(box, chances, 600, seed), chances, 0.5) for seed in range(6)]
    assert np.mean(ours) < np.mean(grid)


def test_the_same_answers_bring_the_same_places_again():
    box = Box(x=AXES["losses"], y=AXES["support"], steps=9)
    first, again = (searched(box, rising(box, 0.4), 200, 0.5, 3) for _ in range(2))
    assert (first.runs == again.runs).all() and (first.hits == again.hits).all()
    assert first.runs.sum() == 200


def test_a_run_that_tells_nothing_is_not_counted():
    counts = Counts.none(BOX).more([3, 3, 5], [True, None, False])
    assert (counts.runs[3], counts.hits[3], counts.runs[5], counts.hits[5]) == (1.0, 1.0, 1.0, 0.0)


def test_a_hunt_goes_on_where_no_run_tells_anything():
    trial = hunt(BOX, 150, 0.5)
    places = next(trial)
    with pytest.raises(StopIteration) as end:
        while True:
            places = trial.send([None] * len(places))
    assert end.value.value.runs.sum() == 0


# The line.


def test_the_fit_finds_the_chances_that_it_was_shown():
    """1,960 runs, 40 a place: two standard errors of a place are 0.16, and neighbours share."""
    fitted = fit(BOX, counted(BOX, rising(BOX, 0.5)))
    assert np.abs(expit(fitted.mean) - rising(BOX, 0.5)).max() < 0.1


def test_a_line_is_found_where_it_was_put():
    """False alarms: the interval misses in about 5 % of seeds; this one is fixed."""
    result = result_of(rising(BOX, 0.6))
    for crossing in result.crossings():
        _, low, high = crossing.at
        assert low < AXES["beyond"].at(0.6) < high and crossing.told
        assert high / low < 2.0
    assert "a fall is as likely as not where the shock of entry is" in finding(result)


def test_a_line_that_falls_along_its_axis_is_found_too():
    box = Box(x=AXES["losses"], y=AXES["loyalty"])
    result = result_of(1.0 - rising(box, 0.3), box=box)
    at, low, high = result.crossings()[0].at
    assert low < AXES["loyalty"].at(0.3) < high and low <= at <= high


def test_a_line_outside_of_the_box_is_said_to_be_there_and_none_is_drawn():
    result = result_of(rising(BOX, 1.6, slope=4.0))
    assert result.side == -1 and result.open == 0.0
    assert "The line lies outside of the box: everywhere in it the chance of a fall is below 50 %; at most" in finding(
        result
    )
    assert "THE LINE of" not in said(result)
    above = result_of(rising(BOX, -0.6, slope=4.0))
    assert above.side == 1 and "is above 50 %; at least" in finding(above)


def test_too_few_falls_make_no_line():
    result = result_of(np.full(len(BOX.places), 0.002), n=200)
    assert result.surface is None and "too few, or too many, for a line" in finding(result)
    assert "COUNTED: a fall in" in said(result)


def test_where_the_fit_leaves_the_counts_it_is_not_printed():
    """Jeffreys' interval of 50 runs in 100 is 0.4 to 0.6: a fit of 0.9 there is outside."""
    counts = counted(BOX, rising(BOX, 0.5))
    fitted = fit(BOX, counts)
    bent = surfaces.Surface(mean=np.where(BOX.parts == 5, 4.0, fitted.mean), covariance=fitted.covariance)
    told = parts(BOX, counts, bent)
    assert not told[5].agrees and told[0].agrees and told[15].agrees
    result = findings_of(counts, WORLDS, EPISODE, origin(None), box=BOX, level=0.5, ending="fall")
    result = type(result)(**{**vars(result), "surface": bent, "parts": told})
    assert not result.trusted[BOX.parts == 5].any() and result.trusted[BOX.parts == 0].all()
    assert "the fit leaves the counts' interval" in said(result)
    assert result.places().loc[BOX.parts == 5, "fitted"].isna().all()


def test_a_crossing_is_that_of_the_first_step_past_the_level():
    rows = np.array([[0.9, 0.5, 0.1], [0.4, 0.3, 0.2], [0.9, 0.8, 0.7]])
    assert crossed(rows, 0.5, falls=True).round(2).tolist() == [0.5, -math.inf, math.inf]


# The runs.


@pytest.mark.parametrize("name", AXES)
def test_an_axis_changes_its_own_number_and_nothing_else(name):
    box = Box(x=axis_of(name, EPISODE), y=axis_of("losses" if name != "losses" else "beyond", EPISODE))
    asked = Asked(episode=EPISODE, box=box, worlds=WORLDS, n_citizens=300)
    width = box.shape[1]
    low, high = (asked.run(WORLDS[0], place) for place in (0, width - 1))
    flat, other = low.parameters.flat(), high.parameters.flat()
    changed = {number for number in flat if flat[number] != other[number]}
    fields = {field for field in box.x.fields if field.partition(".")[0] not in ("entry", "start")}
    assert changed == fields and low.seed == high.seed
    assert (low.episode != high.episode) == (name in ("troops", "support"))
    assert (low.asked != high.asked) == (name in ("grip", "aversion"))
    assert key(low, lived) != key(high, lived)


def test_the_share_that_is_averse_is_what_was_asked_for():
    world = Simulation(INVENTED, n_citizens=2_000, rng=1)
    for share in (0.5, 0.9):
        make_averse(world, share)
        people = world.citizens
        weights = people.weights[people.columns["stratum"]]
        averse = float(np.average(people.columns["aversion"] > 0.0, weights=weights))
        assert averse == pytest.approx(share, abs=0.002)


def test_who_fell_before_the_entry_does_not_count():
    asked = Asked(episode=EPISODE, box=BOX, worlds=WORLDS, n_citizens=300)
    assert asked.answer({"ending": "coup", "ended_on": ENTRY - 1}) is None and asked.answer(None) is None
    assert asked.answer({"ending": "coup", "ended_on": ENTRY}) is True
    assert asked.answer({"ending": "survived", "ended_on": None}) is False


def test_losses_hold_the_front_still():
    assert fields_at(AXES["losses"], 2.0)["entry.front"] == "stalemate"


# The command.


@pytest.mark.slow
def test_the_command_goes_on_where_it_was_and_says_the_same_with_other_workers(tmp_path, monkeypatch):
    carried = []
    monkeypatch.setattr(tipping_line, "lived", lambda run: carried.append(run) or lived(run))
    words = f"--worlds 130 --citizens 300 --episode {INVENTED} --workers 1 --results".split()
    first = CliRunner().invoke(main, [*words, str(tmp_path)])
    assert first.exit_code == 0, first.output
    lived_first = len(carried)
    assert lived_first == 130 + 17
    for name in ("verdict.txt", "runs.csv", "places.csv", "line.csv", "record.json", "tipping_line.png"):
        assert (tmp_path / name).stat().st_size > 0
    again = CliRunner().invoke(main, [*words, str(tmp_path)])
    assert again.exit_code == 0 and again.stdout == first.stdout and len(carried) == lived_first
    monkeypatch.undo()
    other = CliRunner().invoke(main, [*words[:-2], "2", "--results", str(tmp_path / "other")])
    assert other.exit_code == 0, other.output
    assert (tmp_path / "other" / "places.csv").read_text() == (tmp_path / "places.csv").read_text()
    real = (tmp_path / "verdict.txt").read_text()
    assert "Belarus" not in real.split("CONFIDENCE")[0] and "Moscow" not in real.split("CONFIDENCE")[0]


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["--x", "loses"], "no axis loses; did you mean losses?"),
        (["--x", "grip", "--y", "grip"], "expected two axes that differ"),
        (["--set", "citizen.war_beyond=2"], "the axis beyond varies it"),
        (["--x", "grip", "--without", "media_grip"], "then the axis grip means nothing"),
        (["--level", "1"], "--level"),
        (["--episode", "belarus-2020"], "has no [entry]"),
        (["--accepted", "none.csv"], "no accepted worlds in"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, words, complaint):
    done = CliRunner().invoke(main, [*words, "--results", str(tmp_path)])
    assert done.exit_code == 2 and complaint in done.output and "Traceback" not in done.output


def test_a_missing_package_is_said_with_the_way_out(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.gaussian_process", None)
    with pytest.raises(Exception, match="pip install scikit-learn"):
        fit(BOX, counted(BOX, rising(BOX, 0.5), n=49))


def test_troops_go_from_a_quarter_of_his_to_what_there_is():
    across, _ = pair_of("troops", "support", EPISODE)
    assert across.low == EPISODE.entry.troops // 4 and across.at(1.0) == across.high <= 2 * EPISODE.entry.troops
    assert pd.Series([across.at(rank) for rank in across.ranks(21)]).is_monotonic_increasing
