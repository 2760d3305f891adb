"""What made him fall is found where it is known: by a pencil, and in worlds with one planted cause."""

import dataclasses
import itertools

import pytest
from click.testing import CliRunner

from agents.ground.chance import Purpose
from experiments.lab.left_out import COMMANDER, DAY, DICE, ELITE, HE, UNIT, Life, Part, Replay, candidates, part_of
from experiments.lab.runner import Run
from experiments.lab.smallest import Answer, minimal
from experiments.lab.statistics import Estimate
from experiments.show.chain import told_once
from experiments.why.__main__ import main
from experiments.why.findings import WHOLE, Findings, interleaved, life_of
from experiments.why.replay import replayed, told
from experiments.why.search import Found, answered, fell, first_fall, without
from experiments.why.words import nothing_fell, verdict
from model.episode import load_episode
from model.parameters import Parameters
from model.worlds import origin

INVENTED = "tests/model/invented.toml"
COUNTRY = load_episode(INVENTED).replace(entry_withdrawal=None)
ENTRY = COUNTRY.day_of(COUNTRY.entering.date)


def heard(search, answer):
    """Let a search hear what a function answers to each thing that it asks; return its result."""
    try:
        asked = next(search)
        while True:
            asked = search.send([answer(thing) for thing in (asked[0] if isinstance(asked, tuple) else asked)])
    except StopIteration as end:
        return end.value


# The search, by pencil.


@pytest.mark.parametrize("needed", [{0}, {99}, {3, 50}, {0, 49, 50, 99}, set(range(20))])
def test_all_that_is_needed_is_kept_and_nothing_else(needed):
    assert set(heard(minimal(range(100)), lambda without: needed <= set(without))) == needed


def test_of_two_sets_that_would_do_the_one_with_the_larger_parts_is_kept():
    def stands(without):
        return {1, 2} <= set(without) or {70, 80} <= set(without)

    assert heard(minimal(range(100)), stands) == [1, 2]


def test_what_could_be_spared_later_goes_though_it_was_needed_at_first():
    """With 0 put back he falls while 1 is out, and stands once 1 is back, too: a cause that works both ways."""
    sets = [{0, 1, 2}, {1, 2}, {2}]
    asked = []

    def stands(without):
        asked.append(set(without))
        return set(without) in sets

    kept = heard(minimal(range(3)), stands)
    assert set(kept) in sets and all(set(kept) - {thing} not in sets for thing in kept)


def outcome(stands, entered=ENTRY):
    return {"ending": "survived" if stands else "coup", "entered_on": entered}


def run(arm="enter", **more):
    more = {"parameters": Parameters(), "labels": {"world": 0}} | more
    return Run(
        episode=COUNTRY, arm=arm, seed=3, n_citizens=300, asked={"out": "", "future": -1}, **more
    )  # fmt: skip


def codes(asked):
    return str(dict(asked.asked)["out"]).split()


def test_single_parts_come_before_sets_and_the_largest_of_them_is_taken():
    parts = [Part(UNIT, row=row) for row in range(6)]
    found = heard(answered(run(), parts), lambda asked: outcome({"unit:4:0:", "unit:2:0:"} & set(codes(asked))))
    assert found == Answer(asked=6, alone=(parts[2], parts[4]), smallest=(parts[2],))


def test_a_pair_is_found_where_no_single_part_is_enough_and_nothing_where_nothing_is():
    parts = [Part(DAY, day=day) for day in range(9)]
    pair = heard(answered(run(), parts), lambda asked: outcome({"day:-1:3:", "day:-1:8:"} <= set(codes(asked))))
    assert not pair.alone and pair.smallest == (parts[3], parts[8])
    assert heard(answered(run(), parts), lambda asked: outcome(False)) == Answer(asked=9, alone=(), smallest=())


def test_a_run_that_failed_saves_nobody_and_is_no_fall():
    assert not fell(None)
    assert heard(answered(run(), [Part(DAY, day=1)]), lambda asked: None).smallest == ()


def test_the_first_draw_is_taken_that_fell_and_whose_twin_stands():
    runs = [run(labels={"world": world}) for world in range(50)]

    def answer(asked):
        world = dict(asked.labels)["world"]
        if asked.arm == "stay":
            return outcome(world != 7, None)
        return outcome(world not in (2, 7, 23, 24), None if world == 2 else ENTRY)

    found = heard(first_fall(runs), answer)  # 2 fell before he entered, 7 would have fallen anyway
    assert (dict(found.run.labels)["world"], found.searched, found.fell) == (23, 24, 2)
    assert heard(first_fall(runs[:20]), answer) == Found(run=None, searched=20, fell=1)


