"""An episode's past is lived before its first day: one history, whatever follows it."""

import copy
import datetime as dt

import numpy as np
import pytest

from agents.regime import Rung
from model import simulation
from model.episode import EpisodeError, load_episode
from model.measures import MEASURES
from model.parameters import Parameters
from model.simulation import Simulation

COUNTRY = load_episode("belarus-2022")
NUMBERS = Parameters()


def world(**asked):
    return Simulation(COUNTRY, NUMBERS, n_citizens=500, **asked)


def eve(**asked):
    """What people, forces and elites are on the eve, and what was measured before."""
    lived = world(**asked)
    columns = [{name: column.copy() for name, column in rows.columns.items()} for rows in
               (lived.citizens, lived.forces, lived.elites)]  # fmt: skip
    return copy.copy(lived.past_rows), columns


def same(one, other):
    return one[0] == other[0] and all(
        np.array_equal(mine[name], theirs[name]) for mine, theirs in zip(one[1], other[1], strict=True) for name in mine
    )


def test_the_days_of_the_past_have_the_numbers_below_one_and_their_own_dates():
    lived = world(past=False)
    assert lived.day == -COUNTRY.past_days == -564 and not lived.past_rows
    lived.step()
    assert (lived.day, lived.date) == (-563, dt.date(2020, 8, 9))
    ready = world()
    assert (ready.day, len(ready.past_rows), ready.rows) == (0, 564, [])
    assert ready.step() is None and (ready.date, len(ready.rows)) == (dt.date(2022, 2, 24), 1)
    assert ready.series().index[0].date() == dt.date(2022, 2, 24)


def test_a_world_that_steps_through_its_past_arrives_where_one_that_is_built_stands():
    stepped = world(rng=4, past=False)
    stepped.run(COUNTRY.past_days)
    simulation._lived.cache_clear()
    built = world(rng=4)
    again = world(rng=4)  # from the one that is kept
    for each in (stepped, built, again):
        each.run(30)
    assert stepped.past_rows == built.past_rows == again.past_rows
    assert stepped.rows == built.rows == again.rows and len(built.rows) == 30


def test_the_past_does_not_know_what_follows():
    usual = eve(rng=1, history=7)
    assert same(usual, eve(rng=2, history=7)), "another luck from the eve on"
    assert same(usual, eve(rng=1, history=7, arm="enter")), "another arm"
    assert not same(usual, eve(rng=1, history=8)), "another history"
    other = Simulation(COUNTRY.replace(entry_front="defeat", entry_troops=500), NUMBERS, history=7, n_citizens=500)
    assert other.past_rows == usual[0]


def test_from_the_eve_on_the_seed_says_what_comes():
    one, twin, other = (world(rng=seed, history=7).run(60).rows for seed in (1, 1, 2))
    assert one == twin != other


def test_what_would_have_ended_him_in_the_past_is_said_and_not_counted():
    weak = Parameters().replace({"security.obedience": 1.0, "citizen.focal_anger": 3.0, "security.containment": 6.0})
    lived = Simulation(COUNTRY, weak, n_citizens=500)
    assert lived.fell_before.startswith("2020-08-") and lived.running
    assert lived.judge.ended_on is None and lived.judge.ending == "survived" and not lived.judge.uncontrolled_days
    cut_short = Simulation(COUNTRY, weak, n_citizens=500, to_the_eve=False)
    assert (
        cut_short.fell_before == lived.fell_before
        and cut_short.past_rows == lived.past_rows[: len(cut_short.past_rows)]
    )
    assert cut_short.day < -500 and eve(to_the_eve=False)[0] == eve()[0], "who falls, and who does not"


def test_what_the_past_has_left_goes_on_and_counts_begin_anew():
    before, after = world(past=False), world()
    before.run(COUNTRY.past_days - 1)
    assert before.crowd.detained_total > after.crowd.detained_total == 0.0
    assert after.regime.rung == Rung.TERRITORY and before.regime.rung == Rung.NONE
    assert after.moscow.debt >= 2.0 * after.parameters.moscow.cover_debt, "two provocations of 2021"
    assert after.crowd.organising < 1.0 and after.media.closed > 0.0
    gone = after.past_rows[-1][list(MEASURES).index("in_exile")] / after.citizens.all_electors
    assert gone > 0.7 * after.parameters.citizen.emigrated


def test_a_past_ends_before_the_first_day():
    with pytest.raises(EpisodeError, match=r"since = 2022-02-24; expected a date before the start, 2022-02-24"):
        COUNTRY.replace(since=dt.date(2022, 2, 24))
