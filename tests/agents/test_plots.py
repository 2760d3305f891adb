"""Plots, purges and coups; and the dice of one who decides by himself: each decision has its own, nobody shares."""

import dataclasses
import datetime as dt
import math
from collections import Counter

import pytest

from agents import elite
from agents.elite import Stance
from agents.ground import chance
from agents.ground.chance import Purpose
from agents.regime import Lesson, Lessons, Rung, Situation
from model.episode import load_episode
from model.parameters import Parameters
from model.simulation import Simulation

NEVER, SURELY = 1.0, 0.0
"""Dice: nothing has a chance above the one, everything above the other."""

PRESENT = load_episode("belarus-2022").without_past()


LESSONS = Lessons(*[Lesson(-1.0, (0.0,) * 6)] * 3, Situation(*[0.01] * 6), Situation(*[0.99] * 6))
"""He who decides has learnt that all comes to the same: his die decides."""


def world(parameters=None, arm="stay", days=6):
    """A world on the eve of a weekly day."""
    return Simulation(
        PRESENT,
        Parameters().replace(parameters or {}),
        arm=arm,
        rng=0,
        n_citizens=500,
        lessons=LESSONS,
    ).run(days)


@pytest.fixture
def plotted():
    """A world on the eve of a weekly day: one commander plots, nobody else will, and he thinks that all would join."""
    plotted = world()
    leader(plotted).stance = Stance.PLOTTING
    load(plotted, {})
    return plotted


def leader(plotted):
    return plotted.elites.agents[plotted.elites.commanders[0]]


def load(plotted, dice):
    """Load the dice: what is not named never happens."""
    plotted.lot = lambda purpose, actor=0: dice.get(purpose, NEVER)
    plotted.bell = lambda purpose, actor=0: 10.0 if purpose == Purpose.ESTIMATE else 0.0


def test_a_plot_that_is_found_out_purges_its_leader_and_is_recorded(plotted):
    load(plotted, {Purpose.DETECTION: SURELY})
    plotted.step()
    assert (leader(plotted).stance, plotted.elites.last_purge) == (Stance.PURGED, 7)
    assert (7, "A plot is found out; its leader is purged") in plotted.notes
    assert plotted.judge.attempts == [] and not plotted.elites.attempted


def test_a_failed_coup_is_an_attempt_and_purges_its_leader(plotted):
    plotted.forces.stand_aside = lambda seeming: False
    plotted.step()
    assert (leader(plotted).stance, plotted.elites.last_purge) == (Stance.PURGED, 7)
    assert (7, "A coup is attempted: it fails") in plotted.notes
    assert plotted.judge.attempts == [7] and plotted.running and not plotted.elites.coup


def test_a_coup_that_succeeds_purges_nobody_and_ends_the_world(plotted):
    plotted.forces.stand_aside = lambda seeming: True
    plotted.step()
    assert (leader(plotted).stance, plotted.elites.last_purge) == (Stance.PLOTTING, None)
    assert (plotted.judge.ending, plotted.judge.ended_on, plotted.judge.attempts) == ("coup", 7, [7])


def test_a_leader_who_thinks_that_nobody_would_join_waits(plotted):
    plotted.bell = lambda purpose, actor=0: -10.0 if purpose == Purpose.ESTIMATE else 0.0
    plotted.step()
    assert leader(plotted).stance == Stance.PLOTTING and plotted.judge.attempts == []


@pytest.mark.parametrize(
    "leaning, hazard, with_moscow", [(0.6, 0.1, True), (0.4, 0.1, False), (0.6, 0.0, False), (0.5, 0.1, False)]
)
def test_a_coup_is_moscows_if_its_leader_leans_there_and_moscow_wants_another(plotted, leaning, hazard, with_moscow):
    plotted.forces.stand_aside = lambda seeming: True
    plotted.moscow.replaces = lambda: hazard
    leader(plotted).leaning = leaning
    plotted.step()
    assert plotted.elites.with_moscow == with_moscow
    assert plotted.judge.ending == ("replaced_by_moscow" if with_moscow else "coup")


def test_the_purged_plot_no_more(plotted):
    load(plotted, {Purpose.PLOT: SURELY, Purpose.DETECTION: NEVER})
    leader(plotted).stance = Stance.PURGED
    plotted.step()
    stances = plotted.elites.columns["stance"][plotted.elites.commanders]
    assert stances[0] == Stance.PURGED and set(stances[1:]) == {Stance.PLOTTING}


def test_only_commanders_plot(plotted):
    load(plotted, {Purpose.PLOT: SURELY})
    plotted.forces.stand_aside = lambda seeming: True
    plotted.step()
    plotting = plotted.elites.columns["stance"] == Stance.PLOTTING
    assert set(plotting.nonzero()[0]) == set(plotted.elites.commanders)


def test_fear_of_a_purge_fades_with_its_half_life():
    feared = world({"elite.fear": 0.2, "elite.fear_half_life": 30.0})
    elites = feared.elites
    assert elites.fear() == 1.0, "nobody has been purged"
    elites.last_purge = feared.day
    left = []
    for later in (0, 30, 60):
        feared.day = elites.last_purge + later
        left.append(elites.fear())
    assert left == pytest.approx([0.2, 0.6, 0.8])


