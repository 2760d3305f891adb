"""The signs that may foretell a fall: each a number a day, from what is known on the evening of that day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

WINDOW = 28
"""How many days back protests are counted, and variance and autocorrelation taken [days]."""
SMALL = 5e-5
"""From this share of electors in the street on a day a protest counts (340 of Belarus's) [share]."""
WEEK = 7
MEASURED = ("tells", "against", "refused", "hedging", "crowd")
"""The measures of a day from which signs are made; beside them the forces' strain and the electors."""


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A sign: its words, who could see it, and its value on every day; high means danger."""

    words: str
    seen_by: str
    of: Callable[[pd.DataFrame], pd.Series]


def told_share(days: pd.DataFrame) -> pd.Series:
    """Share of those against him who would say so to a pollster [0 to 1]: fear that is lost (Kuran 1991)."""
    return (days["tells"] / days["against"].where(days["against"] > 0.0)).fillna(0.0)


def small_protests(days: pd.DataFrame) -> pd.Series:
    """On how many of the last days there was a protest, of whatever size.

    >>> days = pd.DataFrame({"crowd": [0.0, 400.0, 10.0, 500.0], "electors": 7e6})
    >>> small_protests(days).tolist()
    [0.0, 1.0, 1.0, 2.0]
    """
    return (days["crowd"] >= SMALL * days["electors"]).astype(float).rolling(WINDOW, min_periods=1).sum()


def log_crowd(days: pd.DataFrame) -> pd.Series:
    """The crowd by orders of size, against the day of the week before: calls come by the week [ln persons]."""
    return np.log1p(days["crowd"]).diff(WEEK).fillna(0.0)


def variance(days: pd.DataFrame) -> pd.Series:
    """Variance of the crowd over the last days: critical slowing down (Scheffer and others 2009)."""
    return log_crowd(days).rolling(WINDOW, min_periods=WEEK).var().fillna(0.0)


def autocorrelation(days: pd.DataFrame) -> pd.Series:
    """Correlation of the crowd with that of the day before, over the last days (the same)."""
    crowd = log_crowd(days)
    return crowd.rolling(WINDOW, min_periods=WEEK).corr(crowd.shift()).replace([np.inf, -np.inf], np.nan).fillna(0.0)


CALENDAR = "calendar"
"""The sign that looks at nothing: the sooner after entry, the more danger. Every other must beat it."""
SIGNS: Mapping[str, Sign] = {
    "told": Sign(words="opposition told to pollsters", seen_by="pollsters", of=lambda days: days["tells"]),
    "told_share": Sign(words="told, of those against", seen_by="nobody: the model", of=told_share),
    "strain": Sign(words="strain in the forces", seen_by="the forces", of=lambda days: days["strain"]),
    "refused": Sign(words="refusals at the front", seen_by="the army", of=lambda days: days["refused"]),
    "small_protests": Sign(words="days with protests, of 28", seen_by="everybody", of=small_protests),
    "crowd": Sign(
        words="largest crowd of the week", seen_by="everybody",
        of=lambda days: days["crowd"].rolling(WEEK, min_periods=1).max(),
    ),
    "variance": Sign(words="variance of the crowd", seen_by="everybody", of=variance),
    "autocorrelation": Sign(words="autocorrelation of the crowd", seen_by="everybody", of=autocorrelation),
    "hedging": Sign(words="elites who hedge", seen_by="the elite", of=lambda days: days["hedging"]),
    CALENDAR: Sign(
        words="the calendar", seen_by="everybody",
        of=lambda days: pd.Series(-np.arange(len(days), dtype=float), index=days.index),
    ),
}  # fmt: skip
"""The signs by name; a new one is a line here."""
