"""One seed, one history: of worlds alone and together, of twins and forks, in one process and in several.

And what holds on every day of every episode: heads are conserved, and counts equal a recount from scratch.
"""

import dataclasses
import datetime as dt
import hashlib
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.citizen.population import Citizen
from agents.citizen.rules import Status
from agents.elite import Elite, Stance
from agents.ground.chance import Purpose
from agents.regime import Lesson, Lessons, Rung, Situation
from agents.security import Doing, SecurityUnit
from experiments.lab.runner import Run, carry_out
from experiments.lab.store import Store
from experiments.lab.tasks import run_summary
from model import worlds
from model.episode import EVENTS, FRONTS, Entry, Episode, Event, Force, People, Region, Start, load_episode
from model.front import FIRST_DAYS, YEAR
from model.measures import MEASURES, summary
from model.parameters import DECLARED, SWITCHES, Parameters
from model.simulation import Arm, Simulation, SimulationError

ROOT = Path(__file__).parents[2]
PRESENT = load_episode("belarus-2022").without_past()
INVENTED = Path(__file__).parents[1] / "model" / "invented.toml"
LIVELY = worlds.parameters_at(worlds.informed(), [0.5] * len(worlds.informed())).replace(
    {
        "citizen.opposition_spread": 0.8, "citizen.threshold": 3.0, "citizen.ties": 1.0, "citizen.crowd": 0.5,
        "citizen.outrage": 0.3, "citizen.penalty": 10.0, "citizen.war_shock": 0.5, "citizen.focal_anger": 1.2,
        "citizen.penalty_rise": 1.0, "citizen.organising": 1.0, "security.containment": 60.0, "security.obedience": 4.5,
        "security.consent": 4.0, "regime.media_grip": 0.4, "elite.plot_rate": 0.2,
    }
)  # fmt: skip
"""Streets full of people before a firm regime: much happens, and nobody falls early."""


def state(world):
    """All that a world is on a day, by name, as values that compare to the last bit."""
    parts = {
        "world": vars(world), "people": vars(world.citizens), "citizens": world.citizens.columns,
        "forces": vars(world.forces), "units": world.forces.columns, "elites": world.elites.columns,
        "regime": vars(world.regime), "moscow": vars(world.moscow), "judge": vars(world.judge),
        "mood": vars(world.mood), "media": vars(world.media), "street": vars(world.street), "crowd": vars(world.crowd),
        "front": vars(world.front),
    }  # fmt: skip
    found = {}
    for part, values in parts.items():
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                found[f"{part}.{name}"] = value.tobytes()
            elif isinstance(value, (bool, int, float, str, np.generic, type(None))) or name in ("rows", "notes"):
                found[f"{part}.{name}"] = repr(value)
    for scratch in ("_changed", "_out", "_caught"):  # what a day writes and the next day writes over
        del found[f"crowd.{scratch}"]
    assert len(found) > 90, "a world has more to compare than this"
    return found


def differences(one, other):
    """The names of what differs between two worlds."""
    one, other = state(one), state(other)
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


LESSONS = Lessons(
    Lesson(1.0, (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)), *[Lesson(-3.0, (0.0,) * 6)] * 2, Situation(*[0.01] * 6),
    Situation(9.0, 9.0, 9.0, 0.99, 0.99, 9.0),
)  # fmt: skip
"""What he has learnt who decides: refusing is deadly, the more so the more he is pressed, and a war is not."""


def world(seed=0, arm="stay", episode=PRESENT, n_citizens=800, parameters=LIVELY):
    return Simulation(episode, parameters, arm=arm, rng=seed, n_citizens=n_citizens, lessons=LESSONS)


# One seed, one history.


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
@pytest.mark.parametrize("arm", Arm)
def test_one_seed_one_history(seed, arm):
    first, again = (world(seed, arm).run(days=60) for _ in range(2))
    assert first.day > 20 and differences(first, again) == set()
    assert first.series().equals(again.series()) and summary(first) == summary(again)


def test_another_seed_is_another_history():
    series = [world(seed).run(days=60).series() for seed in (0, 1, 2)]
    assert not any(series[i]["strength_shown"].equals(series[j]["strength_shown"]) for i, j in [(0, 1), (0, 2), (1, 2)])


def test_interleaved_worlds_are_each_as_if_alone():
    # Two episodes, arms, sizes and parameter sets, a day of one after a day of the other.
    def build():
        return world(3, "enter"), world(3, episode="belarus-2020", n_citizens=500, parameters=Parameters())

    alone, together = build(), build()
    for each in alone:
        each.run(days=50)
    for _ in range(50):
        for each in together:
            each.run(days=1)
    assert [differences(*pair) for pair in zip(alone, together, strict=True)] == [set(), set()]


