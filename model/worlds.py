"""Plausible worlds: the parameter sets that fit an episode that was seen, and draws from them.

Fitted worlds belong to an episode: ``data/fitted/EPISODE/worlds.csv`` is written by ``python -m
experiments.calibrate``, a row for each accepted world with its weight, its distance and the numbers that the episode
can inform. The others keep their declared range, and every draw takes them afresh from there, each by dice of its
own: a new number moves no other. An episode without a fit has default numbers where another has fitted ones.
"""

import csv
import dataclasses
import functools
import hashlib
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.episode import FOLDER, FRONTS, Episode, load_episode
from model.parameters import DECLARED, Parameters, nearest
from model.records import RecordError, read_record
from model.simulation import Simulation

FITTED = Path(__file__).parent / "data" / "fitted"
FILE = FITTED / "belarus-2022" / "worlds.csv"
"""The histories fitted to Belarus from 2020 to 2022."""
CALIBRATION = {"fingerprint": str, "targets": [{"name": str, "outside": bool}], "ess": [float], "tolerance": float}
"""What is read of the record that a calibration leaves beside its worlds."""
_COVERAGE = {"covered": float, "expected": float}
CHECK = {"fits": int, "covers": bool, "outer": _COVERAGE, "inner": _COVERAGE}
"""What is read of the record that a check of the calibration leaves there."""
NOTES = ("weight", "distance")
SEED, RUN = "seed", "run"
"""Columns that a table may lack: the seed with which a history was accepted, and the run of the fit that found it."""
MOST = 1e9
"""The largest weight or distance: their sums stay numbers."""


type Ranks = Sequence[float] | np.ndarray
"""Where numbers stand in their ranges [0 to 1]."""


class WorldsError(ValueError):
    """A file of accepted worlds that cannot be read; the message names the file and what is wrong."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One draw: its number, its parameters, the course of the front, and the seeds of its chance and of its past."""

    number: int
    parameters: Parameters
    front: str
    seed: int
    history: int | None = None
    """The seed of the people and of the past, as it was accepted; None: there is none, and ``seed`` is taken."""
    run: int | None = None
    """Which of several independent runs of the fit found it."""


def informed() -> list[str]:
    """Return the names of the numbers that a history, as that from 2020 to 2022, can inform."""
    return [name for name, field in DECLARED.items() if field.metadata["fitted"]]


def free() -> list[str]:
    """Return the names of the numbers that keep their range: not informed by a fit, and not fixed."""
    return [
        name
        for name, field in DECLARED.items()
        if not field.metadata["fitted"]
        and field.metadata["low"] < field.metadata["high"]
        and name.partition(".")[0] not in ("outcome", "sample")
    ]


def spread(name: str, rank: Ranks | float) -> np.ndarray:
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


def rank(name: str, values: Ranks | float) -> np.ndarray:
    """Return where values stand in a number's declared range [0 to 1]; the inverse of ``spread``."""
    notes = DECLARED[name].metadata
    low, high = notes["low"], notes["high"]
    values = np.asarray(values, float)
    return np.log(values / low) / np.log(high / low) if notes["scale"] == "log" else (values - low) / (high - low)


def parameters_at(names: list[str], ranks: Ranks, base: Parameters | None = None) -> Parameters:
    """Return parameters with the named numbers at some ranks of their ranges."""
    values = {name: float(spread(name, r)) for name, r in zip(names, ranks, strict=True)}
    return (base or Parameters()).replace({n: _whole(n, value) for n, value in values.items()})


def parameters_of(world: pd.Series | dict[str, float], base: Parameters | None = None) -> Parameters:
    """Return the parameters of one row of a table of accepted worlds, every digit as it stands there."""
    return (base or Parameters()).replace(
        {name: _whole(name, float(value)) for name, value in world.items() if name in DECLARED}
    )


