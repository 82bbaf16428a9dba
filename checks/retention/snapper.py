"""The real snapper, with its clock shifted, on real snapshots."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

from lab.btrfs import Btrfs, subvolume
from lab.isolate import cover
from lab.process import run

from .model import Policy
from .shifted import at
from .snapshots import snapshot

# Of 0.10: what `snapper create` writes beside a snapshot. The check compares it with what this snapper writes.
INFO = """<?xml version="1.0"?>
<snapshot>
  <type>single</type>
  <num>{number}</num>
  <date>{date:%Y-%m-%d %H:%M:%S}</date>
  <description>timeline</description>
  <cleanup>timeline</cleanup>
</snapshot>
"""
DATE = re.compile(r"<date>(.*)</date>")


class RealSnapper:
    """A configuration for each policy. Only this process sees the folders that are covered."""

    def __init__(self, filesystem: Btrfs, policies: list[Policy]) -> None:
        self.volumes = filesystem.mount("snapper")
        configs = cover(Path("/etc/snapper"), filesystem.folder / "etc-snapper") / "configs"
        configs.mkdir()
        self.numbers: dict[str, int] = {}
        for policy in policies:
            subvolume(self.volumes / policy.name)
            subvolume(self.folder(policy))
            emitted = re.sub(r'SUBVOLUME=".*"', f'SUBVOLUME="{self.volumes / policy.name}"', policy.configuration)
            (configs / policy.name).write_text(emitted)
            self.numbers[policy.name] = 0
        known = cover(Path("/etc/default"), filesystem.folder / "etc-default") / "snapper"
        known.write_text(f'SNAPPER_CONFIGS="{" ".join(self.numbers)}"\n')

    def folder(self, policy: Policy) -> Path:
        """Where a policy's snapshots are."""
        return self.volumes / policy.name / ".snapshots"

    def take(self, policy: Policy, moment: int) -> None:
        """A snapshot; the first by snapper itself, and the others like it."""
        number = self.numbers[policy.name] = self.numbers[policy.name] + 1
        info = INFO.format(number=number, date=datetime.fromtimestamp(moment, timezone.utc))
        place = self.folder(policy) / str(number)
        if number == 1:
            words = ("create", "--description", "timeline", "--cleanup-algorithm", "timeline")
            run("snapper", "--no-dbus", "-c", policy.name, *words, env=at(moment))
            written = (place / "info.xml").read_text()
            assert written == info, f"this snapper writes of its snapshots what the check does not:\n{written}"
            return
        place.mkdir()
        snapshot(self.volumes / policy.name, place, "snapshot")
        (place / "info.xml").write_text(info)

    def thin(self, policy: Policy, moment: int) -> None:
        """snapper's own clean-up."""
        run("snapper", "--no-dbus", "-c", policy.name, "cleanup", "timeline", env=at(moment))

    def kept(self, policy: Policy) -> list[int]:
        """The moments in what snapper wrote of what is there."""
        found = []
        for place in self.folder(policy).iterdir():
            match = DATE.search((place / "info.xml").read_text())
            assert match is not None and (place / "snapshot").is_dir(), f"{place} is no snapshot"
            date = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
            found.append(int(date.timestamp()))
        return sorted(found)