def test_a_whole_number_of_any_kind_is_the_same_seed():
    assert differences(world(np.int64(5)).run(days=5), world(5).run(days=5)) == set()


HISTORY = """
import hashlib
from model.simulation import Simulation
world = Simulation("belarus-2022", arm="enter", rng=0, n_citizens=800).run(days=60)
print(hashlib.sha256(repr(world.past_rows + world.rows).encode() + repr(world.notes).encode()).hexdigest())
"""


@pytest.mark.slow
def test_a_fresh_process_has_the_same_history():
    lived = world(0, "enter", "belarus-2022", parameters=Parameters()).run(days=60)
    here = hashlib.sha256(repr(lived.past_rows + lived.rows).encode() + repr(lived.notes).encode()).hexdigest()
    done = subprocess.run([sys.executable, "-c", HISTORY], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == here


@pytest.mark.slow
def test_one_process_and_two_have_the_same_results(tmp_path):
    episode = PRESENT
    runs = [
        Run(episode=episode, parameters=LIVELY, arm=arm, seed=seed, n_citizens=500, days=50)
        for seed in (0, 1) for arm in ("enter", "decide")
    ]  # fmt: skip
    results = []
    for workers in (1, 2):
        with Store(tmp_path / f"{workers}.sqlite") as store:
            assert carry_out(runs, run_summary, store, workers=workers, progress=False).done == 4
            results.append(sorted(store.results(), key=repr))
    assert results[0] == results[1]


# Kept histories: what a change of the rules changes shows in the diff.


HOW = {
    "crowd": "max",
    "mobilised": "mean",
    "detained_today": "sum",
    "dead": "max",
    "against": "mean",
    "pressure": "mean",
}


@pytest.mark.parametrize("episode, arm", [("belarus-2020", "stay"), ("belarus-2022", "enter")])
def test_a_kept_history_is_lived_again(episode, arm, golden):
    shocked = Parameters().replace({"citizen.war_shock": 1.0})
    lived = Simulation(episode, shocked, arm=arm, rng=0, n_citizens=2_000).run(days=140)
    fortnights = lived.series()[list(HOW)].resample("14D").agg(HOW)
    tables = {
        name: {f"{date:%F}": float(f"{value:.4g}") for date, value in column.items()}
        for name, column in fortnights.items()
    }
    golden(f"{episode}-{arm}", tables | {"fell": {"on day": lived.judge.ended_on or 0}})


# Twins: arms are one world until the day of entry, and have the same dice for ever.

ENTRY_DAY = PRESENT.day_of(PRESENT.entry.date)
DICE = ("citizens.mood", "units.signal", "forces.common_shock", "moscow.view_noise", "regime.belief_noise")


def test_twins_are_one_world_until_the_day_of_entry():
    stay, enter = world(4), world(4, "enter")
    for day in range(1, ENTRY_DAY):
        stay.step()
        enter.step()
        assert differences(stay, enter) == {"world.arm"}, f"on day {day}"
    stay.step()
    enter.step()
    assert (stay.regime.rung, enter.regime.rung) == (Rung.TERRITORY, Rung.FULL)


def test_twins_have_the_same_dice_after_entry_too():
    stay, enter = world(4), world(4, "enter")
    for _ in range(ENTRY_DAY + 40):
        stay.step()
        enter.step()
        assert not differences(stay, enter) & set(DICE)
    assert stay.running and enter.running and "citizens.ever_out" in differences(stay, enter)


def test_a_plot_more_in_one_twin_shifts_nobody_elses_luck():
    stay, plot = world(6), world(6)
    for each in (stay, plot):
        each.run(days=20)
    commander = plot.elites.agents[plot.elites.commanders[0]]
    commander.stance = Stance.PLOTTING
    while stay.running and plot.running and stay.day < 80:
        stay.step()
        plot.step()
        assert "elites.stance" in differences(stay, plot), "the plot had no consequence: this test says nothing"
        assert not differences(stay, plot) & set(DICE), f"on day {stay.day}"
    assert stay.day > 25
    for purpose in Purpose:
        lots = [[each.lot(purpose, actor) for actor in range(50)] for each in (stay, plot)]
        assert lots[0] == lots[1]


@pytest.mark.parametrize(
    "episode, arm", [("belarus-2020", "stay"), ("belarus-2022", "enter"), ("belarus-2022", "decide")]
)
def test_nobody_draws_from_a_generator_that_others_share(episode, arm):
    lived = world(6, arm, episode)
    lived.elites.columns["stance"][lived.elites.commanders[:5]] = Stance.PLOTTING
    generators = [lived.rng.bit_generator.state, lived.random.getstate()]
    lived.run(days=60)
    assert generators == [lived.rng.bit_generator.state, lived.random.getstate()]


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_changes_no_dice(switch):
    days = 15
    with_it, without = world(7).run(days), world(7, parameters=LIVELY.switch_off(switch)).run(days)
    assert not differences(with_it, without) & set(DICE)


def test_a_switch_draws_the_same_people():
    # C7 and C13 replace spreads by their means, without C9 nobody has left; all else that is drawn on the eve stays.
    traits = ("opposition", "threshold", "risk_aversion", "media", "age", "mood", "stratum")
    first = world(7)
    for switch in SWITCHES:
        other = world(7, parameters=LIVELY.switch_off(switch))
        assert all(np.array_equal(first.citizens.columns[name], other.citizens.columns[name]) for name in traits)
        assert np.array_equal(first.citizens.observers, other.citizens.observers)


# Forks.


@pytest.mark.parametrize("arm", Arm)
@pytest.mark.parametrize("day", [0, 1, 27, 40])
def test_a_forks_future_is_its_originals(arm, day):
    original = world(8, arm).run(days=day)
    fork = original.fork()
    assert differences(original, fork) == set()
    before = state(original)
    fork.run(days=30)
    assert state(original) == before, "the fork lived in its original"
    original.run(days=30)
    assert differences(original, fork) == set()
    assert fork.day == original.day == day + 30


def test_new_dice_are_a_new_future_and_each_number_its_own():
    original = world(8).run(days=10)
    forks = [original.fork(), *(original.fork(dice) for dice in (0, 1, 0))]
    assert all(np.array_equal(original.citizens.columns["mood"], fork.citizens.columns["mood"]) for fork in forks)
    for fork in forks:
        fork.run(days=15)
    same, first, second, again = (state(fork)["citizens.mood"] for fork in forks)
    assert len({same, first, second}) == 3 and again == first


def test_a_fork_of_a_fork_and_a_fork_with_a_collector_go_on_too():
    original = Simulation(PRESENT, LIVELY, rng=9, n_citizens=500, collect=True).run(days=5)
    fork = original.fork().run(days=5).fork().run(days=5)
    original.run(days=10)
    assert differences(original, fork) == set()
    frames = [each.datacollector.get_model_vars_dataframe() for each in (original, fork)]
    assert frames[0].equals(frames[1]) and len(frames[0]) == 15


def test_a_forks_agents_are_its_own():
    original = world(8).run(days=3)
    fork = original.fork()
    assert fork.agents_by_type[Citizen] is fork.citizens is not original.citizens
    for kind in (Citizen, SecurityUnit, Elite):
        assert all(agent.model is fork for agent in fork.agents_by_type[kind])
    fork.citizens[0].opposition = 9.0
    fork.forces.agents[0].strain = 0.9
    fork.elites.agents[0].belief = 0.9
    assert differences(original, fork) == {"citizens.opposition", "units.strain", "elites.belief"}


# What can be done to a world.


def test_entering_by_hand_sends_the_troops_of_the_episode():
    by_hand = world(10).run(days=9)
    by_hand.enter_war()
    assert by_hand.regime.rung == Rung.FULL and by_hand.regime.entered_on == 9 and by_hand.forces.refused_share == 0.0
    heads = by_hand.forces.columns["heads"][by_hand.forces.front].sum()
    largest = by_hand.forces.columns["heads"].max()
    assert by_hand.front.troops() <= heads < by_hand.front.troops() + largest
    assert by_hand.run(days=5).front.dead_total > 0.0 and by_hand.arm == "stay"


def test_entry_is_a_step_on_the_ladder_whose_shock_takes_the_place_of_the_last_one():
    # Lending the land: r, less what those who approve accept; it fades. Entry: r x beyond, accepted by nobody.
    lived = world(10, parameters=LIVELY.replace({"citizen.war_beyond": 1.5}))
    numbers = lived.parameters.citizen
    first = numbers.war_shock * numbers.focal_anger
    assert 0.0 < lived.mood.accepted < 1.0
    assert lived.mood.war_anger() == pytest.approx(first * (1.0 - lived.mood.accepted))
    lived.run(days=9)
    assert lived.mood.war_shock == pytest.approx(first * 0.5 ** (9 / numbers.war_shock_half_life))
    lived.enter_war()
    assert lived.mood.accepted == 0.0 and lived.mood.war_anger() == pytest.approx(1.5 * first)


def disloyal_army(lived):
    """Let those who would be sent to the front think nothing of him."""
    lived.forces.columns["loyalty"][lived.forces.sent > 0] = -20.0
    return lived


@pytest.mark.parametrize("before", [Rung.NONE, Rung.TERRITORY])
def test_an_entry_that_more_than_half_refuse_fails_and_he_is_back_on_the_rung_before(before):
    lived = disloyal_army(world(10).run(days=9))
    lived.regime.rung = before
    own_men = lived.forces.own_men
    lived.enter_war()
    assert lived.forces.refused_share > 0.5 and any("the entry fails" in text for _, text in lived.notes)
    assert (lived.regime.rung, lived.regime.entered_on, lived.front.since) == (before, None, None)
    assert (
        not lived.forces.front.any()
        and not lived.forces.barred.any()
        and lived.forces.own_men == pytest.approx(own_men)
    )
    assert lived.forces.refusal > 0.0 and lived.mood.accepted == 0.0, "what he tried is seen and felt"
    assert lived.run(days=5).front.dead_total == 0.0


def test_those_who_refuse_to_fight_stay_in_barracks_and_count_nowhere_until_the_troops_come_home():
    lived = world(10).run(days=9)
    told = lived.fork()
    told.enter_war()
    some = np.flatnonzero(told.forces.front)[:2]
    lived.forces.columns["loyalty"][some] = -20.0
    lived.enter_war()
    forces = lived.forces
    assert 0.0 < forces.refused_share < 0.5 and forces.barred.nonzero()[0].tolist() == some.tolist()
    assert not forces.front[some].any() and (forces.reach[some] == 0.0).all()
    lived.step()
    assert {Doing(doing).name for doing in forces.columns["doing"][some]} == {"REFUSING"}
    lived.withdraw()
    lived.step()
    assert not forces.barred.any() and (forces.columns["doing"][some] != Doing.REFUSING).all()


def test_men_lent_on_the_spot_count_at_once_and_are_taken_back_from_the_strong():
    lent = {"moscow.stake": 3.0, "moscow.view_noise": 0.01, "moscow.safe_strength": 0.8, "moscow.grave_strength": 0.4}
    weak = world(10, parameters=LIVELY.replace(lent)).run(days=2)
    men = LIVELY.moscow.lent_share * weak.moscow.on_the_spot()
    assert men == 0.1 * 30_000 and weak.moscow.men_in_the_street() == 0.0
    weak.moscow.strengths = [0.5] * 14
    grievance = weak.mood.grievance()
    weak.step()
    assert weak.moscow.lent and weak.forces.at_hand() == pytest.approx(weak.forces.own_men + men, rel=1e-3)
    assert weak.mood.grievance() - grievance > 0.5 * LIVELY.citizen.presence_anger, "they weigh on opinion, too"
    weak.moscow.strengths = [1.0] * 14
    weak.step()
    assert not weak.moscow.lent and weak.forces.at_hand() == pytest.approx(weak.forces.own_men, rel=1e-3)


@pytest.mark.parametrize("stake, lends", [(3.0, True), (1.0, False)])
def test_moscow_lends_its_men_only_if_losing_him_would_cost_more_than_the_front_needs(stake, lends):
    # He shows 0.5: what is at stake is half of it, and the front needs 1.0 while Kyiv is attacked from the north.
    numbers = {"moscow.stake": stake, "moscow.view_noise": 0.01, "moscow.safe_strength": 0.8}
    weak = world(10, parameters=LIVELY.replace(numbers)).run(days=2)
    weak.moscow.strengths = [0.5] * 14
    weak.step()
    assert weak.moscow.need() == 1.0 and weak.moscow.lent == lends


def test_the_troops_go_on_the_day_and_come_home_on_the_day():
    invented = load_episode(INVENTED)
    calm = LIVELY.replace({"citizen.threshold": 5.0})
    enter = Simulation(invented, calm, rng=1, arm="enter", n_citizens=500).run()
    go, home = (invented.day_of(date) - 1 for date in (invented.entry.date, invented.entry.withdrawal))
    rungs, dead = enter.series()["rung"], enter.series()["dead"]
    assert rungs.tolist() == [Rung.TERRITORY] * go + [Rung.LIMITED] * (home - go) + [Rung.TERRITORY] * (120 - home)
    assert dead.iloc[go - 1] == 0.0 < dead.iloc[go] < dead.iloc[home - 1] == dead.iloc[-1]


@pytest.mark.parametrize("arm", ["stay", "enter"])
def test_two_arms_lock_the_rung(arm):
    eager = {
        "moscow.demand_rate": 0.4, "moscow.debt_pressure": 1.0, "regime.inertia": 0.0, "regime.decisiveness": 5.0,
        "citizen.threshold": 5.0,
    }  # fmt: skip
    locked, free = (world(2, each, parameters=LIVELY.replace(eager)).run(days=120) for each in (arm, "decide"))
    assert set(locked.series()["rung"]) == ({1.0} if arm == "stay" else {1.0, 3.0})
    assert 2.0 in set(free.series()["rung"]), "who may decide would have moved, or this test says nothing"


def test_withdrawing_keeps_the_lent_land_lent_and_the_dead_dead():
    lived = world(2, "enter").run(days=ENTRY_DAY + 10)
    assert lived.forces.front.any() and lived.front.dead_total > 0.0
    lived.withdraw()
    dead = lived.front.dead_total
    lived.run(days=5)
    assert lived.regime.rung == Rung.TERRITORY and not lived.forces.front.any() and lived.front.dead_total == dead


def test_whom_moscow_drops_it_gives_no_more():
    lived = world(2).run(days=5)
    assert lived.moscow.support > 0
    lived.moscow_drops()
    assert set(lived.run(days=30).series()["support"].iloc[6:]) == {0.0}


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_claim_switched_off_on_the_eve_was_never_on_where_there_is_no_past(switch):
    never, until_now = world(7, "enter", parameters=LIVELY.switch_off(switch)), world(7, "enter")
    until_now.switch_off(switch)
    assert differences(never.run(days=40), until_now.run(days=40)) == set()


def test_a_claim_switched_off_in_a_fork_stays_on_in_its_original():
    original, twin = world(7, "enter").run(days=ENTRY_DAY), world(7, "enter").run(days=ENTRY_DAY)
    fork = original.fork()
    fork.switch_off("war_anger", "war_aversion", "divided_forces")
    assert fork.mood.war_shock == 0.0 and np.ptp(fork.citizens.columns["aversion"]) == 0.0
    assert np.ptp(fork.forces.columns["loyalty"]) == np.ptp(fork.elites.columns["stake"]) == 0.0
    assert differences(original.run(days=20), twin.run(days=20)) == set() and original.holds("war_anger")


def test_a_switch_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValueError, match=r"no switch talk; did you mean talks\?"):
        world(7).switch_off("talk")


