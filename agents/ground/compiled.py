"""Numba, with a cache that notices when a rule is edited.

Numba's own cache looks at the file of the compiled loop only, not at the rules that the loop calls. So the
cache lives in a folder named by a hash of all sources of the model and the agents: edit any rule, and the
next start compiles anew. What is loaded from there is code that is run, so the folder must be the user's own.

What is equal to the last bit: a compiled rule and the plain one, given Python's own numbers, where they only add,
subtract, multiply, divide, compare and take roots. ``exp``, ``log`` and powers come from a library of mathematics,
which is the same on one machine and may differ in the last bit on another. Sums over columns are NumPy's own, never
those of a processor's BLAS.

Not equal: whole loops with ``NUMBA_DISABLE_JIT=1``, a hundred times slower and meant for a debugger. They read columns
of single precision; NumPy goes on in single precision and Numba in double, so that two histories part in the seventh
digit and, once a die falls close, in more.
"""

import os
import stat
import tempfile
from pathlib import Path

import numba
import numpy as np
from numba import njit

from agents.ground.sources import ROOT, source_hash

CACHE = ".numba_cache"


def _cache_folder() -> Path:
    """Return this source's cache folder, in the project, or in the user's own cache; else a fresh private one."""
    for base in (lambda: ROOT / CACHE, _users_cache):
        try:
            folder = own_folder(own_folder(base()) / source_hash()[:16])
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except (OSError, RuntimeError):
            continue
    return Path(tempfile.mkdtemp(prefix="tightrope-numba-"))


def _users_cache() -> Path:
    """Return a folder where this user's programs keep what can be made again."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache.mkdir(parents=True, exist_ok=True)
    return cache / "tightrope-numba"


def own_folder(folder: Path) -> Path:
    """Return a folder in which this user alone writes, made if it is missing.

    Raises:
        PermissionError: if it is a link, somebody else's, or others may write there.
    """
    folder.mkdir(exist_ok=True, mode=0o700)
    seen = folder.lstat()
    others = hasattr(os, "getuid") and (seen.st_uid != os.getuid() or seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    if others or not stat.S_ISDIR(seen.st_mode):
        raise PermissionError(f"{folder} is not this user's alone")
    return folder


numba.config.CACHE_DIR = str(_cache_folder())


def compiled(rule):
    """Compile a rule or a loop (see the top of this file for what is equal to the last bit)."""
    return _as_compiled(njit(rule, cache=True, nogil=True, error_model="numpy"))


def inlined(rule):
    """Compile a rule for use inside a loop only (no cache of its own)."""
    return _as_compiled(njit(rule, nogil=True, error_model="numpy"))


def _as_compiled(rule):
    """Return a rule as Numba left it; if it is plain, whole numbers wrap and zero divides without a warning, too."""
    return np.errstate(all="ignore")(rule) if numba.config.DISABLE_JIT else rule
