"""How an episode can end, by definitions that hang on no crowd share.

``uprising``: more than half of the capital's force stands aside on two days of seven; or he orders dispersal with
all within reach and it fails twice within eight days; or he gives up, within 30 days of lost control, since half of
the elite hedges and the patron sends nobody, with no coup begun. ``coup``: insiders with an armed unit attempt it
openly, and he is out (Powell-Thyne 2011). ``replaced_by_moscow``, ``survived``. The first onset wins; ties are
reported.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from model.parameters import OutcomeParameters


class Ending(StrEnum):
    """How an episode ends."""

    UPRISING = "uprising"
    COUP = "coup"
    REPLACED = "replaced_by_moscow"
    SURVIVED = "survived"


FALLS = (Ending.UPRISING, Ending.COUP, Ending.REPLACED)


def happened(days: list[int], count: int, window: int) -> bool:
    """Whether ``count`` of the days, the last of them included, lie within ``window`` days.

    >>> happened([1, 8, 15], 3, 14), happened([1, 8, 14], 3, 14)
    (False, True)
    """
    return len(days) >= count and days[-1] - days[-count] < window


@dataclass
class Judge:
    """Watches one world day by day, and says when and how it ends."""

    parameters: OutcomeParameters
    uncontrolled_days: list[int] = field(default_factory=list)
    failed_days: list[int] = field(default_factory=list)
    aside_days: list[int] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    lost_control_on: int | None = None
    last_lost_control: int | None = None
    ending: Ending = Ending.SURVIVED
    ended_on: int | None = None
    cause: str = ""
    tie: bool = False
    under_protest: bool = False

    def watch(
        self,
        day: int,
        x: float,
        *,
        order_failed: bool,
        stood_aside: bool,
        attempted: bool,
        coup: bool,
        gave_up: bool,
        replaced: bool,
    ) -> None:
        """Enter a day: X of the capital's crowd, what its force did, and what fell on the day."""
        parameters = self.parameters
        if x > 1.0:
            self.uncontrolled_days.append(day)
            if happened(self.uncontrolled_days, parameters.control_days, parameters.control_window):
                self.lost_control_on = self.lost_control_on or day
                self.last_lost_control = day
        if order_failed:
            self.failed_days.append(day)
        if attempted:
            self.attempts.append(day)
        if stood_aside:
            self.aside_days.append(day)
        failed = order_failed and happened(self.failed_days, parameters.failed_orders, parameters.failed_window)
        aside = stood_aside and happened(self.aside_days, parameters.aside_days, parameters.aside_window)
        onsets = [
            (Ending.UPRISING, aside, "his forces stood aside"),
            (Ending.UPRISING, failed, "ordered dispersals failed"),
            (Ending.COUP, coup, "insiders took the capital"),
            (Ending.REPLACED, replaced, "Moscow put another in his place"),
            (Ending.UPRISING, gave_up and not self._coup_begun(day), "he gave up"),
        ]
        fallen = [(ending, cause) for ending, onset, cause in onsets if onset]
        if fallen and self.ended_on is None:
            self.ending, self.cause = fallen[0]
            self.ended_on = day
            self.tie = len({ending for ending, _ in fallen}) > 1
            self.under_protest = self.lost_control_within(day, parameters.protest_window)

    def _coup_begun(self, day: int) -> bool:
        """Whether insiders have moved since control was lost: then he does not give up before the street."""
        return bool(self.attempts) and day - self.attempts[-1] <= self.parameters.giving_up_window

    def lost_control_within(self, day: int, window: int) -> bool:
        """Whether control was lost at most ``window`` days ago."""
        return self.last_lost_control is not None and day - self.last_lost_control <= window