def test_open_media_let_all_news_through_to_all_who_have_media():
    lived = world(2).run(days=5)
    assert lived.media.heard()[0] < 0.99
    lived.open_media()
    assert lived.media.heard()[:3].tolist() == [1.0, 1.0, 1.0]


def test_what_happens_is_noted_on_its_day():
    invented = load_episode(INVENTED)
    lived = Simulation(invented, rng=0, arm="enter", n_citizens=300).run(days=12)
    assert [(day, text) for day, text in lived.notes if "river" in text or "bridge" in text or "vote" in text] == [
        (invented.day_of(dt.date(1997, 3, 2)), "The count of the vote is stopped"),
        (invented.day_of(dt.date(1997, 3, 5)), "Candles on the bridge"),
        (invented.day_of(dt.date(1997, 3, 12)), "The bridge money is gone"),
    ]


# The calendar and Mesa's clock.


def test_a_world_lives_its_episode_and_no_day_more():
    short = PRESENT.replace(end_date=dt.date(2022, 3, 10), entry_date=dt.date(2022, 3, 1))
    lived = world(episode=short).run()
    assert not lived.running and lived.day == short.days == 15 == len(lived.rows)
    lived.step()
    lived.run()
    assert lived.day == 15 and lived.judge.ending == "survived"
    series = lived.series()
    assert list(series) == list(MEASURES) and series.index[0].date() == short.start_date == dt.date(2022, 2, 24)
    assert series.index[-1].date() == lived.date == short.end_date and len(series) == 15


