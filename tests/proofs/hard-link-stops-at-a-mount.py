"""A hard link goes neither from one mount to another, of the same subvolume too, nor from one subvolume to another."""

import errno
import os
from pathlib import Path

from lab.btrfs import subvolume
from lab.process import run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        one, other = subvolume(top / "one"), subvolume(top / "other")
        bound = filesystem.mount("bound", subvolume="one")
        (one / "file").write_text("content")

        mounts = link(one / "file", bound / "link")
        subvolumes = link(one / "file", other / "link")
        # Control: inside one mount of one subvolume it goes, also from directory to directory.
        run("mkdir", one / "directory")
        inside = link(one / "file", one / "directory" / "link")

    bench.record(from_mount_to_mount=mounts, from_subvolume_to_subvolume=subvolumes, inside_one_mount=inside)
    assert mounts == "EXDEV", f"a link from mount to mount: {mounts}"
    assert subvolumes == "EXDEV", f"a link from subvolume to subvolume: {subvolumes}"
    assert inside == "linked", f"a link inside one mount: {inside}"


def link(source: Path, target: Path) -> str:
    """Links, or says which error the kernel gives."""
    try:
        os.link(source, target)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "linked"
