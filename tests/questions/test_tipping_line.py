"""The line lies where the runs put it, moves as they move it, and is said to be absent where they do not reach it."""

import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.special import expit

from experiments.lab.runner import key
from experiments.lab.tasks import run_summary
from experiments.tipping_line import __main__ as tipping_line
from experiments.tipping_line import findings
from experiments.tipping_line.__main__ import points, rows_of, runs_of
from experiments.tipping_line.findings import (
    BLOCKS,
    FALL,
    GRIP,
    LOSS,
    LOYALTY,
    SUPPORT,
    UPRISING,
    findings_of,
    fit,
    losses_at,
    men_axis,
    resampled,
    seen,
    troops_of,
    with_interval,
)
from experiments.tipping_line.words import axis_words, check_words, line_words, main_line, title_of, verdict
from model.episode import SUPPORTS, load_episode
from model.parameters import Parameters
from model.worlds import FILE, Origin, draw, informed, spread

EPISODE = load_episode("belarus-2022")
ENTRY_DAY = EPISODE.day_of(EPISODE.entry.date)
ORIGIN = Origin(file=FILE, title="Belarus after the election", older=False)
MEN = men_axis(EPISODE)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(findings, "RESAMPLES", 200)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    ranks = np.random.default_rng(1).random((40, len(informed())))
    table = {name: spread(name, ranks[:, place]) for place, name in enumerate(informed())}
    path = tmp_path_factory.mktemp("worlds") / "worlds.csv"
    pd.DataFrame({"weight": 1.0, "distance": 1.0} | table).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def worlds(accepted):
    return draw(400, 0, accepted)


@pytest.fixture(scope="module")
def runs(worlds):
    return list(runs_of(worlds, points(len(worlds), 0, EPISODE), EPISODE, 1_000))


def lived(runs, logit, seed=0):
    """Rows of runs whose uprisings come by a known chance; he never stays in danger who stays."""
    dice = np.random.default_rng(seed)
    rows = []
    for run in runs:
        labels = run.named()
        p = 0.02 if labels["block"] == "stay" else expit(logit(labels))
        fell = dice.random() < p
        ending = {"ending": "uprising" if fell else "survived", "ended_on": ENTRY_DAY + 50 if fell else None}
        rows.append(labels | ending | {"status": "done", "error": None})
    return pd.DataFrame(rows)


def result_of(runs, worlds, logit, seed=0):
    return findings_of(seen(lived(runs, logit, seed), EPISODE), worlds, EPISODE, ORIGIN)


def half_at_five(labels):
    return 3.0 * (LOSS.scaled(labels["losses"]) - LOSS.scaled(5.0))


# The runs.


@pytest.mark.slow
def test_each_block_changes_its_own_number_and_nothing_else(runs):
    named = {"loyalty": "security.loyalty_drift", "grip": "regime.media_grip"}
    for start in range(0, 60, len(BLOCKS)):
        six = {dict(run.labels)["block"]: run for run in runs[start : start + len(BLOCKS)]}
        plain = six["entry"]
        for block, run in six.items():
            flat, before = run.parameters.flat(), plain.parameters.flat()
            assert [name for name in flat if flat[name] != before[name]] == ([named[block]] if block in named else [])
            assert run.seed == plain.seed
            assert (run.arm == "stay") == (block == "stay")
        assert plain.episode == six["loyalty"].episode == six["grip"].episode == six["stay"].episode
        assert six["troops"].episode == plain.episode.replace(entry_troops=six["troops"].episode.entry.troops)
        assert six["troops"].episode.entry.troops in (5_000, 20_000)
        assert six["support"].episode.replace(start=plain.episode.start) == plain.episode


def test_the_table_shows_what_each_run_lived_with(runs, worlds):
    for run in runs[:60]:
        labels, own, drawn = dict(run.labels), run.parameters, worlds[dict(run.labels)["draw"]].parameters
        lived_with = (own.security.loyalty_drift, own.regime.media_grip, run.episode.entry.troops)
        assert lived_with == (labels["loyalty"], labels["grip"], labels["troops"])
        assert run.episode.start.support == SUPPORTS[labels["support"]]
        if labels["block"] == "entry":
            assert drawn.replace({"war.killed_first": labels["losses"], "war.killed_later": labels["losses"]}) == own


def test_losses_are_the_same_every_week_and_nothing_else_changes_them(runs):
    for run in runs[:60]:
        losses = dict(run.labels)["losses"]
        war = run.parameters.war
        assert war.killed_first == war.killed_later == losses
        assert run.episode.entry.front == "stalemate"


