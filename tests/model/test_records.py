"""A record that was read back is what it should be, or is refused by file and key."""

import json

import pytest

from model.records import RecordError, checked, read_record, record_of
from model.worlds import CALIBRATION, FITTED, WorldsError, calibration_of

ODD = ("1e400", "-1e400", "NaN", "9" * 400, "true", "null", "[[]]", "{}", '"x"', '[[true, "withdraw"]]')


def test_a_record_comes_back_as_it_was_written(tmp_path):
    file = tmp_path / "record.json"
    told = {"share": 0.1, "heads": 7, "words": "größer", "more": [{"even": True}], "further": None}
    file.write_text("\ufeff" + json.dumps(told), encoding="utf-8")  # as an editor on Windows writes it
    shape = {"share": float, "heads": int, "words": str, "more": [{"even": bool}], "absent?": str}
    assert read_record(file, shape) == told


@pytest.mark.parametrize(
    "content, shape, said",
    [
        ({"a": {"b": [1, 2.5]}}, {"a": {"b": [int]}}, "file: a.b.1 = 2.5; expected a whole number"),
        ({"a": "x"}, {"a?": int}, "file: a = 'x'; expected a whole number"),
        ({"a": True}, {"a": int}, "file: a = True; expected a whole number"),
        ({"a": 1}, {"a": bool}, "file: a = 1; expected true or false"),
        ({"n": {"x": 1, "y": None}}, {"n": {str: float}}, "file: n.y = None; expected a finite number"),
        ({}, {"a": str}, "file: a is missing"),
        ([{}], [{"a": str}], "file: 0.a is missing"),
        ("x" * 9_999, {"a": str}, f"file: all of it = '{'x' * 40}'; expected a table"),
    ],
)
def test_what_is_not_of_its_shape_is_named_by_its_key(content, shape, said):
    with pytest.raises(RecordError) as refusal:
        checked(content, shape, "file")
    assert str(refusal.value) == said


def test_a_key_that_is_given_twice_is_refused_wherever_it_is():
    with pytest.raises(RecordError, match=r"^file: day is given twice$"):
        record_of('{"a": [{"day": 1, "day": 2}]}', {}, "file")


def places(content, key=()):
    """Yield every place within a content, as the keys that lead there."""
    yield key
    if isinstance(content, (dict, list)):
        for name, value in content.items() if isinstance(content, dict) else enumerate(content[:2]):
            yield from places(value, (*key, name))


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_an_odd_value_anywhere_in_a_calibration_is_read_or_refused_in_one_line(tmp_path, odd):
    good = json.loads((FITTED / "belarus-2022" / "calibration.json").read_text())
    good = {name: good[name] for name in (*CALIBRATION, "distance")}
    for place in places(good):
        holder = {"all": json.loads(json.dumps(good))}
        inner = holder
        for name in ("all", *place)[:-1]:
            inner = inner[name]
        inner[("all", *place)[-1]] = "@"
        (tmp_path / "calibration.json").write_text(json.dumps(holder["all"]).replace('"@"', odd))
        try:
            assert calibration_of(tmp_path / "worlds.csv").keys() >= CALIBRATION.keys()
        except WorldsError as refusal:
            words = str(refusal)
            assert words.startswith(f"{tmp_path}/calibration.json: ") and "\n" not in words and len(words) < 300
            assert ".".join(map(str, place)) in words or place == ()


def test_worlds_without_a_record_are_worlds_without_a_record(tmp_path):
    assert calibration_of(tmp_path / "worlds.csv") is None
