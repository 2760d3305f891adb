"""What happened that the model's own log does not say: how he answers the street, and when he loses control of it."""

import numpy as np

from agents.regime import Posture
from model.measures import MEASURES
from model.outcomes import Judge

COLUMNS = {name: index for index, name in enumerate(MEASURES)}
ANSWERS = {
    Posture.RESTRAIN: "He lets the crowds be",
    Posture.CONTAIN: "He has the crowds contained",
    Posture.DISPERSE: "He has the crowds dispersed",
}
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


def events(table: np.ndarray, judge: Judge) -> list[tuple[int, str]]:
    """Return what the measures of all days and the judge tell, as the log's sentences by day.

    Args:
        table: a row a day, a column a measure.
        judge: who watches the world.
    """
    said = [
        (day, ANSWERS[posture]) for day, posture in answers(table[:, COLUMNS["posture"]], table[:, COLUMNS["crowd"]])
    ]
    if judge.lost_control_on is not None:
        said.append((judge.lost_control_on, LOST_CONTROL))
    return said
