"""What a proof is given: a folder, fresh filesystems, and a place for figures."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.btrfs import MIB, Btrfs, scratch
from lab.process import attempt

Figure = int | float | str | bool


class Skipped(Exception):
    """The machine cannot show it; the text says why."""


class Bench:
    """One experiment's workplace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.figures: dict[str, Figure] = {}

    @contextmanager
    def btrfs(
        self,
        *mkfs: str,
        size: int = 512 * MIB,
        devices: int = 1,
        sizes: Sequence[int] | None = None,
        label: str = "scratch",
    ) -> Iterator[Btrfs]:
        """A fresh filesystem, removed at the end of the block."""
        with scratch(
            Path(tempfile.mkdtemp(dir=self.folder)), *mkfs, size=size, devices=devices, sizes=sizes, label=label
        ) as filesystem:
            yield filesystem

    def record(self, **figures: Figure) -> None:
        """Keeps what was measured; a rule's page quotes it."""
        for name, value in figures.items():
            # A tool's message may name a file of this run.
            plain = re.sub(rf"{re.escape(str(self.folder))}[^ :]*/", "…/", value) if isinstance(value, str) else value
            self.figures[name.replace("_", " ")] = plain

    @staticmethod
    def need(program: str, package: str) -> None:
        """Skips the proof where a program is missing."""
        if attempt("sh", "-c", 'command -v -- "$1"', "sh", program).returncode != 0:
            raise Skipped(f"{program} is not installed (Debian package {package})")
