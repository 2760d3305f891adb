"""One episode many times: the days are kept whole, told truly, and are the same by one process and by two."""

import dataclasses
import datetime as dt
import itertools
import json
import re
from pathlib import Path

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.evidence.observed import Observed
from experiments.run import figure, words
from experiments.run.__main__ import main, plan_of
from experiments.run.findings import Lived, by_span, daily_table, live_daily, lived, pack, unpack
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


def drawn(days, monkeypatch, tmp_path, observed):
    """The figure of so many made-up days, in which every measure is the day's number."""
    made = []
    monkeypatch.setattr(figures, "save", lambda figure, *_: made.append(figure))
    names = (*figure.SHOWN, *(f"crowd in {region.name}" for region in small()[0].episode.regions))
    cube = np.repeat(np.arange(1.0, days + 1.0)[None, :, None], len(names), axis=2)
    rows = pd.DataFrame([{"world": 0, "seed": 0, "ending": "survived", "ended_on": np.nan, "n_citizens": 500}])
    result = Lived(episode=small()[0].episode, arm="stay", rows=rows.assign(peak_capital_crowd=1.0), names=names,
                   cube=cube, drawn=True)  # fmt: skip
    figure.draw_figure(result, tmp_path / "run.png", {}, observed)
    return made[0]


@pytest.mark.parametrize("days", [20, 70])
def test_what_was_observed_stands_in_the_panel_of_its_measure_on_its_day(monkeypatch, tmp_path, days):
    first = small()[0].episode.start_date
    seen = [
        Observed(date=first + dt.timedelta(days=day - 1), measure="detained_today", low=1.0, middle=4.0, high=9.0)
        for day in (3, 4, 9)
    ]
    panels = drawn(days, monkeypatch, tmp_path, seen).axes
    ((points, *_),) = (box for box in panels[1].containers if box.get_label() == "observed")
    assert points.get_xdata().tolist() == [np.datetime64(point.date) for point in seen]
    assert points.get_ydata().tolist() == [4.0] * 3
    assert [text.get_text() for text in panels[1].get_legend().get_texts()] == ["observed"]
    assert not [box for panel in (panels[0], *panels[2:]) for box in panel.containers]
    fan = panels[1].lines[0]
    assert fan.get_ydata().tolist() == list(range(1, days + 1))  # by day, and not by week


def test_bands_that_are_drawn_wider_do_not_overlap(monkeypatch, tmp_path):
    first = small()[0].episode.start_date
    for days in ((10, 40, 41), (10, 30, 50)):
        dates = [first + dt.timedelta(days=day) for day in days]
        seen = [Observed(date=date, measure="rung", low=0.0, middle=1.0, high=2.0) for date in dates]
        patches = drawn(120, monkeypatch, tmp_path, seen).axes[4].patches
        ends = sorted({(bar.get_x(), bar.get_x() + bar.get_width()) for bar in patches})
        assert len(ends) == 3 and all(end <= begin for (_, end), (begin, _) in itertools.pairwise(ends))
        assert ends[0][1] - ends[0][0] == min(3, days[2] - days[1])  # a fortieth of 120 days, or what there is


def test_points_after_the_end_of_all_runs_are_drawn(monkeypatch, tmp_path):
    late = small()[0].episode.start_date + dt.timedelta(days=80)
    seen = [Observed(date=late, measure="capital_crowd", low=1.0, middle=4.0, high=9.0)]
    panel = drawn(70, monkeypatch, tmp_path, seen).axes[0]
    (points, *_), *_ = panel.containers
    assert points.get_xdata().tolist() == [np.datetime64(late)]
    assert "observed" in [text.get_text() for text in panel.get_legend().get_texts()]


@pytest.mark.parametrize(
    "line, said",
    [
        ("1997-03-02,capital_crowds,1,2,3", "line 3: measure = capital_crowds; did you mean capital_crowd?"),
        ("1997-03-02,crowd,1,2,3", "(one of capital_crowd, detained_today, obeying_share, rung)"),
        ("2 March,capital_crowd,1,2,3", "line 3: date = 2 March; expected one such as"),
        ("1897-03-02,capital_crowd,1,2,3", "line 3: date = 1897-03-02; expected one such as"),
        ("{last},capital_crowd,1,2,3", "line 3: date = {last}; expected one such as {first}, up to {until}"),
        ("{first},rung,3,2,1", "line 3: low, middle, high = 3, 2, 1; expected three numbers, 0 or more, from low to"),
        ("{first},rung,1,nan,2", "line 3: low, middle, high = 1, nan, 2"),
        ("{first},rung,-1,0,2", "line 3: low, middle, high = -1, 0, 2"),
        ("{first},capital_crowd,1,2,3", "line 3: capital_crowd on {first} is given twice"),
        ("{first},capital_crowd,1,2", "line 3: 4 cells; expected 5"),
    ],
)
def test_what_cannot_have_been_observed_is_refused_with_its_line_before_the_first_run(tmp_path, line, said):
    first = small()[0].episode.start_date
    days = {"first": first, "last": first + dt.timedelta(days=3), "until": first + dt.timedelta(days=2)}
    file = tmp_path / "seen.csv"
    file.write_text(f"date,measure,low,middle,high\n{first},capital_crowd,0,10,1e3\n{line}\n".format(**days))
    told = [INVENTED, "--worlds", "default", "--seeds", "2", "--days", "3", "--citizens", "500", "--workers", "1"]
    refused = CliRunner().invoke(main, [*told, "--observed", str(file), "--results", str(tmp_path / "results")])
    assert refused.exit_code == 2 and len(refused.output.splitlines()) == 1
    assert said.format(**days) in refused.output and not (tmp_path / "results").exists()


def test_what_was_observed_is_in_the_record(tmp_path):
    first = small()[0].episode.start_date
    (tmp_path / "seen.csv").write_text(f"source,measure,date,low,middle,high\nus,rung,{first},0,1,2\n")
    told = [INVENTED, "--worlds", "default", "--seeds", "2", "--days", "3", "--citizens", "500", "--workers", "1"]
    done = CliRunner().invoke(main, [*told, "--observed", str(tmp_path / "seen.csv"), "--results", str(tmp_path)])
    assert done.exit_code == 0, done.output
    record = json.loads((tmp_path / "invented-stay.json").read_text())
    assert record["observed"] == [{"date": str(first), "measure": "rung", "low": 0.0, "middle": 1.0, "high": 2.0}]


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
