"""The compiled day is the rules' day: every loop equals plain Python over the very rules, and its parts add up."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import elite, security
from agents.citizen import crowd, loops, rules
from agents.citizen.population import COLUMN_TYPES
from agents.citizen.rules import Media, Status
from agents.elite import Stance
from agents.ground import chance
from agents.ground.chance import Purpose
from agents.security import Doing
from model.episode import load_episode
from model.parameters import Parameters
from model.simulation import Simulation

ROWS, STRATA, TIES, DAY, SEED = 10_000, 6, 8, 40, 11
COUNTS = ("mobilised", "street", "released", "exiled", "taken at home")
NEWS, WAR = np.array([0.55, 0.87, 0.71, 0.22]), np.array([0.13, 0.29, 0.23, 0.05])
"""What the four media diets hear, and feel of the war: no two alike."""


def key(purpose):
    return np.uint64(chance.day_key(SEED, purpose, DAY))


def die(purpose, row):
    return chance.uniform(SEED, purpose, row, DAY)


def random_rows(seed, n=ROWS):
    """Random citizens on the loop's own dtypes: every status, diet and count of ties occurs."""
    dice = np.random.default_rng(seed)
    columns = {name: np.zeros(n, kind) for name, kind in COLUMN_TYPES.items()}
    for name, top in (("status", 5), ("stratum", STRATA), ("media", 4), ("tie_count", TIES + 1), ("free_day", 2 * DAY)):
        columns[name][:] = dice.integers(0, top, n)
    for name in ("opposition", "threshold", "aversion", "mood"):
        columns[name][:] = dice.normal(0.5, 1.0, n)
    columns["risk_aversion"][:] = dice.lognormal(0.0, 0.5, n)
    columns["mobilised"][:] = (columns["status"] <= Status.STREET) & (dice.random(n) < 0.5)
    return columns


def feelings(grievance=0.37):
    """What moves citizens on one day, by media diet."""
    return loops.Feelings(news=NEWS, felt=grievance + np.array([0.31, 0.53, 0.47, 0.11]), war=WAR)


def a_day(grievance=0.37, availability=0.4, home_chance=0.15):
    """What all citizens share on one day."""
    return loops.Today(
        day=DAY, felt=feelings(grievance),
        crowd_seen=np.linspace(0.05, 0.9, STRATA), risk=np.linspace(1.3, 0.1, STRATA), ties=1.31, n_ties=TIES,
        noise=0.19, availability=np.full(STRATA, availability), availability_key=key(Purpose.AVAILABILITY),
        exile_chance=0.3, exile_key=key(Purpose.EXILE), home_chance=home_chance, home_key=key(Purpose.HOME_ARREST),
        days_key=key(Purpose.DETENTION), mean_days=12.0,
    )  # fmt: skip


def record(columns):
    return loops.Rows(*(columns[name] for name in loops.Rows._fields))


def loop(columns, today, first=0, last=None):
    """Run the compiled loop over some rows; return how many each count is, the changed rows and those out."""
    n = columns["status"].size
    tally = loops.Tally(np.zeros(n, np.uint32), np.zeros(n, np.uint32), np.zeros((len(COUNTS), STRATA), np.int64))
    n_changed, n_out = loops.decide(first, n if last is None else last, record(columns), today, tally)
    return tally.counts, tally.changed[first : first + n_changed].tolist(), tally.out[first : first + n_out].tolist()


def angry(columns, row, felt):
    """A citizen's anger, by the rule and his media diet."""
    diet = columns["media"].item(row)
    return rules.anger(
        columns["opposition"].item(row), felt.felt.item(diet), columns["aversion"].item(row), felt.war.item(diet)
    )


def free_day(row, mean_days=12.0):
    """The day on which one who is taken today is free again: exponential, from tomorrow on."""
    return int(DAY + 1.0 - np.log(1.0 - die(Purpose.DETENTION, row)) * mean_days)


