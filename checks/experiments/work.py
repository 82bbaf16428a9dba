"""Pieces that several experiments do: text that compresses, timing, reading cold."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from lab.btrfs import MIB, drop_caches

WORDS = (
    "the request for session user was answered in ms by upstream with status and bytes cache miss hit error warn info"
    " retry connection closed open volume snapshot container image pulled started stopped healthy timeout"
).split()


def text(size: int, seed: int) -> bytes:
    """Text as logs and documents have it: common words and numbers, which compress to about a quarter."""
    chosen = random.Random(seed)
    parts = (f"{chosen.choice(WORDS)} {chosen.randrange(1 << 30):x}" for _ in range(size // 8 + 1))
    return " ".join(parts).encode()[:size]


def timed(amount: float, action: Callable[[], object]) -> float:
    """An amount by the second of an action."""
    started = time.monotonic()
    action()
    return amount / (time.monotonic() - started)


def read_cold(files: list[Path]) -> float:
    """MiB a second, of files that no cache holds."""
    drop_caches()
    size = sum(path.stat().st_size for path in files)

    def read() -> None:
        for path in files:
            with path.open("rb", buffering=0) as opened:
                while opened.read(MIB):
                    pass

    return timed(size / MIB, read)


def write_out(path: Path) -> None:
    """Everything of the filesystem below a path to the device."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
        os.sync()
    finally:
        os.close(opened)
