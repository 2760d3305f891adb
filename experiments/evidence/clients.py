"""Clients of a patron at war who were asked to send soldiers: what their situation was, and whether they joined.

``clients.csv`` holds a row each. Its numbers are coarse, read off public history by us: no source states them as
numbers. They stand on the model's own scales, so that a rule learnt there can be asked about them. ``origin`` is of the
source and of what he did: S was seen in an excerpt of a public source, M is from memory and to be verified.
"""

import functools
from pathlib import Path

import pandas as pd

from experiments.lab.table import TableError, read_table

FILE = Path(__file__).parent / "clients.csv"
BOUNDS = {
    "joined": (0.0, 1.0), "pressure": (0.0, 10.0), "price": (0.0, 20.0), "troops": (0.0, 10.0), "averse": (0.0, 1.0),
    "tells": (0.0, 1.0), "load": (0.0, 10.0),
}  # fmt: skip
"""Whether he joined; the patron's pressure P; how ready it is to replace who refuses [multiple of Moscow's readiness in
the model]; its troops in the country for each own man; who is against sending soldiers, and who says to be against
him [shares]; the largest crowd of the last years against what his forces could hold [X]."""
WORDS = ("client", "year", "country", "patron", "what", "source", "origin", "confidence")


def clients(path: str | Path = FILE) -> pd.DataFrame:
    """Return the clients, a row each, with what was seen of their situation as numbers.

    Raises:
        TableError: if the file cannot be read, lacks a column, or holds a number that cannot be.
    """
    table = read_table(path)
    if table.names != (*WORDS[:5], *BOUNDS, *WORDS[5:]):
        raise TableError(f"{path} has columns {', '.join(table.names)}; expected {', '.join((*WORDS, *BOUNDS))}")
    rows = []
    for where, cells in table.rows():
        row: dict[str, str | float] = {name: cells[name] for name in WORDS}
        for name, (low, high) in BOUNDS.items():
            try:
                row[name] = float(cells[name])
            except ValueError:
                raise TableError(f"{where}: {name} = {cells[name]}; expected a number") from None
            if not low <= float(cells[name]) <= high:
                raise TableError(f"{where}: {name} = {cells[name]}; expected {low:g} to {high:g}")
        rows.append(row)
    return pd.DataFrame(rows)


@functools.cache
def countries() -> frozenset[str]:
    """Return the countries that the file tells of.

    >>> "Belarus" in countries(), len(clients()), int(clients()["joined"].sum())
    (True, 12, 9)
    """
    return frozenset(clients()["country"])