def ready(columns, today, row):
    """Whether a citizen is ready to go, by the rules that the doctests call."""
    traits = {name: column.item(row) for name, column in columns.items()}
    group, heard = traits["stratum"], today.felt.news.item(traits["media"])
    anger = angry(columns, row, today.felt)
    return rules.joins(
        anger, today.ties, traits["tie_count"] / TIES, heard, today.crowd_seen.item(group), traits["risk_aversion"],
        today.risk.item(group), today.noise, traits["mood"], traits["threshold"],
    )  # fmt: skip


def plain_day(columns, today):
    """The same day in plain Python, a citizen at a time; return status, mobilised, free days and the counts."""
    status, mobilised, free = (columns[name].tolist() for name in ("status", "mobilised", "free_day"))
    counts = np.zeros((len(COUNTS), STRATA), np.int64)
    for row, group in enumerate(columns["stratum"].tolist()):
        if status[row] in (Status.EXILE, Status.VOLUNTEER):
            continue
        if status[row] == Status.DETAINED:
            if columns["free_day"][row] > DAY:
                continue
            if die(Purpose.EXILE, row) < today.exile_chance:
                status[row] = Status.EXILE
                counts[3, group] += 1
                continue
            counts[2, group] += 1
        goes = ready(columns, today, row)
        share = today.availability.item(group)
        out = goes and (share >= 1.0 or die(Purpose.AVAILABILITY, row) < share)
        taken = goes and not out and die(Purpose.HOME_ARREST, row) < today.home_chance
        if taken:
            free[row] = free_day(row)
        stands = goes and not taken
        counts[0, group] += stands - mobilised[row]
        mobilised[row] = int(stands)
        status[row] = Status.STREET if out else Status.DETAINED if taken else Status.HOME
        counts[1, group] += out
        counts[4, group] += taken
    return status, mobilised, free, counts


@pytest.mark.parametrize("availability", [0.4, 1.0])
def test_the_day_of_ten_thousand_random_citizens_is_the_rules_day(availability):
    columns, today = random_rows(1), a_day(availability=availability)
    before = {name: column.copy() for name, column in columns.items()}
    status, mobilised, free, expected = plain_day(columns, today)
    counts, changed, out = loop(columns, today)
    assert columns["status"].tolist() == status and columns["mobilised"].tolist() == mobilised
    assert columns["free_day"].tolist() == free
    assert dict(zip(COUNTS, counts.tolist(), strict=True)) == dict(zip(COUNTS, expected.tolist(), strict=True))
    assert counts[1:4].min() > 0, "every kind of change occurs in every stratum, or this test says little"
    assert (counts[4].min() > 0) == (availability < 1.0), "who is in the street is not at home"
    assert changed == np.flatnonzero(before["mobilised"] != columns["mobilised"]).tolist()
    assert out == np.flatnonzero(columns["status"] == Status.STREET).tolist()
    for name in set(columns) - {"status", "mobilised", "free_day"}:
        assert np.array_equal(columns[name], before[name]), f"deciding changed {name}"


def test_only_the_ready_who_stay_at_home_are_taken_there_and_each_by_his_own_die():
    columns, quiet = random_rows(1), random_rows(1)
    taken_counts = loop(columns, a_day(home_chance=0.3))[0][4]
    out_before = loop(quiet, a_day(home_chance=0.0))
    assert not out_before[0][4].any() and taken_counts.min() > 0
    stayed = (quiet["mobilised"] == 1) & (quiet["status"] == Status.HOME)
    taken = [row for row in np.flatnonzero(stayed).tolist() if die(Purpose.HOME_ARREST, row) < 0.3]
    assert np.flatnonzero(columns["status"] != quiet["status"]).tolist() == taken
    assert {Status(status) for status in columns["status"][taken]} == {Status.DETAINED}
    assert columns["free_day"][taken].tolist() == [free_day(row) for row in taken]
    assert not columns["mobilised"][taken].any() and (columns["free_day"][taken] > DAY).all()
    assert taken_counts.tolist() == np.bincount(columns["stratum"][taken], minlength=STRATA).tolist()


