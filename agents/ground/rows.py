"""A row of columns as an object: actors are kept as columns, and Mesa's agents look at one row each."""

import copy
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


def copied(agent: Any, memo: dict[int, Any]) -> Any:
    """Return an agent's copy in the copy of its world: it looks at the same row there, and has nothing else to copy.

    A world has hundreds of them: as their ``__deepcopy__`` it halves what a fork costs.
    """
    twin = object.__new__(type(agent))
    twin.__dict__.update(agent.__dict__)
    memo[id(agent)] = twin
    twin.model = copy.deepcopy(agent.model, memo)
    return twin
