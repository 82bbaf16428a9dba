"""One device, filled anew for each arm: ext4, Btrfs as it comes, and Btrfs as planned."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.btrfs import MIB, extents, snapshot, subvolume, sync
from lab.loop import LoopDevice
from lab.process import run


@dataclass(frozen=True)
class Attributes:
    """What a plan gives a volume and its filesystem."""

    mount_options: tuple[str, ...] = ()
    copy_on_write: bool = True
    compression: str | None = None
    # What the plan was made from; empty for what nobody planned.
    declaration: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Arm:
    """One way to hold the same data."""

    name: str
    filesystem: str
    snapshots: bool = False
    attributes: Attributes = field(default_factory=Attributes)


class Device:
    """A preallocated image as a block device; its blocks are written before anything is measured."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        image = folder / "experiments.img"
        with image.open("wb") as file:
            for _ in range(size // (64 * MIB)):
                file.write(bytes(64 * MIB))
            os.fsync(file.fileno())
        self.loop = LoopDevice(image, direct=True)

    @contextmanager
    def hold(self, arm: Arm) -> Iterator[Place]:
        """The device freshly made for an arm, mounted, with the directory that the work is done in."""
        mount_point = self.folder / "mnt"
        mount_point.mkdir(exist_ok=True)
        device = self.loop.path
        # Discarding would punch holes into the image, which no disk has.
        if arm.filesystem == "ext4":
            run("mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0", device)
        else:
            run("mkfs.btrfs", "-q", "-f", "-K", device)
        options = [option for option in arm.attributes.mount_options if not option.startswith("discard")]
        run("mount", "-t", arm.filesystem, *(["-o", ",".join(options)] if options else []), device, mount_point)
        try:
            yield Place(arm, mount_point)
        finally:
            run("umount", mount_point)

    def remove(self) -> None:
        """Gives the space back."""
        self.loop.detach()
        self.loop.file.unlink()


class Place:
    """The directory of one arm."""

    def __init__(self, arm: Arm, mount_point: Path) -> None:
        self.arm = arm
        self.mount_point = mount_point
        self.taken = 0
        self.data = mount_point / "data"
        if arm.filesystem == "ext4":
            self.data.mkdir()
            return
        subvolume(self.data)
        if not arm.attributes.copy_on_write:
            run("chattr", "+C", self.data)
        elif arm.attributes.compression:
            run("btrfs", "property", "set", self.data, "compression", arm.attributes.compression)

    def snapshot(self) -> None:
        """A snapshot, where this arm takes them."""
        if self.arm.snapshots:
            self.taken += 1
            snapshot(self.data, self.mount_point / f"snapshot-{self.taken}")

    def used(self) -> int:
        """Bytes that the filesystem has given out, metadata and snapshots included."""
        if self.arm.filesystem == "ext4":
            os.sync()
        else:
            sync(self.mount_point)
        found = os.statvfs(self.mount_point)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    def extents(self) -> int:
        """Extents of the files that the work is done in."""
        files = [path for path in self.data.rglob("*") if path.is_file() and path.stat().st_size]
        return sum(len(extents(path)) for path in files[:2000])
