"""What entry, long war and defeat did to the street elsewhere, beside each country's own reference crisis.

The rows are those of ``model/data/shocks.csv``. ``origin``: S was seen in an excerpt of a public source, M is from
memory and no evidence; S/M is a row of which a part is from memory, and counts as that.
"""

import math
from pathlib import Path
from typing import NamedTuple

from experiments.evidence.published import SEEN
from experiments.lab.table import TableError, read_table

FILE = Path(__file__).parents[2] / "model" / "data" / "shocks.csv"
CONDITIONS = ("entry", "war", "defeat")
BESIDE = {
    "entry for a patron": "entry", "entry and call-up": "entry", "entry": "entry", "long war": "war",
    "call-up and defeat": "defeat", "defeat": "defeat",
}  # fmt: skip
"""What of the model stands beside each type; it has no call-up, so a row with one is compared by its other half."""


class Shock(NamedTuple):
    """A war elsewhere: its crowd after the shock over that of the country's reference crisis, as a range [ratio]."""

    case: str
    years: str
    type: str
    low: float
    high: float
    outcome: str
    origin: str

    @property
    def condition(self) -> str:
        """What of the model it stands beside."""
        return BESIDE[self.type]

    @property
    def evidence(self) -> bool:
        """Whether it was seen in a source as a whole."""
        return self.origin == SEEN

    @property
    def name(self) -> str:
        """The case and its years."""
        return f"{self.case}, {self.years}"


def shocks(path: str | Path = FILE) -> tuple[Shock, ...]:
    """Return the shocks elsewhere; an upper end that is not told is none.

    >>> [one.high for one in shocks() if one.case in ("Georgia", "Iraq")]
    [1.0, inf]

    Raises:
        TableError: if the file cannot be read, or a row has a type or a range that cannot be.
    """
    found = []
    for where, cells in read_table(path).rows():
        try:
            low, high = float(cells["ratio_low"]), float(cells["ratio_high"] or math.inf)
        except (KeyError, ValueError) as error:
            raise TableError(f"{where}: expected a range of numbers, ratio_low and ratio_high") from error
        if cells["type"] not in BESIDE or not 0.0 <= low <= high:
            raise TableError(
                f"{where}: {cells['type']}, {low} to {high}; expected one of {', '.join(BESIDE)}, in order"
            )
        found.append(Shock(cells["case"], cells["years"], cells["type"], low, high, cells["outcome"], cells["origin"]))
    return tuple(found)
