"""Plausible worlds: the parameter sets that the wave of 2020 accepts, and draws from them.

``data/worlds.csv`` is written by ``python -m experiments.calibrate``: a row for each accepted world with its
weight, its distance and the numbers that 2020 can inform. The numbers that it cannot inform keep their
declared range, and every draw takes them afresh from there.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import qmc

from model.episode import FRONTS
from model.parameters import DECLARED, Parameters, nearest

FILE = Path(__file__).parent / "data" / "worlds.csv"
NOTES = ("weight", "distance")


class WorldsError(ValueError):
    """A file of accepted worlds that cannot be read; the message names the file and what is wrong."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One draw: its number, its parameters, the course of the front, and the seed of its chance."""

    number: int
    parameters: Parameters
    front: str
    seed: int


def informed() -> list[str]:
    """Return the names of the numbers that the wave of 2020 can inform."""
    return [name for name, field in DECLARED.items() if field.metadata["fitted"]]


def free() -> list[str]:
    """Return the names of the numbers that keep their range: not informed by 2020, and not fixed."""
    return [
        name
        for name, field in DECLARED.items()
        if not field.metadata["fitted"]
        and field.metadata["low"] < field.metadata["high"]
        and name.partition(".")[0] not in ("outcome", "sample")
    ]


def spread(name: str, rank: np.ndarray | float) -> np.ndarray:
    """Return the values of a number at ranks [0 to 1] of its declared range, linear or log as declared.

    >>> spread("citizen.noise", np.array([0.0, 0.5, 1.0])).round(3).tolist()
    [0.1, 0.2, 0.3]
    """
    notes = DECLARED[name].metadata
    low, high = notes["low"], notes["high"]
    rank = np.asarray(rank, float)
    values = low * (high / low) ** rank if notes["scale"] == "log" else low + (high - low) * rank
    values = np.clip(values, low, high)
    return np.round(values) if isinstance(DECLARED[name].default, int) else values


def rank(name: str, values: np.ndarray | float) -> np.ndarray:
    """Return where values stand in a number's declared range [0 to 1]; the inverse of ``spread``."""
    notes = DECLARED[name].metadata
    low, high = notes["low"], notes["high"]
    values = np.asarray(values, float)
    return np.log(values / low) / np.log(high / low) if notes["scale"] == "log" else (values - low) / (high - low)


def parameters_at(names: list[str], ranks: np.ndarray, base: Parameters | None = None) -> Parameters:
    """Return parameters with the named numbers at some ranks of their ranges."""
    values = {name: float(spread(name, r)) for name, r in zip(names, ranks, strict=True)}
    return (base or Parameters()).replace({n: _whole(n, value) for n, value in values.items()})


def accepted(path: str | Path = FILE) -> pd.DataFrame:
    """Read the accepted worlds: ``weight``, ``distance`` and a column for each informed number.

    Raises:
        WorldsError: if the file is missing, broken, or names a number that does not exist.
    """
    path = Path(path)
    try:
        frame = pd.read_csv(path)
    except FileNotFoundError:
        raise WorldsError(
            f"no accepted worlds in {path}: run python -m experiments.calibrate, or check the name"
        ) from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise WorldsError(f"{path} cannot be read as a table of accepted worlds: {error}") from None
    for name in NOTES:
        if name not in frame:
            raise WorldsError(f"{path} has no column {name}; expected weight, distance and parameters")
    for name in frame.columns.difference(NOTES):
        if name not in DECLARED:
            raise WorldsError(f"{path}: no parameter {name}{nearest(name, list(DECLARED))}")
    numbers = frame.apply(pd.to_numeric, errors="coerce")
    if frame.empty or numbers.isna().any(axis=None) or not (numbers["weight"] > 0.0).all():
        raise WorldsError(f"{path}: expected one world or more, all of them numbers, with weights above 0")
    return numbers


def draw(n: int, seed: int = 0, path: str | Path = FILE, base: Parameters | None = None) -> list[World]:
    """Draw n worlds: an accepted one each, by weight, and the numbers that 2020 cannot inform from their ranges.

    The accepted are drawn systematically and the free numbers by a Latin hypercube, so that few draws cover
    the ranges well. ``base`` holds what is not drawn (claims switched off, say).

    Raises:
        WorldsError: if the file of accepted worlds cannot be used.
    """
    known, names = accepted(path), free()
    dice = np.random.default_rng([seed, 2022])
    weight = known["weight"].to_numpy()
    places = (np.arange(n) + dice.random()) / n
    rows = dice.permutation(np.minimum(np.searchsorted(np.cumsum(weight / weight.sum()), places), len(known) - 1))
    ranks = qmc.LatinHypercube(len(names), rng=dice).random(n)
    fronts = dice.permutation(np.resize(np.arange(len(FRONTS)), n))
    told = [name for name in known.columns if name not in NOTES]
    worlds = []
    for number in range(n):
        row = known.iloc[rows[number]]
        fitted = (base or Parameters()).replace({name: _whole(name, float(row[name])) for name in told})
        others = [name for name in names if name not in told]
        parameters = parameters_at(others, [ranks[number, names.index(name)] for name in others], fitted)
        worlds.append(
            World(number=number, parameters=parameters, front=FRONTS[fronts[number]], seed=seed * 1_000_003 + number)
        )
    return worlds


def central(path: str | Path = FILE) -> Parameters:
    """Return the median accepted world: each informed number at its weighted median, all others at their default."""
    known = accepted(path)
    values = {}
    for name in known.columns.difference(NOTES):
        order = np.argsort(known[name].to_numpy())
        below = np.cumsum(known["weight"].to_numpy()[order]) / known["weight"].sum()
        values[name] = _whole(name, float(known[name].to_numpy()[order][np.searchsorted(below, 0.5)]))
    return Parameters().replace(values)


def _whole(name: str, value: float) -> float | int:
    """Return a whole number where the parameter is one."""
    return round(value) if isinstance(DECLARED[name].default, int) else value
