"""The compiled loops over the citizens: a day of them all, over the very rules of ``rules.py``.

A loop gathers the inputs of each row and stores the results. What it reads and writes comes as a few records:
``Rows`` are the citizens' columns, ``Feelings`` and ``Today`` what all of them share on one day, a ``Tally`` what is
counted. Nothing that grows with the citizens is allocated in a day, and no sum depends on the order of rows:
citizens are counted as whole numbers in each stratum.
"""

from typing import NamedTuple

import numpy as np

from agents.citizen import rules
from agents.ground.chance import as_normal, as_uniform, bits, drift
from agents.ground.compiled import compiled, inlined

NEIGHBOURS = 1024
"""So many citizens are asked at a time whether they are ready; their columns stay in the cache meanwhile."""
MOOD_RENEWAL = 7
"""Moods move weekly, each citizen's on his own weekday [days]."""

HOME, STREET, DETAINED = int(rules.Status.HOME), int(rules.Status.STREET), int(rules.Status.DETAINED)
EXILE, VOLUNTEER = int(rules.Status.EXILE), int(rules.Status.VOLUNTEER)
MEDIA = len(rules.Media)
STATE, INDEPENDENT = int(rules.Media.STATE), int(rules.Media.INDEPENDENT)
BOTH, NONE = int(rules.Media.BOTH), int(rules.Media.NONE)

_anger, _joins, _tells, _reaches = (
    inlined(rules.anger), inlined(rules.joins), inlined(rules.tells_pollster), inlined(rules.reaches),
)  # fmt: skip
_drift = inlined(drift)


@inlined
def _free_on(day, mean_days, lot):
    """Return the day on which one who is taken today is free again, by a uniform lot in [0, 1)."""
    return np.int16(min(day + 1.0 - np.log(1.0 - lot) * mean_days, 32000.0))


class Rows(NamedTuple):
    """The columns that the loops read and write, a row a citizen."""

    status: np.ndarray
    mobilised: np.ndarray
    stratum: np.ndarray
    media: np.ndarray
    opposition: np.ndarray
    threshold: np.ndarray
    aversion: np.ndarray
    risk_aversion: np.ndarray
    mood: np.ndarray
    tie_count: np.ndarray
    free_day: np.ndarray
    ever_out: np.ndarray


class Feelings(NamedTuple):
    """What moves citizens today, each by media diet.

    ``news`` is the share of bad news that reaches them [0 to 1], ``felt`` what they feel whatever they think of war
    [sd], ``war`` what the war does to one of mean aversion [sd].
    """

    news: np.ndarray
    felt: np.ndarray
    war: np.ndarray


class Today(NamedTuple):
    """What all citizens share on one day: what they feel and see, and their dice.

    ``crowd_seen`` and ``risk`` are by stratum [sd], and so is ``availability``, the share of the mobilised who are free
    today; ``ties`` is the pull of one's ties, if all of them were out [sd]; ``exile_chance`` is that of the released
    to leave, ``home_chance`` that of the mobilised who stay at home to be taken there, for ``mean_days``.
    """

    day: int
    felt: Feelings
    crowd_seen: np.ndarray
    risk: np.ndarray
    ties: float
    n_ties: int
    noise: float
    availability: np.ndarray
    availability_key: np.uint64
    exile_chance: float
    exile_key: np.uint64
    home_chance: float
    home_key: np.uint64
    days_key: np.uint64
    mean_days: float


class Tally(NamedTuple):
    """What deciding writes: the rows of who changed his mind and of who is out, from the first row on, and counts.

    ``counts``, by stratum: more mobilised, in the street, released to their homes, released into exile, taken at home.
    """

    changed: np.ndarray
    out: np.ndarray
    counts: np.ndarray


class Patrol(NamedTuple):
    """What those in the street meet today: the chance to be caught, by stratum, their dice, the mean detention."""

    day: int
    chance: np.ndarray
    arrest_key: np.uint64
    days_key: np.uint64
    mean_days: float


class Vans(NamedTuple):
    """What arresting writes, by stratum: the mobilised, the detained, who was ever out; and the rows of the caught."""

    n_mobilised: np.ndarray
    n_detained: np.ndarray
    n_ever: np.ndarray
    caught: np.ndarray


@compiled
def news(grip, blocking, word_of_mouth, diaspora):
    """Return the share of bad news that reaches each media diet [0 to 1]."""
    heard = np.empty(MEDIA)
    for diet in range(MEDIA):
        heard[diet] = _reaches(diet, grip, blocking, word_of_mouth, diaspora)
    return heard


@compiled
def renew_moods(first, last, mood, key, keep, day):
    """Renew the moods of the citizens whose weekday it is (autocorrelated dice, mean 0 and sd 1)."""
    start = first + (day - first) % MOOD_RENEWAL
    for row in range(start, last, MOOD_RENEWAL):
        mood[row] = _drift(np.float64(mood[row]), keep, as_normal(bits(key, row)))


