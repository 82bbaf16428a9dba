"""Runs a driver in mount and process namespaces of its own.

Whatever way the driver ends, its mounts, its loop devices and its processes end with it: the kernel cleans up,
not a handler that may never be called.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from .process import run

MARK = "PODMAN_BTRFS_ISOLATED"


def isolate() -> None:
    """Starts this program again inside its own namespaces; returns when already there."""
    if os.environ.pop(MARK, None) == "1":
        become_child_of_init()
        return
    unshare = shutil.which("unshare")
    if unshare is None:
        sys.exit("unshare is not installed (Debian package util-linux)")
    # The process group stays, so that Ctrl-C reaches the driver inside; it then says what it did so far.
    os.execve(
        unshare,
        [
            unshare,
            "--mount",
            "--propagation=private",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            sys.executable,
            *sys.argv,
        ],
        os.environ | {MARK: "1"},
    )


def become_child_of_init() -> None:
    """Leaves the first process of the namespace behind as its init and goes on in a child.

    Orphans end up with the first process. One that does not collect them makes Podman wait for a dead conmon.
    """
    driver = os.fork()
    if driver == 0:
        return
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The driver gets them too and ends in its own way; the namespace ends after it, with all that is left in it.
        signal.signal(signal_number, lambda number, _: os.kill(driver, number) if number != signal.SIGINT else None)
    while True:
        ended, status = os.wait()
        if ended == driver:
            sys.stdout.flush()
            os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def unify_cgroups() -> None:
    """Shows this namespace a plain cgroup v2 tree where the host has the old and the new one side by side.

    Container runtimes refuse the mixture, whatever cgroups they are asked to use. The host's view stays as it is.
    """
    tree = Path("/sys/fs/cgroup")
    if not (tree / "cgroup.controllers").exists():
        run("mount", "-t", "cgroup2", "cgroup2", tree)


def cover(place: Path, with_folder: Path) -> Path:
    """Puts an empty folder over one of the host's, in this namespace only."""
    with_folder.mkdir()
    run("mount", "--bind", with_folder, place)
    return place
