"""With `discard=async` the blocks of a deleted file go back to the device within seconds; with `nodiscard` they do not."""

import os
import time
from pathlib import Path

from lab.btrfs import MIB, sync
from proofs.bench import Bench

SIZE = 128 * MIB
PATIENCE = 20.0


def prove(bench: Bench) -> None:
    given_back = kept(bench, "discard=async", wait_for=SIZE // 4)
    not_given_back = kept(bench, "nodiscard", wait_for=None)
    bench.record(
        device_blocks_left_with_discard_async_MiB=given_back // MIB,
        device_blocks_left_with_nodiscard_MiB=not_given_back // MIB,
    )
    assert given_back < SIZE // 4, f"after {PATIENCE:.0f} s the device still held {given_back} bytes"
    # Control: without the option the device keeps what the filesystem has forgotten.
    assert not_given_back > SIZE // 2, f"without discarding the device held {not_given_back} bytes only"


def kept(bench: Bench, option: str, wait_for: int | None) -> int:
    """What the image takes more than before, after a file came and went."""
    with bench.btrfs("--nodiscard") as filesystem:
        top = filesystem.mount("top", option)
        image = filesystem.images[0]
        sync(top)
        before = blocks(image)
        file = top / "file"
        with file.open("wb") as opened:
            for _ in range(SIZE // (8 * MIB)):
                opened.write(os.urandom(8 * MIB))
        sync(top)
        file.unlink()
        sync(top)
        end = time.monotonic() + (PATIENCE if wait_for is not None else 3.0)
        while time.monotonic() < end and (wait_for is None or blocks(image) - before >= wait_for):
            time.sleep(0.2)
        return blocks(image) - before


def blocks(image: Path) -> int:
    return image.stat().st_blocks * 512
