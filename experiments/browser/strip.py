"""The first world, and how it stands among all histories: it is chosen near their middle, and their verdict is told."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import solara
from mesa.visualization.utils import update_counter

from experiments.browser.asking import gone_on
from experiments.browser.chances import Chances
from experiments.browser.draw import date_words
from experiments.browser.world import BrowserWorld, accepted_worlds, episodes, running_words
from experiments.evidence.standing import Standing, standing_beside
from experiments.show.words import percent
from model.episode import load_episode
from model.worlds import World, file_of, informed, rank

CHOSEN = "chosen because its fitted numbers are nearest to the median of the draws, and by no outcome"
"""How the first world is chosen."""


def middle(drawn: Sequence[World]) -> int:
    """Return which world's fitted numbers are nearest to the median of all, each counted in its declared range.

    >>> from model.parameters import Parameters
    >>> some = [Parameters().replace({"citizen.noise": noise}) for noise in (0.1, 0.2, 0.3)]
    >>> middle([World(number=k, parameters=numbers, front="", seed=k) for k, numbers in enumerate(some)])
    1
    """
    numbers = [world.parameters.flat() for world in drawn]
    ranks = np.column_stack([rank(name, [flat[name] for flat in numbers]) for name in informed()])
    return int(np.square(ranks - np.median(ranks, axis=0)).sum(axis=1).argmin())


def opening(otherwise: dict[str, Any]) -> dict[str, Any]:
    """Return the controls of a page that was just opened: the middle accepted history, if there is one."""
    name = str(otherwise["episode"])
    try:
        drawn = accepted_worlds(name) if file_of(load_episode(episodes()[name])) else ()
    except ValueError:  # the page says so where worlds are chosen
        drawn = ()
    if not drawn:
        return otherwise
    chosen = middle(drawn)
    return otherwise | {"world": chosen + 1, "seed": str(drawn[chosen].seed)}


def standing_of(world: BrowserWorld) -> tuple[Standing | None, str]:
    """Return the verdict over the histories of a world's episode, and what is to be said of it: why it may not hold."""
    episode = load_episode(episodes()[world.episode.name])
    file = file_of(episode)
    if file is None:
        return None, "This episode was fitted to nothing: there is no verdict over histories."
    if file.parent.name != episode.name:
        return None, f"The verdict over histories is of another episode, {file.parent.name}."
    try:
        standing = standing_beside(file)
    except ValueError as error:
        return None, f"The verdict over histories cannot be read: {str(error).replace(str(file.parent), '').strip('/')}"
    if standing is None:
        return None, "No verdict over histories is at hand: python -m experiments.war_entry --accept leaves one."
    changed = standing.changed(file, episode)
    return standing, f"This verdict is {changed}: do not compare." if changed else ""


def rows_of(standing: Standing, world: BrowserWorld, chances: Sequence[Chances]) -> list[tuple[str, int, Any]]:
    """Return what is compared: words, of how many, and the chance that he falls with its interval."""
    days = standing.days
    rows: list[tuple[str, int, Any]] = [
        (f"{standing.worlds} histories, if he enters (within {days} days)", standing.worlds, standing.chance("enter")),
        (f"{standing.worlds} histories, if he stays out", standing.worlds, standing.chance("stay")),
    ]
    for which, (forks, name) in enumerate(zip(chances, ("This one", "Its twin"), strict=False)):
        if forks.ends:
            since = date_words(world.episode.date_of(max(forks.since, 1)), year=False)
            gone = ", before what came since" if gone_on(world, world, which, forks) else ""
            words = f"{name}, as it was on {since}{gone}, {len(forks.ends)} forks"
            rows.append((words, len(forks.ends), forks.any_fall()))
    return rows


def strip(rows: Sequence[tuple[str, int, Any]]) -> str:
    """Return the comparison in HTML: a line each, with a bar for the interval and a tick for the chance."""
    lines = []
    for words, _, chance in rows:
        value = getattr(chance, "value", None)
        value = chance.share if value is None else value
        said = f"{percent(value)} [{percent(chance.low)} to {percent(chance.high)}]"
        bar = f'<i style="left:{chance.low:.2%};width:{chance.high - chance.low:.2%}"></i>'
        bar += f'<u style="left:{value:.2%}"></u>'
        lines.append(f'<li><span>{html.escape(words)}</span><span class="rail">{bar}</span><b>{said}</b></li>')
    return f'<ul class="standing" aria-label="The chance that he falls">{"".join(lines)}</ul>'


@solara.component
def Strip(world: BrowserWorld, chances: Sequence[Chances], first: bool) -> None:
    """Where the verdict over all histories stands, and where this one does."""
    update_counter.get()
    standing, said = solara.use_memo(lambda: standing_of(world), [world.episode.name])
    if standing is not None:
        solara.HTML(unsafe_innerHTML=strip(rows_of(standing, world, chances)))
    running = solara.use_memo(lambda: running_words(world.setup), [id(world)])
    told = [f"This one is {running}.", *([said] if said else [])]
    if standing is not None and not any(forks.ends for forks in chances):
        told.append("Where this one stands is not known yet: press Chances now.")
    told.append("In brackets 95 % intervals: over histories, or over the dice of one.")
    if first:
        told.append(f"This history was {CHOSEN}.")
    solara.HTML(tag="p", unsafe_innerHTML=html.escape(" ".join(told)), classes=["hint"])
