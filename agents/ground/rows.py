"""A row of columns as an object: actors are kept as columns, and Mesa's agents look at one row each."""

from typing import Any


class Rows:
    """A set of actors as columns, a row each."""

    columns: dict[str, Any]

    def write(self, name: str, row: int, value: Any) -> None:
        """Write one actor's attribute."""
        self.columns[name][row] = value


def column(name: str) -> Any:
    """Return a property that reads and writes one column in the row of its agent (which has ``rows`` and ``row``)."""

    def read(self):
        return self.rows.columns[name].item(self.row)

    def write(self, value):
        self.rows.write(name, self.row, value)

    return property(read, write, doc=f"Its {name}.")
