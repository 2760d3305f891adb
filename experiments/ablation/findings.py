"""What each claim carries: what changes without it, world by world, in falls and in the decision to enter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import Estimate, chance, paired_difference
from experiments.show.words import FALL, happened
from model.episode import Episode
from model.parameters import SWITCHES
from model.simulation import Arm
from model.worlds import Origin

DRAWN, NEAR = "as drawn", "nearer the line"
PAIRS = (
    ("war_anger", "divided_forces"),
    ("defiance", "divided_forces"),
    ("shame", "sanctions"),
    ("media_grip", "diaspora"),
    ("pressure", "refusal_cost"),
    ("conditional_support", "puppet_suffices"),
)
"""Claims that may stand in for each other: who is angry and who would break, both costs of the lent land, ..."""
WHOLE = ""
"""The setting with all claims on."""
LOW, HIGH = "grip low", "grip high"
"""The settings of the media grip (C12): his, as weak or as strong as the declared range has it."""
SINGLES = tuple(SWITCHES)
SETTINGS = (WHOLE, *SINGLES, *("+".join(pair) for pair in PAIRS), LOW, HIGH)

NEAR_FALL, ENTER_FALL, STAY_FALL, ENTERS = "falls nearer the line", "falls if he enters", "falls if he stays", "enters"
OUTCOMES = {
    NEAR_FALL: (NEAR, Arm.ENTER), ENTER_FALL: (DRAWN, Arm.ENTER), STAY_FALL: (DRAWN, Arm.STAY),
    ENTERS: (DRAWN, Arm.DECIDE),
}  # fmt: skip
"""What is watched, and where: a fall in three kinds of runs, and in the fourth whether he enters."""
LABELS = ("world", "place", "setting", "arm", "seed", "n_citizens", "status", "error")
TURNS = ("ending", "enters")
"""What of a run is an answer: how it ends, and whether he has entered."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    beyond: float
    """How shocking an entry is nearer the line [multiple of the lent land]."""
    worlds: int
    chances: Mapping[tuple[str, str], Estimate]
    """The chance of an outcome, by (setting, outcome)."""
    changes: Mapping[tuple[str, str], Estimate]
    """By how much a setting changes it against the whole, world by world."""
    grip: Mapping[str, Estimate]
    """By how much the high grip changes an outcome against the low one."""
    turned: Mapping[str, int]
    """Of all quadruples of runs of a world, those in which a setting changes an ending or the decision."""
    touched: Mapping[str, int]
    """Those in which it changes anything that is told of a run."""
    grips: tuple[float, float, float]
    """The worlds' own grip: 5th percentile, middle, 95th."""
    gates: Sequence[Gate] | None = None

    @property
    def by_size(self) -> list[str]:
        """Return the claims' switches, the one with the largest change of any outcome first."""
        return sorted(SINGLES, key=lambda setting: -self.size(setting))

    def size(self, setting: str) -> float:
        """Return the largest change that a setting makes to any outcome [share]."""
        return max(abs(self.changes[setting, outcome].value) for outcome in OUTCOMES)

    def shown(self, setting: str) -> list[str]:
        """Return the outcomes that a setting is shown to change."""
        return [outcome for outcome in OUTCOMES if self.changes[setting, outcome].shows]

    def kind(self, setting: str) -> str:
        """Return what a claim does here: ``carries``, ``not shown``, ``turns nothing``, or ``nothing``."""
        if self.shown(setting):
            return "carries"
        if self.turned[setting]:
            return "not shown"
        return "turns nothing" if self.touched[setting] else "nothing"

    def table(self) -> pd.DataFrame:
        """Return a row for each setting and outcome: its chance, what it changes, with intervals."""
        rows = []
        for setting in SETTINGS:
            for outcome in OUTCOMES:
                told: dict[str, Any] = {"setting": setting or "all claims", "outcome": outcome}
                told |= _columns("chance", self.chances[setting, outcome])
                if setting != WHOLE:
                    told |= _columns("change", self.changes[setting, outcome])
                    told |= {"worlds_turned": self.turned[setting], "worlds_touched": self.touched[setting]}
                rows.append(told)
        return pd.DataFrame(rows)


def _columns(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def claims_of(setting: str) -> tuple[str, ...]:
    """Return the claims that are off in a setting.

    >>> claims_of("shame+sanctions"), claims_of(WHOLE), claims_of(LOW)
    (('shame', 'sanctions'), (), ())
    """
    return () if setting in (WHOLE, LOW, HIGH) else tuple(setting.split("+"))


def findings_of(
    rows: pd.DataFrame,
    episode: Episode,
    beyond: float,
    origin: Origin,
    grips: tuple[float, float, float],
    gates: Sequence[Gate] | None = None,
) -> Findings:
    """Work out all numbers from finished runs: a row each, with world, place, setting and arm."""
    runs = rows.assign(enters=rows["entered_on"].notna().astype(float), fell=happened(rows["ending"], FALL))
    chances, changes, grip = {}, {}, {}
    for outcome, (place, arm) in OUTCOMES.items():
        here = runs[(runs["place"] == place) & (runs["arm"] == arm)]
        what = "enters" if outcome == ENTERS else "fell"
        shown = {setting: some.set_index("world")[what] for setting, some in here.groupby("setting")}
        worlds = shown[WHOLE].index.to_numpy()
        for setting in SETTINGS:
            chances[setting, outcome] = chance(shown[setting], worlds)
            changes[setting, outcome] = paired_difference(shown[setting], shown[WHOLE], worlds)
        grip[outcome] = paired_difference(shown[HIGH], shown[LOW], worlds)
    seen = [name for name in rows.columns if name not in LABELS]
    return Findings(
        episode=episode, origin=origin, beyond=beyond, worlds=runs["world"].nunique(), chances=chances,
        changes=changes, grip=grip, turned=_differing(runs, list(TURNS)), touched=_differing(runs, seen), grips=grips,
        gates=gates,
    )  # fmt: skip


def _differing(runs: pd.DataFrame, columns: list[str]) -> dict[str, int]:
    """Return for each setting in how many worlds some run differs from that with all claims in some column."""
    told = runs.set_index(["world", "place", "arm", "setting"])[columns].astype(object)
    told = told.where(told.notna(), None)  # what did not happen is equal to what did not happen
    own = told.xs(WHOLE, level="setting")
    counts = {}
    for setting in SETTINGS:
        other = told.xs(setting, level="setting").reindex(own.index)
        apart = pd.Series(np.any(own.to_numpy() != other.to_numpy(), axis=1), index=own.index)
        counts[setting] = int(apart.groupby(level="world").any().sum())
    return counts
