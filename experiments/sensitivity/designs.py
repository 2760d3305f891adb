"""Where the prior is asked: trajectories of Morris, then a few factors for Sobol and Shapley, and what a row means.

SALib makes the designs on ranks [0 to 1] and reads them. It takes all factors for independent, as the prior's numbers
are. A factor of the second design is a number of its own, or all other numbers of an actor together, or the dice: what
stands in its column then names a draw of them, so that they are kept, or drawn afresh, as one.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
import numpy as np

from experiments.lab.runner import Run
from model.episode import FRONTS, Episode
from model.parameters import DECLARED
from model.simulation import Arm
from model.worlds import free, informed, parameters_at

FRONT = "front"
"""The course of the front, as a number among the others."""
DICE = "chance"
"""The factor of all dice: the people, the past's luck and the year's."""
LEVELS = 4
"""Levels at which Morris' trajectories look at a number."""
TOP = 6
"""So many numbers that the screening puts first are factors of their own."""
ACTORS: Mapping[str, str] = {
    "citizen": "the citizens", "security": "the forces", "elite": "the elites", "regime": "the regime",
    "moscow": "the patron", "war": "the front",
}  # fmt: skip
"""What the other numbers of each group of parameters are called together."""
APART = 1_000_003
"""How far the dice of one seed stand from those of the next."""
WHOLE = 2**53
"""Ranks are read as whole numbers below this."""


def needed() -> Any:
    """Return SALib, or say where it is.

    Raises:
        click.ClickException: if it is not installed.
    """
    try:
        import SALib
    except ImportError:
        raise click.ClickException('this needs the extra "evidence": pip install ".[evidence]"') from None
    return SALib


def names() -> list[str]:
    """Return everything that the prior draws, but the dice: numbers, and the course of the front."""
    return [*informed(), *free(), FRONT]


def problem(factors: Sequence[str]) -> dict[str, Any]:
    """Return factors on ranks as SALib takes them.

    >>> problem(["a", "b"])
    {'num_vars': 2, 'names': ['a', 'b'], 'bounds': [[0.0, 1.0], [0.0, 1.0]]}
    """
    return {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}


def salibs(seed: int) -> int:
    """Return a seed for SALib, which takes 0 for none.

    >>> salibs(0)
    1
    """
    return 1 + seed


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What the second design draws as one: a number of its own, an actor's other numbers, or the dice."""

    words: str
    numbers: tuple[str, ...]
    """The numbers in it; none: the dice."""

    def ranks(self, place: float) -> np.ndarray:
        """Return the ranks of its numbers for what stands in its column [0 to 1]: itself, or a draw that it names."""
        if len(self.numbers) == 1:
            return np.array([place])
        named = np.random.SeedSequence([int(place * WHOLE), zlib.crc32(self.words.encode())])
        return np.random.default_rng(named).random(len(self.numbers))


def factors_of(top: Sequence[str]) -> list[Factor]:
    """Return the factors: some numbers alone, the others by actor, the dice.

    >>> [factor.words for factor in factors_of(["citizen.ties"])][:3]
    ['citizen.ties', '56 others of the citizens', '22 others of the forces']
    """
    alone = [Factor(words=name, numbers=(name,)) for name in top]
    rest = {group: [name for name in names() if _group(name) == group and name not in top] for group in ACTORS}
    others = [
        Factor(words=f"{len(numbers)} others of {ACTORS[group]}", numbers=tuple(numbers))
        for group, numbers in rest.items() if numbers
    ]  # fmt: skip
    return [*alone, *others, Factor(words=DICE, numbers=())]


def _group(name: str) -> str:
    return "war" if name == FRONT else name.partition(".")[0]


def screening(repeats: int, seed: int) -> np.ndarray:
    """Return Morris' trajectories over all numbers, one after the other, as ranks."""
    from SALib.sample import morris

    return np.asarray(morris.sample(problem(names()), repeats, num_levels=LEVELS, seed=salibs(seed)))


def pick_and_freeze(factors: Sequence[Factor], points: int, seed: int) -> np.ndarray:
    """Return Sobol's design over factors (Saltelli's, without second orders), as ranks."""
    from SALib.sample import sobol

    told = problem([factor.words for factor in factors])
    return np.asarray(sobol.sample(told, points, calc_second_order=False, seed=salibs(seed)))


def orders(factors: Sequence[Factor], points: int, seed: int) -> np.ndarray:
    """Return Goda's design for Shapley effects: in every trajectory each factor changes once, in an order by lot."""
    from SALib.sample import shapley

    return np.asarray(shapley.sample(problem([factor.words for factor in factors]), points, seed=salibs(seed)))


def world_at(ranks: Mapping[str, float], episode: Episode) -> tuple[Episode, Any]:
    """Return the episode and the numbers at ranks of all their ranges."""
    course = FRONTS[min(int(ranks[FRONT] * len(FRONTS)), len(FRONTS) - 1)]
    numbers = [name for name in ranks if name in DECLARED]
    return episode.replace(entry_front=course), parameters_at(numbers, [ranks[name] for name in numbers])


def screening_runs(rows: np.ndarray, episode: Episode, n_citizens: int, seed: int) -> Iterator[Run]:
    """Yield a run of each row; those of one trajectory have the same dice, so that luck does not pass for an effect."""
    told = names()
    for place, ranks in enumerate(rows):
        own, parameters = world_at(dict(zip(told, ranks.tolist(), strict=True)), episode)
        yield Run(
            episode=own, parameters=parameters, arm=str(Arm.ENTER), n_citizens=n_citizens,
            seed=seed * APART + 600_000 + place // (len(told) + 1), labels={"stage": "screening", "place": place},
        )  # fmt: skip


def factor_runs(
    rows: np.ndarray, factors: Sequence[Factor], episode: Episode, n_citizens: int, stage: str
) -> Iterator[Run]:
    """Yield a run of each row of a design over factors; the dice are what stands in their column."""
    for place, row in enumerate(rows.tolist()):
        ranks: dict[str, float] = {}
        dice = 0
        for factor, value in zip(factors, row, strict=True):
            if factor.numbers:
                ranks |= dict(zip(factor.numbers, factor.ranks(value).tolist(), strict=True))
            else:
                dice = int(value * WHOLE)
        own, parameters = world_at(ranks, episode)
        yield Run(
            episode=own, parameters=parameters, arm=str(Arm.ENTER), seed=dice, n_citizens=n_citizens,
            labels={"stage": stage, "place": place},
        )  # fmt: skip
