"""Deleting a subvolume returns at once, whatever is in it; removing the same files one by one takes many times as long."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from lab.btrfs import GIB, subvolume, sync
from lab.process import run
from proofs.bench import Bench

FILES = 5_000
RATIO = 3


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        dropped, removed = [], []
        # Turn by turn, so that whatever else runs on the machine meets both.
        for turn in range(3):
            cache = fill(subvolume(top / f"subvolume-{turn}"))
            dropped.append(taken(lambda cache=cache: run("btrfs", "subvolume", "delete", cache)))
            tree = fill(top / f"directory-{turn}")
            removed.append(taken(lambda tree=tree: shutil.rmtree(tree)))
        assert not any(top.iterdir()), "something is left"
        ratio = min(removed) / min(dropped)
        bench.record(files=FILES, times_as_fast_as_removing_them=round(ratio))
        assert ratio >= RATIO, f"deleting the subvolume is only {ratio:.1f} times as fast"


def fill(place: Path) -> Path:
    """What a build cache is: many small files."""
    place.mkdir(exist_ok=True)
    for number in range(FILES):
        (place / str(number)).write_bytes(b"x" * 100)
    sync(place)
    return place


def taken(work: Callable[[], object]) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin
