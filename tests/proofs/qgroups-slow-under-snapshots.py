"""Classic qgroups make snapshots and rewriting under them several times slower; the same without accounting is the control."""

import time
from pathlib import Path
from statistics import median

from lab.btrfs import GIB, snapshot, subvolume, sync
from lab.process import run
from proofs.bench import Bench

FILES = 3000
SNAPSHOTS = 25
ROUNDS = 2


def prove(bench: Bench) -> None:
    ratios = []
    for _ in range(ROUNDS):
        without, counted = seconds(bench, qgroups=False), seconds(bench, qgroups=True)
        ratios.append(counted / without)
    bench.record(
        snapshots=SNAPSHOTS,
        times_slower_with_qgroups=f"{median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f} in {ROUNDS} rounds)",
    )
    assert median(ratios) >= 3, f"with qgroups it took {median(ratios):.1f} times as long"


def seconds(bench: Bench, *, qgroups: bool) -> float:
    """How long a row of snapshots takes, with some files rewritten between them."""
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        data = subvolume(top / "data")
        for number in range(FILES):
            (data / f"{number}").write_bytes(number.to_bytes(4, "big") * 1024)
        sync(top)
        if qgroups:
            run("btrfs", "quota", "enable", top)
            run("btrfs", "quota", "rescan", "-w", top)
        started = time.monotonic()
        for number in range(SNAPSHOTS):
            rewrite(data, number)
            snapshot(data, top / f"kept-{number}")
        sync(top)
        return time.monotonic() - started


def rewrite(data: Path, number: int) -> None:
    """A few files, so that each snapshot differs."""
    for chosen in range(number, FILES, FILES // 20):
        (data / f"{chosen}").write_bytes(number.to_bytes(4, "big") * 1024)
