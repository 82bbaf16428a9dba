"""Simple quotas limit what is written in a subvolume: EDQUOT at the limit, and a deleted file that a snapshot keeps still counts.

Simple quotas need Linux 6.7 and btrfs-progs 6.7; where the machine's own are older, those of the Debian root file
system are used.
"""

import errno
import os
import platform
import re
from pathlib import Path

from lab import rootfs
from lab.btrfs import MIB, snapshot, subvolume, sync
from lab.process import run
from proofs.bench import Bench, Skipped

LIMIT = 32 * MIB


def prove(bench: Bench) -> None:
    if version(platform.release()) < (6, 7):
        raise Skipped(f"simple quotas need Linux 6.7; this is {platform.release()}")
    btrfs = new_btrfs()
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        run(*btrfs, "quota", "enable", "--simple", top)
        limited, free = subvolume(top / "limited"), subvolume(top / "free")
        run(*btrfs, "qgroup", "limit", str(LIMIT), limited)

        written, error = fill(limited / "file", 2 * LIMIT)
        assert error == errno.EDQUOT, f"{written} bytes were written and the end was {error}, not EDQUOT"
        assert LIMIT * 0.9 <= written <= LIMIT, f"the limit of {LIMIT} took effect at {written}"
        # Control: the neighbour has no limit, and the filesystem is not just full.
        neighbour, error = fill(free / "file", 2 * LIMIT)
        assert (neighbour, error) == (2 * LIMIT, 0), f"the subvolume without a limit took {neighbour} bytes, error {error}"

        # What a snapshot shares stays on the account of who wrote it: deleting the file frees nothing.
        kept = snapshot(limited, top / "kept")
        (limited / "file").unlink()
        sync(top)
        again, error = fill(limited / "again", LIMIT)
        assert (kept / "file").stat().st_size == written, "the snapshot lost the file"
        bench.record(
            limit_MiB=LIMIT // MIB,
            written_before_EDQUOT_MiB=round(written / MIB, 1),
            written_after_deleting_a_file_that_a_snapshot_keeps_MiB=round(again / MIB, 1),
            progs=run(*btrfs, "--version").split("\n")[0],
        )
        assert error == errno.EDQUOT, "the space of a file that a snapshot keeps was given back"


def new_btrfs() -> list[str]:
    """A btrfs that knows simple quotas: this machine's, or the Debian root file system's with its own loader."""
    if version(run("btrfs", "--version")) >= (6, 7):
        return ["btrfs"]
    if why := rootfs.missing():
        raise Skipped(f"btrfs-progs 6.7 or newer is needed, and {why}")
    tree = rootfs.ready()
    loader = next((tree / "usr/lib").glob("*-linux-gnu*/ld-linux-*"))
    return [str(loader), "--library-path", str(loader.parent), str(tree / "usr/bin/btrfs")]


def version(text: str) -> tuple[int, int]:
    match = re.search(r"(\d+)\.(\d+)", text)
    assert match is not None, f"no version in {text!r}"
    return int(match[1]), int(match[2])


def fill(file: Path, size: int) -> tuple[int, int]:
    """Writes until the size is reached or an error comes; bytes that went through, and the error's number."""
    written = 0
    try:
        # At the limit not even an empty file can be made, so opening is part of the attempt.
        with file.open("wb", buffering=0) as opened:
            while written < size:
                written += opened.write(os.urandom(MIB))
                os.fsync(opened.fileno())
    except OSError as error:
        return written, error.errno or 0
    return written, 0
