"""On a mount that does not discard, `fstrim` gives the blocks of deleted files back to the device."""

import os
from pathlib import Path

from lab.btrfs import MIB, sync
from lab.process import run
from proofs.bench import Bench

SIZE = 128 * MIB


def prove(bench: Bench) -> None:
    with bench.btrfs("--nodiscard") as filesystem:
        top = filesystem.mount("top", "nodiscard")
        image = filesystem.images[0]
        sync(top)
        empty = blocks(image)
        with (top / "file").open("wb") as opened:
            for _ in range(SIZE // (8 * MIB)):
                opened.write(os.urandom(8 * MIB))
        sync(top)
        (top / "file").unlink()
        sync(top)
        before = blocks(image) - empty
        run("fstrim", top)
        after = blocks(image) - empty
    bench.record(device_blocks_left_before_MiB=before // MIB, device_blocks_left_after_MiB=after // MIB)
    # Control: without it the device keeps what the filesystem has forgotten.
    assert before > SIZE // 2, f"before, the device held {before} bytes only"
    assert after < SIZE // 4, f"after, the device still held {after} bytes"


def blocks(image: Path) -> int:
    return image.stat().st_blocks * 512
