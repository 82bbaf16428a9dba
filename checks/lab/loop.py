"""Loop devices that the kernel releases when this process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from pathlib import Path

# From <linux/loop.h>.
LOOP_CTL_GET_FREE = 0x4C82
LOOP_CONFIGURE = 0x4C0A
LOOP_CLR_FD = 0x4C01
LO_FLAGS_AUTOCLEAR = 4
LO_FLAGS_DIRECT_IO = 16
LOOP_MAJOR = 7

# struct loop_config: fd, block_size, struct loop_info64 (232 bytes, its flags at byte 52), 64 bytes reserved.
LOOP_CONFIG = struct.Struct("=II 52x I 176x 64x")


class LoopDevice:
    """A file as a block device. The flag `autoclear` frees it when the last opener, which is us, is gone."""

    def __init__(self, file: Path, *, direct: bool = False) -> None:
        """With `direct` the file's own page cache is left out, as a disk has none."""
        self.file = file
        self._opened, self.path = _attach(file, LO_FLAGS_AUTOCLEAR | (LO_FLAGS_DIRECT_IO if direct else 0))

    def detach(self) -> None:
        """Frees the device now; still mounted, it is freed by the unmount."""
        if self._opened >= 0:
            os.close(self._opened)
            self._opened = -1


def _attach(file: Path, flags: int) -> tuple[int, Path]:
    direct = os.O_DIRECT if flags & LO_FLAGS_DIRECT_IO else 0
    backing = os.open(file, os.O_RDWR | os.O_CLOEXEC | direct)
    try:
        # Between asking for a free number and taking it another process may be quicker: then ask again.
        for _ in range(64):
            control = os.open("/dev/loop-control", os.O_RDWR | os.O_CLOEXEC)
            try:
                number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
            finally:
                os.close(control)
            path = Path(f"/dev/loop{number}")
            if not path.exists():
                os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(LOOP_MAJOR, number))
            device = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.ioctl(device, LOOP_CONFIGURE, LOOP_CONFIG.pack(backing, 0, flags))
            except OSError:
                os.close(device)
                continue
            return device, path
    finally:
        os.close(backing)
    raise OSError(f"no free loop device for {file}")
