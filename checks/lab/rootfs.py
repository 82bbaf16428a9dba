"""The Debian root file system that machines boot from and that Nix is taken from.

Built once for a list of packages by mmdebstrap and never written to afterwards: a machine gets an overlay of it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from .cache import cache, locked
from .process import attempt

SUITE = "trixie"

# Raise it when the recipe below changes, so that an old tree is not taken for a new one.
RECIPE = 3

PACKAGES = (
    # the machine itself
    "systemd systemd-sysv udev dbus dbus-user-session libpam-systemd kmod iproute2 util-linux ca-certificates "
    # what the plan configures
    "attr btrfs-progs podman crun catatonit netavark aardvark-dns uidmap btrbk snapper busybox-static openssh-client rsync "
    # what images come from; started by the tests that need it
    "docker-registry "
    # copies between machines: the other end of ssh, root's rights by rule, and other days
    "openssh-server sudo libfaketime "
    # partitioning, for scripts that disko generates
    "gdisk dosfstools parted e2fsprogs "
    # what tests measure with
    "fio jq git python3 btrfs-compsize "
    # Nix, for the fourth tier
    "nix-bin"
).split()


def key() -> str:
    """Names the tree by what is in it."""
    recipe = f"{RECIPE} {SUITE} {' '.join(sorted(PACKAGES))}"
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def path() -> Path:
    """Where the tree is or will be."""
    return cache() / f"rootfs-{key()}"


def missing() -> str | None:
    """Why the tree is not there and cannot be made here; None when it is there or can be made."""
    if path().is_dir():
        return None
    if os.geteuid() != 0:
        return "a Debian root file system can only be made by root"
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is not installed (Debian package mmdebstrap)"
    return None


def ready() -> Path:
    """The tree, made first if it is not there (one to two minutes)."""
    target = path()
    if target.is_dir():
        return target
    with locked("rootfs"):
        if target.is_dir():
            return target
        print(f"building the Debian {SUITE} root file system in {target}", file=sys.stderr, flush=True)
        temporary = Path(tempfile.mkdtemp(prefix=".rootfs-", dir=cache()))
        try:
            build(temporary / "root")
            (temporary / "root").rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return target


def build(folder: Path) -> None:
    """Unpacks the packages into a folder that does not exist yet."""
    done = attempt(
        "mmdebstrap",
        "--variant=minbase",
        "--skip=check/qemu",
        # Every machine writes its own identity at boot.
        "--customize-hook=rm -f $1/etc/machine-id $1/var/lib/dbus/machine-id",
        "--customize-hook=touch $1/etc/machine-id",
        # What a machine is declared to have is told to it by its own units, and its host keys are its own.
        "--customize-hook=systemctl --root=$1 disable ssh.service ssh.socket",
        "--customize-hook=rm -f $1/etc/ssh/ssh_host_*",
        # A name that declarations have for a user of theirs.
        "--customize-hook=chroot $1 userdel backup",
        # Nobody logs in on the console of a test machine, and a timer of the distribution must not disturb one.
        "--customize-hook=systemctl --root=$1 mask console-getty.service getty@.service "
        "apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer btrbk.timer "
        "snapper-timeline.timer snapper-cleanup.timer podman-auto-update.timer",
        "--customize-hook=systemctl --root=$1 disable docker-registry.service",
        f"--include={','.join(PACKAGES)}",
        SUITE,
        folder,
        timeout=1800,
    )
    if done.returncode != 0:
        raise RuntimeError(f"mmdebstrap failed with {done.returncode}:\n{done.stdout}{done.stderr}"[-6000:])
