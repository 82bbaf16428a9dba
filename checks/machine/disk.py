"""A machine's disk: an image file as a block device."""

from __future__ import annotations

from pathlib import Path

from lab.loop import LoopDevice


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
