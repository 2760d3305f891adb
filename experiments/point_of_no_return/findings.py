"""What coming home changes, by the days in the war: among those who still stand, and against never having gone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import Estimate, chance, paired_difference
from experiments.show.words import FALL, happened
from model.episode import Episode
from model.worlds import Origin

WAITS = (7, 14, 28, 56, 112, 224)
"""After how many days in the war the troops come home."""
NEVER, STAYS = 0, -1
"""In place of a wait: they never come home; he never entered."""
DRAWN, NEAR = "as drawn", "nearer the line"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure, a row of the table for each setting and wait."""

    episode: Episode
    beyond: float
    """How shocking an entry is nearer the line [multiple of the lent land]."""
    worlds: int
    origin: Origin
    table: pd.DataFrame
    causes: pd.DataFrame
    """How often he falls, and how, once the troops are home: a row for each setting, wait and cause."""
    fixed: tuple[str, ...] = ()
    """What is the same in all worlds, as ``NAME=VALUE``."""
    gates: Sequence[Gate] | None = None
    """What the fitted model showed of the gates stated before the fit; None: they were not tried."""

    @property
    def waits(self) -> list[int]:
        """After how many days in the war the troops came home, in order."""
        return sorted(wait for wait in self.table["wait"].unique() if wait > 0)

    def of(self, setting: str) -> pd.DataFrame:
        """Return the rows of a setting, by wait."""
        return self.table[self.table["setting"] == setting].set_index("wait")

    def helps_until(self, setting: str) -> int | None:
        """Return the last day on which coming home is shown to help; None if it is on none."""
        rows = self.of(setting)
        shown = [wait for wait in self.waits if rows.loc[wait, "saves_low"] > 0.0]
        return max(shown, default=None)

    def leaves(self, setting: str) -> list[int]:
        """Return the days from which, once home, he is shown to fall more often than had he never entered."""
        rows = self.of(setting)
        return [wait for wait in self.waits if rows.loc[wait, "left_low"] > 0.0]


def findings_of(
    rows: pd.DataFrame,
    episode: Episode,
    beyond: float,
    origin: Origin,
    fixed: Sequence[str] = (),
    gates: Sequence[Gate] | None = None,
) -> Findings:
    """Work out all numbers from finished runs: a row each, with world, setting and wait."""
    table = pd.DataFrame(
        told | {"setting": setting}
        for setting in (DRAWN, NEAR)
        for told in _of_setting(rows[rows["setting"] == setting], episode)
    )
    return Findings(
        episode=episode, beyond=beyond, worlds=rows["world"].nunique(), origin=origin, table=table,
        causes=_causes(rows, episode), fixed=tuple(fixed), gates=gates,
    )  # fmt: skip


def _causes(rows: pd.DataFrame, episode: Episode) -> pd.DataFrame:
    """Return how many worlds fall in which way on the day of coming home or later, by setting and wait."""
    home = episode.day_of(episode.entering.date) + rows["wait"]
    after = rows[(rows["wait"] > 0) & happened(rows["ending"], FALL).astype(bool) & (rows["ended_on"] >= home)]
    return after.groupby(["setting", "wait", "ending"]).size().rename("worlds").reset_index()


def _of_setting(rows: pd.DataFrame, episode: Episode) -> Iterator[dict[str, Any]]:
    """Yield what each wait shows, over the worlds of which every run came to its end."""
    fell = rows.assign(fell=happened(rows["ending"], FALL)).pivot(index="world", columns="wait", values="fell")
    ended = rows.pivot(index="world", columns="wait", values="ended_on").reindex(fell.index)
    whole = fell.notna().all(axis=1)
    fell, ended = fell[whole].astype(float), ended[whole]
    entry = episode.day_of(episode.entering.date)
    worlds = fell.index.to_numpy()
    for wait in (*sorted(wait for wait in fell.columns if wait > 0), NEVER, STAYS):
        told: dict[str, Any] = {"wait": wait, "worlds": len(worlds)} | _named("falls", chance(fell[wait], worlds))
        if wait > 0:
            stands = ~(ended[wait] < entry + wait).to_numpy()  # they come home in the morning
            both = stands & ~(ended[STAYS] < entry + wait).to_numpy()
            told |= {"standing": int(stands.sum()), "standing_both": int(both.sum())}
            goes_on, home = (fell[name].to_numpy()[stands] for name in (NEVER, wait))
            told |= _asked("still_falls", home, worlds[stands]) | _asked("would_fall", goes_on, worlds[stands])
            if stands.any():
                told |= _named("saves", paired_difference(goes_on, home, worlds[stands]))
            if both.any():
                came, stayed = (fell[name].to_numpy()[both] for name in (wait, STAYS))
                told |= _named("left", paired_difference(came, stayed, worlds[both]))
        yield told


def _asked(name: str, fell: np.ndarray, worlds: np.ndarray) -> dict[str, float]:
    return _named(name, chance(fell, worlds)) if worlds.size else {}


def _named(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def estimate(row: pd.Series, name: str) -> tuple[float, float, float]:
    """Return a number of the table with the ends of its interval: value, low, high.

    >>> estimate(pd.Series({"falls": 0.5, "falls_low": 0.4, "falls_high": 0.6}), "falls")
    (0.5, 0.4, 0.6)
    """
    value, low, high = (float(np.asarray(row[column])) for column in (name, f"{name}_low", f"{name}_high"))
    return value, low, high
