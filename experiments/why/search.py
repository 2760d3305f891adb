"""How the run is chosen, and how it is lived again without one part after another."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.lab.left_out import Part
from experiments.lab.runner import Run
from experiments.lab.searches import Outcome, Search, left_out, stands
from experiments.lab.smallest import Answer
from model.outcomes import Ending
from model.simulation import Arm

BATCH = 20
"""So many draws are searched together; the first that fell is taken, whoever lived first."""


def fell(outcome: Outcome) -> bool:
    """Whether a run ended with his fall; of a run that failed nothing is known, and no."""
    return outcome is not None and outcome["ending"] != str(Ending.SURVIVED)


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


def without(run: Run, parts: Sequence[Part], future: int = -1) -> Run:
    """Return the run without some parts, perhaps with other luck from the entry on."""
    return dataclasses.replace(run, asked={"out": " ".join(part.code for part in parts), "future": future})


def answered(run: Run, parts: Sequence[Part]) -> Search[Answer]:
    """Search the smallest set of some parts without which a run would not have fallen, by living it again.

    Args:
        run: the run that fell.
        parts: what can be left out, the largest part first.
    """
    return left_out(parts, lambda some: without(run, some))
