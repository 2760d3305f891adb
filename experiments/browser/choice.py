"""A list to choose from."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

from collections.abc import Callable
from typing import Any

import solara


@solara.component_vue("choice.vue")
def Choice(label: str, values: list[str], value: str, note: str, event_choose: Callable[[str], None]) -> None:
    """One of several, by the browser's own list: it is heard, and fits a phone."""


def Select(label: str, values: list[str], value: str, on_value: Callable[[str], Any], note: str = "") -> None:
    """Offer one of several; a note stands beside the label."""
    Choice(label=label, values=values, value=value, note=note, event_choose=on_value)
