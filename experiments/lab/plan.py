"""What the plans of several questions share: which episode and which worlds are asked for."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from experiments.lab.design import DesignError, parameters_from
from model.episode import Episode, load_episode
from model.parameters import Parameters, nearest
from model.simulation import SimulationError
from model.worlds import Origin, World, central, draw, file_of, origin

BEYOND = "citizen.war_beyond"
"""How shocking an entry is, as a multiple of lending the land: what nothing observed informs, and ``--beyond`` sets."""
DRAWS = 100
"""Draws of accepted worlds, where nothing else is asked."""


def episode_with_entry(name: str | Path) -> Episode:
    """Return an episode in which he can enter.

    Raises:
        ValueError: if there is none of that name, or its file does not say how he would enter.
    """
    episode = load_episode(name)
    if episode.entry is None:
        raise SimulationError(f"{episode.name} has no [entry]: it does not say how he would enter")
    return episode


def home_after(episode: Episode, wait: int | None) -> Episode:
    """Return an episode whose troops come home so many days after the entry; None: they never do."""
    home = None if wait is None else episode.entering.date + dt.timedelta(days=wait)
    return episode.replace(entry_withdrawal=home)


def worlds_of(
    asked: str, episode: Episode, draws: int | None, seed: int, without: Sequence[str]
) -> tuple[list[World], bool]:
    """Return the worlds asked for, and whether they are draws: accepted (or a ``.csv`` of them), or a fixed one.

    The accepted and the central ones are those fitted to the episode; without a fit, both have default numbers.

    Raises:
        ValueError: if there are none of that name, or a file cannot be read.
    """
    base = Parameters().switch_off(*without)
    if drawn_by(asked):
        return draw(draws or DRAWS, seed, file_of(episode) if asked == "accepted" else asked, base), True
    if draws is not None:
        raise DesignError(f"draws = {draws} has no meaning in the fixed world {asked}: give --worlds accepted")
    if asked == "central":
        parameters = central(file_of(episode))
    elif asked.lower().endswith(".toml"):
        parameters = parameters_from(asked)
    elif asked == "default":
        parameters = Parameters()
    else:
        known = ["accepted", "central", "default"]
        raise DesignError(
            f"no worlds {asked}{nearest(asked, known)} (one of {', '.join(known)}, or a file .toml or .csv)"
        )
    fixed = World(number=0, parameters=parameters.switch_off(*without), front="", seed=seed * 1_000_003)
    return [fixed], False


def drawn_by(asked: str) -> bool:
    """Return whether the worlds asked for are draws, and not one fixed world."""
    return asked == "accepted" or asked.lower().endswith(".csv")


def origin_words(asked: str, episode: Episode) -> str:
    """Return where the worlds asked for are from, for a verdict.

    >>> origin_words("default", load_episode("belarus-2022"))
    'worlds: default numbers, fitted to nothing'
    >>> origin_words("mine.toml", load_episode("belarus-2022"))
    'worlds: the numbers of mine.toml'
    """
    if asked.lower().endswith(".toml"):
        return f"worlds: the numbers of {Path(asked).name}"
    if asked == "default":
        return Origin(file=None).words
    words = origin(asked if asked.lower().endswith(".csv") else file_of(episode)).words
    return f"the median of the {words}" if asked == "central" and file_of(episode) else words
