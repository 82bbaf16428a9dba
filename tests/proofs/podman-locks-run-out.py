"""Each container and each named volume holds one of `num_locks` locks; when all are taken the next is refused, and the number cannot be changed under a running host."""

import re
from pathlib import Path

from lab.btrfs import GIB, subvolume
from lab.process import ProgramFailed, run
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman

# Podman rounds the number up to a multiple of 32.
LOCKS = 32


def prove(bench: Bench) -> None:
    # The locks are in shared memory under a name of Podman's: this proof has a memory of its own.
    run("mount", "-t", "tmpfs", "tmpfs", "/dev/shm")
    try:
        with bench.btrfs(size=GIB) as filesystem:
            store = subvolume(filesystem.mount("top") / "store")
            podman = Podman(bench, store, "overlay")
            set_locks(podman, LOCKS)
            podman.import_image({})
            measure(bench, podman)
    finally:
        run("umount", "-l", "/dev/shm")


def measure(bench: Bench, podman: Podman) -> None:
    for number in range(LOCKS - 2):
        create(podman, f"container-{number}")
    podman("volume", "create", "one")
    podman("pod", "create", "--infra=false", "--name", "pod")
    refused = refusal(podman, "one-too-many")
    assert "locks" in refused, f"a container more than there are locks ends in {refused!r}"
    # Control: what is removed gives its lock back.
    podman("volume", "rm", "one")
    create(podman, "one-too-many")

    set_locks(podman, 2 * LOCKS)
    changed = refusal(podman, "another")
    bench.record(num_locks=LOCKS, containers=LOCKS - 2, volumes=1, pods=1, one_more=refused, after_a_change=changed)
    assert "numerical result out of range" in changed, f"another number of locks ends in {changed!r}"
    # Control: after a boot the memory is empty, and the new number holds.
    Path("/dev/shm/libpod_lock").unlink()
    podman("system", "renumber")
    create(podman, "another")


def set_locks(podman: Podman, number: int) -> None:
    conf = podman.folder / "containers.conf"
    text = re.sub(r"num_locks = \d+\n", "", conf.read_text())
    conf.write_text(text.replace("[engine]\n", f"[engine]\nnum_locks = {number}\n"))


def create(podman: Podman, name: str) -> None:
    podman("create", "--name", name, "--network=none", "--cgroups=disabled", IMAGE, "true")


def refusal(podman: Podman, name: str) -> str:
    """What Podman says to one container more."""
    try:
        create(podman, name)
    except ProgramFailed as why:
        said = [line for line in str(why).splitlines() if "Error" in line]
        return said[-1].removeprefix("Error: ").strip() if said else str(why)
    raise AssertionError(f"container {name} was created")
