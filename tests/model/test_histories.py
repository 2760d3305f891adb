"""Kept histories of lively worlds: purges, coups, a war that he enters by himself, Moscow's hand, busy streets.

``pytest tests/model/test_histories.py --refresh-golden`` writes them anew. Numbers are held to 2 %; endings, days and
what was noted on them exactly.
"""

from pathlib import Path

import pytest

from agents.regime import Lesson, Lessons, Situation
from model.episode import load_episode
from model.measures import MEASURES, summary
from model.simulation import Simulation
from model.worlds import central

PRESENT = load_episode("belarus-2022").without_past()
BASE = central(Path(__file__).with_name("worlds.csv"))
"""The median of the worlds kept for tests: a new fit moves no kept history."""
PLOTS = {
    "elite.plot_rate": 0.2, "elite.plot_losses": 1.5, "elite.plot_street": 2.0, "elite.plot_moscow": 1.5,
    "elite.detection": 0.3, "elite.fear_half_life": 30.0, "elite.estimate_noise": 0.3,
}  # fmt: skip
"""Many plots, most of them found out."""
COUPS = PLOTS | {"elite.detection": 0.05, "elite.coup_reluctance": 1.0}
"""Plots that nobody finds out, against units that would fire on plotters."""
TAKEN = PLOTS | {"elite.detection": 0.05, "elite.coup_reluctance": 3.0, "security.obedience": 1.0}
"""Plots that nobody finds out, against units that would not."""
BUSY = {
    "citizen.threshold": 2.6, "moscow.demand_rate": 0.4, "regime.provocation_rate": 1.5, "citizen.war_shock": 2.0,
}  # fmt: skip
"""Streets near the line, a demanding patron and a leader who provokes the West."""
EAGER = BUSY | PLOTS | {
    "regime.decisiveness": 5.0, "moscow.replace_rate": 1.0, "moscow.replace_refusals": 2,
    "citizen.volunteer_rate": 0.02,
}  # fmt: skip
"""All of that, and a leader who judges coolly."""
LESSONS = Lessons(
    Lesson(-1.0, (2.0, 1.0, 0.0, 0.0, 0.0, 0.5)), Lesson(-3.0, (0.0, 0.0, 0.0, 0.5, 0.0, 1.0)),
    Lesson(-3.0, (0.0, 0.0, 0.0, 1.0, 0.0, 1.0)), Situation(*[0.01] * 6), Situation(9.0, 9.0, 9.0, 0.99, 0.99, 9.0),
)  # fmt: skip
"""What he has learnt who decides: refusing is the worse the more he is pressed."""
KEPT = {
    "plots-found-out": (PLOTS, "enter", 2),
    "coup-succeeds": (TAKEN, "enter", 0),
    "coup-fails": (COUPS, "enter", 0),
    "enters-by-himself": (EAGER, "decide", 3),
    "busy-enter": (BUSY, "enter", 3),
    "refuses-and-is-replaced": (BUSY, "stay", 2),
}
EXACT = ("ending", "ended_on", "cause", "tie", "under_protest", "lost_control_on", "failed_orders", "days_aside",
         "coup_attempts", "entered_on", "refusals", "peak_on", "days")  # fmt: skip
FORTNIGHT = 14


def lived(name):
    parameters, arm, seed = KEPT[name]
    return Simulation(PRESENT, BASE.replace(parameters), arm=arm, rng=seed, n_citizens=2_000, lessons=LESSONS).run()


def fortnights(world):
    """The highest value of every measure in each fortnight, as far as four digits tell."""
    series = world.series()
    peaks = series.groupby((series.index - series.index[0]).days // FORTNIGHT).max()
    return {name: {str(part): float(f"{value:.4g}") for part, value in peaks[name].items()} for name in MEASURES}


def facts(world):
    """What happened, in words: held to the letter."""
    ended, notes = summary(world), world.notes
    return {
        "summary": {name: str(ended[name]) for name in EXACT},
        "purge": {"last": str(world.elites.last_purge)},
        "notes": {f"{place:03}": f"day {day}: {sentence}" for place, (day, sentence) in enumerate(notes)},
    }


@pytest.mark.parametrize("name", KEPT)
def test_a_lively_history_is_lived_again(name, golden):
    world = lived(name)
    golden(name, facts(world) | fortnights(world))


def test_the_kept_histories_show_what_they_are_kept_for():
    worlds = {name: lived(name) for name in KEPT}
    notes = {name: " ".join(sentence for _, sentence in world.notes) for name, world in worlds.items()}
    assert "its leader is purged" in notes["plots-found-out"] and worlds["plots-found-out"].elites.last_purge
    assert "it succeeds" in notes["coup-succeeds"] and worlds["coup-succeeds"].judge.ending == "coup"
    assert "it fails" in notes["coup-fails"] and worlds["coup-fails"].judge.ending == "survived"
    by_himself = worlds["enters-by-himself"]
    assert by_himself.regime.entered_on and by_himself.regime.entered_on != by_himself.calendar.entry_day
    assert worlds["busy-enter"].judge.ending == "uprising"
    assert "lends him the men" in notes["enters-by-himself"]
    assert "men told to fight will not fight" in notes["busy-enter"]
    assert worlds["refuses-and-is-replaced"].judge.ending == "replaced_by_moscow"
    assert "He refuses" in notes["refuses-and-is-replaced"]
