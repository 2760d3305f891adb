"""Which kind of disk a file lies on: SQLite's locks, and its newest rows in memory, need one of this machine."""

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
"""Where the system says what is mounted where; without it (not Linux), nothing is known and nothing is said."""
NETWORK = re.compile(
    r"nfs\d*|cifs|smb\w*|9p|lustre|gpfs|beegfs\w*|ceph|afs|panfs|pvfs2|orangefs|glusterfs|davfs\d*|ncpfs|vboxsf"
    r"|fuse\.(sshfs|glusterfs\w*|ceph\w*|rclone|s3fs|davfs\d*|smb\w*|nfs\w*|beegfs\w*|gvfs\w*)"
)
"""Kinds of disks that belong to another machine."""


def network_disk(path: Path) -> str | None:
    """Return the kind and the place of the network disk on which a file lies or will lie, or None if it is local."""
    try:
        table = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    folder = path.resolve().parent
    nearest, kind = Path("/"), ""
    for line in table.splitlines():
        _, place, of, *_ = [*line.split(" "), "", "", ""]
        mount = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), place))
        # Of two in one place the later lies over the earlier.
        if place and (folder == mount or mount in folder.parents) and len(mount.parts) >= len(nearest.parts):
            nearest, kind = mount, of
    return f"{kind} at {nearest}" if NETWORK.fullmatch(kind) else None
