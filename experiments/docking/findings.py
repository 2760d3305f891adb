"""What was published, what our rules give, and whether the one lies within the other."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.docking.crowds import DEGREES, STARTS, folds, window
from experiments.docking.forces import BELIEFS, NOISES
from experiments.docking.grid import FEW, MANY, OUTBURST, READINGS
from experiments.lab.statistics import Z, jeffreys

TITLES = {
    "granovetter": "Granovetter 1978", "watts": "Watts 2002", "kuran": "Kuran 1991",
    "morris_shin": "Morris and Shin 2003", "epstein": "Epstein 2002, model I",
}  # fmt: skip

EPSTEIN = {
    "wait": ("wait between outbursts, mean [ticks]", 60.0),
    "wait_sd": ("wait between outbursts, sd [ticks]", 55.0),
    "total": ("active in an outburst, mean [agent-ticks]", 708.0),
    "total_sd": ("active in an outburst, sd [agent-ticks]", 230.0),
}
"""What he published of his second run."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A published number beside ours.

    Args:
        model: which of ``TITLES``.
        what: what the number is, in words, with its unit.
        published: the number.
        give: within what it is known: half of its last digit, or a reading off a figure.
        value: ours, the mean over seeds.
        low: lower end of its 95 % interval.
        high: upper end.
        source: where the published number is from.
    """

    model: str
    what: str
    published: float
    give: float
    value: float
    low: float
    high: float
    source: str

    @property
    def reproduced(self) -> bool:
        """Whether our interval meets the published number, within what that is known."""
        return self.low <= self.published + self.give and self.high >= self.published - self.give


def mean(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean over seeds with its 95 % interval; of one seed or none, nothing is known.

    >>> [round(number, 2) for number in mean([1.0, 2.0, 3.0])]
    [2.0, 0.87, 3.13]
    """
    seen = np.asarray([value for value in values if value is not None], float)
    seen = seen[np.isfinite(seen)]
    if seen.size < 2:
        return math.nan, -math.inf, math.inf
    half = Z * float(seen.std(ddof=1)) / math.sqrt(seen.size)
    return float(seen.mean()), float(seen.mean()) - half, float(seen.mean()) + half


