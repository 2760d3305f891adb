"""Searches that run side by side hear what they asked for, in their order, and a stopped one goes on from the store."""

import contextlib
import sqlite3
from dataclasses import dataclass

import pytest

from experiments.lab.runner import Run, key
from experiments.lab.searches import conduct
from experiments.lab.study import Study


@dataclass(frozen=True)
class Toy:
    number: float

    def flat(self):
        return {"toy.number": self.number}

    to_dict = flat


def asked(number, **about):
    return Run(episode=Toy(1.0), parameters=Toy(number), arm="stay", seed=0, n_citizens=10, asked=about)


def square(run):
    """The task: a square, with a sign if asked for; seven is a number that fails."""
    if run.parameters.number == 7:
        raise ValueError("seven")
    return {"square": run.parameters.number**2 * dict(run.asked).get("sign", 1)}


def climb(start, above):
    """Ask for two numbers at a time until a square is above; return all that was heard."""
    heard = []
    while True:
        outcomes = yield [asked(start), asked(start + 1)], 2
        heard += [outcome and outcome["square"] for outcome in outcomes]
        if heard[-1] is None or heard[-1] > above:
            return heard
        start += 2


@pytest.fixture
def study(tmp_path):
    return Study(question="climb", results=tmp_path, workers=1)


def conducted(study, *searches):
    with study.store() as store:
        return conduct(study, store, searches, square, description="climbing", labels={"stage": "up"})


def rows(study):
    with contextlib.closing(sqlite3.connect(study.path)) as connection:
        return connection.execute("SELECT key, seconds FROM runs ORDER BY key").fetchall()


def test_each_search_hears_its_own_outcomes_in_the_order_in_which_it_asked(study):
    assert conducted(study, climb(1, 15), climb(20, 500)) == [[1, 4, 9, 16], [400, 441, 484, 529]]


def test_two_workers_answer_as_one_does(study, tmp_path):
    two = Study(question="climb", results=tmp_path / "two", workers=2)
    assert conducted(study, climb(1, 90), climb(2, 90)) == conducted(two, climb(1, 90), climb(2, 90))


def test_a_run_that_fails_is_heard_as_none(study):
    assert conducted(study, climb(6, 1_000)) == [[36, None]]


def test_what_two_searches_ask_is_lived_once_and_heard_by_both(study):
    assert conducted(study, climb(1, 3), climb(1, 15)) == [[1, 4], [1, 4, 9, 16]]
    assert len(rows(study)) == 4


def test_a_stopped_search_goes_on_and_lives_nothing_twice(study):
    assert conducted(study, climb(1, 3)) == [[1, 4]]
    before = rows(study)
    assert conducted(study, climb(1, 30)) == [[1, 4, 9, 16, 25, 36]]
    assert len(rows(study)) == 6 and set(before) <= set(rows(study))


def test_a_search_that_asks_for_nothing_goes_on_at_once(study):
    def idle():
        nothing = yield [], 0
        outcomes = yield [asked(3)], 0
        return nothing, outcomes

    assert conducted(study, idle()) == [([], [{"square": 9}])]


def test_the_labels_say_where_a_run_belongs(study):
    conducted(study, climb(1, 3), climb(5, 3))
    with study.store() as store:
        named = [{name: row[name] for name in ("stage", "search", "turn", "place")} for row in store.results()]
    assert {"stage": "up", "search": 1, "turn": 0, "place": 1} in named and len(named) == 4


def test_what_a_task_is_asked_is_part_of_the_run():
    assert len({key(asked(2), square), key(asked(2, sign=-1), square), key(asked(2, sign=1), square)}) == 3
    assert key(asked(2, sign=-1.0), square) == key(asked(2, sign=-1), square)
