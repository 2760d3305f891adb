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


def test_a_group_has_no_other_numbers_than_its_own():
    for group in GROUPS.values():
        with pytest.raises(TypeError, match="no_such_number"):
            group(no_such_number=1.0)


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


def answer(name, value):
    """What a number says to a value: the value it keeps, or its refusal."""
    try:
        return Parameters().replace({name: value}).flat()[name]
    except ParameterError as refusal:
        return str(refusal)


def test_beyond_its_range_a_number_is_refused_with_name_value_range_and_unit():
    wrong = []
    for name in DECLARED:
        (low, high), unit = notes(name)["allowed"], notes(name)["unit"]
        for value in (low - 1, high + 1, 10**400 if name in WHOLE else 1e300):
            expected = f"{group_and_number(name)} = {value}; expected {low:g} to {high:g} [{unit}]"
            if (said := answer(name, value)) != expected:
                wrong.append(f"{said!r} instead of {expected!r}")
    assert not wrong, "\n".join(wrong)


def test_no_number_is_infinite_or_missing():
    values = [math.nan, math.inf, -math.inf, 10**400]
    wrong = [
        f"{name} = {value} is answered by {said!r}"
        for name in REAL for value in values
        if not str(said := answer(name, value)).startswith(f"{group_and_number(name)} = {value}; expected")
    ]  # fmt: skip
    assert REAL and not wrong, "\n".join(wrong)


def test_both_ends_of_a_range_are_allowed():
    wrong = [
        f"{name} = {end} is answered by {said!r}"
        for name in DECLARED for end in (notes(name)["low"], notes(name)["high"], *notes(name)["allowed"])
        if (said := answer(name, end)) != end
    ]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_a_declaration_is_whole():
    wrong = []
    for name in DECLARED:
        low, high, unit, scale = (notes(name)[note] for note in ("low", "high", "unit", "scale"))
        faults = {
            "its default lies outside its range": not low <= DECLARED[name].default <= high,
            "it has no unit": not unit.strip(),
            f"its scale {scale!r} is neither linear nor log": scale not in ("linear", "log"),
            "it is drawn in logarithms; give it a low above 0": scale != "linear" and not low > 0,
            "it is fitted; give it a range, or take fitted=True away": notes(name)["fitted"] and not low < high,
        }
        wrong += [f"{name}: {fault}" for fault, is_so in faults.items() if is_so]
    assert not wrong, "\n".join(wrong)


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


def works_cited(text):
    """The keys of the works that a text cites: such as Kuran1991, and Morris-Shin 2003."""
    keys = set(re.findall(r"\b[A-Z][A-Za-z]+(?:19|20)\d\d\b", text))
    for authors, year in re.findall(r"\b([A-Z][a-z]+(?:-[A-Z][a-z]+)*) (19\d\d|20[01]\d)\b", text):
        if authors not in calendar.month_name:
            keys.add(authors.replace("-", "") + year)
    return keys


def test_every_work_cited_stands_in_sources_md():
    files = [*(ROOT / "agents").rglob("*.py"), *(ROOT / "model").rglob("*.py"), *(ROOT / "model").rglob("*.toml")]
    cited = {file: works_cited(file.read_text(encoding="utf-8")) for file in files}
    assert any(cited.values())
    missing = [f"{file.name} cites {sorted(lost)}" for file in files if (lost := cited[file] - set(source_keys()))]
    assert not missing, "\n".join(["add a row to model/sources.md:", *missing])


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


def test_a_switch_turns_off_one_mechanism_and_no_number():
    for switch in SWITCHES:
        without = Parameters().switch_off(switch)
        assert [name for name in SWITCHES if not without.holds(name)] == [switch]
        assert without.flat() == Parameters().flat(), switch
        assert without != Parameters() and without == Parameters(without={switch}), switch


def test_switches_add_up_and_numbers_keep_them():
    both = Parameters().switch_off("talks").switch_off("debt", "talks").replace({"citizen.noise": 0.1})
    assert both.without == {"talks", "debt"}


def test_a_misspelt_switch_is_refused_with_the_nearest_one():
    with pytest.raises(ParameterError, match=r"^no switch talk; did you mean talks\? \(one of pressure, "):
        Parameters().switch_off("talk")
