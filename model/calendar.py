"""The calendar: what an episode brings, day by day."""

import datetime as dt
import functools

import numpy as np

from model.episode import Episode, Event

SUNDAY = 6


class Calendar:
    """What an episode brings, day by day, as arrays (index 0 is the day before the first)."""

    def __init__(self, episode: Episode) -> None:
        """Lay the timelines and events of an episode out by day."""
        self.need = _timeline(episode, episode.need, 0.0)
        self.geography = _timeline(episode, episode.geography, 1.0)
        self.patron_troops = _timeline(episode, episode.patron_troops, 0.0)
        self.weekday = np.array([episode.date_of(day).weekday() for day in range(episode.days + 1)])
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
    values = np.full(episode.days + 1, points[0][1] if points else before)
    for date, value in sorted(points):
        values[max(0, episode.day_of(date)) :] = value
    return values
