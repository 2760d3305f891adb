"""The citizens: who goes into the street, who is caught, who leaves, and what they tell a pollster.

After Kuran 1991 (private and public preference), Epstein 2002 (grievance against the risk of arrest) and
Siegel 2009 (ties). Rules are functions of plain numbers; ``loops.py`` compiles these very functions.
"""

import math
from enum import IntEnum

import numpy as np
from scipy.special import ndtri


class Status(IntEnum):
    """What a citizen is doing today."""

    HOME = 0
    STREET = 1
    DETAINED = 2
    EXILE = 3
    VOLUNTEER = 4


class Media(IntEnum):
    """Where a citizen's news comes from."""

    STATE = 0
    INDEPENDENT = 1
    BOTH = 2
    NONE = 3


class Age(IntEnum):
    """The three age groups of the polls."""

    YOUNG = 0
    MIDDLE = 1
    OLD = 2


def anger[Number: (float, np.ndarray)](opposition: Number, felt: Number, aversion: Number, war: Number) -> Number:
    """Return a citizen's anger at the regime [sd]: his lasting opposition, what he feels, and the war (C6, C7).

    >>> anger(1.0, 0.5, aversion=2.0, war=0.5)
    2.5
    """
    return opposition + felt + aversion * war


def felt(grievance: float, news: float, violence: float, accepted: float) -> float:
    """Return what moves a citizen, whatever he thinks of war [sd] (C6, C12).

    Grievance (a stolen vote, prices, shame) is felt by everybody; violence, and the part of a step into the war that
    he accepts, count as far as the news reaches him.

    >>> felt(0.5, 0.5, violence=1.0, accepted=0.4)
    0.8
    """
    return grievance + news * (violence - accepted)


def war_felt(news: float, shock: float, known: float, losses: float) -> float:
    """Return what the war does to a citizen of mean aversion [sd] (C6): he hears of the dead by ties, or by news.

    ``known`` is the chance that he knows one of the dead, or who mourns him [0 to 1].

    >>> war_felt(0.5, 0.4, known=0.0, losses=0.6), war_felt(0.0, 0.4, known=1.0, losses=0.6)
    (0.5, 0.6)
    """
    return news * shock + (1.0 - (1.0 - news) * (1.0 - known)) * losses


def knows_a_dead(dead: float, acquaintances: float, electors: float) -> float:
    """Return the chance that a citizen knows one of the dead [0 to 1], each being known to so many (McCarty2001).

    >>> round(knows_a_dead(1_000.0, 300.0, 6.8e6), 3)
    0.043
    """
    return 1.0 - math.exp(-dead * acquaintances / electors)


def joins(
    anger: float,
    ties: float,
    tie_share: float,
    news: float,
    crowd_seen: float,
    risk_aversion: float,
    risk: float,
    noise: float,
    mood: float,
    threshold: float,
) -> bool:
    """Whether a citizen is ready to go into the street: anger and company against risk (C8; Kuran1991, Epstein2002).

    Args:
        anger: what he feels about the regime [sd].
        ties: the pull of his ties, if all of them were out [sd]; ``tie_share`` of them are [share].
        news: share of the news that reaches him [0 to 1].
        crowd_seen: the pull of the last crowd, had he all the news [sd].
        risk_aversion: his own, with mean 1 among all; ``risk`` is what arrest costs times its chance [sd].
        noise: how much moods matter [sd]; ``mood`` is his own today, mean 0 and sd 1.
        threshold: what he needs to go [sd].

    Nobody of the three would go alone at this risk; a friend in the street is enough for the middle one:

    >>> [joins(1.0, 2.0, friends, 1.0, 0.0, 1.0, 1.5, 0.2, 0.0, 0.4) for friends in (0.0, 0.5, 1.0)]
    [False, True, True]
    """
    return anger + ties * tie_share + news * crowd_seen + noise * mood > threshold + risk_aversion * risk


def margin[Number: (float, np.ndarray)](
    anger: Number,
    ties: float,
    tie_share: Number,
    news: Number,
    crowd_seen: Number,
    risk_aversion: Number,
    risk: Number,
    noise: float,
    mood: Number,
    threshold: Number,
) -> Number:
    """Return by how much a citizen is ready [sd]: what drives him less what holds him; he ``joins`` above 0.

    >>> round(margin(1.0, 2.0, 0.5, 1.0, 0.0, 1.0, 1.5, 0.2, 0.0, 0.4), 3)
    0.1
    """
    drawn = anger + ties * tie_share + news * crowd_seen
    return drawn + noise * mood - (threshold + risk_aversion * risk)


def crowd_pull[Share: (float, np.ndarray)](crowd: float, share: Share, half: float) -> Share:
    """Return the pull of a crowd [sd]: it grows with the crowd's share of electors and saturates (c0 = half).

    >>> crowd_pull(2.0, 0.01, 0.01)
    1.0
    """
    return crowd * share / (share + half)


def reaches(media: int, grip: float, blocking: float, word_of_mouth: float, diaspora: float) -> float:
    """Return the share of bad news that reaches a citizen, by his media diet (C12: not Putin's grip).

    State audiences lose the share ``grip``; the independent are blocked by ``blocking`` of that grip; news
    from the diaspora restores a part of what is missed (our extension of C9).

    >>> [round(reaches(diet, 0.5, 0.2, 0.4, 0.0), 3) for diet in Media]
    [0.5, 0.9, 0.7, 0.2]
    """
    state, independent = 1.0 - grip, 1.0 - grip * blocking
    if media == Media.STATE:
        return state
    if media == Media.INDEPENDENT:
        return independent + (1.0 - independent) * diaspora
    if media == Media.BOTH:
        both = 0.5 * (state + independent)
        return both + (1.0 - both) * diaspora
    return word_of_mouth * state


