"""A snapshot takes as long for much data as for little; a copy takes as long as the data is large."""

import os
import shutil
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lab.btrfs import GIB, MIB, snapshot, subvolume, sync
from proofs.bench import Bench

LITTLE = 8 * MIB
MUCH = 128 * MIB
ROUNDS = 3


def prove(bench: Bench) -> None:
    snapshots: dict[int, list[float]] = {LITTLE: [], MUCH: []}
    copies: dict[int, list[float]] = {LITTLE: [], MUCH: []}
    with bench.btrfs(size=3 * GIB) as filesystem:
        top = filesystem.mount("top")
        for size in (LITTLE, MUCH):
            fill(subvolume(top / f"data-{size}"), size)
        for number in range(ROUNDS):
            for size in (LITTLE, MUCH):
                source = top / f"data-{size}"
                snapshots[size].append(timed(partial(snapshot, source, top / f"{source.name}-{number}")))
                copies[size].append(timed(partial(copy, source, top / "copy")))
                shutil.rmtree(top / "copy")
                sync(top)
    taken = {size: statistics.median(seconds) for size, seconds in snapshots.items()}
    copied = {size: statistics.median(seconds) for size, seconds in copies.items()}
    bench.record(
        snapshot_of_8_MiB_ms=round(taken[LITTLE] * 1000),
        snapshot_of_128_MiB_ms=round(taken[MUCH] * 1000),
        copy_of_8_MiB_ms=round(copied[LITTLE] * 1000),
        copy_of_128_MiB_ms=round(copied[MUCH] * 1000),
    )
    assert copied[MUCH] > 3 * copied[LITTLE], f"16 times the data took {copied} to copy: the measure is worthless"
    assert copied[MUCH] > 3 * taken[MUCH], f"a copy took {copied[MUCH]} s, a snapshot {taken[MUCH]} s"


def fill(folder: Path, size: int) -> None:
    for number in range(size // (4 * MIB)):
        (folder / f"file-{number}").write_bytes(os.urandom(4 * MIB))
    sync(folder)


def copy(source: Path, target: Path) -> None:
    """What rsync and cp do across filesystems: read everything, write everything, and have it on the disk."""
    target.mkdir()
    for file in source.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    sync(target)


def timed(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started
