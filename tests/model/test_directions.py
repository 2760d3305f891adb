"""Push a cause, and its effect moves the known way, on plausible worlds that stand near the line.

Pairs of worlds, each with its own parameters, front, seed and dice, that differ in one thing. Of the pairs that
differ in what is measured nearly all differ the named way: by a sign test an idle cause would pass with a chance of
1 in 1,000 (1 in 40 for any here). Where no fewer falls are said, a sound model fails as seldom.

The worlds have the numbers of 40 early histories from 2020 to 2022, without their past, kept in ``worlds.csv`` beside
this file: no new fit moves these tests.
"""

import dataclasses
import functools
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact

from agents.elite import Stance
from agents.moscow import Support
from agents.regime import Lesson, Lessons, Situation
from model.episode import load_episode
from model.front import FIRST_DAYS, YEAR
from model.measures import MEASURES, summary
from model.simulation import Simulation
from model.worlds import draw

pytestmark = pytest.mark.slow

FALSE_ALARM = 0.001
WORLDS = Path(__file__).with_name("worlds.csv")
PRESENT = load_episode("belarus-2022").without_past()
NEAR = {"citizen__war_shock": 1.2, "citizen__war_beyond": 2.0, "days": 110, "n": 80}
"""With this entry, beyond what was fitted and believed, about one plausible world in three falls soon after it."""
FEW = NEAR | {"n": 30}
"""What is no yes or no differs in nearly every pair: fewer tell."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What is left of a run: a few numbers; ``peak`` is of the days after the entry, where there is one."""

    ending: str
    fell: bool
    peak: float
    entered: bool
    anger: float
    mobilised: float
    at_front: float
    refused: float


def live(world, *, episode=PRESENT, arm="enter", days, front=None, first=None, citizens=1_000, lessons=None,
         **numbers):  # fmt: skip
    """Live some days of one plausible world; ``numbers`` are written with two underscores for the dot."""
    country = load_episode(episode) if isinstance(episode, str) else episode
    if country.entry:
        country = country.replace(entry_front=front or world.front)
    changed = {name.replace("__", "."): value for name, value in numbers.items()}
    run = Simulation(
        country, world.parameters.replace(changed), arm=arm, rng=world.seed, n_citizens=citizens, lessons=lessons
    )
    if first:
        first(run)
    told = summary(run.run(days))
    after = np.array(run.rows[(run.calendar.entry_day or 1) - 1 :]).reshape(-1, len(MEASURES))
    crowd, anger, ready = (after[:, list(MEASURES).index(name)] for name in ("crowd", "war_anger", "mobilised"))
    return Result(
        ending=told["ending"], fell=told["ended_on"] is not None, peak=crowd.max(initial=0.0),
        entered=told["entered_on"] is not None, anger=anger.mean() if anger.size else 0.0,
        mobilised=ready.mean() if ready.size else 0.0, at_front=run.forces.at_front(), refused=told["refused"],
    )  # fmt: skip


@functools.cache
def many(n, **settings):
    """Live the same n plausible worlds under some settings."""
    return [live(world, **settings) for world in draw(n, seed=2023, path=WORLDS)]


def changes(measure, less, more):
    """How many worlds have more of a measure in the second setting than in the first, and how many less."""
    moves = [getattr(two, measure) - getattr(one, measure) for one, two in zip(less, more, strict=True)]
    return sum(move > 0 for move in moves), sum(move < 0 for move in moves)


def surely(named, other):
    """Whether nearly all pairs that differ do so the named way."""
    return bool(named) and binomtest(named, named + other, alternative="greater").pvalue < FALSE_ALARM


def moves(measure, way, less, more):
    """Hold that a measure moves a way (1 up, -1 down) from one setting to the other."""
    up, down = changes(measure, many(**less), many(**more))
    assert surely(up, down) if way > 0 else surely(down, up), f"{measure}: {up} pairs up, {down} down"


# Falls.


def let_go(run):
    run.moscow_drops()


def send_troops(run):
    run.moscow.support, run.moscow.dropped = Support.TROOPS, True  # for good, whatever his strength


SUPPORTED = {"security__support_effect": 1.5}


def test_these_worlds_stand_near_the_line():
    falls = sum(result.fell for result in many(**NEAR))
    assert 0.15 * NEAR["n"] < falls < 0.6 * NEAR["n"]