def accepted(path: str | Path = FILE) -> pd.DataFrame:
    """Read the accepted worlds: ``weight``, ``distance`` and a column for each informed number.

    Raises:
        WorldsError: if the file is missing, broken, or names a number that does not exist; or if the record beside it
            cannot be read, so that nothing is lived whose verdict could not be written.
    """
    path = Path(path)
    calibration_of(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            rows = [(reader.line_num, cells) for cells in reader if cells]
    except FileNotFoundError:
        raise WorldsError(
            f"no accepted worlds in {path}: run python -m experiments.calibrate, or check the name"
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorldsError(f"{path} cannot be read as a table of accepted worlds: {error}") from None
    for name in NOTES:
        if name not in header:
            raise WorldsError(f"{path} has no column {name}; expected weight, distance and parameters")
    for name in header:
        if name not in (*NOTES, SEED, RUN, *DECLARED):
            raise WorldsError(f"{path}: no parameter {name}{nearest(name, list(DECLARED))}")
        if header.count(name) > 1:
            raise WorldsError(f"{path}: column {name} stands there {header.count(name)} times; expected once")
    if not rows:
        raise WorldsError(f"{path}: expected one world or more")
    return pd.DataFrame([_checked(f"{path}, line {line}", header, cells) for line, cells in rows], columns=header)


def _checked(where: str, header: list[str], cells: list[str]) -> list[float]:
    """Return the numbers of one line, refusing what cannot be."""
    if len(cells) != len(header):
        raise WorldsError(f"{where}: {len(cells)} cells; expected {len(header)}, as in the header")
    numbers = []
    for name, cell in zip(header, cells, strict=True):
        try:
            number = float(cell)
        except ValueError:
            number = math.nan
        whole = name in DECLARED and isinstance(DECLARED[name].default, int)
        if name in DECLARED:
            (low, high), unit = DECLARED[name].metadata["allowed"], DECLARED[name].metadata["unit"]
            good, expected = low <= number <= high, f"{low:g} to {high:g} [{unit}]"
        elif name in (SEED, RUN):
            whole, good, expected = True, 0.0 <= number < 2.0**53, "0 to 2^53"
        else:
            good, expected = 0.0 <= number <= MOST and (number > 0.0 or name != "weight"), f"0 to {MOST:g}"
            expected = f"above {expected}" if name == "weight" else expected
        if not good or (whole and not number.is_integer()):
            kind = "a whole number" if whole else "a number"
            raise WorldsError(f"{where}: {name} = {cell}; expected {kind}, {expected}")
        numbers.append(number)
    return numbers


def draw(n: int, seed: int = 0, path: str | Path | None = FILE, base: Parameters | None = None) -> list[World]:
    """Draw n worlds: an accepted one each, by weight, and the numbers that a fit cannot inform from their ranges.

    The accepted are drawn systematically, and each free number by a Latin hypercube of one dimension with dice of its
    own (keyed by its name), so that few draws cover the ranges well and a new number moves no other.

    Args:
        n: how many.
        seed: where chance begins.
        path: the table of accepted worlds; None where there is none: what a fit would inform keeps its default.
        base: what is not drawn (claims switched off, say).

    Raises:
        WorldsError: if the file of accepted worlds cannot be used.
    """
    fitted = _fitted(n, seed, path)
    ranks = {name: _ranks(n, seed, name) for name in free() if not fitted or name not in fitted[0]}
    fronts = _dice(seed, "front").permutation(np.resize(np.arange(len(FRONTS)), n))
    worlds = []
    for number in range(n):
        own = fitted[number]
        history, run = (int(own[name]) if name in own else None for name in (SEED, RUN))
        parameters = parameters_of(own, base)
        parameters = parameters_at(list(ranks), [ranks[name][number] for name in ranks], parameters)
        worlds.append(
            World(
                number=number,
                parameters=parameters,
                front=FRONTS[fronts[number]],
                seed=seed * 1_000_003 + number,
                history=history,
                run=run,
            )
        )
    return worlds


def prior(n: int, seed: int = 0, base: Parameters | None = None) -> list[World]:
    """Draw n worlds of the prior alone: every number from its declared range, as if nothing had been seen.

    >>> len({world.parameters.citizen.threshold for world in prior(3)})
    3
    """
    ranks = {name: _ranks(n, seed, name) for name in informed()}
    return [
        dataclasses.replace(
            world,
            parameters=parameters_at(list(ranks), [ranks[name][world.number] for name in ranks], world.parameters),
            seed=world.seed + 500_000,
        )
        for world in draw(n, seed, None, base)
    ]


def _fitted(n: int, seed: int, path: str | Path | None) -> list[dict[str, float]]:
    """Return the fitted numbers of n draws: accepted worlds by weight, drawn systematically."""
    if path is None:
        return [{}] * n
    known, dice = accepted(path), _dice(seed, "accepted worlds")
    weight = known["weight"].to_numpy()
    places = (np.arange(n) + dice.random()) / n
    rows = dice.permutation(np.minimum(np.searchsorted(np.cumsum(weight / weight.sum()), places), len(known) - 1))
    columns = {name: known[name].tolist() for name in known.columns if name not in NOTES}
    return [{name: _whole(name, column[row]) for name, column in columns.items()} for row in rows]


def _dice(seed: int, name: str) -> np.random.Generator:
    """Return the dice of one thing that is drawn, for a seed."""
    return np.random.default_rng(np.random.SeedSequence([seed, 2022], spawn_key=(zlib.crc32(name.encode()),)))


def _ranks(n: int, seed: int, name: str) -> np.ndarray:
    """Return n ranks of one number [0 to 1], one in each n-th of its range, in an order of its own."""
    dice = _dice(seed, name)
    return (dice.permutation(n) + dice.random(n)) / n


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What an episode's worlds were fitted to, and whether by the model as it is now."""

    file: Path | None
    """The accepted worlds; None: there are none."""
    title: str = ""
    """What they were fitted to: an episode by its title, or a country since a day."""
    older: bool | None = None
    """Whether the model has changed since, judged by its behaviour; None: that is not known."""

    @property
    def words(self) -> str:
        """Where the worlds are from, for a verdict.

        >>> Origin(file=None).words
        'worlds: default numbers, fitted to nothing'
        """
        if self.file is None:
            return "worlds: default numbers, fitted to nothing"
        since = {True: ", by an older model", None: ", by a model that left no fingerprint", False: ""}[self.older]
        return f"worlds fitted to {self.title or self.file.name}{since}"


def fitted_folder(episode: Episode | str) -> Path:
    """Return the folder of the worlds fitted to an episode, by the name that it gives or its own."""
    return FITTED / (episode if isinstance(episode, str) else episode.fitted or episode.name)


def file_of(episode: Episode) -> Path | None:
    """Return the accepted worlds that an episode uses, or None if it was fitted to nothing."""
    file = fitted_folder(episode) / "worlds.csv"
    return file if file.is_file() else None


def origin(path: str | Path | None) -> Origin:
    """Return where the worlds of a table are from: what lies beside it in ``calibration.json`` says."""
    if path is None:
        return Origin(file=None)
    path = Path(path)
    beside = path.with_name(f"{path.parent.name}.toml")  # an episode from elsewhere is kept with its worlds
    file = next((file for file in (FOLDER / beside.name, beside) if file.is_file()), None)
    episode = load_episode(file) if file and path.parent.parent == FITTED else None
    title = ""
    if episode:
        since = episode.since
        title = f"{episode.country} since {since.day} {since:%b %Y}" if since else episode.title
    record = calibration_of(path)
    if record is None or episode is None:
        return Origin(file=path, title=title)
    return Origin(file=path, title=title, older=record["fingerprint"] != fingerprint(episode))


def calibration_of(path: Path) -> dict[str, Any] | None:
    """Return what the calibration says of itself, from beside the accepted worlds; None if it says nothing.

    Raises:
        WorldsError: if what lies there is no such record.
    """
    return _beside(path, "calibration.json", CALIBRATION, "calibrate again")


def check_of(path: Path) -> dict[str, Any] | None:
    """Return what a check of the calibration on known histories left beside the accepted worlds; None if there is none.

    Raises:
        WorldsError: if what lies there is no such record.
    """
    return _beside(path, "check.json", CHECK, "check again")


def _beside(path: Path, name: str, shape: dict[str, Any], again: str) -> dict[str, Any] | None:
    """Return a record from beside the accepted worlds; None if there is none."""
    try:
        return dict(read_record(path.parent / name, shape))
    except FileNotFoundError:
        return None
    except RecordError as error:
        raise WorldsError(f"{error}: {again}, or move it away") from None


@functools.lru_cache(maxsize=8)
def fingerprint(episode: Episode | str) -> str:
    """Return the model's behaviour in an episode: a hash of the first 40 days of a small world, to seven digits."""
    world = Simulation(episode, rng=0, n_citizens=500).run(days=40)
    rows = [f"{value:.7g}" for row in world.rows for value in row]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def central(path: str | Path | None = FILE) -> Parameters:
    """Return the median accepted world: each informed number at its weighted median, all others at their default.

    Where there are none (None), all numbers are default ones.
    """
    if path is None:
        return Parameters()
    known = accepted(path)
    values = {}
    for name in known.columns.difference([*NOTES, SEED, RUN]):
        order = np.argsort(known[name].to_numpy())
        below = np.cumsum(known["weight"].to_numpy()[order]) / known["weight"].sum()
        values[name] = _whole(name, float(known[name].to_numpy()[order][np.searchsorted(below, 0.5)]))
    return Parameters().replace(values)


def _whole(name: str, value: float) -> float | int:
    """Return a whole number where the parameter is one, or where it is a seed or a run's number."""
    return round(value) if name in (SEED, RUN) or isinstance(DECLARED[name].default, int) else value
