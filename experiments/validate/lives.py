"""What one run shows of the gates and the facts."""

import dataclasses
import datetime as dt
from typing import Any

from experiments.evidence import targets as evidence
from experiments.lab.runner import Run
from experiments.lab.tasks import world_of
from model.episode import Episode, load_episode
from model.measures import MEASURES, summary
from model.simulation import Simulation

EPISODE = "belarus-2022"
RALLIES = ("2020-08-16", "2020-08-23")
"""The Sundays of the largest crowds."""
MARCH = ("2021-03-25", "2021-03-27")
"""The calls of the spring after."""
QUIET_FROM = dt.date(2022, 3, 7)
"""From this day on nearly nobody was in the street."""
_COLUMN = {measure: place for place, measure in enumerate(MEASURES)}


def before(world: Simulation, measure: str, date: str) -> float:
    """Return a measure of a day of the past."""
    return world.past_rows[world.episode.day_of(dt.date.fromisoformat(date)) - 1][_COLUMN[measure]]


def on(world: Simulation, measure: str, date: str) -> float | None:
    """Return a measure of a day of the episode; None of one that was not lived."""
    place = world.episode.day_of(dt.date.fromisoformat(date)) - 1
    return world.rows[place][_COLUMN[measure]] if place < len(world.rows) else None


def look_back(run: Run) -> dict[str, Any]:
    """Live an accepted history and the first year of the war without entry; return what is known of both."""
    world = world_of(run).run()
    support = [row[_COLUMN["support"]] for row in world.past_rows]
    capital, country = ([before(world, name, day) for day in RALLIES] for name in ("capital_crowd", "crowd"))
    peak = capital.index(max(capital))
    telling = on(world, "tells", "2022-05-01")
    usual, called = (before(world, "capital_crowd", day) for day in ("2020-10-18", "2020-10-25"))
    quiet = [row[_COLUMN["crowd"]] for row in world.rows[world.episode.day_of(QUIET_FROM) - 1 :]]
    taken = [on(world, "detained_today", day) for day in ("2022-02-27", "2022-02-28")]
    return summary(world) | {
        "police_on": first_day(support, 1),
        "money_on": first_day(support, 2),
        "failed_2020": sum(row[_COLUMN["order_failed"]] for row in world.past_rows),
        "country_for_capital": country[peak] / max(capital[peak], 1.0),
        "october_call": called / max(usual, 1.0),
        "crowd_march": max(before(world, "crowd", day) for day in MARCH),
        "detained_march": sum(before(world, "detained_today", day) for day in MARCH) / len(MARCH),
        "crowd_27": on(world, "crowd", "2022-02-27"),
        "detained_27_28": sum(day for day in taken if day is not None) if None not in taken else None,
        "crowd_later": max(quiet, default=0.0),
        "x_eve": world.past_rows[-1][_COLUMN["movement_load"]],
        "loyal": None if telling is None else 1.0 - telling,
        "volunteers_july": on(world, "volunteers", "2022-07-01"),
        "fell_before": world.fell_before or None,
    }


def first_day(values: list[float], level: float) -> int | None:
    """Return on which day of the past a measure first reached a level; None if it never did.

    >>> first_day([0.0, 0.0, 2.0], 1), first_day([0.0], 1)
    (3, None)
    """
    return next((day for day, value in enumerate(values, start=1) if value >= level), None)


def live_afresh(run: Run) -> dict[str, Any]:
    """Live the history with other luck, until all targets are known; return what it shows of each, and how near."""
    wanted = evidence.read_targets(evidence.FOLDER / f"{EPISODE}.csv", load_episode(EPISODE))
    last = max(target.known_on for target in wanted)
    world = world_of(run, past=False).run(last)
    lived = world.past_rows + world.rows
    if world.fell_before or len(lived) < last:
        return {"fell": 1, "distance": None}
    shown = evidence.shown_by(wanted, lived, float(world.forces.first_heads.sum()), until=last)
    return {**shown, "fell": 0, "distance": evidence.distance(wanted, shown)}


def after_entry(run: Run) -> dict[str, Any]:
    """Live the year with entry; return how it ended, and the largest share of electors in the street from then on."""
    world = world_of(run).run()
    entry = world.episode.day_of(world.episode.entering.date)
    crowds = [row[_COLUMN["crowd"]] for row in world.rows[entry - 1 :]]
    return summary(world) | {"peak_share": max(crowds, default=0.0) / world.citizens.all_electors}


def larger(episode: Episode, times: int) -> Episode:
    """Return the same country so many times as large: electors, forces, troops and all who were killed.

    >>> larger(load_episode("belarus-2022"), 2).electors == 2 * load_episode("belarus-2022").electors
    True
    """
    assert episode.entry is not None
    return episode.replace(
        regions=tuple(dataclasses.replace(region, electors=region.electors * times) for region in episode.regions),
        forces=tuple(dataclasses.replace(force, heads=force.heads * times) for force in episode.forces),
        patron_troops=tuple((date, men * times) for date, men in episode.patron_troops),
        events=tuple(
            dataclasses.replace(event, size=event.size * times) if event.kind == "killed" else event
            for event in episode.events
        ),
        entry=dataclasses.replace(episode.entry, troops=episode.entry.troops * times),
    )
