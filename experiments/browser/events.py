"""What happened that the model's own log does not say: the log tells what was planned, the numbers what came of it.

What a call brought, how he answers the street, and when he loses control of it.
"""

import numpy as np

from agents.regime import Posture
from experiments.browser.words import people
from model.episode import Episode
from model.measures import MEASURES
from model.outcomes import Judge

COLUMNS = {name: index for index, name in enumerate(MEASURES)}
ANSWERS = {
    Posture.RESTRAIN: "He lets the crowds be",
    Posture.CONTAIN: "He has the crowds contained",
    Posture.DISPERSE: "He has the crowds dispersed",
}
CALLS = ("stolen_election", "gathering")
"""The events of an episode that call people into the street."""
LOST_CONTROL = "The street is beyond the forces' hold: control is lost"


def answers(posture: np.ndarray, crowd: np.ndarray) -> list[tuple[int, Posture]]:
    """Return the days on which he answers a crowd in another way than the last one, and how.

    What he would do to a street in which nobody is, nobody sees.

    >>> answers(np.array([2.0, 0.0, 0.0, 2.0]), np.array([10.0, 0.0, 10.0, 10.0]))
    [(3, <Posture.RESTRAIN: 0>), (4, <Posture.DISPERSE: 2>)]
    """
    days = np.flatnonzero(np.asarray(crowd) >= 1.0)
    shown = np.asarray(posture)[days]
    changed = np.flatnonzero(np.diff(shown)) + 1
    return [(int(days[place]) + 1, Posture(int(shown[place]))) for place in changed]


def came(crowd: float, detained: float, obeying: float) -> str:
    """Return what came of a call, from the numbers of its day.

    Args:
        crowd: who was in the street [people].
        detained: who was caught [people].
        obeying: the share of the forces within reach that acted on its orders [0 to 1].

    >>> came(0.0, 0.0, 1.0)
    'Nobody came out'
    >>> came(31_234.0, 812.0, 0.925)
    '31,200 came out; 810 were detained; 92 % of the forces within reach obeyed'
    """
    if crowd < 1.0:
        return "Nobody came out" if detained < 1.0 else f"Nobody came out; {people(detained)} were detained"
    caught = f"{people(detained)} were detained" if detained >= 1.0 else "nobody was detained"
    return f"{people(crowd)} came out; {caught}; {100.0 * obeying:.0f} % of the forces within reach obeyed"


def answered(episode: Episode, table: np.ndarray) -> list[tuple[int, str]]:
    """Return what came of each call of an episode that a world has lived."""
    days = sorted({episode.day_of(event.date) for event in episode.events if event.kind in CALLS})
    columns = [COLUMNS[name] for name in ("crowd", "detained_today", "obeying_share")]
    return [(day, came(*table[day - 1, columns])) for day in days if 1 <= day <= len(table)]


def events(table: np.ndarray, judge: Judge, episode: Episode) -> list[tuple[int, str]]:
    """Return what the measures of all days and the judge tell, as the log's sentences by day.

    Args:
        table: a row a day, a column a measure.
        judge: who watches the world.
        episode: what was planned.
    """
    said = answered(episode, table)
    said += [
        (day, ANSWERS[posture]) for day, posture in answers(table[:, COLUMNS["posture"]], table[:, COLUMNS["crowd"]])
    ]
    if judge.lost_control_on is not None:
        said.append((judge.lost_control_on, LOST_CONTROL))
    return said
