"""Limits whose answers are known from theory come out of the compiled model itself."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from agents import security
from agents.citizen import loops
from agents.citizen.population import COLUMN_TYPES
from agents.moscow import Support
from agents.regime import Posture
from model.episode import load_episode
from model.parameters import Parameters
from model.simulation import Simulation

# Granovetter 1978: no deterrence, no news, fixed thresholds, and everybody sees everybody.


def settles(thresholds, *, by_ties):
    """Return how many are out when nobody changes his mind any more; ``thresholds`` are numbers of people.

    All see all: either each knows each by name (ties), or all see the crowd as a whole.
    """
    n = len(thresholds)
    columns = {name: np.zeros(n, kind) for name, kind in COLUMN_TYPES.items()}
    columns["threshold"][:] = thresholds
    rows = loops.Rows(*(columns[name] for name in loops.Rows._fields))
    tally = loops.Tally(np.zeros(n, np.uint32), np.zeros(n, np.uint32), np.zeros((5, 1), np.int64))
    starts = np.arange(n + 1, dtype=np.uint32) * (n - 1)
    observers = np.array([o for me in range(n) for o in range(n) if o != me] if by_ties else [], np.uint32)
    going, none = 0, np.uint64(0)
    for day in range(1, n + 10):
        ties, seen = (float(n), 0.0) if by_ties else (0.0, float(going))
        today = loops.Today(
            day=day, felt=loops.Feelings(np.ones(4), np.zeros(4), np.zeros(4)), crowd_seen=np.array([seen]),
            risk=np.zeros(1), ties=ties, n_ties=n, noise=0.0, availability=np.ones(1), availability_key=none,
            exile_chance=0.0, exile_key=none, home_chance=0.0, home_key=none, days_key=none, mean_days=1.0,
        )  # fmt: skip
        n_changed, going_now = loops.decide(0, n, rows, today, tally)
        if by_ties:
            loops.tell_ties(tally.changed, n_changed, rows.mobilised, starts, observers, rows.tie_count)
        if n_changed == 0:
            return going_now
        going = going_now
    raise AssertionError("nobody comes to rest")


@pytest.mark.parametrize("by_ties", [True, False], ids=["each knows each", "all see the crowd"])
@pytest.mark.parametrize("first, rioters", [([0, 1, 2, 3], 100), ([0, 2, 2, 3], 1), ([1, 1, 2, 3], 0)])
def test_one_threshold_of_a_hundred_decides_between_a_riot_and_one_rioter(first, rioters, by_ties):
    # One joins when as many as his threshold are out: a little less than that number is exceeded by it.
    thresholds = np.array([*first, *range(4, 100)])
    assert settles(thresholds - 0.5, by_ties=by_ties) == rioters


@pytest.mark.slow
@pytest.mark.parametrize("sd", [5.0, 10.0, 12.0, 12.5, 15.0, 30.0])
def test_normal_thresholds_settle_at_the_lowest_fixed_point(sd):
    # Granovetter's second example: thresholds with a mean of 25 % and a growing spread. The riot settles at the
    # lowest r with F(r) = r, which jumps from about 6 % to nearly all at a spread of 12.2.
    n = 4_000
    thresholds = norm.ppf((np.arange(n) + 0.5) / n, 25.0, sd) / 100.0 * n
    lowest = next(r for r in np.linspace(0.0, 100.0, 10_001) if 100.0 * norm.cdf(r, 25.0, sd) <= r)
    found = settles(thresholds, by_ties=False) / n * 100.0
    assert found == pytest.approx(lowest, abs=0.2)
    assert (found < 7.0) == (sd < 12.2)


# The units' cut-off, in a whole world: without private noise an order fails exactly when C > rho K qbar.


def ready_world(noise, support=Support.NONE, seed=0, n_citizens=1_000):
    """A world on whose next day anything may be put into the street; its signals have the given private noise."""
    numbers = Parameters().replace({"security.common_shock": 0.0, "security.support_effect": 0.0})
    world = Simulation("belarus-2020", numbers, rng=seed, n_citizens=n_citizens)
    object.__setattr__(world.parameters.security, "signal_noise", noise)  # the declared range leaves out the limit
    world.moscow.support = support
    world.run(days=1)
    return world


def order(world, crowd):
    """Order a crowd in the capital to be dispersed; return whether it fails, and rho K qbar."""
    world.regime.posture, world.street.order_failed = Posture.DISPERSE, False
    world.crowd.people = np.zeros(world.citizens.electors.size)
    world.crowd.people[world.episode.capital] = crowd
    world.crowd._n_out = [0]
    forces = world.forces
    forces.standing = 1.0  # yesterday all stood
    world.street.meet()
    return world.street.order_failed, world.parameters.security.containment * forces.at_hand() * forces.mean_q


@pytest.mark.parametrize("support", [Support.NONE, Support.TROOPS])
@pytest.mark.parametrize("seed", range(5))
def test_without_noise_an_order_fails_exactly_when_the_crowd_exceeds_rho_k_qbar(seed, support):
    world = ready_world(0.0, support, seed)
    line = brentq(lambda crowd: crowd - order(world, crowd)[1], 1_000.0, 5_000_000.0, xtol=1e-3)
    for crowd in line * np.array([0.05, 0.5, 0.9, 0.99, 0.9999, 1.0001, 1.01, 1.1, 2.0, 20.0]):
        failed, held = order(world, crowd)
        assert failed == (crowd > held) == (crowd > line)
        forces = world.forces
        assert forces.standing == (not failed), "without noise all units stand, or none"
        acting = forces.reach @ np.where(forces.q < 0.5, forces.q, 1.0) / forces.own_men
        assert forces.obeying_share == pytest.approx(acting * forces.standing), "who shirks acts in part"


def test_the_patrons_troops_move_the_line_by_what_they_can_contain():
    lines = []
    for support in (Support.NONE, Support.TROOPS):
        world = ready_world(0.0, support)
        lines.append(brentq(lambda crowd, world=world: crowd - order(world, crowd)[1], 1_000.0, 5_000_000.0))
    alone, together = lines
    sent = world.moscow.reserve() * world.parameters.security.containment
    # a little less than all that they could contain, for a larger crowd asks more violence of his own
    assert 0.8 * sent < together - alone < 1.2 * sent


def test_who_stood_aside_yesterday_moves_the_line_of_today():
    # The strength that units see is 1 - load / standing: half of the force aside halves the crowd that the rest holds.
    world = ready_world(0.0)
    crowd = 0.8 * brentq(lambda crowd: crowd - order(world, crowd)[1], 1_000.0, 5_000_000.0)
    held = {}
    for standing in (1.0, 0.5):
        world.forces.standing = standing
        world.forces.act(crowd)
        held[standing] = world.forces.standing
    assert held == {1.0: 1.0, 0.5: 0.0}


# A unit told to go to war plays the same game: without private noise all go, or nobody.


@pytest.mark.parametrize("consent, goes", [(4.0, True), (-1.0, False)])
def test_without_noise_the_army_goes_to_war_exactly_when_its_strength_exceeds_one_minus_qbar(consent, goes):
    numbers = {
        "security.consent": consent, "security.common_shock": 0.0, "security.home_effect": 0.0,
        "security.loyalty_effect": 0.5, "security.conscript_effect": 0.5,
    }  # fmt: skip
    world = Simulation(
        load_episode("belarus-2022").without_past(), Parameters().replace(numbers), rng=0, n_citizens=1_000
    )
    object.__setattr__(world.parameters.security, "signal_noise", 0.0)
    world.street.load = 0.5  # half of the strength is left
    refused = world.forces.send(world.front.troops())
    forces = world.forces
    told = ~np.isnan(forces.asked_to_fight)
    qbar = np.average(forces.asked_to_fight[told], weights=forces.columns["heads"][told])
    assert (refused == 0.0) == (1.0 - qbar <= 0.5) == goes and refused in (0.0, 1.0)
    assert (forces.front == (told & goes)).all() and not forces.barred.any(), "where more than half stay, nobody moves"


# Arrests are a capacity.


def contained_sunday(share_out, seed):
    """Put a share of the likely into the street of a called day; return crowds, detained and what is expected.

    The last two are what the closed form expects, and all that the officers there could detain.
    """
    eager = Parameters().replace(
        {
            "security.detention_rate": 0.8,
            "security.contain_effort": 0.6,
            "citizen.reachable": 0.55,
            "security.obedience": 3.0,
        }
    )
    world = Simulation("belarus-2020", eager, rng=seed, n_citizens=100_000).run(days=7)
    people, numbers = world.citizens, world.parameters.security
    goes = (np.arange(100_000) % 100 < 100 * share_out) & (people.columns["stratum"] % 2 == 1)
    people.columns["opposition"][:] = np.where(goes, 60.0, -60.0)
    world.day += 1
    world.hear_news()
    world.street.availability[:] = 1.0
    world.regime.posture = Posture.CONTAIN
    for phase in (world.street.deploy, world.crowd.decide, world.street.meet):
        phase()
    officers = world.forces.deployed() * world.forces.obeying_share * numbers.contain_effort
    expected = [
        security.detained(numbers.detention_rate, *of_region)
        for of_region in zip(officers, world.crowd.people, strict=True)
    ]
    weight = people.weights[1::2]
    return world.crowd.people, world.crowd.detained, np.array(expected), weight, numbers.detention_rate * officers


@pytest.mark.parametrize("share_out", [0.02, 0.1, 1.0])
def test_arrests_follow_their_closed_form_and_saturate(share_out):
    # Rare events: a count of citizens has its mean as its variance, or less. Seven regions within 5 standard errors,
    # with 10 events or more expected in each: a sound world fails with a chance of about 1 in 10,000.
    crowd, detained, expected, weight, capacity = contained_sunday(share_out, seed=0)
    assert (expected / weight > 10.0).all() and (crowd > 0.0).all()
    assert (abs(detained - expected) < 5.0 * np.sqrt(expected * weight)).all()
    assert (detained.sum() - expected.sum()) ** 2 < 5.0**2 * (expected @ weight)
    assert (expected < np.minimum(capacity, crowd)).all()
    if share_out == 1.0:
        assert (expected > 0.9 * capacity).all(), "a boundless crowd meets all that the forces can do in a day"
    if share_out == 0.02:
        assert (expected > 0.3 * crowd).any(), "of a few, many are caught"
