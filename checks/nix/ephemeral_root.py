"""The root that is begun anew, on a real Btrfs: boot after boot, and cut off before each of its commands."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import on_loops
from lab.real_nix import Nix

INSIDE = Path(__file__).resolve().parent / "ephemeral_root_on_loops.py"
TOOLS = ["bash", "btrfs", "mkfs.btrfs", "losetup", "unshare"]


def boot(nix: Nix) -> list[str]:
    """Runs the evaluated script; whatever fails is said."""
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-root-") as folder:
        (Path(folder) / "root.json").write_text(json.dumps(nix.value("ephemeralRoot")))
        return on_loops.failures(TOOLS, INSIDE, Path(folder))


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One, of all of it."""
    yield "an-ephemeral-root-outlives-every-cut", lambda: boot(nix)
