"""Rewind: every day that was lived can be looked at again, and from each another future may be begun.

A run is exact in replay, so a past day is had by living the run again up to it. What the reader did on the evening of
that day is not done yet there: to undo an act, go back to its day.
"""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html
from collections.abc import Callable
from dataclasses import dataclass, replace

import solara
from mesa.visualization.utils import update_counter

from experiments.browser.draw import ENDING_WORDS, date_words
from experiments.browser.look import Look, look
from experiments.browser.world import BrowserWorld, live
from model.episode import Episode

type Act = tuple[int, str]

DONE = {
    "enter_war": "war entered",
    "withdraw": "troops brought home",
    "moscow_drops": "dropped by Moscow",
    "open_media": "media opened",
    "moscow_asks": "pressed by Moscow",
    "moscow_gives_money": "given money",
    "moscow_sends_men": "sent men",
}
"""What the reader did, by the name of the act."""


@dataclass(frozen=True, eq=False)
class Back:
    """A look back at a day of a world, which has not gone on since."""

    now: BrowserWorld
    newest: int
    """The last day that the world had lived when the reader looked back."""
    past: BrowserWorld
    """The world as it was that day."""
    seen: Look

    @property
    def day(self) -> int:
        """The day that is looked at."""
        return self.past.day

    def still(self, world: BrowserWorld) -> bool:
        """Whether this is a look at a world as it stands."""
        return world is self.now and world.day == self.newest


def look_back(world: BrowserWorld, day: int) -> Back | None:
    """Return a look at a day that a world has lived; None: it is today."""
    with world.stage.lock:
        newest, acts = world.day, list(world.interventions)
    if not 0 <= day < newest:
        return None
    past = live(world.setup, [act for act in acts if act[0] < day], day)
    return Back(world, newest, past, look(past))


@dataclass(frozen=True)
class Course:
    """One course of a run: what was done, how many days were lived, and how it stands; and from which it parted."""

    acts: tuple[Act, ...]
    days: int
    stands: str
    """How he stands at its last day."""
    parent: int | None = None
    since: int = 0
    """The day on which it parted."""

    @property
    def own(self) -> list[Act]:
        """What was done in it alone."""
        return [act for act in self.acts if self.parent is None or act[0] >= self.since]


@dataclass(frozen=True, eq=False)
class Courses:
    """All courses of a run, and which of them is on the page."""

    world: BrowserWorld
    """The world on the page."""
    left: tuple[Course, ...]
    """Each as it was when it was last left."""
    here: int = 0

    @classmethod
    def of(cls, world: BrowserWorld) -> "Courses":
        """Return the one course of a world that was just built."""
        return cls(world, (_as_it_stands(world, Course((), 0, "")),))

    def all(self) -> tuple[Course, ...]:
        """Return all courses as they stand now."""
        here = _as_it_stands(self.world, self.left[self.here])
        return (*self.left[: self.here], here, *self.left[self.here + 1 :])

    def part(self, past: BrowserWorld) -> "Courses":
        """Begin another future from a past day of the world on the page."""
        fresh = _as_it_stands(past, Course((), 0, "", self.here, past.day))
        return Courses(past, (*self.all(), fresh), len(self.left))

    def to(self, which: int) -> "Courses":
        """Go to another course: it is lived again, to the day on which it was left."""
        there = self.left[which]
        return Courses(live(self.world.setup, there.acts, there.days), self.all(), which)


def _as_it_stands(world: BrowserWorld, course: Course) -> Course:
    """Return a course with what its world has lived."""
    with world.stage.lock:
        stands = "he walks on" if world.running else "he survives"
        if world.judge.ended_on is not None:
            stands = f"he falls: {ENDING_WORDS[str(world.judge.ending)]}"
        return replace(course, acts=tuple(world.interventions), days=world.day, stands=stands)


def tree(courses: tuple[Course, ...], of: int = 0, depth: int = 0) -> list[tuple[int, int]]:
    """Return the courses as a tree, from the top: the number of each, and how deep it hangs.

    >>> first = Course((), 40, "he walks on")
    >>> tree((first, replace(first, parent=0, since=9), replace(first, parent=0), replace(first, parent=1)))
    [(0, 0), (1, 1), (3, 2), (2, 1)]
    """
    below = [k for k, course in enumerate(courses) if course.parent == of]
    return [(of, depth), *(row for k in below for row in tree(courses, k, depth + 1))]


def course_words(course: Course, episode: Episode) -> str:
    """Return what a course is, in a line."""

    def on(day: int) -> str:
        return date_words(episode.date_of(day), year=False)

    begun = "The first course" if course.parent is None else f"Another from {on(course.since)}"
    done = ", ".join(f"{DONE[name]} ({on(day)})" for day, name in course.own) or "no act of yours"
    return f"{begun}: {done}; lived to {date_words(episode.date_of(course.days))}: {course.stands}"


@solara.component_vue("rewind.vue")
def DaySlider(at: int, most: int, start: str, event_go: Callable[[int], None]) -> None:
    """A slider over the days that were lived; ``start`` is the date of day 0."""


@solara.component
def Rewind(world: BrowserWorld, back: Back | None, go: Callable[[int], None], part: Callable[[], None]) -> None:
    """The slider, and while the reader looks back, what he may do there."""
    update_counter.get()
    start = world.episode.date_of(0).isoformat()
    DaySlider(at=back.day if back else world.day, most=world.day, start=start, event_go=go)
    if back is not None:
        with solara.Div(classes=["acts"]):
            solara.Button("Begin another future here", on_click=part, color="primary", outlined=True, small=True)
            solara.Button(f"Back to day {world.day}", on_click=lambda: go(world.day), outlined=True, small=True)
        said = (
            f"You look back at day {back.day}, before what you did that evening. The charts show all that was lived; "
            f"play and step go on from day {world.day}."
        )
        solara.HTML(tag="p", unsafe_innerHTML=html.escape(said), classes=["hint"])


@solara.component_vue("courses.vue")
def CourseList(rows: list[dict], event_go: Callable[[int], None]) -> None:
    """Courses as a tree; each but the one on the page has a button that leads to it."""


@solara.component
def Futures(courses: Courses, go: Callable[[int], None]) -> None:
    """The courses of this run as a tree, each with its acts."""
    update_counter.get()
    every, episode = courses.all(), courses.world.episode
    rows = [
        {"number": k, "depth": depth, "words": course_words(every[k], episode), "here": k == courses.here}
        for k, depth in tree(every)
    ]
    CourseList(rows=rows, event_go=go)
