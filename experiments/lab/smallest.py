"""The smallest set of parts without which he stands: each part alone, then a set of which nothing can be spared.

A search is a generator: it yields the sets that it wants left out next, and is sent for each whether he stands
without it. Who asks lives the run again; where, and how many at once, is his business.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from experiments.lab.left_out import Part

type Trial[Thing, Result] = Generator[list[list[Thing]], list[bool], Result]
"""Asks of some sets whether he stands without them; returns a result."""


def minimal[Thing](things: Sequence[Thing]) -> Trial[Thing, list[Thing]]:
    """Search a set without which he stands, and of which nothing can be spared (Zeller and Hildebrandt 2002).

    He stands without all of the things together. Chunks of them are put back, the last first, and stay there where he
    stands all the same; then chunks of half the size, down to single things. At last each that is left is put back
    alone: with any of them he falls, or it goes, too.

    >>> def answer(trial, stands):
    ...     try:
    ...         asked = next(trial)
    ...         while True:
    ...             asked = trial.send([stands(set(some)) for some in asked])
    ...     except StopIteration as end:
    ...         return end.value
    >>> answer(minimal(range(100)), lambda without: {17, 64} <= without)
    [17, 64]
    """
    kept = list(things)
    size = max(1, len(kept) // 2)
    while True:
        place = len(kept)
        while place > 0:
            rest = kept[: max(0, place - size)] + kept[place:]
            if rest:
                (enough,) = yield [rest]
                kept = rest if enough else kept
            place -= size
        if size == 1:
            break
        size //= 2
    while len(kept) > 1:
        each = [kept[:place] + kept[place + 1 :] for place in range(len(kept))]
        enough_without = yield each
        spare = [place for place, enough in enumerate(enough_without) if enough]
        if not spare:
            break
        kept = each[spare[-1]]
    return kept


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found of some parts."""

    asked: int
    """How many parts there are."""
    alone: tuple[Part, ...]
    """Those each of which is enough: without it alone he would stand."""
    smallest: tuple[Part, ...]
    """The smallest set that was found; empty: he falls without all of them, too."""


def smallest_set(parts: Sequence[Part]) -> Trial[Part, Answer]:
    """Search the smallest set of some parts without which he would not have fallen.

    Each is tried alone first, so that a set of one is the smallest there is; a larger one is minimal: nothing in it
    can be spared, though another, smaller one may exist. Of several that are enough alone the first is taken.

    Args:
        parts: what can be left out, the largest part first.
    """
    enough = yield [[part] for part in parts]
    alone = tuple(part for part, stands in zip(parts, enough, strict=True) if stands)
    smallest = alone[:1]
    if not alone and len(parts) > 1:
        (stands,) = yield [list(parts)]
        if stands:
            smallest = tuple((yield from minimal(parts)))
    return Answer(asked=len(parts), alone=alone, smallest=smallest)
