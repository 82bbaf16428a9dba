"""A directory and a subvolume beside each other are exchanged in one step, and what is open stays with what it was opened in."""

import ctypes
import os
from pathlib import Path

from lab.btrfs import is_subvolume, subvolume
from proofs.bench import Bench

# linux/fcntl.h, linux/fs.h
AT_FDCWD = -100
RENAME_EXCHANGE = 2


def exchange(one: Path, other: Path) -> int:
    """0, or the number of the error."""
    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
    return ctypes.get_errno() if failed else 0


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        volumes = subvolume(top / "@volumes")
        place, staging = volumes / "files", subvolume(volumes / "staging")
        place.mkdir()
        (place / "data").write_text("old")
        (staging / "data").write_text("new")
        with (place / "data").open("a") as still_open:
            assert exchange(place, staging) == 0, "a directory and a subvolume were not exchanged"
            still_open.write(", and written to afterwards")
        assert is_subvolume(place) and not is_subvolume(staging), "they have not changed places"
        assert (place / "data").read_text() == "new"
        assert (staging / "data").read_text() == "old, and written to afterwards", "what was open went elsewhere"
        bench.record(directory_and_subvolume_beside_each_other="exchanged")

        # Control: a directory does not leave its subvolume.
        group = subvolume(volumes / "group")
        (group / "inside").mkdir()
        refused = exchange(staging, group / "inside")
        bench.record(directories_of_two_subvolumes=os.strerror(refused))
        assert refused != 0, "directories of two subvolumes were exchanged: a move to a group's directory need not copy"
