"""The program that the drivers try."""

from __future__ import annotations

import os
from pathlib import Path

from .process import run

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def helper() -> Path:
    """The program: given, or built."""
    if given := os.environ.get("PODMAN_BTRFS"):
        return Path(given).resolve()
    manifest = REPOSITORY / "Cargo.toml"
    run("cargo", "build", "--locked", "--quiet", "--manifest-path", manifest, "--bin", "podman-btrfs", timeout=None)
    return REPOSITORY / "target/debug/podman-btrfs"
