"""What can be kept of a run beside its data and its recipe: a picture (PNG), and a film of its days (GIF)."""

import html
import io
import re

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from PIL import Image

from experiments.browser.draw import banner, date_words
from experiments.browser.look import Look
from experiments.browser.words import people
from experiments.show.palette import BLUE, GREEN, PURPLE, SKY, VERMILLION

FRAMES = 48
"""So many days of a run are in its film, at most."""
FRAME_MS, LAST_MS = 120, 2_500
"""How long a day of the film is seen, and the last [ms]."""


def heading(look: Look, title: str) -> str:
    """Return what a picture of a run says above it: which run, and how it stands or ended."""
    crowd = look.of("crowd")
    ended = html.unescape(re.sub("<[^>]+>", "", banner(look))).strip()
    most = f"; the largest crowd so far: {people(float(crowd.max()))}" if crowd.size else ""
    return f"{title}\n{ended or f'{date_words(look.date)}{most}'}"


def figure(look: Look, title: str) -> Figure:
    """Return the crowd, opinion and the forces by day; ``title`` says which run it is."""
    drawn = Figure(figsize=(8.0, 6.4), layout="constrained")
    panels = drawn.subplots(3, 1, sharex=True, height_ratios=[2, 1, 1])
    dates = np.datetime64(look.start, "D") + np.arange(len(look.table))
    _lines(panels[0], dates, [("whole country", SKY, look.of("crowd")), ("capital", BLUE, look.of("capital_crowd"))])
    panels[0].set_ylabel("in the street\n[people a day]")
    panels[0].set_ylim(0.0, 1.08 * max(float(look.of("crowd").max(initial=0.0)), 100.0))
    panels[0].yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    opinion = [("against him", BLUE, look.of("against")), ("says so", GREEN, look.of("tells"))]
    _lines(panels[1], dates, opinion)
    panels[1].set_ylabel("electors\n[share]")
    forces = [("forces that obey", PURPLE, look.of("obeying_share"))]
    hedging = [("elite that hedges", VERMILLION, look.of("hedging"))]
    _lines(panels[2], dates, forces + hedging)
    panels[2].set_ylabel("forces, elite\n[share]")
    for panel in panels[1:]:
        panel.set_ylim(-0.03, 1.04)
    panels[2].set_xlim(dates[0], dates[-1] if len(dates) > 1 else dates[0] + np.timedelta64(1, "D"))
    locator = AutoDateLocator(maxticks=8)
    panels[2].xaxis.set_major_locator(locator)
    panels[2].xaxis.set_major_formatter(ConciseDateFormatter(locator))
    drawn.suptitle(heading(look, title), x=0.02, ha="left", fontsize=11)
    return drawn


def _lines(panel: Axes, dates: np.ndarray, lines: list[tuple[str, str, np.ndarray]]) -> None:
    for words, colour, values in lines:
        panel.plot(dates, values, color=colour, linewidth=1.6, label=words)
    panel.legend(loc="upper right", fontsize=8, frameon=False, ncols=2)
    panel.grid(color="0.9", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)


def picture(look: Look, title: str) -> bytes:
    """Return a PNG of a run's days so far; of a run that has lived no day, a sentence."""
    if look.day:
        drawn = figure(look, title)
    else:
        drawn = Figure(figsize=(8.0, 1.2))
        drawn.text(0.02, 0.4, f"{title}\nNo day has been lived yet.", fontsize=11)
    return _written(drawn, 130)


def _written(drawn: Figure, dpi: int) -> bytes:
    written = io.BytesIO()
    drawn.savefig(written, format="png", dpi=dpi, metadata={"Software": None})
    return written.getvalue()


def days_of_film(newest: int) -> list[int]:
    """Return the days that a film shows, the first and the newest among them.

    >>> days_of_film(3), len(days_of_film(365)), days_of_film(365)[-1]
    ([1, 2, 3], 48, 365)
    """
    return sorted({round(day) for day in np.linspace(1, newest, min(newest, FRAMES)).tolist()})


def film(look: Look, title: str) -> bytes:
    """Return a GIF in which the days of a run come one after the other; its heading tells how it stands at the end."""
    if not look.day:
        stills = [picture(look, title)]
    else:
        drawn = figure(look, title)
        drawn.draw_without_rendering()
        drawn.set_layout_engine("none")  # laid out once, for all days
        lines = [
            (line, np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
            for panel in drawn.axes
            for line in panel.lines
        ]
        stills = []
        for day in days_of_film(look.day):
            for line, dates, values in lines:
                line.set_data(dates[:day], values[:day])
            stills.append(_written(drawn, 75))
    palette = Image.Palette.ADAPTIVE
    shots = [Image.open(io.BytesIO(still)).convert("P", palette=palette, colors=48) for still in stills]
    written = io.BytesIO()
    times = [FRAME_MS] * (len(shots) - 1) + [LAST_MS]
    shots[0].save(written, format="GIF", save_all=True, append_images=shots[1:], duration=times, loop=0)
    return written.getvalue()
