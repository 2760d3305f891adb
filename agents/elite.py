"""The elites: who hedges, who plots, and when a plot becomes an attempt (Singh 2014).

A palace coup needs a commander, and an attempt is decided by the same cut-off game as an order to fire.
"""

import math
from enum import IntEnum

import mesa


class Stance(IntEnum):
    """Where a member of the elite stands."""

    LOYAL = 0
    HEDGING = 1
    PLOTTING = 2
    PURGED = 3


def expects_fall(x, grievance, signal_noise):
    """Return the belief that the regime will fall [0 to 1], from X = C / (rho K qbar) and what is felt in the country.

    >>> expects_fall(1.0, 0.0, 0.3)
    0.5
    """
    return 0.5 * math.erfc(-(x - 1.0 + grievance) / (signal_noise * math.sqrt(2.0)))


def believes(belief, expected, keep):
    """Return tomorrow's belief [0 to 1]: it moves towards what the day suggests.

    >>> believes(0.2, 0.6, 0.5)
    0.4
    """
    return keep * belief + (1.0 - keep) * expected


def hedges(belief, stake):
    """Whether a member of the elite hedges: he believes more in the fall than his stake in the regime allows.

    >>> hedges(0.6, 0.5), hedges(0.6, 0.9)
    (True, False)
    """
    return belief > stake


def plot_hazard(rate, losses, x, leaning_pressure, fear):
    """Return a commander's hazard of starting a plot [a year] (C6, C13): losses at the front, the street, Moscow's nod.

    ``rate`` is one commander's in quiet times [a year]; ``losses``, ``x`` and ``leaning_pressure`` are log hazards (X
    counts up to 2); a purge leaves ``fear`` of the hazard [0 to 1].

    >>> plot_hazard(0.01, 0.0, 0.0, 0.0, 1.0)
    0.01
    """
    return rate * math.exp(losses + x + leaning_pressure) * fear


def who_would_join(strength, hedging_share):
    """Return the share of the capital's force a plot can count on: its own, and of the rest as many as hedge.

    >>> who_would_join(0.5, 0.5)
    0.75
    """
    return strength + (1.0 - strength) * hedging_share


def seems(own, bluff):
    """Return the share of the capital's force that a coup seems to hold once it is announced [0 to 1].

    Its own units, and of the rest what it can make others believe (Singh 2014: making a fact). ``bluff`` is a
    uniform die: nobody knows beforehand how the first hours will look.

    >>> seems(0.1, 0.0), seems(0.1, 0.5)
    (0.1, 0.55)
    """
    return own + (1.0 - own) * bluff


def attempts(joiners, noise):
    """Whether the leader of a plot goes ahead: he thinks that half would join (with his error).

    >>> attempts(0.4, 0.0), attempts(0.4, 0.15)
    (False, True)
    """
    return joiners + noise >= 0.5


def _column(name):
    """A property that reads and writes this member's row of one column."""

    def read(self):
        return self.model.elites.columns[name].item(self.row)

    def write(self, value):
        self.model.elites.columns[name][self.row] = value

    return property(read, write, doc=f"The member's {name}.")


class Elite(mesa.Agent):
    """One member of the elite: his stake in the regime, his leaning to Moscow, whether he commands men, his belief."""

    stake = _column("stake")
    leaning = _column("leaning")
    commands = _column("commands")
    belief = _column("belief")
    stance = _column("stance")

    def __init__(self, model, row):
        """Register the member of one row of the elites' columns."""
        super().__init__(model)
        self.row = row
