"""A locked forecast: dated samples whose file says, by its hash, whether anybody has changed it since.

The hash shows that a file is as it was written. That it was written before the day came is shown only by a copy of
the hash that somebody else has kept: publish it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.lab.statistics import Estimate, jeffreys
from experiments.lab.table import date_of
from model.records import RecordError, read_record

YES_OR_NO, COUNT = "yes or no", "people"
"""The units of a question: whether something happens by a date, and how many by then."""
HASH = "sha256"
BASE = {"source": str, "words": str, "chance?": float, "samples?": [float]}
QUESTION = {"target": str, "words": str, "given": str, "unit": str, "by": str, "horizon": int, "samples": [float]}
SHAPE = {
    HASH: str, "locked": str, "commit": str, "fingerprint": str, "origin_date": str, "location": str, "confidence": str,
    "worlds": [int], "questions": [QUESTION | {"base": BASE}],
}  # fmt: skip
"""What a locked forecast must hold; further things may stand there, and are locked, too."""


class LockedError(ValueError):
    """A locked forecast that cannot be used; the message names the file and what is wrong."""


def hash_of(record: Mapping[str, Any]) -> str:
    """Return the sha256 of all that a record holds but its own hash; the order of its keys does not count.

    >>> hash_of({"a": 1, "b": [0.5]}) == hash_of({"b": [0.5], "a": 1, "sha256": "x"}) != hash_of({"a": 1, "b": [0.6]})
    True
    """
    held = {name: value for name, value in record.items() if name != HASH}
    text = json.dumps(held, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def locked(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with the hash of its contents in front."""
    return {HASH: hash_of(record), **record}


def read_locked(path: str | Path) -> dict[str, Any]:
    """Read a locked forecast.

    Raises:
        LockedError: if it is missing or broken, or is not as it was written.
    """
    try:
        record = read_record(path, SHAPE)
    except FileNotFoundError:
        raise LockedError(f"there is no locked forecast {path}: python -m experiments.forecast writes one") from None
    except RecordError as error:
        raise LockedError(str(error)) from None
    if hash_of(record) != record[HASH]:
        raise LockedError(
            f"{path} was changed after it was locked: its contents have sha256 {hash_of(record)[:12]}..., and it says "
            f"{record[HASH][:12]}..."
        )
    _check(path, record)
    return record


def _check(path: str | Path, record: Mapping[str, Any]) -> None:
    """Refuse what the hash alone does not: a record that was made otherwise, and hashed."""
    seen = set()
    if date_of(record["origin_date"]) is None or date_of(record["locked"][:10]) is None:
        raise LockedError(f"{path}: origin_date and locked; expected dates")
    for question in record["questions"]:
        name = f"{path}: {question['target']} by {question['by']}"
        if date_of(question["by"]) is None or question["unit"] not in (YES_OR_NO, COUNT):
            raise LockedError(f"{name}; expected a date, and as unit {YES_OR_NO} or {COUNT}")
        if len(question["samples"]) != len(record["worlds"]) or not question["samples"]:
            raise LockedError(
                f"{name}: {len(question['samples'])} samples; expected {len(record['worlds'])}, 1 or more"
            )
        base, yes = question["base"], question["unit"] == YES_OR_NO
        if not (0.0 < base.get("chance", 0.0) < 1.0 if yes else base.get("samples")):
            raise LockedError(f"{name} has no base rate: expected {'a chance between 0 and 1' if yes else 'samples'}")
        if not set(question["samples"]) <= {0.0, 1.0} if yes else min(question["samples"]) < 0.0:
            raise LockedError(f"{name}: expected samples {'of 0 and 1' if yes else 'of 0 or more'}")
        if (question["target"], question["by"]) in seen:
            raise LockedError(f"{name} stands there twice")
        seen.add((question["target"], question["by"]))


def stated(samples: Sequence[float]) -> Estimate:
    """Return the chance that samples of 0 and 1 state: never 0 or 1, for no number of samples shows either.

    It is the posterior mean under Jeffreys' prior, (k + 1/2) / (n + 1), with his interval.

    >>> stated([0.0] * 9 + [1.0] * 10).value, round(stated([0.0] * 99).value, 3)
    (0.525, 0.005)
    """
    values = np.asarray(samples, float)
    n, hits = values.size, float(values.sum())
    low, high = jeffreys(hits, n)
    value = (hits + 0.5) / (n + 1.0)
    error = float(np.sqrt(value * (1.0 - value) / (n + 1.0)))
    return Estimate(value=value, low=low, high=high, error=error, draws=n, method="Jeffreys")


def hubverse(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return the samples in the schema of the hubverse: a row for each question and sample.

    A sample's id is its world, in all questions: rows of one id are of one world, lived with the same dice.
    """
    tables = [
        pd.DataFrame(
            {
                "origin_date": dt.date.fromisoformat(record["origin_date"]),
                "target": question["target"],
                "horizon": question["horizon"],
                "target_end_date": dt.date.fromisoformat(question["by"]),
                "location": record["location"],
                "output_type": "sample",
                "output_type_id": [str(world) for world in record["worlds"]],
                "value": np.asarray(question["samples"], float),
            }
        )
        for question in record["questions"]
    ]
    return pd.concat(tables, ignore_index=True)
