"""A snapshot holds a few KiB of metadata until its source changes, and far more behind a change; deleting it is quick, and the cleaner works afterwards."""

import fcntl
import os
import re
import struct
import time
from pathlib import Path

from lab.btrfs import GIB, subvolume, sync
from lab.process import run
from proofs.bench import Bench

SNAPSHOTS = 1000
CHANGES = 20
FILES = 500
# From <linux/btrfs.h>: BTRFS_IOC_SNAP_CREATE_V2, struct btrfs_ioctl_vol_args_v2, BTRFS_SUBVOL_RDONLY.
SNAP_CREATE_V2 = 0x50009417
VOL_ARGS_V2 = struct.Struct("=qQQ32x4040s")
READ_ONLY = 2


def prove(bench: Bench) -> None:
    with bench.btrfs("-m", "single", size=4 * GIB) as filesystem:
        top = filesystem.mount("top")
        source, kept = subvolume(top / "source"), subvolume(top / "kept")
        small_file = write_files(source)
        empty = empty_subvolumes(top)

        before = metadata(top)
        seconds = [take(source, kept, f"still-{number}") for number in range(SNAPSHOTS)]
        unchanged = (metadata(top) - before) / SNAPSHOTS
        # Control: behind each of these snapshots the source is changed, so each keeps a metadata of its own.
        before = metadata(top)
        for number in range(CHANGES):
            take(source, kept, f"changing-{number}")
            change(source, number)
        changed = (metadata(top) - before) / CHANGES

        started = time.monotonic()
        run("btrfs", "subvolume", "delete", *sorted(kept.iterdir()))
        deleted = time.monotonic() - started
        run("btrfs", "subvolume", "sync", top)
        cleaned = time.monotonic() - started
        left = metadata(top)

    seconds.sort()
    bench.record(
        snapshots=SNAPSHOTS,
        milliseconds_each_median=round(seconds[len(seconds) // 2] * 1000, 1),
        milliseconds_each_slowest_of_100=round(seconds[len(seconds) * 99 // 100] * 1000, 1),
        metadata_KiB_each_of_a_source_that_rests=round(unchanged / 1024, 1),
        metadata_KiB_each_behind_100_changed_files=round(changed / 1024, 1),
        metadata_KiB_of_an_empty_subvolume=round(empty / 1024, 1),
        metadata_bytes_of_a_1_KiB_file=round(small_file),
        seconds_to_delete_all=round(deleted, 1),
        seconds_until_the_cleaner_was_done=round(cleaned, 1),
    )
    assert unchanged < 40 * 1024, f"a snapshot of a source that rests holds {unchanged} bytes of metadata"
    assert changed > 3 * unchanged, f"a change behind a snapshot keeps {changed} bytes, none keeps {unchanged}"
    assert small_file > 1024, f"a file of 1 KiB takes {small_file} bytes of metadata: it is not in it"
    assert deleted < cleaned, "nothing was left for the cleaner"
    assert left < before, f"the cleaner left {left} bytes of metadata of {before}"


def write_files(folder: Path) -> float:
    """Fills the subvolume; what one small file takes of metadata."""
    before = metadata(folder)
    for number in range(FILES):
        (folder / f"file-{number:05}").write_bytes(os.urandom(1024))
    return (metadata(folder) - before) / FILES


def empty_subvolumes(top: Path) -> float:
    """What one empty subvolume takes of metadata."""
    before = metadata(top)
    for number in range(50):
        subvolume(top / f"empty-{number}")
    return (metadata(top) - before) / 50


def take(source: Path, folder: Path, name: str) -> float:
    """Takes one snapshot as btrfs-progs does, without starting a program; the seconds of the call."""
    of, at = os.open(source, os.O_RDONLY), os.open(folder, os.O_RDONLY)
    try:
        arguments = bytearray(VOL_ARGS_V2.pack(of, 0, READ_ONLY, name.encode()))
        started = time.monotonic()
        fcntl.ioctl(at, SNAP_CREATE_V2, arguments)
        return time.monotonic() - started
    finally:
        os.close(of)
        os.close(at)


def change(folder: Path, seed: int) -> None:
    """Rewrites 100 files that lie apart."""
    for number in range(seed % 20, FILES, FILES // 100):
        (folder / f"file-{number:05}").write_bytes(os.urandom(1024))


def metadata(place: Path) -> int:
    """Bytes of metadata in use."""
    sync(place)
    found = re.search(r"^Metadata,.*used=(\d+)", run("btrfs", "filesystem", "df", "-b", place), re.MULTILINE)
    assert found is not None
    return int(found[1])
