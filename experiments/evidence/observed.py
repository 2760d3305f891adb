"""What was observed of a measure on single days, with its range: to be drawn beside what runs show of it."""

import datetime as dt
import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from experiments.lab.table import TableError, date_of, number_of, read_table
from model.parameters import nearest

COLUMNS = ("date", "measure", "low", "middle", "high")


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A measure as it was observed on one day: the best value within its range."""

    date: dt.date
    measure: str
    low: float
    middle: float
    high: float


def read_observed(path: str | Path, first: dt.date, last: dt.date, measures: Collection[str]) -> tuple[Observed, ...]:
    """Read a file of what was observed, in its order; other columns (a source, a note) may stand beside.

    Args:
        path: a CSV file with the columns date, measure, low, middle and high.
        first: the first day that is looked at.
        last: the last one.
        measures: what can be shown.

    Raises:
        TableError: if the file is missing or broken, or a line of it cannot be; the message names the line.
    """
    table = read_table(path)
    if missing := [name for name in COLUMNS if name not in table.names]:
        raise TableError(f"{table.where(1)}: no column {missing[0]}; expected {', '.join(COLUMNS)}")
    observed: dict[tuple[dt.date, str], Observed] = {}
    for where, row in table.rows():
        measure = row["measure"].strip()
        if measure not in measures:
            known = ", ".join(measures)
            raise TableError(f"{where}: measure = {measure}{nearest(measure, list(measures))} (one of {known})")
        date = date_of(row["date"])
        if date is None or not first <= date <= last:
            raise TableError(f"{where}: date = {row['date']}; expected one such as {first}, up to {last}")
        low, middle, high = (number_of(row[name]) for name in ("low", "middle", "high"))
        if not 0.0 <= low <= middle <= high < math.inf:
            given = ", ".join(row[name] for name in ("low", "middle", "high"))
            raise TableError(
                f"{where}: low, middle, high = {given}; expected three numbers, 0 or more, from low to high"
            )
        if (date, measure) in observed:
            raise TableError(f"{where}: {measure} on {date} is given twice")
        observed[date, measure] = Observed(date=date, measure=measure, low=low, middle=middle, high=high)
    return tuple(observed.values())
