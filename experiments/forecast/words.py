"""What a forecast says, in plain words, and what its lock is worth."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.forecast.findings import GIVEN, Findings, origin_date
from experiments.lab.locked import COUNT, HASH, YES_OR_NO, stated
from experiments.show.words import date_words, fold, interval_words, likely, percent
from model.simulation import Arm

TAILS = (0.05, 0.5, 0.95)
"""A count is told by the middle of its samples and the range of nine tenths."""


def finding(result: Findings, locked: str) -> str:
    """Return the headline: what is stated for the last day, and how many questions were gone by when it was locked."""
    entry, fall = (result.question(target) for target in ("entry", "fall"))
    last = date_words(dt.date.fromisoformat(entry["by"]))
    chances = (interval_words(stated(question["samples"])) for question in (entry, fall))
    said = "he has entered with a chance of {} and is out of office with one of {}".format(*chances)
    late = len(gone_by(result, locked))
    gone = f", {late} of them of days gone by" if late else ""
    return f"Stated: by {last} {said}; {len(result.questions)} dated questions are locked{gone}"


def gone_by(result: Findings, locked: str) -> list[Mapping[str, Any]]:
    """Return the questions whose day was over when the forecast was locked, by the beginning of that date's text."""
    return [question for question in result.questions if question["by"] <= locked[:10]]


def verdict(result: Findings, record: Mapping[str, Any]) -> str:
    """Return what is stated, question by question, with intervals and base rates, and what the lock is worth."""
    parts = [
        fold(
            f"{len(result.worlds)} {result.origin.words}, each lived from {date_words(result.episode.start_date)}: he "
            "decides, he stays, he enters, with the same dice. A chance is (k + 1/2) / (n + 1) of its worlds, never 0 "
            "or 1; in brackets: 95 % Monte Carlo intervals (Jeffreys), which know of no error of the model. A count "
            "is told by its middle world and by nine tenths of them."
        ),
        fold(finding(result, record["locked"]) + "."),
        fold(_likelihood(result)),
        *(_table(result, arm) for arm in GIVEN),
        fold(_hindcast(result, record["locked"])),
        beside(*_bases(result)),
        fold(
            f"THE LOCK: sha256 {record[HASH]} of locked.json, made on {record['locked'][:10]} by commit "
            f"{record['commit']}, whose model behaves as {record['fingerprint'][:12]}. The hash shows that nobody has "
            "changed the file since; that it was there before the day came is shown only by a copy of the hash that "
            "others keep: publish it. When a day has come, fill in the column value of questions.csv and give both "
            "to python -m experiments.score."
        ),
        fold(
            "WHAT THIS RESTS ON: nobody has seen him enter; how much more entry angers than lending the land did is "
            "informed by nothing. What is counted stops on the day on which he falls. Questions with a condition say "
            "nothing if it does not hold."
        ),
    ]
    return "\n\n".join(parts)


def _likelihood(result: Findings) -> str:
    said = []
    for target, words in (
        ("entry", "he enters"),
        ("fall", "he falls, if he decides himself"),
        ("fall_if_he_stays", "he falls, if he stays"),
        ("fall_if_he_enters", "he falls, if he enters"),
    ):
        chance = stated(result.question(target)["samples"])
        said.append(f"{words}: {likely(chance.value)} ({interval_words(chance)})")
    last = date_words(dt.date.fromisoformat(result.question("entry")["by"]))
    return f"LIKELIHOOD, by {last}: {'; '.join(said)}. {confidence_words(result.gates)} {JOINERS}"


def _table(result: Findings, arm: Arm) -> str:
    """Return what an arm answers, a line a question, under what it is conditional on."""
    ending = GIVEN[arm]
    own = [q for q in result.questions if q["target"].endswith(ending) and (ending or "_if_he_" not in q["target"])]
    heading = own[0]["given"].upper() or "HE DECIDES HIMSELF"
    lines = [f"{heading}:", f"  {'by':<13}{'question':<34}{'stated':<26}base rate"]
    for question in sorted(own, key=lambda q: q["target"]):
        by = date_words(dt.date.fromisoformat(question["by"]))
        name = question["target"].removesuffix(ending).replace("_", " ")
        lines.append(f"  {by:<13}{name:<34}{told(question['samples'], question['unit']):<26}{base_told(question)}")
    return "\n".join(lines)


def told(samples: list[float], unit: str) -> str:
    """Return what samples state: a chance with its interval, or a count with nine tenths of its worlds.

    >>> told([0.0, 1.0, 1.0], "yes or no"), told([10.0] * 20 + [2_000.0], "people")
    ('62 % [17.7 to 96]', '10 (10 to 10)')
    """
    if unit == YES_OR_NO:
        return interval_words(stated(samples))
    low, middle, high = np.quantile(samples, TAILS)
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"


def base_told(question: Mapping[str, Any]) -> str:
    """Return the base rate of a question."""
    base = question["base"]
    return percent(base["chance"]) if question["unit"] == YES_OR_NO else told(base["samples"], COUNT)


def _bases(result: Findings) -> list[str]:
    """Return each base rate beside the questions once, and where it is from."""
    bases = {question["base"]["words"]: question["base"]["source"] for question in result.questions}
    return [
        f"Of the tables above: {words} ({'an assumption' if source == 'assumption' else source})."
        for words, source in bases.items()
    ]


def _hindcast(result: Findings, locked: str) -> str:
    """Return whether the days lie ahead, and what that means."""
    late = gone_by(result, locked)
    first = date_words(origin_date(result.episode))
    if not late:
        return f"WHEN: no world knows of anything after {first}, and all days lay ahead when this was locked."
    return (
        f"WHEN: {len(late)} of the {len(result.questions)} questions had fallen due when this was locked: of these it "
        "is a hindcast and no forecast, whatever the hash says, and the fit may have seen some of their days (its "
        "targets say which). Give an episode that begins now for a forecast."
    )
