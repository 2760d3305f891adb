"""What is usual among the accepted histories, day by day: bands that the main job left beside them, for the page.

``python -m experiments.war_entry --accept`` writes them with the verdict. They are of certain worlds and of a certain
model, as the verdict is (``standing``).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence import standing
from experiments.lab import bands
from experiments.lab.packed import pack, unpack
from model.episode import Episode
from model.records import RecordError, read_record
from model.worlds import fingerprint

FILE = "usual.json"
HISTORIES = 50
"""Of so many histories bands are kept."""
ARMS = ("stay", "enter")
SHAPE = {
    "worlds": int,
    "n_citizens": int,
    "accepted": str,
    "behaviour": str,
    "bands": {"stay": str, "enter": str},
}


@dataclass(frozen=True, kw_only=True)
class Usual:
    """The bands of histories in which he stays out, and of the same in which he enters on the episode's date."""

    worlds: int
    """How many histories, each lived once in each arm."""
    n_citizens: int
    accepted: str
    """Of which accepted worlds: the hash of their table."""
    behaviour: str
    """Of which model: its behaviour in the episode."""
    bands: Mapping[str, str]
    """By arm every day of every quantile of every measure, packed."""

    def of(self, arm: str) -> dict[str, np.ndarray]:
        """Return an arm's bands by measure: quantile by day."""
        _, table = unpack(self.bands[arm])
        shaped = table.reshape(len(table), len(bands.BANDED), len(bands.BAND))
        return {measure: shaped[:, place].T for place, measure in enumerate(bands.BANDED)}

    def changed(self, worlds: Path, episode: Episode) -> str:
        """Return what has changed since, in words; nothing if they are of these worlds and this model."""
        return standing.changed(self, worlds, episode)

    def to_dict(self) -> dict[str, Any]:
        """Return them as they are written."""
        return asdict(self)


def usual_of(rows: pd.DataFrame, episode: Episode, file: Path) -> Usual:
    """Return the bands of runs that came to their end (``bands.daily``), of the worlds of a table."""
    packed = {}
    for arm in ARMS:
        lives = [unpack(text)[1] for text in rows[rows["arm"] == arm]["daily"]]
        tables = [
            bands.band(measure, [life[:, place] for life in lives], episode.days)
            for place, measure in enumerate(bands.BANDED)
        ]
        names = [f"{measure} {quantile:g}" for measure in bands.BANDED for quantile in bands.BAND]
        packed[arm] = pack(names, np.concatenate(tables).T)
    return Usual(
        worlds=int(rows["world"].nunique()), n_citizens=int(rows["n_citizens"].iloc[0]),
        accepted=standing.hash_of(file), behaviour=fingerprint(episode), bands=packed,
    )  # fmt: skip


def usual_beside(worlds: Path) -> Usual | None:
    """Return the bands beside the accepted worlds; None if there are none.

    Raises:
        RecordError: if what lies there is no such record.
    """
    path = worlds.with_name(FILE)
    try:
        told = read_record(path, SHAPE)
    except FileNotFoundError:
        return None
    usual = Usual(**{name: told[name] for name in SHAPE})
    try:
        tables = [usual.of(arm) for arm in ARMS]
    except Exception:  # whatever a text that was not packed brings
        raise RecordError(f"{path}: bands: expected tables that were packed") from None
    if not all(np.isfinite(table).all() for measures in tables for table in measures.values()):
        raise RecordError(f"{path}: bands: expected finite numbers")
    return usual
