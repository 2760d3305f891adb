"""What may move the line: numbers of the war, the forces, the media and the people, each between two ends."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from experiments.lab.design import DesignError
from experiments.lab.plan import BEYOND
from model.episode import SUPPORTS, Episode
from model.parameters import DECLARED, nearest


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A number between two ends, or one of a few levels.

    Args:
        name: by which it is asked for.
        title: its name, in which {patron} stands for the patron's.
        unit: what the numbers mean.
        low: the lower end.
        high: the upper end.
        log: whether it goes by even ratios.
        whole: whether it counts people.
        levels: the names of the levels 0, 1, 2, ... if it has levels.
        fields: which parameters or fields of the episode it is; none if it changes a world on the eve.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    log: bool = False
    whole: bool = False
    levels: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def ranks(self, steps: int) -> np.ndarray:
        """Return where it is looked at [0 to 1]: at its levels, or at so many even steps."""
        return np.linspace(0.0, 1.0, len(self.levels) or steps)

    def at(self, rank: float) -> float:
        """Return the value at a rank [0 to 1].

        >>> AXES["losses"].at(0.5).__round__(2), AXES["support"].at(1.0)
        (3.87, 3)
        """
        value = self.low * (self.high / self.low) ** rank if self.log else self.low + (self.high - self.low) * rank
        return round(value) if self.whole or self.levels else float(f"{value:.6g}")

    def rank(self, value: float) -> float:
        """Return where a value stands [0 to 1]; beyond the ends it is outside of that."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def title_in(self, episode: Episode) -> str:
        """Return the name of the axis in an episode.

        >>> from model.episode import load_episode
        >>> AXES["support"].title_in(load_episode("belarus-2022"))
        "Moscow's support"
        """
        title = self.title.format(patron=episode.patron)
        return title[:1].upper() + title[1:]

    def words(self, value: float) -> str:
        """Return a value in words.

        >>> AXES["support"].words(3), AXES["losses"].words(2.94), AXES["grip"].words(0.5)
        ('troops', '2.9', '0.5')
        """
        return self.levels[round(value)] if self.levels else f"{value:,.0f}" if self.whole else f"{value:.2g}"


_GRIP, _DRIFT = DECLARED["regime.media_grip"].metadata, DECLARED["security.loyalty_drift"].metadata
AXES: Mapping[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis(
            name="losses", title="losses", unit="killed per 1,000 sent a week, the same every week", low=0.5, high=30.0,
            log=True, fields=("war.killed_first", "war.killed_later", "entry.front"),
        ),
        Axis(name="troops", title="troops", unit="people sent", low=1, high=2, whole=True, fields=("entry.troops",)),
        Axis(
            name="grip", title="the grip on the media",
            unit="share of bad news kept from state audiences, from the eve on",
            low=_GRIP["low"], high=_GRIP["high"],
        ),
        Axis(
            name="loyalty", title="the loyalty of the forces", unit="logit, change on the eve",
            low=_DRIFT["allowed"][0], high=1.0, fields=("security.loyalty_drift",),
        ),
        Axis(
            name="support", title="{patron}'s support", unit="given on the first day", low=0, high=len(SUPPORTS) - 1,
            levels=SUPPORTS, fields=("start.support",),
        ),
        Axis(
            name="aversion", title="aversion to the war", unit="share of citizens against sending troops, on the eve",
            low=0.5, high=0.98,
        ),
        Axis(
            name="beyond", title="the shock of entry", unit="multiple of that of lending the land",
            low=0.5, high=DECLARED[BEYOND].metadata["allowed"][1], log=True, fields=(BEYOND,),
        ),
    )
}  # fmt: skip
"""By name; how many troops there are is the episode's (``axes_of``)."""
ON_THE_EVE = ("grip", "aversion")
"""They change a world on the eve: with another grip or other people 2020 would not have been what was seen."""
STILL = "stalemate"
"""The course of the front while losses are an axis, so that nothing else changes them."""


def axis_of(name: str, episode: Episode) -> Axis:
    """Return the axis of a name in an episode.

    Raises:
        DesignError: if there is none; the message has the nearest name.
    """
    if name not in AXES:
        raise DesignError(f"no axis {name}{nearest(name, list(AXES))} (one of {', '.join(AXES)})")
    axis = AXES[name]
    if name != "troops":
        return axis
    own, heads = episode.entering.troops, sum(force.heads for force in episode.forces if force.sent)
    low, high = max(1, own // 4), min(2 * own, heads)
    return Axis(**{**vars(axis), "low": low, "high": max(high, low + 1)})


def pair_of(x: str, y: str, episode: Episode) -> tuple[Axis, Axis]:
    """Return two axes, which must differ.

    Raises:
        DesignError: if they do not, or one does not exist.
    """
    if x == y:
        raise DesignError(f"--x {x} --y {y}: expected two axes that differ, of {', '.join(AXES)}")
    return axis_of(x, episode), axis_of(y, episode)


def fields_at(axis: Axis, value: float) -> dict[str, float | int | str]:
    """Return the parameters and fields of the episode that an axis fixes at a value.

    >>> fields_at(AXES["losses"], 3.0)
    {'war.killed_first': 3.0, 'war.killed_later': 3.0, 'entry.front': 'stalemate'}
    >>> fields_at(AXES["support"], 3), fields_at(AXES["grip"], 0.5)
    ({'start.support': 'troops'}, {})
    """
    what = SUPPORTS[round(value)] if axis.name == "support" else round(value) if axis.whole else value
    return {field: STILL if field == "entry.front" else what for field in axis.fields}