@pytest.mark.parametrize(
    "less, more",
    [
        ({"security__obedience": 1.0}, {"security__obedience": 4.5}),
        ({"security__loyalty_drift": -2.0}, {}),
        ({"security__containment": 6.0}, {"security__containment": 40.0}),
        ({"regime__media_grip": 0.1}, {"regime__media_grip": 0.9}),
        (SUPPORTED | {"first": let_go}, SUPPORTED | {"first": send_troops}),
        (
            {"moscow__reserve_share": 0.05, "citizen__presence_anger": 0.0, "first": send_troops},
            {"moscow__reserve_share": 1.0, "citizen__presence_anger": 0.0, "first": send_troops},
        ),
        ({}, {"arm": "stay"}),
        ({}, {"citizen__war_beyond": 0.5}),
    ],
    ids=[
        "obedience", "two logits of loyalty", "officers' hold", "grip", "Moscow's support", "the patron's men",
        "staying out", "a smaller step",
    ],
)  # fmt: skip
def test_with_more_of_it_fewer_worlds_fall(less, more):
    moves("fell", -1, NEAR | less, NEAR | more)


@pytest.mark.parametrize(
    "less, more",
    [
        ({"war__killed_first": 2.0, "war__killed_later": 1.5}, {"war__killed_first": 15.0, "war__killed_later": 4.0}),
        ({"citizen__loss_anger": 0.2}, {"citizen__loss_anger": 0.6}),
    ],
    ids=["more killed", "more anger at losses"],
)
def test_with_more_losses_more_are_out_and_no_fewer_worlds_fall(less, more):
    moves("peak", 1, NEAR | less, NEAR | more)
    up, down = changes("fell", many(**NEAR | less), many(**NEAR | more))
    assert not surely(down, up), f"{down} worlds are saved by losses, {up} lost"


# The war.


@pytest.mark.parametrize("name, low, high", [("citizen__war_beyond", 0.5, 2.0), ("citizen__war_shock", 0.3, 1.5)])
def test_the_larger_the_step_into_the_war_the_larger_the_crowd_after_it(name, low, high):
    away = FEW | {"citizen__war_beyond": 1.0}
    moves("peak", 1, away | {name: low}, away | {name: high})
    moves("anger", 1, away | {name: low}, away | {name: high})


@pytest.mark.parametrize("name, low, high", [("citizen__loss_anger", 0.2, 0.6), ("war__killed_later", 1.5, 4.0)])
def test_the_more_is_lost_the_more_the_war_angers(name, low, high):
    moves("anger", 1, FEW | {name: low}, FEW | {name: high})


def test_the_more_people_know_the_dead_the_more_are_ready():
    few, many_friends = {"citizen__acquaintances": 150.0}, {"citizen__acquaintances": 600.0}
    moves("mobilised", 1, FEW | few, FEW | many_friends)


@pytest.mark.parametrize(
    "name, low, high",
    [("security__consent", 4.0, -1.0), ("security__home_effect", 0.0, 20.0), ("security__conscript_effect", 0.0, 1.5)],
)
def test_the_less_they_consent_the_more_refuse_and_the_fewer_are_at_the_front(name, low, high):
    entered = FEW | {"days": 30, "security__consent": 0.0}
    moves("refused", 1, entered | {name: low}, entered | {name: high})
    moves("at_front", -1, entered | {name: low}, entered | {name: high})


def test_a_defeat_is_dated_within_a_year_of_the_entry_evenly():
    # 60 days of defeat: in each half of the year after the first weeks 30, give or take 12.8 (3.3 sd): 1 in 1,000.
    days = []
    for seed in range(60):
        country = PRESENT.replace(entry_front="defeat")
        run = Simulation(country, rng=seed, n_citizens=100)
        run.enter_war()
        days.append(run.front.defeat_on)
    assert min(days) >= FIRST_DAYS and max(days) < YEAR
    assert 17 <= sum(day < (FIRST_DAYS + YEAR) / 2 for day in days) <= 43


def test_worlds_that_are_beaten_lose_more_and_anger_more():
    year = {"citizen__war_beyond": 0.5, "days": 330, "n": 30}
    moves("anger", 1, year | {"front": "advance"}, year | {"front": "defeat"})
    moves("at_front", -1, year | {"front": "advance"}, year | {"front": "defeat"})


# Crowds.


