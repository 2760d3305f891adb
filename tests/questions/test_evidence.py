"""What was seen in 2020, read off a made-up run with a different known value on each date and in each measure."""

import datetime as dt
import math

import numpy as np
import pytest

from experiments.evidence import wave_2020 as wave
from model.episode import load_episode
from model.measures import MEASURES

EVE = dt.date(2020, 8, 8)
FORCES = 110_000.0
SIZE = {
    "crowd": 1_100.0, "capital_crowd": 700.0, "detained_today": 13.0, "detained_capital": 5.0, "detained_total": 170.0,
    "took_part": 0.0011, "resigned": 11.0,
}  # fmt: skip
"""Each measure has its own size, and climbs unevenly from day to day."""
AUTUMN = ["09-06", "09-13", "09-20", "09-27", "10-04", "10-11"]
LATE = ["11-22", "11-29", "12-06", "12-13", "12-20"]


def value(measure, day):
    return SIZE.get(measure, -1.0) * (100.0 + day + day * day % 17)


def made_up(days=None):
    days = load_episode(wave.EPISODE).days if days is None else days
    return [[value(measure, day) for measure in MEASURES] for day in range(1, days + 1)]


def on(measure, *dates):
    return np.array([value(measure, (dt.date.fromisoformat(f"2020-{date}") - EVE).days) for date in dates])


def typical(measure, *dates):
    return math.exp(np.mean(np.log(on(measure, *dates))))


def share(*dates):
    return on("detained_capital", *dates).sum() / on("detained_today", *dates).sum()


def test_every_target_is_read_on_its_dates_and_in_its_measure():
    last = load_episode(wave.EPISODE).days
    assert wave.shown_by(made_up(), FORCES, until=last) == pytest.approx(
        {
            "crowd, first nights (country)": typical("crowd", "08-09", "08-10", "08-11"),
            "detained, 9 to 12 August": on("detained_total", "08-12")[0],
            "Minsk's share of detentions, first night": share("08-09"),
            "crowd, peak of August": on("capital_crowd", "08-16", "08-23").max(),
            "the country's peak of August, by Minsk's": on("crowd", "08-23")[0] / on("capital_crowd", "08-23")[0],
            "Moscow's police reserve": 85,  # never, in this history: the day after the last
            "took part before 11 August": on("took_part", "08-10")[0] / on("took_part", "12-31")[0],
            "crowd, 25 October": on("capital_crowd", "10-25")[0],
            "detained, restraint of August (+30)": 30.0 + on("detained_today", "08-16", "08-23").mean(),
            "crowd, plateau of autumn": typical("capital_crowd", *AUTUMN),
            "detained, Sundays of autumn": typical("detained_today", *AUTUMN, "10-18"),
            "crowd, 18 October": on("capital_crowd", "10-18")[0],
            "detained, to 18 October": on("detained_total", "10-18")[0],
            "Minsk's share of detentions, autumn Sundays": share(*AUTUMN, "10-18"),
            "crowd, break of November": typical("capital_crowd", "11-08", "11-15"),
            "detained, Sundays of November": typical("detained_today", "11-08", "11-15"),
            "detained, to 15 November": on("detained_total", "11-15")[0],
            "crowd, late Sundays": typical("capital_crowd", *LATE),
            "detained, late Sundays": typical("detained_today", *LATE),
            "detained, to the year's end": on("detained_total", "12-31")[0],
            "ever took part": value("took_part", last),
            "left the forces": value("resigned", last) / FORCES,
        }
    )


def test_a_target_is_shown_from_the_day_on_which_it_is_known():
    for target in wave.targets():
        known = wave.shown_by(made_up(target.known_on), FORCES, until=target.known_on)
        assert target.name in known
        assert target.name not in wave.shown_by(made_up(), FORCES, until=target.known_on - 1)


def test_more_than_was_seen_is_a_miss_upwards():
    for target in wave.targets():
        assert target.miss(2.0 * target.mid) > 0.0 > target.miss(0.5 * target.mid)
        assert target.low <= target.mid <= target.high


def test_nothing_in_the_street_counts_as_the_least_and_not_as_nothing():
    nothing = [[0.0] * len(MEASURES)] * load_episode(wave.EPISODE).days
    shown = wave.shown_by(nothing, FORCES, until=load_episode(wave.EPISODE).days)
    assert all(number > 0.0 for number in shown.values()), "their logarithms are asked for"


def test_a_run_that_ends_before_the_last_target_is_infinitely_far():
    everything = {target.name: target.mid for target in wave.targets()}
    for target in wave.targets():
        assert wave.distance({name: mid for name, mid in everything.items() if name != target.name}) == math.inf


def test_the_distance_is_the_root_mean_square_of_the_misses():
    seen = {target.name: 1.1 * target.mid for target in wave.targets()}
    expected = math.sqrt(np.mean([target.miss(1.1 * target.mid) ** 2 for target in wave.targets()]))
    assert wave.distance(seen) == pytest.approx(expected)


def test_what_was_seen_is_read_from_its_rows_of_the_table():
    seen = {target.name: (target.low, target.mid, target.high) for target in wave.targets()}

    def mean(*numbers):
        return math.exp(np.mean(np.log(numbers)))

    assert seen["crowd, break of November"] == pytest.approx(
        (mean(5_000, 3_000), mean(15_000, 10_000), mean(30_000, 20_000))
    )
    low, high = mean(1_023, 1_000), mean(1_053, 1_291)
    middle = math.sqrt(low * high)
    assert seen["detained, Sundays of November"] == pytest.approx(
        (min(low, 0.9 * middle), middle, max(high, 1.1 * middle))
    )
    assert seen["crowd, first nights (country)"] == pytest.approx(
        (mean(10_000, 10_000, 5_000), mean(40_000, 40_000, 20_000), mean(100_000, 100_000, 50_000))
    )
