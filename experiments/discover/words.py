"""Where the falls lie, in sentences with coverage and density, and what a fresh sample says of them."""

import numpy as np

from experiments.discover.findings import Findings, Held
from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.show.words import date_words, fold, interval_words, percent
from model.parameters import DECLARED

FRONT = "front: "
"""How the columns of the course of the front begin: 1 where it is so."""


def limit_words(name: str, low: float, high: float) -> str:
    """Return a limit in words.

    >>> limit_words("citizen.war_beyond", 3.21, np.inf), limit_words("front: defeat", 1.0, np.inf)
    ('citizen.war_beyond is 3.21 or more', 'the front is defeat')
    >>> limit_words("front: defeat", -np.inf, 0.0), limit_words("citizen.noise", 0.1, 0.2)
    ('the front is not defeat', 'citizen.noise is between 0.1 and 0.2')
    """
    if name.startswith(FRONT):
        return f"the front is {'' if low > 0.0 else 'not '}{name.removeprefix(FRONT)}"
    if np.isfinite(low) and np.isfinite(high):
        return f"{name} is between {low:.3g} and {high:.3g}"
    return f"{name} is {low:.3g} or more" if np.isfinite(low) else f"{name} is {high:.3g} or less"


def sentence(held: Held) -> str:
    """Return a box as a sentence: all its limits."""
    said = [limit_words(name, low, high) for name, (low, high) in held.box.limits.items()]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def finding(result: Findings) -> str:
    """Return the headline: where the falls lie, as fresh runs have it."""
    if not result.enough:
        return f"He falls in {result.learnt_falls} of {result.learnt} runs: no box is found that holds the falls"
    first = result.boxes[0]
    if not first.confirmed or first.density is None or first.outside is None or first.coverage is None:
        return f"A fresh sample does not confirm that he falls more often where {sentence(first)}"
    return (
        f"{percent(first.coverage.value)} of the falls lie where {sentence(first)}: there he falls in "
        f"{percent(first.density.value)} of fresh worlds, elsewhere in {percent(first.outside.value)}"
    )


def verdict(result: Findings) -> str:
    """Return the boxes, what the model of the chance is worth, and what fresh runs say."""
    parts = [
        fold(
            f"{result.learnt} {result.origin.words}, each entering on {date_words(result.episode.entering.date)}. So "
            "that there are falls to learn from, how much more entry angers than lending the land did (beyond) "
            f"is drawn up to {result.beyond:g}, every ratio as likely, where the prior ends at 2; nothing observed "
            f"informs it. He falls in {result.learnt_falls} ({percent(result.learnt_falls / max(result.learnt, 1))})."
        ),
        fold(finding(result) + "."),
    ]
    if result.area is not None:
        value, low, high = result.area
        worth = "it knows something" if low > 0.5 else "it is not shown to know anything: believe no box"
        parts.append(
            fold(
                f"THE MODEL OF THE CHANCE: a forest of trees, learnt from these runs. Of runs that a tree was not "
                f"grown from it tells those that fall from the others with an area under the ROC curve of {value:.2f} "
                f"[{low:.2f} to {high:.2f}]: {worth}. It was asked at {result.points:,} points."
            )
        )
    parts += [_box(result, place, held) for place, held in enumerate(result.boxes, 1)]
    if not result.enough:
        parts.append(
            fold(
                "NO BOX: runs of both endings were too few to learn from, or no box gains anything. Give more "
                "--worlds, or a larger --beyond."
            )
        )
    parts += [
        fold(f"{confidence_words(result.gates)} {JOINERS}"),
        beside(),
        fold(
            "WHAT THIS RESTS ON: a box says where the falls of this model lie among the numbers that were drawn, not "
            "what brings them about; numbers that go together in the accepted histories may stand in for each other. "
            "How often a box is met is a matter of the priors."
        ),
    ]
    return "\n\n".join(parts)


def _box(result: Findings, place: int, held: Held) -> str:
    """Return a box: its limits with their places among the draws, its worth as foretold and as counted."""
    lines = [f"BOX {place}: he falls where"]
    ranks = result.ranks[result.ranks["box"] == place].set_index("number")
    for name, (low, high) in held.box.limits.items():
        row = ranks.loc[name]
        unit = "" if name.startswith(FRONT) else f" [{DECLARED[name].metadata['unit']}]" if name in DECLARED else ""
        share = percent(float(row["high"] - row["low"]))
        lines.append(fold(f"- {limit_words(name, low, high)}{unit}: so in {share} of the draws", "  "))
    lines.append(
        fold(
            f"- As the forest foretells: {percent(held.box.share)} of all points lie there, "
            f"{percent(held.box.density)} of these fall (density), and that is "
            f"{percent(held.box.coverage)} of all falls (coverage).",
            "    ",
        )
    )
    if held.density is None or held.outside is None or held.coverage is None:
        counted = f"- In a fresh sample of {result.fresh} runs too few lie there, or fall, to say anything."
    else:
        counted = (
            f"- In a fresh sample of {result.fresh} runs {held.runs} lie there, of which "
            f"{interval_words(held.density)} fall; outside {interval_words(held.outside)}. It holds "
            f"{interval_words(held.coverage)} of the {result.fresh_falls} fresh falls. "
        )
        counted += (
            "Confirmed: the intervals inside and outside stand apart."
            if held.confirmed
            else "Not confirmed: the intervals inside and outside overlap."
        )
    return "\n".join([*lines, fold(counted, "  ")])
