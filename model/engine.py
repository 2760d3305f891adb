"""The compiled loops: one day of all citizens, of all units and of all elites, over the rules of ``agents/``.

A rule is compiled from the very function that its actor's file defines; this file only gathers the inputs of
each row and stores the results. Nothing that grows with the citizens is allocated in a day, and no sum depends on
the order of rows: citizens are counted as whole numbers in each stratum.
"""

import numpy as np

from agents import citizen, elite, security
from model.chance import as_normal, as_uniform, bits, drift
from model.compiled import compiled, inlined

NEIGHBOURS = 1024
"""So many citizens are asked at a time whether they are ready; their columns stay in the cache meanwhile."""
MOOD_RENEWAL = 7
"""Moods move weekly, each citizen's on his own weekday [days]."""

HOME, STREET, DETAINED = int(citizen.Status.HOME), int(citizen.Status.STREET), int(citizen.Status.DETAINED)
EXILE, VOLUNTEER = int(citizen.Status.EXILE), int(citizen.Status.VOLUNTEER)
MEDIA = len(citizen.Media)
STATE, INDEPENDENT = int(citizen.Media.STATE), int(citizen.Media.INDEPENDENT)
BOTH, NONE = int(citizen.Media.BOTH), int(citizen.Media.NONE)
FRONT, OBEYING, REFUSING, IDLE = (int(d) for d in (3, 1, 2, 0))
LOYAL, HEDGING, PLOTTING, PURGED = 0, 1, 2, 3

_anger, _joins, _tells = inlined(citizen.anger), inlined(citizen.joins), inlined(citizen.tells_pollster)
_willingness, _refuses = inlined(security.willingness), inlined(security.refuses)
_detained, _reaches = inlined(security.detained), inlined(citizen.reaches)
_strained, _resigned = inlined(security.strained), inlined(security.resigned)
_expects_fall, _believes, _hedges = inlined(elite.expects_fall), inlined(elite.believes), inlined(elite.hedges)
_drift = inlined(drift)


@compiled
def news(grip, blocking, word_of_mouth, diaspora):
    """Return the share of bad news that reaches each media diet [0 to 1]."""
    heard = np.empty(MEDIA)
    for diet in range(MEDIA):
        heard[diet] = _reaches(diet, grip, blocking, word_of_mouth, diaspora)
    return heard


@compiled
def chances(rate, officers, crowd, half):
    """Return for each region the chance of one in its crowd to be caught [0 to 1]; of the first, if nobody came."""
    caught = np.empty(crowd.size)
    for region in range(crowd.size):
        there = max(crowd[region], 1.0)
        caught[region] = _detained(rate, officers[region], there, half[region]) / there
    return caught


@compiled
def renew_moods(first, last, mood, key, keep, day):
    """Renew the moods of the citizens whose weekday it is (autocorrelated dice, mean 0 and sd 1)."""
    start = first + (day - first) % MOOD_RENEWAL
    for row in range(start, last, MOOD_RENEWAL):
        mood[row] = _drift(np.float64(mood[row]), keep, as_normal(bits(key, row)))


@compiled
def are_ready(
    media, opposition, threshold, aversion, risk_aversion, mood, tie_count, news, crowd_seen, risk, grievance,
    violence, war, ties, noise, n_ties, ready,
):  # fmt: skip
    """Tell who of some citizens of one stratum is ready to go.

    They see the same, so that this is plain arithmetic over columns, without a branch or a look-up: processors do
    it for several citizens at once.
    """
    state_news, independent_news, both_news, no_news = news[STATE], news[INDEPENDENT], news[BOTH], news[NONE]
    part = 1.0 / n_ties
    for row in range(media.size):
        diet = media[row]
        heard = both_news if diet == BOTH else no_news
        heard = state_news if diet == STATE else independent_news if diet == INDEPENDENT else heard
        felt = _anger(np.float64(opposition[row]), grievance, heard, violence, np.float64(aversion[row]), war)
        ready[row] = _joins(
            felt, ties, tie_count[row] * part, heard, crowd_seen, np.float64(risk_aversion[row]), risk, noise,
            np.float64(mood[row]), np.float64(threshold[row]),
        )  # fmt: skip


