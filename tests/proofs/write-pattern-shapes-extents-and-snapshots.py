"""Overwriting scatters a file and fills its snapshot with old blocks, appending does neither; the smallest files are metadata."""

import os
import random
from collections.abc import Callable
from pathlib import Path

from lab.btrfs import GIB, MIB, extents, snapshot, subvolume, sync
from proofs.bench import Bench

SIZE = 64 * MIB
BLOCK = 4096
BATCHES = 20
WRITES = 80
KIB = 1024
Place = Callable[[Path, random.Random], int]

# From <linux/fiemap.h>: the data lies in the metadata.
FIEMAP_EXTENT_DATA_INLINE = 0x200


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        overwritten, overwriting_took = change(top, "overwritten", at_random)
        appended, appending_took = change(top, "appended", at_the_end)
        small, large = top / "small", top / "large"
        small.write_bytes(os.urandom(KIB))
        large.write_bytes(os.urandom(64 * KIB))
        sync(top)
        inline = is_inline(small), is_inline(large)

    written = BATCHES * WRITES * BLOCK
    bench.record(
        writes_of_4_KiB=BATCHES * WRITES,
        extents_overwritten_at_random=len(overwritten),
        extents_appended=len(appended),
        snapshot_keeps_MiB_when_overwritten=round(overwriting_took / MIB, 1),
        snapshot_keeps_MiB_when_appended=round(max(appending_took - written, 0) / MIB, 1),
        file_of_1_KiB_in_metadata=inline[0],
        file_of_64_KiB_in_metadata=inline[1],
    )
    # Control: the same writes, as many at once, at the end of the file.
    assert len(overwritten) > 10 * len(appended), f"{len(overwritten)} extents overwritten, {len(appended)} appended"
    # Overwriting makes the file no longer, so all of what it takes is old blocks that the snapshot keeps.
    assert overwriting_took > written // 2, f"overwriting {written} bytes under a snapshot took {overwriting_took}"
    assert appending_took < written * 1.5, f"appending {written} bytes under a snapshot took {appending_took}"
    assert inline == (True, False), f"in the metadata: 1 KiB {inline[0]}, 64 KiB {inline[1]}"


def change(top: Path, name: str, place: Place) -> tuple[list[tuple[int, int, int]], int]:
    """Extents of a file after the writes, and what they took behind a snapshot."""
    folder = subvolume(top / name)
    file = folder / "data"
    file.write_bytes(os.urandom(SIZE))
    sync(folder)
    snapshot(folder, top / f"{name}-snapshot")
    before = used(top)
    places = random.Random(name)
    with file.open("r+b") as opened:
        for _ in range(BATCHES):
            for _ in range(WRITES):
                opened.seek(place(file, places))
                opened.write(os.urandom(BLOCK))
                opened.flush()
            sync(folder)
    return extents(file), used(top) - before


def at_random(file: Path, places: random.Random) -> int:
    """Anywhere in what was there at first."""
    return places.randrange(SIZE // BLOCK) * BLOCK


def at_the_end(file: Path, places: random.Random) -> int:
    """Behind what is there."""
    return file.stat().st_size


def is_inline(file: Path) -> bool:
    """True when the file's data lies in the metadata."""
    return any(flags & FIEMAP_EXTENT_DATA_INLINE for _, _, flags in extents(file))


def used(place: Path) -> int:
    """Bytes that are taken on the filesystem."""
    sync(place)
    numbers = os.statvfs(place)
    return (numbers.f_blocks - numbers.f_bfree) * numbers.f_frsize