def test_a_step_is_a_day_of_mesas_clock():
    lived = world().run(days=4)
    assert (lived.day, lived.time, lived.steps) == (4, 4.0, 4)


def test_mesas_collector_sees_what_the_series_holds():
    lived = Simulation("belarus-2020", LIVELY, rng=0, n_citizens=500, collect=True).run(days=12)
    frame = lived.datacollector.get_model_vars_dataframe()
    assert frame.pop("day").tolist() == list(range(1, 13))
    assert np.array_equal(frame.to_numpy(float), lived.series().to_numpy())


def test_looking_at_a_world_does_not_change_it():
    watched, alone = world(3), world(3)
    for _ in range(20):
        watched.step()
        alone.step()
        watched.series(), summary(watched), watched.fork(), list(watched.citizens), watched.regime.situation(3)
        [measure(watched) for measure in MEASURES.values()]
    assert differences(watched, alone) == set()


# Refusals.


@pytest.mark.parametrize("arm, hint", [("entre", "; did you mean enter?"), ("", ""), ("STAY", "")])
def test_an_unknown_arm_is_refused_with_the_nearest_one(arm, hint):
    with pytest.raises(SimulationError) as refusal:
        world(arm=arm)
    assert str(refusal.value) == f"arm = {arm!r}; expected one of stay, enter, decide{hint}"


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7", None, 2**63])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(SimulationError, match=r"rng = .*; expected a seed, a whole number from 0 to 2\^63 - 1"):
        world(seed)


