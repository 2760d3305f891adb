"""Which rules are these? A hash of all that a history depends on: the sources of the model and of the agents."""

import functools
import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def hash_of_files(root: Path = ROOT) -> str:
    """Return the hash of every source file of ``model/`` and ``agents/``, as they are now [64 hex digits]."""
    digest = hashlib.sha256()
    for file in sorted([*(root / "model").rglob("*.py"), *(root / "agents").rglob("*.py")]):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@functools.cache
def source_hash() -> str:
    """Return that hash as it was when this process first asked: so are the rules that it has loaded."""
    return hash_of_files()
