"""A scrub finds damage that nobody reads: with a second copy it is healed, with one copy it is told by exit status 3."""

import os
from pathlib import Path

from lab.btrfs import Btrfs, drop_caches, find
from lab.process import attempt, run
from proofs.bench import Bench

RIGHT = os.urandom(16384)
WRONG = b"W" * 4096


def prove(bench: Bench) -> None:
    # Control: what is not damaged.
    with bench.btrfs("-d", "single", "-m", "dup") as filesystem:
        status, _ = scrub(filesystem, damaged=False)
        assert status == 0, f"a scrub of undamaged data ended with {status}"
    with bench.btrfs("-d", "single", "-m", "dup") as filesystem:
        single, healed = scrub(filesystem, damaged=True)
        assert not healed, "one copy was healed from nothing"
    with bench.btrfs("-d", "raid1", "-m", "raid1", devices=2) as filesystem:
        mirror, healed = scrub(filesystem, damaged=True)
        assert healed, "the second copy did not heal the first"
    bench.record(
        exit_status_undamaged=status,
        exit_status_one_copy=single,
        exit_status_two_copies=mirror,
        two_copies_healed=healed,
    )
    assert (single, mirror) == (3, 0), f"one copy ended with {single}, two with {mirror}"


def scrub(filesystem: Btrfs, *, damaged: bool) -> tuple[int, bool]:
    """The status of a scrub after one copy of a file was overwritten on the disk, and whether it is right again."""
    place = filesystem.mount("place")
    (place / "file").write_bytes(RIGHT)
    filesystem.unmount(place)
    image, byte = find(filesystem, RIGHT[:4096])[0]
    if damaged:
        with image.open("r+b") as opened:
            opened.seek(byte)
            opened.write(WRONG)
    drop_caches()
    place = filesystem.mount("place")
    status = attempt("btrfs", "scrub", "start", "-B", place).returncode
    run("btrfs", "filesystem", "sync", place)
    return status, content(image, byte) == RIGHT[:4096]


def content(image: Path, byte: int) -> bytes:
    with image.open("rb") as opened:
        opened.seek(byte)
        return opened.read(4096)
