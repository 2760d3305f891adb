"""How the run is chosen, and how the smallest sets are found: by living it again without one part after another."""

import dataclasses
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from experiments.lab.runner import Run
from experiments.lab.searches import Outcome, Search
from experiments.why.replay import Part
from model.outcomes import Ending
from model.simulation import Arm

BATCH = 20
"""So many draws are searched together; the first that fell is taken, whoever lived first."""


def fell(outcome: Outcome) -> bool:
    """Whether a run ended with his fall; of a run that failed nothing is known, and no."""
    return outcome is not None and outcome["ending"] != str(Ending.SURVIVED)


def stands(outcome: Outcome) -> bool:
    """Whether he was still there at the end of a run; of a run that failed nothing is known, and no."""
    return outcome is not None and outcome["ending"] == str(Ending.SURVIVED)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The twins that were chosen (None: there are none), and how many draws were searched, and fell, for it."""

    run: Run | None
    searched: int
    fell: int
    """Draws in which he fell after entry; in those that were not chosen he fell if he stayed, too."""


def first_fall(runs: Sequence[Run]) -> Search[Found]:
    """Search the first draw that falls after entry and whose twin stays; ``runs`` are those that enter, in order."""
    seen = 0
    for start in range(0, len(runs), BATCH):
        batch = runs[start : start + BATCH]
        entering: list[Outcome] = yield batch, len(runs) - start - len(batch)
        suspects = [
            run for run, outcome in zip(batch, entering, strict=True)
            if fell(outcome) and outcome is not None and outcome["entered_on"] is not None
        ]  # fmt: skip
        staying = yield [dataclasses.replace(run, arm=str(Arm.STAY)) for run in suspects], 0
        for run, outcome in zip(suspects, staying, strict=True):
            seen += 1
            if stands(outcome):
                return Found(run=run, searched=batch.index(run) + start + 1, fell=seen)
    return Found(run=None, searched=len(runs), fell=seen)


type Trial[Thing] = Generator[list[list[Thing]], list[bool], list[Thing]]
"""Asks of some sets whether he stands without them; returns a set."""


def minimal[Thing](things: Sequence[Thing]) -> Trial[Thing]:
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


def without(run: Run, parts: Sequence[Part], future: int = -1) -> Run:
    """Return the run without some parts, perhaps with other luck from the entry on."""
    return dataclasses.replace(run, asked={"out": " ".join(part.code for part in parts), "future": future})


def answered(run: Run, parts: Sequence[Part]) -> Search[Answer]:
    """Search the smallest set of some parts without which a run would not have fallen.

    Each is tried alone first, so that a set of one is the smallest there is; a larger one is minimal: nothing in it
    can be spared, though another, smaller one may exist. Of several that are enough alone the first is taken.

    Args:
        run: the run that fell.
        parts: what can be left out, the largest part first.
    """
    outcomes = yield [without(run, [part]) for part in parts], 0
    alone = tuple(part for part, outcome in zip(parts, outcomes, strict=True) if stands(outcome))
    smallest = alone[:1]
    if not alone and len(parts) > 1:
        (outcome,) = yield [without(run, parts)], 0
        if stands(outcome):
            smallest = tuple((yield from _lived(run, minimal(parts))))
    return Answer(asked=len(parts), alone=alone, smallest=smallest)


def _lived(run: Run, trial: Trial[Part]) -> Search[list[Part]]:
    """Answer what a trial asks by living the run again."""
    try:
        asked = next(trial)
        while True:
            outcomes = yield [without(run, parts) for parts in asked], 0
            asked = trial.send([stands(outcome) for outcome in outcomes])
    except StopIteration as end:
        kept: list[Part] = end.value
        return kept
