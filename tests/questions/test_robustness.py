"""A choice that moves the answer is found, luck is not taken for one, and the model's order is the model's day."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.lab.runner import Run
from experiments.lab.tasks import built, run_summary, world_of
from experiments.robustness.__main__ import ASKED, distance_of, lived, main, runs_of, world_under
from experiments.robustness.findings import DRAWN, NEAR, STAY, findings_of
from experiments.robustness.specifications import (
    BEYOND,
    CHOICES,
    MODEL,
    ORDERS,
    PHASES,
    Reordered,
    specifications,
)
from experiments.robustness.words import finding, verdict
from model.episode import load_episode
from model.parameters import Parameters
from model.worlds import FILE, accepted, draw, origin, parameters_of

EPISODE = load_episode("belarus-2022")
COUNTRY = load_episode("tests/model/invented.toml")
MADE = specifications(2, 0)
ALONE = [one.name for one in MADE if len(one.choices) == 1]


def a_run(**more):
    return Run(
        **{"episode": COUNTRY, "parameters": Parameters(), "arm": "enter", "seed": 1, "n_citizens": 500, "days": 150}
        | more
    )


def planted(falls, worlds=60):
    """Runs with known answers: how many worlds fall after entry, by specification and place; none if he stays."""
    rows = []
    for world in range(worlds):
        for one in MADE:
            for place, arm in ASKED:
                fell = place != STAY and world < falls(one.name, place)
                distance = 1.0 if place == STAY and world < 45 else None
                told = {"world": world, "specification": one.name, "place": place, "arm": str(arm)}
                rows.append(told | {"ending": "coup" if fell else "survived", "distance": distance})
    return findings_of(pd.DataFrame(rows), MADE, EPISODE, 5.0, origin(FILE), 1.4)


def steady(name, place):
    """Nothing moves the answer: 12 of 60."""
    return 12


def moved(name, place):
    """Nearer the line ties of any kind take the answer from 12 of 60 to 54."""
    return 54 if place == NEAR and (name.startswith(("ties", "losses"))) else 12


def test_the_models_order_is_the_models_day_to_the_last_bit():
    run = a_run()
    own, reordered = world_of(run).run(150), built(run, Reordered).run(150)
    assert reordered.rows == own.rows and reordered.notes == own.notes


def test_every_order_has_every_phase_once_and_begins_with_the_news():
    for order in ORDERS.values():
        assert Counter(order) == Counter(list(PHASES)) and order[0] == "news"
    assert {choice.order for choice in CHOICES} == set(ORDERS)


def test_the_model_as_it_is_is_what_every_other_question_lives():
    world = draw(1, 0)[0]
    [_, enters, _] = list(runs_of([world], [MODEL], COUNTRY, 5.0, 500))
    own = run_summary(a_run(parameters=world.parameters, seed=world.seed, history=world.history, days=None,
                            episode=COUNTRY.replace(entry_front=world.front)))  # fmt: skip
    assert {name: value for name, value in lived(enters).items() if name != "distance"} == own


@pytest.mark.slow
def test_no_choice_is_idle():
    # An angry country that he holds, so that everything is met: crowds, arrests, losses, an entry that shocks.
    more = {"citizen.war_shock": 1.5, BEYOND: 3.0, "citizen.threshold": 4.5, "security.containment": 50.0}

    def told(one):
        numbers = Parameters().replace(more | one.since)
        eve = " ".join(f"{name}={value!r}" for name, value in one.eve(3.0, None).items())
        run = a_run(parameters=numbers, n_citizens=round(500 * one.size), asked={"eve": eve, "order": one.order})
        return world_under(run).run(run.days).rows

    own = told(MODEL)
    assert len(own) > 100 and not [one.name for one in MADE if one is not MODEL and told(one) == own]


def test_what_holds_from_the_eve_on_leaves_people_and_past_alone():
    worlds = draw(2, 0)
    for run in runs_of(worlds, MADE, EPISODE, 5.0, 20_000):
        label = dict(run.labels)
        one = next(one for one in MADE if one.name == label["specification"])
        own = worlds[label["world"]]
        assert (run.parameters == own.parameters and run.n_citizens == 20_000) == one.keeps_history
        assert run.seed == own.seed and run.history == own.history


def test_nearer_the_line_all_have_one_beyond():
    eves = {one.eve(0.8, 5.0)[BEYOND] for one in MADE}
    drawn = {one.name: one.eve(0.8, None)[BEYOND] for one in MADE}
    assert eves == {5.0}
    assert [drawn[f"beyond: {words}"] for words in ("halved", "1 in all worlds", "doubled")] == [0.4, 1.0, 1.6]


def test_a_mixture_makes_one_choice_about_a_thing_and_is_the_same_for_a_seed():
    some = specifications(30, 3)[-30:]
    assert all(len({choice.about for choice in one.choices}) == len(one.choices) for one in some)
    assert {choice.title for one in some for choice in one.choices} == {choice.title for choice in CHOICES}
    assert [one.choices for one in some] == [one.choices for one in specifications(30, 3)[-30:]]
    assert [one.choices for one in some] != [one.choices for one in specifications(30, 4)[-30:]]


def test_where_nothing_moves_the_answer_only_luck_is_seen():
    result = planted(steady)
    assert {result.spreads[place].kind for place in (DRAWN, NEAR)} == {"luck"} and not result.shown(NEAR)
    assert result.adds[MODEL.name, DRAWN].value == pytest.approx(0.2) and result.fits[MODEL.name] == 0.75
    assert "the modeller is not seen" in finding(result)


def test_choices_that_move_the_answer_are_told_by_name_and_size():
    result = planted(moved)
    near = result.spreads[NEAR]
    assert {one.choices[0].about for one in result.shown(NEAR) if len(one.choices) == 1} == {"ties", "losses"}
    # 5 of 24 - 3 (beyond alone is not asked nearer the line) specifications move it by 0.7: the root of 5 / 21 of 0.49,
    # less the mean square error of the 5, 0.21 / 59 each.
    assert near.choices == pytest.approx(np.sqrt(5 / 21 * (0.49 - 0.21 / 59)), abs=1e-6)
    assert near.kind == "modeller" and result.spreads[DRAWN].kind == "luck"
    assert "nearer the line the reader sees the modeller" in finding(result)


@pytest.mark.parametrize("answer", [steady, moved])
def test_the_verdict_says_what_was_not_tried_and_fits_a_terminal(answer):
    words = verdict(planted(answer))
    assert "NOT TRIED: steps of half a day" in words and "75 %" in words
    assert max(map(len, words.splitlines())) <= 100 and "nan" not in words


@pytest.mark.slow
def test_the_distance_of_an_accepted_history_is_the_one_with_which_it_was_accepted():
    row = accepted(FILE).iloc[0]
    seed = int(row["seed"])
    run = a_run(episode=EPISODE, parameters=parameters_of(row), arm="stay", seed=seed, n_citizens=20_000, days=None)
    world = built(run, Reordered).run(120)
    assert distance_of(world) == pytest.approx(row["distance"], rel=1e-6)


@pytest.mark.parametrize(
    "told, line", [(["--citizens", "4000000"], "expected"), (["--episode", "belarus-2020"], "has no [entry]")]
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, told, line):
    refused = CliRunner().invoke(main, [*told, "--results", str(tmp_path / "out")])
    assert refused.exit_code == 2 and line in refused.stderr and not (tmp_path / "out").exists()