def share(happened: Sequence[bool]) -> tuple[float, float, float]:
    """Return a share of seeds with its 95 % interval."""
    hits, n = int(np.sum(happened)), len(happened)
    return hits / n, *jeffreys(hits, n)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What came of every model and seed.

    Args:
        rows: a row a run.
        seeds: how many of each model.
        n_citizens: of Granovetter's, Watts' and Kuran's.
    """

    rows: pd.DataFrame
    seeds: int
    n_citizens: int

    def of(self, model: str) -> pd.DataFrame:
        """Return the runs of a model."""
        return self.rows[self.rows["model"] == model]

    @property
    def models(self) -> list[str]:
        """The models, those with a failure first."""
        failed = {check.model for check in self.checks if not check.reproduced}
        return sorted(TITLES, key=lambda model: model not in failed)

    @property
    def nearest(self) -> str:
        """The name of the reading of Epstein's paper whose four numbers are nearest to his, in shares of these."""
        runs, distances = self.of("epstein"), {}
        for reading in READINGS:
            pairs = [(mean(runs[f"{name}: {reading.name}"])[0], known) for name, (_, known) in EPSTEIN.items()]
            distances[reading.name] = sum(abs(ours / known - 1.0) for ours, known in pairs)
        return min(distances, key=lambda name: (math.isnan(distances[name]), distances[name]))

    @functools.cached_property
    def checks(self) -> list[Check]:
        """All numbers, failures first, in the order of the models."""
        every = [*self._granovetter(), *self._watts(), *self._kuran(), *self._morris_shin(), *self._epstein()]
        return sorted(every, key=lambda check: check.reproduced)

    def table(self) -> pd.DataFrame:
        """Return the checks as a table."""
        return pd.DataFrame(
            [{**vars(check), "verdict": "REPRODUCED" if check.reproduced else "NOT"} for check in self.checks]
        )

    def _check(
        self, model: str, what: str, published: float, give: float, ours: tuple[float, float, float], source: str
    ) -> Check:
        value, low, high = ours
        return Check(
            model=model, what=what, published=published, give=give, value=value, low=low, high=high, source=source
        )

    def _granovetter(self) -> list[Check]:
        runs, model = self.of("granovetter"), "granovetter"
        return [
            self._check(model, "rioters, thresholds 0 to 99", 100.0, 0.0, mean(runs["uniform"]), "his example"),
            self._check(model, "rioters, the 1 made a 2", 1.0, 0.0, mean(runs["one_changed"]), "his example"),
            self._check(model, "sd at which N(25, sd) tips [%]", 12.2, 0.05, mean(runs["jump"]), "his figure"),
            self._check(
                model, f"the same, {self.n_citizens:,} drawn at random", 12.2, 0.05, mean(runs["drawn"]), "his figure"
            ),
        ]

    def _watts(self) -> list[Check]:
        runs, model, (opens, closes) = self.of("watts"), "watts", window()
        inside, outside = (
            [degree for degree in DEGREES if opens + 0.3 < degree < closes],
            [degree for degree in DEGREES if degree < opens - 0.3 or degree > closes + 1.0],
        )
        some = [float((runs[f"cascades_{degree:g}"] > 0).mean() > 0.0) for degree in inside]
        none = [float((runs[f"cascades_{degree:g}"] > 0).mean() == 0.0) for degree in outside]
        said = f"of {len(inside)} mean degrees in the window, with cascades"
        quiet = f"of {len(outside)} well outside it, without any"
        return [
            self._check(model, "window opens at mean degree", 1.0, 0.05, mean(runs["opens"]), f"{opens:.2f} solved"),
            self._check(
                model, "window closes at mean degree", 5.75, 0.05, mean(runs["closes"]), f"{closes:.2f} solved"
            ),
            self._check(model, said, len(inside), 0.0, (sum(some),) * 3, f"{STARTS * len(runs)} starts each"),
            self._check(model, quiet, len(outside), 0.0, (sum(none),) * 3, f"{STARTS * len(runs)} starts each"),
        ]

    def _kuran(self) -> list[Check]:
        runs, model, (up, down) = self.of("kuran"), "kuran", folds()
        return [
            self._check(model, "grievance at which the street fills [sd]", up, 0.01, mean(runs["fills"]), "solved"),
            self._check(model, "grievance at which it empties [sd]", down, 0.01, mean(runs["empties"]), "solved"),
        ]

    def _morris_shin(self) -> list[Check]:
        runs, model = self.of("morris_shin"), "morris_shin"
        found = []
        for noise in NOISES:
            low, high = runs[f"low_{noise:g}"], runs[f"high_{noise:g}"]
            middle = mean((low + high) / 2.0 - runs["cutoff"])
            found.append(self._check(model, f"T* less 1 - sum m q, noise {noise:g}", 0.0, 0.001, middle, "closed form"))
            found.append(
                self._check(
                    model, f"gap from low to high belief, noise {noise:g}", 0.0, 0.001, mean(high - low), "unique"
                )
            )
        every = len(BELIEFS)
        without = mean(runs["self_fulfilling"])
        found.append(
            self._check(model, f"of {every} beliefs, fulfilled without noise", every, 0.0, without, "many equilibria")
        )
        return found

    def _epstein(self) -> list[Check]:
        runs, model, reading = self.of("epstein"), "epstein", READINGS[0].name
        found = [
            self._check(model, what, published, 0.5, mean(runs[f"{name}: {reading}"]), "his second run")
            for name, (what, published) in EPSTEIN.items()
        ]
        for officers, dense in ((FEW, "0.04"), (MANY, "0.074")):
            for name, words, published in (
                ("gradual", "0.9 to 0.2 by 0.01", 0.0),
                ("sudden", "0.9 to 0.7 at once", 1.0),
            ):
                peaks = runs[f"{name}_{officers}"]
                found.append(
                    self._check(
                        model, f"runs with outburst, L {words}, officers {dense}", published, 0.0,
                        share(peaks > OUTBURST), "his later runs",
                    )
                )  # fmt: skip
        return found
