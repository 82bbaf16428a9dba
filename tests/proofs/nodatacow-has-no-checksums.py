"""A nodatacow file has no checksums: a damaged block is returned as if it were right, and RAID1 cannot heal it.

A copy-on-write file on the same disks is the contrast: the read fails with EIO, or RAID1 returns and repairs the block.
"""

import errno
import os
from pathlib import Path

from lab.btrfs import Btrfs, drop_caches, find, sync
from lab.process import run
from proofs.bench import Bench

# One block each, found on the disk by its content; larger than what Btrfs would keep inline.
RIGHT = {name: os.urandom(16384) for name in ("copying", "nodatacow")}
WRONG = b"W" * 4096


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        place, _ = damage(filesystem, every_copy=True)
        copying, nodatacow = read(place / "copying"), read(place / "nodatacow")
    assert copying == errno.EIO, f"reading the damaged copy-on-write file gave {name(copying)}, not EIO"
    expected = WRONG + RIGHT["nodatacow"][4096:]
    assert nodatacow == expected, f"reading the damaged nodatacow file gave {name(nodatacow)}, not the wrong bytes"
    bench.record(one_disk_copy_on_write="EIO", one_disk_nodatacow="wrong bytes, no error")

    with bench.btrfs("-d", "raid1", "-m", "raid1", devices=2) as filesystem:
        place, damaged = damage(filesystem, every_copy=False)
        # RAID1 picks a copy by the reader's process id: one read alone could be lucky.
        reads = {which: [read(place / which) for _ in range(8)] for which in RIGHT}
        run("btrfs", "scrub", "start", "-B", place)
        sync(place)
        after = {which: still_damaged(*damaged[which]) for which in RIGHT}
    assert all(content == RIGHT["copying"] for content in reads["copying"]), "RAID1 returned a wrong block"
    assert not after["copying"], "neither reading nor a scrub repaired the copy-on-write block"
    assert after["nodatacow"], "the nodatacow block was repaired"
    wrong = sum(content != RIGHT["nodatacow"] for content in reads["nodatacow"])
    bench.record(
        raid1_copy_on_write="8 of 8 reads right, block repaired",
        raid1_nodatacow=f"{wrong} of 8 reads wrong, block wrong also after a scrub",
    )


def damage(filesystem: Btrfs, *, every_copy: bool) -> tuple[Path, dict[str, tuple[Path, int]]]:
    """Writes a copy-on-write and a nodatacow file and overwrites their first block on the unmounted disk."""
    place = filesystem.mount("place")
    for which, content in RIGHT.items():
        (place / which).touch()
        if which == "nodatacow":
            run("chattr", "+C", place / which)
        (place / which).write_bytes(content)
    filesystem.unmount(place)
    first = {}
    for which, content in RIGHT.items():
        copies = find(filesystem, content[:4096])
        assert len(copies) == len(filesystem.images), f"{len(copies)} copies of {which} on {len(filesystem.images)} disks"
        for image, byte in copies if every_copy else copies[:1]:
            with image.open("r+b") as opened:
                opened.seek(byte)
                opened.write(WRONG)
        first[which] = copies[0]
    drop_caches()
    return filesystem.mount("place"), first


def read(file: Path) -> bytes | int:
    """The content as the device has it, or the error number."""
    drop_caches()
    pid = os.fork()
    if pid == 0:
        # A process of its own: RAID1 picks the copy by the reader's process id.
        try:
            file.with_name("read").write_bytes(file.read_bytes())
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or 1)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status or file.with_name("read").read_bytes()


def still_damaged(image: Path, byte: int) -> bool:
    """Whether the disk still holds the wrong block."""
    with image.open("rb") as opened:
        opened.seek(byte)
        return opened.read(4096) == WRONG


def name(outcome: bytes | int) -> str:
    if isinstance(outcome, int):
        return errno.errorcode.get(outcome, str(outcome))
    return "the right bytes" if outcome in RIGHT.values() else "wrong bytes"
