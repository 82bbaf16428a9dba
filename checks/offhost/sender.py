"""The host whose copies are sent: a plan, the btrbk configuration that it emits, and data that changes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

from lab.btrfs import subvolume
from lab.process import Argument, attempt, run
from retention.shifted import library

from .network import RECEIVER, Network
from .receiver import USER

# Seconds between two runs.
INTERVAL = 12 * 60 * 60


def declaration(tank: Path, target: Path) -> dict[str, Any]:
    """One workload in two subvolumes, kept for a few days here and longer there."""
    return {
        "filesystems": {"tank": {"device": "/dev/disk/by-uuid/a", "mountPoint": str(tank)}},
        "workloads": {
            "shop": {
                "volumes": {"data": {"class": "documents"}, "more": {"class": "documents", "limit": "1G"}},
                "protection": {"policy": "gold"},
            }
        },
        "policies": {"gold": {"tool": "btrbk", "rpo": "12h", "keep": {"daily": 3}, "targets": ["nas"]}},
        "targets": {"nas": {"url": f"ssh://{USER}@{RECEIVER}{target}", "keep": {"daily": 30}}},
    }


def digest(tree: Path) -> str:
    """Of everything in a tree: names, kinds, modes, owners, times, contents."""
    whole = hashlib.sha256()
    for path in sorted([tree, *tree.rglob("*")]):
        found = path.lstat()
        about = (str(path.relative_to(tree)), found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns)
        whole.update(repr(about).encode())
        if path.is_file() and not path.is_symlink():
            whole.update(path.read_bytes())
        elif path.is_symlink():
            whole.update(os.readlink(path).encode())
    return whole.hexdigest()


class Receiving(Protocol):
    """Where copies go: a directory, and the key that it is reached with."""

    own: Path
    identity: Path


class Sender:
    """A day at a time, each with its runs."""

    def __init__(
        self,
        program: Path,
        network: Network,
        receiver: Receiving,
        folder: Path,
        tank: Path,
        begins: int,
        declared: dict[str, Any] | None = None,
    ) -> None:
        self.program, self.network, self.folder, self.tank, self.now = program, network, folder, tank, begins
        self.snapshots = tank / ".snapshots"
        file = folder / "host.json"
        file.write_text(json.dumps(declared or declaration(tank, receiver.own)))
        run(program, "plan", file, "--out", folder / "planned")
        self.plan = folder / "planned" / "plan.json"
        job = json.loads(self.plan.read_text())["protection"]["jobs"][0]
        self.series = sorted(one["name"] for one in job["subvolumes"])
        assert len(self.series) == 2, f"two series were meant, the plan has {self.series}"
        # What NixOS' module adds: the key, and root's rights by sudo on the other side.
        emitted = (folder / "planned" / "btrbk" / f"{job['name']}.conf").read_text()
        more = f"ssh_identity {receiver.identity}\nbackend_remote btrfs-progs-sudo\nlockfile {folder}/lock\n"
        (folder / "btrbk").mkdir()
        self.configuration = folder / "btrbk" / f"{job['name']}.conf"
        self.configuration.write_text(emitted.replace("timestamp_format", more + "timestamp_format", 1))
        self.snapshots.mkdir()
        for one in job["subvolumes"]:
            place = subvolume(Path(one["hostPath"]))
            (place / "empty").mkdir()
            if place.name == "shop":
                # The volume whose place is in the workload's subvolume.
                (place / "data").mkdir()
            (place / "link").symlink_to("nowhere")
        self.digests: dict[str, str] = {}
        # Programs are told of another time, and the kernel is not: what it made now would have begun after the copies of the days that are played.
        run(program, "copies", self.plan, "--begin-anew", "shop", "--receipts", folder / "receipts")

    def environment(self) -> dict[str, str]:
        """It is this moment; what waits for a time waits for the real one."""
        shifted = {"TZ": "UTC", "LD_PRELOAD": str(library()), "FAKETIME_FMT": "%s", "FAKETIME": str(self.now)}
        return {**os.environ, **shifted, "DONT_FAKE_MONOTONIC": "1"}

    def change(self, size: int = 20_000) -> None:
        """Something new in each series, of this size in the first, and something gone."""
        for series in self.series:
            place = self.tank / series
            (place / f"new-{self.now}").write_bytes(os.urandom(size if series == self.series[0] else 20_000))
            (place / "counter").write_text(f"{self.now}\n")
            old = sorted(place.glob("new-*"))
            for path in old[:-2]:
                path.unlink()

    def start(self) -> subprocess.Popen[str]:
        """The run of this moment."""
        return self.network.start("sender", "btrbk", "-c", self.configuration, "run", env=self.environment())

    def run(self) -> tuple[int, str]:
        """The same to its end, and on to the next moment."""
        running = self.start()
        said, _ = running.communicate(timeout=120)
        self.note()
        self.now += INTERVAL
        return running.returncode, said

    def note(self) -> None:
        """What each snapshot holds, while it is here."""
        for path in self.snapshots.iterdir():
            if path.name not in self.digests and not path.name.startswith("."):
                self.digests[path.name] = digest(path)

    def stamp(self) -> str:
        """How this moment stands in names."""
        return f"{datetime.fromtimestamp(self.now, timezone.utc):%Y%m%dT%H%M%S%z}"

    def copies(self) -> tuple[dict[str, Any], list[str]]:
        """What our command says of the target, and the kinds of its findings."""
        words: list[Argument] = ["copies", self.plan, "nas", "--format", "json", "--btrbk", self.configuration.parent]
        done = attempt(
            *Network.inside("sender", self.program, *words, "--receipts", self.folder / "receipts"), env=self.environment()
        )
        assert done.returncode in (0, 1), f"copies: exit {done.returncode}: {done.stderr}"
        report: dict[str, Any] = json.loads(done.stdout)
        return report, [finding["kind"] for finding in report["findings"]]

    def fetch(self, name: str, into: Path, *more: str) -> subprocess.Popen[str]:
        """One copy comes back."""
        words: list[Argument] = ["copies", self.plan, "nas", "--fetch", name, "--into", into, "--btrbk", self.configuration.parent]
        receipts: list[Argument] = ["--receipts", self.folder / "receipts"]
        return self.network.start("sender", self.program, *words, *receipts, *more)
