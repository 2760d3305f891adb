"""Searches side by side: each asks for runs, hears what came of them, and asks again; all share one store.

A search is a generator. It yields the runs that it wants next, and how many more it may still want after them; it is
sent what came of each (None: it failed), in the order in which it asked; what it returns is its result. So a search
reads like a loop, and a stopped one goes on by asking again: what the store holds is answered at once.
"""

import collections
import dataclasses
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from experiments.lab.left_out import Part
from experiments.lab.runner import Run, Task, Value
from experiments.lab.smallest import Answer, smallest_set
from experiments.lab.store import Store
from experiments.lab.study import Study, carried
from model.outcomes import Ending

type Outcome = Mapping[str, Value] | None
type Search[Result] = Generator[tuple[Sequence[Run], int], list[Outcome], Result]


def conduct[Result](
    study: Study,
    store: Store,
    searches: Sequence[Search[Result]],
    task: Task,
    *,
    description: str,
    labels: Mapping[str, Value] | None = None,
) -> list[Result]:
    """Let searches run side by side to their ends; return the result of each.

    Args:
        study: the command's run, whose workers carry out the runs.
        store: where the rows are and go.
        searches: what asks for runs. A run is labelled with the number of its search, the turn, and its place in it.
        task: carries out one run and returns its outcome by name.
        description: words before the bar.
        labels: further labels of all runs.
    """
    waiting: collections.deque[Run] = collections.deque()
    heard: dict[int, list[Outcome]] = {}
    missing, turns = [0] * len(searches), [0] * len(searches)
    asked, still = [0] * len(searches), [0] * len(searches)
    results: dict[int, Result] = {}

    def go_on(number: int, answers: list[Outcome] | None) -> None:
        try:
            runs, still[number] = next(searches[number]) if answers is None else searches[number].send(answers)
        except StopIteration as end:
            results[number], still[number] = end.value, 0
            return
        for place, run in enumerate(runs):
            place_of = {"search": number, "turn": turns[number], "place": place}
            waiting.append(dataclasses.replace(run, labels={**dict(run.labels), **(labels or {}), **place_of}))
        heard[number], missing[number] = [None] * len(runs), len(runs)
        asked[number] += len(runs)
        turns[number] += 1
        if not runs:
            go_on(number, [])

    def runs() -> Iterator[Run | None]:
        for number in range(len(searches)):
            go_on(number, None)
        while len(results) < len(searches):
            yield waiting.popleft() if waiting else None

    def hear(names: Mapping[str, Any], outcome: Outcome) -> None:
        number = names["search"]
        heard[number][names["place"]] = outcome
        missing[number] -= 1
        if not missing[number]:
            go_on(number, heard[number])

    carried(study, store, runs(), task, watch=hear, description=description, total=lambda: sum(asked) + sum(still))
    return [results[number] for number in range(len(searches))]


def stands(outcome: Outcome) -> bool:
    """Whether he was still there at the end of a run; of a run that failed nothing is known, and no."""
    return outcome is not None and outcome["ending"] == str(Ending.SURVIVED)


def left_out(parts: Sequence[Part], without: Callable[[Sequence[Part]], Run]) -> Search[Answer]:
    """Search the smallest set of some parts without which he would not have fallen, by living a run again.

    Args:
        parts: what can be left out, the largest part first.
        without: returns the run without some of them.
    """
    trial = smallest_set(parts)
    try:
        asked = next(trial)
        while True:
            outcomes = yield [without(some) for some in asked], 0
            asked = trial.send([stands(outcome) for outcome in outcomes])
    except StopIteration as end:
        answer: Answer = end.value
        return answer
