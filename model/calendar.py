"""The calendar: what an episode brings, day by day."""

import datetime as dt
import functools
import math

import numpy as np

from model.episode import Episode, Event

SUNDAY = 6


class Calendar:
    """What an episode brings, day by day, as arrays (index 0 is the day before the first).

    The days of its past have the numbers 0, -1, -2 and so on: an array holds them at its end, where such indices point.
    """

    def __init__(self, episode: Episode) -> None:
        """Lay the timelines and events of an episode out by day."""
        self.need = _timeline(episode, episode.need, 0.0)
        self.geography = _timeline(episode, episode.geography, 1.0)
        self.patron_troops = _timeline(episode, episode.patron_troops, 0.0)
        self.sentences = _timeline(episode, episode.sentences, 0.0)
        self.dissolved = _timeline(episode, episode.dissolved, 0.0)
        self.closed = _timeline(episode, episode.closed, 0.0)
        self.fallen = _timeline(episode, episode.fallen, math.nan)
        """Soldiers who die at the front [people]; not a number where the rules say how many."""
        self.weekday = np.array([episode.date_of(day).weekday() for day in _days(episode)])
        self.events: dict[int, list[Event]] = {}
        for event in episode.events:
            self.events.setdefault(episode.day_of(event.date), []).append(event)
        entry = episode.entry
        self.entry_day = episode.day_of(entry.date) if entry else None
        self.withdrawal_day = episode.day_of(entry.withdrawal) if entry and entry.withdrawal else None


@functools.lru_cache(maxsize=64)
def calendar(episode: Episode) -> Calendar:
    """Return an episode's calendar, laid out once."""
    return Calendar(episode)


def _timeline(episode: Episode, points: tuple[tuple[dt.date, float], ...], before: float) -> np.ndarray:
    """Return a step function of dates as one value a day; the first value holds before its date, too."""
    values, days = np.full(len(_days(episode)), points[0][1] if points else before), np.array(_days(episode))
    for date, value in sorted(points):
        values[days >= episode.day_of(date)] = value
    return values


def _days(episode: Episode) -> list[int]:
    """Return the day numbers from the eve of the first day on, and after them those of the past."""
    return [*range(episode.days + 1), *range(1 - episode.past_days, 0)]
