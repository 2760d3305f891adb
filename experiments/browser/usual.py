"""Over histories: bands of the accepted histories behind a run's lines, so that a reader sees what is usual."""

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import solara

from experiments.browser.draw import date_words
from experiments.browser.world import BrowserWorld, Setup, base_of, episodes
from experiments.evidence.usual import FILE, Usual, usual_beside
from model.episode import load_episode
from model.simulation import Arm
from model.worlds import file_of

type Bands = Mapping[str, np.ndarray]
EVERY = 5
"""Every so many days a band has a corner."""


@functools.lru_cache(maxsize=4)
def _kept(file: Path, changed: float, worlds: float) -> tuple[Usual | None, str]:
    """Read what lies beside a table once for each state of both, and say why it may not hold."""
    episode = load_episode(episodes()[file.parent.name])
    try:
        usual = usual_beside(file)
    except ValueError as error:
        return None, f"cannot be read: {str(error).replace(str(file.parent), '').strip('/')}"
    if usual is None:
        return None, "are not at hand: python -m experiments.war_entry --accept leaves them"
    stale = usual.changed(file, episode)
    return (None, f"are {stale}: python -m experiments.war_entry --accept makes them anew") if stale else (usual, "")


def kept_for(setup: Setup) -> tuple[Usual | None, str]:
    """Return the bands of an episode if a world is one of its accepted histories, or why there are none."""
    file = file_of(load_episode(episodes()[setup.episode.name]))
    if file is None:
        return None, "are not drawn: this episode was fitted to nothing"
    if file.parent.name != setup.episode.name:
        return None, f"are not drawn: they are of “{load_episode(episodes()[file.parent.name]).title}”"
    beside = file.with_name(FILE)
    usual, why = _kept(file, beside.stat().st_mtime if beside.exists() else 0.0, file.stat().st_mtime)
    if usual is None:
        return None, why
    number, changed = base_of(setup)
    if not number:
        return None, "are not drawn: this world has the default numbers and is no accepted history"
    if changed or setup.parameters.without:
        return None, "are not drawn: you changed numbers or mechanisms, so this world is no accepted history"
    if setup.n_citizens != usual.n_citizens:
        return None, f"are not drawn: they are of {usual.n_citizens:,} citizens, this world has {setup.n_citizens:,}"
    return usual, ""


def arm_of(world: BrowserWorld) -> str:
    """Return which arm's bands stand behind a world: once he has entered (or will), those in which he enters."""
    return "enter" if world.arm == Arm.ENTER or world.regime.entered_on is not None else "stay"


def usual_words(usual: Usual, world: BrowserWorld, arm: str) -> str:
    """Return whose bands are drawn, in words."""
    entry, entered = world.episode.entering, world.regime.entered_on
    on = date_words(entry.date, year=False)
    does = f"he enters on {on}" if arm == "enter" else "he stays out"
    words = f"Shaded: {usual.worlds} accepted histories, {does}: nine tenths of them, darker the middle half"
    words += ", dashed their median; of those in which he has not fallen."
    if arm == "enter" and entered is not None and world.episode.date_of(entered) != entry.date:
        words += f" Here he entered on {date_words(world.episode.date_of(entered), year=False)}."
    return words


def use_bands(world: BrowserWorld, on: bool) -> tuple[Bands, str]:
    """Return the bands to draw behind a world's lines, by measure, and whose they are, or why there are none."""
    usual, why = solara.use_memo(lambda: kept_for(world.setup), [id(world)])
    arm = arm_of(world)
    bands: Bands = solara.use_memo(lambda: usual.of(arm) if usual and on else {}, [id(usual), arm, on])
    if usual is None:
        return bands, f"Bands over accepted histories {why}."
    return bands, usual_words(usual, world, arm) if on else ""


def corners(values: np.ndarray) -> list[tuple[int, float]]:
    """Return the days (from 1) and values at which a band's edge has a corner, the last day among them.

    >>> corners(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]))
    [(1, 1.0), (6, 6.0), (7, 7.0)]
    """
    days = sorted({*range(0, len(values), EVERY), len(values) - 1})
    return [(day + 1, float(values[day])) for day in days]
