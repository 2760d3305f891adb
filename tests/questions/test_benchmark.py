"""The benchmark runs small and says what it measured; no time is checked here."""

import inspect
import json
import math
import re

import numpy as np
import pytest

from agents.citizen import loops
from agents.citizen.population import COLUMN_TYPES
from experiments.benchmark import __main__ as benchmark
from experiments.benchmark.__main__ import READ, busy_parameters, live, memory, report
from experiments.benchmark.words import BUSY, GOALS, Effort, Row, readme_table, verdict
from model.parameters import Parameters
from model.simulation import Simulation

TINY = Effort(
    sizes=(500, 1_000), middle=1_000, a_run=500, many=1_000, days=8, days_of_many=2, year=8, repeats=1, runs=4,
    grids=(8,), steps=2, every_elector=False, first_start=False,
)  # fmt: skip
ABOUT = {
    "cpu": "a slide rule",
    "cores": 2,
    "system": "desk",
    "other_work": 0.01,
    "command": "python -m experiments.benchmark",
}


def made_up(**changed):
    """Rows as the benchmark would measure them."""
    values = {
        "whole day, quiet": 6.0, "whole day, busy": 9.0, "citizens' loop alone, quiet": 3.0, "reading alone": 1.5,
        "building": 40.0, "Mesa's Epstein": 60_000.0, "Mesa's Epstein, no data": 30_000.0, "whole day, threads": 6.0,
        "a sweep": 8.0,
    } | changed  # fmt: skip
    rows = [Row(what=what, n=TINY.middle, value=value, unit="u") for what, value in values.items()]
    return [
        *rows,
        *(Row(what=what, n=1_000, value=4.0, unit="u", cores=2) for what in ("whole day, threads", "a sweep")),
    ]


@pytest.mark.slow
def test_a_small_benchmark_writes_its_table_record_and_figure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(benchmark.os, "cpu_count", lambda: 1)  # with more, processes would have to start
    report(TINY, Parameters(), tmp_path)
    record = json.loads((tmp_path / "benchmark.json").read_text())
    assert all(
        math.isfinite(row["value"]) and row["value"] > 0.0 for row in record["rows"] if "phase" not in row["what"]
    )
    assert {"whole day, quiet", "whole day, busy", "a sweep", "Mesa's Epstein"} <= {
        row["what"] for row in record["rows"]
    }
    assert record["machine"]["cpu"] in record["table"] and record["source"]
    assert record["verdict"] in capsys.readouterr().out
    assert len((tmp_path / "benchmark.csv").read_text().splitlines()) == len(record["rows"]) + 1
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_read_is_what_the_citizens_loop_takes():
    taken = set(re.findall(r"rows\.(\w+)", inspect.getsource(loops.are_ready.py_func))) | {
        "status",
        "mobilised",
        "stratum",
    }
    assert taken == set(READ), "free_day is read for the detained only"


def test_the_busy_world_has_its_share_of_electors_in_the_street():
    busy = busy_parameters(Parameters(), days=60, n=1_000)
    assert live(busy, 1_000, 60, 1).street_share == pytest.approx(BUSY, rel=0.25)


def test_timing_a_world_does_not_change_its_history():
    plain = Simulation(benchmark.EPISODE, arm="stay", rng=1, n_citizens=1_000)
    timed = benchmark.Timed(benchmark.EPISODE, arm="stay", rng=1, n_citizens=1_000)
    for _ in range(10):
        plain.step()
        timed.step()
    assert plain.series().equals(timed.series())
    assert all(spent > 0 for spent in timed.spent.values())


def test_the_memory_of_a_citizen_holds_his_columns_and_ties():
    kept, most = memory(Parameters(), 20_000)
    ties = 4 * (Parameters().sample.n_ties + 1)
    assert sum(np.dtype(kind).itemsize for kind in COLUMN_TYPES.values()) + ties < kept <= most


def test_the_verdict_gives_ratios_of_this_run():
    words = verdict(made_up(), TINY, ABOUT)
    assert "2.0 times what NumPy takes" in words and "10,000 (5,000) citizens' days" in words
    assert "1.50 times as fast on 2 cores" in words and "0.50 times as fast on 2 cores" in words
    assert "All that was measured costs no more than it may." in words and "not quiet" not in words


def test_the_verdict_owns_up_to_what_is_missed_and_to_a_busy_machine():
    words = verdict(made_up(**{"whole day, quiet": 18.0}), TINY, ABOUT | {"other_work": 1.5})
    assert "MISSED: whole day, quiet: 18 u, 1.50 times the 12." in words
    assert "not quiet (1.50 cores busy with other work)" in words


def test_the_readmes_table_names_the_machine_and_what_each_may_cost():
    table = readme_table(made_up(), TINY, ABOUT)
    assert "a slide rule, 2 cores, desk" in table
    assert f"| whole day, quiet | 1,000 | 1 | 6 u | {GOALS['whole day, quiet']:g} |" in table
