"""What he has learnt from other histories: a lesson for each choice, kept beside the accepted worlds as data.

``python -m experiments.decision --accept`` writes it. For each accepted history the lessons come from the others, each
weighed by how like this one it looked by the eve; nobody learns from his own, or he would know what he cannot. One more
lesson, of all histories alike, is for every world that is none of them.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.regime import SHARES, Lesson, Lessons, Situation
from model.episode import Episode
from model.records import RecordError, read_record

FITTED = Path(__file__).parent / "data" / "fitted"
FILE = "beliefs.json"
EVERYBODYS = FITTED / "belarus-2022" / FILE
"""What they learn from whose own episode was fitted to nothing."""
ALL = "all"
"""The lessons of all histories alike."""
CHOICES = ("refuses", "limited", "enters")
"""What he can do, the least first: stay where he is, send some, send all."""
SHAPE = {
    "accepted": str,
    "behaviour": str,
    "worlds": int,
    "seed": int,
    "n_citizens": int,
    "sights": [str],
    "least": [float],
    "most": [float],
    "lessons": {str: {choice: [float] for choice in CHOICES}},
}
WAY_OUT = "python -m experiments.decision --accept learns anew"


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What a file of lessons tells."""

    accepted: str
    """Of which accepted worlds they are: the hash of their table."""
    behaviour: str
    """Of which model: its behaviour in the episode."""
    lessons: Mapping[str, Lessons]
    """By history, those of all histories alike among them."""


def lessons_of(episode: Episode, history: int) -> Lessons:
    """Return what a history's leader has learnt from others.

    Args:
        episode: the country; one without a fit of its own learns from the histories of Belarus.
        history: the seed of its people and its past; if that is no accepted history, he learns from all alike.

    Raises:
        RecordError: if there are no lessons, or they cannot be read.
    """
    lessons = taught_in(file_for(episode)).lessons
    return lessons.get(str(history), lessons[ALL])


def file_for(episode: Episode) -> Path:
    """Return the file of the lessons that are learnt in an episode."""
    own = FITTED / (episode.fitted or episode.name) / FILE
    return own if own.is_file() else EVERYBODYS


def taught_in(path: Path) -> Taught:
    """Return what a file of lessons tells, read once for each state of it.

    Raises:
        RecordError: if there is none, or it cannot be read; the message tells the way out.
    """
    try:
        return _taught_in(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise RecordError(f"no lessons in {path}, and without them he cannot decide: {WAY_OUT}") from None
    except RecordError as error:
        raise RecordError(f"{error}: {WAY_OUT}") from None


@functools.lru_cache(maxsize=8)
def _taught_in(path: Path, changed: int) -> Taught:
    record = read_record(path, SHAPE)
    if record["sights"] != list(Situation._fields):
        raise RecordError(f"{path}: sights = {', '.join(record['sights'])}; expected {', '.join(Situation._fields)}")
    if ALL not in record["lessons"]:
        raise RecordError(f"{path}: lessons.{ALL} is missing")
    least, most = (Situation(*_numbers(record[name], f"{path}: {name}", 0)) for name in ("least", "most"))
    for name, low, high in zip(Situation._fields, least, most, strict=True):
        if not 0.0 < low <= high or (name in SHARES and high >= 1.0):
            end = "below 1" if name in SHARES else "or more"
            raise RecordError(f"{path}: {name} = {low:g} to {high:g}; expected a range from above 0 to {end}")
    lessons = {
        history: _lessons(some, least, most, f"{path}: lessons.{history}")
        for history, some in record["lessons"].items()
    }
    return Taught(accepted=record["accepted"], behaviour=record["behaviour"], lessons=lessons)


def _lessons(some: Mapping[str, list[float]], least: Situation, most: Situation, where: str) -> Lessons:
    """Return the lessons of one history: of each choice the intercept, and a weight for each thing seen."""
    of = {choice: _numbers(some[choice], f"{where}.{choice}", 1) for choice in CHOICES}
    return Lessons(
        **{choice: Lesson(numbers[0], tuple(numbers[1:])) for choice, numbers in of.items()}, least=least, most=most
    )


def _numbers(values: list[float], where: str, more: int) -> list[float]:
    expected = len(Situation._fields) + more
    if len(values) != expected:
        raise RecordError(f"{where} has {len(values)} numbers; expected {expected}")
    return [float(value) for value in values]


def written(lessons: Mapping[str, Lessons], about: Mapping[str, Any]) -> str:
    """Return lessons as their file tells them, a history a line; ``taught_in`` reads the same back.

    Args:
        lessons: the lessons by history, those of all histories alike among them.
        about: from which worlds they were learnt, and by which model.
    """
    first = lessons[ALL]
    head = {**about, "sights": Situation._fields, "least": first.least, "most": first.most}
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    rows = [
        f"    {json.dumps(history)}: "
        + json.dumps({choice: [getattr(some, choice).intercept, *getattr(some, choice).weights] for choice in CHOICES})
        for history, some in lessons.items()
    ]
    return "\n".join(["{", *lines, '  "lessons": {', ",\n".join(rows), "  }", "}"]) + "\n"
