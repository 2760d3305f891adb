"""How an episode ends: by definitions that hang on no crowd share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.regime import gives_up
from model.outcomes import FALLS, Ending, Judge, happened
from model.parameters import OutcomeParameters

NUMBERS = OutcomeParameters()
NOTHING = dict.fromkeys(("order_failed", "stood_aside", "attempted", "coup", "gave_up", "replaced"), False)


@pytest.fixture
def judge():
    return Judge(
        OutcomeParameters(
            control_days=3, control_window=14, failed_orders=2, failed_window=7, aside_days=2, aside_window=7
        )
    )


def see(judge, day, x=0.0, **fell):
    judge.watch(day, x, **NOTHING | fell)


def lose_control(judge, *days):
    for day in days:
        see(judge, day, x=1.5)


@pytest.mark.parametrize(
    "days, count, window, expected",
    [
        ([], 1, 7, False),
        ([5], 1, 1, True),
        ([5], 2, 7, False),
        ([5, 12], 2, 7, False),  # a week apart: eight days, both ends included
        ([5, 11], 2, 7, True),
        ([5, 12], 2, 8, True),
        ([1, 2, 3, 30], 3, 7, False),  # the last day is among those that count
        ([1, 2, 3], 3, 3, True),
        ([1, 2, 4], 3, 3, False),
    ],
)
def test_days_within_a_window_by_hand(days, count, window, expected):
    assert happened(days, count, window) == expected


@given(st.lists(st.integers(1, 60), unique=True, max_size=20).map(sorted), st.integers(1, 5), st.integers(1, 30))
def test_a_window_holds_what_a_count_of_its_days_says(days, count, window):
    last = days[-1] if days else 0
    assert happened(days, count, window) == (bool(days) and sum(last - window < day <= last for day in days) >= count)


def test_a_quiet_episode_is_survived(judge):
    for day in range(1, 400):
        see(judge, day, x=1.0)
    assert (judge.ending, judge.ended_on, judge.lost_control_on) == (Ending.SURVIVED, None, None)
    assert Ending.SURVIVED not in FALLS and len(FALLS) == len(Ending) - 1


@pytest.mark.parametrize("days, lost_on", [((1, 7, 14), 14), ((1, 8, 15), None), ((1, 8, 15, 20), 20), ((3, 4), None)])
def test_control_is_lost_by_three_days_of_any_fourteen(judge, days, lost_on):
    lose_control(judge, *days)
    assert judge.lost_control_on == lost_on
    assert judge.ending == Ending.SURVIVED, "lost control alone is no ending"


def test_three_sundays_in_a_row_lose_control_and_two_sundays_are_one_week_of_orders():
    by_default = Judge(NUMBERS)
    lose_control(by_default, 8, 15, 22)
    assert by_default.lost_control_on == 22
    see(by_default, 29, order_failed=True)
    see(by_default, 36, order_failed=True)
    assert by_default.ending == Ending.UPRISING


def test_the_first_loss_of_control_is_kept_and_the_last_one_followed(judge):
    lose_control(judge, 1, 2, 3, 40, 41, 42)
    assert (judge.lost_control_on, judge.last_lost_control) == (3, 42)
    assert judge.lost_control_within(56, 14) and not judge.lost_control_within(57, 14)


@pytest.mark.parametrize("days, ended_on", [((10,), None), ((10, 16), 16), ((10, 17), None), ((10, 17, 18), 18)])
def test_an_uprising_is_two_failed_orders_within_a_week(judge, days, ended_on):
    for day in days:
        see(judge, day, order_failed=True)
    assert judge.ended_on == ended_on
    assert judge.ending == (Ending.UPRISING if ended_on else Ending.SURVIVED)


@pytest.mark.parametrize("days, ended_on", [((10,), None), ((10, 16), 16), ((10, 17), None), ((10, 17, 18), 18)])
def test_he_falls_when_his_forces_stand_aside_on_two_days_of_seven(judge, days, ended_on):
    for day in days:
        see(judge, day, stood_aside=True)
    assert judge.ended_on == ended_on and judge.aside_days == list(days)
    assert (judge.ending, judge.cause) == (
        (Ending.UPRISING, "his forces stood aside") if ended_on else (Ending.SURVIVED, "")
    )


def test_by_default_two_days_of_seven_aside_are_a_fall_and_two_a_week_apart_are_none():
    for later, ending in ((6, Ending.UPRISING), (7, Ending.SURVIVED)):
        by_default = Judge(NUMBERS)
        for day in (10, 10 + later):
            see(by_default, day, stood_aside=True)
        assert by_default.ending == ending


def test_a_failed_order_and_a_day_aside_do_not_add_up(judge):
    see(judge, 10, order_failed=True)
    see(judge, 11, stood_aside=True)
    see(judge, 12)
    assert judge.ending == Ending.SURVIVED


def test_restraint_without_an_order_is_never_an_uprising(judge):
    lose_control(judge, *range(1, 200))
    assert judge.ending == Ending.SURVIVED


def test_a_quiet_day_after_failed_orders_and_days_aside_is_no_onset():
    judge = Judge(OutcomeParameters(failed_orders=1, failed_window=7, aside_days=1, aside_window=7))
    judge.failed_days = judge.aside_days = [5]
    see(judge, 6)
    assert judge.ending == Ending.SURVIVED


@pytest.mark.parametrize(
    "fell, ending",
    [({"gave_up": True}, Ending.UPRISING), ({"coup": True}, Ending.COUP), ({"replaced": True}, Ending.REPLACED)],
)
def test_each_fall_has_its_name_and_its_cause(judge, fell, ending):
    see(judge, 9, **fell)
    assert (judge.ending, judge.ended_on, judge.tie) == (ending, 9, False) and judge.cause


@pytest.mark.parametrize("lost_control", [True, False])
@pytest.mark.parametrize("hedging_share", [0.49, 0.5, 1.0])
@pytest.mark.parametrize("patron_sends", [True, False])
def test_giving_up_is_a_bargain_of_three(lost_control, hedging_share, patron_sends):
    lost = lost_control and hedging_share >= 0.5 and not patron_sends
    assert gives_up(lost_control, hedging_share, patron_sends) == lost


def test_who_gives_up_after_a_coup_has_begun_falls_to_no_uprising(judge):
    see(judge, 8, attempted=True)
    see(judge, 9, gave_up=True)
    assert judge.ending == Ending.SURVIVED


def test_a_failed_attempt_is_remembered_and_no_ending(judge):
    see(judge, 8, attempted=True)
    assert judge.attempts == [8] and judge.ending == Ending.SURVIVED


def test_the_first_onset_wins_and_stays(judge):
    see(judge, 5, coup=True, attempted=True)
    see(judge, 6, replaced=True)
    see(judge, 6, order_failed=True)
    see(judge, 7, order_failed=True)
    assert (judge.ending, judge.ended_on, judge.tie) == (Ending.COUP, 5, False)


@pytest.mark.parametrize(
    "fell, ending, tie",
    [
        ({"coup": True, "replaced": True}, Ending.COUP, True),
        ({"gave_up": True, "replaced": True}, Ending.REPLACED, True),
        ({"gave_up": True, "order_failed": True}, Ending.UPRISING, False),  # two roads to the same ending
        ({"stood_aside": True, "coup": True}, Ending.UPRISING, True),
    ],
)
def test_ties_of_two_endings_are_reported(judge, fell, ending, tie):
    see(judge, 9, order_failed=True, stood_aside=True)
    see(judge, 10, **fell)
    assert (judge.ending, judge.tie) == (ending, tie)


@pytest.mark.parametrize("later, under_protest", [(14, True), (15, False)])
def test_a_coup_soon_after_lost_control_is_under_protest(judge, later, under_protest):
    lose_control(judge, 1, 2, 3)
    see(judge, 3 + later, coup=True)
    assert judge.under_protest == under_protest


@given(st.lists(st.tuples(st.floats(0, 3), *[st.booleans()] * len(NOTHING)), max_size=40))
def test_an_ending_never_changes_and_always_has_a_day_and_a_cause(days):
    judge, ended = Judge(NUMBERS), None
    for day, (x, *fell) in enumerate(days, start=1):
        judge.watch(day, x, **dict(zip(NOTHING, fell, strict=True)))
        now = (judge.ending, judge.ended_on, judge.cause, judge.tie)
        assert ended in (None, now)
        assert (judge.ending in FALLS) == (judge.ended_on is not None) == bool(judge.cause)
        ended = now if judge.ended_on else None
