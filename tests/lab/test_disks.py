"""A store on a disk of another machine is recognised, and warned of once."""

from pathlib import Path

import pytest

from experiments.lab import disks
from experiments.lab.disks import network_disk
from experiments.lab.store import Store, open_results

TABLE = """\
overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
server:/export /shared nfs4 rw,vers=4.2 0 0
/dev/sda1 /shared/me/scratch ext4 rw 0 0
//server/share /mnt/with\\040space cifs rw 0 0
me@far:/data /mnt/far fuse.sshfs rw 0 0
10.0.0.1@tcp:/lustre /lustre lustre rw 0 0
host /mnt/9p 9p rw 0 0
host /over nfs rw 0 0
/dev/sdb1 /over xfs rw 0 0
a line that is none

portal /run/user/1000/doc fuse.portal rw 0 0
/dev/fuse /mnt/ntfs fuseblk rw 0 0
"""


@pytest.fixture
def mounts(tmp_path, monkeypatch):
    table = tmp_path / "mounts"
    table.write_text(TABLE)
    monkeypatch.setattr(disks, "MOUNTS", table)
    return table


@pytest.mark.parametrize(
    "file, disk",
    [
        ("/shared/me/results/sweep.sqlite", "nfs4 at /shared"),
        ("/shared/sweep.sqlite", "nfs4 at /shared"),
        ("/sharedless/sweep.sqlite", None),
        ("/shared/me/scratch/sweep.sqlite", None),
        ("/mnt/with space/sweep.sqlite", "cifs at /mnt/with space"),
        ("/mnt/far/a/b/sweep.sqlite", "fuse.sshfs at /mnt/far"),
        ("/lustre/sweep.sqlite", "lustre at /lustre"),
        ("/mnt/9p/sweep.sqlite", "9p at /mnt/9p"),
        ("/over/sweep.sqlite", None),
        ("/run/user/1000/doc/sweep.sqlite", None),
        ("/mnt/ntfs/sweep.sqlite", None),
        ("/var/sweep.sqlite", None),
    ],
)
def test_a_network_disk_is_known_by_the_nearest_mount(mounts, file, disk):
    assert network_disk(Path(file)) == disk


def test_where_there_is_no_table_nothing_is_known(mounts, tmp_path):
    mounts.unlink()
    assert network_disk(tmp_path / "sweep.sqlite") is None


def test_a_link_is_followed_to_the_disk_that_it_leads_to(mounts, tmp_path):
    (tmp_path / "results").symlink_to("/lustre")
    assert network_disk(tmp_path / "results" / "sweep.sqlite") == "lustre at /lustre"


def test_a_store_on_a_network_disk_is_used_and_warned_of_in_one_line_and_once(mounts, tmp_path, capsys):
    mounts.write_text(f"{TABLE}server:/results {tmp_path} nfs rw 0 0\n")
    for _ in range(2):
        with Store(tmp_path / "sweep.sqlite") as store:
            store.put("a", labels={}, outcome={"peak": 0.5}, status="done")
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"sweep.sqlite is on a network disk (nfs at {tmp_path}): SQLite's locks" in said
    assert "give --store or --results on a local disk" in said
    assert len(open_results(tmp_path / "sweep.sqlite")) == 1 and capsys.readouterr().err == ""
