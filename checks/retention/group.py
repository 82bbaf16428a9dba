"""Snapshots that we take, pruned and sent by the real btrbk with the configuration that a plan emits for it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from lab.btrfs import Btrfs, subvolume
from lab.process import run

from .model import Policy
from .shifted import at
from .snapshots import snapshot

STAMP = "%Y%m%dT%H%M%S%z"


class GroupOfBtrbk:
    """The subvolumes of one group; each snapshot of it has one time in all names, in UTC."""

    def __init__(self, filesystem: Btrfs, volumes: Path, policy: Policy, series: list[str]) -> None:
        self.volumes = volumes
        self.series = series
        self.snapshots = volumes / ".snapshots"
        self.snapshots.mkdir()
        for name in series:
            subvolume(volumes / name)
        created = policy.configuration.count("snapshot_create no")
        assert created == len(series), f"btrbk is told {created} times to take none:\n{policy.configuration}"
        self.file = filesystem.folder / "btrbk.conf"
        head = f"lockfile {filesystem.folder}/lock\ntransaction_log no\n"
        self.file.write_text(head + policy.configuration)

    def send_to(self, declared: str, target: Path) -> None:
        """Another place for the target's."""
        text = self.file.read_text()
        assert declared in text, text
        self.file.write_text(text.replace(declared, str(target)))

    def take(self, moment: int) -> None:
        """A snapshot of each, with one time."""
        stamp = f"{datetime.fromtimestamp(moment, timezone.utc):{STAMP}}"
        for name in self.series:
            (self.volumes / name / "when").write_text(stamp)
            snapshot(self.volumes / name, self.snapshots, f"{name}.{stamp}")

    def run(self, moment: int) -> None:
        """A whole run of btrbk at a moment."""
        run("btrbk", "-q", "-c", self.file, "run", env=at(moment))

    @staticmethod
    def kept(folder: Path, name: str) -> list[int]:
        """The moments in the names of a series."""
        found = (path.name for path in folder.iterdir() if path.name.startswith(f"{name}."))
        return sorted(int(datetime.strptime(one.removeprefix(f"{name}."), STAMP).timestamp()) for one in found)
