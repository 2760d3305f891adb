"""What is fitted, and one trial of it: a history lived, held against its targets, given up once it must miss."""

import dataclasses
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.evidence import targets as evidence
from experiments.evidence.targets import Target
from experiments.lab.runner import Run, Value
from experiments.lab.searches import Outcome, Search
from experiments.lab.tasks import world_of
from model.episode import Episode
from model.measures import MEASURES
from model.simulation import Simulation
from model.worlds import informed, parameters_at

TOLERANCE = 1.4
"""The typical miss a world may have, in errors of target and model; set before the first run."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What is fitted: an episode to its targets, and how long and how finely is searched."""

    episode: Episode
    targets: tuple[Target, ...]
    stages: tuple[int, ...]
    """Days on which a run is looked at, and given up if its misses are already too many."""
    n_citizens: int
    draws: int
    """Draws of the pilot."""
    size: int
    """Worlds in the population."""
    rounds: int
    """Most rounds of a search."""
    tolerance: float = TOLERANCE
    also: tuple[tuple[str, str, int], ...] = ()
    """What fresh runs show beside the targets: name, measure and day."""

    def distance(self, values: dict[str, float]) -> float:
        """Return the root mean square miss of what a run showed."""
        return evidence.distance(self.targets, values)

    def shown(self, world: Simulation) -> dict[str, float]:
        """Return what a world shows, so far, of each target."""
        forces = float(world.forces.first_heads.sum())
        lived = world.past_rows + world.rows
        return evidence.shown_by(self.targets, lived, forces, until=len(lived))

    def predict(self, run: Run) -> dict[str, Value]:
        """Live an episode until all targets are known; return what it shows of them, and what else is asked."""
        world = world_of(run, past=False).run(self.stages[-1])
        lived = world.past_rows + world.rows
        outcome: dict[str, Value] = {"ending": "fell" if fell(world) else "survived"}
        loads = [row[list(MEASURES).index("load")] for row in lived]
        outcome["uncontrolled_days"] = sum(load > 1.0 for load in loads)
        if not fell(world):
            shown = self.shown(world)
            outcome |= shown | {"distance": self.distance(shown)}
        for name, measure, day in self.also:
            if day <= len(lived):
                outcome[name] = lived[day - 1][list(MEASURES).index(measure)]
        return outcome

    def read_by(self) -> dict[str, Any]:
        """Return what decides how a run is read: the targets, and the source that reads it."""
        files = (Path(__file__), Path(evidence.__file__))
        return {
            "calibrate": hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest(),
            "targets": {target.name: dataclasses.asdict(target) for target in self.targets},
            "also": [list(further) for further in self.also],
        }

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> "Fit":
        """Return the fit of whose trials a store says that it rests on all this (``rests_on``)."""
        targets = (Target(**told | {"days": tuple(told["days"])}) for told in spec["targets"].values())
        return cls(
            episode=Episode.from_dict(spec["episode"]), targets=tuple(targets), stages=tuple(spec["stages"]),
            also=tuple((name, measure, day) for name, measure, day in spec["also"]),
            **{name: spec[name] for name in ("n_citizens", "draws", "size", "rounds", "tolerance")},
        )  # fmt: skip

    def rests_on(self) -> dict[str, Any]:
        """Return all that the trials and the worlds of a folder depend on, by name."""
        options = ("n_citizens", "draws", "size", "rounds", "tolerance")
        return {
            **self.read_by(),
            "episode": self.episode.to_dict(),
            "stages": list(self.stages),
            **{name: getattr(self, name) for name in options},
        }

    def trial(self, ranks: np.ndarray, seed: int, farthest: float) -> Run:
        """Return the run that tries a world, given up once its distance must exceed ``farthest``."""
        return Run(
            episode=self.episode, parameters=parameters_at(informed(), ranks), arm="stay", seed=seed,
            n_citizens=self.n_citizens, asked={"farthest": farthest},
        )  # fmt: skip

    def attempt(self, run: Run) -> dict[str, Value]:
        """Live the episode once, and give it up as soon as its distance must exceed what is asked.

        Returns:
            What it showed by the day to which it was lived; its distance, if it was lived to the end.
        """
        world, allowed = world_of(run, past=False), dict(run.asked)["farthest"] ** 2 * len(self.targets)
        shown: dict[str, float] = {}
        distance = None
        for day in self.stages:
            world.run(days=day - len(world.past_rows) - len(world.rows))
            if fell(world):
                break
            shown = self.shown(world)
            if sum(miss**2 for miss in evidence.misses(self.targets, shown).values()) > allowed:
                break
        else:
            distance = self.distance(shown)
        ending = "fell" if fell(world) else "survived"
        return {**shown, "day": len(world.past_rows) + len(world.rows), "ending": ending, "distance": distance}


def fell(world: Simulation) -> bool:
    """Whether he has fallen, or would have in the past."""
    return bool(world.fell_before) or world.judge.ended_on is not None


@dataclass(frozen=True)
class Trial:
    """One run of an episode: where it was tried [ranks of the ranges], its seed, and what it showed."""

    ranks: np.ndarray
    seed: int
    distance: float
    shown: dict[str, float]


def tried(fit: Fit, ranks: np.ndarray, seed: int, outcome: Outcome) -> Trial:
    """Return a trial from what came of its run; it is infinitely far if he fell, or if it was given up."""
    if outcome is None or outcome["distance"] is None:
        return Trial(ranks, seed, math.inf, {})
    shown = {target.name: float(outcome[target.name] or 0.0) for target in fit.targets}
    return Trial(ranks, seed, float(outcome["distance"]), shown)


def trials(
    fit: Fit, places: Sequence[tuple[np.ndarray, int]], farthest: float | Sequence[float], still: int = 0
) -> Search[list[Trial]]:
    """Try worlds, each at its ranks and with its seed, and return them.

    Args:
        fit: what they are held against.
        places: ranks and seed of each.
        farthest: the distance past which a run is given up: one for all, or one for each.
        still: how many more may be asked for after them.
    """
    limits = np.broadcast_to(farthest, len(places)).tolist()
    asked = [fit.trial(ranks, seed, limit) for (ranks, seed), limit in zip(places, limits, strict=True)]
    outcomes = yield asked, still
    return [tried(fit, ranks, seed, outcome) for (ranks, seed), outcome in zip(places, outcomes, strict=True)]
