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


def half_filled(folder: Path) -> None:
    """Fills the filesystem with files, and removes every other one, so that chunks of data are half empty and none is."""
    folder.mkdir()
    fill(folder)
    run("btrfs", "filesystem", "sync", folder)
    for number in range(1, len(list(folder.iterdir())), 2):
        (folder / f"fill-{number}").unlink(missing_ok=True)
    run("btrfs", "filesystem", "sync", folder)


def fill_metadata(top: Path) -> None:
    """Files with attributes, large ones first, until no file can be made; everything is in chunks already."""
    for batch in range(64):
        try:
            (top / f"attributes-{batch}").mkdir()
            for number in range(2_000):
                file = top / f"attributes-{batch}" / str(number)
                file.touch()
                os.setxattr(file, "user.large", b"x" * (15_000 if batch < 3 else 500))
        except OSError as why:
            if why.errno != errno.ENOSPC:
                raise
        # What is freed in a transaction can be used after it.
        run("btrfs", "filesystem", "sync", top)
        if not takes_writes(top):
            return
    raise AssertionError("metadata never got full")


def takes_writes(folder: Path) -> bool:
    """Whether a file of a few bytes can be made, written and brought to the disk; it is removed again."""
    probe = folder / "probe"
    try:
        with probe.open("wb") as file:
            file.write(b"x" * 1000)
            file.flush()
            os.fsync(file.fileno())
        return True
    except OSError as why:
        if why.errno != errno.ENOSPC:
            raise
        return False
    finally:
        probe.unlink(missing_ok=True)


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
