"""What he has learnt: read from beside the accepted worlds, his own history's if it is one; and he decides by it."""

import json

import pytest

from agents.regime import Lesson, Lessons, Rung, Situation
from experiments.lab.runner import Run, key
from experiments.lab.tasks import run_summary
from model import beliefs
from model.beliefs import ALL, lessons_of, taught_in, written
from model.episode import load_episode
from model.parameters import Parameters
from model.records import RecordError
from model.simulation import Simulation

FLAT = (0.0,) * 6
LEAST, MOST = Situation(0.05, 0.02, 0.01, 0.5, 0.1, 0.1), Situation(8.0, 16.0, 4.0, 0.97, 0.9, 9.0)
DEADLY, SAFE = Lesson(2.0, FLAT), Lesson(-4.0, FLAT)
EAGER, CALM = Lessons(DEADLY, SAFE, SAFE, LEAST, MOST), Lessons(SAFE, DEADLY, DEADLY, LEAST, MOST)
STREET = Lessons(*[Lesson(-1.0, (0.5, 0.5, 0.1, 0.2, 0.3, 2.0))] * 3, LEAST, MOST)
ABOUT = {"accepted": "a hash", "behaviour": "another", "worlds": 3, "seed": 0, "n_citizens": 500}
PRESENT = load_episode("belarus-2022").without_past()


