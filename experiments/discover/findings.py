"""Where the falls lie: a model of the chance, learnt from runs, is asked at many points, and boxes are sought there.

A single run says 0 or 1, and a box that is sought on such luck holds luck. So a forest of trees learns the chance from
the runs, is asked at ten thousands of points that nobody has lived (REDS: Arzamasov and Boehm 2021), and boxes are
peeled on what it says. What they are worth is then counted in fresh runs, which took no part in finding them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments.discover.prim import Box, box_of, chosen, inside, peeled
from experiments.evidence.gates import Gate
from experiments.lab.statistics import FEW, LEVEL, Estimate, chance
from model.episode import Episode
from model.worlds import Origin

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

BOXES = 2
"""So many boxes are sought, one after the other, each among what the ones before leave."""
LIFT = 1.5
"""A further box must be so many times as dense as everything."""
TREES = 400
LEAF = 5
"""Runs in a leaf of a tree, at least: so few do not yet make a chance of a single one."""
SPLIT = 1 / 3
"""Share of the numbers among which a tree may split: of sixty that mostly do nothing, a few would find nothing."""
RESAMPLES = 200
"""Resamples of runs behind the interval of the area under the curve."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A box, and what fresh runs say of it."""

    box: Box
    runs: int
    """Fresh runs inside."""
    density: Estimate | None
    """The chance to fall inside, in fresh runs; None: none lies there."""
    outside: Estimate | None
    """The chance outside."""
    coverage: Estimate | None
    """The share of fresh falls that it holds."""

    @property
    def confirmed(self) -> bool:
        """Whether fresh runs show that more fall inside than outside: the two intervals stand apart."""
        return self.density is not None and self.outside is not None and self.density.low > self.outside.high


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    beyond: float
    """The largest shock of an entry that was drawn [multiple of the lent land]."""
    learnt: int
    learnt_falls: int
    fresh: int
    fresh_falls: int
    points: int
    area: tuple[float, float, float] | None
    """Area under the curve of what the trees say of runs they were not grown from; None: there was too little."""
    way: Sequence[Box]
    """The boxes on the way to the first."""
    boxes: Sequence[Held]
    ranks: pd.DataFrame
    """For each limit where it stands among the points [0 to 1]: box, number, low, high."""
    gates: Sequence[Gate] | None = None

    @property
    def enough(self) -> bool:
        """Whether there were runs of both endings enough to learn from."""
        return bool(self.boxes)

    def table(self) -> pd.DataFrame:
        """Return a row for each limit of each box, with what fresh runs say of the box."""
        rows = []
        for place, held in enumerate(self.boxes, 1):
            for name, (low, high) in held.box.limits.items():
                told = {"box": place, "number": name, "low": low, "high": high, "share": held.box.share}
                told |= {"density_model": held.box.density, "coverage_model": held.box.coverage, "runs": held.runs}
                for column in ("density", "outside", "coverage"):
                    estimate = getattr(held, column)
                    if estimate is not None:
                        ends = {"": estimate.value, "_low": estimate.low, "_high": estimate.high}
                        told |= {f"{column}_fresh{end}": value for end, value in ends.items()}
                rows.append(told)
        return pd.DataFrame(rows)


def grown(numbers: pd.DataFrame, fell: np.ndarray, seed: int) -> "RandomForestClassifier":
    """Return a forest that has learnt the chance to fall from runs."""
    from sklearn.ensemble import RandomForestClassifier  # slow to import, and needed here only

    forest = RandomForestClassifier(
        n_estimators=TREES, min_samples_leaf=LEAF, max_features=SPLIT, oob_score=True, random_state=seed % 2**32
    )
    return forest.fit(numbers.to_numpy(float), fell.astype(int))


def area_of(fell: np.ndarray, said: np.ndarray) -> tuple[float, float, float]:
    """Return the area under the curve of what was said of runs, with a bootstrap over them."""
    from sklearn.metrics import roc_auc_score  # slow to import, and needed here only

    dice, areas = np.random.default_rng(20_220_224), []
    for _ in range(RESAMPLES):
        pick = dice.integers(0, fell.size, fell.size)
        if 0 < fell[pick].sum() < fell.size:
            areas.append(roc_auc_score(fell[pick], said[pick]))
    low, high = np.quantile(areas, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return float(roc_auc_score(fell, said)), float(low), float(high)


def boxes_of(points: pd.DataFrame, said: np.ndarray) -> tuple[list[Box], list[Box]]:
    """Return the boxes, the one that gains most first, and the way to the first.

    Each further one is sought among the points that the ones before leave, and told as a share of all.
    """
    found: list[Box] = []
    way: list[Box] = []
    left = np.ones(len(points), bool)
    for _ in range(BOXES):
        here, chances = points[left], said[left]
        if not chances.sum() > 0.0:
            break
        boxes = peeled(here, chances)
        box = chosen(boxes, here, chances)
        if not box.limits or (found and box.density < LIFT * said.mean()):
            break
        way = way or boxes
        found.append(box_of(box.limits, points, said))
        left &= ~inside(box.limits, points)
    return found, way


def held_of(box: Box, numbers: pd.DataFrame, fell: np.ndarray) -> Held:
    """Return a box with what fresh runs say of it."""
    within = inside(box.limits, numbers)

    def share(values: np.ndarray) -> Estimate | None:
        return chance(values.astype(float), range(values.size)) if values.size else None

    return Held(
        box=box, runs=int(within.sum()), density=share(fell[within]), outside=share(fell[~within]),
        coverage=share(within[fell > 0.0]),
    )  # fmt: skip


def findings_of(
    learnt: tuple[pd.DataFrame, np.ndarray],
    fresh: tuple[pd.DataFrame, np.ndarray],
    points: pd.DataFrame,
    *,
    episode: Episode,
    origin: Origin,
    beyond: float,
    seed: int = 0,
    gates: Sequence[Gate] | None = None,
) -> Findings:
    """Learn the chance from runs, seek boxes at many points, and count fresh runs in them.

    Args:
        learnt: the numbers of the runs to learn from, a row each, and whether he fell [0 or 1].
        fresh: the same of runs that only judge.
        points: the numbers of many points, with the same columns.
        episode: the episode.
        origin: where the worlds are from.
        beyond: the largest shock that was drawn.
        seed: of the forest.
        gates: what the fitted model showed of its gates.
    """
    numbers, fell = learnt
    varies = [name for name in numbers.columns if numbers[name].nunique() > 1]
    area = None
    boxes: list[Box] = []
    way: list[Box] = []
    if min(fell.sum(), (1.0 - fell).sum()) >= FEW:
        forest = grown(numbers[varies], fell, seed)
        area = area_of(fell, forest.oob_decision_function_[:, 1])
        boxes, way = boxes_of(points[varies], forest.predict_proba(points[varies].to_numpy(float))[:, 1])
    ranks = [
        {"box": place, "number": name, "low": float((points[name] < low).mean()),
         "high": float((points[name] <= high).mean())}
        for place, box in enumerate(boxes, 1) for name, (low, high) in box.limits.items()
    ]  # fmt: skip
    return Findings(
        episode=episode, origin=origin, beyond=beyond, learnt=fell.size, learnt_falls=int(fell.sum()),
        fresh=fresh[1].size, fresh_falls=int(fresh[1].sum()), points=len(points), area=area, way=way,
        boxes=[held_of(box, *fresh) for box in boxes], ranks=pd.DataFrame(ranks), gates=gates,
    )  # fmt: skip
