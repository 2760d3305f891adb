"""Every number is declared once, checked, and traced to a source."""

import calendar
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.parameters import DECLARED, GROUPS, SWITCHES, ParameterError, Parameters, table

ROOT = Path(__file__).parents[2]
WHOLE = [name for name, number in DECLARED.items() if isinstance(number.default, int)]
REAL = [name for name in DECLARED if name not in WHOLE]


def notes(name):
    return DECLARED[name].metadata


def group_and_number(name):
    group, _, number = name.partition(".")
    return f"{GROUPS[group].__name__}.{number}"


def source_keys():
    rows = re.findall(r"^\| (\w+) \|", (ROOT / "model" / "sources.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [key for key in rows if key != "Key"]


values_in_range = st.dictionaries(st.sampled_from(list(DECLARED)), st.floats(0.0, 1.0)).map(
    lambda places: {
        name: round(notes(name)["low"] + place * (notes(name)["high"] - notes(name)["low"]))
        if name in WHOLE
        else min(notes(name)["low"] + place * (notes(name)["high"] - notes(name)["low"]), notes(name)["high"])
        for name, place in places.items()
    }
)


@pytest.mark.parametrize(
    "wrong, right",
    [("citizen.nois", "citizen.noise"), ("citisen.ties", "citizen.ties"), ("moscow.drop_day", "moscow.drop_days")],
)
def test_a_misspelt_name_is_refused_with_the_nearest_one(wrong, right):
    with pytest.raises(ParameterError, match=rf"^no parameter {wrong}; did you mean {right}\?$"):
        Parameters().replace({wrong: 0.2})


@pytest.mark.parametrize("wrong", ["without", "citizen", "noise.citizen", "", "sample.without", "citizen.noise "])
def test_what_is_no_number_cannot_be_replaced(wrong):
    with pytest.raises(ParameterError, match=r"^no parameter"):
        Parameters().replace({wrong: 0.2})


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_has_no_other_numbers_than_its_own(group):
    with pytest.raises(TypeError, match="no_such_number"):
        GROUPS[group](no_such_number=1.0)


@pytest.mark.parametrize("value", [True, False, "0.2", None, [0.2], 0.2j, np.bool_(True)])
def test_a_number_is_not_a_flag_or_a_text(value):
    expected = r"CitizenParameters\.noise = .* is not a number; expected 0\.1 to 0\.3 \[sd\]$"
    with pytest.raises(ParameterError, match=expected):
        Parameters().replace({"citizen.noise": value})


@pytest.mark.parametrize("value", [True, 18.0, 18.5, "18", None, math.nan])
def test_a_whole_number_is_whole(value):
    expected = r"MoscowParameters\.police_lag = .* is not a whole number; expected 7 to 30 \[days of weakness\]$"
    with pytest.raises(ParameterError, match=expected):
        Parameters().replace({"moscow.police_lag": value})


@pytest.mark.parametrize("name", DECLARED)
def test_beyond_its_range_a_number_is_refused_with_name_value_range_and_unit(name):
    (low, high), unit = notes(name)["allowed"], notes(name)["unit"]
    for value in (low - 1, high + 1, *([10**400] if name in WHOLE else [1e300])):
        with pytest.raises(ParameterError) as refusal:
            Parameters().replace({name: value})
        assert str(refusal.value) == f"{group_and_number(name)} = {value}; expected {low:g} to {high:g} [{unit}]"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
@pytest.mark.parametrize("name", REAL)
def test_no_number_is_infinite_or_missing(name, value):
    with pytest.raises(ParameterError, match=re.escape(f"{group_and_number(name)} = {value}; expected")):
        Parameters().replace({name: value})


@pytest.mark.parametrize("name", DECLARED)
def test_both_ends_of_a_range_are_allowed(name):
    for end in (notes(name)["low"], notes(name)["high"], *notes(name)["allowed"]):
        assert Parameters().replace({name: end}).flat()[name] == end


@pytest.mark.parametrize("name", DECLARED)
def test_a_declaration_is_whole(name):
    low, high = notes(name)["low"], notes(name)["high"]
    assert low <= DECLARED[name].default <= high
    assert notes(name)["unit"].strip() and notes(name)["scale"] in ("linear", "log")
    assert notes(name)["scale"] == "linear" or low > 0, f"{name} is drawn in logarithms; give it a low above 0"
    assert not notes(name)["fitted"] or low < high, f"{name} is fitted; give it a range, or take fitted=True away"


def test_something_is_fitted_and_the_endings_are_not():
    fitted = {name for name in DECLARED if notes(name)["fitted"]}
    assert len(fitted) >= 10
    assert not {name for name in fitted if name.startswith("outcome.")}, "the definitions of the endings are not fitted"


def test_every_source_stands_in_sources_md():
    keys = source_keys()
    assert len(keys) == len(set(keys)), f"twice in model/sources.md: {sorted({k for k in keys if keys.count(k) > 1})}"
    named = {name: notes(name)["source"] for name in DECLARED}
    missing = {name: source for name, source in named.items() if source not in {*keys, "assumption"}}
    assert not missing, f"add a row to model/sources.md, or write source='assumption': {missing}"


@pytest.mark.parametrize(
    "file",
    [*(ROOT / "agents").glob("*.py"), *(ROOT / "model").glob("*.py"), *(ROOT / "model" / "episodes").glob("*.toml")],
    ids=lambda file: f"{file.parent.name}/{file.name}",
)
def test_every_work_cited_stands_in_sources_md(file):
    text = file.read_text(encoding="utf-8")
    cited = set(re.findall(r"\b[A-Z][A-Za-z]+(?:19|20)\d\d\b", text))  # such as Kuran1991, and Morris-Shin 2003:
    for authors, year in re.findall(r"\b([A-Z][a-z]+(?:-[A-Z][a-z]+)*) (19\d\d|20[01]\d)\b", text):
        if authors not in calendar.month_name:
            cited.add(authors.replace("-", "") + year)
    missing = cited - set(source_keys())
    assert not missing, f"{file.name} cites {sorted(missing)}; add a row to model/sources.md"


@given(values_in_range)
def test_numbers_go_in_and_come_out_again(values):
    changed = Parameters().replace(values)
    flat = changed.flat()
    assert {name: flat[name] for name in values} == values
    assert {name: value for name, value in flat.items() if name not in values} == {
        name: value for name, value in Parameters().flat().items() if name not in values
    }
    assert Parameters().replace(flat) == changed
    assert hash(Parameters().replace(flat)) == hash(changed)
    assert pickle.loads(pickle.dumps(changed)) == changed


@pytest.mark.parametrize("value", [20, np.float64(20.0), np.float32(20.0), np.int64(20)])
def test_a_number_is_kept_as_a_plain_float(value):
    kept = Parameters().replace({"security.containment": value}).security.containment
    assert type(kept) is float and kept == 20.0


def test_a_whole_number_is_kept_as_a_plain_int():
    assert type(Parameters().replace({"moscow.police_lag": np.int64(20)}).moscow.police_lag) is int


def test_parameters_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        Parameters().citizen.noise = 0.1


def test_the_table_shows_every_number_with_its_notes():
    rows = [row.strip("| ").split(" | ") for row in table().splitlines()[2:]]
    assert [row[0] for row in rows] == list(DECLARED)
    for name, value, unit, span, source, *fitted in rows:
        assert float(value) == pytest.approx(DECLARED[name].default, rel=1e-5)
        low, high = re.match(r"(\S+) to ([^,]+)", span).groups()
        assert (unit, source) == (notes(name)["unit"], notes(name)["source"])
        assert (float(low), float(high)) == (notes(name)["low"], notes(name)["high"])
        assert span.endswith(", log") == (notes(name)["scale"] == "log")
        assert bool(fitted) == notes(name)["fitted"]


def test_no_note_breaks_the_table():
    assert not [name for name in DECLARED if "|" in notes(name)["unit"] + notes(name)["source"]]


def test_every_claim_but_two_has_a_switch():
    assert {*SWITCHES.values(), "C16", "C18"} == {f"C{number}" for number in range(1, 20)}


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_turns_off_one_mechanism_and_no_number(switch):
    without = Parameters().switch_off(switch)
    assert [name for name in SWITCHES if not without.holds(name)] == [switch]
    assert without.flat() == Parameters().flat()
    assert without != Parameters() and without == Parameters(without={switch})


def test_switches_add_up_and_numbers_keep_them():
    both = Parameters().switch_off("talks").switch_off("debt", "talks").replace({"citizen.noise": 0.1})
    assert both.without == {"talks", "debt"}


def test_a_misspelt_switch_is_refused_with_the_nearest_one():
    with pytest.raises(ParameterError, match=r"^no switch talk; did you mean talks\? \(one of pressure, "):
        Parameters().switch_off("talk")
