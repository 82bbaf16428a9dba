"""Besides its own processes a running container costs one conmon with open files and inotify instances, and mounts on the host."""

import os
import time
from pathlib import Path

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman

CONTAINERS = 4


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        podman = Podman(bench, subvolume(filesystem.mount("top") / "store"), "overlay")
        podman.import_image({})
        before = mounts()
        podman("create", "--name", "stopped", "--network=none", "--cgroups=disabled", IMAGE, "true")
        created = mounts() - before
        for number in range(CONTAINERS):
            podman("run", "-d", "--name", f"c{number}", "--network=none", "--cgroups=disabled", IMAGE, "sleep", "600")
        try:
            mounted = (mounts() - before) / CONTAINERS
            monitors = [process for process in processes() if name(process) == "conmon"]
            files = [len(list((process / "fd").iterdir())) for process in monitors]
            inotify = sum(link == "anon_inode:inotify" for process in monitors for link in links(process))
            memory = [private_kib(process) for process in monitors]
        finally:
            podman("rm", "-fa", "-t", "0")
            wait_until_gone()
    bench.record(
        mounts_of_a_container_that_runs=mounted,
        mounts_of_a_container_that_was_only_created=created,
        conmon_processes=len(monitors) / CONTAINERS,
        open_files_of_conmon=max(files),
        inotify_instances_of_conmon=inotify / CONTAINERS,
        private_memory_of_conmon_KiB=max(memory),
    )
    assert len(monitors) == CONTAINERS, f"{CONTAINERS} containers have {len(monitors)} conmons"
    assert mounted >= 2, f"a running container has {mounted} mounts on the host"
    # Control: one that does not run has none.
    assert created == 0, f"a container that was only created has {created} mounts"


def wait_until_gone() -> None:
    """Each conmon ends with a clean-up of Podman's, which still uses the store."""
    end = time.monotonic() + 20
    while any(name(process) in ("conmon", "podman") for process in processes()) and time.monotonic() < end:
        time.sleep(0.1)


def mounts() -> int:
    return len(Path("/proc/self/mountinfo").read_text().splitlines())


def processes() -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdigit()]


def name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""


def links(process: Path) -> list[str]:
    return [os.readlink(link) for link in (process / "fd").iterdir()]


def private_kib(process: Path) -> int:
    lines = (process / "smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
