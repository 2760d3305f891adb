"""Ctrl-C before a command has begun: while it imports what it needs, it ends with code 130 and without a word.

Imported first by every question. Meanwhile no garbage is looked for either: what is imported is none, and looking is a
fifth of the time. Where the project is a library, in a notebook, a test or a thread of a worker, it changes nothing.
"""

import gc
import os
import signal
import sys
import threading
from typing import Any, NoReturn


def leave(_number: int, _frame: Any) -> NoReturn:
    """End the process at once, as a shell expects of one that was interrupted.

    An exception would not do: a module in C that is just being made turns it into an error of its own. Nothing has
    begun yet, so nothing is lost.
    """
    os._exit(130)


def begin() -> None:
    """Look for garbage from now on, if it was not looked for, but never through what was imported until now."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


_command = sys.modules["__main__"].__spec__
_main_thread = threading.current_thread() is threading.main_thread()
if _command is not None and _command.name.startswith("experiments.") and _main_thread:
    signal.signal(signal.SIGINT, leave)
    gc.disable()
