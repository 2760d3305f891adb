"""Each claim of the article does something here: without it, a named measure moves, in a named direction.

20, 30 or 50 pairs of worlds: plausible parameter sets (``worlds.csv``), each with its own seed, front and dice, lived
with the claim and without it. A measure moves if of the pairs that differ nearly all differ the named way: by a sign
test a claim that does nothing would pass with a chance of 1 in 1,000 (1 in 50 for any of the 18). Talks (C11) are
told apart: they move Moscow's pressure by less than a twentieth, and neither a decision nor an ending.
"""

import dataclasses
import datetime as dt
import functools
from pathlib import Path

import pytest
from scipy.stats import binomtest

from agents.regime import Lesson, Lessons, Rung, Situation
from model.episode import load_episode
from model.measures import MEASURES
from model.parameters import SWITCHES
from model.simulation import Simulation
from model.worlds import draw

pytestmark = pytest.mark.slow

WORLDS = Path(__file__).with_name("worlds.csv")
PAIRS, CITIZENS, FALSE_ALARM = 50, 1_000, 0.001
FALL, RISE = -1, 1


def mean(name):
    """The mean of a day's measure over a run."""
    return lambda days: sum(day[name] for day in days) / len(days)


def peak(name):
    return lambda days: max(day[name] for day in days)


def last(name):
    return lambda days: days[-1][name]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """Where a claim shows: in which episode and arm, within how many days, by which measure, and which way it moves."""

    episode: str = "belarus-2022"
    arm: str
    days: int
    measure: object
    without: int
    why: str
    pairs: int = 30


WAR = {"arm": "enter", "days": 90, "pairs": 20}
REVOLT = {"episode": "belarus-2020", "arm": "stay", "days": 90}
YEAR = {"arm": "decide", "days": 365, "pairs": 20}

CASES = {
    "pressure": Case(**YEAR, measure=last("refusals"), without=FALL, why="there is nothing to refuse"),
    "ladder": Case(**WAR, measure=mean("pressure"), without=RISE, why="Moscow goes on pressing one who fights already"),
    "debt": Case(**YEAR, measure=mean("gdp_lost"), without=FALL, why="who owes nothing pays less for refusing"),
    "provocations": Case(**YEAR, measure=mean("debt"), without=FALL, why="there is nothing that Moscow must cover"),
    "survival_choice": Case(
        **YEAR | {"pairs": PAIRS}, measure=mean("risk"), without=RISE, why="he goes where he expects more"
    ),  # his choices differ in few worlds
    "war_anger": Case(**WAR, measure=peak("crowd"), without=FALL, why="entering the war brings nobody out"),
    "war_aversion": Case(**WAR, measure=mean("mobilised"), without=FALL, why="nobody hates the war more than others"),
    "defiance": Case(**REVOLT, measure=mean("capital_crowd"), without=FALL, why="there is no safety in numbers"),
    "diaspora": Case(**REVOLT, measure=mean("mobilised"), without=RISE, why="the released do not leave the country"),
    "shame": Case(**WAR, measure=peak("crowd"), without=FALL, why="the lent territory shames nobody"),
    "sanctions": Case(**WAR, measure=peak("crowd"), without=FALL, why="nobody pays for what he does"),
    "media_grip": Case(**WAR, measure=peak("crowd"), without=FALL, why="nobody hears more of it than others do"),
    "divided_forces": Case(**REVOLT, measure=mean("obeying_share"), without=RISE, why="no unit is less loyal"),
    "geography": Case(
        arm="stay", days=37, pairs=PAIRS, measure=peak("gdp_lost"), without=RISE,
        why="the open northern axis does not shield him",
    ),
    "conditional_support": Case(**REVOLT, measure=last("debt"), without=FALL, why="nobody comes to his rescue"),
    "puppet_suffices": Case(
        episode="late entry", arm="enter", days=310, measure=last("hazard of replacement"), without=RISE,
        why="a puppet who fights is replaced like one who does not",
    ),
    "refusal_cost": Case(**YEAR, measure=mean("gdp_lost"), without=FALL, why="refusing Moscow is free"),
}  # fmt: skip