@pytest.mark.parametrize("arm", ["enter", "decide"])
def test_who_cannot_enter_has_only_one_arm(arm):
    with pytest.raises(SimulationError, match=r"belarus-2020 has no \[entry\]: only the arm stay can be run"):
        world(arm=arm, episode="belarus-2020")


def test_who_has_no_entry_cannot_be_sent_to_war():
    with pytest.raises(SimulationError, match="does not say with what he would enter"):
        world(episode="belarus-2020").enter_war()


# An invented country.


@pytest.mark.parametrize("arm", Arm)
def test_an_invented_country_lives_in_every_arm(arm):
    lived = world(2, arm, load_episode(INVENTED), n_citizens=1_000).run()
    assert lived.judge.ended_on or lived.day == 120
    assert lived.citizens.all_electors == pytest.approx(800_000) and lived.series().notna().all(axis=None)
    assert lived.crowd.people.size == 3 and {unit.name.split(" in ")[1] for unit in lived.forces.agents} <= {
        "Upstream", "Confluence", "Delta"
    }  # fmt: skip
    assert not any(word in " ".join(text for _, text in lived.notes) for word in ("Minsk", "Belarus", "OMON"))


# Every day of any episode.

START = dt.date(1950, 1, 1)
DAYS = 12
dates = st.integers(0, DAYS - 1).map(lambda n: START + dt.timedelta(days=n))


