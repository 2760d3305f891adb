"""How much memory a process has held."""

import sys
from pathlib import Path


def most_memory() -> float:
    """Return the most memory that this process has held [GB]."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage, this knows nothing of the parent
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024 / 1e9
    import resource  # not everywhere

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
