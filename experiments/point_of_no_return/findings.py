"""What coming home changes, by the days in the war: among those who still stand, and against never having gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

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

    def of(self, setting: str) -> pd.DataFrame:
        """Return the rows of a setting, by wait."""
        return self.table[self.table["setting"] == setting].set_index("wait")

    def helps_until(self, setting: str) -> int | None:
        """Return the last day on which coming home is shown to help; None if it is on none."""
        rows = self.of(setting)
        shown = [wait for wait in WAITS if rows.loc[wait, "saves_low"] > 0.0]
        return max(shown, default=None)


def findings_of(rows: pd.DataFrame, episode: Episode, beyond: float, origin: Origin) -> Findings:
    """Work out all numbers from finished runs: a row each, with world, setting and wait."""
    table = pd.DataFrame(
        told | {"setting": setting}
        for setting in (DRAWN, NEAR)
        for told in _of_setting(rows[rows["setting"] == setting], episode)
    )
    return Findings(episode=episode, beyond=beyond, worlds=rows["world"].nunique(), origin=origin, table=table)


def _of_setting(rows: pd.DataFrame, episode: Episode) -> Iterator[dict[str, Any]]:
    """Yield what each wait shows, over the worlds of which every run came to its end."""
    fell = rows.assign(fell=happened(rows["ending"], FALL)).pivot(index="world", columns="wait", values="fell")
    ended = rows.pivot(index="world", columns="wait", values="ended_on").reindex(fell.index)
    whole = fell.notna().all(axis=1)
    fell, ended = fell[whole].astype(float), ended[whole]
    entry = episode.day_of(episode.entering.date)
    worlds = fell.index.to_numpy()
    for wait in (*WAITS, NEVER, STAYS):
        told: dict[str, Any] = {"wait": wait, "worlds": len(worlds)} | _named("falls", chance(fell[wait], worlds))
        if wait in WAITS:
            stands = ~(ended[wait] <= entry + wait).to_numpy()
            told["standing"] = int(stands.sum())
            goes_on, home, stayed = (fell[name].to_numpy()[stands] for name in (NEVER, wait, STAYS))
            there = worlds[stands]
            told |= _named("still_falls", chance(home, there)) | _named("would_fall", chance(goes_on, there))
            told |= _named("saves", paired_difference(goes_on, home, there))
            told |= _named("left", paired_difference(home, stayed, there))
        yield told


def _named(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def estimate(row: pd.Series, name: str) -> tuple[float, float, float]:
    """Return a number of the table with the ends of its interval: value, low, high.

    >>> estimate(pd.Series({"falls": 0.5, "falls_low": 0.4, "falls_high": 0.6}), "falls")
    (0.5, 0.4, 0.6)
    """
    value, low, high = (float(np.asarray(row[column])) for column in (name, f"{name}_low", f"{name}_high"))
    return value, low, high