@pytest.mark.parametrize("course, times", [("stalemate", 1.0), ("advance", 1.0), ("defeat", math.exp(1.5))])
def test_a_defeat_multiplies_the_hazard_of_every_commanders_plot(course, times, monkeypatch):
    hazards = {}
    for front in ("stalemate", course):
        beaten = world({"elite.plot_defeat": 1.5})
        beaten.front.course = front
        seen = hazards.setdefault(front, [])
        monkeypatch.setattr(elite, "chance_within", lambda hazard, days, seen=seen: seen.append(hazard) or 0.0)
        beaten.elites.plot()
    assert len(hazards[course]) > 10
    assert hazards[course] == pytest.approx([times * hazard for hazard in hazards["stalemate"]])


def entered(lot, front="defeat"):
    """A world that enters the war today, with a die for the date of its defeat."""
    episode = PRESENT.replace(entry_front=front, end_date=PRESENT.end_date + dt.timedelta(days=3))
    at_war = Simulation(episode, Parameters().replace({"security.consent": 4.0}), rng=0, n_citizens=500).run(3)
    thrown = []
    at_war.lot = lambda purpose, actor=0: thrown.append(purpose) or lot
    at_war.set_rung(Rung.LIMITED)
    return at_war, thrown


@pytest.mark.parametrize("lot, days", [(0.0, 28), (0.5, 28 + 168), (0.999999, 364)])
def test_a_defeat_comes_on_a_day_of_the_year_after_the_entry_by_its_own_die(lot, days):
    at_war, thrown = entered(lot)
    assert (at_war.front.defeat_on, at_war.front.course) == (3 + days, "stalemate")
    assert thrown == [Purpose.DEFEAT]
    at_war.day = 3 + days - 1
    for course in ("stalemate", "defeat"):
        at_war.front.bury()
        assert at_war.front.course == course
        at_war.day += 1


@pytest.mark.parametrize("front", ["stalemate", "advance"])
def test_a_front_that_holds_throws_no_die_for_a_defeat(front):
    at_war, thrown = entered(0.5, front)
    assert (at_war.front.defeat_on, thrown) == (None, [])


# The dice of the arm in which he decides by himself.

EAGER = {
    "citizen.threshold": 2.6, "moscow.demand_rate": 0.4, "moscow.debt_pressure": 1.0, "regime.inertia": 0.0,
    "regime.decisiveness": 5.0, "regime.provocation_rate": 1.5, "elite.plot_rate": 0.2, "elite.detection": 0.3,
}  # fmt: skip


@dataclasses.dataclass
class Dice:
    """Keeps count of all dice that fall, and can give one purpose another key."""

    thrown: Counter
    other: Purpose | None = None

    def watch(self, monkeypatch):
        for name in ("uniform", "normal"):
            monkeypatch.setattr(chance, name, self.counting(getattr(chance, name)))
        return self

    def counting(self, die):
        def throw(seed, purpose, actor, day):
            self.thrown[Purpose(int(purpose)), actor, day] += 1
            return die(seed + 1 if purpose == self.other else seed, purpose, actor, day)

        return throw


@pytest.mark.parametrize("arm", ["stay", "decide"])
def test_no_die_is_thrown_for_two_decisions(arm, monkeypatch):
    dice = Dice(Counter()).watch(monkeypatch)
    lively = world(EAGER, arm=arm, days=60)
    assert lively.day > 40
    twice = {die for die, times in dice.thrown.items() if times > 1}
    assert twice == set()


def test_the_arm_decide_throws_its_own_die_weekly_and_no_other_arm_does(monkeypatch):
    dice = Dice(Counter()).watch(monkeypatch)
    for arm, days in (("stay", set()), ("decide", set(range(7, 42, 7)))):
        dice.thrown.clear()
        lively = world(EAGER, arm=arm, days=41)
        assert lively.day == 41
        assert {day for purpose, _, day in dice.thrown if purpose == Purpose.RUNG} == days


def test_another_key_of_his_own_die_changes_his_rung_and_nothing_before_it(monkeypatch):
    first = world(EAGER, arm="decide", days=80).series()
    with monkeypatch.context() as patch:
        Dice(Counter(), other=Purpose.RUNG).watch(patch)
        other = world(EAGER, arm="decide", days=80).series()
    shared = min(len(first), len(other))
    first, other = first.iloc[:shared], other.iloc[:shared]
    differs = first["rung"] != other["rung"]
    assert differs.any() and {*first["rung"], *other["rung"]} > {float(Rung.TERRITORY)}
    day = int(differs.to_numpy().argmax())
    assert first.iloc[:day].equals(other.iloc[:day]), "something else hangs on the die of the rung"
    assert (day + 1) % 7 == 0, "he moves on the ladder once a week"
    same_day = ["posture", "pressure", "strength_shown", "support"]
    assert first[same_day].iloc[day].equals(other[same_day].iloc[day])


def test_another_key_of_his_own_die_changes_nothing_for_who_stays(monkeypatch):
    first = world(EAGER, days=40)
    with monkeypatch.context() as patch:
        Dice(Counter(), other=Purpose.RUNG).watch(patch)
        assert world(EAGER, days=40).rows == first.rows
