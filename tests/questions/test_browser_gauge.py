"""The page's gauge: how much of each way to a fall is covered, by the rules that end a world."""

import dataclasses
import datetime as dt
import html

import numpy as np
import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from agents.elite import Stance
from agents.moscow import Support
from experiments.browser import draw
from experiments.browser.gauge import CAUSES, gauge
from experiments.browser.look import look
from experiments.browser.words import percent
from experiments.browser.world import BrowserWorld
from model.episode import load_episode
from model.outcomes import FALLS
from model.parameters import Parameters
from model.simulation import Simulation

WEEK = 7
DAYS = 50
RANGES = {"citizen.war_beyond": (1.0, 5.0), "citizen.threshold": (2.0, 5.0), "security.obedience": (1.0, 4.5)}
"""What is drawn, so that some fall: how an entry angers, who goes out, and who obeys."""


@pytest.fixture(scope="module")
def histories():
    """Sixty small countries that enter on day 9: each at its end, with its gauge of every evening."""
    episode = load_episode("belarus-2022").without_past().replace(entry_date=dt.date(2022, 3, 4))
    dice, told = np.random.default_rng(1), []
    for seed in range(60):
        numbers = Parameters().replace({name: float(dice.uniform(*ends)) for name, ends in RANGES.items()})
        world = Simulation(episode, numbers, arm="enter", rng=seed, n_citizens=300)
        near = np.full(DAYS + 1, np.nan)
        while world.running and world.day < DAYS:
            world.step()
            near[world.day] = gauge(world).nearest
        told.append((world, near))
    return told


def told_apart(told, lead=WEEK, resamples=1_000):
    """Return how often the gauge stood higher some days before a fall than in a world that stood, with its interval.

    The area under the ROC curve of falls by day, among those who stand on that day (Heagerty and Zheng 2005), with a
    95 % bootstrap interval over histories.
    """
    higher, pairs = np.zeros((2, len(told), len(told)))
    for i, (fell, before) in enumerate(told):
        day = fell.judge.ended_on
        for j, (other, there) in enumerate(told):
            if day is not None and day > lead and (other.judge.ended_on is None or other.judge.ended_on > day):
                mine, its = before[day - lead], there[day - lead]
                higher[i, j], pairs[i, j] = float(mine > its) + 0.5 * float(mine == its), 1.0
    picks = np.random.default_rng(0).multinomial(len(told), np.full(len(told), 1.0 / len(told)), size=resamples)
    areas = [pick @ higher @ pick / (pick @ pairs @ pick) for pick in picks if pick @ pairs @ pick > 0.0]
    return higher.sum() / pairs.sum(), *np.quantile(areas, [0.025, 0.975])


@pytest.mark.slow
def test_a_week_before_a_fall_the_gauge_stands_higher_than_where_he_does_not_fall(histories):
    falls = [world for world, _ in histories if world.judge.ended_on is not None]
    area, low, high = told_apart(histories)
    print(f"{len(falls)} falls of {len(histories)}: area {area:.3f} [{low:.3f} to {high:.3f}]")
    assert len(falls) >= 15
    assert area > 0.75 and low > 0.6


@pytest.mark.slow
def test_of_one_who_fell_all_of_one_way_is_covered_and_it_is_the_way_he_fell(histories):
    fell = [world for world, _ in histories if world.judge.ending in FALLS]
    for world in fell:
        ways = [way.name for way in (*gauge(world).home, *gauge(world).patron) if way.share == 1.0]
        assert ways == [
            "A coup" if world.judge.cause not in CAUSES else gauge(world).home[CAUSES[world.judge.cause]].name
        ]
    standing = [gauge(world).nearest for world, _ in histories if world.running]
    assert max(standing) < 1.0


@pytest.fixture(scope="module")
def lived():
    """A small country on its third evening; what a test does to it, it undoes."""
    world = BrowserWorld(n_citizens=300)
    for _ in range(3):
        world.step()
    return world


def test_a_day_or_an_order_that_counts_is_a_step_of_its_way_and_is_told(lived, monkeypatch):
    before = gauge(lived).home
    monkeypatch.setattr(lived.judge, "failed_days", [2])
    monkeypatch.setattr(lived.judge, "aside_days", [3])
    after = gauge(lived).home
    assert [now.share - then.share for now, then in zip(after, before, strict=True)] == pytest.approx(
        [1 / 3, 1 / 3, 0, 0]
    )
    assert "1 of 2 days in 7" in after[0].words and "1 of 2 failed orders in 8 days" in after[1].words


def test_a_plot_and_those_who_hedge_are_steps_to_a_coup_and_hedging_to_giving_up(lived, monkeypatch):
    before, elites = gauge(lived).home, lived.elites
    monkeypatch.setattr(elites, "hedging_share", 0.25)
    monkeypatch.setitem(elites.columns, "stance", np.where(np.arange(100) == 0, Stance.PLOTTING, Stance.LOYAL))
    after = gauge(lived).home
    assert after[2].share == before[2].share + 0.25 and after[3].share > before[3].share + 1 / 3
    assert "25\N{NO-BREAK SPACE}% of the elite" in after[2].words and after[3].words.startswith("1 plot;")


def test_he_does_not_give_up_while_moscows_men_stand_by_him(lived, monkeypatch):
    monkeypatch.setattr(lived.judge, "last_lost_control", 3)
    assert gauge(lived).home[2].share == 0.5
    monkeypatch.setattr(lived.moscow, "support", Support.TROOPS)
    assert gauge(lived).home[2].share == 0.0 and "Not while Moscow's men" in gauge(lived).home[2].words


def test_moscow_needs_a_reason_and_a_man_to_replace_him(lived, monkeypatch):
    monkeypatch.setattr(lived.moscow, "refusals", 3)
    refuses = gauge(lived).patron[1]
    assert refuses.share == 0.5 and "within four weeks with a chance of" in refuses.words
    monkeypatch.setattr(lived.elites, "successor", lambda: False)
    assert [way.share for way in gauge(lived).patron] == [0.0, 0.0]


def test_the_more_are_ready_the_more_of_his_strength_they_would_take(lived, monkeypatch):
    ready = lived.crowd.movement()
    shares = []
    for times in (0.0, 1.0, 1e6):
        monkeypatch.setattr(lived.crowd, "movement", lambda times=times: (ready + 10.0) * times)
        shares.append([way.share for way in gauge(lived).home[:2]])
    assert shares[0] < shares[1] < shares[2] == pytest.approx([1 / 3, 1 / 3])


def test_every_bar_has_its_name_its_share_and_what_it_counts_as_text(lived):
    seen = look(lived)
    drawn = draw.tightrope(seen)
    for way in (*seen.gauge.home, *seen.gauge.patron):
        assert f"<span>{way.name}</span><b>{percent(way.share)}</b>" in drawn and html.escape(way.words) in drawn
    assert drawn.count("<li>") == 6 and len(seen.lean) == 3 and "falls at" not in drawn


def test_one_whom_nobody_stands_behind_has_no_way_by_a_patrons_hand(lived):
    seen = look(lived)
    alone = dataclasses.replace(seen, gauge=seen.gauge._replace(patron=()))
    assert "Moscow</h3>" not in draw.tightrope(alone) and alone.gauge.lean <= 0.0
