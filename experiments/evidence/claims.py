"""The claims of the article, in its own words, as ``model/ODD.md`` has them."""

import functools
from collections.abc import Mapping
from pathlib import Path

ODD = Path(__file__).parents[2] / "model" / "ODD.md"


@functools.cache
def sentences() -> Mapping[str, str]:
    """Return what the article says, by the number of the claim.

    >>> sentences()["C1"]
    'Putin pushes Belarus to do more'
    """
    held = ODD.read_text(encoding="utf-8").split("<!-- claims -->\n")[1].split("<!-- /claims -->")[0]
    head, _, *rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in held.strip().splitlines()]
    number, says = head.index("claim"), head.index("the article says")
    return {row[number]: row[says] for row in rows}
