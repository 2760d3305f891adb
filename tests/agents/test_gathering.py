"""What an actor gathers for a rule: on two days of a lively world, each input of each rule against a hand-written one.

No two numbers of the rules and no two parts of the world are equal in it, so that none can stand for another: recent
and total dead, memory and what is deployed, today's need and yesterday's. The rules and loops that actors call are read
off the sources; one without an expectation here, or that is not reached, fails.
"""

import ast
import inspect
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from agents.citizen import population
from agents.citizen.loops import Feelings, Patrol, Today
from agents.citizen.loops import Rows as Columns
from agents.citizen.rules import Status
from agents.elite import Members, Signs, Stance
from agents.ground import chance
from agents.ground.chance import Purpose
from agents.moscow import Support
from agents.regime import Lesson, Lessons, Rung, Situation
from agents.security import Asked, Doing, Game, Units, Wear
from model.calendar import SUNDAY, Calendar
from model.episode import load_episode
from model.parameters import DECLARED, Parameters
from model.simulation import Simulation

ROOT = Path(__file__).parents[2]
RULES = [f"agents/{name}.py" for name in ("citizen/rules", "citizen/loops", "elite", "moscow", "regime", "security")]
SMALL_RULES = {"chance_within", "drift", "persistence", "weekly"}
"""Those of ``agents/ground/chance.py`` into which an actor puts numbers of his own."""
MODULES = ("loops", "rules", "security", "chance")
"""The names under which callers know the modules of rules."""
BUILDING = {"__init__", "_tie", "emigrate"}
"""Half-lives are held apart below; ties and emigration in the tests of the population."""
WEEKLY_DAY, ENTERED_ON, PURGED_ON, LOST_CONTROL_ON, WAR_SINCE = 35, 4, 26, 30, 9
"""The next day is a Sunday."""
PRESENT = load_episode("belarus-2022").without_past()
CITIZENS, RISING = 6_000, 1.0
"""How much angrier citizens are than the numbers say, so that the streets are neither empty nor full [sd]."""
CALL, DEBT, REFUSALS, CUT, LOYALTY_DRIFT = 0.37, 1.7, 5, 0.29, 0.19
HEAVIEST = 0.9
LESSONS = (
    Lesson(-1.9, (0.31, 0.23, -0.41, 0.13, 0.29, 0.53)), Lesson(-1.7, (0.37, 0.11, -0.43, 0.17, 0.19, 0.59)),
    Lesson(-1.3, (-0.47, 0.07, -0.61, 0.67, 0.71, 0.73)),
)  # fmt: skip
"""Of refusing, of going limited, of entering."""
LEAST, MOST = Situation(0.001, 0.001, 0.001, 0.001, 0.001, 0.001), Situation(90.0, 90.0, 90.0, 0.999, 0.999, 90.0)


# The world: no two numbers alike.


def distinct():
    """Parameters none of which equals another, within their bounds, with streets near the line."""
    values = {}
    for place, (name, number) in enumerate(DECLARED.items()):
        if not isinstance(number.default, int) and name != "moscow.replace_troops":
            low, high = number.metadata["low"], number.metadata["high"]
            values[name] = low + (high - low) * (0.3 + 0.4 * (place * 0.6180339887 % 1.0))
    return Parameters().replace(
        values
        | {
            "moscow.view_half_life": 58.0, "moscow.drop_days": 11,
            "moscow.police_lag": 8, "moscow.money_lag": 17, "moscow.troops_lag": 23,
            "moscow.grave_strength": 0.59, "moscow.stake": 2.85, "security.consent": 3.85,
            "security.home_effect": 0.7, "security.defeat_effect": 0.62, "security.obedience": 3.95,
            "moscow.replace_refusals": 3, "outcome.giving_up_window": 31, "citizen.threshold": 4.2,
            "citizen.penalty": 6.1, "citizen.penalty_rise": 1.03, "citizen.risk_weight": 0.99,
            "citizen.loss_curve": 0.02,
            "security.detention_rate": 0.25,
            "regime.inertia": 2.95, "regime.decisiveness": 5.5,
        }
    )  # fmt: skip


def lively():
    """A world on the eve of a day on which everything happens, and nobody falls."""
    world = Simulation(PRESENT.replace(entry_front="defeat"), distinct(), arm="decide", rng=2, n_citizens=CITIZENS,
                       lessons=Lessons(*LESSONS, LEAST, MOST))  # fmt: skip
    while world.day < WEEKLY_DAY - 1:
        world.step()
        assert world.running
    world.calendar = Calendar(world.episode)
    days = np.arange(world.episode.days + 1)
    world.calendar.need, world.calendar.geography = 0.5 + 0.001 * days, 0.41 + 0.002 * days
    world.calendar.patron_troops = 7_000.0 + 10.0 * days
    world.calendar.weekday[WEEKLY_DAY : WEEKLY_DAY + 2] = 2, SUNDAY
    world.citizens.columns["opposition"] += RISING
    world.street.x_movement = 0.2
    world.set_rung(Rung.LIMITED)
    world.front.since, world.front.course = ENTERED_ON, "defeat"
    world.front.dead_recent, world.front.dead_total = 70.0, 310.0
    world.mood.focal, world.mood.violence, world.mood.war_shock = 0.13, 0.17, 0.19
    world.mood.accepted, world.mood.war_since = 0.23, WAR_SINCE
    world.street.announced, world.street.x_movement = CALL, 0.6
    world.street.beaten = world.street.open_square = False
    world.media.black_out(CUT, None)
    regime, moscow, elites = world.regime, world.moscow, world.elites
    regime.talks = regime.nukes_permitted = regime.nukes_hosted = True
    regime.provoked_sanctions, regime.belief_noise, regime.heaviest = 1.3, -0.4, HEAVIEST
    moscow.debt, moscow.withheld, moscow.view_noise = DEBT, 0.9, 0.35
    moscow.refusals, moscow.support = REFUSALS, Support.POLICE
    moscow.weak_days, moscow.grave_days, moscow.lost_days = 40, 28, 6
    moscow.strengths = [0.4 + 0.01 * day for day in range(14)]
    forces = world.forces
    forces.common_shock, forces.standing, forces.refusal, forces.loyalty_drift = -0.7, 0.96, 0.07, LOYALTY_DRIFT
    forces.barred[np.flatnonzero(~forces.front)[::9]] = True
    forces.weigh()
    forces.columns["signal"][np.flatnonzero(forces.in_capital & ~forces.front & ~forces.barred)[:2]] = -30.0
    world.forces.loss_share[:] = np.linspace(0.01, 0.03, world.forces.loss_share.size)
    world.forces.columns["strain"][:] = np.linspace(0.1, 0.4, world.forces.loss_share.size)
    world.crowd.last = world.citizens.electors * np.linspace(0.01, 0.02, 7)
    world.crowd.caught_lately, world.crowd.out_lately = np.linspace(3.0, 9.0, 7), np.linspace(900.0, 2_000.0, 7)
    elites.columns["belief"][::3] = 0.95
    elites.columns["leaning"][elites.commanders[1]] = 0.8
    elites.columns["stance"][elites.commanders[1]] = Stance.PLOTTING
    elites.last_purge = PURGED_ON
    world.judge.last_lost_control = LOST_CONTROL_ON
    world.lot, world.bell = lot, bell
    return world


LOTS = {
    Purpose.PROVOCATION: 0.0, Purpose.DEMAND: 0.0, Purpose.POSTURE: 1.0 - 1e-12, Purpose.RUNG: 0.5,
    Purpose.PLOT_STRENGTH: 0.03,
}  # fmt: skip
"""He provokes, Moscow asks, he disperses, he stays on his rung, a coup fails; all else never happens."""