def world(lessons=STREET, arm="decide", **numbers):
    """A small world that is asked often, and moves only for a reason."""
    asked = {"moscow.demand_rate": 0.4, "regime.decisiveness": 20.0, "regime.inertia": 5.0, "citizen.threshold": 5.0}
    parameters = Parameters().replace(asked | {name.replace("__", "."): value for name, value in numbers.items()})
    return Simulation(PRESENT, parameters, arm=arm, rng=3, n_citizens=300, lessons=lessons)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file of lessons that is beside the worlds of every episode: one history's, and all histories'."""
    path = tmp_path / "belarus-2022" / "beliefs.json"
    path.parent.mkdir()
    path.write_text(written({ALL: CALM, "77": EAGER}, ABOUT), encoding="utf-8")
    monkeypatch.setattr(beliefs, "FITTED", tmp_path)
    monkeypatch.setattr(beliefs, "EVERYBODYS", path)
    return path


# The file.


def test_what_is_written_is_read_back(file):
    taught = taught_in(file)
    assert (taught.lessons, taught.accepted, taught.behaviour) == ({ALL: CALM, "77": EAGER}, "a hash", "another")


def test_a_history_has_lessons_of_its_own_and_what_is_none_has_those_of_all(file):
    assert lessons_of(PRESENT, 77) == EAGER and lessons_of(PRESENT, 78) == CALM
    assert lessons_of(load_episode("tests/model/invented.toml"), 77) == EAGER, "who has no fit learns from Belarus"
    histories = [Simulation(PRESENT, arm="decide", rng=1, history=seed, n_citizens=200) for seed in (77, 78)]
    assert [each.lessons for each in histories] == [EAGER, CALM]
    assert Simulation(PRESENT, arm="stay", rng=77, n_citizens=200).lessons is None


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda told: told.pop("accepted"), "accepted is missing"),
        (lambda told: told["lessons"].pop(ALL), "lessons.all is missing"),
        (lambda told: told["lessons"]["77"].pop("enters"), "lessons.77.enters is missing"),
        (lambda told: told["lessons"]["77"]["limited"].pop(), "lessons.77.limited has 6 numbers; expected 7"),
        (lambda told: told["least"].append(1.0), "least has 7 numbers; expected 6"),
        (lambda told: told["sights"].reverse(), "sights = load, tells"),
        (lambda told: told["most"].__setitem__(4, 1.0), "tells = 0.1 to 1; expected a range from above 0 to below 1"),
        (lambda told: told["least"].__setitem__(0, 0.0), "pressure = 0 to 8; expected a range from above 0"),
    ],
)
def test_lessons_that_cannot_be_are_refused_in_one_line_with_the_way_out(file, change, said):
    told = json.loads(file.read_text(encoding="utf-8"))
    change(told)
    file.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(RecordError) as refusal:
        Simulation(PRESENT, arm="decide", n_citizens=200)
    line = str(refusal.value)
    assert said in line and str(file) in line and "\n" not in line and "experiments.decision --accept" in line


def test_without_lessons_nobody_decides_and_all_else_goes_on(file):
    file.unlink()
    with pytest.raises(RecordError, match=r"no lessons in .*: python -m experiments\.decision --accept learns anew"):
        Simulation(PRESENT, arm="decide", n_citizens=200)
    assert Simulation(PRESENT, arm="enter", n_citizens=200).run(1).day == 1


def test_only_the_runs_of_who_decides_hang_on_the_lessons(file):
    def keys():
        return [
            key(Run(episode=PRESENT, parameters=Parameters(), arm=arm, seed=77, n_citizens=200), run_summary)
            for arm in ("stay", "enter", "decide")
        ]

    before = keys()
    file.write_text(written({ALL: CALM, "77": STREET}, ABOUT), encoding="utf-8")
    assert [now == then for now, then in zip(keys(), before, strict=True)] == [True, True, False]


# The rule in its world.


def test_who_has_learnt_that_refusing_is_deadly_enters_and_who_has_learnt_that_entering_is_does_not():
    rungs = [max(world(lessons).run(120).series()["rung"]) for lessons in (EAGER, CALM)]
    assert rungs[0] > Rung.TERRITORY == rungs[1]


def test_flattery_and_a_weaker_street_lower_the_fall_he_expects():
    flattered, sober = world(regime__flattery=0.5).run(20), world(regime__flattery=0.0).run(20)
    assert flattered.regime.believes(1.0) < sober.regime.believes(1.0)
    flattered.regime.heaviest = sober.regime.heaviest = 1.0
    flattered.regime.belief_noise = sober.regime.belief_noise = 0.0
    assert flattered.regime.expects(Rung.FULL) < sober.regime.expects(Rung.FULL)
    before = sober.regime.expects(Rung.FULL)
    sober.regime.heaviest = 2.0
    assert sober.regime.expects(Rung.FULL) > before


def test_the_heaviest_crowd_is_remembered():
    lived = world().run(15)
    lived.street.x = 3.0
    lived.run(2)
    assert lived.regime.heaviest == 3.0 > lived.street.x


@pytest.mark.parametrize(
    "switch, name", [("pressure", "pressure"), ("debt", "pressure"), ("refusal_cost", "price"), ("geography", "price")]
)
def test_a_claim_that_is_off_changes_what_he_sees_and_what_he_expects(switch, name):
    lived = world().run(60)
    lived.moscow.debt = 2.0
    seen, expected = lived.regime.situation(Rung.TERRITORY), lived.regime.expects(Rung.TERRITORY)
    lived.switch_off(switch)
    now = lived.regime.situation(Rung.TERRITORY)
    assert getattr(now, name) != getattr(seen, name) and now._replace(**{name: getattr(seen, name)}) == seen
    assert lived.regime.expects(Rung.TERRITORY) != expected
    assert (getattr(now, name) == 0.0) == (switch in ("pressure", "refusal_cost"))


def test_a_rung_of_war_is_judged_by_the_pressure_that_refusing_would_leave():
    lived = world().run(20)
    situations = [lived.regime.situation(rung) for rung in Rung]
    assert situations[1] == situations[2] == situations[3] and situations[0].pressure > situations[1].pressure


def test_a_fork_has_learnt_the_same():
    lived = world(EAGER).run(8)
    assert lived.fork().lessons is lived.lessons and lived.fork(1).regime.expects(0) == lived.regime.expects(0)


def test_who_has_learnt_nothing_expects_nothing():
    with pytest.raises(RuntimeError, match="he has no lessons"):
        world(None, arm="stay").run(8).regime.expects(Rung.FULL)
