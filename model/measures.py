"""What is watched: one small function a measure; its name is the column's name in every table.

``MEASURES`` are taken every day, ``summary`` once, at the end of a run. All counts are in people.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from agents.citizen.rules import Status
from agents.elite import Stance

MARKS = (0.5, 1.0, 2.0, 3.5)
"""Shares of electors in the street on one day that are reported [%]; nothing hangs on them."""


def crowd(world: Any) -> float:
    """People in the street today, in the whole country."""
    return float(world.crowd.people.sum())


def capital_crowd(world: Any) -> float:
    """People in the street of the capital today."""
    return float(world.crowd.people[world.episode.capital])


def mobilised(world: Any) -> float:
    """People who are ready to go into the street, whether or not they are free today."""
    return world.citizens.persons_of(world.citizens.n_mobilised)


def detained_today(world: Any) -> float:
    """People caught today."""
    return float(world.crowd.detained.sum())


def detained_capital(world: Any) -> float:
    """People caught in the capital today."""
    return float(world.crowd.detained[world.episode.capital])


def detained_total(world: Any) -> float:
    """People caught since the first day (one caught twice counts twice)."""
    return world.crowd.detained_total


def in_jail(world: Any) -> float:
    """People in detention today."""
    return _held(world, Status.DETAINED)


def in_exile(world: Any) -> float:
    """People in exile today (C9)."""
    return _held(world, Status.EXILE)


def volunteers(world: Any) -> float:
    """Exiles who fight for the other side (C9)."""
    return _held(world, Status.VOLUNTEER)


def aid(world: Any) -> float:
    """Aid that exiles have sent so far [US dollars] (C9)."""
    return world.citizens.aid_total


def arrest_risk(world: Any) -> float:
    """Share of today's crowd that was caught in the street [0 to 1]."""
    taken = float((world.crowd.detained - world.crowd.at_home).sum())
    return min(1.0, taken / crowd(world)) if taken > 0.0 else 0.0


def obeying_share(world: Any) -> float:
    """Share of the force that acted on its orders, or would have [0 to 1]."""
    return world.forces.obeying_share


def standing_aside(world: Any) -> float:
    """Share of the capital's force that stands aside today [0 to 1] (C13)."""
    return world.forces.aside_share


def refused(world: Any) -> float:
    """Of the men told to fight, the share that refused when last asked [0 to 1] (C13)."""
    return world.forces.refused_share


def load(world: Any) -> float:
    """X = C / (rho K qbar) of today's crowd in the capital [ratio]."""
    return world.street.x


def movement_load(world: Any) -> float:
    """X if all who are mobilised in the capital came [ratio]."""
    return world.street.x_movement


def order_failed(world: Any) -> float:
    """Whether an order to disperse failed today [0 or 1]."""
    return float(world.street.order_failed)


def posture(world: Any) -> float:
    """How he answers the street [0 restrain, 1 contain, 2 disperse]."""
    return float(world.regime.posture)


def rung(world: Any) -> float:
    """How far he is in the war [0 none, 1 territory, 2 limited, 3 full]."""
    return float(world.regime.rung)


def support(world: Any) -> float:
    """What Moscow has given [0 none, 1 police, 2 money, 3 troops]."""
    return float(world.moscow.support)


def pressure(world: Any) -> float:
    """Moscow's pressure to do more, P."""
    return world.moscow.pressure


def debt(world: Any) -> float:
    """What he owes Moscow [rescues of 2020]."""
    return world.moscow.debt


def strength_shown(world: Any) -> float:
    """How strong he looks to Moscow [0 to 1]."""
    return world.moscow.strength_seen


def refusals(world: Any) -> float:
    """How often he has refused Moscow the next step."""
    return float(world.moscow.refusals)


def gdp_lost(world: Any) -> float:
    """What sanctions and a withheld subsidy cost [% of GDP]."""
    return world.regime.gdp_lost()


def violence(world: Any) -> float:
    """Outrage at the violence seen [sd of anger]."""
    return world.mood.violence


def grievance(world: Any) -> float:
    """What everybody feels: the stolen vote, prices, shame [sd of anger]."""
    return world.mood.grievance()