def risk_taken(world):
    """How much more hazard a year he expects of the rung he stands on than of the safest one."""
    hazards = [world.regime.expects(rung) for rung in list(Rung)[Rung.TERRITORY :]]
    return hazards[world.regime.rung - Rung.TERRITORY] - min(hazards)


WAR_LESSON = Lesson(-2.0, (0.0, 0.0, 0.0, 0.5, 0.3, 0.5))
LESSONS = Lessons(
    Lesson(-2.0, (1.0, 0.5, 0.0, 0.0, 0.0, 0.5)), WAR_LESSON, WAR_LESSON, Situation(*[0.01] * 6),
    Situation(9.0, 9.0, 9.0, 0.99, 0.99, 9.0),
)  # fmt: skip
"""What he has learnt who decides: refusing costs the more the more he is pressed and the readier he is replaced."""


@functools.cache
def plausible():
    return draw(PAIRS, seed=2022, path=WORLDS)


def lived(episode, arm, days, pairs, switch):
    """Live the world of each of so many pairs, with all claims or without one; return the measures of its days."""
    return [lived_in(number, episode, arm, days, switch) for number in range(pairs)]


@functools.cache
def lived_in(number, episode, arm, days, switch):
    world = plausible()[number]
    country = load_episode("belarus-2022" if episode == "late entry" else episode)
    if country.entry:
        late = {"entry_date": dt.date(2022, 12, 1)} if episode == "late entry" else {}
        country = country.replace(entry_front=world.front, **late)
    pressed = {"moscow.demand_rate": 0.4, "moscow.replace_refusals": 2} if episode == "late entry" else {}
    numbers = world.parameters.replace(pressed)
    numbers = numbers.switch_off(switch) if switch else numbers
    run = Simulation(country, numbers, arm=arm, rng=world.seed, n_citizens=CITIZENS, lessons=LESSONS)
    lived_days = []
    while run.running and run.day < days:
        run.step()
        seen = dict(zip(MEASURES, run.rows[-1], strict=True))
        if arm == "decide":
            seen["risk"] = risk_taken(run) if run.day % 7 == 0 else 0.0
        lived_days.append(seen | {"hazard of replacement": run.moscow.hazard})
    return lived_days, str(run.judge.ending), run.regime.entered_on


@pytest.mark.parametrize("switch", CASES)
def test_without_the_claim_its_measure_moves_its_way(switch):
    case = CASES[switch]
    where = (case.episode, case.arm, case.days, case.pairs)
    pairs = zip(lived(*where, None), lived(*where, switch), strict=True)
    moves = [case.without * (case.measure(without[0]) - case.measure(with_it[0])) for with_it, without in pairs]
    named, other = sum(move > 0.0 for move in moves), sum(move < 0.0 for move in moves)
    chance = binomtest(named, named + other, alternative="greater").pvalue if named + other else 1.0
    assert chance < FALSE_ALARM, (
        f"without {SWITCHES[switch]} ({switch}) {case.why}, but of {case.pairs} pairs {named} moved that way and "
        f"{other} the other; if the claim does nothing any more, say so here and in README.md"
    )


def test_every_switch_is_tried():
    assert {*CASES, "talks"} == set(SWITCHES)


def test_talks_change_no_decision_and_no_ending_and_the_pressure_by_little():
    # C11, as the article says: "neither got Moscow off his back nor placated the West and his people".
    for where in (("belarus-2022", *WAR.values()), ("belarus-2022", *YEAR.values())):
        with_it, without = lived(*where, None), lived(*where, "talks")
        assert [run[1:] for run in with_it] == [run[1:] for run in without]
        pressed = [[mean("pressure")(run[0]) for run in runs] for runs in (with_it, without)]
        changes = [abs(one - other) / max(one, other) for one, other in zip(*pressed, strict=True)]
        assert 0.0 < max(changes) < 0.05
