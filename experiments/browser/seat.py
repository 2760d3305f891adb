"""Moscow's seat: a person presses, gives, sends men or drops him, and he answers by his own rule."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html
from collections.abc import Callable

import solara
from mesa.visualization.utils import force_update, update_counter

from experiments.browser.world import SEAT, BrowserWorld
from model.simulation import Arm

ABOUT = (
    "The model's own Moscow goes on by its rule; what you do comes on top. Money and men raise his debt, "
    "and debt the pressure; a refusal costs him part of the subsidy, and some of them make him replaceable."
)
LOCKED = (
    "In this world his step is fixed, so he refuses whatever you ask: choose “He decides himself” and Reset for one "
    "who answers."
)


def book(world: BrowserWorld) -> list[tuple[str, str]]:
    """Return what Moscow sees of him and has in its book, in words and numbers."""
    moscow, numbers = world.moscow, world.parameters.moscow
    pressed = sum(name == "moscow_asks" for _, name in world.interventions)
    return [
        ("You pressed him", f"{pressed} times" if pressed != 1 else "once"),
        ("He has refused", f"{moscow.refusals:.0f} of the {numbers.replace_refusals:.0f} times that Moscow bears"),
        ("He looks", f"{moscow.strength_seen:.0%} strong; below {numbers.drop_strength:.0%} Moscow gives up"),
        ("He owes", f"{moscow.debt:.2f} rescues of 2020"),
        ("Pressure", f"{moscow.pressure:.2f}; his geography is worth {moscow.geography():.2f} against it"),
    ]


@solara.component
def Seat(world: BrowserWorld) -> None:
    """The buttons of Moscow's seat, for the world and its twin, and its book."""
    error, set_error = solara.use_state("")
    update_counter.get()

    def act(on: BrowserWorld, name: str) -> Callable[[], None]:
        def do() -> None:
            try:
                on.act(name)
                set_error("")
            except Exception as problem:
                set_error(f"{type(problem).__name__}: {problem}")
            force_update()

        return do

    twin = world.stage.twin
    sides = [("", world)] if twin is None else [("This world: ", world), ("The twin: ", twin.world)]
    for whose, on in sides:
        with solara.Div(classes=["acts"]):
            for name, words in SEAT.items():
                label = f"{whose}{words[0].lower()}{words[1:]}" if whose else words
                solara.Button(label, on_click=act(on, name), disabled=not on.can(name), outlined=True, small=True)
        said = "".join(f"<span>{html.escape(what)} <b>{html.escape(value)}</b></span>" for what, value in book(on))
        solara.HTML(unsafe_innerHTML=f"{html.escape(whose)}{said}", classes=["book"])
    about = ABOUT if world.arm == Arm.DECIDE else f"{LOCKED} {ABOUT}"
    solara.HTML(tag="p", unsafe_innerHTML=html.escape(about), classes=["hint"])
    if error:
        solara.Error(error, dense=True)
