"""What to cite: every key has its entry, every entry its use, and every question can be asked for them."""

import importlib
import re

import pytest
from click.testing import CliRunner

from experiments.evidence.methods import EVERY, OWN, cited, entries
from experiments.show.questions import QUESTIONS


def test_every_method_that_is_named_has_its_entry_and_every_entry_is_used():
    assert set(entries()) == {*EVERY, *(key for keys in OWN.values() for key in keys)}


def test_entries_are_whole_and_no_key_stands_twice():
    for key, entry in entries().items():
        assert entry.count("{") == entry.count("}"), key
        assert re.search(r"author = \{.+\btitle = \{.+\byear = \{\d{4}\}", entry, re.DOTALL), key
    keys = re.findall(r"^@\w+\{(\w+),", cited("war_entry"), re.MULTILINE)
    assert keys[0] == "Tightrope" and len(keys) == len(set(keys))


@pytest.mark.parametrize("name", OWN)
def test_a_question_says_what_to_cite_and_runs_nothing(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(importlib.import_module(f"experiments.{name}.__main__").main, ["--cite"])
    assert told.exit_code == 0 and told.stdout == cited(name) + "\n"
    assert not list(tmp_path.iterdir())


def test_only_questions_that_exist_have_methods():
    assert set(OWN) <= {one.name for one in QUESTIONS}
