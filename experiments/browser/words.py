"""Numbers in words, for the page's sentences and pictures."""

import math


def people(number: float) -> str:
    """Return a number of people, rounded to what can be known.

    >>> people(183_241), people(23_456), people(431.2)
    ('183,000', '23,500', '430')
    """
    if number < 10.0:
        return f"{number:.0f}"
    step = 10.0 ** max(0, math.floor(math.log10(number)) - 2)
    if number < 1000.0:
        step = 10.0
    return f"{round(number / step) * step:,.0f}"


def percent(share: float) -> str:
    """Return a share in whole percent, as a bar is read; its sign stays beside the number.

    >>> percent(0.126).replace("\N{NO-BREAK SPACE}", "_"), percent(0.004).replace("\N{NO-BREAK SPACE}", "_")
    ('13_%', 'under 1_%')
    """
    return f"{'under 1' if 0.0 < share < 0.005 else format(100.0 * share, '.0f')}\N{NO-BREAK SPACE}%"
