"""On a filesystem that is full of data, or whose metadata is, a file can be removed, one be truncated, and a snapshot be deleted; afterwards it can be written again."""

import os
import shutil
from pathlib import Path

from lab.btrfs import MIB, Btrfs, snapshot, subvolume, sync
from lab.fill import fill, fill_metadata, half_filled, takes_writes
from lab.process import attempt, run
from proofs.bench import Bench

# Files whose metadata a snapshot holds alone.
HELD = 300


def prove(bench: Bench) -> None:
    for name, filled in (("data", fill_data), ("metadata", fill_only_metadata)):
        with bench.btrfs("-m", "single", size=512 * MIB) as filesystem:
            top, held = prepared(filesystem)
            assert takes_writes(top), "it is full before it was filled"
            filled(top)
            refused = not takes_writes(top)
            (top / "source" / "removed").unlink()
            os.truncate(top / "source" / "truncated", 0)
            deleted = attempt("btrfs", "subvolume", "delete", "-c", held).returncode == 0
            run("btrfs", "subvolume", "sync", top)
            sync(top)
            again = takes_writes(top)
        bench.record(
            **{
                f"full of {name}: a file of 1000 bytes is refused": refused,
                f"full of {name}: a snapshot is deleted": deleted,
                f"full of {name}: a file is written afterwards": again,
            }
        )
        # Control: it was full, in the same way, before.
        assert refused, f"full of {name}, it was written to"
        assert deleted, f"full of {name}, no snapshot could be deleted"
        assert again, f"full of {name}, it refuses writes after the deletion"


def prepared(filesystem: Btrfs) -> tuple[Path, Path]:
    """A source and a snapshot that holds data and metadata alone."""
    top = filesystem.mount("top")
    source = subvolume(top / "source")
    (source / "held").mkdir()
    for number in range(HELD):
        (source / "held" / str(number)).touch()
        os.setxattr(source / "held" / str(number), "user.large", b"x" * 15_000)
    for name in ("data", "removed", "truncated"):
        (source / name).write_bytes(os.urandom(8 * MIB))
    sync(top)
    held = snapshot(source, top / "snapshot")
    shutil.rmtree(source / "held")
    (source / "data").unlink()
    sync(top)
    return top, held


def fill_data(top: Path) -> None:
    """Until not even a page of data fits."""
    fill(top)
    number = 0
    while takes_writes(top):
        try:
            with (top / f"page-{number}").open("wb") as file:
                file.write(os.urandom(4096))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            break
        number += 1
    sync(top)


def fill_only_metadata(top: Path) -> None:
    """Until no file can be made, though half of each chunk of data is free."""
    half_filled(top / "bulk")
    fill_metadata(top)