def test_the_design_covers_every_axis_evenly():
    places = points(402, 3, EPISODE)
    assert places["support"].value_counts().sort_index().to_dict() == {0: 134, 1: 134, 3: 134}
    assert places["troops"].value_counts().tolist() == [201] * 2
    assert np.allclose(np.sort(LOSS.scaled(places["losses"])), np.linspace(-1, 1, 402), atol=0.006)
    assert places[["loyalty", "grip"]].agg(["min", "max"]).round(1).to_numpy().tolist() == [[-1.5, 0.1], [1.0, 0.9]]
    assert places.corr().where(~np.eye(5, dtype=bool)).abs().max(axis=None) < 0.2


def test_no_two_runs_are_one(runs):
    assert len({key(run, run_summary) for run in runs}) == len(runs)


def test_draws_of_one_accepted_world_are_counted_as_one_world(worlds):
    rows = rows_of(worlds)
    assert max(rows) == 39  # 400 draws of 40
    first, other = rows.index(7), len(rows) - 1 - rows[::-1].index(7)
    assert first != other
    assert worlds[first].parameters.security.obedience == worlds[other].parameters.security.obedience


def test_who_fell_before_the_entry_is_left_out(runs):
    rows = lived(runs[:12], half_at_five).assign(ending="survived", ended_on=math.nan)
    rows.loc[0, ["ending", "ended_on"]] = ["uprising", ENTRY_DAY - 1]
    rows.loc[1, ["ending", "ended_on"]] = ["coup", ENTRY_DAY]
    frame = seen(rows, EPISODE)
    assert len(frame) == 11
    assert frame[UPRISING].sum() == 0 and frame[FALL].sum() == 1


# The line.


def test_a_line_is_found_where_it_was_put(runs, worlds):
    """False alarms: each interval misses in about 5 % of seeds."""
    result = result_of(runs, worlds, half_at_five)
    row = main_line(result, UPRISING)
    assert row["line_50%_low"] < 5.0 < row["line_50%_high"]
    assert 3.0 < row["line_50%"] < 8.0
    ten = math.exp(math.log(5.0) - math.log(9.0) / 3.0 * math.log(60.0) / 2.0)  # 3 x / 2 of the log range a logit
    assert row["line_10%_low"] < ten < row["line_10%_high"]
    assert f"reaches one half at {row['line_50%']:.2g} [" in line_words(row)


@pytest.mark.slow
def test_the_interval_of_a_line_holds_it_as_often_as_it_says(runs, worlds):
    """120 seeds at 95 %: 106 hits or fewer have a chance of 3 in 1,000 (of 400 seeds 93 % hit; seeds are fixed)."""
    resamples = resampled(40)
    hits = 0
    for seed in range(120):
        frame = seen(lived(runs, half_at_five, seed), EPISODE)
        fitted = fit(frame, GRIP, UPRISING, resamples)
        _, low, high = with_interval(losses_at(0.5, fitted.chances(findings.GRID, 0.45)))
        hits += low < 5.0 < high
    assert hits > 106


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_the_verdict_says_which_way_each_axis_moves_the_chance(runs, worlds, way):
    def logit(labels):
        men = (5_000, 10_000, 20_000).index(labels["troops"])
        return half_at_five(labels) + way * (3.0 * LOYALTY.scaled(labels["loyalty"]) - labels["support"] + men)

    result = result_of(runs, worlds, logit)
    for axis, sign in ((LOYALTY, way), (SUPPORT, -way), (MEN, way)):
        words = axis_words(axis, result)
        assert f"by {'+' if sign > 0 else '-'}" in words and "no difference" not in words, words
    assert "no difference is shown" in axis_words(GRIP, result)


def test_a_line_that_is_never_reached_is_said_to_be_so(runs, worlds):
    result = result_of(runs, worlds, lambda labels: -2.0)
    row = main_line(result, UPRISING)
    assert math.isinf(row["line_50%"])
    assert "never reaches one half between 0.5 and 30" in line_words(row)
    assert "never makes an uprising as likely as not" in title_of(result)


def test_a_line_below_the_range_is_said_to_be_so(runs, worlds):
    row = main_line(result_of(runs, worlds, lambda labels: 3.0), UPRISING)
    assert row["line_50%"] == 0.0
    assert "is one half or more already at 0.5" in line_words(row)


def test_too_few_uprisings_make_no_line(runs, worlds):
    result = result_of(runs, worlds, lambda labels: -50.0)
    assert result.fits[MEN.key, UPRISING] is None
    assert "too few runs for a line" in line_words(main_line(result, UPRISING))
    assert "too few runs for a line" in axis_words(LOYALTY, result)
    assert "any number: too few runs" in " ".join(verdict(result, FACTS).split())
    assert "too few runs" in title_of(result)


