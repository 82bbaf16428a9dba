"""`autodefrag` leaves most of a large file that is overwritten at random scattered; defragmenting it does not."""

import os
import random
import time
from pathlib import Path

from lab.btrfs import MIB, extents, sync
from lab.process import run
from proofs.bench import Bench

SIZE = 48 * MIB
WRITES = 400


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top", "autodefrag", "commit=1")
        file = top / "file"
        file.write_bytes(os.urandom(SIZE))
        sync(top)
        scatter(file)
        sync(top)
        scattered = len(extents(file))
        # The work is done behind a commit that the kernel itself makes, so there is something to commit.
        for _ in range(6):
            (top / "touched").write_bytes(os.urandom(16))
            time.sleep(1.1)
        sync(top)
        after = len(extents(file))
        run("btrfs", "filesystem", "defragment", "-t", "32M", file)
        sync(top)
        defragmented = len(extents(file))
    bench.record(scattered=scattered, some_commits_later=after, after_defragmenting=defragmented)
    assert after > 0.4 * scattered, f"autodefrag brought {scattered} extents to {after}"
    # Control: the command does what the option does not.
    assert defragmented < scattered / 10, f"defragmenting brought {scattered} extents to {defragmented}"


def scatter(file: Path) -> None:
    """Small writes at random places."""
    places = random.Random(3)
    with file.open("r+b", buffering=0) as opened:
        for number in range(WRITES):
            opened.seek(places.randrange(SIZE // 4096) * 4096)
            opened.write(os.urandom(4096))
            if number % 20 == 0:
                os.fsync(opened.fileno())
