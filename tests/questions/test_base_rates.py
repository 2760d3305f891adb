"""Base rates: what counts as a quiet year, what is counted in which years, and what is no evidence."""

import math

import numpy as np
import pandas as pd
import pytest

from experiments.base_rates import __main__ as base_rates
from experiments.base_rates.findings import CONDITIONS, Check, findings_of, number_of
from experiments.base_rates.words import finding, state, verdict
from experiments.evidence.published import MEMORY, PUBLISHED, SEEN, Published
from experiments.lab.statistics import rate
from model.episode import load_episode
from model.parameters import Parameters
from model.simulation import Simulation
from model.worlds import FITTED


def lived(condition, world, *, attempts=0, ending="survived", years=1.0):
    return {"condition": condition, "world": world, "attempts": attempts, "ending": ending, "years": years,
            "n_citizens": 300}  # fmt: skip


def test_in_a_quiet_year_nobody_is_at_war_nothing_is_asked_and_no_land_is_lent():
    still = base_rates.quiet(load_episode("belarus-2022"))
    world = Simulation(still, Parameters(), rng=0, n_citizens=300)
    world.run(days=10)
    assert world.regime.rung == 0 and world.mood.war_since is None and world.mood.war_anger() == 0.0
    assert (
        world.calendar.need.max() == 0.0
        and world.calendar.patron_troops.max() == 0.0
        and max(world.calendar.events) <= 0
    )


def test_each_world_is_lived_in_every_condition_and_what_shares_a_past_lies_together():
    runs = list(base_rates.runs_of(2, 2, seed=0, n_citizens=300))
    assert [dict(run.labels)["condition"] for run in runs] == [name for name in CONDITIONS for _ in "12"] * 2
    assert len({(run.seed, dict(run.labels)["condition"]) for run in runs}) == 12
    assert all((run.history is None) == (dict(run.labels)["condition"] == "protest") for run in runs)


def test_years_of_war_begin_on_the_day_of_entry():
    run = next(run for run in base_rates.runs_of(1, 1, seed=0, n_citizens=300) if run.arm == "enter")
    episode, told = run.episode, base_rates.counted(run)
    assert told["years"] == pytest.approx((told["days"] - episode.day_of(episode.entry.date) + 1) / 365.0)


def test_rates_shares_and_times_are_those_of_the_counts():
    rows = [lived("quiet", world, attempts=world % 4 == 0, ending="coup" if world == 0 else "survived")
            for world in range(40)]  # fmt: skip
    rows += [lived("war", world, attempts=world % 2, ending="uprising" if world < 3 else "survived", years=0.5)
             for world in range(40)]  # fmt: skip
    table = pd.DataFrame(rows)
    quiet, war = (table[table["condition"] == name] for name in ("quiet", "war"))
    assert number_of("attempts", quiet, quiet)[0] == pytest.approx(25.0)
    assert number_of("success", quiet, quiet)[0] == pytest.approx(0.1)
    assert number_of("coups_of_falls", war, quiet)[0] == 0.0 and number_of("fell", war, quiet)[0] == 3 / 40
    middle, low, high = number_of("attempts_times", war, quiet)
    assert middle == pytest.approx(4.0) and 1.0 < low < middle < high


def test_draws_that_differ_by_more_than_chance_widen_the_interval_of_a_rate():
    alike = rate(np.ones(40), np.ones(40), range(40))
    apart = rate(np.repeat([4.0, 0.0], [10, 30]), np.ones(40), range(40))
    assert alike.value == apart.value == 1.0 and apart.high - apart.low > 1.5 * (alike.high - alike.low)


def test_a_number_from_memory_is_no_evidence_and_a_missing_source_is_said():
    told = {"condition": "quiet", "measure": "falls", "low": 4.0, "high": 6.0, "words": "", "key": "X"}
    far, near = (9.0, 7.0, 11.0), (5.0, 3.0, 7.0)
    assert [state(Check(published=Published(**told, origin=SEEN), model=one)) for one in (far, near, None)] == [
        "MISSES", "MEETS", "NOT SAID",
    ]  # fmt: skip
    assert state(Check(published=Published(**told, origin=MEMORY), model=far)) == "misses"
    assert all(one.found != math.isnan(one.low) and one.origin in (SEEN, MEMORY, "") for one in PUBLISHED)


def test_every_source_is_listed_and_misses_come_first():
    listed = (FITTED.parents[1] / "sources.md").read_text(encoding="utf-8")
    assert all(f"| {one.key} |" in listed for one in PUBLISHED if one.found)
    rows = [lived(name, world, attempts=3, ending="coup") for name in CONDITIONS for world in range(20)]
    result = findings_of(pd.DataFrame(rows), "worlds")
    lines = verdict(result).splitlines()
    words = [line[:11].strip() for line in lines if line[:11].strip().upper() in ("MISSES", "MEETS")]
    assert words == sorted(words, key=["MISSES", "misses", "MEETS", "meets"].index) and words[0] == "MISSES"
    assert max(map(len, lines)) <= 100 and "not: " in finding(result)
