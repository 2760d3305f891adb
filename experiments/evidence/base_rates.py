"""Base rates, beside which any chance of the model must be read; ``model/data/facts.md`` names their sources."""

import textwrap
from typing import NamedTuple

from experiments.show.words import WIDTH

FACTS, ASSUMPTION = "model/data/facts.md", "assumption"


class Rate(NamedTuple):
    """How often something happens in a year to such a regime: its share, in words, and where it is from."""

    yearly: float
    words: str
    source: str

    def chance(self, days: int) -> float:
        """Return the chance that it happens within some days, if every day is like the others.

        >>> round(Rate(0.19, "", ASSUMPTION).chance(730), 4)  # 1 - 0.81^2
        0.3439
        """
        return 1.0 - (1.0 - self.yearly) ** (days / 365.0)


FALLS = Rate(0.057, "5.7 of 100 personalist regimes break down in a year", FACTS)
JOINERS_FALL = Rate(
    1.0 / 43.0, "1 of 43 autocrats who joined a war was ousted irregularly within a year", "the reference class above"
)
ENTERS = Rate(0.1, "one year in ten brings the entry of such an ally", ASSUMPTION)
CROWDS = {
    0.2: Rate(0.1, "one year in ten brings a crowd of 0.2 % of the electors", ASSUMPTION),
    1.0: Rate(0.05, "one year in twenty brings a crowd of 1 % of the electors", ASSUMPTION),
}
"""By the mark that a crowd passes on some day [% of electors]."""
DETAINED = (0.15, 15.0)
"""Detained a day and million electors, from and to, each order of size as likely: an assumption (Belarus: 1 to 100)."""

JOINERS = (
    "REFERENCE CLASS: of 43 autocrats who joined a war already under way (1914 to 2003) one was ousted irregularly "
    "within a year; joiners fell late, by elites, after defeat."
)
BASE_RATES = (
    "Coup attempts in personalist regimes, 1990-2010: 6.0 a hundred years, of which 30 % succeed.",
    "Autocratic breakdown: 4.9 a hundred years (personalist regimes: 5.7).",
    "Nonviolent campaigns for a change of regime, 1945-2006, succeed in 54 % [35 to 71] where the regime has open "
    "outside support, else in 87 % [70 to 95] (NAVCO 2.0).",
)


def beside(*more: str, what: str = "any absolute chance here") -> str:
    """Return the base rates as a verdict has them, a line or more each, and what else stands among them.

    >>> beside("Here: 2.0 a hundred years.").splitlines()[-1]
    '  Here: 2.0 a hundred years.'
    """
    lines = [textwrap.fill(rate, WIDTH, initial_indent="  ", subsequent_indent="    ") for rate in (*BASE_RATES, *more)]
    return "\n".join([f"BASE RATES, beside which {what} must be read:", *lines])
