"""A nodatacow file in a snapshotted subvolume is copied on write again: each snapshot adds extents where there were few."""

import os
import random
from pathlib import Path

from lab.btrfs import GIB, MIB, extents, snapshot, subvolume, sync
from lab.process import run
from proofs.bench import Bench

SIZE = 64 * MIB
WRITES = 400


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        snapshotted = database(top / "snapshotted")
        left_alone = database(top / "left-alone")
        before = len(extents(snapshotted)), len(extents(left_alone))

        for number in range(3):
            snapshot(snapshotted.parent, top / f"snapshot-{number}")
            for file in (snapshotted, left_alone):
                write_at_random(file, seed=number)
        after = len(extents(snapshotted)), len(extents(left_alone))

    bench.record(
        extents_before=before[0],
        extents_after_3_snapshots=after[0],
        extents_without_snapshots=f"{before[1]} → {after[1]}",
    )
    # Control: the same writes without a snapshot leave the file as it was.
    assert after[1] <= before[1] + 4, f"without snapshots the file went from {before[1]} to {after[1]} extents"
    assert after[0] > before[0] + 3 * WRITES, f"under snapshots the file went only from {before[0]} to {after[0]} extents"


def database(folder: Path) -> Path:
    """A nodatacow file, written once from start to end, in a subvolume of its own."""
    subvolume(folder)
    run("chattr", "+C", folder)
    file = folder / "data"
    file.write_bytes(os.urandom(SIZE))
    sync(folder)
    return file


def write_at_random(file: Path, seed: int) -> None:
    """What a database does between two snapshots: small writes at random places."""
    places = random.Random(seed)
    with file.open("r+b") as opened:
        for _ in range(WRITES):
            opened.seek(places.randrange(SIZE // 4096) * 4096)
            opened.write(os.urandom(4096))
    sync(file)
