"""What one run of an experiment does: functions of a run that any process or machine can carry out."""

from typing import Any

from experiments.lab.runner import Run
from model.measures import summary
from model.simulation import Simulation


def world_of(run: Run, *, past: bool = True, to_the_eve: bool = True) -> Simulation:
    """Build the world of a run, on the eve of its first day, or before its past, or where he fell in it."""
    return built(run, Simulation, past=past, to_the_eve=to_the_eve)


def built[Kind: Simulation](run: Run, kind: type[Kind], *, past: bool = True, to_the_eve: bool = True) -> Kind:
    """Build the same as a world of some kind."""
    return kind(
        run.episode, run.parameters, arm=run.arm, rng=run.seed, history=run.history, n_citizens=run.n_citizens,
        past=past, to_the_eve=to_the_eve,
    )  # fmt: skip


def run_summary(run: Run) -> dict[str, Any]:
    """Live a run's days, and return how it ended and its peaks (``model.measures.summary``)."""
    return summary(world_of(run).run(run.days))
