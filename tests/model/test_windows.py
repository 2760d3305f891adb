"""The edges of every window of the endings: the last day counts, one more does not.

No two windows and no two counts are equal here, so that one cannot stand for another.
"""

import pytest

from agents.moscow import Support
from model.outcomes import Ending, Judge
from model.parameters import OutcomeParameters, Parameters
from model.simulation import Simulation

CONTROL_DAYS, CONTROL_WINDOW = 4, 11
FAILED_ORDERS, FAILED_WINDOW = 3, 5
ASIDE_DAYS, ASIDE_WINDOW = 2, 6
PROTEST_WINDOW, GIVING_UP_WINDOW = 9, 13
NOTHING = dict.fromkeys(("order_failed", "stood_aside", "attempted", "coup", "gave_up", "replaced"), False)


@pytest.fixture
def judge():
    return Judge(
        OutcomeParameters(
            control_days=CONTROL_DAYS,
            control_window=CONTROL_WINDOW,
            failed_orders=FAILED_ORDERS,
            failed_window=FAILED_WINDOW,
            aside_days=ASIDE_DAYS,
            aside_window=ASIDE_WINDOW,
            protest_window=PROTEST_WINDOW,
            giving_up_window=GIVING_UP_WINDOW,
        )
    )


def see(judge, day, x=0.0, **fell):
    judge.watch(day, x, **NOTHING | fell)


def lose_control(judge, *days):
    for day in days:
        see(judge, day, x=1.5)


@pytest.mark.parametrize("span, lost", [(CONTROL_WINDOW, True), (CONTROL_WINDOW + 1, False)])
def test_control_is_lost_by_days_within_its_window(judge, span, lost):
    lose_control(judge, 20, 21, 22, 20 + span - 1)
    assert judge.lost_control_on == (20 + span - 1 if lost else None)


def test_control_takes_all_its_days(judge):
    lose_control(judge, *range(20, 20 + CONTROL_DAYS - 1))
    assert judge.lost_control_on is None
    lose_control(judge, 20 + CONTROL_DAYS - 1)
    assert judge.lost_control_on == 20 + CONTROL_DAYS - 1


@pytest.mark.parametrize("x, counts", [(1.0, False), (1.0 + 1e-12, True)])
def test_a_day_is_uncontrolled_above_one_and_not_at_one(judge, x, counts):
    see(judge, 20, x=x)
    assert judge.uncontrolled_days == ([20] if counts else [])


@pytest.mark.parametrize("span, fell", [(FAILED_WINDOW, True), (FAILED_WINDOW + 1, False)])
def test_failed_orders_are_an_uprising_within_their_window(judge, span, fell):
    for day in (20, 21, 20 + span - 1):
        see(judge, day, order_failed=True)
    assert judge.ended_on == (20 + span - 1 if fell else None)
    assert judge.ending == (Ending.UPRISING if fell else Ending.SURVIVED)


def test_failed_orders_must_be_as_many_as_it_takes(judge):
    for day in range(20, 20 + FAILED_ORDERS - 1):
        see(judge, day, order_failed=True)
    assert judge.ending == Ending.SURVIVED


@pytest.mark.parametrize("span, fell", [(ASIDE_WINDOW, True), (ASIDE_WINDOW + 1, False)])
def test_days_aside_are_an_uprising_within_their_window(judge, span, fell):
    for day in (20, 20 + span - 1):
        see(judge, day, stood_aside=True)
    assert judge.ended_on == (20 + span - 1 if fell else None)


@pytest.mark.parametrize("fell", ["coup", "replaced", "gave_up"])
@pytest.mark.parametrize("later, under_protest", [(0, True), (PROTEST_WINDOW, True), (PROTEST_WINDOW + 1, False)])
def test_a_fall_is_under_protest_to_the_last_day_of_its_window(judge, fell, later, under_protest):
    lose_control(judge, 20, 21, 22)
    see(judge, 23, x=1.5, **({fell: True} if later == 0 else {}))
    if later:
        see(judge, 23 + later, **{fell: True})
    assert (judge.ended_on, judge.under_protest) == (23 + later, under_protest)


@pytest.mark.parametrize("later, lost", [(0, True), (6, True), (7, False)])
def test_lost_control_is_remembered_to_the_last_day_of_any_window(judge, later, lost):
    lose_control(judge, 20, 21, 22, 23)
    assert judge.lost_control_within(23 + later, 6) == lost


def test_lost_control_is_counted_from_the_last_day_on_which_it_was_lost(judge):
    lose_control(judge, 20, 21, 22, 23, 24, 25)
    assert (judge.lost_control_on, judge.last_lost_control) == (23, 25)
    assert judge.lost_control_within(31, 6) and not judge.lost_control_within(32, 6)


@pytest.mark.parametrize("later, falls", [(0, False), (GIVING_UP_WINDOW, False), (GIVING_UP_WINDOW + 1, True)])
def test_who_gives_up_after_an_attempt_falls_to_the_street_only_after_its_window(judge, later, falls):
    see(judge, 20, attempted=True, gave_up=later == 0)
    if later:
        see(judge, 20 + later, gave_up=True)
    assert judge.ending == (Ending.UPRISING if falls else Ending.SURVIVED)


def test_the_last_of_several_attempts_counts(judge):
    for day in (20, 30):
        see(judge, day, attempted=True)
    see(judge, 30 + GIVING_UP_WINDOW, gave_up=True)
    assert judge.ending == Ending.SURVIVED
    see(judge, 31 + GIVING_UP_WINDOW, gave_up=True)
    assert judge.ending == Ending.UPRISING


@pytest.fixture
def cornered():
    """A man on the last day of the window after he lost control: half of his elite hedges, and nobody sends men."""
    numbers = Parameters().replace({"outcome.giving_up_window": GIVING_UP_WINDOW})
    world = Simulation("belarus-2020", numbers, rng=0, n_citizens=500)
    world.judge.last_lost_control, world.day = 5, 5 + GIVING_UP_WINDOW
    world.elites.hedging_share = 0.5
    return world


def test_he_gives_up_to_the_last_day_of_the_window(cornered):
    assert cornered.regime.gives_up()
    cornered.day += 1
    assert not cornered.regime.gives_up()


def test_while_half_of_his_elite_is_loyal_he_does_not_give_up(cornered):
    cornered.elites.hedging_share = 0.49
    assert not cornered.regime.gives_up()


def test_only_men_from_the_patron_keep_him_in_office_not_police_in_reserve_or_money(cornered):
    for support in Support:
        cornered.moscow.support = support
        assert cornered.regime.gives_up() == (support < Support.TROOPS)


def test_what_he_gives_up_is_what_the_judge_sees(cornered):
    cornered.judge_day()
    assert (cornered.judge.ending, cornered.judge.cause) == (Ending.UPRISING, "he gave up")
    assert not cornered.running


@pytest.mark.parametrize("share, counts", [(0.5, False), (0.51, True)])
def test_a_day_aside_is_one_on_which_more_than_half_of_the_capitals_force_stood_aside(cornered, share, counts):
    cornered.judge.last_lost_control = None
    cornered.forces.aside_share = share
    cornered.judge_day()
    assert cornered.judge.aside_days == ([cornered.day] if counts else [])
