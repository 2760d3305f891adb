"""Histograms of the citizens beside the map: their opposition and readiness on the day that is shown."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html

import numpy as np
import solara

from experiments.browser.anyone import citizens
from experiments.browser.charts import short
from experiments.browser.draw import svg, text
from experiments.browser.world import BrowserWorld
from experiments.show.palette import ORANGE

WIDTH = 208.0
"""How wide a histogram is drawn: the least that it has room for, so that its letters never shrink [pixels]."""


def histogram(
    values: np.ndarray,
    weight: np.ndarray,
    title: str,
    unit: str,
    low: float = -4.0,
    high: float = 4.0,
) -> str:
    """Return how many electors have which value, those above 0 in another colour."""
    floor, ceiling, left, right = 96.0, 34.0, 36.0, WIDTH - 6.0
    edges = np.linspace(low, high, round(4.0 * (high - low)) + 1)
    known = np.isfinite(values)
    counts, _ = np.histogram(np.clip(values[known], edges[0], edges[-1]), edges, weights=weight[known])
    most = max(float(counts.max(initial=0.0)), 1.0)
    step = (right - left) / counts.size

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    named = f'<text x="4" y="11" class="strong">{html.escape(title)}</text>'
    parts = [named, text(4.0, 25.0, unit, "soft")]
    for place, count in enumerate(counts.tolist()):
        tall = (floor - ceiling) * count / most
        colour = ORANGE if edges[place] >= -1e-9 else "var(--border)"
        parts.append(
            f'<rect x="{left + place * step:.1f}" y="{floor - tall:.1f}" width="{max(step - 0.8, 1.0):.1f}" '
            f'height="{tall:.1f}" fill="{colour}"/>'
        )
    every = 2 if high - low <= 8.0 else 4
    for tick in range(int(low), int(high) + 1):
        if tick % every == 0:
            at = f"≤ {tick}" if tick == low else f"{tick}"
            parts.append(text(x(tick), floor + 13.0, at.replace("-", "\N{MINUS SIGN}"), "axis", "middle"))
    parts.append(text(left - 4.0, ceiling + 8.0, short(float(f"{most:.2g}")), "axis", "end"))
    parts.append(f'<path class="now" d="M{x(0.0):.1f} {ceiling - 4}V{floor}"/>')
    return svg(WIDTH, 112.0, f"{title}, {unit}", *parts)


@solara.component
def Spread(world: BrowserWorld, day: int, who: str) -> None:
    """How the people of the region that is picked, else of the country, are spread on the day that is shown."""
    kind, _, row = who.partition(":")
    place = int(row) if kind == "region" and int(row) < len(world.episode.regions) else -1
    with world.stage.lock:
        asked = citizens(world, place)
    where = world.episode.regions[place].name if place >= 0 else "the whole country"
    if asked is None:
        words = "How opposition and readiness are spread is shown from the first day on."
        solara.HTML(tag="p", unsafe_innerHTML=words, classes=["hint"])
        return
    never = float(asked.weight[~np.isfinite(asked.margin)].sum() / max(asked.weight.sum(), 1.0))
    about = (
        f"The people of {where} at home or in the street on day {day}: electors by standard deviations of opposition. "
        f"Whom nothing can bring out ({never:.0%}) is left out of readiness. Click a region for its own."
    )
    pictures = histogram(asked.opposition, asked.weight, "Opposition", "above 0 he is against") + histogram(
        asked.margin, asked.weight, "Readiness", "above 0 he goes out", -12.0, 4.0
    )
    solara.HTML(unsafe_innerHTML=pictures, classes=["spread"])
    solara.HTML(tag="p", unsafe_innerHTML=html.escape(about), classes=["hint"])
