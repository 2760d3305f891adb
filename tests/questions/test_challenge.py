"""The hidden countries: what a pack tells and what it must not, who answers it from what, and how that is judged."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.challenge import lives, solver
from experiments.challenge.__main__ import main
from experiments.challenge.findings import findings_of, scored
from experiments.challenge.lives import (
    CAUSES,
    HIDDEN,
    NEVER,
    OURS,
    SEEN,
    SPAN,
    STAYS,
    WAITS,
    Explained,
    countries,
    explained,
    first_planted,
    lives_of,
    run_of,
)
from experiments.challenge.pack import Pack, Truth, told, write
from experiments.challenge.public import CHANCES, DAYS, SEAL, Answers, read_answers, read_days
from experiments.challenge.words import of_one, verdict
from experiments.lab.design import DesignError
from experiments.lab.statistics import Estimate
from experiments.lab.study import Study
from model.parameters import DECLARED

TRUTH = Answers("forces", 0.4, 0.6, 0.0, 14)
NUMBER = 31_337


def life(days=9, start=1, **other):
    """Return what came of a life in which ever more people come, by day."""
    series = " ".join(f"{0.001 * (start + day):.9f}" for day in range(days))
    return dict.fromkeys(SEEN, series) | {"ending": "uprising"} | other


def pack_of(outcome, answers=TRUTH):
    country = countries(3, NUMBER, HIDDEN)[0]
    one = Explained(country, answers.cause, outcome)
    falls = {NEVER: answers.enters, STAYS: answers.stays}
    return Pack(number=NUMBER, days=told(one, NUMBER), truth=Truth(answers=answers, falls=falls, country=country))


def heard(search, answer):
    try:
        (runs, _) = next(search)
        while True:
            (runs, _) = search.send([answer(run) for run in runs])
    except StopIteration as end:
        return end.value


# The leak guard.


def test_packs_that_differ_in_the_truth_or_after_the_last_day_told_are_the_same_to_the_last_byte():
    one = pack_of(life(SPAN)).public()
    other = pack_of(life(SPAN + 40, ending="coup"), Answers("shock", 0.1, 0.1, 0.9, 0)).public()
    assert one.pop(SEAL) != other.pop(SEAL)  # the hash of all that is true; it tells nothing of it
    assert one == other


def test_a_pack_holds_no_seed_no_number_of_the_rules_and_no_name_of_one():
    pack = pack_of(life())
    world, words = pack.truth.country.world, "".join(pack.public().values())
    assert not any(name in words for name in (*DECLARED, "uprising", "coup", "belarus"))
    secret = {str(NUMBER), str(world.seed), str(world.history)}
    secret |= {f"{value!r}" for value in world.parameters.flat().values() if len(f"{value!r}") > 6}
    assert not any(number in words for number in secret)
    assert list(pack.days.columns) == ["day", *SEEN]


def test_we_answer_the_same_where_the_truth_is_gone_and_the_pack_has_another_name(tmp_path, monkeypatch):
    public = write(pack_of(life()), tmp_path / f"pack-{NUMBER}")
    one, other, *_ = countries(9, 1, OURS)
    ours = [Explained(one, "shock", life()), Explained(other, "forces", life(60, 900))]
    monkeypatch.setattr(solver, "conduct", lambda *_, **__: ours)
    rows = {"ending": "coup", "ended_on": 40}
    monkeypatch.setattr(lives, "live", lambda _, runs, *__, **___: pd.DataFrame([dict(r.labels) | rows for r in runs]))
    for name in ("NEAREST", "BELIEVED"):
        monkeypatch.setattr(solver, name, 1)
    study = Study(question="challenge", results=tmp_path / "results")
    first = solver.solve(study, [public], 8, 4, 300, 1)
    assert first.said[0].answers.cause == "shock"
    elsewhere = public.rename(tmp_path / "a-country")
    (tmp_path / f"pack-{NUMBER}" / "sealed.json").unlink()
    assert solver.solve(study, [elsewhere], 8, 4, 300, 1) == first
    (elsewhere / SEAL).unlink()
    (elsewhere / DAYS).write_text(pack_of(life(60, 900)).public()[DAYS])
    assert solver.solve(study, [elsewhere], 8, 4, 300, 1).said[0].answers.cause == "forces"


def test_the_solver_knows_nothing_of_the_side_that_hides():
    own = [vars(solver)[name] for name in vars(solver)]
    assert not any(getattr(thing, "__module__", "") == "experiments.challenge.pack" for thing in own)
    hidden, ours = ({c.world.history for c in countries(6, 0, side)} for side in (HIDDEN, OURS))
    assert hidden and ours and not hidden & ours


# A country, its cause, and its other lives.


def test_what_departs_can_be_left_out_and_nothing_else_differs():
    country = countries(2, 4, HIDDEN)[0]
    whole, plain = run_of(country, 300), run_of(country, 300, list(CAUSES))
    assert plain.parameters == country.world.parameters != whole.parameters
    for cause, numbers in CAUSES.items():
        changed = run_of(country, 300, [cause])
        assert changed.parameters == whole.parameters.replace({n: plain.parameters.flat()[n] for n in numbers})
        assert (changed.seed, changed.history, changed.episode) == (whole.seed, whole.history, whole.episode)


def test_the_cause_is_the_one_without_which_he_stands_and_two_causes_or_none_are_no_pack():
    some = countries(3, 4, HIDDEN)

    def fate(needed, days=9):
        """He falls as long as one of the needed causes is there."""
        return lambda run: life(days, ending="coup" if needed - {*dict(run.labels)["out"].split()} else "survived")

    assert heard(explained(some[0], 300), fate({"losses"})).cause == "losses"
    assert heard(explained(some[0], 300), fate({"losses", "shock"})) is None
    assert heard(explained(some[0], 300), fate({"losses"}, days=4)) is None
    assert heard(explained(some[0], 300), lambda run: None) is None  # a run that failed
    planted = some[2].planted
    assert {country.planted for country in some} == set(CAUSES)
    assert heard(first_planted(planted, some, 300), fate({planted})).country is some[2]
    assert heard(first_planted(planted, some, 300), fate({some[1].planted})) is None


def test_other_lives_share_the_past_and_have_their_own_luck_and_return():
    (country,) = countries(1, 4, HIDDEN)
    runs = list(lives_of([country], 2, 300))
    assert len({run.history for run in runs}) == 1 and len({run.seed for run in runs}) == 2
    assert [dict(run.labels)["wait"] for run in runs[:6]] == [STAYS, NEVER, *WAITS]
    assert [run.arm for run in runs[:2]] == ["stay", "enter"]
    entry = runs[0].episode.entering
    assert [(run.episode.entering.withdrawal - entry.date).days for run in runs[2:6]] == list(WAITS)
    assert runs[1].episode.entering.withdrawal is None


# What is told, and how answers are judged.


def test_what_is_told_is_what_was_seen_but_for_the_errors_of_the_crowds(tmp_path):
    pack, again = pack_of(life()), pack_of(life())
    assert pack.public() == again.public()
    days = read_days(write(pack, tmp_path))
    assert days["dead"].tolist() == pytest.approx([0.001 * day for day in range(1, 10)])
    errors = np.log(days["crowd"] / days["dead"])
    assert 0.05 < errors.std() < 0.5 and np.log(days["detained_today"] / days["dead"]).std() < 1e-6


def said_of(answers, low=0.1):
    one = Estimate(value=answers.enters, low=low, high=1.0, error=0.1, draws=6, method="")
    votes = dict.fromkeys(CAUSES, 1 / 3)
    return solver.Said(answers=answers, votes=votes, chances=dict.fromkeys(CHANCES, one), falls={})


def test_the_verdict_begins_with_the_worst_and_says_what_is_not_shown():
    packs = [dataclasses.replace(pack_of(life()), number=number) for number in range(4)]
    wrong = said_of(Answers("shock", 0.1, 0.1, 0.1, 0))
    right = said_of(TRUTH)
    result = findings_of(packs, solver.Solved([right, wrong, right, right], wrong, right=2, ours=5))
    assert result.worst_first()[0] == 1 and result.score("ours", "explain").value == 0.75
    words = verdict(result)
    assert max(map(len, words.splitlines())) <= 100
    assert "MISSED: the cause in 1 of 4 packs (1)" in words and "the cause of 2 of 5." in " ".join(words.split())
    assert "3 of 4 hidden countries" in words and "ours better by 75 % [-5 to 155]: NOT shown" in words
    assert "WORSE" not in verdict(
        findings_of(packs[:2], solver.Solved([wrong, wrong], right, 2, 5))
    )  # two packs show nothing
    assert result.summary().set_index(["task", "who"])["ours_better_by"]["prescribe", "blind"] == 2.25


def test_a_pack_that_is_sent_on_is_scored_without_telling_the_truth():
    words = of_one(
        pack_of(life()), "pack-7/public", {"yours": scored(Answers("shock", 0.1, 0.6, 0.0, 14), TRUTH)}, None
    )
    assert "10.0" in words and "forces" not in words and "60 %" not in words


@pytest.mark.parametrize(
    ("other", "said"),
    [({"cause": "putsch"}, "cause"), ({"enters": 1.2}, "enters"), ({"home": 8}, "home"), ({"stays": None}, "stays")],
)
def test_answers_that_cannot_be_are_refused_by_file_and_name(tmp_path, other, said):
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(TRUTH._asdict()))
    assert read_answers(file) == TRUTH
    file.write_text(json.dumps(TRUTH._asdict() | other))
    with pytest.raises(DesignError, match=rf"answers\.json.*{said}"):
        read_answers(file)
    told = CliRunner().invoke(main, ["--score", str(file), "--results", str(tmp_path)])
    assert told.exit_code == 2 and "--make" in told.output
