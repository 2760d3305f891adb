"""Tables that a person gives as CSV files: each line with its number, so that what is wrong in it can be named."""

import csv
import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.lab.outputs import reason


class TableError(ValueError):
    """A file that cannot be read as a table; the message names file and line, what was given, what was expected."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The names of a table's columns, and its lines: the number of each in the file, and its cells."""

    path: str
    names: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]

    def where(self, line: int) -> str:
        """Return where a line is, as the beginning of a complaint about it."""
        return f"{self.path}, line {line}"

    def rows(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield for each line where it is, and its cells by name."""
        for line, cells in self.lines:
            yield self.where(line), dict(zip(self.names, cells, strict=True))


def read_table(path: str | Path, *, most: int = 1_000_000) -> Table:
    """Read a CSV file: a header of names, and below it lines of as many cells; empty lines do not count.

    Args:
        path: the file, in UTF-8.
        most: how many lines it may have.

    Raises:
        TableError: if it is missing or broken, or header and lines do not fit.
    """
    lines: list[tuple[int, tuple[str, ...]]] = []
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = tuple(name.strip() for name in next(reader, []))
            _check_header(f"{path}, line 1", names)
            for cells in filter(None, reader):
                where = f"{path}, line {reader.line_num}"
                if len(cells) != len(names):
                    raise TableError(f"{where}: {len(cells)} cells; expected {len(names)}, one a column")
                if len(lines) == most:
                    raise TableError(f"{where}: expected at most {most:,} lines")
                lines.append((reader.line_num, tuple(cells)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path} cannot be read as a table: {reason(error)}") from None
    if not lines:
        raise TableError(f"{path} has no lines: expected some below the names {', '.join(names)}")
    return Table(path=str(path), names=names, lines=tuple(lines))


def date_of(cell: str) -> dt.date | None:
    """Return the date that a cell holds, or None.

    >>> date_of("2022-02-24"), date_of("soon")
    (datetime.date(2022, 2, 24), None)
    """
    try:
        return dt.date.fromisoformat(cell.strip())
    except ValueError:
        return None


def number_of(cell: str) -> float:
    """Return the number that a cell holds, or nan, which is neither below nor above any other.

    >>> number_of("2.5"), number_of("many")
    (2.5, nan)
    """
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _check_header(where: str, names: tuple[str, ...]) -> None:
    if not any(names):
        raise TableError(f"{where}: expected the names of the columns")
    for place, name in enumerate(names):
        if not name:
            raise TableError(f"{where}: column {place + 1} has no name; from pandas, write with index=False")
        if name in names[:place]:
            raise TableError(f"{where}: {name} is given twice")