@st.composite
def episodes(draw):
    """Small countries with any events, forces and entry."""
    n_regions = draw(st.integers(1, 4))
    capital = draw(st.integers(0, n_regions - 1))
    regions = tuple(
        Region(
            name=f"region {i}", electors=draw(st.integers(2_000, 10**6)), early_vote=draw(st.floats(0, 60)),
            capital=i == capital,
        )
        for i in range(n_regions)
    )  # fmt: skip
    where = st.sampled_from(["*", *(region.name for region in regions)])
    forces = tuple(
        Force(
            branch=f"branch {i}", region=draw(where), heads=draw(st.integers(50, 20_000)),
            units=draw(st.integers(1, 8)), pool=draw(st.floats(0, 1)), loyalty=draw(st.floats(-2, 2)), sent=i,
        )
        for i in range(draw(st.integers(2, 4)))
    )  # fmt: skip
    events = st.builds(Event, date=dates, kind=st.sampled_from(EVENTS), size=st.floats(0, 1))
    entry = Entry(
        date=START + dt.timedelta(days=draw(st.integers(1, 6))), troops=draw(st.integers(1, 50)),
        rung=draw(st.sampled_from(["limited", "full"])), front=draw(st.sampled_from(FRONTS)),
        withdrawal=draw(st.none() | st.just(START + dt.timedelta(days=9))),
    )  # fmt: skip
    steps = [(START, draw(st.floats(0, 1))), (START + dt.timedelta(days=5), draw(st.floats(0, 1)))]
    return Episode(
        name="drawn", title="Drawn", since=draw(st.none() | st.just(START - dt.timedelta(days=9))),
        start_date=START, end_date=START + dt.timedelta(days=DAYS - 1), regions=regions,
        forces=forces, events=tuple(draw(st.lists(events, max_size=4))), entry=entry, need=tuple(steps),
        geography=tuple(steps), patron_troops=tuple(steps), people=People(media=(0.25, 0.25, 0.25, 0.25)),
        start=Start(
            rung=draw(st.sampled_from(["none", "territory"])),
            support=draw(st.sampled_from(["none", "troops"])),
        ),
    )  # fmt: skip


def any_parameters(draw):
    """Parameters anywhere in their declared ranges, and any claims switched off."""
    names = [n for n, number in DECLARED.items() if not n.startswith(("outcome.", "sample."))
             and number.metadata["low"] < number.metadata["high"]]  # fmt: skip
    ranks = np.random.default_rng(draw(st.integers(0, 10**6))).random(len(names))
    angry = {"citizen.threshold": draw(st.floats(1.5, 3.0))}
    return worlds.parameters_at(names, ranks).replace(angry).switch_off(*draw(st.sets(st.sampled_from(list(SWITCHES)))))


SHARES = (
    "arrest_risk",
    "obeying_share",
    "standing_aside",
    "refused",
    "strength_shown",
    "against",
    "tells",
    "averse",
    "hedging",
    "took_part",
)


def recount(world):
    """Every count that is kept up to date, counted from scratch."""
    people, columns = world.citizens, world.citizens.columns
    strata = people.counts.size

    def by_stratum(rows):
        return np.bincount(columns["stratum"][rows], minlength=strata)

    known = np.repeat(np.arange(len(people)), np.diff(people.ties_start.astype(np.int64)))
    mobilised = columns["mobilised"].astype(bool)
    return {
        "status": [by_stratum(columns["status"] == status).tolist() for status in Status],
        "heads": np.bincount(columns["stratum"], minlength=strata).tolist(),
        "mobilised": by_stratum(mobilised).tolist(),
        "ever": by_stratum(columns["ever_out"] == 1).tolist(),
        "ties": np.bincount(people.observers[mobilised[known]], minlength=len(people)).tolist(),
    }


