"""What to cite: the methods that a question uses, in BibTeX (``methods.bib`` beside this file)."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from model.records import read_record

FILE = Path(__file__).with_name("methods.bib")
ABOUT = Path(__file__).parents[2] / "codemeta.json"
EVERY = ("terHoeven2025", "Lam2015", "Harris2020", "Virtanen2020", "Hunter2007", "Grimm2020", "Steele2014")
"""What every run rests on: the tools, the protocol that describes the model, and its chance."""
WORLDS = ("McKay1979", "Storn1997", "Zhang2009", "Marjoram2003", "terBraak2006", "Christen2005", "Gelman1992")
"""How accepted histories were found, on which nearly every question rests."""
EFFECTS = ("Efron1979", "Newcombe1998")
"""How differences between twins have their intervals."""
OWN: Mapping[str, tuple[str, ...]] = {
    "war_entry": (*WORLDS, *EFFECTS),
    "decision": (*WORLDS, *EFFECTS, "Pedregosa2011"),
    "run": WORLDS,
    "tipping_line": (*WORLDS, *EFFECTS, "Rasmussen2006", "Lyu2021", "Pedregosa2011"),
    "sweep": ("McKay1979",),
    "calibrate": (*WORLDS, "Pedregosa2011", "Talts2018"),
    "validate": (*WORLDS, *EFFECTS, "Talts2018", "Grimm2014", "Augusiak2014"),
    "cases": (*WORLDS, "Efron1979"),
    "base_rates": WORLDS,
    "shocks": WORLDS,
    "challenge": (*WORLDS, "Zeller2002"),
    "point_of_no_return": (*WORLDS, *EFFECTS),
    "ablation": (*WORLDS, *EFFECTS),
    "media_grip": (*WORLDS, *EFFECTS),
    "warning": (*WORLDS, "Scheffer2009", "Pedregosa2011"),
    "discover": (*WORLDS, "Friedman1999", "Arzamasov2021", "Pedregosa2011"),
    "forecast": WORLDS,
    "score": ("Gneiting2007",),
    "site": (*WORLDS, *EFFECTS),
    "why": (*WORLDS, "Zeller2002"),
    "rare": (*WORLDS, "Cerou2007"),
    "sensitivity": (
        *WORLDS,
        "Iwanaga2022",
        "Morris1991",
        "Campolongo2007",
        "Saltelli2010",
        "Goda2021",
        "Pianosi2015",
        "Efron1979",
    ),
    "robustness": (*WORLDS, *EFFECTS, "Simonsohn2020", "Prelec1998"),
    "docking": ("Granovetter1978", "Watts2002", "Kuran1991", "Morris2003", "Epstein2002"),
    "size": WORLDS,
    "report": (*WORLDS, *EFFECTS),
}
"""What a question uses beside, by its name."""


@functools.cache
def entries() -> Mapping[str, str]:
    """Return the entries of the bibliography by their keys.

    >>> entries()["Talts2018"].splitlines()[0]
    '@misc{Talts2018,'
    """
    found = re.split(r"\n\n(?=@)", FILE.read_text(encoding="utf-8").strip())
    keyed = ((re.match(r"@(\w+)\{(\w+), ", entry), entry) for entry in found)
    return {head[2]: entry.replace(head[0], f"@{head[1]}{{{head[2]},\n  ", 1) for head, entry in keyed if head}


def itself() -> str:
    """Return the entry of this model, from ``codemeta.json``."""
    about = read_record(ABOUT, {"name": str, "version": str, "description": str, "author": [{"name": str}]})
    authors = " and ".join(f"{{{author['name']}}}" for author in about["author"])
    return (
        f"@software{{Tightrope,\n  author = {authors},\n  title = {{{about['name']}. {about['description']}}},\n"
        f"  version = {{{about['version']}}}}}"
    )


def cited(question: str) -> str:
    """Return what a question's results should cite, in BibTeX: the model, the tools, the methods.

    >>> [line for line in cited("ablation").splitlines() if line.startswith("@")][:2]
    ['@software{Tightrope,', '@article{terHoeven2025,']
    """
    keys = dict.fromkeys((*EVERY, *OWN.get(question, ())))
    return "\n\n".join([itself(), *(entries()[key] for key in keys)])
