"""The host that sent is lost; a new one with an empty disk gets everything back over the same wire."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from lab.btrfs import Btrfs, unmount_what_is_left
from lab.process import Argument, run

from .receiver import Receiver
from .sender import Sender, declaration, digest


class NewHost:
    """The same declaration on another disk, with no record of anything."""

    def __init__(self, sender: Sender, receiver: Receiver, disk: Btrfs, folder: Path) -> None:
        self.sender, self.folder, self.top = sender, folder / "new-host", disk.mount("new-host")
        self.folder.mkdir()
        declared = declaration(self.folder / "tank", receiver.own)
        declared["filesystems"]["tank"]["device"] = str(disk.device)
        # Whatever the tools here are: no simple quotas, which they may not have.
        declared["host"] = {"btrfsProgs": "6.2"}
        file = self.folder / "host.json"
        file.write_text(json.dumps(declared))
        run(sender.program, "plan", file, "--out", self.folder / "planned")
        run(sender.program, "apply", *self.own())

    def own(self) -> list[Argument]:
        """The plan, and where this host writes."""
        places: list[Argument] = ["--receipts", self.folder / "receipts", "--work-directory", self.folder / "work"]
        return [self.folder / "planned" / "plan.json", *places]

    def recover(self, *more: str) -> subprocess.Popen[str]:
        """The command on the sender's side of the wire, with the key that the lost host had."""
        words: list[Argument] = ["recover", *self.own(), "--from", "nas", "--btrbk", self.sender.configuration.parent]
        return self.sender.network.start("sender", self.sender.program, *words, *more, env=self.sender.environment())

    def digests(self) -> list[str]:
        """Of each series, in order."""
        return [digest(self.top / "@volumes" / series) for series in self.sender.series]


def recovered(sender: Sender, receiver: Receiver, disk: Btrfs, folder: Path) -> str:
    """It is killed while it receives, and completed by the same command; what came is byte for byte the newest copies."""
    host = NewHost(sender, receiver, disk, folder)
    running = host.recover()
    snapshots = host.top / "@snapshots"
    ends = time.monotonic() + 60
    while not any(snapshots.glob("*/o*")) and not any(snapshots.glob("*/*new-*")):
        assert running.poll() is None and time.monotonic() < ends, f"it did not come: {running.communicate()[0]}"
        time.sleep(0.002)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=60)
    unmount_what_is_left(host.folder / "work")
    again = host.recover()
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 0 and "done: shop is back" in said, f"exit {again.returncode}: {said}"
    newest = [max(name for name in receiver.copies() if name.rsplit(".", 1)[0] == series) for series in sender.series]
    assert len({name.rsplit(".", 1)[1] for name in newest}) == 1, f"the newest copies are not of one time: {newest}"
    assert host.digests() == [sender.digests[name] for name in newest], f"{newest} came back as something else"
    left = sorted(path.name for path in snapshots.iterdir() if not path.name.startswith(".podman-btrfs-undo-"))
    assert left == sorted(newest), f"among the snapshots there is {left}"
    once_more = host.recover()
    said, _ = once_more.communicate(timeout=60)
    assert once_more.returncode == 0 and "was back already" in said, f"exit {once_more.returncode}: {said}"
    return f"a new host has {' and '.join(newest)} after a kill in the middle"

