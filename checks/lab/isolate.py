"""Runs a driver in mount and process namespaces of its own.

Whatever way the driver ends, its mounts, its loop devices and its processes end with it: the kernel cleans up,
not a handler that may never be called.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from .process import run

# From <linux/sched.h> and <linux/prctl.h>.
CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
PR_SET_PDEATHSIG = 1

# Ctrl-C is not among them: the terminal gives it to all processes of the group, so the driver has it already.
FORWARDED = (signal.SIGTERM, signal.SIGHUP)


def isolate() -> None:
    """Goes on in a child in new namespaces; this process waits for it and ends as it ends.

    Between the two stands an init: orphans end up with it, and one that does not collect them makes Podman wait for a
    dead conmon.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS | CLONE_NEWPID) != 0:
        sys.exit(f"no namespaces of its own: {os.strerror(ctypes.get_errno())}")
    # The next child of this process is the first of the namespace, so it must be the init and nothing else.
    init = os.fork()
    if init != 0:
        end_like(init)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "proc", "proc", "/proc")
    driver = os.fork()
    if driver != 0:
        end_like(driver)
    # In the middle of whatever it does, the driver then cleans up as after Ctrl-C.
    for number in FORWARDED:
        signal.signal(number, interrupted)


def end_like(child: int) -> None:
    """Waits for a child, collecting all others, and ends as it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in FORWARDED:
        signal.signal(number, lambda received, _: os.kill(child, received))
    while True:
        ended, status = os.wait()
        if ended == child:
            os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def interrupted(number: int, _: object) -> None:
    raise KeyboardInterrupt(f"signal {number}")


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