def war_anger(world: Any) -> float:
    """Anger at the war of a citizen of mean aversion who hears all [sd]."""
    return world.mood.war_anger()


def dead(world: Any) -> float:
    """Soldiers killed at the front so far."""
    return world.front.dead_total


def resigned(world: Any) -> float:
    """Men of the security forces who have left the service so far."""
    return world.forces.resigned_total


def against(world: Any) -> float:
    """Share of the electors in the country who are against the regime, asked weekly [0 to 1]."""
    return world.mood.poll["against"]


def tells(world: Any) -> float:
    """Share who would tell a pollster so [0 to 1]."""
    return world.mood.poll["tells"]


def averse(world: Any) -> float:
    """Share who are against sending troops [0 to 1] (C7)."""
    return world.mood.poll["averse"]


def hedging(world: Any) -> float:
    """Share of the elite that hedges or plots [0 to 1]."""
    return world.elites.hedging_share


def plotting(world: Any) -> float:
    """How many of the elite plot."""
    return float(np.count_nonzero(world.elites.columns["stance"] == Stance.PLOTTING.value))


def took_part(world: Any) -> float:
    """Share of the electors who were in the street at least once [0 to 1]."""
    return min(1.0, world.citizens.persons_of(world.citizens.n_ever) / world.citizens.all_electors)


MEASURES: Mapping[str, Callable[[Any], float]] = {
    measure.__name__: measure
    for measure in (
        crowd, capital_crowd, mobilised, detained_today, detained_capital, detained_total, in_jail, in_exile,
        volunteers, aid, arrest_risk, obeying_share, standing_aside, refused, load, movement_load, order_failed,
        posture, rung, support, pressure, debt, strength_shown, refusals, gdp_lost, violence, grievance, war_anger,
        dead, resigned, against, tells, averse, hedging, plotting, took_part,
    )
}  # fmt: skip
"""The measures of a day, by name."""


def summary(world: Any) -> dict[str, float | int | str | None]:
    """Return how a run ended and its peaks, as a row for a table (days count from 1; None: it did not happen)."""
    judge, columns = world.judge, list(MEASURES)
    peak, peak_day = 0.0, None
    marks: dict[str, int | None] = {f"mobilised_{mark:g}_percent_on": None for mark in MARKS}
    for day, row in enumerate(world.rows, 1):
        today = row[columns.index("crowd")]
        if today > peak:
            peak, peak_day = today, day
        for mark in MARKS:
            name = f"mobilised_{mark:g}_percent_on"
            if marks[name] is None and today >= mark / 100.0 * world.citizens.all_electors:
                marks[name] = day
    capital = [row[columns.index("capital_crowd")] for row in world.rows]
    return {
        "ending": str(judge.ending),
        "ended_on": judge.ended_on,
        "cause": judge.cause,
        "tie": int(judge.tie),
        "under_protest": int(judge.under_protest),
        "lost_control_on": judge.lost_control_on,
        "failed_orders": len(judge.failed_days),
        "days_aside": len(judge.aside_days),
        "refused": world.forces.refused_share,
        "coup_attempts": len(judge.attempts),
        "entered_on": world.regime.entered_on,
        "refusals": world.moscow.refusals,
        "peak_crowd": peak,
        "peak_on": peak_day,
        "peak_capital_crowd": max(capital, default=0.0),
        "peak_load": max((row[columns.index("load")] for row in world.rows), default=0.0),
        "peak_pressure": max((row[columns.index("pressure")] for row in world.rows), default=0.0),
        "detained": world.crowd.detained_total,
        "dead": world.front.dead_total,
        "dead_per_million": world.front.dead_total / world.citizens.all_electors * 1e6,
        "resigned": world.forces.resigned_total,
        "took_part": took_part(world),
        "exiles": in_exile(world),
        "volunteers": volunteers(world),
        "against": world.mood.poll["against"],
        "days": world.day,
        **marks,
    }


def _held(world: Any, status: Status) -> float:
    """How many people have a status today."""
    return world.citizens.persons_of(world.citizens.by_status[status])
