"""What the twins of many histories have shown, day by day, and which of them is told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.evidence.standing import Standing
from experiments.lab import bands, statistics
from experiments.lab.packed import pack, unpack
from experiments.lab.runner import Run
from experiments.lab.tasks import world_of
from model.episode import Episode
from model.measures import summary
from model.outcomes import Ending
from model.simulation import Arm
from model.worlds import World

ARMS = (str(Arm.STAY), str(Arm.ENTER))
SHOWN = ("crowd", "detained_today", "against", "movement_load", "obeying_share", "dead")
"""The measures that are kept of every day."""
CROWD_IN = "crowd in "
MOST_NOTES = 400
"""So many events of a life are kept."""


def plan_of(worlds: Sequence[World], episode: Episode, n_citizens: int) -> list[Run]:
    """Return the twins of every history: one in which he stays out, one in which he enters, with the same dice."""
    return [
        Run(
            episode=episode.replace(entry_front=world.front) if world.front else episode,
            parameters=world.parameters,
            arm=arm,
            seed=world.seed,
            history=world.history,
            n_citizens=n_citizens,
            labels={"world": world.number},
        )
        for world in worlds
        for arm in ARMS
    ]


def told(run: Run) -> dict[str, Any]:
    """Live a run's days; return how it ended, what is shown of every day, and what happened on which day."""
    world = world_of(run)
    crowds: list[np.ndarray] = []
    while world.running:
        world.step()
        crowds.append(world.crowd.people.copy())
    series = world.series()
    names = [*SHOWN, *(CROWD_IN + region.name for region in world.episode.regions)]
    days = np.column_stack([series[list(SHOWN)].to_numpy(), np.array(crowds)])
    notes = [[max(day, 1), sentence] for day, sentence in world.notes[-MOST_NOTES:]]
    return summary(world) | {"daily": pack(names, days), "notes": json.dumps(notes)}


@dataclass(frozen=True, kw_only=True)
class Life:
    """One arm of one history: every measure by day, what happened, and how and when he fell."""

    days: dict[str, np.ndarray]
    notes: list[tuple[int, str]]
    ending: str
    ended_on: int | None
    cause: str


@dataclass(frozen=True, kw_only=True)
class Story:
    """What the page tells: the twins of all histories, and those of one."""

    episode: Episode
    origin: str
    gates: list[Gate] | None
    endings: dict[str, list[str]]
    """By arm, the ending of every history, in one order."""
    worlds: list[int]
    lives: dict[str, list[Life]]
    standing: Standing | None = None
    """Where the answer over more histories stands, if it is of these worlds and this model."""

    @property
    def chosen(self) -> int:
        """The history that is told, as its place among all.

        It is the first in which he falls if he enters, and only then. If there is none, it is that with the median
        of the largest crowds after entry.
        """
        stay, enter = (np.array(self.endings[arm]) != str(Ending.SURVIVED) for arm in ARMS)
        differ = np.flatnonzero(enter & ~stay)
        if differ.size:
            return int(differ[0])
        peaks = [float(life.days["crowd"].max()) for life in self.lives[ARMS[1]]]
        return int(np.argsort(peaks, kind="stable")[len(peaks) // 2])

    @property
    def alike(self) -> int:
        """In how many histories he falls if he enters, and only then."""
        pairs = zip(*(self.endings[arm] for arm in ARMS), strict=True)
        return sum(there != Ending.SURVIVED and here == Ending.SURVIVED for here, there in pairs)

    def chance(self, arm: str, ending: str | None = None) -> statistics.Estimate:
        """Return how likely an ending is in an arm; without one, any fall."""
        ends = self.endings[arm]
        happened = [end == ending if ending else end != Ending.SURVIVED for end in ends]
        return statistics.chance(happened, self.worlds)

    def band(self, arm: str, measure: str) -> np.ndarray:
        """Return by day the quantiles over the histories in which he has not fallen: quantile by day."""
        return bands.band(measure, [life.days[measure] for life in self.lives[arm]], self.episode.days)


def story_of(
    rows: pd.DataFrame, episode: Episode, origin: str, gates: list[Gate] | None, standing: Standing | None = None
) -> Story:
    """Return the story of finished runs; a history of which a twin failed is left out of it."""
    whole = rows.groupby("world").filter(lambda twins: len(twins) == len(ARMS)).sort_values(["world", "arm"])
    lives: dict[str, list[Life]] = {arm: [] for arm in ARMS}
    for row in whole.itertuples():
        names, values = unpack(row.daily)
        lives[row.arm].append(
            Life(
                days=dict(zip(names, values.T, strict=True)),
                notes=[(int(day), str(sentence)) for day, sentence in json.loads(row.notes)],
                ending=row.ending,
                ended_on=None if pd.isna(row.ended_on) else int(row.ended_on),
                cause=row.cause or "",
            )
        )
    return Story(
        episode=episode, origin=origin, gates=gates, lives=lives, standing=standing,
        worlds=[int(world) for world in whole["world"].unique()],
        endings={arm: [life.ending for life in lives[arm]] for arm in ARMS},
    )  # fmt: skip