def test_more_draws_of_the_same_worlds_do_not_make_the_line_surer(runs):
    """What 2020 informs is the same in them: the interval is over accepted worlds, not over runs."""
    frame = seen(lived(runs, half_at_five), EPISODE)
    tenfold = pd.concat([frame] * 10, ignore_index=True)
    once, often = (fit(table, GRIP, UPRISING, resampled(40)).chances(5.0, 0.5)[1:].std() for table in (frame, tenfold))
    assert often == pytest.approx(once, rel=0.1)


# The words.

FACTS = {"worlds": 400, "accepted": 40, "runs": 2400, "failed": 0, "early": 3, "willing": [0.7, 0.9, 0.97]}


def test_the_verdict_tells_what_it_rests_on_and_what_cannot_be_known(runs, worlds):
    result = result_of(runs, worlds, half_at_five)
    said = " ".join(verdict(result, FACTS).split())
    for words in ("400 draws of 40 worlds fitted to Belarus", "If he stays", "the effect of entry is not identified"):
        assert words in said
    assert "failed" not in said
    assert "7 of them failed" in " ".join(verdict(result, FACTS | {"failed": 7}).split())


def test_what_decides_is_told_apart_from_what_does_not(runs, worlds):
    result = result_of(runs, worlds, lambda labels: 10.0 * math.log(labels["beyond"] / 1.0))
    assert result.foretold["the shock of entry, beyond"] > 0.5
    assert result.foretold["the losses, over the whole range"] < 0.05


def test_curves_that_miss_the_runs_are_called_so(runs, worlds):
    bins = result_of(runs, worlds, half_at_five).bins
    assert "The curves describe the runs" in check_words(bins)
    assert "do NOT describe" in check_words(bins.assign(observed=1.0 - bins["observed"]))


# The command.


@pytest.mark.slow
def test_the_command_writes_all_it_names_and_goes_on_where_it_was(tmp_path, accepted, monkeypatch):
    carried = []
    summary = tipping_line.run_summary
    monkeypatch.setattr(tipping_line, "run_summary", lambda run: carried.append(run) or summary(run))
    words = f"--worlds 10 --citizens 300 --accepted {accepted} --results {tmp_path} --workers 1".split()
    first = CliRunner().invoke(tipping_line.main, words)
    assert first.exit_code == 0, first.output
    for name in ("verdict.txt", "lines.csv", "bins.csv", "runs.csv", "record.json", "tipping_line.png"):
        assert (tmp_path / name).stat().st_size > 0
    assert len(carried) == 60
    again = CliRunner().invoke(tipping_line.main, words)
    assert again.exit_code == 0
    assert len(carried) == 60
    assert again.stdout == first.stdout


def test_wrong_worlds_are_refused_in_one_line(tmp_path):
    done = CliRunner().invoke(tipping_line.main, ["--accepted", str(tmp_path / "none.csv"), "--results", str(tmp_path)])
    assert done.exit_code == 2
    assert "no accepted worlds in" in done.output and "Traceback" not in done.output


def test_a_claim_can_be_switched_off(accepted):
    assert not draw(1, 0, accepted, Parameters().switch_off("war_anger"))[0].parameters.holds("war_anger")


@pytest.mark.slow
def test_another_country_is_asked_in_its_own_words_and_with_its_own_troops(tmp_path):
    file = "tests/model/invented.toml"
    words = f"--episode {file} --worlds 12 --citizens 300 --workers 1 --results {tmp_path}".split()
    done = CliRunner().invoke(tipping_line.main, words)
    assert done.exit_code == 0, done.output
    said = " ".join((tmp_path / "verdict.txt").read_text().split())
    assert "12 draws of worlds: default numbers, fitted to nothing" in said and "Three Rivers" in said
    assert "Entry with 1,500 troops" in said and f"Troops: {troops_of(load_episode(file))[0]:,}" in said
    record = (tmp_path / "record.json").read_text()
    for real in ("Belarus", "Moscow", "Lukashenko", "2020", "2022"):
        assert real not in said and real not in record, real


def test_an_episode_in_which_he_cannot_enter_is_refused(tmp_path):
    done = CliRunner().invoke(tipping_line.main, ["--episode", "belarus-2020", "--results", str(tmp_path)])
    assert done.exit_code == 2 and "belarus-2020 has no [entry]" in done.output and "Traceback" not in done.output
