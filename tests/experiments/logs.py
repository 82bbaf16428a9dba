"""Logs: lines added at the end and synced in batches."""

import os
from pathlib import Path

from experiments.work import read_cold, text, timed
from lab.btrfs import MIB

VOLUME = {"class": "logs", "mounts": {"app": "/var/log/app"}}
WRITES = "MiB/s"
READS = "MiB/s"
AMOUNT = 64
BATCH = 256 * 1024
LINES = [text(BATCH, number) for number in range(8)]


def prepare(place: Path) -> None:
    append(place, 8)


def phase(place: Path, number: int) -> float:
    return timed(AMOUNT, lambda: append(place, AMOUNT))


def read(place: Path) -> float:
    return read_cold([place / "app.log"])


def append(place: Path, amount: int) -> None:
    """So many MiB in batches of 256 KiB, each synced."""
    with (place / "app.log").open("ab", buffering=0) as opened:
        for number in range(amount * MIB // BATCH):
            opened.write(LINES[number % len(LINES)])
            os.fsync(opened)
