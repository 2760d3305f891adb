"""Why did he fall? The chain of events by day, and without what he would still be there.

The question ``why`` asks it of an accepted history; here it is asked of the world on the page, with all that the
reader did to it. The world is lived again from the eve, each time with something left out, in the background.
"""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import contextlib
import dataclasses
import html
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import solara
from mesa.visualization.utils import force_update, update_counter

from experiments.browser.draw import date_words
from experiments.browser.events import LOST_CONTROL, events
from experiments.browser.look import Look
from experiments.browser.world import BrowserWorld
from experiments.lab.left_out import KINDS, Life, Part, Replay, Watched, candidates, life
from experiments.lab.smallest import Answer, Trial, smallest_set
from experiments.show.chain import answer_words, chain, shortened, told_once
from model.episode import Episode
from model.simulation import Simulation

_SLOTS = threading.BoundedSemaphore(1)
"""At most so many pages live worlds again without their parts at once; others wait."""


class StoppedError(Exception):
    """The reader wants to know no more."""


def first_day(world: Simulation) -> int:
    """Return the day on which the story begins: that of the entry, or the first."""
    return max(world.regime.entered_on or 1, 1)


def story(world: BrowserWorld, seen: Look) -> tuple[list[tuple[int, str]], int]:
    """Return the chain of events that led to the fall, and how many of them are not told."""
    fall = life(world)
    more = [event for event in events(seen.table, world.judge, world.episode) if event[1] != LOST_CONTROL]
    told = dataclasses.replace(fall, notes=sorted([*fall.notes, *more], key=lambda event: event[0]))
    return shortened(told_once(chain(told, first_day(world), fall.ended_on or world.day)))


def lived_again(eve: Simulation, acts: Sequence[tuple[int, str]], stopped: threading.Event) -> Simulation:
    """Live a world from the eve to its end, with what the reader did to it.

    Raises:
        StoppedError: as soon as nobody wants to know any more.
    """
    left = sorted(acts, key=lambda act: act[0])
    while True:
        while left and left[0][0] <= eve.day:
            getattr(eve, left.pop(0)[1])()
        if stopped.is_set():
            raise StoppedError
        if not eve.running:
            return eve
        eve.step()


@dataclass
class Reasons:
    """What is left out of one world, and what was found of it so far."""

    episode: Episode
    fall: Life | None = None
    """The world that fell, once it was lived again with notes."""
    answers: dict[str, Answer] = field(default_factory=dict)
    lived: int = 0
    """How often the world was lived again."""
    asked: int = 0
    """How many parts there are to leave out one by one."""
    done: bool = False
    failed: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)

    def work(self, world: BrowserWorld, tell: Callable[[], None] = lambda: None) -> None:
        """Find what he would not have fallen without, kind by kind; meant for a thread of its own."""
        try:
            with _SLOTS:
                self._search(world, tell)
        except StoppedError:
            pass
        except Exception as error:
            self.failed = f"{type(error).__name__}: {error}"
        finally:
            self.done = True
            tell()

    def _search(self, world: BrowserWorld, tell: Callable[[], None]) -> None:
        setup, acts = world.setup, list(world.interventions)

        def eve[Kind: Replay](kind: type[Kind]) -> Kind:
            return kind(
                setup.episode, setup.parameters, arm=setup.arm, rng=setup.seed, history=setup.history,
                n_citizens=setup.n_citizens,
            )  # fmt: skip

        noted = eve(Watched)
        noted.watch()
        lived_again(noted, acts, self.stopped)
        self.fall = fall = life(noted, noted.parts(first_day(noted)))
        if (fall.ending, fall.ended_on) != (str(world.judge.ending), world.judge.ended_on):
            raise ValueError("lived again, this world does not end in the same way")
        start = eve(Replay)
        parts = candidates(fall)
        self.asked = sum(map(len, parts.values()))

        def stands(some: Sequence[Part]) -> bool:
            again = start.fork()
            assert isinstance(again, Replay)
            again.leave_out(some)
            ended = lived_again(again, acts, self.stopped).judge.ended_on
            self.lived += 1
            time.sleep(0.001)  # lets the page draw
            if self.lived % 10 == 0:
                tell()
            return ended is None

        for kind in KINDS:
            if parts[kind]:
                self.answers[kind] = found(smallest_set(parts[kind]), stands)
                tell()


def found(trial: Trial[Part, Answer], stands: Callable[[Sequence[Part]], bool]) -> Answer:
    """Answer all that a trial asks; return what it finds."""
    asked = next(trial)
    try:
        while True:
            asked = trial.send([stands(some) for some in asked])
    except StopIteration as end:
        answer: Answer = end.value
        return answer


@solara.component_vue("day_links.vue")
def DayLinks(rows: list[dict], event_go: Callable[[int], None]) -> None:
    """Sentences, each with its date as a button that leads to its day."""


@solara.component
def Why(world: BrowserWorld, seen: Look, go_to: Callable[[int], None]) -> None:
    """The chain of events, each with its day, and a search for what he would not have fallen without."""
    reasons, set_reasons = solara.use_state(cast(Reasons | None, None))
    update_counter.get()
    solara.use_effect(lambda: lambda: reasons.stopped.set() if reasons is not None else None, [id(reasons)])
    events, left = story(world, seen)
    told = [{"day": day, "date": date_words(seen.date_of(day)), "words": words} for day, words in events]
    DayLinks(rows=told, event_go=go_to)
    if left:
        said = f"{left} events after the first are not told here; the log has all."
        solara.HTML(tag="p", unsafe_innerHTML=said, classes=["hint"])

    def ask() -> None:
        fresh = Reasons(world.episode)
        set_reasons(fresh)

        def tell() -> None:
            with contextlib.suppress(Exception):  # the page may be gone
                force_update()

        threading.Thread(target=fresh.work, args=(world, tell), daemon=True).start()

    with solara.Div(classes=["acts"]):
        if reasons is None or (reasons.done and reasons.stopped.is_set()):
            solara.Button(
                "Without what would he still stand?", on_click=ask, color="primary", outlined=True, small=True
            )
        elif not reasons.done:
            solara.Button("Stop the search", on_click=reasons.stopped.set, color="primary", outlined=True, small=True)
    if reasons is not None:
        solara.HTML(unsafe_innerHTML=found_words(reasons))


def found_words(reasons: Reasons) -> str:
    """Return what the search has found so far, a line for each kind of parts."""
    if reasons.failed:
        return f'<p class="hint">The search was stopped by a fault: {html.escape(reasons.failed)}</p>'
    rows = []
    if reasons.fall is not None:
        rows = [
            f"<li>{html.escape(answer_words(kind, answer, reasons.fall, reasons.episode))}</li>"
            for kind, answer in list(reasons.answers.items())
        ]
    much = f"{reasons.lived:,} times lived again; {reasons.asked:,} parts are left out one by one"
    state = "Stopped" if reasons.stopped.is_set() else "Done" if reasons.done else "Searching"
    meant = (
        "All other dice stay as they were, so this is about this one run: with other luck he may fall all the same, "
        "or not at all."
    )
    return f'<ul class="log story">{"".join(rows)}</ul><p class="hint">{state}: {much}. {meant}</p>'