@compiled
def are_ready(rows, start, end, group, today, ready):
    """Tell who of the citizens ``start`` to ``end``, all of one stratum, is ready to go.

    They see the same, so that this is plain arithmetic over columns, without a branch or a look-up: processors do
    it for several citizens at once.
    """
    media, opposition, threshold = rows.media[start:end], rows.opposition[start:end], rows.threshold[start:end]
    aversion, risk_aversion = rows.aversion[start:end], rows.risk_aversion[start:end]
    mood, tie_count = rows.mood[start:end], rows.tie_count[start:end]
    news, felt, war = today.felt.news, today.felt.felt, today.felt.war
    crowd_seen, risk = today.crowd_seen[group], today.risk[group]
    state_news, independent_news, both_news, no_news = news[STATE], news[INDEPENDENT], news[BOTH], news[NONE]
    state_felt, independent_felt, both_felt, no_felt = felt[STATE], felt[INDEPENDENT], felt[BOTH], felt[NONE]
    state_war, independent_war, both_war, no_war = war[STATE], war[INDEPENDENT], war[BOTH], war[NONE]
    ties, noise, part = today.ties, today.noise, 1.0 / today.n_ties
    for row in range(media.size):
        diet = media[row]
        heard, moved, hurt = (both_news, both_felt, both_war) if diet == BOTH else (no_news, no_felt, no_war)
        heard = state_news if diet == STATE else independent_news if diet == INDEPENDENT else heard
        moved = state_felt if diet == STATE else independent_felt if diet == INDEPENDENT else moved
        hurt = state_war if diet == STATE else independent_war if diet == INDEPENDENT else hurt
        anger = _anger(np.float64(opposition[row]), moved, np.float64(aversion[row]), hurt)
        ready[row] = _joins(
            anger, ties, tie_count[row] * part, heard, crowd_seen, np.float64(risk_aversion[row]), risk, noise,
            np.float64(mood[row]), np.float64(threshold[row]),
        )  # fmt: skip


@compiled
def decide(first, last, rows, today, tally):
    """Let the citizens of the rows ``first`` to ``last`` decide; return how many changed, how many are out."""
    status, mobilised, stratum, free_day = rows.status, rows.mobilised, rows.stratum, rows.free_day
    exile_chance, home_chance = today.exile_chance, today.home_chance
    changed, out, counts = tally.changed, tally.out, tally.counts
    n_changed = 0
    n_street = 0
    ready = np.empty(NEIGHBOURS, np.uint8)
    start = first
    while start < last:
        group = stratum[start]
        end = start + 1
        while end < last and end < start + NEIGHBOURS and stratum[end] == group:
            end += 1
        are_ready(rows, start, end, group, today, ready)
        availability = today.availability[group]
        for row in range(start, end):
            state, goes = status[row], ready[row - start]
            if not (state | goes | mobilised[row]):
                continue  # at home, and stays there: most people, most days
            if state > STREET:
                if state != DETAINED or free_day[row] > today.day:
                    continue
                if as_uniform(bits(today.exile_key, row)) < exile_chance:
                    status[row] = EXILE
                    counts[3, group] += 1
                    continue
                counts[2, group] += 1
                state = HOME
                status[row] = HOME
            out_today = goes and (availability >= 1.0 or as_uniform(bits(today.availability_key, row)) < availability)
            if goes and not out_today and home_chance > 0.0 and as_uniform(bits(today.home_key, row)) < home_chance:
                goes = 0
                state = DETAINED
                status[row] = DETAINED
                rows.free_day[row] = _free_on(today.day, today.mean_days, as_uniform(bits(today.days_key, row)))
                counts[4, group] += 1
            if goes != mobilised[row]:
                mobilised[row] = goes
                counts[0, group] += 1 if goes else -1
                changed[first + n_changed] = row
                n_changed += 1
            if out_today:
                status[row] = STREET
                out[first + n_street] = row
                n_street += 1
                counts[1, group] += 1
            elif state == STREET:
                status[row] = HOME
        start = end
    return n_changed, n_street


@compiled
def enter(counts, n_mobilised, by_status):
    """Enter a day's decisions (a tally's counts) in the books: the mobilised and the citizens of each status.

    >>> books = np.array([[80], [12], [5], [3], [0]])
    >>> enter(np.array([[2], [9], [1], [1], [2]]), np.array([20]), books)
    >>> books.ravel().tolist()
    [82, 9, 5, 4, 0]
    """
    for group in range(n_mobilised.size):
        more, out, released, exiled, taken = counts[:, group]
        n_mobilised[group] += more
        by_status[DETAINED, group] += taken - released - exiled
        by_status[EXILE, group] += exiled
        by_status[HOME, group] += by_status[STREET, group] + released - out - taken
        by_status[STREET, group] = out