def test_the_books_of_a_day_agree_with_a_recount():
    columns = random_rows(1)
    n_mobilised, by_status = np.zeros(STRATA, np.int64), np.zeros((len(Status), STRATA), np.int64)
    np.add.at(n_mobilised, columns["stratum"], columns["mobilised"])
    loops.count_status(columns["status"], columns["stratum"], by_status)
    loops.enter(loop(columns, a_day())[0], n_mobilised, by_status)
    recount = np.zeros((len(Status), STRATA), np.int64)
    loops.count_status(columns["status"], columns["stratum"], recount)
    assert by_status.tolist() == recount.tolist()
    assert n_mobilised.tolist() == np.bincount(columns["stratum"], columns["mobilised"], STRATA).tolist()


@pytest.mark.parametrize("diet", Media)
def test_a_citizen_feels_by_his_own_media_diet(diet):
    # One citizen a diet at the very line: a little more felt by that diet alone, or the war, moves him and nobody else.
    columns = random_rows(5, 4)
    columns["media"][:], columns["status"][:], columns["opposition"][:] = list(Media), Status.HOME, 1.0
    columns["threshold"][:], columns["aversion"][:], columns["stratum"][:], columns["mood"][:] = 1.5, 2.0, 0, 0.0
    columns["mobilised"][:], columns["tie_count"][:] = 0, 0
    day = a_day(availability=1.0)._replace(risk=np.zeros(STRATA), crowd_seen=np.zeros(STRATA))
    for felt, war in ((np.eye(4)[diet], np.zeros(4)), (np.zeros(4), np.eye(4)[diet])):
        lived = {name: column.copy() for name, column in columns.items()}
        assert loop(lived, day._replace(felt=loops.Feelings(np.zeros(4), felt, war)))[2] == [int(diet)]


@pytest.mark.slow
def test_the_loop_and_the_rule_agree_to_the_last_bit():
    # Halve the country's grievance down to the two neighbouring numbers between which the rule changes its mind
    # about a citizen: the loop, in whatever order it adds, must change its mind between the very same two.
    columns = random_rows(2, n=500)
    columns["status"][:] = Status.HOME
    for row in range(500):
        low, high = -30.0, 30.0
        while (middle := 0.5 * (low + high)) not in (low, high):
            low, high = (low, middle) if ready(columns, a_day(grievance=middle), row) else (middle, high)
        goes = [loop(columns, a_day(g, 1.0), row, row + 1)[0][1].sum() for g in (low, high)]
        assert goes == [0, 1], f"citizen {row} at grievance {low!r} and {high!r}"


@settings(max_examples=25)
@given(st.lists(st.integers(0, 2_000), max_size=5), st.integers(0, 1_000))
def test_a_day_cut_into_parts_is_the_whole_day(cuts, seed):
    whole, parts = random_rows(seed, 2_000), random_rows(seed, 2_000)
    counts, changed, out = loop(whole, a_day())
    bounds = [0, *sorted(cuts), 2_000]
    done = [loop(parts, a_day(), first, last) for first, last in itertools.pairwise(bounds)]
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)
    assert np.array_equal(counts, sum(part[0] for part in done))
    assert [changed, out] == [[row for part in done for row in part[i]] for i in (1, 2)]


@pytest.mark.slow
@given(st.lists(st.integers(0, 300), max_size=4), st.integers(0, 30))
def test_moods_are_renewed_on_everybodys_own_weekday_however_the_rows_are_cut(cuts, day):
    keep, keys = 0.84, np.uint64(chance.day_key(SEED, Purpose.MOOD, day))
    start = np.random.default_rng(day).standard_normal(300).astype(np.float32)
    mood = start.copy()
    bounds = [0, *sorted(cuts), 300]
    for first, last in itertools.pairwise(bounds):
        loops.renew_moods(first, last, mood, keys, keep, day)
    for row in range(300):
        shock = chance.normal(SEED, Purpose.MOOD, row, day)
        renewed = chance.drift(start.item(row), keep, shock) if row % 7 == day % 7 else start.item(row)
        assert mood[row] == np.float32(renewed)


