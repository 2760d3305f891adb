"""What the accepted histories answer, all together: the small record that ``war_entry --accept`` leaves beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.records import read_record

FILE = "verdict.json"
_CHANCE = {"value": float, "low": float, "high": float}
SHAPE = {
    "command": str,
    "commit": str,
    "date": str,
    "source": str,
    "worlds": int,
    "n_citizens": int,
    "days": int,
    "fall": {"stay": _CHANCE, "enter": _CHANCE},
}
"""What is read of it: chances within ``days`` days with their 95 % intervals, and where they are from."""


def verdict_beside(worlds: str | Path | None) -> Mapping[str, Any] | None:
    """Return what all accepted histories answer, from the record beside them; None if there is none.

    >>> verdict_beside(None) is None
    True

    Raises:
        RecordError: if what lies there is no such record.
    """
    if worlds is None:
        return None
    try:
        return dict(read_record(Path(worlds).with_name(FILE), SHAPE))
    except FileNotFoundError:
        return None
