"""Defragmenting a file that a snapshot shares stores it a second time; without a snapshot it takes no more space."""

import os
import random
from pathlib import Path

from lab.btrfs import MIB, extents, snapshot, subvolume, sync
from lab.process import run
from proofs.bench import Bench

SIZE = 64 * MIB


def prove(bench: Bench) -> None:
    shared_before, shared_after, fragments = defragmented(bench, snapshotted=True)
    alone_before, alone_after, _ = defragmented(bench, snapshotted=False)
    bench.record(
        extents=f"{fragments[0]} → {fragments[1]}",
        data_with_snapshot_MiB=f"{shared_before // MIB} → {shared_after // MIB}",
        data_without_snapshot_MiB=f"{alone_before // MIB} → {alone_after // MIB}",
    )
    assert shared_after - shared_before > 0.8 * SIZE, f"with a snapshot it took {shared_after - shared_before} bytes more"
    # Control: what no snapshot shares is moved, not stored twice.
    assert alone_after - alone_before < 0.2 * SIZE, f"without a snapshot it took {alone_after - alone_before} bytes more"
    assert fragments[1] < fragments[0] / 4, f"nothing was defragmented: {fragments}"


def defragmented(bench: Bench, *, snapshotted: bool) -> tuple[int, int, tuple[int, int]]:
    """Bytes of data before and after, and the file's extents."""
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        data = subvolume(top / "data")
        file = data / "file"
        file.write_bytes(os.urandom(SIZE))
        sync(top)
        scatter(file)
        if snapshotted:
            snapshot(data, top / "kept")
        sync(top)
        before, pieces = used(top), len(extents(file))
        run("btrfs", "filesystem", "defragment", "-t", "32M", file)
        sync(top)
        sync(top)
        return before, used(top), (pieces, len(extents(file)))


def scatter(file: Path) -> None:
    """Small writes at random places, each in an extent of its own."""
    places = random.Random(1)
    with file.open("r+b", buffering=0) as opened:
        for number in range(3000):
            opened.seek(places.randrange(SIZE // 4096) * 4096)
            opened.write(os.urandom(4096))
            if number % 50 == 0:
                os.fsync(opened.fileno())


def used(top: Path) -> int:
    """Bytes of data given out."""
    for line in run("btrfs", "filesystem", "df", "--raw", top).splitlines():
        if line.startswith("Data"):
            return int(line.rsplit("used=", 1)[1])
    raise AssertionError("no line of data")
