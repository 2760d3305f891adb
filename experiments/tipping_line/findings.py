"""Where the line lies in the box, how well that is known, and where the counted runs do not bear the fit out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from experiments.evidence.gates import Gate
from experiments.lab.statistics import FEW, Estimate, Z, chance, jeffreys, paired_difference
from experiments.tipping_line.axes import Axis
from experiments.tipping_line.surface import Box, Counts, Part, Surface, fit, parts
from model.episode import SUPPORTS, Episode
from model.worlds import Origin, World

type Number = tuple[float, float, float]
"""A number and the ends of its interval."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Where the line crosses one axis while the other is at a value; infinite beyond an end of the box."""

    given: float
    drawn: bool
    """Whether that is what the worlds have at the median."""
    at: Number
    told: bool
    """Whether the counted runs bear the fit out there."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    box: Box
    level: float
    ending: str
    worlds: int
    counts: Counts
    surface: Surface | None
    """None: too few runs in which it happened, or in which it did not."""
    parts: Mapping[int, Part]
    drawn: Mapping[str, Number]
    """What the worlds have of each axis: the middle, and the ends of nine tenths."""
    stay: Estimate | None
    adds: Estimate | None
    """By how much entry raises the chance over all of the box where runs went, against the twins that stay."""
    failed: int = 0
    early: int = 0
    fixed: tuple[str, ...] = ()
    gates: Sequence[Gate] | None = None

    @property
    def runs(self) -> int:
        """Runs that count."""
        return int(self.counts.runs.sum())

    @property
    def hits(self) -> int:
        """In so many of them it happened."""
        return int(self.counts.hits.sum())

    @property
    def trusted(self) -> np.ndarray:
        """For every place, whether the fit lies within the interval of the runs counted in its part of the box."""
        held = {part: told.agrees for part, told in self.parts.items()}
        return np.array([held.get(part, False) for part in self.box.parts.tolist()])

    @property
    def side(self) -> int:
        """0 if the line lies in the box, as fitted; -1 if all of the box is below it, 1 if above."""
        assert self.surface is not None
        above = self.surface.mean >= logit(self.level)
        return 0 if above.any() and not above.all() else 1 if above.all() else -1

    @property
    def open(self) -> float:
        """The share of the box that may lie on either side (95 %)."""
        assert self.surface is not None
        return float((np.abs(self.surface.mean - logit(self.level)) < Z * self.surface.sd).mean())

    @property
    def outermost(self) -> int:
        """The place nearest to the line, where all of the box is on one side of it."""
        assert self.surface is not None
        return int(np.argmax(-self.side * self.surface.mean))

    @property
    def told_by(self) -> tuple[Axis, Axis]:
        """The axis on which the line is told, and that at whose values: levels are what is given."""
        return (self.box.x, self.box.y) if self.box.y.levels else (self.box.y, self.box.x)

    def crossings(self) -> list[Crossing]:
        """Return where the line crosses one axis, at the ends of the other and at what is drawn, or at each level."""
        assert self.surface is not None
        told, given = self.told_by
        ranks = given.ranks(self.box.steps)
        here = int(np.argmin(np.abs(ranks - given.rank(self.drawn[given.name][0]))))
        shown = range(ranks.size) if given.levels else sorted({0, here, ranks.size - 1})
        return [self._crossing(told, given, place, place == here) for place in shown]

    def _crossing(self, told: Axis, given: Axis, place: int, drawn: bool) -> Crossing:
        assert self.surface is not None
        grid = np.arange(len(self.box.places)).reshape(self.box.shape)
        line, along = (grid[:, place], 0) if told is self.box.y else (grid[place, :], 1)
        mean = self.surface.mean.reshape(self.box.shape)
        falls = float(np.diff(np.take(mean, [0, -1], axis=along), axis=along).mean()) < 0.0
        ranks = crossed(self.surface.drawn(line), self.level, falls=falls)
        others = np.sort(ranks[1:])
        ends = [others[round(share * (others.size - 1))] for share in (0.025, 0.975)]
        middle = float(ranks[0])
        numbers = (middle, min(float(ends[0]), middle), max(float(ends[1]), middle))
        near = int(np.clip(round(middle * (line.size - 1)), 0, line.size - 1)) if math.isfinite(middle) else None
        trusted = bool(self.trusted[line].all() if near is None else self.trusted[line[near]])
        low, middle, high = (told.at(rank) if math.isfinite(rank) else rank for rank in sorted(numbers))
        return Crossing(
            given=given.at(float(given.ranks(self.box.steps)[place])), drawn=drawn, at=(middle, low, high), told=trusted
        )

    def line(self) -> pd.DataFrame:
        """Return the crossings as a table."""
        told, given = self.told_by
        return pd.DataFrame(
            [
                {
                    given.name: crossing.given, "as_drawn": crossing.drawn, told.name: crossing.at[0],
                    "low": crossing.at[1], "high": crossing.at[2], "borne_out": crossing.told,
                }
                for crossing in (self.crossings() if self.surface else [])
            ]
        )  # fmt: skip

    def places(self) -> pd.DataFrame:
        """Return every place with what was counted there, and what is fitted where the counts bear that out."""
        x, y = np.array([self.box.values(place) for place in range(len(self.box.places))]).T
        table = pd.DataFrame(
            {self.box.x.name: x, self.box.y.name: y, "runs": self.counts.runs, "hits": self.counts.hits}
        )
        if self.surface is None:
            return table
        fitted = {
            name: expit(self.surface.mean + z * self.surface.sd) for name, z in zip(NAMES, (0, -Z, Z), strict=True)
        }
        return table.assign(**{name: np.where(self.trusted, values, np.nan) for name, values in fitted.items()})


NAMES = ("fitted", "fitted_low", "fitted_high")


def crossed(chances: np.ndarray, level: float, *, falls: bool = False) -> np.ndarray:
    """Return the rank at which each row of chances along an axis first crosses a level: up, or down if it falls.

    Minus infinity where it has crossed already at the lower end, infinity where it never does.

    >>> crossed(np.array([[0.2, 0.4, 0.6], [0.1, 0.1, 0.2], [0.7, 0.8, 0.9]]), 0.5).round(2).tolist()
    [0.75, inf, -inf]
    """
    past = chances < level if falls else chances >= level
    first = past.argmax(axis=1)
    rows, right = np.arange(len(chances)), np.maximum(first, 1)
    before, after = (logit(np.clip(chances[rows, place], 1e-9, 1.0 - 1e-9)) for place in (right - 1, right))
    share = np.clip((logit(level) - before) / np.where(after != before, after - before, 1.0), 0.0, 1.0)
    between = (right - 1 + share) / (chances.shape[1] - 1)
    return np.where(past.any(axis=1), np.where(first == 0, -np.inf, between), np.inf)


def findings_of(
    counts: Counts, worlds: Sequence[World], episode: Episode, origin: Origin, *, box: Box, level: float, ending: str,
    stayed: Sequence[tuple[int, bool, bool]] = (), failed: int = 0, early: int = 0, fixed: tuple[str, ...] = (),
    gates: Sequence[Gate] | None = None,
) -> Findings:  # fmt: skip
    """Fit the surface to the counts, and hold it against them."""
    hits, runs = counts.hits.sum(), counts.runs.sum()
    surface = fit(box, counts) if min(hits, runs - hits) >= FEW else None
    numbers = [world for world, *_ in stayed]
    stay, entered = ([float(pair[place]) for pair in stayed] for place in (1, 2))
    return Findings(
        episode=episode, origin=origin, box=box, level=level, ending=ending, worlds=len(worlds), counts=counts,
        surface=surface, parts=parts(box, counts, surface) if surface else {}, drawn=drawn_of(worlds, episode),
        stay=chance(stay, numbers) if stayed else None,
        adds=paired_difference(entered, stay, numbers) if len(stayed) > 1 else None,
        failed=failed, early=early, fixed=fixed, gates=gates,
    )  # fmt: skip


def drawn_of(worlds: Sequence[World], episode: Episode) -> dict[str, Number]:
    """Return what the worlds have of each axis; losses are the mean of all weeks, as the drawn front has them."""
    days = episode.days - episode.day_of(episode.entering.date) + 1
    first = min(28, days)
    course = {"advance": "advance_losses", "defeat": "defeat_losses"}
    losses = []
    for world in worlds:
        war = world.parameters.war
        mean = (first * war.killed_first + (days - first) * war.killed_later) / days
        losses.append(mean * (getattr(war, course[world.front]) if world.front in course else 1.0))
    values: dict[str, Sequence[float]] = {
        "losses": losses,
        "troops": [episode.entering.troops],
        "grip": [world.parameters.regime.media_grip for world in worlds],
        "loyalty": [world.parameters.security.loyalty_drift for world in worlds],
        "support": [SUPPORTS.index(episode.start.support)],
        "aversion": [1.0 - world.parameters.citizen.aversion_support for world in worlds],
        "beyond": [world.parameters.citizen.war_beyond for world in worlds],
    }
    return {name: _nine_tenths(some) for name, some in values.items()}


def _nine_tenths(values: Sequence[float]) -> Number:
    low, middle, high = np.quantile(np.asarray(values, float), [0.05, 0.5, 0.95])
    return float(middle), float(low), float(high)


def counted(result: Findings) -> Number:
    """Return the share of all runs in which it happened, with Jeffreys' interval."""
    return result.hits / max(result.runs, 1), *jeffreys(result.hits, result.runs)
