"""The list of questions: each is told whole, once, and is there (`tests/house` hold README's table to the list)."""

import importlib.util

import pytest
from click.testing import CliRunner

from experiments import __main__ as everything
from experiments.show.questions import QUESTIONS


def test_the_list_tells_every_question_with_its_command_and_its_time():
    told = CliRunner().invoke(everything.main, [])
    assert told.exit_code == 0
    for one in QUESTIONS:
        assert f"{one.name} ({one.time})\n" in told.stdout and f"    {one.command}\n" in told.stdout
        assert one.question in " ".join(told.stdout.split())


def test_no_question_is_listed_twice():
    assert len({one.name for one in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.name)
def test_a_question_that_is_listed_is_there(one):
    assert importlib.util.find_spec(f"experiments.{one.name}")


def test_the_list_takes_no_arguments_and_says_so_in_one_line():
    refused = CliRunner().invoke(everything.main, ["war_entry"])
    assert refused.exit_code == 2 and len(refused.stderr.strip().splitlines()) == 1
