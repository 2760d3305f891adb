"""How many cores this process may use, which may be fewer than the machine has."""

import os
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def cores(workers: int | None = None) -> int:
    """Return how many processes to use: those asked for, or one for each core that this process may use."""
    if workers:
        return workers
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, int(quota(GROUPS, OWN) or allowed)))


def quota(groups: Path, own: Path) -> float | None:
    """Return how much processor time a container or a cluster's job is given [cores], or None if there is no limit.

    Control groups lie inside one another, and the tightest counts (``cpu.max`` of version 2: ``200000 100000`` is 2).
    """
    limits = []
    try:
        paths = [line.removeprefix("0::/").strip() for line in own.read_text().splitlines() if line.startswith("0::/")]
        for folder in (groups / paths[0], *(groups / paths[0]).parents) if paths else ():
            file = folder / "cpu.max"
            if folder.is_relative_to(groups) and file.is_file():
                most, period = file.read_text().split()
                limits += [int(most) / int(period)] if most != "max" else []
    except (OSError, ValueError):
        return None
    return min(limits, default=None)
