"""The real btrbk, with its clock shifted, on real snapshots."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lab.btrfs import Btrfs, subvolume
from lab.process import run

from .model import ZONE, Policy
from .shifted import at
from .snapshots import snapshot


class RealBtrbk:
    """One configuration for several policies: a run of btrbk thins all of their series."""

    def __init__(self, filesystem: Btrfs, policies: list[Policy]) -> None:
        self.volumes = filesystem.mount("btrbk")
        self.snapshots = self.volumes / ".snapshots"
        self.snapshots.mkdir()
        lines = [f"lockfile {filesystem.folder}/lock", "transaction_log no", f"volume {self.volumes}"]
        for policy in policies:
            subvolume(self.volumes / policy.name)
            lines.append(f"  subvolume {policy.name}")
            # What our configuration says of all its subvolumes is said here of each.
            head = policy.configuration.split("\nvolume ")[0].splitlines()
            options = [line for line in head if line and not line.startswith(("#", "snapshot_dir "))]
            assert any(option.startswith("snapshot_preserve ") for option in options), policy.configuration
            lines += [f"    {option}" for option in [*options, "snapshot_dir .snapshots"]]
        self.file = filesystem.folder / "btrbk.conf"
        self.file.write_text("\n".join(lines) + "\n")

    def take(self, policy: Policy, moment: int) -> None:
        """A snapshot with the name that btrbk's `long-iso` gives it."""
        shown = datetime.fromtimestamp(moment, ZoneInfo(ZONE))
        snapshot(self.volumes / policy.name, self.snapshots, f"{policy.name}.{shown:%Y%m%dT%H%M%S%z}")

    def thin(self, moment: int) -> None:
        """btrbk's own pruning."""
        self.command(moment, "prune")

    def command(self, moment: int, *words: str) -> None:
        """A run of btrbk at a moment, in the zone."""
        run("btrbk", "-q", "-c", self.file, *words, env=at(moment))

    def kept(self, policy: Policy) -> list[int]:
        """The moments in the names of what is there."""
        names = (path.name for path in self.snapshots.iterdir())
        stamps = (name.removeprefix(f"{policy.name}.") for name in names if name.startswith(f"{policy.name}."))
        return sorted(int(datetime.strptime(stamp, "%Y%m%dT%H%M%S%z").timestamp()) for stamp in stamps)
