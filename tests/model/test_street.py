"""The street and the front: what a won square, a failed order, help from abroad and a second entry change."""

import numpy as np
import pytest

from agents import security
from agents.moscow import Support
from agents.regime import Posture, Rung
from model.calendar import SUNDAY
from model.episode import Event
from model.measures import MARKS, MEASURES, summary
from model.simulation import Simulation


def world(episode="belarus-2020", days=0):
    return Simulation(episode, arm="stay", rng=5, n_citizens=1_000).run(days)


@pytest.fixture
def ordered(monkeypatch):
    """A world in which he orders the capital's full street dispersed; what the street gives the vans is kept."""
    lively = world(days=2)
    lively.regime.posture = Posture.DISPERSE
    lively.crowd.people[:] = 40_000.0
    kept = {}
    monkeypatch.setattr(lively.crowd, "arrest", lambda chances: kept.update(chances=chances))
    lively.street.effort = 1.0
    return lively, kept


def test_who_won_a_square_is_free_to_come_back_on_any_day():
    one = world(days=3)
    one.day = next(day for day in range(4, 12) if one.calendar.weekday[day] != SUNDAY)
    one.street.beaten = False
    one.street.open_day()
    assert one.street.availability < 1.0
    one.street.beaten = True
    one.street.open_day()
    assert one.street.availability == 1.0


@pytest.mark.parametrize("fails", [True, False])
def test_where_an_order_fails_nobody_is_caught_in_the_capital_and_elsewhere_as_ever(ordered, monkeypatch, fails):
    one, kept = ordered
    monkeypatch.setattr(security, "dispersal_fails", lambda crowd, containment, obeying: fails)
    one.street.meet()
    assert one.street.order_failed == fails
    elsewhere = np.arange(kept["chances"].size) != one.episode.capital
    assert (kept["chances"][~elsewhere] == 0.0) == fails and np.all(kept["chances"][elsewhere] > 0.0)


def test_men_from_abroad_obey_whoever_refuses(ordered, monkeypatch):
    one, _ = ordered
    seen = []
    monkeypatch.setattr(security, "dispersal_fails", lambda crowd, containment, obeying: seen.append(obeying) or False)
    monkeypatch.setattr(one.forces, "order", lambda given, crowd: setattr(one.forces, "obeying_share", 0.0))
    one.street.meet()
    one.moscow.support = Support.TROOPS
    one.street.meet()
    assert seen == [0.0, one.parameters.moscow.reserve_troops]


@pytest.mark.parametrize("sizes", [(0.8, 0.3), (0.3, 0.8)])
def test_of_two_calls_on_a_day_the_larger_counts(sizes):
    one = world(days=2)
    one.street.call = 0.0
    for size in sizes:
        one.happens(Event(date=one.date, kind="gathering", size=size))
    assert one.street.call == 0.8


def test_the_day_of_entry_is_that_of_the_first():
    one = world("belarus-2022")
    one.enter_war()
    one.run(3)
    one.withdraw()
    one.enter_war()
    assert one.regime.rung > Rung.TERRITORY and one.front.since == 3, "he is at war again"
    assert one.regime.entered_on == 0, "also if that was before the first morning"


def test_marks_are_in_percent_of_the_electors_and_the_mark_itself_counts():
    one = world(days=6)
    electors, crowd = one.citizens.all_electors, list(MEASURES).index("crowd")
    shares = [0.0, MARKS[0], MARKS[1], MARKS[2] * 0.999, MARKS[2], MARKS[2]]
    for row, share in zip(one.rows, shares, strict=True):
        row[crowd] = share / 100.0 * electors
    row = summary(one)
    assert [row[f"mobilised_{mark:g}_percent_on"] for mark in MARKS] == [2, 3, 5, None]