@compiled
def decide(
    first,
    last,
    day,
    status,
    mobilised,
    stratum,
    media,
    opposition,
    threshold,
    aversion,
    risk_aversion,
    mood,
    tie_count,
    free_day,
    news,
    crowd_seen,
    risk,
    grievance,
    violence,
    war,
    ties,
    noise,
    n_ties,
    availability,
    availability_key,
    exile_key,
    exile_chance,
    changed,
    out,
    counts,
):
    """Let the citizens of the rows ``first`` to ``last`` decide about the day; return (how many changed, how many out).

    ``news`` is indexed by media diet, ``crowd_seen`` and ``risk`` by stratum. The rows of those who changed
    their mind and of those who are in the street are written to ``changed`` and ``out`` from ``first`` on.
    ``counts``, by stratum: more mobilised, in the street, released to their homes, released into exile.
    """
    n_changed = 0
    n_street = 0
    ready = np.empty(NEIGHBOURS, np.uint8)
    start = first
    while start < last:
        group = stratum[start]
        end = start + 1
        while end < last and end < start + NEIGHBOURS and stratum[end] == group:
            end += 1
        are_ready(
            media[start:end], opposition[start:end], threshold[start:end], aversion[start:end],
            risk_aversion[start:end], mood[start:end], tie_count[start:end], news, crowd_seen[group], risk[group],
            grievance, violence, war, ties, noise, n_ties, ready,
        )  # fmt: skip
        for row in range(start, end):
            state, goes = status[row], ready[row - start]
            if not (state | goes | mobilised[row]):
                continue  # at home, and stays there: most people, most days
            if state > STREET:
                if state != DETAINED or free_day[row] > day:
                    continue
                if as_uniform(bits(exile_key, row)) < exile_chance:
                    status[row] = EXILE
                    counts[3, group] += 1
                    continue
                counts[2, group] += 1
                state = HOME
                status[row] = HOME
            if goes != mobilised[row]:
                mobilised[row] = goes
                counts[0, group] += 1 if goes else -1
                changed[first + n_changed] = row
                n_changed += 1
            if goes and (availability >= 1.0 or as_uniform(bits(availability_key, row)) < availability):
                status[row] = STREET
                out[first + n_street] = row
                n_street += 1
                counts[1, group] += 1
            elif state != HOME:
                status[row] = HOME
        start = end
    return n_changed, n_street


@compiled
def tell_ties(rows, n_rows, mobilised, ties_start, observers, tie_count):
    """Tell those who know them that the first ``n_rows`` citizens of ``rows`` have changed their mind."""
    for k in range(n_rows):
        row = rows[k]
        step = 1 if mobilised[row] else -1
        for at in range(ties_start[row], ties_start[np.int64(row) + 1]):
            tie_count[observers[at]] += step


@compiled
def arrest(
    out,
    n_out,
    day,
    status,
    mobilised,
    stratum,
    free_day,
    ever_out,
    chance,
    arrest_key,
    days_key,
    mean_days,
    n_mobilised,
    n_detained,
    n_ever,
    caught,
):
    """Arrest those in the street, each by the chance of his stratum; return how many (their rows are in ``caught``)."""
    n_caught = 0
    for k in range(n_out):
        row = out[k]
        group = stratum[row]
        if not ever_out[row]:
            ever_out[row] = 1
            n_ever[group] += 1
        if as_uniform(bits(arrest_key, row)) < chance[group]:
            days = 1.0 - np.log(1.0 - as_uniform(bits(days_key, row))) * mean_days
            free_day[row] = np.int16(min(day + days, 32000.0))
            status[row] = DETAINED
            n_detained[group] += 1
            if mobilised[row]:
                mobilised[row] = 0
                n_mobilised[group] -= 1
                caught[n_caught] = row
                n_caught += 1
    return n_caught


