"""One episode many times: the days are kept whole, told truly, and are the same by one process and by two."""

import dataclasses
import re
from pathlib import Path

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.run import figure, words
from experiments.run.__main__ import main, plan_of
from experiments.run.findings import by_span, daily_table, live_daily, lived, pack, unpack
from experiments.show import figures
from model.measures import MEASURES
from model.simulation import Simulation

INVENTED = "tests/model/invented.toml"


def small(**told):
    return plan_of(INVENTED, worlds="default", seeds=3, n_citizens=500, **told)[0]


def test_the_days_are_those_of_the_world():
    run = small(arm="enter", days=30)[1]
    names, values = unpack(live_daily(run)["daily"])
    world = Simulation(run.episode, run.parameters, arm="enter", rng=run.seed, n_citizens=500).run(30)
    series = world.series()
    for name in MEASURES:
        assert np.allclose(values[:, names.index(name)], series[name], rtol=1e-6), name
    regions = [names.index(f"crowd in {region}") for region in ("Upstream", "Confluence", "Delta")]
    assert np.allclose(values[:, regions].sum(axis=1), series["crowd"], rtol=1e-5)


def test_packed_days_are_short():
    days = np.zeros((365, 40))
    assert len(pack([f"measure {n}" for n in range(40)], days)) < 2_000


def made_up(lengths):
    """Runs of so many days, in which the crowd of run n is 100 n and somebody is caught every day."""
    rows = []
    for number, days in enumerate(lengths):
        values = np.column_stack([np.full(days, 100.0 * number), np.ones(days)])
        rows.append({"world": number, "seed": number, "daily": pack(["crowd", "detained_today"], values)})
    return lived(pd.DataFrame(rows), small()[0].episode, "stay", True)


def test_who_has_fallen_counts_no_more():
    table = daily_table(made_up([2, 4, 4])).set_index(["measure", "date"]).loc["crowd"]
    assert table["runs"].tolist() == [3, 3, 2, 2]
    assert table["q0.5"].tolist() == [100.0, 100.0, 150.0, 150.0]


def test_a_span_holds_the_days_until_the_fall():
    caught = by_span(made_up([5, 7]).of("detained_today"), 3, np.nansum)
    assert np.array_equal(caught, [[3, 2, np.nan], [3, 3, 1]], equal_nan=True)


def test_draws_are_worlds_and_else_seeds_differ():
    runs = small()
    assert len({run.seed for run in runs}) == 3 and len({run.parameters for run in runs}) == 1


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folders = []
    for workers in ("1", "2"):
        folder = tmp_path_factory.mktemp(f"workers-{workers}")
        told = [*(["--episode"] if workers == "2" else []), INVENTED]
        told += ["--arm", "enter", "--worlds", "default", "--seeds", "3", "--citizens", "500", "--days", "70"]
        done = CliRunner().invoke(main, [*told, "--workers", workers, "--results", str(folder)])
        assert done.exit_code == 0, done.output
        folders.append((folder, done.stdout))
    return folders


@pytest.mark.slow
def test_the_command_prints_and_keeps_the_days_and_the_endings(made):
    folder, output = made[0]
    assert output.endswith((folder / "invented-enter.txt").read_text())
    assert "THREE RIVERS" in output and "Confluence" in output and "survival" in output
    days = pd.read_csv(folder / "invented-enter-daily.csv")
    assert set(MEASURES) | {"crowd in Delta"} <= set(days["measure"])
    assert days["date"].nunique() == 70
    assert (folder / "invented-enter.png").stat().st_size > 10_000 and (folder / "invented-enter.json").is_file()


def test_another_country_says_that_its_worlds_were_fitted_to_nothing(made):
    said = (made[0][0] / "invented-enter.txt").read_text()
    assert said.endswith("(worlds: default numbers, fitted to nothing)\n")
    assert not [word for word in ("Belarus", "Moscow", "2020", "2022") if word in said]


def test_every_line_can_be_read_at_100_columns(made):
    assert max(map(len, (made[0][0] / "invented-enter.txt").read_text().splitlines())) <= 100


def test_one_process_and_two_find_the_same(made):
    (one, _), (two, _) = made
    for name in ("invented-enter-daily.csv", "invented-enter-runs.csv", "invented-enter.txt"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_a_countrys_words_stay_words_and_its_columns_apart(tmp_path):
    text = Path(INVENTED).read_text(encoding="utf-8")
    long, patron = "Region of 22 letters..", "$tate of $t. Patron"
    text = text.replace('"Delta"', f'"{long}"').replace("title = ", 'patron = "Big $tate of $t. Patron"\ntitle = ', 1)
    file = tmp_path / "dollars.toml"
    file.write_text(text, encoding="utf-8")
    told = ["--worlds", "default", "--seeds", "2", "--citizens", "500", "--days", "3", "--workers", "1"]
    done = CliRunner().invoke(main, [str(file), *told, "--results", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert len(long) == 22 and re.search(rf"  {re.escape(long)} +\d", done.stdout)
    assert re.search(rf"{re.escape(patron)} +\d", done.stdout)
    assert list(tmp_path.glob("*.png"))


def test_where_nobody_falls_the_panel_of_falls_has_the_days_of_the_run():
    runs = made_up([5, 5])
    runs = dataclasses.replace(runs, rows=runs.rows.assign(ended_on=np.nan, ending="survived"))
    with figures.style():
        panel = figures.canvas(4.0, 3.0).add_subplot()
        figure._panel_falls(runs, panel)
    first, last = (mdates.num2date(end).date() for end in panel.get_xlim())
    assert (first, last) == (runs.episode.date_of(0), runs.episode.date_of(5))


@pytest.mark.parametrize(("days", "shown"), [(366, "01 Mar "), (367, "01 Mar 1997 ")])
def test_more_than_a_year_is_dated_with_its_year(days, shown):
    runs = made_up([days])
    names = ("capital_crowd", "crowd", "detained_today", "obeying_share", "rung")
    runs = dataclasses.replace(runs, names=names, cube=np.ones((1, days, len(names))))
    lines = words._spans(runs).splitlines()
    assert lines[3].startswith(shown + " ") and lines[2].index("runs") + 3 == lines[3].index(" 1  ") + 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--set", "entry.troops=5", "--set", "entry.troops=6"], "--set entry.troops is given twice"),
        ([INVENTED, "--episode", "belarus-2022"], f"{INVENTED} and --episode belarus-2022: give one of them"),
        (["--worlds", ""], "expected a path or a name"),
        ([""], "expected a path or a name"),
    ],
)
def test_what_would_be_dropped_silently_is_refused(tmp_path, arguments, said):
    refused = CliRunner().invoke(main, [*arguments, "--results", str(tmp_path / "results")])
    assert refused.exit_code == 2 and said in refused.output
    assert not (tmp_path / "results").exists()
