"""What anybody gets: the files of a pack, what is asked, and the form of an answer."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.challenge.lives import CAUSES, SEEN, SOON, SPAN, WAITS
from experiments.lab.design import DesignError
from model.records import RecordError, read_record

ELECTORS = 10_000_000
DAYS, TASKS, SEAL = "days.csv", "TASKS.md", "seal.txt"
"""The files of a pack: what is told, what is asked, and the hash of the truth."""
ASKED = f"""# A hidden country

Its leader entered a war on day 1 of `{DAYS}` and fell: on the last day told, or later if {SPAN} days are told. It has
{ELECTORS:,} electors. The crowds of the country and its capital are counted with errors of a fifth; `dead` are the
soldiers so far, `standing_aside` is the share of the capital's force that does not act.

Three things may depart in such a country: `shock` (the step into the war outrages by itself), `losses` (many die at the
front, and the people mind), `forces` (those who should hold the street do not obey). All three may depart; here one
alone made the difference: without it, and with all else as it was, he would still be there.

1. explain: `cause`, that one.
2. predict: the chance [0 to 1] that he falls in other lives of the same country: `soon`, within {SOON} days of the
   entry, and `enters`, within the year, if his troops stay at war; and `stays`, within the year, if he never enters.
3. prescribe: `home`, the last of days {", ".join(map(str, WAITS))} of the war up to which every return halves the falls
   of never coming home; 0 if the first does not.

Answer in a file: {{"cause": "shock", "soon": 0.5, "enters": 0.5, "stays": 0.5, "home": 7}}. The SHA-256 of the truth
is in `{SEAL}`.
"""


CHANCES = ("soon", "enters", "stays")
"""The chances among the answers."""


class Answers(NamedTuple):
    """What is asked: the cause, chances of a fall (early, within the year, if he stays), the last day that helps."""

    cause: str
    soon: float
    enters: float
    stays: float
    home: int


def read_days(folder: Path) -> dict[str, np.ndarray]:
    """Return what the public folder of a pack tells, per elector."""
    days = pd.read_csv(folder / DAYS)
    return {name: days[name].to_numpy(float) / (1.0 if name == "standing_aside" else ELECTORS) for name in SEEN}


def read_answers(path: Path) -> Answers:
    """Return somebody's answers from their file.

    Raises:
        DesignError: if it cannot be read, or says what cannot be.
    """
    try:
        record = read_record(path, {"cause": str, **dict.fromkeys(CHANCES, float), "home": int})
    except RecordError as error:
        raise DesignError(str(error)) from None
    answers = Answers(**{name: record[name] for name in Answers._fields})
    if answers.cause not in CAUSES:
        raise DesignError(f"{path}: cause = {answers.cause}; expected one of {', '.join(CAUSES)}")
    for name in CHANCES:
        if not 0.0 <= getattr(answers, name) <= 1.0:
            raise DesignError(f"{path}: {name} = {getattr(answers, name):g}; expected 0 to 1 [chance]")
    if answers.home not in (0, *WAITS):
        raise DesignError(f"{path}: home = {answers.home}; expected one of 0, {', '.join(map(str, WAITS))} [day]")
    return answers
