"""The number that statvfs gives a subvolume stays from mount to mount and is no other subvolume's, and so tells directories apart."""

import os
from pathlib import Path

from lab.btrfs import subvolume
from lab.process import run
from proofs.bench import Bench


def number(path: Path) -> int:
    return os.statvfs(path).f_fsid


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        one, other = subvolume(top / "one"), subvolume(top / "other")
        (one / "inside").mkdir()
        run("btrfs", "subvolume", "snapshot", one, top / "snapshot")
        names = ["one", "other", "snapshot"]
        before = {name: number(top / name) for name in names}
        # Control: the number of the inode is the same for all of them, which alone would tell nothing.
        assert len({(top / name).stat().st_ino for name in names}) == 1, "control: roots of subvolumes have inodes of their own"
        assert len(set(before.values())) == len(names), f"two subvolumes have one number: {before}"
        assert number(one / "inside") == before["one"], "a directory has another number than its subvolume"
        filesystem.unmount(top)

        # Other mounts come first, in another order.
        first = filesystem.mount("first", subvolume="snapshot")
        top = filesystem.mount("top")
        after = {name: number(top / name) for name in names}
        assert after == before, f"the numbers changed with the mount: {before}, {after}"
        assert number(first) == before["snapshot"], "a mount of its own has another number"
        run("mv", other, top / "renamed")
        assert number(top / "renamed") == before["other"], "the number changed with the name"
        bench.record(subvolumes=len(names), numbers_that_stayed=len(names))
