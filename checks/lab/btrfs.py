"""Throw-away Btrfs filesystems on loop devices, and the few questions that are asked of one."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .loop import LoopDevice
from .process import attempt, run

GIB = 1 << 30
MIB = 1 << 20

# From <linux/btrfs.h>, <linux/fs.h> and <linux/fiemap.h>.
FS_IOC_FIEMAP = 0xC020660B
FIEMAP_FLAG_SYNC = 1
FIEMAP_EXTENT_ENCODED = 0x8
FIEMAP_EXTENT_SHARED = 0x2000
FIEMAP_HEAD = struct.Struct("=QQIIII")
FIEMAP_EXTENT = struct.Struct("=QQQ2QI3I")


class Btrfs:
    """A filesystem in image files: its devices, and a place below which it is mounted."""

    def __init__(self, folder: Path, sizes: Sequence[int], mkfs: tuple[str, ...], label: str) -> None:
        self.folder = folder
        self.label = label
        self.loops: list[LoopDevice] = []
        for number, size in enumerate(sizes):
            image = folder / f"{label}-{number}.img"
            with image.open("xb") as file:
                file.truncate(size)
            self.loops.append(LoopDevice(image))
        run("mkfs.btrfs", "-q", "-L", label, *mkfs, *(loop.path for loop in self.loops))
        self._mounts: list[Path] = []

    @property
    def device(self) -> Path:
        """What a mount names; the others are found by the scan of mkfs."""
        return self.loops[0].path

    @property
    def images(self) -> list[Path]:
        """The files behind the devices."""
        return [loop.file for loop in self.loops]

    def mount(self, name: str, *options: str, subvolume: str | None = None) -> Path:
        """Mounts the filesystem, or one subvolume of it, under a name of the caller's."""
        place = self.folder / "mnt" / name
        place.mkdir(parents=True, exist_ok=True)
        chosen = [*options, *([f"subvol=/{subvolume}"] if subvolume is not None else [])]
        # The kernel frees a loop device's number for others late; the devices of one filesystem are named outright.
        chosen += [f"device={loop.path}" for loop in self.loops[1:]]
        run("mount", "-t", "btrfs", *(["-o", ",".join(chosen)] if chosen else []), self.device, place)
        self._mounts.append(place)
        return place

    def unmount(self, place: Path | None = None) -> None:
        """Unmounts one place, or everything, last first."""
        for mounted in [place] if place is not None else list(reversed(self._mounts)):
            run("umount", "-R", mounted)
            self._mounts.remove(mounted)

    def remove(self) -> None:
        """Unmounts everything and frees the devices and the space."""
        self.unmount()
        for loop in self.loops:
            loop.detach()
            loop.file.unlink(missing_ok=True)


@contextmanager
def scratch(
    folder: Path,
    *mkfs: str,
    size: int = 512 * MIB,
    devices: int = 1,
    sizes: Sequence[int] | None = None,
    label: str = "scratch",
) -> Iterator[Btrfs]:
    """A fresh filesystem for one experiment, on devices of one size or of `sizes`."""
    filesystem = Btrfs(folder, sizes or [size] * devices, mkfs, label)
    try:
        yield filesystem
    finally:
        filesystem.remove()


def subvolume(path: Path) -> Path:
    """Creates a subvolume."""
    run("btrfs", "subvolume", "create", path)
    return path


def snapshot(source: Path, target: Path, *, read_only: bool = True) -> Path:
    """Takes a snapshot."""
    run("btrfs", "subvolume", "snapshot", *(["-r"] if read_only else []), source, target)
    return target


def is_subvolume(path: Path) -> bool:
    """True for the root of a subvolume: its inode number is 256."""
    return path.stat().st_ino == 256


def options(mount_point: Path) -> set[str]:
    """The options of a mount as the kernel reports them, `compress=zstd:1` among them."""
    return set(run("findmnt", "-n", "-o", "OPTIONS", mount_point).strip().split(","))


def attributes(path: Path) -> str:
    """The letters that are set among lsattr's."""
    return run("lsattr", "-d", path).split()[0].replace("-", "")


def extents(path: Path) -> list[tuple[int, int, int]]:
    """Extents of a file: place on the filesystem, length, flags."""
    with path.open("rb") as file:
        found: list[tuple[int, int, int]] = []
        start = 0
        while True:
            room = 512
            buffer = bytearray(FIEMAP_HEAD.size + room * FIEMAP_EXTENT.size)
            FIEMAP_HEAD.pack_into(buffer, 0, start, (1 << 64) - 1 - start, FIEMAP_FLAG_SYNC, 0, room, 0)
            fcntl.ioctl(file, FS_IOC_FIEMAP, buffer)
            count = FIEMAP_HEAD.unpack_from(buffer)[3]
            for number in range(count):
                one = FIEMAP_EXTENT.unpack_from(buffer, FIEMAP_HEAD.size + number * FIEMAP_EXTENT.size)
                found.append((one[1], one[2], one[5]))
                start = one[0] + one[2]
            if count < room:
                return found


def is_compressed(path: Path) -> bool:
    """True when an extent of the file is stored encoded."""
    return any(flags & FIEMAP_EXTENT_ENCODED for _, _, flags in extents(path))


def is_shared(path: Path) -> bool:
    """True when every extent of the file is shared with another file."""
    found = extents(path)
    return bool(found) and all(flags & FIEMAP_EXTENT_SHARED for _, _, flags in found)


def find(filesystem: Btrfs, content: bytes) -> list[tuple[Path, int]]:
    """Image file and byte of each copy of some content that is there nowhere else."""
    found = []
    for image in filesystem.images:
        with image.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as bytes_of_image:
            place = bytes_of_image.find(content)
            while place >= 0:
                found.append((image, place))
                place = bytes_of_image.find(content, place + 1)
    return found


def unmount_what_is_left(folder: Path, patience: float = 20) -> None:
    """Unmounts what a killed program left mounted directly in a folder. What it had started ends a moment later, and holds its mount until then."""
    ends = time.monotonic() + patience
    for place in sorted(folder.glob("*/")):
        while place.is_mount() and attempt("umount", place).returncode != 0:
            assert time.monotonic() < ends, f"{place} is still in use"
            time.sleep(0.05)


def sync(path: Path) -> None:
    """Writes everything of the filesystem out and commits."""
    run("btrfs", "filesystem", "sync", path)


def drop_caches() -> None:
    """Makes the next read come from the device."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3\n")