def kept(world):
    people = world.citizens
    return {
        "status": people.by_status.tolist(), "heads": people.by_status.sum(axis=0).tolist(),
        "mobilised": people.n_mobilised.tolist(), "ever": people.n_ever.tolist(),
        "ties": people.columns["tie_count"].tolist(),
    }  # fmt: skip


@pytest.mark.slow
@settings(max_examples=200)
@given(st.data(), episodes(), st.sampled_from(list(Arm)), st.integers(0, 2**63 - 1), st.integers(200, 400))
def test_on_every_day_of_any_episode_heads_are_conserved_and_counts_are_true(data, episode, arm, seed, n_citizens):
    lived = Simulation(episode, any_parameters(data.draw), arm=arm, rng=seed, n_citizens=n_citizens)
    people, columns = lived.citizens, lived.citizens.columns
    men = lived.forces.columns["heads"].sum()  # what left in the past is counted no more
    while lived.running:
        lived.step()
        assert kept(lived) == recount(lived)
        assert set(np.unique(columns["status"])) <= set(Status) and len(columns["status"]) == n_citizens
        assert not columns["mobilised"][columns["status"] > Status.STREET].any()
        crowd = lived.crowd
        assert (crowd.people <= people.electors * (1.0 + 1e-12)).all()
        assert (crowd.at_home >= 0.0).all() and (crowd.detained >= crowd.at_home).all()
        gone = lived.front.dead_total + lived.forces.resigned_total + lived.forces.surrendered_total
        assert lived.forces.columns["heads"].sum() + gone == pytest.approx(men)
        today = dict(zip(MEASURES, lived.rows[-1], strict=True))
        assert [name for name in SHARES if not 0.0 <= today[name] <= 1.0] == [], today
        assert all(math.isfinite(value) and (value >= 0.0 or name == "grievance") for name, value in today.items())
        assert today["tells"] <= today["against"]
        for values in (
            lived.forces.q,
            lived.forces.columns["strain"],
            lived.elites.columns["belief"],
            lived.media.heard(),
        ):
            assert (values >= 0.0).all() and (values <= 1.0).all()


def test_an_episode_is_a_value_that_no_world_changes():
    episode, numbers = load_episode(INVENTED), Parameters()
    told, flat = episode.to_dict(), numbers.flat()
    Simulation(episode, numbers, arm="enter", n_citizens=300).run()
    assert episode.to_dict() == told and numbers.flat() == flat
    assert dataclasses.replace(episode) == load_episode(INVENTED)


# Events.


def eve(*events, n_citizens=800, parameters=LIVELY):
    """A world of 2022 with nothing in its calendar but some events, on the eve of the first of them."""
    country = PRESENT.replace(events=events)
    return Simulation(country, parameters, rng=3, n_citizens=n_citizens).run(days=country.day_of(events[0].date) - 1)


def test_a_shock_is_felt_by_all_or_as_far_as_news_reaches_one():
    anger, day = LIVELY.citizen.focal_anger, dt.date(2022, 3, 10)
    worlds = [eve(Event(date=day, kind="shock", size=2.0, audience=audience)) for audience in ("all", "news")]
    calm = eve(Event(date=day, kind="talks_end"))
    for each in (calm, *worlds):
        each.step()
    for_all, by_news = worlds
    assert for_all.mood.focal - calm.mood.focal == pytest.approx(2.0 * anger)
    assert by_news.mood.focal == calm.mood.focal
    felt, usual = (each.crowd.today.felt for each in (by_news, calm))
    assert felt.felt - usual.felt == pytest.approx(2.0 * anger * usual.news)


def test_people_killed_outrage_as_so_many_detained():
    killed = eve(Event(date=dt.date(2022, 3, 10), kind="killed", size=10))
    calm = eve(Event(date=dt.date(2022, 3, 10), kind="talks_end"))
    killed.step()
    calm.step()
    per_million = 10 * LIVELY.citizen.outrage_killed / killed.citizens.all_electors * 1e6
    expected = LIVELY.citizen.outrage * per_million / (per_million + LIVELY.citizen.outrage_half)
    felt, usual = (each.crowd.today.felt for each in (killed, calm))
    assert felt.felt - usual.felt == pytest.approx(expected * usual.news)


