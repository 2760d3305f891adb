"""The security forces: who obeys an order to disperse, whom they detain, and what wears them down.

Refusing is coordination under uncertainty (C13): each unit sees a noisy signal of how strong the regime is
and refuses below a cut-off (a global game: Morris-Shin 2003, Casper-Tyson 2014). The rules come first; the
engine compiles these very functions.
"""

import math
from enum import IntEnum

import mesa


class Doing(IntEnum):
    """What a unit is doing today."""

    IDLE = 0
    OBEYING = 1
    REFUSING = 2
    FRONT = 3


def load(crowd, containment, force):
    """Return how much of the force a crowd would take [ratio, C / (rho K)]: above 1 it cannot be contained.

    >>> load(200_000.0, 20.0, 20_000.0)
    0.5
    """
    if crowd <= 0.0:
        return 0.0
    return crowd / max(containment * force, 1.0)


def willingness(base, loyalty, support, strain, kin, violence, losses):
    """Return the chance that a unit thinks obeying is right, q [0 to 1] (C13). All arguments in logits.

    Loyalty and the patron's support hold it; strain, kin in the crowd, the violence asked and the losses of
    its own branch at the front wear it down.

    >>> round(willingness(2.0, 0.5, 0.0, 0.3, 0.1, 0.1, 0.0), 3)
    0.881
    """
    return 1.0 / (1.0 + math.exp(-(base + loyalty + support - strain - kin - violence - losses)))


def cutoff(mean_willingness):
    """Return T*, the strength below which nobody counts on the others: 1 - sum of m_j q_j (closed form, diffuse prior).

    >>> cutoff(0.75)
    0.25
    """
    return 1.0 - mean_willingness


def refuses(signal, threshold, signal_noise, q):
    """Whether a unit refuses: its signal x is below T* - sigma PhiInverse(q), that is q < Phi((T* - x) / sigma) (C13).

    The regime is at 0.2, the cut-off at 0.25: without private noise all refuse, whoever they are.

    >>> [refuses(0.2, 0.25, 0.0, q) for q in (0.1, 0.9)]
    [True, True]

    With noise the willing still obey:

    >>> [refuses(0.2, 0.25, 0.1, q) for q in (0.1, 0.9)]
    [True, False]
    """
    if signal_noise == 0.0:
        return signal < threshold
    return q < 0.5 * math.erfc((signal - threshold) / (signal_noise * math.sqrt(2.0)))


def dispersal_fails(crowd, containment, obeying_force):
    """Whether an ordered dispersal fails: the crowd is more than the obeying can contain.

    >>> dispersal_fails(90_000.0, 20.0, 5_000.0), dispersal_fails(110_000.0, 20.0, 5_000.0)
    (False, True)
    """
    return crowd > containment * obeying_force


def detained(rate, officers, crowd, half_crowd):
    """Return how many a day's repression detains: kappa x officers x C / (C + c1), never more than come (C8).

    What the forces can do in a day saturates, so numbers give safety:

    >>> [round(detained(0.25, 12_000.0, c, 20_000.0) / c, 4) for c in (10_000.0, 100_000.0)]
    [0.1, 0.025]
    """
    return min(rate * officers * crowd / (crowd + half_crowd), crowd)


def strained(strain, keep, gain, use):
    """Return a unit's strain tomorrow [0 to 1]: it recovers over days and rises with use [0 to 1].

    >>> strained(0.5, 0.9, 0.1, 1.0)
    0.5
    """
    return strain * keep + gain * use * (1.0 - strain)


def resigned(heads, rate, strain, q):
    """Return how many of a unit's men leave the service in a day: the strained and the unwilling (C13).

    >>> resigned(100.0, 0.1, 0.5, 0.5)
    2.5
    """
    return heads * rate * strain * (1.0 - q)


def _column(name):
    """A property that reads and writes this unit's row of one column."""

    def read(self):
        return self.model.forces.columns[name].item(self.row)

    def write(self, value):
        self.model.forces.columns[name][self.row] = value

    return property(read, write, doc=f"The unit's {name}.")


class SecurityUnit(mesa.Agent):
    """One unit of one branch (OMON, internal troops, police, ...), with its men, its base and its loyalty."""

    branch = _column("branch")
    region = _column("region")
    heads = _column("heads")
    loyalty = _column("loyalty")
    strain = _column("strain")
    signal = _column("signal")
    doing = _column("doing")

    def __init__(self, model, row):
        """Register the unit of one row of the forces' columns."""
        super().__init__(model)
        self.row = row

    @property
    def name(self):
        """Its name in sentences: '3rd unit of OMON in Brest'."""
        return self.model.forces.name(self.row)
