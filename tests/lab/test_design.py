"""A design visits the points it says, and what cannot be is refused by name before the first run."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.design import DesignError, apply, design, fields, parameters_from, points_from, read_toml
from experiments.lab.table import TableError
from model.episode import EpisodeError, load_episode
from model.parameters import DECLARED, ParameterError, Parameters

EPISODE = load_episode("belarus-2022")


def test_a_grid_has_every_value_of_each_with_every_value_of_the_others():
    points = design("grid", {"entry.troops": [5000, 10_000], "citizen.noise": "0.1,0.2,0.3"}).points
    assert points == ((5000, 0.1), (5000, 0.2), (5000, 0.3), (10_000, 0.1), (10_000, 0.2), (10_000, 0.3))


def test_a_list_takes_first_with_first():
    points = design("list", {"entry.front": "stalemate,defeat", "entry.troops": "5000,9000"}).points
    assert points == (("stalemate", 5000), ("defeat", 9000))


def test_a_design_of_nothing_is_one_point():
    assert design("grid", {}).points == ((),)


@pytest.mark.parametrize(
    "name, told, values",
    [
        ("entry.troops", "5000:25000:5", (5000, 10_000, 15_000, 20_000, 25_000)),
        ("regime.media_grip", "0.1:0.5:5", (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("war.killed_first", "2:8:3:log", (2.0, 4.0, 8.0)),
        ("entry.date", "2022-03-01:2022-03-05:3", tuple(dt.date(2022, 3, day) for day in (1, 3, 5))),
        ("entry.date", [dt.date(2022, 3, 1), "2022-03-02"], (dt.date(2022, 3, 1), dt.date(2022, 3, 2))),
        ("entry.troops", 7e3, (7000,)),
        ("citizen.noise", 0.2, (0.2,)),
        ("citizen.ties", [1, 2], (1.0, 2.0)),
        ("episode", "belarus-2020,belarus-2022", ("belarus-2020", "belarus-2022")),
    ],
)
def test_values_are_read_as_their_field_has_them(name, told, values):
    (axis,) = design("grid", {name: told}).axes
    assert axis.values == values
    assert {type(value) for value in axis.values} == {type(values[0])}


@given(st.sampled_from(sorted(DECLARED)), st.integers(1, 40), st.sampled_from(["lhs", "sobol"]))
@settings(max_examples=60, deadline=None)
def test_every_number_can_be_drawn_over_its_declared_range(name, count, kind):
    count = 2 ** (count.bit_length() - 1) if kind == "sobol" else count
    for point in design(kind, {name: ""}, count).points:
        Parameters().replace({name: point[0]})  # refuses what is out of range or of another type


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_number():
    points = design("lhs", {"citizen.noise": "0.1:0.3", "war.killed_first": "2:15:log"}, 20).points
    ranks = [(noise - 0.1) / 0.2 for noise, _ in points], [np.log(k / 2) / np.log(7.5) for _, k in points]
    for column in ranks:
        assert sorted(int(rank * 20) for rank in column) == list(range(20))


def test_a_sobol_design_fills_every_quarter_alike_and_its_first_points_stay_when_there_are_more():
    few, many = (design("sobol", {"citizen.noise": "", "citizen.ties": ""}, count).points for count in (16, 64))
    assert many[:16] == few
    quarters = [(noise > 0.2, ties > 2.0) for noise, ties in few]
    assert {quarters.count(quarter) for quarter in set(quarters)} == {4}


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_a_list_in_a_random_design_has_each_value_equally_often(kind):
    points = design(kind, {"entry.front": "stalemate,defeat", "citizen.noise": ""}, 16).points
    assert sorted(front for front, _ in points) == ["defeat"] * 8 + ["stalemate"] * 8


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_one_seed_is_one_random_design(kind):
    designs = [design(kind, {"citizen.noise": ""}, 8, seed).points for seed in (0, 0, 1)]
    assert designs[0] == designs[1] != designs[2]


def written(tmp_path, content):
    """Write a file of points and return its path."""
    path = tmp_path / "points.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_points_of_a_file_keep_its_order_and_equal_lines_share_one(tmp_path):
    lines = "entry.troops,citizen.noise,entry.date\n9000,0.3,2022-04-01\n5000,0.1,2022-03-01\n"
    made = points_from(written(tmp_path, f"\ufeff{lines}9000.0, 0.30 ,2022-04-01\n\n"))
    assert made.points == ((9000, 0.3, dt.date(2022, 4, 1)), (5000, 0.1, dt.date(2022, 3, 1)))
    assert made.rows == (0, 1, 0) and type(made.points[0][0]) is int
    assert design("grid", {"citizen.noise": [0.1, 0.2]}).rows == (0, 1)


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "line 1: expected the names of the columns"),
        ("entry.troops\n", "has no lines: expected some below the names entry.troops"),
        ("entry.tropps\n1\n", "line 1: no parameter or episode field entry.tropps; did you mean entry.troops?"),
        ("entry.troops,entry.troops\n1,2\n", "line 1: entry.troops is given twice"),
        (",citizen.noise\n0,0.2\n", "line 1: column 1 has no name; from pandas, write with index=False"),
        ("citizen.noise\n0.2\n\nmuch\n", "line 4: citizen.noise = much; expected a number"),
        ("citizen.noise\n0.2\nnan\n", "line 3: citizen.noise = nan; expected a number"),
        ("entry.troops\n5000.5\n", "line 2: entry.troops = 5000.5; expected a whole number"),
        ("citizen.noise,entry.troops\n0.2,\n", "line 2: entry.troops = ; expected a whole number"),
        ("citizen.noise,entry.troops\n0.2\n", "line 2: 1 cells; expected 2"),
        (b"citizen.noise\n\xff\xfe\n", "cannot be read as a table"),
        ('citizen.noise\n"0.2\n', "cannot be read as a table"),
    ],
)
def test_a_file_of_points_that_cannot_be_is_refused_with_its_line(tmp_path, content, message):
    with pytest.raises((DesignError, TableError), match=message) as refusal:
        points_from(written(tmp_path, content))
    assert "\n" not in str(refusal.value) and "points.csv" in str(refusal.value)


def test_a_file_of_points_that_is_not_there_is_refused(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(TableError, match="cannot be read as a table"):
            points_from(path)


def test_a_point_changes_what_it_names_and_nothing_else():
    names = ("entry.troops", "entry.date", "start.debt", "citizen.noise")
    point = (5000, dt.date(2022, 4, 1), 2.0, 0.1)
    episode, parameters = apply(names, point, EPISODE, Parameters(), front="defeat")
    assert (episode.entry.troops, episode.entry.date, episode.entry.front) == (5000, dt.date(2022, 4, 1), "defeat")
    assert episode.start.debt == 2.0 and episode.start.rung == EPISODE.start.rung
    assert episode.replace(start=EPISODE.start, entry=EPISODE.entry) == EPISODE
    assert parameters == Parameters().replace({"citizen.noise": 0.1})


def test_the_front_of_a_point_goes_before_that_of_its_world():
    episode, _ = apply(("entry.front",), ("advance",), EPISODE, Parameters(), front="defeat")
    assert episode.entry.front == "advance"


def test_the_episode_itself_can_vary():
    episode, _ = apply(("episode", "end_date"), ("belarus-2020", dt.date(2020, 11, 1)), EPISODE, Parameters())
    assert episode.name == "belarus-2020" and episode.end_date == dt.date(2020, 11, 1)


@pytest.mark.parametrize(
    "kind, vary, points, message",
    [
        ("grid", {"entry.tropps": [1]}, None, "no parameter or episode field entry.tropps; did you mean entry.troops?"),
        ("grid", {"media_grip": [0.5]}, None, "did you mean regime.media_grip?"),
        (
            "gird",
            {"citizen.noise": [0.2]},
            None,
            "design = gird; expected one of grid, list, lhs, sobol; did you mean grid?",
        ),
        ("grid", {"citizen.noise": "much"}, None, "citizen.noise = much; expected a number"),
        ("grid", {"citizen.noise": "nan"}, None, "citizen.noise = nan; expected a number"),
        ("grid", {"citizen.noise": [True]}, None, "citizen.noise = True; expected a number"),
        ("grid", {"entry.troops": "5000.5"}, None, "entry.troops = 5000.5; expected a whole number"),
        ("grid", {"entry.date": "24 March"}, None, "entry.date = 24 March; expected a date such as 2022-03-24"),
        ("grid", {"citizen.noise": ""}, None, "citizen.noise has no values"),
        ("grid", {"citizen.noise": []}, None, "citizen.noise has no values"),
        ("grid", {"citizen.noise": "0.1:0.3"}, None, "expected low:high:count, or values with commas"),
        ("grid", {"citizen.noise": "0.3:0.1:3"}, None, "expected the lower end first"),
        ("grid", {"citizen.noise": "0.1:0.3:1"}, None, "expected 2 values or more"),
        ("grid", {"citizen.noise": "0.1:0.3:2:3"}, None, "expected low:high:count"),
        ("grid", {"entry.troops": "1:3:9"}, None, "there are not 9 whole values between 1 and 3"),
        ("grid", {"entry.front": "stalemate:defeat:2"}, None, "it is no number"),
        ("grid", {"citizen.noise": [0.2, 0.2]}, None, "the same point is given twice"),
        ("grid", {"citizen.noise": [0.2]}, 8, "points = 8 has no meaning in a grid design"),
        ("list", {"citizen.noise": [0.1, 0.2], "citizen.ties": [1.0]}, None, "citizen.noise has 2, citizen.ties has 1"),
        ("lhs", {"citizen.noise": ""}, None, "points = None; a lhs design expects how many"),
        ("sobol", {"citizen.noise": ""}, 100, "points = 100; .* expected 64 or 128"),
        ("sobol", {"entry.troops": ""}, 4, "entry.troops has no values"),
        ("sobol", {}, 4, "a sobol design varies nothing"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(kind, vary, points, message):
    with pytest.raises(DesignError, match=message) as refusal:
        design(kind, vary, points)
    assert "\n" not in str(refusal.value)


def test_every_field_that_can_vary_can_be_applied():
    for name in fields():
        group, _, field = name.rpartition(".")
        if name == "episode":
            value = "belarus-2022"
        elif name in DECLARED:
            value = DECLARED[name].default
        else:
            value = getattr({"entry": EPISODE.entry, "start": EPISODE.start, "": EPISODE}[group], field)
        assert apply((name,), (value,), EPISODE, Parameters()) == (EPISODE, Parameters())


def test_parameters_come_from_a_file_and_the_rest_by_default(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[citizen]\nnoise = 0.1\n[regime]\nmedia_grip = 0.9\n")
    assert parameters_from(file) == Parameters().replace({"citizen.noise": 0.1, "regime.media_grip": 0.9})


@pytest.mark.parametrize(
    "text, error, message",
    [
        ("[citizen]\nnoice = 0.1", ParameterError, "no parameter citizen.noice; did you mean citizen.noise?"),
        ("[citizen]\nnoise = 5", ParameterError, "noise = 5; expected 0.1 to 0.3"),
        ("noise = 0.1", DesignError, "noise = 0.1; expected a table"),
        ("[citizen", DesignError, "is not valid TOML"),
    ],
)
def test_a_wrong_file_of_parameters_is_refused(tmp_path, text, error, message):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(error, match=message):
        parameters_from(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DesignError, match="there is no file"):
        read_toml(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "name, value, error",
    [
        ("entry.troops", 10**6, EpisodeError),
        ("entry.front", "sideways", EpisodeError),
        ("start.debt", -1.0, EpisodeError),
        ("citizen.noise", 5.0, ParameterError),
        ("episode", "belarus-2032", EpisodeError),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_the_model(name, value, error):
    with pytest.raises(error):
        apply((name,), (value,), EPISODE, Parameters())


def test_numbers_of_numpy_are_numbers():
    plain = design("grid", {"regime.media_grip": [0.2, 0.5], "entry.troops": [5_000, 10_000]})
    given = {"regime.media_grip": list(np.linspace(0.2, 0.5, 2)), "entry.troops": np.arange(5_000, 10_001, 5_000)}
    assert design("grid", given) == plain and type(design("grid", given).points[0][1]) is int
