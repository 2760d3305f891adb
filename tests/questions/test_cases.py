"""Other countries' crises: the shock is found from the crowd alone, and what was said is scored as it should be."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.cases import __main__ as cases
from experiments.cases.findings import balanced, brier, findings_of, left_out_logit, left_out_rate
from experiments.cases.lives import FITS, NEAR, crisis, next_size
from experiments.cases.words import verdict
from experiments.evidence.crises import FITTED_TO, shipped


def test_the_search_finds_the_size_of_a_rising_crowd():
    tried = {}
    while (size := next_size(tried, 1e5)) not in tried and len(tried) < 20:
        tried[size] = 1e6 * size**3
        if abs(np.log(tried[size] / 1e5)) < NEAR:
            break
    assert len(tried) <= 6 and tried[size] == pytest.approx(1e5, rel=0.1)


def test_a_crisis_has_the_crowd_that_was_asked_for():
    (run,) = cases.runs_of([shipped()["CSK89"]], 1, seed=0, n_citizens=1_000)
    lived = crisis(run)
    assert lived["fits"] and abs(np.log(lived["peak_crowd"] / dict(run.asked)["target"])) <= FITS


def test_crowds_are_spread_over_what_was_seen_and_nothing_else_is_asked():
    for case in shipped().values():
        runs = list(cases.runs_of([case], 5, seed=1, n_citizens=1_000))
        assert all(case.peak[0] <= dict(run.asked)["target"] <= case.peak[1] for run in runs)
        assert {name for run in runs for name, _ in run.asked} == {"target"}


def test_a_method_that_says_what_happened_loses_nothing():
    seen = np.array([1.0, 0.0, 1.0, 0.0])
    assert brier(seen, seen) == 0.0 and balanced(seen, seen) == 1.0 and balanced(seen, 1.0 - seen) == 0.0
    assert left_out_rate(seen).tolist() == [0.375, 0.625, 0.375, 0.625]  # (2 - seen + 1/2) / 4


def test_the_logit_of_a_case_does_not_hang_on_its_own_end():
    design = np.random.default_rng(0).normal(size=(12, 2))
    seen = (design[:, 0] > 0.0).astype(float)
    other = seen.copy()
    other[3] = 1.0 - other[3]
    assert left_out_logit(design, seen)[3] == left_out_logit(design, other)[3]


@pytest.mark.slow
def test_all_cases_are_foretold_and_belarus_is_not_scored(tmp_path):
    arguments = ["--worlds", "2", "--citizens", "300", "--workers", "2", "--results", str(tmp_path)]
    done = CliRunner().invoke(cases.main, arguments)
    assert done.exit_code == 0, done.output
    assert "(17 cases" in done.stdout and max(map(len, (tmp_path / "verdict.txt").read_text().splitlines())) <= 100
    assert FITTED_TO in (tmp_path / "cases.csv").read_text()


def test_a_crisis_whose_crowd_no_world_has_is_said_to_be_one():
    rows = pd.DataFrame(
        [
            {"case": row, "world": world, "fits": int(row != "ARM18"), "fell": world, "broke": 0, "ended_on": 3 * world,
             "cause": "he gave up" if world else "", "size": 0.5}
            for row in shipped() for world in (0, 1)
        ]
    )  # fmt: skip
    result = findings_of(list(shipped().values()), rows)
    said = result.table.set_index("case")
    assert said.loc["ARM18", "fell_said"] == said.loc["ARM18", "fell_base"]
    assert "no world has such a crowd" in " ".join(verdict(result).split())
