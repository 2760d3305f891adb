"""Episodes that a reader has opened from files of his own, until the page ends."""

import functools
import re
import tempfile
from pathlib import Path

from experiments.lab.outputs import whole
from model.episode import FOLDER, EpisodeError, load_episode

MOST = 50
"""So many files are kept at once; the oldest gives way."""
FILES: dict[str, Path] = {}
"""The files that were opened, by the episode's name."""


@functools.cache
def folder() -> tempfile.TemporaryDirectory:
    """Return the folder in which they are kept; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="tightrope-")


def open_episode(file_name: str, text: str) -> str:
    """Keep an episode's text under the name of its file, and return that name.

    Args:
        file_name: the name of its file, as its owner calls it.
        text: what the file holds.

    Raises:
        EpisodeError: if it is no episode, or is called like one of the model's own.
    """
    name = file_name.removesuffix(".toml")
    if not re.fullmatch(r"[A-Za-z0-9][\w-]{0,59}", name, re.ASCII) or name == file_name:
        raise EpisodeError(f"{file_name[:60]!r}; expected a file NAME.toml, its name of letters, digits, - and _")
    if (FOLDER / f"{name}.toml").exists():
        raise EpisodeError(f"{name} is the name of one of the model's own episodes; give the file another")
    if not text:
        raise EpisodeError("empty, or too large for an episode")
    file = Path(folder().name) / f"{name}.toml"
    trial = Path(folder().name) / "trial" / file.name
    trial.parent.mkdir(exist_ok=True)
    with whole(trial) as half:
        half.write_text(text, encoding="utf-8")
    try:
        load_episode(trial)
    except EpisodeError as error:
        raise EpisodeError(str(error).replace(str(trial), file.name)) from None
    trial.replace(file)
    FILES.pop(name, None)
    FILES[name] = file
    while len(FILES) > MOST:
        FILES.pop(next(iter(FILES))).unlink(missing_ok=True)
    return name
