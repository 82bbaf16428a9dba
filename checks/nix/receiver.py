"""The receiving side on a real Btrfs: the real btrbk sends to it, and what else a sender could say is refused."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import on_loops
from lab.real_nix import Nix

INSIDE = Path(__file__).resolve().parent / "receiver_on_loops.py"
TOOLS = ["btrbk", "btrfs", "mkfs.btrfs", "losetup", "unshare", "getfattr", "gpg", "gpgconf", "zstd"]


def receive(nix: Nix) -> list[str]:
    """Sends, thins and attacks; whatever fails is said."""
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-receiver-") as folder:
        (Path(folder) / "receiver.json").write_text(json.dumps(nix.value("receiver")))
        return on_loops.failures(TOOLS, INSIDE, Path(folder))


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One, of all of it."""
    yield "btrbk-sends-to-a-receiver-that-does-nothing-else", lambda: receive(nix)
