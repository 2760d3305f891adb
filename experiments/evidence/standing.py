"""Where the answer over all histories stands: what the main job left beside the accepted worlds, for others to tell.

``python -m experiments.war_entry --accept`` writes it. It is of certain worlds and of a certain model: whoever tells it
says so where either has changed since.
"""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from experiments.lab import statistics
from experiments.lab.statistics import Estimate
from model.beliefs import file_for, taught_in
from model.episode import Episode, load_episode
from model.outcomes import FALLS, Ending
from model.records import RecordError, read_record
from model.worlds import fingerprint

FILE = "verdict.json"
SHAPE = {
    "worlds": int,
    "seed": int,
    "n_citizens": int,
    "days": int,
    "accepted": str,
    "behaviour": str,
    "endings": {"stay": {str: int}, "enter": {str: int}},
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How many histories ended how, if he stays and if he enters."""

    worlds: int
    """How many histories, each lived once in each arm."""
    seed: int
    n_citizens: int
    days: int
    """How long each was lived [days]."""
    accepted: str
    """Of which accepted worlds: the hash of their table."""
    behaviour: str
    """Of which model: its behaviour in the episode."""
    endings: Mapping[str, Mapping[str, int]]
    """How many histories have each ending, by arm."""

    def falls(self, arm: str) -> int:
        """Return in how many he falls."""
        return sum(self.endings[arm].get(str(ending), 0) for ending in FALLS)

    def chance(self, arm: str) -> Estimate:
        """Return the chance that he falls, with its 95 % interval over histories.

        >>> ends = {"stay": {"survived": 4}, "enter": {"survived": 3, "coup": 1}}
        >>> some = Standing(worlds=4, seed=0, n_citizens=9, days=9, accepted="", behaviour="", endings=ends)
        >>> some.falls("enter"), some.chance("enter").value
        (1, 0.25)
        """
        fell = self.falls(arm)
        return statistics.chance([1] * fell + [0] * (self.worlds - fell), range(self.worlds))

    def changed(self, worlds: Path, episode: Episode) -> str:
        """Return what has changed since, in words; nothing if it is of these worlds and this model."""
        return changed(self, worlds, episode)

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is written."""
        return asdict(self)


class Kept(Protocol):
    """What was put beside accepted worlds."""

    @property
    def accepted(self) -> str:
        """The hash of their table."""

    @property
    def behaviour(self) -> str:
        """The model's behaviour in the episode."""


def changed(kept: Kept, worlds: Path, episode: Episode) -> str:
    """Return what has changed since something was put beside accepted worlds, in words; nothing: they are the same."""
    if kept.accepted != hash_of(worlds):
        return "of other accepted worlds than those that are here"
    return "" if kept.behaviour == fingerprint(episode) else "by an older model"


def lessons_changed(episode: Episode) -> str:
    """Return what has changed since he who decides was taught, in words; nothing: he was taught by what is here."""
    file = file_for(episode)
    worlds = file.with_name("worlds.csv")
    return changed(taught_in(file), worlds, load_episode(file.parent.name)) if worlds.is_file() else ""


def hash_of(worlds: Path) -> str:
    """Return the hash of a table of accepted worlds, whatever ends its lines."""
    return _hash(worlds, worlds.stat().st_mtime)


@functools.lru_cache(maxsize=8)
def _hash(worlds: Path, changed: float) -> str:
    """Hash it once for each state of the file."""
    return hashlib.sha256(worlds.read_text(encoding="utf-8-sig").encode()).hexdigest()


def standing_beside(worlds: Path) -> Standing | None:
    """Return what the main job left beside the accepted worlds; None if it left nothing.

    Raises:
        RecordError: if what lies there is no such record.
    """
    path = worlds.with_name(FILE)
    try:
        told = read_record(path, SHAPE)
    except FileNotFoundError:
        return None
    for arm, endings in told["endings"].items():
        known = set(endings) <= set(map(str, Ending)) and min(endings.values(), default=0) >= 0
        if not known or sum(endings.values()) != told["worlds"] or told["worlds"] < 1:
            raise RecordError(f"{path}: endings.{arm}: expected endings of {told['worlds']} worlds")
    return Standing(**{name: told[name] for name in SHAPE})