@pytest.mark.parametrize("seed", [3, 4])
def test_an_arrest_is_a_die_against_the_chance_of_ones_stratum(seed):
    columns = random_rows(seed)
    out = np.flatnonzero(columns["status"] == Status.STREET).astype(np.uint32)
    columns["ever_out"][out[::3]] = 1
    before = {name: column.copy() for name, column in columns.items()}
    chances, mean = np.linspace(0.0, 0.5, STRATA), 12.0
    n_mobilised, n_detained, n_ever = (np.zeros(STRATA, np.int64) for _ in range(3))
    caught = np.zeros(ROWS, np.uint32)
    patrol = loops.Patrol(DAY, chances, key(Purpose.ARREST), key(Purpose.DETENTION), mean)
    vans = loops.Vans(n_mobilised, n_detained, n_ever, caught)
    n_caught = loops.arrest(out, out.size, record(columns), patrol, vans)
    taken = [row for row in out.tolist() if die(Purpose.ARREST, row) < chances[before["stratum"][row]]]
    assert np.flatnonzero(columns["status"] != before["status"]).tolist() == taken
    assert {Status(status) for status in columns["status"][taken]} == {Status.DETAINED}
    for row in taken:
        assert columns["free_day"][row] == free_day(row, mean) > DAY
    ready_before = [row for row in taken if before["mobilised"][row]]
    assert caught[:n_caught].tolist() == ready_before and not columns["mobilised"][taken].any()
    for counted, rows in ((n_detained, taken), (-n_mobilised, ready_before), (n_ever, np.delete(out, np.s_[::3]))):
        assert counted.tolist() == np.bincount(before["stratum"][rows], minlength=STRATA).tolist()
    assert columns["ever_out"][out].all()


def test_one_hears_of_exactly_the_ties_one_has():
    people = Simulation("belarus-2020", rng=5, n_citizens=1_000).citizens
    columns = people.columns
    for row in np.random.default_rng(0).choice(1_000, 300, replace=False):
        people.write("mobilised", int(row), 1)
    rows = np.flatnonzero(columns["mobilised"])[::2].astype(np.uint32)
    columns["mobilised"][rows] = 0
    people.tell(rows, rows.size)
    expected = [0] * 1_000
    for known in range(1_000):
        for observer in people.observers[people.ties_start[known] : people.ties_start[known + 1]].tolist():
            expected[observer] += columns["mobilised"].item(known)
    assert columns["tie_count"].tolist() == expected and max(expected) > 2


def test_the_poll_counts_who_is_against_and_who_says_so():
    columns, felt, falsification = random_rows(6), feelings(), 0.41
    counts = np.zeros((3, STRATA), np.int64)
    loops.poll(record(columns), felt, falsification, counts)
    expected = np.zeros((3, STRATA), np.int64)
    for row, group in enumerate(columns["stratum"].tolist()):
        if columns["status"][row] in (Status.EXILE, Status.VOLUNTEER):
            continue
        anger, aversion = angry(columns, row, felt), columns["aversion"].item(row)
        tells = rules.tells_pollster(anger, columns["risk_aversion"].item(row), falsification)
        expected[:, group] += [anger > 0.0, tells, aversion > 0.0]
    assert counts.tolist() == expected.tolist()
    assert (counts[0] > counts[1]).all(), "fear hides some opposition in every stratum"


def test_exiles_leave_by_their_own_die():
    columns, before = random_rows(7), random_rows(7)
    counts, rate = np.zeros(STRATA, np.int64), 0.2
    loops.volunteer(record(columns), rate, key(Purpose.VOLUNTEER), counts)
    exiles = np.flatnonzero(before["status"] == Status.EXILE).tolist()
    gone = [row for row in exiles if die(Purpose.VOLUNTEER, row) < rate]
    assert np.flatnonzero(columns["status"] != before["status"]).tolist() == gone
    assert counts.tolist() == np.bincount(before["stratum"][gone], minlength=STRATA).tolist()


@given(*[st.floats(0.0, 1.0)] * 4)
def test_the_news_of_every_diet_is_the_rules_news(grip, blocking, word_of_mouth, diaspora):
    plain = [rules.reaches(diet, grip, blocking, word_of_mouth, diaspora) for diet in Media]
    assert loops.news(grip, blocking, word_of_mouth, diaspora).tolist() == plain


crowds = st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e6)), min_size=1, max_size=9)


