"""Media: large files that no compression shrinks, written once and read from end to end."""

import os
from pathlib import Path

from experiments.work import read_cold, timed, write_out
from lab.btrfs import MIB

VOLUME = {"class": "media", "mounts": {"app": "/media"}}
WRITES = "MiB/s"
READS = "MiB/s"
FILE = 128


def prepare(place: Path) -> None:
    add(place / "before.mkv")


def phase(place: Path, number: int) -> float:
    return timed(FILE, lambda: add(place / f"{number}.mkv"))


def read(place: Path) -> float:
    return read_cold(sorted(place.glob("*.mkv")))


def add(file: Path) -> None:
    """128 MiB of noise."""
    with file.open("wb", buffering=0) as opened:
        for number in range(FILE // 8):
            opened.write(NOISE[number % 4])
    write_out(file)


NOISE = [os.urandom(8 * MIB) for _ in range(4)]
