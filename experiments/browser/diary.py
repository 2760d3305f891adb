"""What each unit, member of the elite and region did, by day: kept beside a world, for whoever looks at one of them."""

from typing import NamedTuple

import numpy as np

from agents.security import Doing
from model.simulation import Simulation


class Page(NamedTuple):
    """One day: a value for each unit, member of the elite, or region."""

    doing: np.ndarray
    willing: np.ndarray
    stance: np.ndarray
    belief: np.ndarray
    crowd: np.ndarray


class Diary:
    """The days of a world, from the one after it was opened; a fork's begins at the fork."""

    def __init__(self) -> None:
        self.first = 0
        """The first day that is written."""
        self.pages: list[Page] = []

    def write(self, world: Simulation) -> None:
        """Write today."""
        if not self.pages:
            self.first = world.day
        forces, elites = world.forces, world.elites
        self.pages.append(
            Page(
                doing=np.where(forces.front, np.uint8(Doing.FRONT), forces.columns["doing"]),
                willing=forces.q.astype(np.float32),
                stance=elites.columns["stance"].copy(),
                belief=elites.columns["belief"].astype(np.float32),
                crowd=world.crowd.people.astype(np.float32),
            )
        )

    def of(self, column: str, row: int) -> np.ndarray:
        """Return one's values by day, from the first that is written."""
        return np.array([getattr(page, column)[row] for page in self.pages])
