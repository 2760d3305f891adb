"""The street and the front: what a won square, a failed order, help from abroad and a second entry change."""

import datetime as dt

import numpy as np
import pytest

from agents import security
from agents.moscow import Support
from agents.regime import Posture, Rung
from model.calendar import SUNDAY
from model.episode import Event, load_episode
from model.measures import MARKS, MEASURES, summary
from model.simulation import Simulation
from model.worlds import informed, parameters_at

MIDDLE = parameters_at(informed(), [0.5] * len(informed()))
"""Numbers from the middle of their ranges: whatever a fit finds."""


def world(episode="belarus-2020", days=0):
    return Simulation(episode, MIDDLE, arm="stay", rng=5, n_citizens=1_000).run(days)


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


def morning(one):
    """Begin a day in the street: what was announced is taken up, and calls are heard."""
    one.street.open_day()
    one.street.heed_calls()
    return one.street


def test_who_won_a_square_is_free_to_come_back_on_any_day():
    one = world(days=3)
    one.day = next(day for day in range(4, 12) if one.calendar.weekday[day] != SUNDAY)
    one.street.beaten = one.street.open_square = False
    assert (morning(one).availability == MIDDLE.citizen.weekday_availability).all()
    one.street.beaten = True
    assert (morning(one).availability == MIDDLE.citizen.called_availability).all()


# Calls.


def a_sunday(one):
    one.day = next(day for day in range(one.day + 1, one.day + 8) if one.calendar.weekday[day] == SUNDAY)
    one.street.beaten = one.street.open_square = False
    one.media.cut = 0.0


def test_nobody_is_freed_by_a_sunday_alone():
    one = world(days=2)
    a_sunday(one)
    one.crowd.last[:] = 0.0
    street = morning(one)
    assert (street.call, street.dated) == (0.0, 0.0)
    assert (street.availability == MIDDLE.citizen.weekday_availability).all()


def test_a_movement_calls_itself_for_a_sunday_by_its_last_gathering_and_less_if_that_was_driven_off():
    one, half, broken = world(days=2), MIDDLE.citizen.call_half, MIDDLE.citizen.call_broken
    a_sunday(one)
    one.crowd.last[:] = 3.0 * half * one.citizens.electors
    one.street.driven_off = False
    street = morning(one)
    assert street.call == pytest.approx(0.75) and street.dated == 0.0
    share, numbers = street.availability / street.availability[one.episode.capital], MIDDLE.citizen
    assert street.availability[one.episode.capital] == pytest.approx(0.75 * numbers.called_availability)
    assert np.delete(share, one.episode.capital) == pytest.approx(numbers.own_march), "the march is the capital's"
    one.street.driven_off = True
    left = 3.0 * (1.0 - broken)
    assert morning(one).call == pytest.approx(left / (left + 1.0))
    one.day += 1
    assert morning(one).call == 0.0, "a Monday is no Sunday"


def test_a_blackout_cuts_calls_and_not_the_joy_of_a_won_square():
    one = world(days=2)
    a_sunday(one)
    one.street.announced, one.crowd.last[:] = 0.8, 0.0
    one.media.black_out(0.75, until=None)
    street = morning(one)
    assert (street.call, street.dated) == (pytest.approx(0.2), pytest.approx(0.2))
    assert street.availability == pytest.approx(0.2 * MIDDLE.citizen.called_availability), "a date is everybody's"
    one.street.announced, one.street.beaten = 0.8, True
    assert (morning(one).availability == MIDDLE.citizen.called_availability).all()


def test_a_call_for_a_date_has_a_pull_of_its_own_and_a_sunday_like_the_last_has_none():
    def pulled(call, dated):
        one = world(days=2)
        one.crowd.look(call, dated, lambda expected: np.zeros(expected.size))
        return one.crowd.pull

    usual = pulled(0.5, 0.0)
    assert pulled(0.5, 0.5) - usual == pytest.approx(0.5 * MIDDLE.citizen.call_pull)
    assert pulled(1.0, 0.0) == pytest.approx(usual)


def called_once(posture, anger, monkeypatch):
    """Call an angry country out for one Sunday, and let all of it be, or drive it off; return that day and its crowds.

    ``anger`` is that of the day, in units of the reference; there is nothing else in the calendar.
    """
    sunday = dt.date(2022, 2, 27)
    events = (Event(date=sunday, kind="gathering"), Event(date=sunday, kind="shock", size=anger))
    country = load_episode("belarus-2022").without_past().replace(events=events)
    numbers = {
        "citizen.penalty_rise": 1.0, "citizen.threshold": 3.5, "citizen.outrage": 0.2, "citizen.ties": 1.0,
        "citizen.crowd": 0.4, "citizen.penalty": 10.0, "citizen.weekday_availability": 0.0001,
        "citizen.call_half": 0.001, "citizen.call_broken": 0.9, "citizen.own_march": 1.0,
    }  # fmt: skip
    one = Simulation(country, MIDDLE.replace(numbers), arm="stay", rng=5, n_citizens=4_000)
    monkeypatch.setattr(one.regime, "step", lambda: setattr(one.regime, "posture", posture))
    crowds = [0.0, *one.run(19).series()["crowd"]]
    assert len(crowds) == 20, "he fell, and this test says nothing"
    return country.day_of(sunday), crowds


def test_a_one_day_call_of_thousands_that_is_met_with_full_force_is_over_within_a_week(monkeypatch):
    day, crowds = called_once(Posture.DISPERSE, 0.1, monkeypatch)
    assert 5_000 < crowds[day] < 50_000
    assert max(crowds[day + 1 :]) < 0.1 * crowds[day] and sum(crowds[day + 8 :]) < 0.01 * crowds[day]


def test_a_rally_of_a_hundred_thousand_that_is_let_be_comes_back_on_the_next_two_sundays(monkeypatch):
    day, crowds = called_once(Posture.RESTRAIN, 0.4, monkeypatch)
    assert 80_000 < crowds[day] < 150_000
    for weeks in (1, 2):
        sunday = crowds[day + 7 * weeks]
        assert sunday > 0.5 * crowds[day] and sunday > 2.0 * max(crowds[day + 7 * weeks - 6 : day + 7 * weeks])


def test_the_same_rally_driven_off_does_not_come_back_as_it_was(monkeypatch):
    day, left = called_once(Posture.RESTRAIN, 0.4, monkeypatch)
    _, broken = called_once(Posture.DISPERSE, 0.4, monkeypatch)
    assert broken[day + 7] < 0.2 * left[day + 7]


def test_the_risk_of_arrest_is_that_of_the_street_and_not_of_ones_bed():
    one = world(days=3)
    one.crowd.people[:], one.crowd.at_home[:], one.crowd.detained[:] = 1_000.0, 700.0, 900.0
    assert MEASURES["arrest_risk"](one) == pytest.approx(0.2)
    assert MEASURES["detained_today"](one) == pytest.approx(900.0 * one.crowd.people.size)


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
    monkeypatch.setattr(one.forces, "act", lambda crowd: setattr(one.forces, "obeying_share", 0.0))
    one.street.meet()
    one.moscow.support = Support.TROOPS
    one.street.meet()
    assert seen == [0.0, pytest.approx(one.parameters.moscow.reserve_share * one.forces.own_men)]


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
    rows = zip(one.rows, shares, strict=True)
    one.rows = [(*row[:crowd], share / 100.0 * electors, *row[crowd + 1 :]) for row, share in rows]
    row = summary(one)
    assert [row[f"mobilised_{mark:g}_percent_on"] for mark in MARKS] == [2, 3, 5, None]
