"""Numba, with a cache that notices when a rule is edited.

Numba's own cache looks at the file of the compiled loop only, not at the rules that the loop calls. So the
cache lives in a folder named by a hash of all sources of the model and the agents: edit any rule, and the
next start compiles anew.
"""

import tempfile
from pathlib import Path

import numba
from numba import njit

from agents.ground.sources import ROOT, source_hash

CACHE = ".numba_cache"


def _cache_folder() -> Path:
    """Return this source's cache folder, in the project or, where that cannot be written, among temporary files."""
    for base in (ROOT / CACHE, Path(tempfile.gettempdir()) / "tightrope-numba"):
        folder = base / source_hash()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable"
            probe.touch()
            probe.unlink(missing_ok=True)
        except OSError:
            continue
        return folder
    return Path(tempfile.mkdtemp(prefix="tightrope-numba-"))


numba.config.CACHE_DIR = str(_cache_folder())  # type: ignore[attr-defined] # Numba makes it while it is imported


def compiled(rule):
    """Compile a rule or a loop; the result of the compiled function equals the plain one's to the last bit."""
    return njit(rule, cache=True, nogil=True, error_model="numpy")


def inlined(rule):
    """Compile a rule for use inside a loop only (no cache of its own)."""
    return njit(rule, nogil=True, error_model="numpy")
