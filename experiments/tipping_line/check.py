"""What the choice of places saves: runs of a grid that knows the line as well, measured on surfaces that are known.

One surface is a formula. The other is the model's own: what was counted at even places of the box, many runs at each,
smoothed over the box. Both ways ask a surface with dice, are fitted alike, and are judged by the share of the box that
they put on the wrong side of the line.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import expit
from tqdm import tqdm

from experiments.show.words import fold, percent
from experiments.tipping_line.surface import Box, Counts, fit, hunt

DENSE = 11
"""Even places along each axis at which the model's own surface is counted."""
GRID = 7
"""Even places along each axis of the grid that the choice of places is held against."""
SIZES = (300, 600, 1_200)
"""Runs that the choice of places has."""
TIMES = (1.0, 1.5, 2.0, 3.0, 4.0)
"""How many times as many the grid has."""
REPEATS = 10
FORMULA, OWN = "a formula", "the model's own"


def dense_places(box: Box, n: int) -> list[int]:
    """Return n even places of the box, as many runs at each as can be."""
    places = box.lattice(DENSE)
    return (places * (n // len(places) + 1))[:n]


def formula(box: Box) -> np.ndarray:
    """Return chances that are known at the places of a box: a curved line, steep on one side."""
    x, y = box.places.T
    return expit(-3.2 + x + 5.0 * y + 2.0 * x * y - 1.5 * np.sin(3.0 * x) * (1.0 - y))


def searched(box: Box, chances: np.ndarray, n: int, level: float, seed: int) -> Counts:
    """Return what the hunt counts with n runs on a surface of known chances."""
    dice, trial = np.random.default_rng([seed, n]), hunt(box, n, level)
    places = next(trial)
    try:
        while True:
            places = trial.send([bool(dice.random() < chances[place]) for place in places])
    except StopIteration as end:
        counts: Counts = end.value
        return counts


def gridded(box: Box, chances: np.ndarray, n: int, seed: int) -> Counts:
    """Return what a grid counts with n runs, as many at each of its places."""
    dice, lattice = np.random.default_rng([seed, n, GRID]), box.lattice(GRID)
    places = (lattice * (n // len(lattice) + 1))[:n]
    return Counts.none(box).more(places, [bool(dice.random() < chances[place]) for place in places])


def wrong(box: Box, counts: Counts, chances: np.ndarray, level: float) -> float:
    """Return the share of the box that a fit to some counts puts on the wrong side of the line."""
    return float(((expit(fit(box, counts).mean) >= level) != (chances >= level)).mean())


def checked(box: Box, own: Counts, level: float, *, repeats: int = REPEATS) -> pd.DataFrame:
    """Return for each surface and number of runs how wrong both ways are, and what the choice of places saves."""
    surfaces = {FORMULA: formula(box), OWN: expit(fit(box, own).mean)}
    bar = tqdm(total=len(surfaces) * len(SIZES) * (1 + len(TIMES)) * repeats, desc="checking", unit="fit")
    with bar:
        return pd.DataFrame(
            row for name, chances in surfaces.items() for row in _rows(name, box, chances, level, repeats, bar)
        )


def _rows(
    name: str, box: Box, chances: np.ndarray, level: float, repeats: int, bar: tqdm
) -> Iterator[dict[str, object]]:
    def judged(counts: Counts) -> float:
        bar.update()
        return wrong(box, counts, chances, level)

    for n in SIZES:
        ours = [judged(searched(box, chances, n, level, seed)) for seed in range(repeats)]
        grids = [
            float(np.mean([judged(gridded(box, chances, round(n * times), seed)) for seed in range(repeats)]))
            for times in TIMES
        ]
        error = float(np.mean(ours))
        yield {
            "surface": name, "runs": n, "wrong": error, "wrong_error": float(np.std(ours, ddof=1)) / repeats**0.5,
            "grid_wrong": grids[0], "grid_runs": n * at_equal_error(error, grids),
        }  # fmt: skip


def at_equal_error(error: float, grids: list[float]) -> float:
    """Return how many times as many runs the grid needs for an error; its own at the ends of what was tried.

    >>> at_equal_error(0.03, [0.04, 0.035, 0.03, 0.02, 0.01]), at_equal_error(0.05, [0.04, 0.035, 0.03, 0.02, 0.01])
    (2.0, 1.0)
    """
    least = np.minimum.accumulate(np.asarray(grids))  # more runs tell no less: what rises is luck
    return float(np.interp(-error, -least, TIMES))


def check_words(table: pd.DataFrame) -> str:
    """Return in words what the choice of places saves."""
    lines = [
        fold(
            "The share of the box on the wrong side of the line, by runs that go where they tell most, and by a grid "
            f"of {GRID} by {GRID} places with the same fit; {REPEATS} repeats. At equal error: the runs that the grid "
            f"needs to be as good ({TIMES[0]:g} to {TIMES[-1]:g} times as many were tried)."
        ),
        "",
        f"{'surface':<18}{'runs':>6}{'chosen places':>18}{'grid':>9}{'grid at equal error':>22}{'saved':>9}",
    ]
    for row in table.itertuples():
        saved = 1.0 - row.runs / row.grid_runs
        lines.append(
            f"{row.surface:<18}{row.runs:>6,}{percent(row.wrong):>9} +-{percent(row.wrong_error):>6}"
            f"{percent(row.grid_wrong):>9}{row.grid_runs:>22,.0f}{percent(saved):>9}"
        )
    return "\n".join(lines)