@given(st.floats(0.05, 0.8), crowds)
def test_the_chance_of_being_caught_is_what_the_rule_detains_of_a_crowd(rate, regions):
    officers, crowd = np.array(regions).T.copy()
    plain = [security.detained(rate, o, max(c, 1.0)) / max(c, 1.0) for o, c in regions]
    found = security.chances(rate, officers, crowd)
    assert found.tolist() == plain and ((found >= 0.0) & (found <= 1.0)).all()


@given(st.floats(0.05, 0.8), crowds)
def test_a_capacity_with_a_hard_edge_takes_more_of_a_small_crowd_and_as_many_of_a_large_one(rate, regions):
    officers, crowd = np.array(regions).T.copy()
    soft, hard = (security.chances(rate, officers, crowd, form) for form in (0, 1))
    assert (hard >= soft - 1e-12).all() and (hard <= 1.0).all()
    assert (hard - soft <= hard**2 / 2.0 + 1e-9).all()  # x - (1 - e^-x) is at most x^2 / 2


# Units and elites.


def random_units(seed, n=200):
    """Random units on the loops' own record, a fifth of them at the front."""
    dice = np.random.default_rng(seed)
    return security.Units(
        heads=dice.uniform(10, 900, n), loyalty=dice.normal(0, 1, n), strain=dice.random(n),
        signal=dice.normal(0, 1, n), doing=np.zeros(n, np.uint8), front=dice.random(n) < 0.2, q=dice.random(n),
        reach=dice.uniform(10, 900, n),
    )  # fmt: skip


def test_every_unit_at_home_weighs_the_order_by_the_rule():
    units, dice = random_units(8), np.random.default_rng(80)
    before = units.q.copy()
    asked = security.Asked(1.4, 0.9, 0.2, 1.1, kin=dice.random(200), violence=0.5, losses=dice.random(200))
    mean = security.answer(units, asked)
    plain = [
        security.willingness(
            asked.base, asked.loyalty_effect * units.loyalty.item(u), asked.support,
            asked.strain_effect * units.strain.item(u), asked.kin.item(u), asked.violence, asked.losses.item(u),
        )
        for u in range(200)
    ]  # fmt: skip
    home = ~units.front
    assert units.q.tolist() == np.where(home, plain, before).tolist(), "at the front they have answered another order"
    assert mean == pytest.approx(np.average(units.q[home], weights=units.reach[home]), rel=1e-12)


def test_who_plays_the_cut_off_game_answers_by_the_rule_and_nobody_else_does():
    units, refusing = random_units(8), np.ones(200, bool)
    game, plays = security.Game(seen=0.45, threshold=0.4, signal_noise=0.15), ~units.front
    share = security.play(game, plays, units.q, units.signal, units.reach, refusing)
    for u in range(200):
        x = game.seen + game.signal_noise * units.signal.item(u)
        refuses = security.refuses(x, game.threshold, game.signal_noise, units.q.item(u))
        assert refusing[u] == (plays[u] and refuses)
    holding = units.reach[plays & ~refusing].sum() / units.reach[plays].sum()
    assert 0.1 < share < 0.9 and share == pytest.approx(holding, rel=1e-12)
    nobody = np.zeros(200, bool)
    assert security.play(game, nobody, units.q, units.signal, units.reach, refusing) == 1.0 and not refusing.any()


def test_every_unit_at_home_is_set_to_work_by_the_rule_and_the_shirking_act_in_part():
    units, aside = random_units(13), np.random.default_rng(13).random(200) < 0.3
    home = ~units.front
    acting = security.set_to_work(units, home, aside)
    expected = [security.does(bool(aside[u]), units.q.item(u)) if home[u] else Doing.IDLE for u in range(200)]
    assert units.doing.tolist() == expected and {*expected} == {*Doing} - {Doing.FRONT, Doing.REFUSING}
    works = {Doing.OBEYING: lambda q: 1.0, Doing.SHIRKING: lambda q: q, Doing.ASIDE: lambda q: 0.0}
    acted = sum(units.reach[u] * works[expected[u]](units.q[u]) for u in range(200) if home[u])
    assert acting == pytest.approx(acted / units.reach[home].sum(), rel=1e-12) and 0.1 < acting < 0.9
    assert security.set_to_work(units, np.zeros(200, bool), aside) == 1.0


