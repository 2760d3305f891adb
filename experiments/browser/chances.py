"""Chances now: many forks of the world on the screen, each with new luck, lived to the end in the background."""

import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from experiments.browser.world import BrowserWorld
from experiments.lab import statistics
from model.outcomes import FALLS, Ending

N_FORKS = 50
_SLOTS = threading.BoundedSemaphore(2)
"""At most so many pages work on chances at once; others wait."""


@dataclass(frozen=True)
class Chance:
    """How likely an ending is: how many forks had it, of how many, and the 95 % interval."""

    count: int
    n: int
    share: float
    low: float
    high: float


def chance_of(count: int, n: int) -> Chance:
    """Return a share with the interval that every chance has; forks are independent.

    >>> result = chance_of(5, 50)
    >>> result.share, round(result.low, 3), round(result.high, 3)
    (0.1, 0.039, 0.205)
    """
    if n == 0:
        return Chance(0, 0, 0.0, 0.0, 1.0)
    share = statistics.chance([1] * count + [0] * (n - count), range(n))
    return Chance(count, n, share.value, share.low, share.high)


class Chances:
    """The forks of one world from one day on, and how those ended that are through.

    Args:
        world: the world to fork; it may go on meanwhile.
        n: how many forks; the k-th has the luck of ``world.fork(dice=k)``.
    """

    def __init__(self, world: BrowserWorld, n: int = N_FORKS) -> None:
        with world.stage.lock:
            self._world = world.fork()
        self.n = n
        self.since = world.day
        self.acts = tuple(world.interventions)
        """What the reader had done to it by then."""
        self._asked = weakref.ref(world)
        self.days = world.episode.days
        self.ends: list[tuple[Ending, int | None]] = []
        """The ending and its day, of each fork that is through."""
        self.stopped = threading.Event()
        self.failed = ""

    @property
    def asked(self) -> BrowserWorld | None:
        """The world that was asked about, which may have gone on; None: nobody has it any more."""
        return self._asked()

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return len(self.ends) >= self.n or self.stopped.is_set()

    def stop(self) -> None:
        """Give up after the day that is being lived."""
        self.stopped.set()

    def work(self, tell: Callable[[], None] = lambda: None) -> None:
        """Live all forks to the end, calling ``tell`` now and then; meant for a thread of its own."""
        try:
            while not _SLOTS.acquire(timeout=0.2):
                if self.stopped.is_set():
                    return
            try:
                self._live(tell)
            finally:
                _SLOTS.release()
        except Exception as error:
            self.failed = f"{type(error).__name__}: {error}"
            self.stop()
        finally:
            del self._world  # its columns are no longer needed
            tell()

    def _live(self, tell: Callable[[], None]) -> None:
        last_word = time.monotonic()
        for k in range(self.n):
            fork = self._world.fork(dice=k)
            while fork.running and not self.stopped.is_set():
                fork.step()
                if fork.day % 4 == 0:
                    time.sleep(0.001)  # lets the page draw
            if self.stopped.is_set():
                return
            self.ends.append((fork.judge.ending, fork.judge.ended_on))
            if time.monotonic() - last_word > 0.5:
                last_word = time.monotonic()
                tell()

    def of(self, ending: str) -> Chance:
        """Return how likely an ending is, from the forks that are through."""
        ends = list(self.ends)
        return chance_of(sum(end == ending for end, _ in ends), len(ends))

    def any_fall(self) -> Chance:
        """Return how likely it is that he falls, in whatever way."""
        ends = list(self.ends)
        return chance_of(sum(end in FALLS for end, _ in ends), len(ends))

    def fallen_by(self, ending: str) -> list[tuple[int, float]]:
        """Return (day, share of the forks that have ended so by then), where the share changes."""
        ends = list(self.ends)
        days = sorted(day for end, day in ends if end == ending and day is not None)
        return [(day, number / len(ends)) for number, day in enumerate(days, 1)]
