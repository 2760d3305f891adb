"""The main job: twins are paired, the verdict says what the numbers show and nothing else, and its files are whole."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from agents import moscow
from agents.regime import Regime
from experiments.lab import runner
from experiments.lab.runner import Run
from experiments.lab.tasks import world_of
from experiments.show.words import FALL
from experiments.war_entry import __main__ as war_entry
from experiments.war_entry.__main__ import dead_in_store, lived, plan_of, told_of
from experiments.war_entry.figure import draw_figure
from experiments.war_entry.findings import findings_of, twins_of
from experiments.war_entry.words import verdict
from model.episode import load_episode
from model.parameters import DECLARED, Parameters
from model.simulation import Simulation
from model.worlds import FILE, Origin, informed, origin, rank, spread

EPISODE = load_episode("belarus-2022")
ENTRY = EPISODE.day_of(EPISODE.entry.date)
INVENTED = "tests/model/invented.toml"


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    """A table of eight worlds spread over the declared ranges, in place of the calibrated ones."""
    names, dice = informed(), np.random.default_rng(1)
    table = {name: spread(name, 0.3 + 0.4 * dice.random(8)) for name in names}
    path = tmp_path_factory.mktemp("worlds") / "worlds.csv"
    pd.DataFrame({"weight": 1.0, "distance": 1.0, **table}).to_csv(path, index=False)
    return path


def outcome(arm, ending, day, number):
    """What a run would have returned, had it ended so."""
    fell = ending != "survived"
    return {
        "arm": arm, "n_citizens": 20_000, "status": "done", "error": None, "ending": ending,
        "ended_on": float(day) if fell else np.nan, "cause": "he gave up" if fell else "",
        "peak_crowd": 1e5, "x_eve": 0.1,
        "under_protest": 0, "lost_control_on": np.nan,
        "coup_attempts": int(ending == "coup"), "days": day if fell else 365, "mobilised_1_percent_on": np.nan,
        "peak_pressure": 0.5 + number / 400, "top_rung": 1.0, "entered_on": np.nan,
        "pressure_before_entry": np.nan, "dead_in_store": 100.0 + number,
    }  # fmt: skip


def made_up(n, falls_staying, falls_entering, *, seeds=1, ending="uprising"):
    """Rows of n worlds in which he falls in so many if he stays and in so many if he enters, the latter by beyond."""
    rows = []
    for number in range(n):
        numbers = Parameters().flat() | {
            "citizen.war_beyond": float(spread("citizen.war_beyond", (number * 7 % n) / n)),
            "citizen.loss_anger": float(spread("citizen.loss_anger", (number * 3 % n) / n)),
        }
        for seed in range(seeds):
            told = {"world": number, "seed": number + seed * n, "front": ("stalemate", "advance", "defeat")[number % 3]}
            ends = {
                "stay": ending if number < falls_staying else "survived",
                "enter": ending if (number * 7 % n) >= n - falls_entering else "survived",
                "decide": "survived",
            }
            rows += [told | numbers | outcome(arm, end, 60 + number % 90, number) for arm, end in ends.items()]
    return pd.DataFrame(rows)


def said(rows, horizon=365, bare=None, **more):
    options = {"without": (), "calibration": None, "origin": origin(FILE)} | more
    told = (options["without"], options["calibration"], options["origin"])
    return verdict(findings_of(rows, EPISODE, horizon, *told, bare=bare))


def of_the_prior(there, falls_staying, falls_entering, n=60):
    """Rows of n draws of the prior: he is there on the eve in so many, and of those falls in so many in each arm."""
    return pd.DataFrame(
        {
            "world": number, "arm": arm, "n_citizens": 5_000, "ending": "uprising" if number < falls else "survived",
            "fell_before": None if number < there else "2020-08-16: he gave up",
        }
        for number in range(n) for arm, falls in (("stay", falls_staying), ("enter", falls_entering))
    )  # fmt: skip


def test_the_prior_alone_counts_the_draws_in_which_he_is_there_on_the_eve():
    words = " ".join(said(made_up(50, 4, 8), bare=of_the_prior(40, 10, 20)).split())
    assert "(60 draws of all ranges, 5,000 citizens): he is still there on the eve in 40, and of these" in words
    assert "falls in 50 % [35 to 65] if he enters and in 25 % [13.6 to 40] if he stays: entering adds +25.0 [" in words
    gone = {"contraction": {"a": 0.6, "b": 0.2, "c": -0.2}, "targets": [], "ess": [9.0], "tolerance": 1.4}
    words = " ".join(said(made_up(50, 4, 8), bare=of_the_prior(40, 10, 20), calibration=gone).split())
    assert "Of the spread of the 3 numbers that they inform, the histories took 20 % on average, and half or" in words


def test_a_prior_under_which_he_is_never_there_has_no_answer():
    assert "it has no answer" in " ".join(said(made_up(50, 4, 8), bare=of_the_prior(0, 0, 0)).split())


def test_runs_of_the_fit_that_disagree_are_told_beside_the_pooled_interval():
    apart = made_up(200, 0, 40)
    fell = apart[apart["ending"] != "survived"]["world"].unique()
    apart["run"] = apart["world"].isin(fell).astype(int)  # one run holds all that fall
    words = " ".join(said(apart).split())
    assert "The 2 runs of the fit should agree on a fall after entry, and do not, so the interval above is" in words
    assert re.search(r"too narrow: 0 % \[0 to [^]]+\], 100 % \[\d\d to 100\]\.", words)
    alike = apart.assign(run=apart["world"] % 2)
    assert "and do, within their intervals: " in " ".join(said(alike).split())
    assert "runs of the fit should agree" not in said(apart.assign(run=0)) + said(apart.drop(columns="run"))


def test_another_country_is_told_of_in_its_own_words_and_as_fitted_to_nothing():
    words = " ".join(said(made_up(50, 4, 8), origin=Origin(file=None)).split())
    assert "50 worlds: default numbers, fitted to nothing" in words and "FIT: none." in words
    assert "an older model" in said(made_up(50, 4, 8), origin=Origin(file=FILE, title="The ferry war", older=True))


def test_the_verdict_says_that_entering_raises_the_chance_when_it_does():
    words = said(made_up(200, 4, 80))
    assert "Entering raises the chance that he falls within a year from 2.0 % to 40 %" in words
    assert "The chance of any fall rises with beyond." in " ".join(words.split())


def test_the_verdict_says_that_entering_lowers_the_chance_when_it_does():
    words = said(made_up(200, 80, 4))
    assert "Entering lowers the chance that he falls within a year from 40 % to 2.0 %" in words
    assert "raises" not in words


def test_the_verdict_shows_no_difference_where_the_interval_holds_zero():
    words = said(made_up(200, 30, 34))
    assert "No difference shown" in words and "may be zero" in words
    assert "raises" not in words and "lowers" not in words


@pytest.mark.parametrize("staying, entering", [(0, 0), (200, 200), (0, 3), (3, 0), (0, 200)])
def test_the_verdict_stands_at_every_extreme(staying, entering):
    words = said(made_up(200, staying, entering))
    assert "nan" not in words and "inf" not in words
    assert "the effect of entry is not identified" in " ".join(words.split())


def test_no_fall_in_200_worlds_is_no_proof_of_safety():
    found = findings_of(made_up(200, 0, 0), EPISODE, 365, (), None)
    assert found.chances["enter", FALL].high == pytest.approx(0.0124, abs=0.001)  # Jeffreys, by hand: 0 of 200
    assert found.effects[FALL].method == "Newcombe" and not found.effects[FALL].shows


def test_every_line_of_the_verdict_can_be_read_at_100_columns():
    targets = [{"name": f"target {n} with a long name", "outside": n % 2 == 0} for n in range(12)]
    words = said(made_up(200, 4, 80), calibration={"targets": targets, "ess": [210, 220.4], "tolerance": 1.4})
    assert max(map(len, words.splitlines())) <= 100


def test_targets_outside_their_band_are_named():
    targets = [{"name": "plateau", "outside": True}, {"name": "peak", "outside": False}]
    words = " ".join(said(made_up(50, 4, 8), calibration={"targets": targets, "ess": [250], "tolerance": 1.4}).split())
    assert "(effective sample size 250, tolerance 1.4): 1 of 2 targets lie outside their 90 % band: plateau." in words
    assert "without a calibration record" in " ".join(said(made_up(50, 4, 8)).split())


def test_a_claim_switched_off_is_named_with_its_number():
    words = " ".join(said(made_up(50, 4, 8), without=("talks", "war_anger")).split())
    assert "Switched off: talks (C11), war_anger (C6)." in words and "so beyond does nothing" in words


def test_runs_that_end_before_the_entry_say_so():
    words = said(made_up(50, 0, 0).assign(days=ENTRY - 1), horizon=ENTRY - 1)
    assert "before he enters" in words and "THE CURVE" not in words


def test_how_often_he_enters_and_at_what_pressure_is_counted():
    rows = made_up(100, 0, 0)
    enters = (rows["arm"] == "decide") & (rows["world"] < 30)
    rows.loc[enters, ["entered_on", "pressure_before_entry", "top_rung"]] = [200.0, 1.25, 2.0]
    words = " ".join(said(rows).split())
    assert "he enters in 30 % [22 to 39] of worlds (in 0 of 30 up to the full rung)" in words
    assert "pressure P stood at 1.25 on the eve" in words


def test_half_a_pair_is_left_out():
    rows = made_up(10, 2, 3)
    lost = (rows["world"] == 4) & (rows["arm"] == "enter")
    assert sorted(twins_of(rows[~lost])["world"]) == [0, 1, 2, 3, 5, 6, 7, 8, 9]


def test_two_seeds_tell_worlds_and_luck_apart():
    found = findings_of(made_up(60, 0, 30, seeds=2), EPISODE, 365, (), None)
    assert found.worlds == 60 and found.runs == 2
    assert found.spread == pytest.approx(0.5, abs=0.01)  # here a world always ends in one way: all spread, no luck


@pytest.mark.slow
@pytest.mark.parametrize("staying, entering", [(4, 80), (0, 0)])
def test_the_figure_is_drawn_whatever_was_found(tmp_path, staying, entering):
    path = tmp_path / "figure.png"
    draw_figure(findings_of(made_up(200, staying, entering), EPISODE, 365, (), None), path, {"command": "a test"})
    assert path.read_bytes()[:4] == b"\x89PNG" and b"a test" in path.read_bytes()


def test_the_losses_ahead_are_those_of_a_war_that_is_fought_to_the_end():
    safe = Parameters().replace(
        {
            "security.consent": 4.0, "security.loyalty_effect": 0.3, "security.resignation": 0.0005,
            "security.home_effect": 0.0, "security.loss_effect": 0.0, "elite.plot_rate": 0.03,
        }
    )  # fmt: skip
    country = EPISODE.replace(entry_troops=5_100)  # fewer than the units that are told: there are always enough
    run = Run(episode=country, parameters=safe, arm="enter", seed=1, n_citizens=500, labels={"front": "stalemate"})
    told = lived(run)
    assert told["ending"] == "survived" and told["dead_per_million"] > 50.0
    assert told["dead_in_store"] == pytest.approx(told["dead_per_million"], rel=1e-6)


def test_a_withdrawal_ends_the_losses_ahead():
    episode = load_episode(INVENTED)
    world = Simulation(episode, arm="enter", rng=0, n_citizens=500)
    # By hand: 1,500 troops on the limited rung (0.3), not beaten yet; 61 days, 28 of them at 6, 33 at 2.5 a week.
    dead = 1_500 * 0.3 * 1.0 * (28 * 6.0 + 33 * 2.5) / 7_000
    assert dead_in_store(world) == pytest.approx(dead / 0.8, rel=1e-9)


def test_twins_share_world_front_and_seed_and_differ_in_the_arm(accepted):
    plan, _ = plan_of(n_worlds=6, seeds=2, accepted=accepted, n_citizens=500)
    runs = plan.runs()
    assert len(runs) == 6 * 2 * 3
    by_seed = {}
    for run in runs:
        by_seed.setdefault(run.seed, []).append(run)
    assert len(by_seed) == 12  # no two worlds, and no two runs of a world, share a seed
    for twins in by_seed.values():
        assert [run.arm for run in twins] == ["stay", "enter", "decide"]
        assert len({(run.parameters, run.episode) for run in twins}) == 1
    assert {run.episode.entry.front for run in runs} == {"stalemate", "advance", "defeat"}


def test_draws_of_the_prior_cover_the_ranges_and_share_no_seed_with_the_worlds(accepted):
    plan, prior = plan_of(n_worlds=4, accepted=accepted, n_citizens=2_000, prior=6)
    runs = prior.runs(("stay", "enter"), of="prior")
    assert len(runs) == 12 and {run.n_citizens for run in runs} == {500} and {run.history for run in runs} == {None}
    assert not {run.seed for run in runs} & {run.seed for run in plan.runs()}
    ranks = np.sort([rank("citizen.threshold", run.parameters.citizen.threshold) for run in runs[::2]])
    assert (np.floor(6 * ranks) == np.arange(6)).all()
    assert plan_of(n_worlds=4, accepted=accepted, n_citizens=2_000)[1] is None


def test_a_second_year_goes_on_from_the_first_to_the_last_bit():
    one, two = (plan_of(n_worlds=1, n_citizens=2_000, years=years)[0] for years in (1, 2))
    assert (one.horizon, two.horizon) == (365, 730)
    first, both = (world_of(plan.runs()[1]).run() for plan in (one, two))
    assert np.array_equal(first.past_rows, both.past_rows, equal_nan=True)
    assert np.array_equal(first.rows, both.rows[:365], equal_nan=True) and len(both.rows) == 730


def test_what_is_set_is_the_same_in_all_worlds_and_what_is_switched_off_is_off(accepted):
    plan, _ = plan_of(
        n_worlds=4, accepted=accepted, n_citizens=500, front="defeat", without=["talks"],
        fixed=["citizen.war_shock=1", "entry.troops=5000"],
    )  # fmt: skip
    for run in plan.runs():
        assert run.parameters.citizen.war_shock == 1.0 and not run.parameters.holds("talks")
        assert (run.episode.entry.troops, run.episode.entry.front) == (5_000, "defeat")


@pytest.mark.parametrize("climbs", [False, True])
def test_a_world_in_which_he_never_chooses_another_rung_is_lived_once_and_tells_the_same(accepted, monkeypatch, climbs):
    monkeypatch.setattr(Regime, "expects", lambda regime, rung: -9.0 * rung if climbs else 9.0 * rung)
    monkeypatch.setattr(moscow, "demand_chance", lambda rate, pressure: 1.0)
    war_entry._free.cache_clear()
    plan, _ = plan_of(n_worlds=4, accepted=accepted, n_citizens=500, episode=INVENTED)
    chose = []
    for run in plan.runs():
        world = world_of(run).run(run.days)
        chose.append(world.regime.chose)
        assert lived(run) == told_of(world, run)
    assert any(chose) is climbs
    war_entry._free.cache_clear()


@pytest.fixture(scope="module")
def made(accepted, tmp_path_factory):
    """What the command leaves behind for three small worlds of an invented country, made by one process and by two."""
    folders = []
    for workers in ("1", "2"):
        folder = tmp_path_factory.mktemp(f"workers-{workers}")
        told = [
            "--worlds",
            "3",
            "--prior",
            "4",
            "--citizens",
            "500",
            "--episode",
            INVENTED,
            "--workers",
            workers,
            "--results",
            str(folder),
        ]
        done = CliRunner().invoke(war_entry.main, [*told, "--accepted", str(accepted)])
        assert done.exit_code == 0, done.output
        folders.append((folder, done.stdout))
    return folders


def test_the_command_prints_its_verdict_last_and_keeps_it(made):
    folder, output = made[0]
    kept = (folder / "verdict.txt").read_text()
    assert output.endswith(kept) and "THREE RIVERS" in kept


def test_the_record_traces_the_result(made):
    folder, _ = made[0]
    record = json.loads((folder / "record.json").read_text())
    assert {"command", "commit", "python", "mesa", "source", "options", "parameters", "findings"} <= set(record)
    assert record["options"]["seed"] == 0 and record["options"]["n_worlds"] == 3
    told = record["parameters"]["same_in_all_worlds"] | record["parameters"]["drawn_min_median_max"]
    assert set(told) == set(DECLARED)


def test_the_table_holds_every_ending_in_every_arm(made):
    table = pd.read_csv(made[0][0] / "war_entry.csv")
    assert list(table["outcome"]) == ["survived", "uprising", "coup", "replaced_by_moscow", "fall"]
    for arm in ("stay", "enter", "decide"):
        assert table[arm].iloc[:4].sum() == pytest.approx(1.0)
        assert table[arm].iloc[4] == pytest.approx(table[arm].iloc[1:4].sum())


def test_one_process_and_two_find_the_same(made):
    (one, _), (two, _) = made
    assert (one / "runs.csv").read_bytes() == (two / "runs.csv").read_bytes()
    assert (one / "verdict.txt").read_text() == (two / "verdict.txt").read_text()


def test_the_same_command_again_runs_nothing_and_says_the_same(made, accepted):
    folder, output = made[0]
    told = ["--worlds", "3", "--citizens", "500", "--episode", INVENTED, "--workers", "1", "--results", str(folder)]
    told += ["--prior", "4"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "attempt", lambda *_: pytest.fail("a run that is done was run again"))
        again = CliRunner().invoke(war_entry.main, [*told, "--accepted", str(accepted)])
    assert again.exit_code == 0 and again.stdout == output


def test_the_command_runs_for_two_days(accepted, tmp_path):
    told = ["--worlds", "2", "--citizens", "500", "--days", "2", "--workers", "1", "--results", str(tmp_path)]
    told += ["--prior", "0"]
    done = CliRunner().invoke(war_entry.main, [*told, "--accepted", str(accepted)])
    assert done.exit_code == 0 and "before he enters" in done.stdout


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--front", "defeat", "--set", "entry.front=advance"], "front = defeat and --set entry.front"),
        (["--set", "entry.troops=5", "--set", "entry.troops=6"], "--set entry.troops is given twice"),
        (["--full", "--worlds", "3"], "--full says how many"),
        (["--accepted", ""], "expected a path or a name"),
        (["--years", "4"], "4 is not in the range 1<=x<=3"),
    ],
)
def test_what_would_be_dropped_silently_is_refused(tmp_path, arguments, said):
    refused = CliRunner().invoke(war_entry.main, [*arguments, "--results", str(tmp_path / "results")])
    assert refused.exit_code == 2 and said in refused.output
    assert not (tmp_path / "results").exists()
