"""A machine's disk: an image file as a block device, and what a power cut leaves of it."""

from __future__ import annotations

import os
from pathlib import Path

from lab.loop import LoopDevice

# Where Btrfs keeps its superblock and its second copy.
SUPERBLOCKS = (0x10000, 0x4000000)
BLOCK = 4096


class Disk:
    """One disk; `appears` is the path of the device in the machine."""

    def __init__(self, image: Path, size: int, appears: str) -> None:
        self.image = image
        self.appears = appears
        with image.open("xb") as file:
            file.truncate(size)
        self.device = LoopDevice(image)

    def replace(self, image: Path) -> None:
        """Makes a copy the disk's content; the machine must be down."""
        self.device.detach()
        image.rename(self.image)
        self.device = LoopDevice(self.image)

    def remove(self) -> None:
        """Frees device and space."""
        self.device.detach()
        self.image.unlink(missing_ok=True)

    def superblocks(self) -> list[bytes]:
        """What tells one committed state from the next."""
        with self.image.open("rb") as file:
            return [os.pread(file.fileno(), BLOCK, place) for place in SUPERBLOCKS]


def as_after_power_cut(disks: list[Disk]) -> list[Path]:
    """Copies the images while they are in use.

    A commit or a synced log writes a superblock last, and nothing that a superblock refers to is overwritten before
    the next one. So copies during which the superblocks stayed the same are a state that a power cut could leave.
    """
    targets = [disk.image.with_suffix(".cut") for disk in disks]
    for _ in range(100):
        before = [disk.superblocks() for disk in disks]
        for disk, target in zip(disks, targets, strict=True):
            copy_sparse(disk.image, target)
        if [disk.superblocks() for disk in disks] == before:
            return targets
    raise RuntimeError("the disks are written to so much that no copy of them is consistent")


def copy_sparse(source: Path, target: Path) -> None:
    """Copies what is allocated only."""
    with source.open("rb") as read, target.open("wb") as written:
        size = os.fstat(read.fileno()).st_size
        written.truncate(size)
        place = 0
        while place < size:
            try:
                place = os.lseek(read.fileno(), place, os.SEEK_DATA)
            except OSError:
                return  # no data after this place
            end = os.lseek(read.fileno(), place, os.SEEK_HOLE)
            while place < end:
                piece = os.pread(read.fileno(), min(end - place, 1 << 20), place)
                if not piece:
                    return
                os.pwrite(written.fileno(), piece, place)
                place += len(piece)
