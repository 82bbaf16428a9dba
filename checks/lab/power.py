"""What a power cut leaves of disks that are image files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from .btrfs import Btrfs
from .loop import LoopDevice

# Where Btrfs keeps its superblock and its second copy.
SUPERBLOCKS = (0x10000, 0x4000000)
BLOCK = 4096


def superblocks(image: Path) -> list[bytes]:
    """What tells one committed state from the next."""
    with image.open("rb") as file:
        return [os.pread(file.fileno(), BLOCK, place) for place in SUPERBLOCKS]


def as_after_power_cut(images: Sequence[Path]) -> list[Path]:
    """Copies the images while they are in use.

    A commit or a synced log writes a superblock last, and nothing that a superblock refers to is overwritten before
    the next one. So copies during which the superblocks stayed the same are a state that a power cut could leave.
    """
    targets = [image.with_suffix(".cut") for image in images]
    for _ in range(100):
        before = [superblocks(image) for image in images]
        for image, target in zip(images, targets, strict=True):
            copy_sparse(image, target)
        if [superblocks(image) for image in images] == before:
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


def left(filesystem: Btrfs, cut: Path) -> None:
    """Unmounts a filesystem of one disk, on which there is then only what was there at the cut."""
    filesystem.unmount()
    filesystem.loops[0].detach()
    cut.rename(filesystem.images[0])
    filesystem.loops[0] = LoopDevice(filesystem.images[0])
