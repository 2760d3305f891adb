"""What a locked forecast was worth: its scores on the questions whose answer is known, beside those of base rates.

Yes or no is judged by Brier's score and by the logarithm, a count by the ranked probability score (CRPS), of the
forecast and of the base rate that was locked with it. All are losses: 0 is perfect.
"""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scoringrules

from experiments.lab.locked import COUNT, YES_OR_NO, stated
from experiments.lab.table import TableError, date_of, number_of, read_table

COLUMNS = ("target", "by", "value")
SCORES = (
    "stated", "stated_low", "stated_high", "base", "brier", "brier_low", "brier_high", "brier_base", "log", "log_base",
    "crps", "crps_base",
)  # fmt: skip
"""The numbers of an answered question; those that its unit has not stay empty."""
STAYS, ENTERS = "_if_he_stays", "_if_he_enters"
"""How the names of questions end that hold only under a condition."""
MOST = 1e9
"""The largest count that happened [people]."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure: a row of the table for each question with an answer."""

    record: Mapping[str, Any]
    table: pd.DataFrame
    open_questions: int
    """How many questions have no answer yet."""

    @property
    def chances(self) -> pd.DataFrame:
        """The questions of yes or no."""
        return self.table[self.table["unit"] == YES_OR_NO]

    @property
    def counts(self) -> pd.DataFrame:
        """The questions of how many."""
        return self.table[self.table["unit"] == COUNT]

    @property
    def late(self) -> int:
        """How many of the answers were there to be known when the forecast was locked."""
        return int((self.table["by"] <= self.record["locked"][:10]).sum())

    def better(self) -> int:
        """Return on how many questions the forecast was nearer than the base rate (Brier, or CRPS of a count)."""
        return int((self.chances["brier"] < self.chances["brier_base"]).sum()) + int(
            (self.counts["crps"] < self.counts["crps_base"]).sum()
        )


def answers(path: str | Path, record: Mapping[str, Any], today: dt.date) -> dict[tuple[str, str], float]:
    """Return what happened by target and day; a line without a value is a question that is still open.

    Raises:
        TableError: if the file cannot be read, or what it says cannot have happened.
    """
    table = read_table(path)
    if missing := [name for name in COLUMNS if name not in table.names]:
        raise TableError(f"{path} has no column {missing[0]}; expected {', '.join(COLUMNS)}")
    units = {(question["target"], question["by"]): question["unit"] for question in record["questions"]}
    happened: dict[tuple[str, str], float] = {}
    for where, row in table.rows():
        if not row["value"].strip():
            continue
        asked = row["target"].strip(), row["by"].strip()
        if asked not in units:
            raise TableError(f"{where}: {asked[0]} by {asked[1]} was not asked in the forecast")
        if asked in happened:
            raise TableError(f"{where}: {asked[0]} by {asked[1]} is answered twice")
        value, yes = number_of(row["value"]), units[asked] == YES_OR_NO
        if value not in (0.0, 1.0) if yes else not 0.0 <= value <= MOST:
            raise TableError(f"{where}: value = {row['value']}; expected {'0 or 1' if yes else f'0 to {MOST:,.0f}'}")
        day = date_of(asked[1])
        if day is not None and day >= today and not (yes and value == 1.0):
            raise TableError(f"{where}: {asked[1]} is not over yet; leave its value empty")
        happened[asked] = value
    if not happened:
        raise TableError(f"{path} answers no question: expected a value on one line or more")
    _together(path, happened)
    return happened


def _together(path: str | Path, happened: Mapping[tuple[str, str], float]) -> None:
    """Refuse answers that cannot all be true.

    Raises:
        TableError: if he has stayed and entered, or something that had happened has not happened later.
    """
    stays, enters = (next((t for t, _ in happened if t.endswith(end)), None) for end in (STAYS, ENTERS))
    if stays and enters:
        raise TableError(f"{path} answers {stays} and {enters}: he cannot have stayed and entered")
    for target in {target for target, _ in happened}:
        days = sorted(by for name, by in happened if name == target)
        for before, after in itertools.pairwise(days):
            if happened[target, after] < happened[target, before]:
                raise TableError(f"{path}: {target} is {happened[target, before]:g} by {before}, and less by {after}")


def brier(happened: float, chance: float) -> float:
    """Return the square of what a chance missed what happened by (Brier 1950).

    >>> brier(1.0, 0.75), brier(0.0, 0.5)
    (0.0625, 0.25)
    """
    return float(scoringrules.brier_score(happened, chance))


def surprise(happened: float, chance: float) -> float:
    """Return the logarithmic loss: how surprised a chance is by what happened (Good 1952) [nats].

    >>> round(surprise(1.0, 0.5), 4)
    0.6931
    """
    return float(scoringrules.log_score(happened, chance))


def crps(happened: float, samples: Sequence[float]) -> float:
    """Return the continuous ranked probability score of samples, as of their distribution (Gneiting-Raftery 2007).

    >>> crps(1.0, [0.0, 1.0, 2.0]) == 2 / 3 - 8 / 18  # the mean distance to it, less half of that between two
    True
    """
    return float(scoringrules.crps_ensemble(happened, np.asarray(samples, float), estimator="nrg"))


def findings_of(record: Mapping[str, Any], happened: Mapping[tuple[str, str], float]) -> Findings:
    """Judge each question whose answer is known, beside its base rate."""
    rows = []
    for question in record["questions"]:
        asked = question["target"], question["by"]
        if asked in happened:
            rows.append(_judged(question, happened[asked]))
    table = pd.DataFrame(rows, columns=["target", "by", "words", "unit", "happened", *SCORES, "source"])
    return Findings(record=record, table=table, open_questions=len(record["questions"]) - len(rows))


def _judged(question: Mapping[str, Any], value: float) -> dict[str, Any]:
    """Return the scores of one question; those of a chance also at the ends of its interval."""
    told = {name: question[name] for name in ("target", "by", "words", "unit")} | {"happened": value}
    base = question["base"]
    if question["unit"] == COUNT:
        return told | {
            "stated": float(np.median(question["samples"])), "base": float(np.median(base["samples"])),
            "crps": crps(value, question["samples"]), "crps_base": crps(value, base["samples"]),
            "source": base["source"],
        }  # fmt: skip
    chance = stated(question["samples"])
    ends = sorted(brier(value, end) for end in (chance.low, chance.high))
    return told | {
        "stated": chance.value, "stated_low": chance.low, "stated_high": chance.high, "base": base["chance"],
        "brier": brier(value, chance.value), "brier_low": ends[0], "brier_high": ends[1],
        "brier_base": brier(value, base["chance"]), "log": surprise(value, chance.value),
        "log_base": surprise(value, base["chance"]), "source": base["source"],
    }  # fmt: skip
