"""Filling a filesystem until it refuses, and asking what is left."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from .btrfs import MIB
from .process import run


def fill(folder: Path, step: int = 16 * MIB) -> int:
    """Reserves files until nothing more fits, with ever smaller ones at the end; returns their bytes."""
    total, number = 0, 0
    while step >= MIB // 4:
        opened = os.open(folder / f"fill-{number}", os.O_CREAT | os.O_WRONLY)
        number += 1
        try:
            os.posix_fallocate(opened, 0, step)
            total += step
        except OSError as why:
            if why.errno != errno.ENOSPC:
                raise
            step //= 2
        finally:
            os.close(opened)
    return total


def unallocated(mounted: Path) -> list[int]:
    """Bytes of each device that belong to no chunk, in the order of the devices."""
    said = run("btrfs", "filesystem", "usage", "-b", mounted)
    part = said.split("Unallocated:")[1]
    return [int(number) for number in re.findall(r"^\s+/\S+\s+(\d+)$", part, re.MULTILINE)]


def space(mounted: Path) -> dict[str, tuple[int, int]]:
    """For Data, Metadata and System: bytes of the chunks, and how many of them are used."""
    said = run("btrfs", "filesystem", "df", "-b", mounted)
    found = re.findall(r"^(\w+), \w+: total=(\d+), used=(\d+)", said, re.MULTILINE)
    return {kind: (int(total), int(used)) for kind, total, used in found}
