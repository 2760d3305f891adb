"""Gates: what a fitted model must show before its verdict counts, and the file that says whether it does."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.lab.table import TableError, read_table

FILE = "gates.csv"
COLUMNS = ("words", "bound", "shown", "met")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What a fitted model must show before its verdict counts; stated before the fit."""

    words: str
    bound: str
    shown: str
    met: bool


def gates_table(tried: Sequence[Gate]) -> pd.DataFrame:
    """Return gates as a table, a row each."""
    return pd.DataFrame([dataclasses.asdict(gate) for gate in tried])


def gates_beside(worlds: str | Path) -> list[Gate] | None:
    """Return what the accepted worlds showed of the gates, from the file beside them; None if they were not tried.

    Raises:
        TableError: if that file cannot be read.
    """
    path = Path(worlds).with_name(FILE)
    if not path.is_file():
        return None
    table = read_table(path)
    if tuple(table.names) != COLUMNS:
        raise TableError(f"{path} has columns {', '.join(table.names)}; expected {', '.join(COLUMNS)}")
    return [
        Gate(words=row["words"], bound=row["bound"], shown=row["shown"], met=row["met"] == "True")
        for _, row in table.rows()
    ]


def confidence_words(tried: Sequence[Gate] | None) -> str:
    """Return how far an answer can be believed: how many of the gates stated before the fit the model passes.

    >>> confidence_words([Gate(words="size", bound="", shown="", met=False)])
    'CONFIDENCE: very low; 0 of 1 gates are met, not: size.'
    """
    if tried is None:
        return "CONFIDENCE: unknown, for the gates were not tried (validate --accept)."
    failed = [gate.words for gate in tried if not gate.met]
    met = 1.0 - len(failed) / len(tried)
    word = "medium (beyond is informed by nothing)" if met == 1.0 else "low" if met >= 0.75 else "very low"
    words = f"CONFIDENCE: {word}; {len(tried) - len(failed)} of {len(tried)} gates are met"
    return words + (f", not: {'; '.join(failed)}." if failed else ".")
