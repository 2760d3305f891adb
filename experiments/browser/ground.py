"""The ground of the map: outlines, and a place for every dot, laid out once for an episode.

A dot stands for so many electors. The dots of a region are sorted by their distance from its main city, so that a
crowd is drawn as a disc that grows from the square: its area is its size.
"""

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.path import Path as Outline

from model.episode import Episode
from model.records import read_record

FILE = Path(__file__).parent / "belarus.geojson"
WIDTH, HEIGHT = 620.0, 566.0
MOST_DOTS = 14_000
LENS = 6.0
"""How many times larger than the country the capital's own outline is drawn."""


@dataclass(frozen=True)
class Place:
    """A region on the map: its outline, its dots by distance from the city, and where its label goes [pixels].

    A dot is a piece of an SVG path, made once.
    """

    name: str
    outline: np.ndarray
    dots: tuple[str, ...]
    city: tuple[float, float]
    label: tuple[float, float]
    capital: bool


@dataclass(frozen=True)
class Ground:
    """A country laid out for drawing."""

    places: tuple[Place, ...]
    per_dot: int
    """How many electors a dot stands for [people]."""
    abroad: tuple[float, float]
    """Where the exiles are drawn [pixels]."""
    front: float
    """How far down the front is drawn [pixels]."""
    drawn: bool
    """Whether outlines were known; else the regions are neutral tiles."""


@functools.lru_cache(maxsize=8)
def lay_out(regions: tuple[tuple[str, int, bool], ...]) -> Ground:
    """Lay out regions (name, electors, whether it holds the capital): on the map if it knows them, else as tiles."""
    geojson = read_record(FILE, {"features": [{"properties": {"name": str}}]})
    known = {feature["properties"]["name"]: feature for feature in geojson["features"]}
    drawn = all(name in known for name, _, _ in regions)
    electors = sum(number for _, number, _ in regions)
    per_dot = _round_up(electors / MOST_DOTS)
    shapes = _mapped(known, regions) if drawn else _tiles(regions)
    lens = next(outline for (_, _, capital), (outline, _, _) in zip(regions, shapes, strict=True) if capital)
    places = []
    for index, ((name, number, capital), (outline, city, label)) in enumerate(zip(regions, shapes, strict=True)):
        hole = lens if drawn and not capital else None
        dots = _dots(outline, hole, round(number / per_dot), index)
        order = np.argsort(np.hypot(*(dots - np.array(city)).T), kind="stable")
        places.append(Place(name, outline, marks(dots[order]), city, label, capital))
    return Ground(tuple(places), per_dot, (100.0, 72.0), HEIGHT - 22.0, drawn)


def of(episode: Episode) -> Ground:
    """Return the ground of an episode."""
    return lay_out(tuple((region.name, region.electors, region.capital) for region in episode.regions))


def marks(points: np.ndarray) -> tuple[str, ...]:
    """Return points as pieces of an SVG path: with round line ends, a line of no length is a dot.

    >>> marks(np.array([[1.0, 2.5]]))
    ('M1 2.5h0',)
    """
    return tuple(f"M{x:g} {y:g}h0" for x, y in points.tolist())


def block(centre: tuple[float, float], n: int, gap: float) -> tuple[str, ...]:
    """Return n dots in a round block about a centre, the inner first [pixels].

    >>> block((10.0, 10.0), 1, 4.0)
    ('M10 10h0',)
    """
    side = math.isqrt(2 * n) + 3
    columns, rows = np.meshgrid(np.arange(-side, side + 1), np.arange(-side, side + 1))
    points = np.column_stack([(columns + 0.5 * (rows % 2)).ravel(), rows.ravel() * math.sqrt(0.75)]) * gap
    nearest = np.argsort(np.hypot(points[:, 0], 1.3 * points[:, 1]), kind="stable")[:n]
    return marks(np.round(points[nearest] + np.array(centre), 1))


def _round_up(number: float) -> int:
    """Return the next of 1, 2, 5, 10, 20, 50, ..."""
    power = 10 ** math.floor(math.log10(max(number, 1.0)))
    return next(round(step * power) for step in (1, 2, 5, 10) if step * power >= number)


def _mapped(known: dict, regions: tuple) -> list[tuple]:
    """Return outline, city and label of regions on the map; the capital is enlarged in its place."""
    features = [known[name] for name, _, _ in regions]
    rings = [np.array(feature["geometry"]["coordinates"][0], float) for feature in features]
    every = np.concatenate(rings)
    shrink = math.cos(math.radians(every[:, 1].mean()))
    corner = np.array([every[:, 0].min(), every[:, 1].max()])
    span = np.ptp(every, axis=0)
    scale = min((WIDTH - 44.0) / (span[0] * shrink), (HEIGHT - 96.0) / span[1])
    left = 0.5 * (WIDTH - scale * span[0] * shrink)

    def place(points: np.ndarray) -> np.ndarray:
        return (np.asarray(points, float) - corner) * np.array([shrink, -1.0]) * scale + np.array([left, 18.0])

    shapes = []
    for (_, _, capital), feature, ring in zip(regions, features, rings, strict=True):
        outline, city = place(ring), place(feature["properties"]["city"])
        if capital:
            outline = city + (outline - outline.mean(axis=0)) * LENS
        shapes.append((np.round(outline, 1), tuple(city), tuple(place(feature["properties"]["label"]))))
    return shapes


def _tiles(regions: tuple) -> list[tuple]:
    """Return neutral tiles for regions that the map does not know."""
    columns = math.ceil(math.sqrt(len(regions)))
    rows = math.ceil(len(regions) / columns)
    wide, high = (WIDTH - 60.0) / columns, (HEIGHT - 220.0) / rows
    shapes = []
    for index in range(len(regions)):
        x, y = 30.0 + index % columns * wide, 130.0 + index // columns * high
        corners = [[0.0, 0.0], [wide - 8.0, 0.0], [wide - 8.0, high - 8.0], [0.0, high - 8.0]]
        outline = np.array([*corners, corners[0]]) + np.array([x, y])
        centre = (x + 0.5 * wide, y + 0.5 * high)
        shapes.append((outline, centre, (centre[0], y + 18.0)))
    return shapes


def _dots(outline: np.ndarray, hole: np.ndarray | None, n: int, seed: int) -> np.ndarray:
    """Return n places on a slightly shaken honeycomb within an outline [pixels]."""
    if n == 0:
        return np.zeros((0, 2))
    inside, low, high = Outline(outline), outline.min(axis=0), outline.max(axis=0)
    keep_off = Outline(hole) if hole is not None else None
    gap = math.sqrt(np.prod(high - low) / n)
    while True:
        columns, rows = np.meshgrid(np.arange(low[0], high[0], gap), np.arange(low[1], high[1], gap * math.sqrt(0.75)))
        columns[1::2] += 0.5 * gap
        points = np.column_stack([columns.ravel(), rows.ravel()])
        points = points[inside.contains_points(points, radius=-1.5) | inside.contains_points(points, radius=1.5)]
        if keep_off is not None:
            points = points[
                ~(keep_off.contains_points(points, radius=3.0) | keep_off.contains_points(points, radius=-3.0))
            ]
        if len(points) >= n:
            break
        gap *= 0.99
    dice = np.random.default_rng(seed)
    chosen = np.sort(dice.choice(len(points), n, replace=False))
    return np.round(points[chosen] + dice.uniform(-0.2, 0.2, (n, 2)) * gap, 1)
