"""A cgroup of a machine's own, in the namespace's plain cgroup v2 tree."""

from __future__ import annotations

import os
import time
from pathlib import Path

TREE = Path("/sys/fs/cgroup")
PREFIX = "podman-btrfs-machine-"


def make() -> Path:
    """A new cgroup below the one that this process is in; what killed drivers left behind goes first."""
    own = next(line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    parent = TREE / own.strip("/")
    for left in parent.glob(f"{PREFIX}*"):
        remove(left, patience=0)
    group = parent / f"{PREFIX}{os.urandom(4).hex()}"
    group.mkdir()
    return group


def enter(group: Path) -> None:
    """Moves this process there; for a child between fork and exec."""
    (group / "cgroup.procs").write_text("0")


def remove(group: Path, patience: float = 5) -> None:
    """Removes the cgroup with all below it; one that holds a process is in use by somebody and stays."""
    end = time.monotonic() + patience
    while group.exists():
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass
        if time.monotonic() >= end:
            return
        time.sleep(0.05)