def outrage(detained: float, half: float) -> float:
    """Return the outrage at one day's visible repression [0 to 1]; it saturates with the detained per million.

    >>> outrage(100.0, 100.0)
    0.5
    """
    return detained / (detained + half)


def calls_itself(share: float, half: float) -> float:
    """Return the reach of a movement's own call for the next Sunday [0 to 1] (C8): it grows with its last gathering.

    ``share`` of the electors were there and were not driven off; at ``half`` the call reaches half of the ready.

    >>> calls_itself(0.0, 0.001), calls_itself(0.003, 0.001)
    (0.0, 0.75)
    """
    return share / (share + half) if share > 0.0 else 0.0


def reached_away(dated: float, call: float, march: float) -> float:
    """Return the reach of today's call outside the capital [0 to 1]: a Sunday's own march is the capital's (C8).

    A call for a date is heard all over the country; of those whom only the movement's own Sunday (``call``) would
    reach, a share ``march`` marches elsewhere too.

    >>> reached_away(0.0, 0.8, 0.5), reached_away(0.6, 0.8, 0.5)
    (0.4, 0.6)
    """
    return max(dated, march * call)


def free(stays: float, reach: float, called: float) -> float:
    """Return the share of the ready who come today [0 to 1]: of those whom a call reaches, so many can.

    >>> free(0.01, 0.5, 0.8), free(0.01, 0.0, 0.8)
    (0.4, 0.01)
    """
    return max(stays, reach * called)


def blacked_out(heard: float, cut: float, left: float) -> float:
    """Return the share of bad news that still reaches a citizen, if a blackout cuts a share of his open sources.

    ``left`` is what he hears without any of them [0 to 1].

    >>> blacked_out(0.9, 0.5, 0.3), blacked_out(0.2, 1.0, 0.3)
    (0.6, 0.2)
    """
    return heard - cut * max(0.0, heard - left)


def deterrence(penalty: float, rise: float, sentences: float) -> float:
    """Return what an arrest costs [sd per unit chance] as sentences grow: ``rise`` times as much at ``sentences`` 1.

    >>> deterrence(8.0, 3.0, 0.0), deterrence(8.0, 3.0, 1.0)
    (8.0, 24.0)
    """
    return penalty * rise**sentences


def organised(left: float, dissolved: float) -> float:
    """Return what the pull of ties and crowds is worth [0 to 1], once organisations are dissolved [share]; C9.

    >>> organised(0.6, 0.0), organised(0.6, 0.5)
    (1.0, 0.8)
    """
    return 1.0 - (1.0 - left) * dissolved


def risk_seen[Chance: (float, np.ndarray)](memory: Chance, deployed_chance: Chance, view: float) -> Chance:
    """Return the arrest chance a citizen expects [0 to 1]: what he sees deployed now against recent days.

    >>> risk_seen(0.02, 0.06, 0.5)
    0.04
    """
    return view * deployed_chance + (1.0 - view) * memory


def loss_anger(rate: float, dead_recent: float, dead_total: float, loss_half: float, recent_share: float) -> float:
    """Return the anger at losses of a citizen of mean aversion who hears of them [sd] (C6; Gartner-Segura 1998).

    It grows with powers of ten, of recent and of all losses [dead per million].

    >>> round(loss_anger(0.5, 72.0, 72.0, 8.0, 0.5), 3)
    0.5
    """
    recent = math.log10(1.0 + dead_recent / loss_half)
    total = math.log10(1.0 + dead_total / loss_half)
    return rate * (recent_share * recent + (1.0 - recent_share) * total)


def accepts(approve: float, spread: float) -> float:
    """Return how averse one may be and yet approve of a step into the war [means] (C2, C7).

    Aversion has mean 1 and sd ``spread`` [means]; a share ``approve`` of the electors is less averse than that.

    >>> accepts(0.5, 0.7), round(accepts(0.35, 0.7), 3)
    (1.0, 0.73)
    """
    return 1.0 + spread * float(ndtri(approve))


def accepted_on(rung: int, lent: float, limited: float) -> float:
    """Return how averse one may be and yet accept a rung [means]: lending the land, a part of a war, or all of it (C2).

    >>> [accepted_on(rung, 0.75, 0.5) for rung in range(4)]
    [0.0, 0.75, 0.375, 0.0]
    """
    return (0.0, lent, lent * (1.0 - limited), 0.0)[rung]


def soothes(premium: float, left: float) -> float:
    """Return how staying out soothes while others fight [sd]: it grows as the first fright wears off.

    >>> soothes(0.2, 1.0), soothes(0.2, 0.25)
    (0.0, 0.15000000000000002)
    """
    return premium * (1.0 - left)


def tells_pollster(anger: float, risk_aversion: float, falsification: float) -> bool:
    """Whether a citizen tells a pollster that he is against the regime (Kuran1991: fear hides opposition).

    >>> tells_pollster(0.2, 1.0, 0.3), tells_pollster(0.4, 1.0, 0.3)
    (False, True)
    """
    return anger > falsification * risk_aversion
