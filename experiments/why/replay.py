"""The runs of this question: lived again without some parts, and once with notes of what could be left out."""

import json
from typing import Any

from experiments.lab.left_out import Replay, Watched, life, part_of
from experiments.lab.runner import Run
from experiments.lab.tasks import built
from model.simulation import Simulation


def ending_of(world: Simulation) -> dict[str, Any]:
    """Return how a world ended."""
    judge = world.judge
    return {
        "ending": str(judge.ending), "ended_on": judge.ended_on, "cause": judge.cause,
        "entered_on": world.regime.entered_on,
    }  # fmt: skip


def replayed(run: Run) -> dict[str, Any]:
    """Live a run again without some parts, perhaps with other luck from the day of entry on; return how it ends."""
    asked = dict(run.asked)
    world = built(run, Replay)
    world.leave_out(part_of(code) for code in str(asked["out"]).split())
    future = int(asked["future"])
    if future < 0:
        return ending_of(world.run())
    entry = run.episode.day_of(run.episode.entering.date)
    return ending_of(world.run(entry - 1).fork(dice=future).run())


def told(run: Run) -> dict[str, Any]:
    """Live a run; return how it ends, its days, what was noted, and all parts that could be left out (as JSON)."""
    world = built(run, Watched)
    world.watch()
    world.run()
    entry = run.episode.day_of(run.episode.entering.date)
    lived = life(world, world.parts(entry))
    return ending_of(world) | {
        "notes": json.dumps(lived.notes), "units": json.dumps(lived.units),
        "parts": json.dumps({part.code: weight for part, weight in lived.parts.items()}),
        "commanders": json.dumps(lived.commanders), "series": json.dumps(lived.series),
        "days_aside": json.dumps(lived.days_aside), "days_failed": json.dumps(lived.days_failed),
        "lost_control_on": lived.lost_control_on,
    }  # fmt: skip
