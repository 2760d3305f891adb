"""The questions of a forecast: what is asked, of which arm, by which day, and what each world answers."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence import base_rates
from experiments.evidence.base_rates import Rate
from experiments.evidence.gates import Gate
from experiments.lab.locked import COUNT, YES_OR_NO
from experiments.lab.runner import Run
from experiments.lab.tasks import world_of
from experiments.show.words import FALL, date_words, happened
from model.episode import Episode
from model.measures import MEASURES, summary
from model.simulation import Arm
from model.worlds import Origin

HORIZONS = (30, 90, 180, 365)
"""After how many days the questions fall due; of an episode that ends sooner, its last day stands for the rest."""
MARKS = tuple(base_rates.CROWDS)
"""Crowds that are asked for [% of electors in the street on one day]."""
BASE_SAMPLES = 99
"""So many numbers stand for the base rate of a count."""
GIVEN = {Arm.DECIDE: "", Arm.STAY: "_if_he_stays", Arm.ENTER: "_if_he_enters"}
"""What a question is conditional on, at the end of its name; nothing, where he decides himself."""
GIVEN_WORDS = {Arm.DECIDE: "", Arm.STAY: ", if he stays out", Arm.ENTER: ", if he enters on {date}"}


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What is locked: the questions with the samples of all worlds, and what they rest on."""

    episode: Episode
    origin: Origin
    worlds: tuple[int, ...]
    questions: tuple[Mapping[str, Any], ...]
    gates: Sequence[Gate] | None = None

    def question(self, target: str, by: str | None = None) -> Mapping[str, Any]:
        """Return a question by its target, of its last day if no other is said."""
        return [q for q in self.questions if q["target"] == target and by in (None, q["by"])][-1]

    def of_unit(self, unit: str) -> list[Mapping[str, Any]]:
        """Return all questions of a unit."""
        return [question for question in self.questions if question["unit"] == unit]


def horizons_of(days: int) -> tuple[int, ...]:
    """Return after how many days the questions fall due in an episode of so many days.

    >>> horizons_of(365), horizons_of(120), horizons_of(10)
    ((30, 90, 180, 365), (30, 90, 120), (10,))
    """
    return (*(horizon for horizon in HORIZONS if horizon < days), min(days, HORIZONS[-1]))


def lived(run: Run) -> dict[str, Any]:
    """Live a world; return how it ended, and by each day asked for its largest crowd [% of electors] and its detained.

    What is counted stops on the day on which he falls.
    """
    world = world_of(run).run(run.days)
    rows = np.asarray(world.rows, float).reshape(-1, len(MEASURES))
    columns = list(MEASURES)
    told = {name: value for name, value in summary(world).items() if name in ("ending", "ended_on", "entered_on")}
    told["electors"] = world.citizens.all_electors
    for day in map(int, str(dict(run.asked)["by"]).split()):
        until = rows[:day]
        told[f"crowd_by_{day}"] = 100.0 * until[:, columns.index("crowd")].max(initial=0.0) / told["electors"]
        told[f"detained_by_{day}"] = until[-1, columns.index("detained_total")] if len(until) else 0.0
    return told


def findings_of(rows: pd.DataFrame, episode: Episode, origin: Origin, gates: Sequence[Gate] | None = None) -> Findings:
    """Return the questions with their samples, of worlds that were lived in every arm."""
    electors = float(rows["electors"].iloc[0])
    questions = []
    for arm in GIVEN:
        own = rows[rows["arm"] == arm]
        for day in horizons_of(episode.days):
            questions += _of(own, arm, day, episode, electors)
    worlds = tuple(map(int, rows["world"].unique()))
    return Findings(episode=episode, origin=origin, worlds=worlds, questions=tuple(questions), gates=gates)


def _of(own: pd.DataFrame, arm: Arm, day: int, episode: Episode, electors: float) -> list[dict[str, Any]]:
    """Return the questions of an arm that fall due on a day."""
    by = episode.date_of(day)
    given = GIVEN_WORDS[arm].format(date=date_words(episode.entering.date))

    def asked(target: str, words: str, unit: str, samples: np.ndarray, base: dict[str, Any]) -> dict[str, Any]:
        return {
            "target": f"{target}{GIVEN[arm]}", "words": f"{words}{given}", "given": given.removeprefix(", "),
            "unit": unit, "by": by.isoformat(), "horizon": day, "base": base,
            "samples": np.asarray(samples, float).tolist(),
        }  # fmt: skip

    def happens(target: str, words: str, samples: np.ndarray, rate: Rate) -> dict[str, Any]:
        base = {"words": rate.words, "source": rate.source, "chance": rate.chance(day)}
        return asked(target, words, YES_OR_NO, samples, base)

    until = f"by {date_words(by)}"
    questions = []
    if arm == Arm.DECIDE:
        entered = (own["entered_on"] <= day).to_numpy(float)
        questions.append(happens("entry", f"he enters the war {until}", entered, base_rates.ENTERS))
    fell = happened(own["ending"], FALL) * (own["ended_on"] <= day).to_numpy(float)
    rate = base_rates.JOINERS_FALL if arm == Arm.ENTER else base_rates.FALLS
    questions.append(happens("fall", f"he is out of office {until}", fell, rate))
    for mark in MARKS:
        people = round(mark / 100.0 * electors, -2)
        words = f"{people:,.0f} people ({mark:g} % of electors) or more are in the street on one day {until}"
        passed = (own[f"crowd_by_{day}"] >= mark).to_numpy(float)
        questions.append(happens(f"crowd_of_{mark:g}_percent", words, passed, base_rates.CROWDS[mark]))
    first = date_words(episode.date_of(1))
    base = {
        "words": f"{base_rates.DETAINED[0]:g} to {base_rates.DETAINED[1]:g} detained a day and million electors",
        "source": base_rates.ASSUMPTION,
        "samples": detained_base(day, electors),
    }
    words = f"people are detained from {first} {until}"
    return [*questions, asked("detained", words, COUNT, own[f"detained_by_{day}"].to_numpy(float), base)]


def detained_base(days: int, electors: float) -> list[float]:
    """Return the base rate of the detained of some days: a daily number of which every order of size is as likely.

    >>> base = detained_base(10, 2e6)
    >>> [round(base[place], 1) for place in (0, 49, 98)]  # 10 days of 0.15 to 15 a million, the middle 1.5
    [3.1, 30.0, 293.1]
    """
    low, high = base_rates.DETAINED
    ranks = (np.arange(BASE_SAMPLES) + 0.5) / BASE_SAMPLES
    return (days * electors / 1e6 * low * (high / low) ** ranks).tolist()


def origin_date(episode: Episode) -> dt.date:
    """Return the last day of which the worlds know anything: the eve of the episode's first."""
    return episode.date_of(0)
