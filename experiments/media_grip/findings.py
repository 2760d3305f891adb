"""What Russia's grip over the media changes: falls in three arms and the decision to enter, world by world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import Estimate, chance, paired_difference
from experiments.show.words import FALL, happened
from model.episode import Episode
from model.simulation import Arm
from model.worlds import Origin

OWN, RUSSIA = "his own grip", "Russia's grip"
SETTINGS = (OWN, RUSSIA)
ARMS = (Arm.STAY, Arm.ENTER, Arm.DECIDE)
STAY_FALL, ENTER_FALL, DECIDE_FALL, ENTERS = (
    "falls if he stays", "falls if he enters", "falls if he decides", "enters if he decides",
)  # fmt: skip
OUTCOMES = {
    STAY_FALL: (Arm.STAY, "fell"), ENTER_FALL: (Arm.ENTER, "fell"), DECIDE_FALL: (Arm.DECIDE, "fell"),
    ENTERS: (Arm.DECIDE, "enters"),
}  # fmt: skip
"""What is watched: in which arm, and what of it."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    worlds: int
    chances: Mapping[tuple[str, str], Estimate]
    """The chance of an outcome, by (setting, outcome)."""
    changes: Mapping[str, Estimate]
    """By how much Russia's grip changes an outcome, world by world."""
    grips: tuple[float, float, float]
    """The worlds' own grip: 5th percentile, middle, 95th."""
    gates: Sequence[Gate] | None = None

    @property
    def shown(self) -> list[str]:
        """The outcomes that it is shown to change."""
        return [outcome for outcome in OUTCOMES if self.changes[outcome].shows]

    def table(self) -> pd.DataFrame:
        """Return a row for each outcome: its chance in either setting, and the change, with intervals."""
        rows: list[dict[str, Any]] = []
        for outcome in OUTCOMES:
            told: dict[str, Any] = {"outcome": outcome}
            for name, estimate in (
                ("own", self.chances[OWN, outcome]), ("russia", self.chances[RUSSIA, outcome]),
                ("change", self.changes[outcome]),
            ):  # fmt: skip
                told |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
            rows.append(told)
        return pd.DataFrame(rows)


def findings_of(
    rows: pd.DataFrame,
    episode: Episode,
    origin: Origin,
    grips: tuple[float, float, float],
    gates: Sequence[Gate] | None = None,
) -> Findings:
    """Work out all numbers from finished runs: a row each, with world, setting and arm."""
    runs = rows.assign(enters=rows["entered_on"].notna().astype(float), fell=happened(rows["ending"], FALL))
    chances, changes = {}, {}
    for outcome, (arm, what) in OUTCOMES.items():
        here = runs[runs["arm"] == arm]
        own, russia = (here[here["setting"] == setting].set_index("world")[what] for setting in SETTINGS)
        worlds = own.index.to_numpy()
        for setting, values in ((OWN, own), (RUSSIA, russia)):
            chances[setting, outcome] = chance(values, worlds)
        changes[outcome] = paired_difference(russia, own, worlds)
    return Findings(
        episode=episode, origin=origin, worlds=runs["world"].nunique(), chances=chances, changes=changes,
        grips=grips, gates=gates,
    )  # fmt: skip
