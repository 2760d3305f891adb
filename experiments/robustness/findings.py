"""The headline under every specification: what entering adds, how far choices move it, whether histories still fit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import Estimate, chance, paired_difference
from experiments.robustness.specifications import MODEL, Specification
from experiments.show.words import FALL, happened
from model.episode import Episode
from model.worlds import Origin

DRAWN, NEAR, STAY = "as drawn", "nearer the line", "stays"
PLACES = (DRAWN, NEAR)
"""Where entry is asked: as shocking as each world has it, and in all worlds as shocking as is given."""
HALVED, DOUBLED = "beyond: halved", "beyond: doubled"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far the answer hangs on what a modeller chose, in a place."""

    low: float
    """The smallest that entering adds, in any specification that leaves beyond alone [share]."""
    high: float
    choices: float
    """How far choices move it: root mean square, Monte Carlo error taken out [share]."""
    luck: float
    """Half of the model's own 95 % Monte Carlo interval [share]."""

    @property
    def kind(self) -> str:
        """What the reader sees: ``modeller``, ``world``, or ``luck`` (the runs are too few to tell)."""
        if self.choices > self.luck:
            return "modeller"
        return "world" if self.choices > 0.0 else "luck"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    specifications: Sequence[Specification]
    worlds: int
    near: float
    """How shocking an entry is nearer the line [multiple of the lent land]."""
    adds: Mapping[tuple[str, str], Estimate]
    """What entering adds to the chance of a fall, by (specification, place)."""
    falls: Mapping[tuple[str, str], Estimate]
    """The chance of a fall after entry, by (specification, place)."""
    moves: Mapping[tuple[str, str], Estimate]
    """By how much a specification moves the chance of a fall after entry, world by world."""
    fits: Mapping[str, float]
    """The share of worlds that lie within the fit's tolerance if he stays; nothing, where none is known."""
    spreads: Mapping[str, Spread]
    gates: Sequence[Gate] | None = None

    def sorted(self) -> list[Specification]:
        """Return the specifications, that under which entering adds least first."""

        def size(one: Specification) -> tuple[float, float]:
            return self.adds[one.name, DRAWN].value, self.adds[one.name, NEAR].value

        return sorted(self.specifications, key=size)

    def shown(self, place: str) -> list[Specification]:
        """Return the specifications that are shown to move the answer in a place, the largest first."""
        some = [one for one in self.specifications if self.moves[one.name, place].shows]
        return sorted(some, key=lambda one: -abs(self.moves[one.name, place].value))

    @property
    def beyond(self) -> float:
        """How far the answer moves if beyond is doubled and not halved [share]."""
        return self.adds[DOUBLED, DRAWN].value - self.adds[HALVED, DRAWN].value

    def table(self) -> pd.DataFrame:
        """Return a row for each specification and place, in the order of the curve."""
        rows = []
        for one in self.sorted():
            for place in PLACES:
                told: dict[str, Any] = {"specification": one.name, "place": place}
                told |= {"choices": "; ".join(choice.title for choice in one.choices)}
                told |= {"history": "as accepted" if one.keeps_history else "lived anew"}
                told |= _columns("adds", self.adds[one.name, place]) | _columns("falls", self.falls[one.name, place])
                rows.append(told | _columns("moves", self.moves[one.name, place]) | {"fits": self.fits.get(one.name)})
        return pd.DataFrame(rows)


def _columns(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def findings_of(
    rows: pd.DataFrame,
    made: Sequence[Specification],
    episode: Episode,
    near: float,
    origin: Origin,
    tolerance: float | None,
    gates: Sequence[Gate] | None = None,
) -> Findings:
    """Work out all numbers from finished runs: a row each, with world, specification and place.

    Args:
        rows: the runs of whole worlds.
        made: the specifications, the model's first.
        episode: the episode.
        near: how shocking an entry is nearer the line.
        origin: where the worlds are from.
        tolerance: the distance within which a history fits, if it is known.
        gates: what the fitted model showed of its gates.
    """
    fell = {
        (name, place): pd.Series(happened(some["ending"], FALL), index=some["world"].to_numpy())
        for (name, place), some in rows.groupby(["specification", "place"])
    }
    adds, falls, moves, fits, changes = {}, {}, {}, {}, {}
    for one in made:
        stays = fell[one.name, STAY]
        worlds = stays.index.to_numpy()
        for place in PLACES:
            enters, before = fell[one.name, place].loc[worlds], fell[MODEL.name, place].loc[worlds]
            adds[one.name, place] = paired_difference(enters, stays, worlds)
            falls[one.name, place] = chance(enters, worlds)
            moves[one.name, place] = paired_difference(enters, before, worlds)
            changes[one.name, place] = (enters - stays) - (before - fell[MODEL.name, STAY].loc[worlds])
        distances = rows[(rows["specification"] == one.name) & (rows["place"] == STAY)]["distance"].astype(float)
        if tolerance is not None and "distance" in rows and rows["distance"].notna().any():
            fits[one.name] = float((distances <= tolerance).mean())
    asked = {place: [one.name for one in made if one is not MODEL and _asks(one, place)] for place in PLACES}
    spreads = {
        place: _spread([adds[name, place] for name in (MODEL.name, *names)], [changes[name, place] for name in names])
        for place, names in asked.items()
    }
    return Findings(
        episode=episode, origin=origin, specifications=made, worlds=rows["world"].nunique(), near=near, adds=adds,
        falls=falls, moves=moves, fits=fits, spreads=spreads, gates=gates,
    )  # fmt: skip


def _asks(one: Specification, place: str) -> bool:
    """Whether a specification tells of a modeller's choices in a place, and of nothing else.

    As drawn, those that change beyond tell of it; nearer the line all have one beyond, and some are the model's there.
    """
    if place == DRAWN:
        return all(choice.beyond is None for choice in one.choices)
    return any(choice.beyond is None for choice in one.choices)


def _spread(adds: Sequence[Estimate], changes: Sequence[pd.Series]) -> Spread:
    """Return how far choices move what entering adds, of which the first estimate is the model's own.

    The mean square of the changes holds their Monte Carlo errors, whose mean square is taken out.
    """
    squares = [float(change.mean()) ** 2 for change in changes]
    errors = [float(change.var(ddof=1)) / len(change) if len(change) > 1 else math.inf for change in changes]
    values = [one.value for one in adds]
    return Spread(
        low=min(values), high=max(values), choices=math.sqrt(max(0.0, float(np.mean(squares) - np.mean(errors)))),
        luck=(adds[0].high - adds[0].low) / 2.0,
    )  # fmt: skip