def test_units_fire_on_fellow_officers_by_the_rule():
    q, would_fire = np.random.default_rng(12).random(200), np.empty(200)
    q[:2] = 0.0, 1.0
    security.reluctantly(q, 1.7, would_fire)
    assert would_fire.tolist() == [security.reluctant(own, 1.7) for own in q.tolist()]
    assert (would_fire <= np.maximum(q, 1e-9)).all()


def test_every_unit_tires_and_thins_by_the_rules():
    units, wear = random_units(9), security.Wear(0.4, 0.7, 0.93, 0.06, 0.02, key(Purpose.SIGNAL), 0.97)
    before = security.Units(*(column.copy() for column in units))
    gone = security.wear_down(units, wear)
    for u in range(200):
        use = 0.7 if before.front[u] else 0.4
        strain = security.strained(before.strain.item(u), wear.keep, wear.gain, use)
        left = security.resigned(before.heads.item(u), wear.resignation, strain, units.q.item(u))
        shock = chance.normal(SEED, Purpose.SIGNAL, u, DAY)
        signal = chance.drift(before.signal.item(u), wear.signal_keep, shock)
        expected = (strain, before.heads.item(u) - left, signal)
        assert (units.strain.item(u), units.heads.item(u), units.signal.item(u)) == expected
    assert gone == pytest.approx(before.heads.sum() - units.heads.sum(), rel=1e-9)


def test_every_member_of_the_elite_watches_by_the_rules():
    dice = np.random.default_rng(10)
    belief, stake, stance = dice.random(200), dice.random(200), dice.integers(0, 4, 200).astype(np.uint8)
    before, stances = belief.copy(), stance.copy()
    share = elite.watch(elite.Members(belief, stake, stance), elite.Signs(0.9, 0.05, 0.3, 0.95, 4.0, 0.03))
    expected = elite.expects_fall(0.9, 0.05, 0.3)
    for member in range(200):
        if stances[member] == Stance.PURGED:
            assert (belief[member], stance[member]) == (before[member], Stance.PURGED)
            continue
        assert belief[member] == elite.believes(before.item(member), expected, 0.95)
        if stances[member] == Stance.PLOTTING:
            assert stance[member] == Stance.PLOTTING
        else:
            hedges = elite.hedges(belief.item(member), elite.left_of_stake(stake.item(member), 4.0, 0.03))
            assert stance[member] == (Stance.HEDGING if hedges else Stance.LOYAL)
    assert share == np.isin(stance, (Stance.HEDGING, Stance.PLOTTING)).sum() / 200


# The names that the loops know as numbers.


def test_the_loops_numbers_are_the_actors_names():
    assert list(Status) == [loops.HOME, loops.STREET, loops.DETAINED, loops.EXILE, loops.VOLUNTEER]
    by_name = [security.IDLE, security.OBEYING, security.ASIDE, security.SHIRKING]
    assert by_name == [Doing.IDLE, Doing.OBEYING, Doing.ASIDE, Doing.SHIRKING]
    assert list(Stance) == [elite.LOYAL, elite.HEDGING, elite.PLOTTING, elite.PURGED]


# Threads.


def history(threads, episode, n_citizens):
    world = Simulation(episode, Parameters(), rng=12, n_citizens=n_citizens, threads=threads).run(days=25)
    return world.series(), world.citizens.columns, len(world.crowd.parts)


@pytest.mark.parametrize("threads, rows", [(2, 1_500), (7, 100)])
def test_a_history_does_not_hang_on_the_number_of_threads(monkeypatch, threads, rows):
    episode = load_episode("belarus-2020")
    alone, columns, parts = history(1, episode, 3_000)
    assert parts == 1 and alone["detained_today"].sum() > 0.0
    monkeypatch.setattr(crowd, "ROWS_PER_THREAD", rows)
    together, shared, parts = history(threads, episode, 3_000)
    assert parts == threads
    assert alone.equals(together)
    assert all(np.array_equal(columns[name], shared[name]) for name in columns)