def lot(purpose, actor=0):
    return LOTS.get(purpose, 1.0) + 1e-6 * actor


def bell(purpose, actor=0):
    return 10.0 + actor if purpose == Purpose.ESTIMATE else 0.1 * purpose.value


# By hand: what the world holds, from its rows and numbers.


def left(half_life, days=1.0):
    return 0.5 ** (days / half_life)


def week(rate):
    return 1.0 - math.exp(-rate * 7.0 / 365.0)


def electors(w):
    return np.array([region.electors for region in w.episode.regions], float)


def per_million(w):
    return 1e6 / electors(w).sum()


def people(w, chosen):
    """Electors by region for whom a mask over the citizens holds."""
    stratum = w.citizens.columns["stratum"]
    return np.bincount(stratum // 2, w.citizens.weights[stratum] * chosen, minlength=7)


def with_status(w, status):
    return people(w, w.citizens.columns["status"] == status)


def movement(w):
    return people(w, w.citizens.columns["mobilised"])


def capital(w):
    return w.episode.capital


def need(w):
    war = w.parameters.war
    return w.calendar.need[w.day] * (war.defeat_need if w.front.course == "defeat" else war.advance_need)


def credit(w, rung):
    numbers = w.parameters.moscow
    taken = (0.0, numbers.credit_territory, numbers.credit_limited, 1.0)[rung]
    return min(1.0, taken + 2 * numbers.credit_flag + numbers.credit_talks)


def pressure(w, rung):
    return need(w) * (1.0 + w.parameters.moscow.debt_pressure * w.moscow.debt) * (1.0 - credit(w, rung))


def pressure_this_morning(w):
    """With the debt of the eve: today's help and cover come later."""
    owed = 1.0 + w.parameters.moscow.debt_pressure * DEBT
    return need(w) * owed * (1.0 - credit(w, Rung.LIMITED))


def sanctioned(w):
    numbers = w.parameters.regime
    entered = numbers.sanctions_entry * (w.regime.rung == Rung.LIMITED)
    return (numbers.sanctions_base + entered + w.regime.provoked_sanctions) * (1.0 - numbers.talks_west)


def gdp_lost(w):
    return sanctioned(w) + w.moscow.withheld * w.parameters.moscow.subsidy


def covered(w):
    """What Moscow makes good of a week's sanctions."""
    return w.parameters.moscow.sanctions_cover * sanctioned(w) * 7.0 / 365.0


def grievance(w):
    numbers = w.parameters.citizen
    felt = w.mood.focal + numbers.economy_anger * gdp_lost(w) + numbers.shame - w.parameters.regime.talks_home
    peace = numbers.peace_premium * (1.0 - left(numbers.war_shock_half_life, w.day - WAR_SINCE))
    return felt + numbers.presence_anger * (sent(w) > 0.0) - peace * (w.regime.rung == Rung.TERRITORY)


def tenfold(w, dead):
    return math.log10(1.0 + dead * per_million(w) / w.parameters.citizen.loss_half)


def by_curve(w, dead):
    curve = w.parameters.citizen.loss_curve
    return (10.0 ** (curve * tenfold(w, dead)) - 1.0) / (10.0**curve - 1.0)


def loss_anger(w):
    numbers = w.parameters.citizen
    recent, total = by_curve(w, w.front.dead_recent), by_curve(w, w.front.dead_total)
    share = numbers.loss_recent_share
    return numbers.loss_anger * (share * recent + (1.0 - share) * total)


def war_anger(w):
    return w.mood.war_shock * (1.0 - w.mood.accepted) + loss_anger(w)


def known(w):
    """A defeat is known to all; before it, who knows one of the dead."""
    would_know = w.front.dead_total * w.parameters.citizen.acquaintances / electors(w).sum()
    return 1.0 if w.front.course == "defeat" else 1.0 - math.exp(-would_know)


def land_accepted(w):
    """How averse one may be and yet approve of lending the land: aversion is normal around 1."""
    numbers = w.parameters.citizen
    return 1.0 - ndtri(numbers.territory_approval) / ndtri(numbers.aversion_support)


def blocking(w):
    closed = w.parameters.regime.media_closed * w.calendar.closed[w.day]
    return w.parameters.regime.blocking + (1.0 - w.parameters.regime.blocking) * closed


def diaspora(w):
    abroad = with_status(w, Status.EXILE).sum() / electors(w).sum()
    return min(1.0, w.parameters.citizen.diaspora_news * abroad / 0.02)


def heard(w):
    state = 1.0 - w.parameters.regime.media_grip
    independent = 1.0 - w.parameters.regime.media_grip * blocking(w)
    both = (state + independent) / 2.0
    from_abroad = [part + (1.0 - part) * diaspora(w) for part in (independent, both)]
    neither = w.parameters.citizen.word_of_mouth * state
    cut = [part - CUT * (part - left) for part, left in zip(from_abroad, (neither, state), strict=True)]
    return np.array([state, *cut, neither])


def uncut(w, turn):
    """What those of open sources alone, and those of both kinds, would hear without the blackout."""
    return (heard(w)[1 + turn] - CUT * heard(w)[(3, 0)[turn]]) / (1.0 - CUT)


def feelings(w):
    news, shock = heard(w), w.mood.war_shock
    losses = (1.0 - (1.0 - news) * (1.0 - known(w))) * loss_anger(w)
    felt = grievance(w) + news * (w.mood.violence - shock * w.mood.accepted)
    return Feelings(news=news, felt=felt, war=news * shock + losses)


def reserve(w):
    return w.parameters.moscow.reserve_share * w.forces.reach.sum() if w.moscow.support == Support.TROOPS else 0.0


def sent(w):
    lent = w.parameters.moscow.lent_share * w.calendar.patron_troops[w.day] if w.moscow.lent else 0.0
    return reserve(w) + lent


def at_home(w):
    return ~w.forces.front & ~w.forces.barred


def men(w):
    return np.where(at_home(w), w.forces.columns["heads"] * w.forces.pool, 0.0)


def force(w):
    return w.forces.reach.sum() + sent(w)


def mean_q(w):
    own = w.forces.reach
    return (float(own @ w.forces.q) + sent(w)) / force(w)


def load(w, crowd, held):
    return crowd / (w.parameters.security.containment * held)


def effort(w):
    return (0.0, w.parameters.security.contain_effort, 1.0)[w.regime.posture]


def officers(w, willing):
    own = w.forces.by_region  # counted weekly
    away = w.parameters.security.reach * effort(w) * min(1.0, w.street.x_movement)
    there = own * (1.0 - away)
    there[capital(w)] += away * own.sum()
    return there * willing * effort(w)


def caught_share(w, willing, crowd):
    crowd = np.maximum(crowd, 1.0)
    return 1.0 - np.exp(-w.parameters.security.detention_rate * officers(w, willing) / crowd)


def dated(w):
    """The call that was announced for this day, less what the blackout cuts."""
    return CALL * (1.0 - CUT) if w.day == WEEKLY_DAY else 0.0


def gathered(w):
    numbers = w.parameters.citizen
    return w.crowd.last.sum() / electors(w).sum() * (1.0 - numbers.call_broken * w.street.driven_off)


def call(w):
    """The reach of the day's call: announced, or on the Sunday the movement's own."""
    own = gathered(w) / (gathered(w) + w.parameters.citizen.call_half)
    return dated(w) if w.day == WEEKLY_DAY else own * (1.0 - CUT)


def expected_crowd(w):
    numbers = w.parameters.citizen
    return np.maximum(numbers.called_availability * movement(w), call(w) * numbers.focal_turnout * electors(w))


def believed_willing(w):
    """Yesterday's willingness, less the sight of units that would not fight."""
    return w.forces.mean_q * (1.0 - w.forces.refusal)


def deployed_chance(w):
    return caught_share(w, believed_willing(w), expected_crowd(w))


def memory(w):
    return w.crowd.caught_lately / w.crowd.out_lately


def risk_seen(w):
    view = w.parameters.citizen.deployment_view
    return view * deployed_chance(w) + (1.0 - view) * memory(w)


def risk(w):
    counts_for = np.exp(-((-np.log(risk_seen(w))) ** w.parameters.citizen.risk_weight))
    return w.parameters.citizen.penalty * w.parameters.citizen.penalty_rise ** w.calendar.sentences[w.day] * counts_for


def seen_share(w):
    near = w.parameters.citizen.local_view
    return near * w.crowd.last / electors(w) + (1.0 - near) * w.crowd.last.sum() / electors(w).sum()


def organising(w):
    return 1.0 - (1.0 - w.parameters.citizen.organising) * w.calendar.dissolved[w.day]


def crowd_pull(w):
    most = w.parameters.citizen.crowd * organising(w)
    pull = most * seen_share(w) / (seen_share(w) + w.parameters.citizen.crowd_half)
    return pull + dated(w) * w.parameters.citizen.call_pull


def stays(w):
    numbers = w.parameters.citizen
    return numbers.square_availability if w.street.open_square else numbers.weekday_availability


def reached(w):
    """By region: a Sunday's march is the capital's, a date is everybody's; a beaten order brings out all."""
    numbers = w.parameters.citizen
    by_region = np.full(len(w.episode.regions), max(dated(w), numbers.own_march * call(w)))
    by_region[capital(w)] = call(w)
    return np.ones_like(by_region) if w.street.beaten else by_region


def availability(w):
    return np.maximum(stays(w), reached(w) * w.parameters.citizen.called_availability)


def key(w, purpose):
    return chance.day_key(w.dice, np.uint64(purpose), np.uint64(w.day))


def columns(w):
    return Columns(**{name: w.citizens.columns[name] for name in Columns._fields})


def units(w):
    held = {name: w.forces.columns[name] for name in ("heads", "loyalty", "strain", "signal", "doing")}
    return Units(**held, front=w.forces.front, q=w.forces.q, reach=w.forces.reach)


def crowd_here(w):
    """Who came in the capital, the arrested too."""
    return float(w.crowd.people[capital(w)])


def asked(w):
    numbers = w.parameters.security
    return Asked(
        base=numbers.obedience + LOYALTY_DRIFT,
        loyalty_effect=numbers.loyalty_effect,
        support=numbers.support_effect * int(w.moscow.support) / 3.0,
        strain_effect=numbers.strain_effect,
        kin=numbers.kin_effect * (movement(w) / electors(w))[w.forces.columns["region"]],
        violence=numbers.violence_effect * min(1.0, load(w, crowd_here(w), force(w))),
        losses=100.0 * numbers.loss_effect * w.forces.loss_share,
    )


def one_commander(w):
    return 1.0 / int(w.elites.columns["commands"].sum())


def hedging(w):
    return float(np.isin(w.elites.columns["stance"], [Stance.HEDGING, Stance.PLOTTING]).mean())


def hedging_before_the_purge(w):
    """Today's purge comes after they have watched."""
    return hedging(w) + (w.elites.last_purge == w.day) / w.elites.columns["stance"].size


def fear(w):
    numbers = w.parameters.elite
    return 1.0 - (1.0 - numbers.fear) * left(numbers.fear_half_life, WEEKLY_DAY - PURGED_ON)


def paid(w):
    return w.parameters.moscow.repayment * credit(w, w.regime.rung) * 7.0 / 365.0


def costs(w):
    return w.parameters.moscow.cost_money + w.parameters.moscow.cost_troops


def belief(w):
    numbers = w.parameters.regime
    return w.street.x_movement * math.exp(numbers.belief_noise * w.regime.belief_noise - numbers.flattery)


def order_fails(w, x):
    return 0.5 * math.erfc(-math.log(x) / (w.parameters.regime.order_caution * math.sqrt(2.0)))


def postures(w):
    numbers = w.parameters.regime
    contained = numbers.contain_cost + order_fails(w, numbers.contain_part * belief(w))
    return [numbers.restrain_cost, contained, order_fails(w, belief(w))]


def commitment(w, rung):
    return (0.0, 0.0, w.parameters.war.limited_share, 1.0)[rung]


def price(w):
    return w.parameters.moscow.replace_rate * (1.0 - w.calendar.geography[w.day] * credit(w, Rung.TERRITORY))


def troops(w):
    return (w.calendar.patron_troops[w.day] + reserve(w)) / w.forces.reach.sum()


def situation(w):
    """What he believes to see: pressure and price while he does not fight, the heaviest crowd through his own eyes."""
    numbers = w.parameters.regime
    load = HEAVIEST * math.exp(numbers.belief_noise * w.regime.belief_noise - numbers.flattery)
    polled = w.mood.poll
    return Situation(pressure(w, Rung.TERRITORY), price(w), troops(w), polled["averse"], polled["tells"], load)


def fall_of(w, rung):
    """All that is seen lies between the ends: log odds by hand."""
    (seen, lesson), logit = (situation(w), LESSONS[rung - Rung.TERRITORY]), lambda p: math.log(p / (1.0 - p))
    points = [math.log10(x) for x in seen[:3]] + [logit(x) for x in seen[3:5]] + [math.log10(seen.load)]
    return 1.0 / (1.0 + math.exp(-lesson.intercept - np.dot(lesson.weights, points)))


def hazard_of(w, rung):
    return -math.log(1.0 - fall_of(w, rung))


def would_fire(w):
    odds = np.log(w.forces.q / (1.0 - w.forces.q)) - w.parameters.elite.coup_reluctance
    return 1.0 / (1.0 + np.exp(-odds))


def in_the_capital(w):
    return (w.forces.columns["region"] == capital(w)) & at_home(w)


def against_plotters(w):
    there = np.where(in_the_capital(w), men(w), 0.0)
    return float((would_fire(w) * there).sum() / there.sum())


def game(w, strength, willing):
    numbers = w.parameters.security
    seen = strength + numbers.common_shock * w.forces.common_shock
    return Game(seen=seen, threshold=1.0 - willing, signal_noise=numbers.signal_noise)


def strength_left(w, crowd_load):
    return 1.0 - crowd_load / w.forces.standing - w.forces.refusal


def told(w):
    """Who is asked to fight: those at the front, or, when he sends them, the first until the troops are together."""
    if w.forces.front.any():
        return w.forces.front.copy()
    chosen, heads = np.zeros(w.forces.sent.size, bool), w.forces.columns["heads"]
    for row in sorted(np.flatnonzero(w.forces.sent), key=lambda row: w.forces.sent[row]):
        if heads[chosen].sum() < w.parameters.war.limited_share * w.episode.entry.troops:
            chosen[row] = True
    return chosen


def reasons(w, row):
    """What weighs on a unit that is told to fight [logit]."""
    numbers, forces = w.parameters.security, w.forces
    region = forces.columns["region"][row]
    return {
        "base": numbers.consent, "loyalty": numbers.loyalty_effect * forces.columns["loyalty"][row],
        "support": numbers.support_effect * int(w.moscow.support) / 3.0,
        "home": numbers.home_effect * movement(w)[region] / electors(w)[region],
        "conscripts": numbers.conscript_effect * forces.conscripts[row],
        "losses": 100.0 * numbers.loss_effect * forces.loss_share[row],
        "defeat": numbers.defeat_effect * (w.front.course == "defeat"),
    }  # fmt: skip


def consent(w):
    """How willing each unit that is told to fight is, and 0 for the others."""
    logits = [list(reasons(w, row).values()) for row in range(w.forces.sent.size)]
    return np.where(told(w), [1.0 / (1.0 + math.exp(sum(each[3:]) - sum(each[:3]))) for each in logits], 0.0)


def mean_consent(w):
    return float(np.average(consent(w), weights=np.where(told(w), w.forces.columns["heads"], 0.0)))


def seeming(w):
    own = one_commander(w)
    return own + (1.0 - own) * lot(Purpose.PLOT_STRENGTH, plotter(w))


def plotter(w):
    return int(w.elites.commanders[1])


def chances(w, turn):
    numbers = {"rate": w.parameters.security.detention_rate, "form": w.parameters.security.arrest_form}
    if turn == 0:
        return numbers | {"officers": officers(w, believed_willing(w)), "crowd": expected_crowd(w)}
    return numbers | {"officers": officers(w, w.forces.obeying_share), "crowd": w.crowd.people}


def patrol(w):
    by_region = caught_share(w, w.forces.obeying_share, w.crowd.people)
    if w.street.order_failed:
        by_region[capital(w)] = 0.0
    return Patrol(
        day=w.day, chance=np.repeat(by_region, 2), arrest_key=key(w, 3), days_key=key(w, 4),
        mean_days=w.parameters.security.detention_days,
    )  # fmt: skip


def today(w):
    numbers = w.parameters.citizen
    return Today(
        day=w.day, felt=feelings(w), risk=np.repeat(risk(w), 2),
        crowd_seen=np.repeat(crowd_pull(w), 2),
        ties=numbers.ties * organising(w), n_ties=w.parameters.sample.n_ties, noise=numbers.noise,
        availability=np.repeat(availability(w), 2), availability_key=key(w, 2), exile_chance=numbers.exile_chance,
        exile_key=key(w, 5), home_chance=numbers.home_arrests * effort(w) * w.forces.mean_q, home_key=key(w, 21),
        days_key=key(w, 4), mean_days=w.parameters.security.detention_days,
    )  # fmt: skip


SKIP = object()
"""Room for what a loop writes."""

EXPECTED = {
    # The citizens.
    "Crowd.look organised": lambda w, **_: {
        "left": w.parameters.citizen.organising, "dissolved": w.calendar.dissolved[w.day],
    },
    "Crowd.look deterrence": lambda w, **_: {
        "penalty": w.parameters.citizen.penalty, "rise": w.parameters.citizen.penalty_rise,
        "sentences": w.calendar.sentences[w.day],
    },
    "Crowd.look crowd_pull": lambda w, **_: {
        "crowd": w.parameters.citizen.crowd * organising(w),
        "share": seen_share(w),
        "half": w.parameters.citizen.crowd_half,
    },
    "Crowd.look risk_seen": lambda w, **_: {
        "memory": memory(w),
        "deployed_chance": deployed_chance(w),
        "view": w.parameters.citizen.deployment_view,
    },
    "Crowd.look weighed": lambda w, **_: {"chance": risk_seen(w), "weight": w.parameters.citizen.risk_weight},
    "Crowd.decide renew_moods": lambda w, **_: {
        "first": 0, "last": CITIZENS, "mood": w.citizens.columns["mood"], "key": key(w, 1),
        "keep": left(w.parameters.citizen.mood_half_life, 7.0), "day": w.day,
    },
    "Crowd.decide decide": lambda w, **_: {
        "first": 0, "last": CITIZENS, "rows": columns(w), "today": today(w), "tally": SKIP,
    },
    "Crowd._count enter": lambda w, **_: {
        "counts": sum(counts for _, _, counts in w.crowd.parts), "n_mobilised": w.citizens.n_mobilised,
        "by_status": w.citizens.by_status,
    },
    "Crowd._fill_vans arrest": lambda w, **_: {
        "out": SKIP, "n_out": int((w.citizens.columns["status"] == Status.STREET).sum()), "rows": columns(w),
        "patrol": patrol(w), "vans": SKIP,
    },
    "Outlets.heard news": lambda w, **_: {
        "grip": w.parameters.regime.media_grip, "blocking": blocking(w),
        "word_of_mouth": w.parameters.citizen.word_of_mouth, "diaspora": diaspora(w),
    },
    "Outlets.heard blacked_out": lambda w, turn, **_: {
        "heard": uncut(w, turn % 2), "cut": CUT, "left": heard(w)[(3, 0)[turn % 2]],
    },
    "Mood.outrage outrage": lambda w, **_: {
        "detained": w.crowd.detained.sum() * per_million(w), "half": w.parameters.citizen.outrage_half,
    },
    "Mood.step_into_war accepted_on": lambda w, **_: {
        "rung": Rung.LIMITED, "lent": land_accepted(w), "limited": w.parameters.war.limited_share,
    },
    "Mood.grievance persistence": lambda w, **_: {
        "half_life": w.parameters.citizen.war_shock_half_life, "step": w.day - WAR_SINCE,
    },
    "Mood.grievance soothes": lambda w, **_: {
        "premium": w.parameters.citizen.peace_premium,
        "left": left(w.parameters.citizen.war_shock_half_life, w.day - WAR_SINCE),
    },
    "Mood.feelings knows_a_dead": lambda w, **_: {
        "dead": w.front.dead_total, "acquaintances": w.parameters.citizen.acquaintances, "electors": electors(w).sum(),
    },
    "Mood.feelings felt": lambda w, turn, **_: {
        "grievance": grievance(w), "news": heard(w)[turn % 4], "violence": w.mood.violence,
        "accepted": w.mood.war_shock * w.mood.accepted,
    },
    "Mood.feelings war_felt": lambda w, turn, **_: {
        "news": heard(w)[turn % 4], "shock": w.mood.war_shock, "known": known(w), "losses": loss_anger(w),
    },
    "Mood.loss_anger loss_anger": lambda w, **_: {
        "rate": w.parameters.citizen.loss_anger,
        "dead_recent": w.front.dead_recent * per_million(w), "dead_total": w.front.dead_total * per_million(w),
        "loss_half": w.parameters.citizen.loss_half, "recent_share": w.parameters.citizen.loss_recent_share,
        "curve": w.parameters.citizen.loss_curve,
    },
    "Mood.ask_pollsters weekly": lambda w, **_: {"day": w.day, "on": 1},
    "Mood.ask_pollsters poll": lambda w, **_: {
        "rows": columns(w), "felt": feelings(w), "falsification": w.parameters.citizen.falsification, "counts": SKIP,
    },
    "Population.abroad weekly": lambda w, **_: {"day": w.day, "on": 0},
    "Population.abroad chance_within": lambda w, **_: {"rate": w.parameters.citizen.volunteer_rate, "days": 7.0},
    "Population.abroad volunteer": lambda w, **_: {
        "rows": columns(w), "chance": week(w.parameters.citizen.volunteer_rate), "key": key(w, 6), "counts": SKIP,
    },
    "Population.tell tell_ties": lambda w, **_: {
        "rows": SKIP, "n_rows": SKIP, "mobilised": w.citizens.columns["mobilised"],
        "ties_start": w.citizens.ties_start, "observers": w.citizens.observers,
        "tie_count": w.citizens.columns["tie_count"],
    },
    "Population.persons_of weighted": lambda w, **_: {"strata": SKIP, "weights": w.citizens.weights},
    "Population.by_region by_region": lambda w, **_: {"strata": SKIP, "weights": w.citizens.weights},
    # The elites.
    "Elites.step watch": lambda w, **_: {
        "members": Members(**{name: w.elites.columns[name] for name in ("belief", "stake", "stance")}),
        "signs": Signs(
            x=w.street.x_movement + w.forces.refusal,
            grievance=w.parameters.elite.grievance * (grievance(w) + w.mood.violence + war_anger(w)),
            signal_noise=w.parameters.elite.signal_noise, keep=left(w.parameters.elite.belief_half_life),
            sanctioned=sanctioned(w), rents=w.parameters.elite.rents,
        ),
    },
    "Elites.step weekly": lambda w, **_: {"day": w.day, "on": 0},
    "Elites.fear persistence": lambda w, **_: {
        "half_life": w.parameters.elite.fear_half_life, "step": WEEKLY_DAY - PURGED_ON,
    },
    "Elites.plot plot_hazard": lambda w, row, **_: {
        "rate": w.parameters.elite.plot_rate * one_commander(w),
        "losses": w.parameters.elite.plot_losses * tenfold(w, w.front.dead_recent),
        "x": w.parameters.elite.plot_street * min(w.street.x_movement, 2.0),
        "leaning_pressure": w.parameters.elite.plot_moscow * w.elites.columns["leaning"][row] * w.moscow.pressure,
        "defeat": w.parameters.elite.plot_defeat, "fear": fear(w),
    },
    "Elites.plot chance_within": lambda w, hazard, **_: {"rate": hazard, "days": 7.0},
    "Elites.go_on who_would_join": lambda w, **_: {"strength": one_commander(w), "hedging_share": hedging(w)},
    "Elites.go_on attempts": lambda w, **_: {
        "joiners": one_commander(w) + (1.0 - one_commander(w)) * hedging(w),
        "noise": w.parameters.elite.estimate_noise * bell(Purpose.ESTIMATE, plotter(w)),
    },
    "Elites.go_on seems": lambda w, **_: {
        "own": one_commander(w), "bluff": lot(Purpose.PLOT_STRENGTH, plotter(w)),
    },
    # Moscow.
    "Moscow.renew_dice drift": lambda w, **_: {
        "state": w.moscow.view_noise, "keep": left(w.parameters.moscow.view_half_life), "shock": bell(Purpose.VIEW),
    },
    "Moscow.step weekly": lambda w, **_: {"day": w.day, "on": 0},
    "Moscow.step demand_chance": lambda w, **_: {
        "rate": w.parameters.moscow.demand_rate, "pressure": pressure_this_morning(w),
    },
    "Moscow.notice strength": lambda w, **_: {
        "obeying_share": mean_q(w), "crowd_load": load(w, movement(w)[capital(w)], force(w)),
        "refusal": w.forces.refusal,
    },
    "Moscow.lend lends": lambda w, **_: {
        "shown": np.mean(w.moscow.strengths) + w.parameters.moscow.view_noise * w.moscow.view_noise,
        "safe": w.parameters.moscow.safe_strength, "drop": w.parameters.moscow.drop_strength,
        "stake": w.parameters.moscow.stake, "need": need(w),
    },
    "Moscow.pressure_at pressure": lambda w, rung, **_: {
        "need": need(w), "debt": w.moscow.debt, "debt_pressure": w.parameters.moscow.debt_pressure,
        "credit": credit(w, rung),
    },
    "Moscow.refusal_price price_of_refusal": lambda w, **_: {
        "pressure": pressure_this_morning(w), "geography": w.calendar.geography[WEEKLY_DAY],
    },
    "Moscow.replaces replacement_hazard": lambda w, **_: {
        "rate": w.parameters.moscow.replace_rate, "lost": False, "refusals": REFUSALS,
        "refusals_needed": w.parameters.moscow.replace_refusals, "geography": w.calendar.geography[WEEKLY_DAY],
        "compliance": credit(w, w.regime.rung),
        "troops": (w.calendar.patron_troops[WEEKLY_DAY] + reserve(w)) / w.forces.reach.sum(),
        "troops_half": w.parameters.moscow.replace_troops, "successor": True,
    },
    "Moscow.readiness readiness": lambda w, **_: {
        "rate": w.parameters.moscow.replace_rate, "geography": w.calendar.geography[WEEKLY_DAY],
        "compliance": credit(w, Rung.TERRITORY),
    },
    "Moscow.strikes weekly": lambda w, **_: {"day": w.day, "on": 0},
    "Moscow.strikes chance_within": lambda w, **_: {"rate": w.moscow.hazard, "days": 7.0},
    "Moscow.help owes": lambda w, **_: {"debt": DEBT, "cost": covered(w), "paid": paid(w)},
    "Moscow.give owes": lambda w, **_: {
        "debt": DEBT + covered(w) - paid(w) if w.day == WEEKLY_DAY else w.moscow.debt, "cost": costs(w), "paid": 0.0,
    },
    "Moscow.help gives": lambda w, **_: {
        "support": Support.POLICE, "weak_days": 41, "grave_days": 29, "lost_days": 0, "police_lag": 8, "money_lag": 17,
        "troops_lag": 23, "drop_days": 11,
    },
    # The regime.
    "Regime.renew_dice drift": lambda w, **_: {
        "state": w.regime.belief_noise, "keep": left(w.parameters.regime.belief_half_life),
        "shock": bell(Purpose.BELIEF),
    },
    "Regime.step weekly": lambda w, **_: {"day": w.day, "on": 0},
    "Regime.believes believed_load": lambda w, turn, **_: {
        "x": w.street.x_movement if turn == 0 else HEAVIEST, "flattery": w.parameters.regime.flattery,
        "noise": w.parameters.regime.belief_noise * w.regime.belief_noise,
    },
    "Regime.step posture_hazards": lambda w, **_: {
        "x": belief(w), "caution": w.parameters.regime.order_caution,
        "contain_cost": w.parameters.regime.contain_cost, "restrain_cost": w.parameters.regime.restrain_cost,
        "contain_part": w.parameters.regime.contain_part,
    },
    "Regime.step chooses": lambda w, **_: {
        "hazards": postures(w), "current": w.regime.posture, "decisiveness": w.parameters.regime.decisiveness,
        "inertia": w.parameters.regime.inertia, "dice": LOTS[Purpose.POSTURE],
    },
    "Regime.provoke chance_within": lambda w, **_: {"rate": w.parameters.regime.provocation_rate, "days": 7.0},
    "Regime.choose_rung chooses": lambda w, **_: {
        "hazards": [hazard_of(w, rung) for rung in (Rung.TERRITORY, Rung.LIMITED, Rung.FULL)], "current": 1,
        "decisiveness": w.parameters.regime.decisiveness, "inertia": w.parameters.regime.inertia,
        "dice": LOTS[Purpose.RUNG],
    },
    "Regime.expects believed_fall": lambda w, rung, **_: {
        "seen": situation(w), "lesson": LESSONS[rung - Rung.TERRITORY], "least": LEAST, "most": MOST,
    },
    "Regime.expects yearly_hazard": lambda w, rung, **_: {"fall": fall_of(w, rung)},
    "Regime.gives_up gives_up": lambda w, **_: {
        "lost_control": True, "hedging_share": hedging_before_the_purge(w), "patron_sends": True,
    },
    "Regime.sanctioned sanctions": lambda w, **_: {
        "base": w.parameters.regime.sanctions_base, "entry": w.parameters.regime.sanctions_entry,
        "provocations": w.regime.provoked_sanctions, "at_war": w.regime.rung == Rung.LIMITED,
        "eased": w.parameters.regime.talks_west,
    },
    # The forces, and the street where they meet the citizens.
    "Forces.renew_dice drift": lambda w, **_: {
        "state": w.forces.common_shock, "keep": left(w.parameters.security.signal_half_life),
        "shock": bell(Purpose.COMMON_SHOCK),
    },
    "Forces.ask load": lambda w, **_: {
        "crowd": crowd_here(w), "containment": w.parameters.security.containment, "force": force(w),
    },
    "Forces.ask answer": lambda w, **_: {"units": units(w), "asked": asked(w)},
    "Forces.act load": lambda w, **_: {
        "crowd": crowd_here(w), "containment": w.parameters.security.containment, "force": force(w),
    },
    "Forces.act strength_left": lambda w, **_: {
        "standing": w.forces.standing, "crowd_load": load(w, crowd_here(w), force(w)), "refusal": w.forces.refusal,
    },
    "Forces.act cutoff": lambda w, **_: {"mean_willingness": mean_q(w)},
    "Forces.act play": lambda w, **_: {
        "game": game(w, strength_left(w, load(w, crowd_here(w), force(w))), mean_q(w)), "plays": at_home(w),
        "q": w.forces.q, "signal": w.forces.columns["signal"], "men": w.forces.reach, "refusing": SKIP,
    },
    "Forces.act set_to_work": lambda w, **_: {"units": units(w), "at_home": at_home(w), "aside": SKIP},
    "Forces.tell_to_fight would_fight": lambda w, row, **_: reasons(w, row),
    "Forces.tell_to_fight cutoff": lambda w, **_: {"mean_willingness": mean_consent(w)},
    "Forces.tell_to_fight strength_left": lambda w, **_: {
        "standing": w.forces.standing, "crowd_load": w.street.load, "refusal": w.forces.refusal,
    },
    "Forces.tell_to_fight play": lambda w, **_: {
        "game": game(w, strength_left(w, w.street.load), mean_consent(w)), "plays": told(w), "q": consent(w),
        "signal": w.forces.columns["signal"], "men": np.where(told(w), w.forces.columns["heads"], 0.0),
        "refusing": SKIP,
    },
    "Forces.tell_to_fight does": lambda w, row, **_: {"aside": SKIP, "q": consent(w)[row]},
    "Forces.tell_to_fight acts": lambda w, row, **_: {"doing": SKIP, "q": consent(w)[row]},
    "Forces.stand_aside reluctantly": lambda w, **_: {
        "q": w.forces.q, "reluctance": w.parameters.elite.coup_reluctance, "would_fire": SKIP,
    },
    "Forces.stand_aside cutoff": lambda w, **_: {"mean_willingness": against_plotters(w)},
    "Forces.stand_aside play": lambda w, **_: {
        "game": game(w, 1.0 - seeming(w), against_plotters(w)), "plays": in_the_capital(w), "q": would_fire(w),
        "signal": w.forces.columns["signal"], "men": np.where(in_the_capital(w), men(w), 0.0), "refusing": SKIP,
    },
    "Forces.step wear_down": lambda w, **_: {
        "units": units(w),
        "wear": Wear(
            use=effort(w) * min(1.0, load(w, crowd_here(w), force(w) * mean_q(w))),
            use_front=w.parameters.war.front_strain, gain=w.parameters.security.strain_gain,
            keep=left(w.parameters.security.strain_half_life),
            resignation=w.parameters.security.resignation, key=key(w, 7),
            signal_keep=left(w.parameters.security.signal_half_life),
        ),
    },
    "Forces.step weekly": lambda w, **_: {"day": w.day, "on": 0},
    "Street.open_day calls_itself": lambda w, **_: {
        "share": gathered(w), "half": w.parameters.citizen.call_half,
    },
    "Street.heed_calls reached_away": lambda w, **_: {
        "dated": dated(w), "call": call(w), "march": w.parameters.citizen.own_march,
    },
    "Street.heed_calls free": lambda w, turn, **_: {
        "stays": stays(w), "called": w.parameters.citizen.called_availability,
        "reach": reached(w)[capital(w)] if turn else np.delete(reached(w), capital(w)).max(),
    },
    "Street.chances chances": lambda w, turn, **_: chances(w, turn),
    "Street.meet load": lambda w, turn, **_: (
        {"crowd": crowd_here(w), "force": force(w)},
        {"crowd": crowd_here(w), "force": force(w) * mean_q(w)},
        {"crowd": movement(w)[capital(w)], "force": force(w) * mean_q(w)},
        {"crowd": movement(w)[capital(w)], "force": force(w)},
    )[turn] | {"containment": w.parameters.security.containment},
    "Street.meet dispersal_fails": lambda w, **_: {
        "crowd": crowd_here(w), "containment": w.parameters.security.containment,
        "obeying_force": w.forces.obeying_share * w.forces.reach.sum() + sent(w),
    },
}  # fmt: skip


# Who calls what, read off the sources.


def trees(paths):
    return {path: ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in paths}


def rule_names():
    names = {
        node.name
        for tree in trees(RULES).values()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    return names | SMALL_RULES


def sites():
    """Every place where an actor or a place calls a rule by its name: 'Class.method rule'."""
    names, calls = rule_names(), set()
    paths = [file.relative_to(ROOT) for folder in ("agents", "model") for file in (ROOT / folder).rglob("*.py")]
    for tree in trees(paths).values():
        methods = [
            (kind.name, method)
            for kind in tree.body
            if isinstance(kind, ast.ClassDef)
            for method in kind.body
            if isinstance(method, ast.FunctionDef) and method.name not in BUILDING
        ]
        for owner, method in methods:
            for call in (node.func for node in ast.walk(method) if isinstance(node, ast.Call)):
                if isinstance(call, ast.Name) and call.id in names:
                    calls.add(f"{owner}.{method.name} {call.id}")
                if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
                    rule = call.attr if call.value.id in MODULES else ""
                    calls |= {f"{owner}.{method.name} {rule}"} if rule in names else set()
    return calls


def test_every_rule_that_an_actor_calls_has_an_expectation_here():
    assert sites() == set(EXPECTED)


class Spy:
    """Stands before every rule: notes what it was handed and what it should have been, and lets it work."""

    def __init__(self, world):
        self.world = world
        self.handed = {}
        self.turns = {}

    def watch(self, monkeypatch):
        names = rule_names()
        for module in [module for name, module in sys.modules.items() if name.startswith(("agents.", "model."))]:
            for name in names & vars(module).keys():
                if callable(vars(module)[name]):
                    monkeypatch.setattr(module, name, self.before(name, vars(module)[name]))
        return self

    def before(self, name, rule):
        signature = inspect.signature(getattr(rule, "py_func", rule))

        def watched(*given, **named):
            frame = sys._getframe(1)
            site = f"{frame.f_code.co_qualname.split('.<locals>')[0]} {name}"
            if site in EXPECTED:
                bound = signature.bind(*given, **named)
                bound.apply_defaults()
                self.compare(site, bound.arguments, frame.f_locals)
            return rule(*given, **named)

        return watched

    def compare(self, site, handed, around):
        turn = self.turns[site, self.world.day] = self.turns.get((site, self.world.day), -1) + 1
        around = {name: around[name] for name in ("rung", "row", "hazard") if name in around}
        expected = EXPECTED[site](self.world, turn=turn, **around)
        assert handed.keys() == expected.keys(), site
        wrong = [part for name in handed for part in unlike(name, handed[name], expected[name])]
        self.handed.setdefault(site, []).extend(wrong)


def unlike(name, handed, expected):
    """The names of the parts in which what a rule was handed is not what was expected."""
    if expected is SKIP:
        return []
    if hasattr(expected, "_fields"):
        assert type(handed) is type(expected)
        return [
            f"{name}.{part}"
            for field in expected._fields
            for part in unlike(field, getattr(handed, field), getattr(expected, field))
        ]
    same = np.shape(handed) == np.shape(expected) and np.allclose(handed, expected, rtol=1e-9, atol=1e-12)
    return [] if same else [f"{name}: handed {handed}, expected {expected}"]


@pytest.fixture(scope="module")
def lived():
    """The two days, with all that was handed to every rule on them."""
    world = lively()
    with pytest.MonkeyPatch.context() as patch:
        spy = Spy(world).watch(patch)
        for _ in range(2):
            world.step()
        assert world.running
        bring_home_and_send_again(world)
    return spy


def bring_home_and_send_again(world):
    """Stay out of the war for a moment, before its defeat is known, and then go in again; Moscow is made to give."""
    world.moscow.support = Support.POLICE
    world.moscow_sends_men()
    world.front.course = "stalemate"
    world.withdraw()
    world.mood.feelings()
    world.set_rung(Rung.LIMITED)


@pytest.mark.parametrize("site", EXPECTED)
def test_a_rule_is_handed_what_the_world_says(lived, site):
    assert site in lived.handed, "the two days never came there: make them livelier"
    assert lived.handed[site] == []


def test_the_two_days_are_lively(lived):
    world = lived.world
    assert world.day == WEEKLY_DAY + 1 and world.regime.rung == Rung.LIMITED
    assert (
        world.moscow.refusals == REFUSALS + 1
        and world.elites.last_purge == WEEKLY_DAY
        and len(world.judge.attempts) == 1
    )
    assert world.moscow.support == Support.TROOPS and world.moscow.lent
    assert world.crowd.detained.sum() > 0.0 and world.street.driven_off
    assert set(world.forces.columns["doing"]) == {*Doing} - {Doing.IDLE}


def test_the_numbers_of_the_lively_world_are_all_different():
    numbers = distinct()
    values = [getattr(getattr(numbers, group), name) for group, name in (each.split(".") for each in DECLARED)]
    real = [value for value in values if isinstance(value, float)]
    assert len(set(real)) == len(real)


# What is no rule's input, and as easily taken for its neighbour.


def test_each_lasting_thing_fades_with_its_own_half_life():
    world = Simulation(PRESENT, distinct(), rng=0, n_citizens=300)
    numbers = world.parameters
    world.mood.focal = world.mood.violence = world.mood.war_shock = 1.0
    world.mood.fade()
    faded = {
        "focal_half_life": world.mood.focal, "outrage_half_life": world.mood.violence,
        "war_shock_half_life": world.mood.war_shock, "loss_half_life": world.front.keeps_recent,
        "risk_half_life": world.crowd.keeps_risk, "mood_half_life": world.crowd.keeps_mood ** (1.0 / 7.0),
    }  # fmt: skip
    assert faded == pytest.approx({name: left(getattr(numbers.citizen, name)) for name in faded})
    assert world.forces.keeps_strain == pytest.approx(left(numbers.security.strain_half_life))
    assert world.forces.keeps_refusal == pytest.approx(left(numbers.security.refusal_half_life))
    assert world.forces.keeps_signal == pytest.approx(left(numbers.security.signal_half_life))
    assert world.regime.keeps_belief == pytest.approx(left(numbers.regime.belief_half_life))
    assert world.elites.keeps_belief == pytest.approx(left(numbers.elite.belief_half_life))
    assert world.moscow.keeps_view == pytest.approx(left(numbers.moscow.view_half_life))


@pytest.mark.parametrize("since, killed", [(27, "killed_first"), (28, "killed_later")])
def test_the_dead_of_a_day_by_the_weeks_at_the_front(since, killed):
    world = lively()
    world.day += 1
    world.front.since = world.day - since
    war, recent, total = world.parameters.war, world.front.dead_recent, world.front.dead_total
    before = world.forces.columns["heads"][world.forces.front].sum()
    world.front.bury()
    there = min(war.limited_share * world.episode.entry.troops, before)
    dead = there * getattr(war, killed) / 7_000.0 * war.defeat_losses
    assert world.front.dead_today == pytest.approx(dead)
    assert world.front.dead_total == pytest.approx(total + dead)
    assert world.front.dead_recent == pytest.approx(recent * left(world.parameters.citizen.loss_half_life) + dead)


@pytest.mark.parametrize(
    "commands, leaning, stance, can_follow",
    [
        (1, 0.6, Stance.LOYAL, True), (1, 0.6, Stance.PLOTTING, True), (1, 0.6, Stance.PURGED, False),
        (1, 0.5, Stance.LOYAL, False), (1, 0.4, Stance.LOYAL, False), (0, 0.6, Stance.LOYAL, False),
    ],
)  # fmt: skip
def test_a_successor_commands_leans_to_moscow_and_is_in_office(commands, leaning, stance, can_follow):
    elites = Simulation(PRESENT, rng=0, n_citizens=300).elites
    elites.columns["leaning"][:] = 0.3
    row = 3 if commands else elites.columns["commands"].size - 1
    elites.columns["leaning"][row], elites.columns["stance"][row] = leaning, stance
    assert elites.columns["commands"][row] == commands
    assert elites.successor() == can_follow


def test_memory_is_of_those_caught_in_the_street_among_those_out_and_fades():
    world = lively()
    caught, out = world.crowd.caught_lately.copy(), world.crowd.out_lately.copy()
    world.step()
    kept = left(world.parameters.citizen.risk_half_life)
    assert world.crowd.caught_lately == pytest.approx(kept * caught + world.crowd.detained - world.crowd.at_home)
    assert world.crowd.at_home.sum() > 0.0, "who is taken at home frightens nobody in the street"
    assert world.crowd.out_lately == pytest.approx(kept * out + world.crowd.people)
    assert world.crowd.people.sum() > world.crowd.detained.sum() > 0.0


@pytest.mark.parametrize("called, larger, remembered", [(0, False, False), (0, True, True), (1, False, True)])
def test_the_last_gathering_is_that_of_the_last_call_unless_more_come_without_one(called, larger, remembered):
    world = lively()
    world.street.announced = CALL * called
    last = world.crowd.last = world.crowd.last * (1e-3 if larger else 1e3)
    world.step()
    assert world.crowd.people.sum() > 0.0 and (world.crowd.people.sum() > last.sum()) == larger
    assert (world.crowd.last is not last) == remembered


def test_people_are_taken_at_home_as_far_as_the_days_effort_goes():
    world = lively()
    world.street.effort, world.forces.mean_q = 0.37, 0.8
    world.crowd.decide()
    assert world.crowd.today.home_chance == pytest.approx(world.parameters.citizen.home_arrests * 0.37 * 0.8)


def test_men_who_are_in_the_country_and_not_lent_do_not_keep_him_from_giving_up():
    world = lively()
    world.elites.hedging_share, world.moscow.support = 0.9, Support.NONE
    answers = {}
    for world.moscow.lent in (False, True):
        answers[world.moscow.lent] = world.regime.gives_up()
    assert answers == {False: True, True: False} and world.moscow.on_the_spot() > 0.0


@pytest.mark.parametrize(
    "shown, weak, grave, lost",
    [(0.1, 0, 0, 1), (0.2, 1, 1, 0), (0.49, 1, 1, 0), (0.5, 1, 0, 0), (0.79, 1, 0, 0), (0.8, 0, 0, 0)],
)
def test_moscow_counts_the_days_that_he_looks_weak_near_the_line_and_lost(shown, weak, grave, lost):
    lines = {"moscow.drop_strength": 0.2, "moscow.grave_strength": 0.5, "moscow.safe_strength": 0.8}
    moscow = Simulation(PRESENT, Parameters().replace(lines), rng=0, n_citizens=300).moscow
    for days in (1, 2):
        moscow.look(shown)
        assert (moscow.weak_days, moscow.grave_days, moscow.lost_days) == (days * weak, days * grave, days * lost)


def test_aid_is_sent_by_exiles_every_day():
    world = lively()
    before, a_year = world.citizens.aid_total, world.parameters.citizen.aid_per_exile * 12.0
    exiles = with_status(world, Status.EXILE).sum()
    world.citizens.abroad()
    assert world.citizens.aid_total - before == pytest.approx(exiles * a_year / 365.0)


def test_the_judge_is_told_what_happened_today(monkeypatch):
    world = lively()
    seen = []
    monkeypatch.setattr(world.judge, "watch", lambda *given, **named: seen.append((given, named)))
    world.street.x, world.street.x_movement, world.street.order_failed = 0.7, 0.9, True
    world.day, world.moscow.hazard, world.forces.aside_share = 42, 0.5, 0.51
    for attempted, coup, with_moscow in ((True, False, False), (True, True, False), (True, True, True)):
        world.elites.attempted, world.elites.coup, world.elites.with_moscow = attempted, coup, with_moscow
        world.judge_day()
    always = {"order_failed": True, "stood_aside": True, "attempted": True, "gave_up": False}
    assert seen == [
        ((42, 0.7), always | {"coup": False, "replaced": False}),
        ((42, 0.7), always | {"coup": True, "replaced": False}),
        ((42, 0.7), always | {"coup": False, "replaced": True}),
    ]


def test_volunteers_leave_from_exile_and_the_books_agree(monkeypatch):
    world = lively()
    world.day = WEEKLY_DAY
    monkeypatch.setattr(population, "chance_within", lambda rate, days: 0.5)
    world.citizens.abroad()
    status, stratum = world.citizens.columns["status"], world.citizens.columns["stratum"]
    for kind in Status:
        recount = np.bincount(stratum[status == kind], minlength=world.citizens.counts.size)
        assert (world.citizens.by_status[kind] == recount).all(), kind.name
    assert (status == Status.VOLUNTEER).sum() > 0


def test_what_one_may_think_of_the_lent_land_comes_from_the_polls():
    world = lively()
    assert world.mood.lent == pytest.approx(land_accepted(world))


@pytest.mark.parametrize("rung, beyond, accepted", [(1, 1.0, 0.75), (2, 1.8**0.3, 0.75 * 0.7), (3, 1.8, 0.0)])
def test_a_step_into_the_war_takes_the_place_of_the_last_one_and_beyond_the_land_weighs_more(rung, beyond, accepted):
    numbers = {
        "citizen.war_shock": 0.5,
        "citizen.war_beyond": 1.8,
        "citizen.focal_anger": 2.0,
        "war.limited_share": 0.3,
    }
    world = Simulation(PRESENT, Parameters().replace(numbers), rng=0, n_citizens=300)
    world.mood.lent, world.mood.war_shock = 0.75, 7.0
    assert world.mood.step_into_war(rung) == pytest.approx(0.5 * beyond)
    assert (world.mood.war_shock, world.mood.accepted) == pytest.approx((0.5 * beyond * 2.0, accepted))


def test_the_units_conscripts_are_those_of_the_episode():
    world = Simulation(PRESENT, rng=0, n_citizens=300)
    forces = world.episode.forces
    expected = np.repeat([force.conscripts for force in forces], [force.units for force in forces])
    assert world.forces.conscripts.tolist() == expected.tolist() and len({*expected}) > 1


def unwilling():
    """A world whose army would not go to war, with the streets nearly full."""
    numbers = Parameters().replace({"security.consent": -1.0, "security.signal_noise": 0.05})
    world = Simulation(PRESENT, numbers, rng=0, n_citizens=300)
    world.street.load = 0.9
    return world


def test_who_would_not_fight_is_in_barracks_and_counts_nowhere():
    world = unwilling()
    forces, before = world.forces, world.forces.own_men
    forces.tell_to_fight(forces.sent > 0)
    refused = forces.refused_share
    assert refused > 0.5 and forces.barred.any() and not (forces.barred & forces.front).any()
    assert forces.refusal == pytest.approx(world.parameters.security.refusal_weight * refused)
    assert forces.own_men < before and not forces.reach[forces.barred | forces.front].any()
    forces.ask(0.0, world.crowd.movement())
    forces.act(0.0)
    assert {Doing(doing) for doing in forces.columns["doing"][forces.barred]} == {Doing.REFUSING}
    forces.call_back()
    assert forces.own_men == before and not forces.barred.any()


def test_after_a_defeat_who_will_not_fight_surrenders():
    world = unwilling()
    forces, heads, told = world.forces, world.forces.columns["heads"], world.forces.sent > 0
    men = heads[told].sum()
    world.front.lose()
    forces.front[:] = told
    forces.tell_to_fight(told)
    refused = forces.refused_share
    assert forces.surrendered_total == pytest.approx(refused * men) and refused > 0.5
    assert heads[told].sum() == pytest.approx((1.0 - refused) * men, abs=1e-6)


def test_of_a_unit_that_thinks_it_wrong_to_go_as_many_go_as_are_willing():
    world = unwilling()
    world.street.load = 0.0  # nobody in the street: no unit hopes that the others refuse
    forces, told = world.forces, world.forces.sent > 0
    forces.tell_to_fight(told)
    shirks = told & (forces.asked_to_fight < 0.5)
    assert shirks.any() and not forces.barred.any() and (forces.front == told).all()
    assert forces.going[shirks].tolist() == forces.asked_to_fight[shirks].tolist()
    going = forces.columns["heads"] * np.where(shirks, forces.asked_to_fight, 1.0)
    assert forces.at_front() == pytest.approx(going[told].sum())


def test_who_refuses_the_next_step_stays_where_he_was_and_so_do_his_troops():
    world = Simulation(PRESENT, Parameters().replace({"security.consent": 4.0}), rng=0, n_citizens=300)
    world.set_rung(Rung.LIMITED)
    front, since = world.forces.front.copy(), world.front.since
    object.__setattr__(world.parameters.security, "consent", -1.0)
    world.street.load = 0.9
    world.set_rung(Rung.FULL)
    assert world.forces.refused_share > 0.5 and world.regime.rung == Rung.LIMITED and world.front.since == since
    assert front.any() and world.forces.front.tolist() == front.tolist() and not world.forces.barred.any()


def test_who_comes_home_is_counted_at_once():
    world = Simulation(PRESENT, Parameters().replace({"security.consent": 4.0}), rng=0, n_citizens=300)
    before = world.forces.own_men, world.forces.by_region.tolist()
    world.enter_war()
    assert world.forces.at_front() > 0.0 and world.forces.own_men < before[0]
    world.withdraw()
    assert (world.forces.own_men, world.forces.by_region.tolist()) == before
