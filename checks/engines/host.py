"""A host on a throw-away Btrfs: the planned layout, mounted as planned, and a Podman of its own."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lab.btrfs import GIB, Btrfs, scratch
from lab.process import ProgramFailed, attempt, run

from .image import ENGINES, Image, configure

# Old enough that a limit, which makes a volume a subvolume of its own, asks for no quotas.
OLD = {"kernel": "6.1", "btrfsProgs": "6.1"}


class Host:
    """The filesystem, the plans that are tried on it, and its containers."""

    def __init__(self, program: Path, folder: Path, filesystem: Btrfs, image: Image) -> None:
        self.program, self.folder, self.filesystem, self.image = program, folder, filesystem, image
        self.tank = folder / "tank"
        self.work = folder / "work"
        self.plans: dict[str, Path] = {}
        self.environment = configure(folder, folder / "store", Path("/run/engines"), image.ready())

    @property
    def snapshots(self) -> Path:
        """Where group snapshots are."""
        return self.tank / ".snapshots"

    def plan(self, name: str, workloads: Mapping[str, Any]) -> Path:
        """Plans a declaration; the first one is applied and mounted."""
        declared = {
            "host": OLD,
            "filesystems": {"tank": {"device": str(self.filesystem.device), "mountPoint": str(self.tank)}},
            "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}, "tool": "btrbk"}},
            "workloads": workloads,
        }
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(declared))
        run(self.program, "plan", file, "--out", self.folder / name)
        plan = self.folder / name / "plan.json"
        if not self.plans:
            run(self.program, "apply", plan, "--receipts", self.folder / "receipts", "--work-directory", self.work)
            for place, subvolume in ((self.tank, "@volumes"), (self.snapshots, "@snapshots")):
                place.mkdir(parents=True, exist_ok=True)
                run("mount", "-t", "btrfs", "-o", f"noatime,subvol=/{subvolume}", self.filesystem.device, place)
        self.plans[name] = plan
        return plan

    def podman(self, *arguments: str, timeout: float = 300) -> str:
        """Podman, which must succeed."""
        return run("podman", *arguments, env=self.environment, timeout=timeout)

    def start(self, name: str, *command: str, options: tuple[str, ...] = ()) -> None:
        """A container that goes on; privileged, because a cgroup with rules for devices is not to be had everywhere."""
        self.podman("run", "--detach", "--name", name, "--network=none", "--privileged", *options, self.image.name, *command)

    def inside(self, name: str, *command: str, stdin: str | None = None, options: tuple[str, ...] = ()) -> str:
        """A program in a container, which must succeed."""
        words = ("podman", "exec", *(["--interactive"] if stdin else []), *options, name, *command)
        return run(*words, env=self.environment, stdin=stdin)

    def talk(self, name: str, *command: str, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """A program in a container that is talked to."""
        words = ["podman", "exec", "--interactive", *options, name, *command]
        return subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment, text=True, bufsize=1
        )

    def wait(self, name: str, *command: str, options: tuple[str, ...] = (), seconds: float = 60) -> None:
        """Until a program in a container succeeds."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.inside(name, *command, options=options)
                return
            except ProgramFailed as why:
                if time.monotonic() > end:
                    logs = attempt("podman", "logs", name, env=self.environment)
                    raise AssertionError(f"{name} does not come up: {why}\n{logs.stdout}{logs.stderr}"[-4000:]) from why
                time.sleep(0.05)

    def remove(self, *names: str) -> None:
        """Containers that are there or not, at once."""
        self.podman("rm", "--force", "--time=0", "--ignore", *names)

    def image_identity(self) -> str:
        """What a snapshot says of the image of a container."""
        return "sha256:" + self.podman("image", "inspect", "--format={{.Id}}", self.image.name).strip().removeprefix("sha256:")

    def states(self) -> dict[str, str]:
        """What each container does."""
        listed = json.loads(self.podman("ps", "--all", "--format=json"))
        return {entry["Names"][0]: entry["State"] for entry in listed}

    def words(self, plan: str, copy: str, *more: str) -> list[str]:
        """The command that takes a group snapshot."""
        fixed = ["--work-directory", str(self.work), "--format=json"]
        return [str(self.program), "snapshot", str(self.plans[plan]), copy, *fixed, *more]

    def snapshot(self, plan: str, copy: str, *more: str) -> dict[str, Any]:
        """Takes one; what the command tells of it."""
        done = attempt(*self.words(plan, copy, *more), env=self.environment)
        assert done.returncode in (0, 1), f"exit {done.returncode}: {done.stdout}{done.stderr}"
        told = json.loads(done.stdout)
        assert isinstance(told, list) and len(told) == 1, told
        first: dict[str, Any] = told[0]
        return first

    def thaw(self) -> str:
        """Lets everything go on."""
        return run(self.program, "thaw", "--work-directory", self.work, env=self.environment)

    def delete(self, *subvolumes: Path) -> None:
        """Subvolumes that nobody needs any more."""
        if subvolumes:
            run("btrfs", "subvolume", "delete", *subvolumes)


def settle() -> None:
    """Waits for what conmon starts when a container has ended, which mounts the store once more."""

    def names() -> set[str]:
        found = set()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit():
                    found.add((entry / "comm").read_text().strip())
        return found

    end = time.monotonic() + 30
    # In a namespace of processes that has no others.
    while names() & {"podman", "conmon"} and time.monotonic() < end:
        time.sleep(0.05)


@contextmanager
def host(program: Path, folder: Path, image: Image = ENGINES) -> Iterator[Host]:
    """A host; what it ran ends with it."""
    folder.mkdir()
    # What Podman and crun keep of the running host is not this one's, nor that of the host before it.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    Path("/run/engines").mkdir()
    with scratch(folder, size=6 * GIB, label="tank") as filesystem:
        made = Host(program, folder, filesystem, image)
        try:
            yield made
        finally:
            attempt("podman", "rm", "--all", "--force", "--time=0", env=made.environment)
            settle()
            # Podman mounts it on itself, some commands once more.
            while attempt("umount", "-l", folder / "store" / "overlay").returncode == 0:
                pass
            for place in (made.snapshots, made.tank, made.work / "tank"):
                if os.path.ismount(place):
                    run("umount", "-R", place)
            run("umount", "-R", "-l", "/run")
