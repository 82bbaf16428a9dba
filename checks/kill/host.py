"""A host on a throw-away Btrfs: its disks, its state, the program on it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.btrfs import MIB
from lab.loop import LoopDevice
from lab.process import ProgramFailed, run

SIZE = 320 * MIB


def workload(*volumes: str, **more: Any) -> dict[str, Any]:
    """One that is in the snapshots, with a container that mounts all of its volumes."""
    container = f"c-{volumes[0]}"
    declared = {name: {"mounts": {container: f"/{name}"}} for name in volumes}
    return {"containers": {container: {}}, "volumes": declared, "protection": {"policy": "hourly"}, **more}


BEFORE = {
    "shop": workload("uploads", "pgdata"),
    "old": workload("letters"),
    "notes": workload("files"),
}
# Renamed, removed, added, and one more volume beside one that is there.
AFTER = {
    "store": workload("uploads", "pgdata", renamedFrom="shop"),
    "notes": workload("files", "drafts"),
    "blog": workload("pages"),
}
# Where each file is before and after.
MOVED = {"@volumes/shop/": "@volumes/store/"}


def checksum(path: Path) -> str:
    """Of what is in a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class Image:
    """Disks of a host that holds data, and what is true of it."""

    program: Path
    folder: Path
    disks: list[Path]
    plan: Path
    files: dict[str, str]
    before: Path
    steps: int = 0
    seconds: float = 0.0

    def make_host(self) -> Host:
        """A host on copies of the disks."""
        return Host(self)

    def select(self, volume: str) -> None:
        """What is known of the run is known of this volume's; `apply` has none of its own."""

    @contextmanager
    def host(self) -> Iterator[Host]:
        """A host on copies of the disks."""
        host = self.make_host()
        try:
            yield host
        finally:
            host.end()


def plan_of(program: Path, folder: Path, name: str, workloads: dict[str, Any], device: Path) -> Path:
    """The plan of a declaration."""
    declared = {
        "filesystems": {"tank": {"device": str(device), "mountPoint": "/srv/tank"}},
        "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}, "tool": "btrbk"}},
        "workloads": workloads,
    }
    file = folder / f"{name}.json"
    file.write_text(json.dumps(declared))
    run(program, "plan", file, "--out", folder / name)
    return folder / name / "plan.json"


def disks_of(folder: Path, number: int) -> list[Path]:
    """The files of so many disks, with a filesystem on them that mirrors where there are several."""
    disks = [folder / f"base-{index}.img" for index in range(number)]
    for disk in disks:
        with disk.open("xb") as sparse:
            sparse.truncate(SIZE)
    run("mkfs.btrfs", "-q", *(["-d", "raid1", "-m", "raid1"] if number > 1 else []), *disks)
    return disks


def prepared(program: Path, parent: Path, number: int) -> Image:
    """A host that holds the first declaration and data in all of its volumes."""
    folder = parent / f"disks-{number}"
    folder.mkdir()
    disks, device = disks_of(folder, number), Path(f"/dev/{parent.name}")
    plans = {name: plan_of(program, folder, name, of, device) for name, of in (("before", BEFORE), ("after", AFTER))}
    image = Image(program, folder, disks, plans["before"], {}, plans["before"])
    host = Host(image, in_place=True)
    # What the host keeps of itself lies on the same disks, so that a power cut is one for it too.
    run("btrfs", "subvolume", "create", host.top / "@state")
    status, told = host.apply()
    assert status == 0, told
    chance = random.Random(1)
    for volume in ("shop/uploads", "shop/pgdata", "old/letters", "notes/files"):
        for index in range(4):
            file = host.top / "@volumes" / volume / f"file-{index}"
            file.write_bytes(chance.randbytes(chance.randrange(1, 200_000)))
            image.files[str(file.relative_to(host.top))] = checksum(file)
    for index in range(2):
        snapshot = host.top / "@snapshots" / f"shop.20261123T1{index}0000+0000"
        run("btrfs", "subvolume", "snapshot", "-r", host.top / "@volumes/shop", snapshot)
    host.end()
    image.plan = plans["after"]
    with image.host() as trial:
        image.steps, image.seconds = trial.measure()
    return image


