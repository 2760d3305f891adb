"""The controls of the page: each with a label, a unit, and a sentence that says what it is for."""

from dataclasses import dataclass

from model.parameters import DECLARED
from model.worlds import spread

N_NOTCHES = 40


@dataclass(frozen=True)
class Knob:
    """A slider for one parameter: its group on the page, its label, its unit in few words, and its sentence."""

    group: str
    label: str
    unit: str
    sentence: str


KNOBS = {
    "regime.media_grip": Knob(
        "At home", "Grip on the media", "%", "How much bad news is kept from those who watch state media."
    ),
    "security.obedience": Knob(
        "At home", "Loyalty of the forces", "logit", "How ready the units are to obey. Lower: they refuse sooner."
    ),
    "citizen.threshold": Knob(
        "At home", "Threshold of protest", "sd of anger", "How angry one must be to go out, were there no arrests."
    ),
    "moscow.drop_strength": Knob(
        "Moscow", "Moscow drops him below", "% strength", "How weak he may look before Moscow gives him up."
    ),
    "security.support_effect": Knob(
        "Moscow", "Worth of its support", "logit", "How much Moscow's full support stiffens his forces."
    ),
    "war.killed_first": Knob("The war", "Killed, first 4 weeks", "per 1,000 a week", "Losses at the front at first."),
    "war.killed_later": Knob("The war", "Killed, later", "per 1,000 a week", "Losses at the front after four weeks."),
    "citizen.aversion_support": Knob(
        "The war", "Would send troops", "%", "The people who are for it. Fewer: more war aversion."
    ),
    "citizen.war_shock": Knob(
        "The war",
        "Shock of a step",
        "× the reference",
        "Anger at a step into the war of one who hears all, against that at the stolen election.",
    ),
    "citizen.war_beyond": Knob(
        "The war", "Beyond that, entry", "× the step", "How much more entry angers than the polls' distances say."
    ),
    "citizen.loss_anger": Knob(
        "The war", "Anger at losses", "sd per tenfold", "How much anger grows as the dead grow tenfold."
    ),
}
"""The sliders of the page. Ranges are the declared ones."""

MECHANISMS = {
    "pressure": "Moscow pushes him to do more",
    "ladder": "Each step into the war is credited",
    "debt": "He owes Moscow for 2020",
    "provocations": "Provocations bring sanctions; Moscow covers",
    "survival_choice": "He chooses by what he expects to survive",
    "war_anger": "Entering and losses make people angry",
    "war_aversion": "People differ in how they hate the war",
    "defiance": "Numbers give safety from arrest",
    "diaspora": "Exiles leave the street, send aid, fight",
    "shame": "The lent territory shames the country",
    "sanctions": "Sanctions hit the economy",
    "talks": "Hosting talks earns a little credit",
    "media_grip": "His grip on the media is partial",
    "divided_forces": "Loyalty differs from unit to unit",
    "geography": "Geography shields him from Moscow",
    "conditional_support": "Moscow backs him only while he holds",
    "puppet_suffices": "A puppet that complies is left alone",
    "refusal_cost": "Refusing Moscow has a price",
}
"""What each switch turns off, in words; the claims are in ``model.parameters.SWITCHES``."""


def notches(name: str) -> tuple[float, ...]:
    """Return the values that a parameter's slider offers, over its declared range.

    >>> values = notches("regime.media_grip")
    >>> values[0], values[-1], len(values)
    (0.1, 0.9, 41)
    """
    notes = DECLARED[name].metadata
    values = spread(name, [k / N_NOTCHES for k in range(N_NOTCHES + 1)])
    inner = (min(max(float(f"{value:.3g}"), notes["low"]), notes["high"]) for value in values)
    return tuple(inner)


def notch(name: str, value: float) -> int:
    """Return the notch that is nearest to a value.

    >>> notch("regime.media_grip", 0.45)
    17
    """
    values = notches(name)
    return min(range(len(values)), key=lambda k: abs(values[k] - value))


def shown(name: str, value: float) -> str:
    """Return a parameter's value with its unit; shares as percent.

    >>> shown("regime.media_grip", 0.45), shown("war.killed_first", 6.0)
    ('45 %', '6 per 1,000 a week')
    """
    unit = KNOBS[name].unit
    return f"{100.0 * value if unit.startswith('%') else value:.3g} {unit}"
