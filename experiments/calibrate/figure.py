"""What fresh runs of the accepted worlds show beside what was seen: every target, and for Belarus the wave by date."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from experiments.calibrate.trials import Fit
from experiments.evidence import wave_2020 as wave
from experiments.show.figures import canvas, fan, headline, in_months, in_people, save, style
from experiments.show.palette import BLACK, BLUE, VERMILLION


def draw_wave(
    fit: Fit, rows: pd.DataFrame, banded: Sequence[dict[str, Any]], path: Path, record: Mapping[str, Any]
) -> None:
    """Draw the wave: Minsk crowds and detentions, seen and modelled, and every target's miss."""
    seen = wave.weekly()
    dates = pd.to_datetime(seen.index)
    with style():
        figure = canvas(11.0, 7.4)
        grid = figure.add_gridspec(2, 2, width_ratios=[1.5, 1.0])
        for place, what, title in (
            (0, "crowd", "In the street on the day (Minsk; to 12 August the country) [people, log]"),
            (1, "detained", "Detained on the day, in the country [people, log]"),
        ):
            axes = figure.add_subplot(grid[place, 0])
            shown = rows[[f"{what} {date}" for date in seen.index]].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
            fan(axes, dates, {q: line.clip(lower=10.0).to_numpy() for q, line in shown.T.items()}, BLUE)
            low, high = (seen[f"{what}_{end}"].clip(lower=10.0) for end in ("low", "high"))
            middle = seen["crowd_mid"] if what == "crowd" else np.sqrt(low * high)
            axes.errorbar(
                dates, middle, [middle - low, high - middle], fmt="o", ms=4, color=BLACK, lw=1,
                label="seen, low to high",
            )  # fmt: skip
            axes.set_yscale("log")
            axes.set_title(title)
            in_people(axes.yaxis)
            in_months(axes.xaxis)
            if place == 0:
                axes.legend(loc="lower left")
        axes = figure.add_subplot(grid[:, 1])
        _in_errors(axes, fit, banded)
        axes.set_title("Every target (0: as seen)")
        finding = (
            f"Of {len(banded)} targets since {fit.episode.first_date:%B %Y}, {_inside(banded)} lie inside the 90 % "
            "band of fresh runs of the accepted worlds"
        )
        bands = "half and 90 % of the runs that last until all is known"
        beneath = f"Fresh chance, {fit.n_citizens:,} citizens. Bands: {bands}."
        headline(figure, finding, beneath)
        save(figure, path, record)


def draw_targets(fit: Fit, banded: Sequence[dict[str, Any]], path: Path, record: Mapping[str, Any]) -> None:
    """Draw the band of fresh runs of every target beside what was seen, low to high."""
    with style():
        figure = canvas(9.0, 2.2 + 0.4 * len(banded))
        axes = figure.add_subplot()
        _in_errors(axes, fit, banded)
        for place, target in enumerate(reversed(fit.targets)):
            low, high = target.miss(target.low), target.miss(target.high)
            axes.plot([low, 0.0, high], [place - 0.25] * 3, color=BLACK, marker="|", lw=1, ms=6)
        axes.set_yticks(
            range(len(banded)),
            [f"{row['name']}\n{row['low']:,g} to {row['high']:,g} {row['unit']}" for row in reversed(banded)],
        )
        axes.set_title("Every target (0: as seen; black: seen, low to high)")
        finding = (
            f"{fit.episode.title}: of {len(banded)} targets {_inside(banded)} lie inside the 90 % band of fresh runs"
        )
        headline(
            figure, finding, f"Fresh chance, {fit.n_citizens:,} citizens. Bands: runs that survive to the last target."
        )
        save(figure, path, record)


def _inside(banded: Sequence[dict[str, Any]]) -> int:
    return sum(not row["outside"] for row in banded)


def _in_errors(axes: Axes, fit: Fit, banded: Sequence[dict[str, Any]]) -> None:
    """Draw the band of every target [errors of target and model]."""
    for place, (target, row) in enumerate(zip(reversed(fit.targets), reversed(banded), strict=True)):
        low, middle, high = (target.miss(row[f"band_{part}"]) for part in ("low", "mid", "high"))
        colour = VERMILLION if row["outside"] else BLUE
        axes.plot([low, high], [place, place], color=colour, lw=4, alpha=0.4, solid_capstyle="butt")
        axes.plot(middle, place, "o", color=colour, ms=4)
    axes.axvline(0.0, color=BLACK, lw=1)
    axes.set_yticks(range(len(banded)), [row["name"] for row in reversed(banded)])
    axes.set_xlabel("90 % of fresh runs [errors]")
