"""A picture on the page: if it cannot be drawn, a sentence stands where it should be."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html
import logging
from collections.abc import Callable
from typing import Any

import solara


@solara.component
def Picture(drawn_by: Callable[..., str], *args: Any, classes: list[str] | None = None) -> None:
    """A picture, or a sentence where it should be."""
    solara.HTML(unsafe_innerHTML=picture(drawn_by, *args), classes=classes or [])


def picture(drawn_by: Callable[..., str], *args: Any) -> str:
    """Return a picture, or a sentence where it should be: a fault in one must not cost the page."""
    try:
        return drawn_by(*args)
    except Exception as error:
        logging.getLogger(__name__).exception("a picture could not be drawn")
        return f'<p class="hint">This picture could not be drawn: {html.escape(f"{type(error).__name__}: {error}")}</p>'
