"""Runs a driver in mount and process namespaces of its own.

Whatever way the driver ends, its mounts, its loop devices and its processes end with it: the kernel cleans up,
not a handler that may never be called.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .process import run

MARK = "PODMAN_BTRFS_ISOLATED"


def isolate() -> None:
    """Starts this program again inside its own namespaces; returns when already there."""
    if os.environ.pop(MARK, None) == "1":
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


def unify_cgroups() -> None:
    """Shows this namespace a plain cgroup v2 tree where the host has the old and the new one side by side.

    Container runtimes refuse the mixture, whatever cgroups they are asked to use. The host's view stays as it is.
    """
    tree = Path("/sys/fs/cgroup")
    if not (tree / "cgroup.controllers").exists():
        run("mount", "-t", "cgroup2", "cgroup2", tree)
