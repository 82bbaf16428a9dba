"""The cache folder: what is expensive to make and the same for every run."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache() -> Path:
    """$PODMAN_BTRFS_CACHE, else podman-btrfs under the user's cache folder."""
    chosen = os.environ.get("PODMAN_BTRFS_CACHE")
    if chosen:
        folder = Path(chosen)
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "podman-btrfs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One builder at a time; the others wait and then find the result. The lock dies with its process."""
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
