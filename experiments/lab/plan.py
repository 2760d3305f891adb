"""What the plans of several questions share: which worlds are asked for."""

from collections.abc import Sequence

from experiments.lab.design import DesignError, parameters_from
from model.parameters import Parameters, nearest
from model.worlds import FILE, World, central, draw

DRAWS = 100
"""Draws of accepted worlds, where nothing else is asked."""


def worlds_of(asked: str, draws: int | None, seed: int, without: Sequence[str]) -> tuple[list[World], bool]:
    """Return the worlds asked for, and whether they are draws: accepted (or a ``.csv`` of them), or a fixed one.

    Raises:
        ValueError: if there are none of that name, or a file cannot be read.
    """
    base = Parameters().switch_off(*without)
    if asked == "accepted" or asked.endswith(".csv"):
        path = FILE if asked == "accepted" else asked
        return draw(draws or DRAWS, seed, path, base), True
    if draws is not None:
        raise DesignError(f"draws = {draws} has no meaning in the fixed world {asked}: give --worlds accepted")
    if asked == "central":
        parameters = central()
    elif asked.endswith(".toml"):
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