# What is left out of a world.


@pytest.mark.parametrize("part", [Part(UNIT, row=3), Part(DAY, day=40), Part(DICE, row=2, day=9, actor=COMMANDER)])
def test_a_part_is_what_its_code_says(part):
    assert part_of(part.code) == part


def test_on_a_day_left_out_nobody_comes_and_on_the_day_before_all_is_as_it_was():
    lives = []
    for parts in ([], [Part(DAY, day=2)]):
        world = Replay(COUNTRY, rng=1, n_citizens=300)
        world.leave_out(parts)
        lives.append([float(world.run(1).crowd.people.sum()) for _ in range(2)])
    assert lives[0][1] > 1_000.0 and lives[1][1] == 0.0 and lives[0][0] == lives[1][0]


def test_a_unit_left_out_obeys_whatever_comes():
    world = Replay(COUNTRY, Parameters().replace({"security.obedience": 1.0}), rng=1, n_citizens=300)
    world.leave_out([Part(UNIT, row=2)])
    world.run(10)
    assert world.forces.q[2] == 1.0 and world.forces.q[[0, 1, 3]].max() < 1.0


def test_dice_left_out_are_others_for_that_actor_on_that_day_alone():
    plain, other = (Replay(COUNTRY, rng=1, n_citizens=300) for _ in range(2))
    other.leave_out([Part(DICE, row=2, day=1, actor=COMMANDER), Part(DICE, day=1, actor=HE)])
    for world in (plain, other):
        world.run(1)
    assert plain.lot(Purpose.PLOT, 2) != other.lot(Purpose.PLOT, 2)
    assert plain.bell(Purpose.BELIEF) != other.bell(Purpose.BELIEF)
    assert plain.lot(Purpose.PLOT, 3) == other.lot(Purpose.PLOT, 3)
    assert plain.bell(Purpose.VIEW) == other.bell(Purpose.VIEW)
    for world in (plain, other):
        world.run(1)
    assert plain.lot(Purpose.PLOT, 2) == other.lot(Purpose.PLOT, 2)


# Worlds with one planted cause.

QUIET = {
    "citizen.threshold": 5.0, "elite.plot_rate": 0.2, "elite.detection": 0.02, "elite.estimate_noise": 0.1,
    "security.obedience": 3.0, "citizen.outrage": 0.1, "citizen.focal_anger": 0.5,
}  # fmt: skip
"""Nobody is in the street, the forces obey; so he can fall by a plot alone."""


FIRST = 43
"""Before this seed he is toppled in none, or before the entry."""


def planted(commanders):
    """A world in which he falls by the plots of so many commanders, and by nothing else."""
    numbers = QUIET | {"sample.n_elites": 10, "elite.commander_share": commanders / 10.0}
    return Parameters().replace(numbers)


def lived_answers(fallen, kinds):
    """Live a run with notes; return the life, and what is found of each kind of part."""
    life = life_of(told(dataclasses.replace(fallen, asked={"tell": 1})))
    return life, {kind: heard(answered(fallen, candidates(life)[kind]), replayed) for kind in kinds}


@pytest.fixture(scope="module")
def one_plotter():
    """The first seed with which the only commander topples him after the entry."""
    tried = (dataclasses.replace(run(parameters=planted(1)), seed=seed) for seed in itertools.count(FIRST))
    return next(one for one in tried if (ended := replayed(one))["ending"] == "coup" and ended["ended_on"] > ENTRY)


def test_one_planted_plotter_is_named_and_nobody_else(one_plotter):
    life, answers = lived_answers(one_plotter, (ELITE, DAY))
    assert life.ending == "coup" and life.commanders == [0]
    assert answers[ELITE].alone == answers[ELITE].smallest == (Part(ELITE, row=0),)
    assert answers[DAY].smallest == ()


def test_without_him_he_stands_and_without_all_others_he_falls(one_plotter):
    others = [Part(ELITE, row=row) for row in range(1, 10)]
    assert not fell(replayed(without(one_plotter, [Part(ELITE, row=0)])))
    assert replayed(without(one_plotter, others)) == replayed(one_plotter)


# The page.


