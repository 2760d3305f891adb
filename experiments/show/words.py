"""One set of words for what every question says: shares, intervals, endings, arms, and where worlds come from."""

import datetime as dt
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from model.outcomes import FALLS, Ending

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

WIDTH = 98
"""Columns of a verdict."""
FALL = "fall"
"""Any ending but survival."""
OUTCOMES = (str(Ending.SURVIVED), *map(str, FALLS), FALL)
ARM_WORDS = {"stay": "he stays", "enter": "he enters", "decide": "he decides"}
LIKELY = (
    (0.99, "virtually certain"), (0.9, "very likely"), (0.66, "likely"), (0.33, "about as likely as not"),
    (0.1, "unlikely"), (0.01, "very unlikely"), (0.0, "exceptionally unlikely"),
)  # fmt: skip
"""Words for chances, from the largest down, each with the least chance that it stands for."""


class Estimated(Protocol):
    """A number with its interval."""

    @property
    def value(self) -> float:
        """The number."""

    @property
    def low(self) -> float:
        """The lower end of its interval."""

    @property
    def high(self) -> float:
        """The upper end."""


def ending_words(patron: str) -> dict[str, str]:
    """Return the words for each ending and any fall, with the patron's own name.

    >>> ending_words("Moscow")["replaced_by_moscow"]
    'replacement by Moscow'
    """
    return {
        str(Ending.SURVIVED): "survival",
        str(Ending.UPRISING): "an uprising",
        str(Ending.COUP): "a coup",
        str(Ending.REPLACED): f"replacement by {patron}",
        FALL: "any fall",
    }


def short_endings(patron: str) -> dict[str, str]:
    """Return the same words without their articles, for tables and figures.

    >>> short_endings("Moscow")["coup"]
    'coup'
    """
    return {name: words.removeprefix("an ").removeprefix("a ") for name, words in ending_words(patron).items()}


def happened(endings: "pd.Series", outcome: str) -> "np.ndarray":
    """Return for each ending whether it is an outcome [0 or 1]; ``fall`` is any but survival."""
    return (endings.isin(list(map(str, FALLS))) if outcome == FALL else endings == outcome).to_numpy(float)


def percent(share: float) -> str:
    """Return a share in percent, with a decimal where it is near an end, and never 0 or 100 for what is neither.

    >>> percent(0.29), percent(0.025), percent(0.0), percent(0.0001), percent(0.9999)
    ('29 %', '2.5 %', '0 %', '<0.1 %', '>99.9 %')
    """
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    if share < 0.0005:
        return "<0.1 %"
    if share > 0.9995:
        return ">99.9 %"
    return f"{100 * share:.1f} %" if share < 0.1995 or share > 0.989 else f"{100 * share:.0f} %"


def points(value: float) -> str:
    """Return a difference of chances in signed percentage points.

    >>> points(0.263), points(-0.0004), points(0.0)
    ('+26.3', '-0.0', '0')
    """
    return "0" if value == 0.0 else f"{100 * value:+.1f}"


def ends_of(estimate: Estimated | tuple[float, float, float]) -> tuple[float, float, float]:
    """Return a number and the two ends of its interval."""
    return estimate if isinstance(estimate, tuple) else (estimate.value, estimate.low, estimate.high)


def interval_words(estimate: Estimated | tuple[float, float, float]) -> str:
    """Return a chance with its interval.

    >>> interval_words((0.29, 0.2, 0.38))
    '29 % [20 to 38]'
    """
    value, low, high = ends_of(estimate)
    return f"{percent(value)} [{percent(low).removesuffix(' %')} to {percent(high).removesuffix(' %')}]"


def points_words(estimate: Estimated | tuple[float, float, float]) -> str:
    """Return a difference of chances with its interval, in percentage points."""
    value, low, high = ends_of(estimate)
    return f"{points(value)} [{points(low)} to {points(high)}]"


def fold(words: str, indent: str = "", width: int = WIDTH) -> str:
    r"""Return words in lines that can be read.

    >>> fold("one two  three", width=8)
    'one two\nthree'
    """
    return textwrap.fill(" ".join(words.split()), width, subsequent_indent=indent, break_long_words=False)


def width_of(cells: Iterable[str], least: int) -> int:
    """Return the width of a column of text: what it has, or more where its content needs more.

    >>> width_of(["Minsk", "Brest"], 9), width_of(["a name of 22 characters"], 9)
    (9, 24)
    """
    return max(least, 1 + max(map(len, cells), default=0))


def likely(share: float) -> str:
    """Return the word of the IPCC's scale for a chance (Mastrandrea 2010).

    >>> [likely(share) for share in (0.005, 0.12, 0.5, 0.7)]
    ['exceptionally unlikely', 'unlikely', 'about as likely as not', 'likely']
    """
    return next(word for least, word in LIKELY if share >= least)


def date_words(date: dt.date) -> str:
    """Return a date in words.

    >>> date_words(dt.date(2022, 2, 24))
    '24 Feb 2022'
    """
    return f"{date.day} {date:%b %Y}"
