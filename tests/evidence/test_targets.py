"""The targets of 2020: what each shows of a made-up history, worked out by hand, and what it was seen to be."""

import datetime as dt

import numpy as np
import pytest

from experiments.evidence import wave_2020 as wave
from experiments.evidence.targets import FOLDER, read_targets
from experiments.lab.table import TableError
from model.episode import load_episode
from model.measures import MEASURES

DAYS, FORCES = 145, 98_500.0
BEGAN = dt.date(2020, 8, 9)
NAMES = list(MEASURES)
ROWS = 1_000.0 * (1 + np.arange(len(NAMES)))[None, :] + 3.0 * np.arange(1, DAYS + 1)[:, None] ** 1.3
ROWS[:, NAMES.index("took_part")] = 0.001 * np.arange(1, DAYS + 1)


def seen(measure, *dates):
    """The made-up values of a measure on dates written as (month, day)."""
    return np.array([ROWS[(dt.date(2020, *date) - BEGAN).days, NAMES.index(measure)] for date in dates])


def typical(measure, *dates):
    return np.prod(seen(measure, *dates)) ** (1.0 / len(dates))


AUTUMN = ((9, 6), (9, 13), (9, 20), (9, 27), (10, 4), (10, 11))
SUNDAYS = (*AUTUMN, (10, 18))
NOVEMBER = ((11, 8), (11, 15))
LATE = ((11, 22), (11, 29), (12, 6), (12, 13), (12, 20))
BY_HAND = {
    "crowd, first nights (country)": typical("crowd", (8, 9), (8, 10), (8, 11)),
    "detained, 9 to 12 August": seen("detained_total", (8, 12))[0],
    "Minsk's share of detentions, first night": seen("detained_capital", (8, 9))[0] / seen("detained_today", (8, 9))[0],
    "crowd, peak of August": seen("capital_crowd", (8, 16), (8, 23)).max(),
    "detained, restraint of August (+30)": 30.0 + seen("detained_today", (8, 16), (8, 23)).mean(),
    "crowd, plateau of autumn": typical("capital_crowd", *AUTUMN),
    "detained, Sundays of autumn": typical("detained_today", *SUNDAYS),
    "crowd, 18 October": seen("capital_crowd", (10, 18))[0],
    "detained, to 18 October": seen("detained_total", (10, 18))[0],
    "Minsk's share of detentions, autumn Sundays": (
        seen("detained_capital", *SUNDAYS).sum() / seen("detained_today", *SUNDAYS).sum()
    ),
    "crowd, 25 October": seen("capital_crowd", (10, 25))[0],
    "the country's peak of August, by Minsk's": seen("crowd", (8, 23))[0] / seen("capital_crowd", (8, 23))[0],
    "Moscow's police reserve": 1.0,  # the made-up support is above 1 from the first day on
    "took part before 11 August": 0.002 / 0.145,
    "crowd, break of November": typical("capital_crowd", *NOVEMBER),
    "detained, Sundays of November": typical("detained_today", *NOVEMBER),
    "detained, to 15 November": seen("detained_total", (11, 15))[0],
    "crowd, late Sundays": typical("capital_crowd", *LATE),
    "detained, late Sundays": typical("detained_today", *LATE),
    "detained, to the year's end": seen("detained_total", (12, 31))[0],
    "ever took part": 0.145,
    "left the forces": seen("resigned", (12, 31))[0] / FORCES,
}
FLOORS = {  # what a run with nobody in the street shows: its logarithm must exist
    "crowd": 20.0, "detained,": 30.0, "Minsk's": 0.01, "ever": 1e-4, "left": 1.0 / FORCES,
    "the country's": 1.0, "Moscow's police": 85.0, "took part": 1.0,
}  # fmt: skip
RANGES = {
    "Minsk's share of detentions, first night": (1, 0.25, 0.33, 0.45),
    "crowd, first nights (country)": (3, 7937.005259841013, 31748.021039363946, 79370.05259840994),
    "detained, 9 to 12 August": (4, 6200.0, 6700.0, 7400.0),
    "crowd, peak of August": (15, 100000.0, 200000.0, 250000.0),
    "detained, restraint of August (+30)": (15, 30.0, 35.0, 50.0),
    "crowd, plateau of autumn": (64, 73680.62997280764, 100655.819693656, 121644.039911468),
    "detained, Sundays of autumn": (71, 406.5745587078778, 451.7495096754198, 496.92446064296183),
    "crowd, 18 October": (71, 30000.000000000007, 39999.99999999997, 60000.00000000002),
    "detained, to 18 October": (71, 11000.0, 13000.0, 15000.0),
    "Minsk's share of detentions, autumn Sundays": (71, 0.65, 0.75, 0.85),
    "crowd, 25 October": (78, 100000.0, 130000.0, 200000.0),
    "the country's peak of August, by Minsk's": (15, 1.3, 1.6, 2.0),
    "Moscow's police reserve": (84, 12.0, 18.0, 25.0),
    "took part before 11 August": (145, 0.15, 0.45, 0.6),
    "crowd, break of November": (99, 3872.9833462074166, 12247.448713915897, 24494.897427831795),
    "detained, Sundays of November": (99, 977.349896324416, 1085.944329249351, 1194.5387621742864),
    "detained, to 15 November": (99, 16000.0, 21000.0, 26000.0),
    "crowd, late Sundays": (134, 1319.5079107728927, 4643.984379003457, 10155.112783974828),
    "detained, late Sundays": (134, 142.09056159469347, 207.10145411416275, 301.8568708211966),
    "detained, to the year's end": (145, 25000.0, 29000.0, 33000.0),
    "ever took part": (145, 0.09, 0.12, 0.15),
    "left the forces": (145, 0.005, 0.0125, 0.03),
}