@compiled
def leave(status, stratum, day_rate, key, was, becomes, counts):
    """Move each citizen from one status to another with a daily chance (exiles who volunteer); count by stratum."""
    for row in range(status.size):
        if status[row] == was and as_uniform(bits(key, row)) < day_rate:
            status[row] = becomes
            counts[stratum[row]] += 1


@compiled
def poll(
    status,
    stratum,
    media,
    opposition,
    aversion,
    risk_aversion,
    news,
    grievance,
    violence,
    war,
    falsification,
    against,
    tells,
    averse,
):
    """Count by stratum who is against the regime, who tells a pollster so, and who is against sending troops."""
    for row in range(status.size):
        if status[row] >= EXILE:
            continue
        group = stratum[row]
        felt = _anger(
            np.float64(opposition[row]), grievance, news[media[row]], violence, np.float64(aversion[row]), war
        )
        against[group] += felt > 0.0
        tells[group] += _tells(felt, np.float64(risk_aversion[row]), falsification)
        averse[group] += aversion[row] > 0.0


@compiled
def answer_order(
    weight, base, loyalty, loyalty_effect, support, strain, strain_effect, kin, losses, violence, front, q
):
    """Set every unit's willingness q; return its mean over the force at home (the weights add up to what is there)."""
    total = 0.0
    mean = 0.0
    for unit in range(q.size):
        q[unit] = _willingness(
            base,
            loyalty_effect * loyalty[unit],
            support,
            strain_effect * strain[unit],
            kin[unit],
            violence,
            losses[unit],
        )
        if not front[unit]:
            total += weight[unit]
            mean += weight[unit] * q[unit]
    return mean / total if total > 0.0 else 0.0


@compiled
def obey_or_refuse(ordered, threshold, seen_strength, signal_noise, signal, q, weight, front, doing):
    """Let every unit answer the day's order; return the share of the force that obeys [0 to 1]."""
    total = 0.0
    obeying = 0.0
    for unit in range(q.size):
        if front[unit]:
            doing[unit] = FRONT
            continue
        doing[unit] = IDLE
        total += weight[unit]
        if ordered:
            x = seen_strength + signal_noise * signal[unit]
            doing[unit] = REFUSING if _refuses(x, threshold, signal_noise, q[unit]) else OBEYING
            obeying += weight[unit] * (doing[unit] == OBEYING)
    return obeying / total if ordered and total > 0.0 else 1.0


@compiled
def wear_down(heads, strain, signal, q, front, use, keep, gain, resignation, key, signal_keep):
    """Strain the units by the day's use, let the unwilling resign and renew the signals; return how many resigned."""
    gone = 0.0
    for unit in range(heads.size):
        strain[unit] = _strained(strain[unit], keep, gain, 0.0 if front[unit] else use)
        left = _resigned(heads[unit], resignation, strain[unit], q[unit])
        heads[unit] -= left
        gone += left
        signal[unit] = _drift(signal[unit], signal_keep, as_normal(bits(key, unit)))
    return gone


@compiled
def watch(belief, stake, stance, x, grievance, signal_noise, keep):
    """Let the elites watch the day: beliefs move, some hedge; return the share that hedges or plots [0 to 1]."""
    hedging = 0
    expected = _expects_fall(x, grievance, signal_noise)
    for member in range(belief.size):
        if stance[member] == PURGED:
            continue
        belief[member] = _believes(belief[member], expected, keep)
        if stance[member] != PLOTTING:
            stance[member] = HEDGING if _hedges(belief[member], stake[member]) else LOYAL
        hedging += stance[member] != LOYAL
    return hedging / belief.size


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
                region = 0
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
