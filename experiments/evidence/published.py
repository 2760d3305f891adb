"""How often regimes like this one meet coups and falls, as it was published; keys are those of ``model/sources.md``.

``S``: the number was seen in an excerpt of a public source; ``M``: it is told in ``model/data/facts.md`` from memory,
and was not seen in its source, so it is no evidence. What was looked for and not found has no numbers.
"""

import math
from typing import NamedTuple

SEEN, MEMORY = "S", "M"


class Published(NamedTuple):
    """What was published of a measure in a condition: its range, in words, where it is from, and who saw it."""

    condition: str
    measure: str
    low: float
    high: float
    words: str
    key: str
    origin: str

    @property
    def found(self) -> bool:
        """Whether there is a source at all."""
        return self.key != ""


def missing(condition: str, measure: str) -> Published:
    """Return what stands for a rate of which no source was found."""
    return Published(condition, measure, math.nan, math.nan, "no source found", "", "")


PUBLISHED = (
    Published(
        "quiet", "attempts", 4.0, 6.0,
        "coup attempts in personalist regimes, 1990 to 2010: 6.0 a hundred years; the lower end, 4, has no source",
        "PowellThyne2011", MEMORY,
    ),
    Published(
        "quiet", "success", 0.37, 0.48,
        "of all coup attempts since 1950 48 % succeeded, of those since the Cold War 37 %", "PowellThyne2011", SEEN,
    ),
    Published(
        "quiet", "falls", 4.9, 5.7, "autocratic breakdowns: 4.9 a hundred years, of personalist regimes 5.7",
        "GeddesWrightFrantz2014", MEMORY,
    ),
    # 68 % of 303 by coup and 10.6 % by uprising: 68 / 78.6. Of late revolts are 12 % of exits, coups under 10 %: 10/22.
    Published(
        "quiet", "coups_of_falls", 0.45, 0.86,
        "coups among coups and uprisings: 86 % from 1946 to 2008 (Svolik2009); at most 45 % of late, as coups are "
        "below 10 % and revolts 12 % of all exits", "KendallTaylorFrantz2014", SEEN,
    ),
    missing("protest", "attempts"),
    Published(
        "protest", "attempts_times", 1.0, math.inf,
        "protest makes coup attempts likelier (CasperTyson2014, too); by how much in such a crowd was not found",
        "JohnsonThyne2018", SEEN,
    ),
    missing("protest", "success"),
    Published(
        "protest", "fell", 0.35, 0.71,
        "nonviolent campaigns against regimes with open outside support succeed in 54 % [35 to 71], 1945 to 2006",
        "NAVCO2", MEMORY,
    ),
    missing("protest", "coups_of_falls"),
    missing("war", "attempts"),
    Published(
        "war", "attempts_times", 0.4, 1.0,
        "in a militarized dispute an attempt is about 60 % less likely in the year after; no evidence that war makes "
        "it likelier (PiplaniTalmadge2016)", "ArbatliArbatli2016", SEEN,
    ),
    missing("war", "success"),
    missing("war", "fell"),  # the 1 of 43 of base_rates.JOINERS is our own count, which no source states
    missing("war", "coups_of_falls"),
)  # fmt: skip