@compiled
def arrest(out, n_out, rows, patrol, vans):
    """Arrest those in the street, each by the chance of his stratum; return how many (their rows are in the vans')."""
    status, mobilised, stratum, ever_out = rows.status, rows.mobilised, rows.stratum, rows.ever_out
    n_caught = 0
    for k in range(n_out):
        row = out[k]
        group = stratum[row]
        if not ever_out[row]:
            ever_out[row] = 1
            vans.n_ever[group] += 1
        if as_uniform(bits(patrol.arrest_key, row)) < patrol.chance[group]:
            rows.free_day[row] = _free_on(patrol.day, patrol.mean_days, as_uniform(bits(patrol.days_key, row)))
            status[row] = DETAINED
            vans.n_detained[group] += 1
            if mobilised[row]:
                mobilised[row] = 0
                vans.n_mobilised[group] -= 1
                vans.caught[n_caught] = row
                n_caught += 1
    return n_caught


@compiled
def volunteer(rows, chance, key, counts):
    """Let each exile go and fight for the other side with a chance (C9); count them by stratum."""
    for row in range(rows.status.size):
        if rows.status[row] == EXILE and as_uniform(bits(key, row)) < chance:
            rows.status[row] = VOLUNTEER
            counts[rows.stratum[row]] += 1


@compiled
def leave(chance, key, leaving):
    """Tell who leaves the country, each by a chance of his own (C9)."""
    for row in range(chance.size):
        leaving[row] = as_uniform(bits(key, row)) < chance[row]


@compiled
def poll(rows, felt, falsification, counts):
    """Count by stratum who is against the regime, who tells a pollster so, and who is against sending troops."""
    for row in range(rows.status.size):
        if rows.status[row] >= EXILE:
            continue
        group, aversion = rows.stratum[row], np.float64(rows.aversion[row])
        diet = rows.media[row]
        anger = _anger(np.float64(rows.opposition[row]), felt.felt[diet], aversion, felt.war[diet])
        counts[0, group] += anger > 0.0
        counts[1, group] += _tells(anger, np.float64(rows.risk_aversion[row]), falsification)
        counts[2, group] += aversion > 0.0


@compiled
def tell_ties(rows, n_rows, mobilised, ties_start, observers, tie_count):
    """Tell those who know them that the first ``n_rows`` citizens of ``rows`` have changed their mind."""
    for k in range(n_rows):
        row = rows[k]
        joined = mobilised[row]
        for at in range(ties_start[row], ties_start[np.int64(row) + 1]):
            if joined:
                tie_count[observers[at]] += 1
            else:
                tie_count[observers[at]] -= 1


@compiled
def weighted(strata, weights):
    """Return the sum of counts times weights, in the order of the strata: the same bits on every processor.

    >>> weighted(np.array([2, 0, 1]), np.array([10.0, 3.0, 0.5]))
    20.5
    """
    total = 0.0
    for group in range(strata.size):
        total += strata[group] * weights[group]
    return total


@compiled
def by_region(strata, weights):
    """Return the same sum for each region, of its two strata.

    >>> by_region(np.array([2, 0, 1, 4]), np.array([10.0, 3.0, 0.5, 1.0])).tolist()
    [20.0, 4.5]
    """
    sums = np.empty(strata.size // 2)
    for region in range(sums.size):
        sums[region] = strata[2 * region] * weights[2 * region] + strata[2 * region + 1] * weights[2 * region + 1]
    return sums


@compiled
def count_status(status, stratum, counts):
    """Count the citizens of each status (first index) and stratum (second)."""
    for row in range(status.size):
        counts[status[row], stratum[row]] += 1


@compiled
def choose_ties(seed_key, n_ties, stratum, start, size, region_share, band_share, n_regions, local, like, chosen):
    """Draw the acquaintances of every citizen: mostly in his region, often as likely as he."""
    for row in range(stratum.size):
        own = np.int64(stratum[row])
        for k in range(n_ties):
            word = bits(seed_key, np.uint64(row) * np.uint64(64) + np.uint64(k))
            where = np.float64(np.int64(word & np.uint64(0xFFFF))) * (1.0 / 65536.0)
            alike = np.float64(np.int64((word >> np.uint64(16)) & np.uint64(0xFFFF))) * (1.0 / 65536.0)
            region = own // 2
            if where >= local:
                part = (where - local) / (1.0 - local)
                region = np.int64(0)
                while region < n_regions - 1 and part >= region_share[region]:
                    region += 1
            if alike < like:
                group = 2 * region + own % 2
            else:
                group = 2 * region + (1 if (alike - like) / (1.0 - like) < band_share else 0)
            chosen[row * n_ties + k] = start[group] + (((word >> np.uint64(32)) * size[group]) >> np.uint64(32))


@compiled
def count_observers(chosen, degree):
    """Count by how many each citizen is observed, one place further on: the sums are where his observers start."""
    for tie in range(chosen.size):
        degree[np.int64(chosen[tie]) + 1] += 1


@compiled
def fill_observers(n_ties, chosen, position, observers):
    """Turn "whom do I know" into "who knows me": the observers of each citizen, one after another."""
    n = chosen.size // n_ties
    for row in range(n):
        for k in range(n_ties):
            at = chosen[row * n_ties + k]
            observers[position[at]] = row
            position[at] += 1