def test_every_target_shows_what_a_hand_reads_off_a_made_up_history():
    shown = wave.shown_by(ROWS.tolist(), FORCES, until=DAYS)
    assert shown == pytest.approx(BY_HAND, rel=1e-12)


def test_a_run_with_nobody_in_the_street_shows_the_floors():
    shown = wave.shown_by(np.zeros_like(ROWS).tolist(), FORCES, until=DAYS)
    for name, value in shown.items():
        sundays = name in ("detained, Sundays of autumn", "detained, Sundays of November", "detained, late Sundays")
        floor = 20.0 if sundays else next(least for start, least in FLOORS.items() if name.startswith(start))
        assert value == pytest.approx(floor, rel=1e-12), name


def test_what_was_seen_has_not_moved():
    ranges = {target.name: (target.known_on, target.low, target.mid, target.high) for target in wave.targets()}
    assert ranges.keys() == RANGES.keys()
    for name, expected in RANGES.items():
        assert ranges[name] == expected, name


def test_a_target_is_shown_from_the_day_on_which_it_is_known():
    assert list(wave.shown_by(ROWS[:4].tolist(), FORCES, until=4)) == [
        name for name, (known_on, *_) in RANGES.items() if known_on <= 4
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("capital_crowd,peak", "capital_crowds,peak", "no measure capital_crowds; did you mean capital_crowd?"),
        ("capital_crowd,peak", "capital_crowd,peek", "no how peek; did you mean peak?"),
        ("2020-08-16 2020-08-23", "2020-08-16 2022-08-23", "within 2020-08-09 to 2020-12-31"),
        ("100000.0,200000.0", "100000.0,many", "expected three numbers above 0"),
        ("100000.0,200000.0", "100000.0,2000.0", "from low to high"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_file_and_number(tmp_path, old, new, words):
    lines = (FOLDER / "belarus-2020.csv").read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if "peak of August" in line)
    assert old in lines[place]
    lines[place] = lines[place].replace(old, new)
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(TableError, match=rf"mine\.csv, line {place + 1}: ") as refused:
        read_targets(tmp_path / "mine.csv", load_episode("belarus-2020"))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