def page(**more):
    parts = {Part(UNIT, row=1): 5.0, Part(UNIT, row=0): 2.0, Part(DAY, day=50): 900.0, Part(ELITE, row=3): 1002.0}
    days = COUNTRY.days
    life = Life(
        ending="uprising", cause="his forces stood aside", ended_on=60, lost_control_on=55,
        notes=[(ENTRY, "He enters the war (limited), with 750 troops"), (60, "He falls: his forces stood aside")],
        parts=parts, units={0: "1st unit of city guard", 1: "2nd unit of city guard"}, commanders=[3],
        series={name: [0.0] * 49 + [0.9] + [0.0] * (days - 50) for name in (
            "capital_crowd", "standing_aside", "refused", "load", "hedging"
        )},
        days_aside=[50, 51], days_failed=[],
    )  # fmt: skip
    one = Answer(asked=2, alone=(Part(UNIT, row=1),), smallest=(Part(UNIT, row=1),))
    none = Answer(asked=1, alone=(), smallest=())
    often = Estimate(value=0.9, low=0.7, high=1.0, error=0.05, draws=30, method="")
    less = Estimate(value=-0.6, low=-0.8, high=-0.4, error=0.05, draws=30, method="")
    kept = {
        "episode": COUNTRY, "origin": origin(None), "found": Found(run=None, searched=4, fell=1), "world": 3,
        "fall": life, "twin": life, "answers": {UNIT: one, DAY: none, ELITE: none},
        "futures": {WHOLE: often, UNIT: often}, "changes": {UNIT: less},
    }  # fmt: skip
    return Findings(**kept | more)


def said(result):
    return " ".join(verdict(result).split())


def test_the_page_names_the_set_with_its_dates_and_says_whether_it_was_luck():
    words = said(page())
    assert "1 single part of 4, left out alone, would have saved him" in words
    assert "1 of 2 is enough alone: the 2nd unit of city guard (aside on 5 days)." in words
    assert "Days on which nobody comes: without the only one he falls, too." in words
    assert "1 Apr 1997 He enters the war" in words and "29 Apr 1997 He falls" in words
    assert "-60.0 [-80.0 to -40.0] points: more than luck." in words
    assert max(map(len, verdict(page()).splitlines())) <= 100 and "nan" not in words


def test_a_long_chain_is_told_by_its_first_and_its_last_events():
    fall = page().fall
    many = [*fall.notes, *((50, f"a rally of the {letter}") for letter in "abcdefghijklmnopqrstuvwxyz")]
    words = said(page(fall=dataclasses.replace(fall, notes=many)))
    assert "CHAIN OF EVENTS (7 of 32 after the first are left out):" in words and "a rally of the z" in words


def test_a_set_that_helps_with_this_luck_alone_is_called_luck():
    flat = Estimate(value=-0.1, low=-0.3, high=0.1, error=0.1, draws=30, method="")
    assert "points: not shown to be more than luck" in said(page(changes={UNIT: flat}))


def test_several_kinds_together_take_turns():
    parts = {UNIT: [Part(UNIT, row=0), Part(UNIT, row=1)], DAY: [Part(DAY, day=1)]}
    assert [part.kind for part in interleaved(parts)] == [UNIT, DAY, UNIT]


def test_what_differs_in_its_numbers_alone_is_told_twice():
    events = told_once([(1, "3 men"), (2, "9 men"), (3, "1,000 men")])
    assert events == [(1, "3 men"), (3, "1,000 men, and so 1 time before")]


def test_where_nothing_fell_that_is_said():
    words = " ".join(nothing_fell(Found(run=None, searched=20, fell=1), origin(None), None, None).split())
    assert "In 20 draws he did not fall after entering" in words and "In 1 draw he fell after entering, but" in words


@pytest.mark.slow
def test_the_command_says_that_nothing_fell_and_ends_well(tmp_path):
    quiet = ["--set", "citizen.threshold=5", "--set", "elite.plot_rate=0.03", "--set", "security.obedience=3"]
    told = ["--worlds", "1", "--citizens", "300", "--workers", "1", "--results", str(tmp_path), "--episode", INVENTED]
    done = CliRunner().invoke(main, [*told, *quiet])
    assert done.exit_code == 0 and "There is no fall to explain here." in " ".join(done.stdout.split()), done.output


@pytest.mark.parametrize(
    "told, line",
    [
        (["--draw", "9", "--worlds", "5"], "draw = 9; expected 0 to 4"),
        (["--episode", "belarus-2020"], "has no [entry]"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and len(refused.stderr.strip().splitlines()) == 1