def test_a_blackout_cuts_open_news_through_its_last_day():
    begins, ends = dt.date(2022, 3, 10), dt.date(2022, 3, 12)
    world = eve(Event(date=begins, kind="blackout", size=0.5, until=ends))
    state, independent, both, neither = world.media.heard()
    for day in range(4):
        world.step()
        heard = world.crowd.today.felt.news
        cut = 0.5 * LIVELY.citizen.blackout if day < 3 else 0.0
        assert heard[0] == pytest.approx(state) and heard[3] == pytest.approx(neither)
        assert heard[1] == pytest.approx(independent - cut * (independent - neither), rel=1e-3)
        assert heard[2] == pytest.approx(both - cut * (both - state), rel=1e-3)


def test_a_war_next_door_soothes_those_who_stay_out_of_it_until_it_ends():
    begins, ends = dt.date(2022, 3, 10), dt.date(2022, 4, 20)
    numbers = {"citizen.peace_premium": 0.4, "citizen.war_shock_half_life": 30.0}
    war = eve(Event(date=begins, kind="war"), Event(date=ends, kind="war_ends"), parameters=LIVELY.replace(numbers))
    calm = eve(Event(date=begins, kind="talks_end"), parameters=LIVELY.replace(numbers))
    soothed = []
    for _ in range(43):
        war.step()
        calm.step()
        soothed.append(calm.mood.focal - war.mood.focal + _quiet(calm) - _quiet(war))
    assert soothed[0] == 0.0 and soothed[30] == pytest.approx(0.2) and soothed[40] > 0.2
    assert soothed[41] == soothed[42] == 0.0, "the war is over"


def _quiet(world):
    """What is felt but for a stolen vote and prices."""
    numbers, mood = world.parameters.citizen, world.mood
    return mood.grievance() - mood.focal - numbers.economy_anger * world.regime.gdp_lost()


def test_who_enters_forfeits_the_peace_at_once():
    numbers = {"citizen.peace_premium": 0.4, "citizen.war_shock_half_life": 30.0}
    lived = eve(Event(date=dt.date(2022, 3, 10), kind="war"), parameters=LIVELY.replace(numbers)).run(days=31)
    before = _quiet(lived)
    lived.enter_war()
    assert _quiet(lived) - before == pytest.approx(0.2)


def test_a_defeat_turns_the_course_of_the_front():
    world = eve(Event(date=dt.date(2022, 3, 10), kind="defeat"))
    need, before = world.moscow.need(), world.front.dead_a_day(1_000.0, 7.0)
    world.step()
    assert world.front.dead_a_day(1_000.0, 7.0) == pytest.approx(before * LIVELY.war.defeat_losses)
    assert world.moscow.need() == pytest.approx(need * LIVELY.war.defeat_need)


def test_a_front_that_will_be_lost_is_a_stalemate_until_the_day_of_the_defeat_which_all_hear_of():
    lost = PRESENT.replace(entry_front="defeat", events=())
    calm = {"citizen.threshold": 5.0, "citizen.war_shock": 0.25, "elite.plot_rate": 0.03}
    lived = Simulation(lost, LIVELY.replace(calm), arm="enter", rng=2, n_citizens=500)
    lived.run(days=ENTRY_DAY)
    day = lived.front.defeat_on
    assert ENTRY_DAY + FIRST_DAYS <= day < ENTRY_DAY + YEAR and lived.front.course == "stalemate"
    lived.run(days=day - ENTRY_DAY - 1)
    assert lived.running and lived.front.course == "stalemate"
    lived.step()
    assert lived.front.course == "defeat" and (day, "His troops are defeated at the front") in lived.notes
    lived.step()
    losses, felt = lived.mood.loss_anger(), lived.crowd.today.felt
    assert felt.war == pytest.approx(felt.news * lived.mood.war_shock + losses, rel=0.01), "no media keep it out"


# Size.


@pytest.mark.parametrize("times", [2, 16])
@pytest.mark.parametrize("arm", ["stay", "enter"])
def test_a_country_so_many_times_as_large_has_the_same_shares(arm, times):
    # Electors, forces, troops sent and the patron's: doubling is exact in binary, so shares agree to rounding.
    small = PRESENT
    large = small.replace(
        regions=tuple(dataclasses.replace(region, electors=times * region.electors) for region in small.regions),
        forces=tuple(dataclasses.replace(force, heads=times * force.heads) for force in small.forces),
        patron_troops=tuple((date, times * men) for date, men in small.patron_troops),
        entry_troops=times * small.entering.troops,
    )
    one, other = (world(3, arm, episode=episode).run(days=60).series() for episode in (small, large))
    people = ["crowd", "mobilised", "detained_today", "dead", "resigned"]
    assert (one[people].max() > 0.0).all() or arm == "stay"
    assert np.allclose(times * one[people], other[people], rtol=1e-6)
    for name in (*SHARES, "load", "movement_load", "violence", "grievance", "war_anger", "posture", "debt"):
        assert np.allclose(one[name], other[name], rtol=1e-6, atol=1e-9), name
