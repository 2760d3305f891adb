"""The security forces and the elites as columns, with the Mesa agents that look at them."""

from typing import Any

import numpy as np

from agents.elite import Elite, Stance
from agents.security import Doing, SecurityUnit
from model.chance import builder
from model.episode import Episode
from model.parameters import Parameters


class Forces:
    """All units, a row each: branch, region, heads [people], loyalty [sd], strain [0 to 1], signal, what they do."""

    def __init__(self, model: Any, episode: Episode, parameters: Parameters, seed: int) -> None:
        dice = builder(seed, "forces")
        self.branches = sorted({force.branch for force in episode.forces})
        self.region_names = [region.name for region in episode.regions]
        electors = np.array([region.electors for region in episode.regions], float)
        rows: list[tuple[int, int, float, float, float, int]] = []
        for force in episode.forces:
            branch = self.branches.index(force.branch)
            if force.region == "*":
                # provinces only where the country has any: the capital's own are listed by name
                away = electors.copy()
                if len(away) > 1:
                    away[episode.capital] = 0.0
                cuts = np.cumsum(away / away.sum())
                regions = np.searchsorted(cuts, (np.arange(force.units) + 0.5) / force.units)
            else:
                regions = np.full(force.units, self.region_names.index(force.region))
            for region in regions:
                rows.append((branch, int(region), force.heads / force.units, force.pool, force.loyalty, force.sent))
        n = len(rows)
        loyalty = np.array([row[4] for row in rows]) + dice.standard_normal(n)
        self.pool = np.array([row[3] for row in rows])
        heads = np.array([row[2] for row in rows])
        if not parameters.holds("divided_forces"):
            loyalty[:] = np.average(loyalty, weights=heads * self.pool + 1e-9)
        self.columns = {
            "branch": np.array([row[0] for row in rows], np.int16),
            "region": np.array([row[1] for row in rows], np.int16),
            "heads": heads,
            "loyalty": loyalty,
            "strain": np.zeros(n),
            "signal": dice.standard_normal(n),
            "doing": np.full(n, Doing.IDLE, np.uint8),
        }
        self.front = np.zeros(n, bool)
        self.q = np.ones(n)
        self.first_heads = heads.copy()
        self.in_capital = self.columns["region"] == episode.capital
        self.sent = np.array([row[5] for row in rows])
        self.loss_share = np.zeros(n)
        self.agents = [SecurityUnit(model, row) for row in range(n)]

    def within_reach(self, reach: float) -> np.ndarray:
        """Return the men of each unit at home that can face a crowd in the capital within 48 hours [people]."""
        men = self.columns["heads"] * self.pool
        return np.where(self.front, 0.0, np.where(self.in_capital, men, reach * men))

    def officers(self, n_regions: int) -> np.ndarray:
        """Return the men of each region's own units that can face a crowd there [people]."""
        men = np.where(self.front, 0.0, self.columns["heads"] * self.pool)
        return np.bincount(self.columns["region"], men, minlength=n_regions)

    def send(self, troops: float) -> None:
        """Send units to the front until the troops are together, first those of the branches sent first."""
        self.front[:] = False
        together = 0.0
        for row in np.lexsort((np.arange(self.sent.size), self.sent)):
            if self.sent[row] and together < troops:
                self.front[row] = True
                together += self.columns["heads"][row]

    def bury(self, dead: float) -> float:
        """Take the day's dead from the units at the front, and keep the share each branch has lost; return the dead."""
        heads = self.columns["heads"]
        there = heads[self.front].sum()
        if there <= 0.0:
            return 0.0
        dead = min(dead, there)
        lost = np.where(self.front, heads / there, 0.0) * dead
        heads -= lost
        branch = self.columns["branch"]
        first = np.bincount(branch, self.first_heads)
        self.loss_share += (np.bincount(branch, lost) / np.maximum(first, 1.0))[branch]
        return dead

    def name(self, row: int) -> str:
        """Return a unit's name for sentences: '3rd unit of OMON in Brest'."""
        branch, region = self.columns["branch"], self.columns["region"]
        same = np.flatnonzero((branch == branch[row]) & (region == region[row]))
        number = int(np.searchsorted(same, row)) + 1
        ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending} unit of {self.branches[branch[row]]} in {self.region_names[region[row]]}"


class Elites:
    """The elite, a row each: stake [0 to 1], leaning to Moscow [0 to 1], whether they command men, belief, stance."""

    def __init__(self, model: Any, parameters: Parameters, seed: int) -> None:
        dice = builder(seed, "elites")
        n = parameters.sample.n_elites
        stake = 0.5 + 0.5 * dice.random(n)
        if not parameters.holds("divided_forces"):
            stake[:] = stake.mean()
        self.columns = {
            "stake": stake,
            "leaning": np.clip(0.3 + 0.3 * dice.standard_normal(n), 0.0, 1.0),
            "commands": (np.arange(n) < round(parameters.elite.commander_share * n)).astype(np.uint8),
            "belief": np.zeros(n),
            "stance": np.full(n, Stance.LOYAL, np.uint8),
        }
        self.commanders = np.flatnonzero(self.columns["commands"])
        self.own_force = 1.0 / max(1, self.commanders.size)
        """The share of the capital's force that one commander commands [0 to 1]."""
        self.agents = [Elite(model, row) for row in range(n)]