class Run:
    """A run that goes on."""

    def __init__(self, words: list[str]) -> None:
        # In a process group of its own: halted, also the programs that it started stand still.
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
        )
        assert self.process.stdout is not None
        self.told = self.process.stdout

    def kill_after(self, steps: int) -> None:
        """Ends it when it has told so many steps."""
        self.hear(steps)
        self.kill()

    def kill_in(self, seconds: float) -> None:
        """Ends it after so long."""
        time.sleep(seconds)
        self.kill()

    def stop_after(self, steps: int) -> None:
        """Halts it when it has told so many steps."""
        self.hear(steps)
        self.signal(signal.SIGSTOP)

    def stop_in(self, seconds: float) -> None:
        """Halts it after so long."""
        time.sleep(seconds)
        self.signal(signal.SIGSTOP)

    def go_on_for(self, seconds: float) -> None:
        """Lets it go on for so long."""
        self.signal(signal.SIGCONT)
        self.stop_in(seconds)

    def signal(self, number: signal.Signals) -> None:
        """Sends it to all of the run, where it has not ended."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def hear(self, steps: int) -> None:
        """Reads so many lines, or all."""
        for _ in range(steps):
            if not self.told.readline():
                break

    def kill(self) -> None:
        """Ends it as nothing can prevent; programs that it started end by themselves."""
        self.process.kill()
        # One that was halted with it cannot end before it goes on.
        self.signal(signal.SIGCONT)
        self.process.wait()

    def gone(self) -> None:
        """Waits until also the programs that it started have ended, which they do with it, but not at once."""
        for _ in range(2000):
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.005)
        raise AssertionError("what a killed run started goes on")

    def to_the_end(self) -> tuple[int, str]:
        """Lets it go on; its exit status and what it told."""
        self.signal(signal.SIGCONT)
        told, _ = self.process.communicate(timeout=120)
        return self.process.returncode, told


class Host:
    """One host: disks, state and the filesystem's top level."""

    def __init__(self, image: Image, *, in_place: bool = False) -> None:
        self.image = image
        self.folder = image.folder / "host"
        self.folder.mkdir()
        self.work = self.folder / "work"
        self.disks = image.disks if in_place else [self.folder / disk.name for disk in image.disks]
        if not in_place:
            for base, disk in zip(image.disks, self.disks, strict=True):
                run("cp", "--sparse=always", base, disk)
        self.device = Path(f"/dev/{image.folder.parent.name}")
        self.loops: list[LoopDevice] = []
        self.run: Run | None = None
        self.attach()

    @property
    def top(self) -> Path:
        """The filesystem's top level."""
        return self.folder / "top"

    @property
    def state(self) -> Path:
        """What the host keeps of its runs."""
        return self.top / "@state" / "receipts"

    def attach(self) -> None:
        """Plugs the disks in, and mounts."""
        self.loops = [LoopDevice(disk) for disk in self.disks]
        self.device.unlink(missing_ok=True)
        self.device.symlink_to(self.loops[0].path)
        for loop in self.loops:
            run("btrfs", "device", "scan", loop.path)
        self.top.mkdir(exist_ok=True)
        run("mount", "-t", "btrfs", "-o", "subvolid=5", self.loops[0].path, self.top)

    def detach(self) -> None:
        """Unmounts whatever is mounted, and pulls the disks out."""
        if self.run is not None:
            self.run.gone()
        for place in (self.work / "tank", self.top):
            while os.path.ismount(place):
                run("umount", place)
        for loop in self.loops:
            loop.detach()
            with suppress(Exception):
                run("btrfs", "device", "scan", "--forget", loop.path)

    def end(self) -> None:
        """Takes the host away; the disks of the image stay."""
        if self.run is not None and self.run.process.poll() is None:
            self.run.kill()
        self.detach()
        self.device.unlink(missing_ok=True)
        shutil.rmtree(self.folder)

    def words(self, plan: Path) -> list[str]:
        """The command."""
        return [
            *(str(word) for word in (self.image.program, "apply", plan)),
            *("--receipts", str(self.state), "--work-directory", str(self.work)),
        ]

    def start(self, plan: Path | None = None) -> Run:
        """Begins a run, of the plan that the host gets where no other is named."""
        self.run = Run(self.words(plan or self.image.plan))
        return self.run

    def apply(self, plan: Path | None = None) -> tuple[int, str]:
        """A run to its end: exit status and what it told."""
        return self.start(plan).to_the_end()

    def measure(self) -> tuple[int, float]:
        """How many steps a whole run tells, and how long it takes."""
        begun = time.monotonic()
        status, told = self.apply()
        assert status == 0, told
        return len(told.splitlines()), time.monotonic() - begun

    def choose(self, number: int) -> int:
        """Chooses what the run of this number is about, which for each `apply` is the same; which of its own runs it is."""
        return number

    def complete(self) -> None:
        """The next run ends well."""
        status, told = self.apply()
        assert status == 0, told
        assert not (self.state / "running.jsonl").exists(), "the record of a run is left"

    def quiet(self) -> None:
        """One more run has nothing to do."""
        status, told = self.apply()
        steps = [line for line in told.splitlines()[:-1] if not line.startswith("already")]
        assert status == 0 and not steps, told

    def intact(self, *, rolled_back: bool = False) -> None:
        """Every file is where it belongs, and what it was; snapshots too."""
        for path, known in self.image.files.items():
            moved = path
            for old, new in () if rolled_back else MOVED.items():
                moved = moved.replace(old, new)
            file = self.top / moved
            assert file.is_file(), f"{moved} is gone"
            assert checksum(file) == known, f"{moved} is not what it was"
        for index in range(2):
            series = "shop" if rolled_back else "store"
            snapshot = self.top / "@snapshots" / f"{series}.20261123T1{index}0000+0000" / "uploads"
            assert len(list(snapshot.iterdir())) == 4, f"{snapshot} is not what it was"
        last = [*(self.top / "@snapshots/.podman-btrfs-last").glob("old.*/letters/file-*")]
        assert len(last) >= 4, f"no last snapshot of what was removed: {last}"

    def cut(self) -> None:
        """Keeps what is on the disks now; nothing that is only in memory is among it."""
        for disk in self.disks:
            run("cp", "--sparse=always", disk, disk.with_suffix(".cut"))

    def come_back(self) -> None:
        """Begins again from what was on the disks at the cut."""
        self.detach()
        for disk in self.disks:
            disk.with_suffix(".cut").rename(disk)
        self.attach()

    def fill(self) -> Path:
        """Writes until nothing fits any more."""
        ballast = self.top / "ballast"
        opened = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_DSYNC)
        for size in (MIB, 64 * 1024, 4096):
            with suppress(OSError):
                while True:
                    os.write(opened, os.urandom(size))
        os.close(opened)
        return ballast

    def sync(self) -> None:
        """Writes all of it to the disks."""
        run("btrfs", "filesystem", "sync", self.top)

    def take_away(self) -> None:
        """Makes the whole filesystem read-only, as soon as the halted run has no file open for writing."""
        while self.run is not None:
            try:
                run("mount", "-o", "remount,ro", self.top)
                return
            except ProgramFailed:
                self.run.go_on_for(0.002)

    def give_back(self) -> None:
        """Makes it writable again."""
        run("mount", "-o", "remount,rw", self.top)

    def damage(self, chance: random.Random) -> None:
        """Writes noise over the second disk, but not over what says which disk it is."""
        self.detach()
        with self.disks[1].open("r+b") as file:
            for _ in range(64):
                file.seek(chance.randrange(MIB, SIZE - MIB))
                file.write(chance.randbytes(64 * 1024))
        self.attach()