@pytest.mark.parametrize(
    "name, low, high, way",
    [
        ("citizen__private_opposition", 0.5, 0.7, 1), ("citizen__threshold", 3.0, 5.0, -1),
        ("citizen__focal_anger", 0.8, 2.5, 1), ("citizen__ties", 0.5, 3.0, 1), ("citizen__crowd", 0.1, 2.0, 1),
        ("citizen__penalty", 4.0, 60.0, -1), ("regime__media_grip", 0.1, 0.9, -1),
    ],
)  # fmt: skip
def test_in_a_revolt_more_of_it_moves_the_peak_its_way(name, low, high, way):
    revolt = {"episode": "belarus-2020", "arm": "stay", "days": 15, "citizens": 500, "n": 25}
    moves("peak", way, revolt | {name: low}, revolt | {name: high})


# Decisions and plots.


def owe(run):
    run.moscow.debt = 1.0


LEAST, MOST = Situation(*[0.01] * 6), Situation(9.0, 9.0, 9.0, 0.99, 0.99, 9.0)


def taught(fights):
    """What he has learnt: refusing costs the more the more he is pressed and the readier he is replaced."""
    lessons = Lesson(0.0, (1.5, 1.0, 0.0, 0.0, 0.0, 0.3)), Lesson(fights, (0.0, 0.0, 0.0, 0.5, 0.3, 0.5))
    return Lessons(lessons[0], lessons[1], lessons[1], LEAST, MOST)


@pytest.mark.parametrize(
    "name, low, high, way",
    [("moscow__demand_rate", 0.02, 0.4, 1), ("moscow__debt_pressure", 0.0, 1.0, 1),
     ("moscow__replace_rate", 0.05, 1.0, 1), ("lessons", taught(-4.0), taught(1.0), -1)],
    ids=["asked more often", "his debt weighs more", "replaced more readily", "a war is taught to be deadly"],
)  # fmt: skip
def test_he_enters_the_more_he_is_pressed_and_the_less_a_war_is_taught_to_cost_him(name, low, high, way):
    pressed = {
        "arm": "decide", "front": "defeat", "days": 120, "citizens": 200, "n": 120, "moscow__demand_rate": 0.4,
        "moscow__debt_pressure": 0.7, "moscow__replace_refusals": 8, "lessons": taught(-2.0), "first": owe,
    }  # fmt: skip
    moves("entered", way, pressed | {name: low}, pressed | {name: high})


def plots(rate, seed):
    """How many plots a quiet year of the elites alone has."""
    world = draw(1, seed=seed, path=WORLDS)[0]
    run = Simulation(PRESENT, world.parameters.replace({"elite.plot_rate": rate}), rng=seed, n_citizens=100)
    for run.day in range(7, 365, 7):
        run.elites.step()
    return int((run.elites.columns["stance"] >= Stance.PLOTTING).sum())


def test_plots_are_as_many_as_their_rate_says():
    # 60 quiet years at 0.03 and at 0.2 plots a year: the sums are Poisson or nearly (a plot found out deters). A
    # sound model leaves the ranges with a chance below 1 in 1,000 each.
    assert 0 <= sum(plots(0.03, seed) for seed in range(60)) <= 7
    assert 2 <= sum(plots(0.2, seed) for seed in range(60)) <= 26


# Size.


def test_endings_do_not_hang_on_how_many_citizens_stand_for_a_country():
    # Near the line, 40 worlds at 20,000 citizens and 12 of them at 320,000. If size does not matter, Fisher's test
    # fails with a chance of at most 1 in 1,000 for each of four endings, and the bound on the crowds more seldom. It
    # would miss a difference of less than about one half in a chance; the crowds, pair by pair, tell finer.
    worlds, near = draw(40, seed=20, path=WORLDS), {name: value for name, value in NEAR.items() if name != "n"}
    small = [live(world, citizens=20_000, **near) for world in worlds]
    large = [live(world, citizens=320_000, **near) for world in worlds[:12]]
    assert 4 <= sum(result.fell for result in small) <= 36
    for ending in {result.ending for result in (*small, *large)}:
        table = [
            [sum((r.ending == ending) == yes for r in results) for yes in (True, False)] for results in (small, large)
        ]
        assert fisher_exact(table).pvalue > FALSE_ALARM, (ending, table)
    ratios = np.array([math.log(one.peak / two.peak) for one, two in zip(small, large, strict=False)])
    assert abs(ratios.mean()) < 4.5 * ratios.std(ddof=1) / math.sqrt(ratios.size) + 0.02
    assert abs(np.median(ratios)) < 0.25
