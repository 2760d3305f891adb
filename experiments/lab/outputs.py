"""Where tables, figures and records are written: each is there as a whole, or not at all.

A file is written beside its place and then put there, so that a full disk or a kill leaves what was there before.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

GALLERY = Path(__file__).parents[1] / "gallery"
"""The README's pictures."""


def reason(error: Exception) -> str:
    """Return what an error says, of the system's without its number and its path.

    >>> reason(FileNotFoundError(2, "No such file", "x.csv")), reason(ValueError("no number"))
    ('No such file', 'no number')
    """
    return str((isinstance(error, OSError) and error.strerror) or error)


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give the file to write in place of another; once it is written it takes that one's place.

    >>> file = getfixture("tmp_path") / "verdict.txt"
    >>> with whole(file) as half:
    ...     written = half.write_text("He stays.")
    >>> file.read_text(), [beside.name for beside in file.parent.iterdir()]
    ('He stays.', ['verdict.txt'])

    Raises:
        click.ClickException: if it cannot be written (a full disk, say); nothing is left of it then.
    """
    place = Path(os.path.realpath(path))  # a link stays a link
    if place.exists() and not place.is_file():  # /dev/stdout
        half = place
    else:
        half = place.with_name(f".{place.stem}.{os.getpid()}.half{place.suffix}")  # its suffix says how it is written
    try:
        yield half
        if half != place:
            half.replace(place)
    except OSError as error:
        way_out = "what is done is kept; make room, or give another place, and give the same command again"
        raise click.ClickException(f"{path} cannot be written ({reason(error)}): {way_out}") from None
    finally:
        if half != place:
            half.unlink(missing_ok=True)


def in_json(record: Any) -> str:
    """Return a record as it is written."""
    return json.dumps(record, indent=1, default=str) + "\n"
