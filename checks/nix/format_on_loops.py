"""Runs a formatting script on loop devices in place of the disks, and compares what came of it with the plan.

`format_on_loops.py FOLDER`: FOLDER holds `plan.json`, `format` and the helper. Run in a mount namespace of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Sparse; large enough for an EFI system partition and a Btrfs on each.
DISK_BYTES = 8 << 30

# There is no udev here: the script's calls of `udevadm` make the links that udev would have made.
UDEVADM = """#!/bin/sh
for partition in /dev/loop*p*; do
  [ -b "$partition" ] || continue
  label=$(blkid --probe --output value --match-tag PART_ENTRY_NAME "$partition")
  [ -z "$label" ] || ln -sfn "$partition" "/dev/disk/by-partlabel/$label"
done
"""


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> str:
    """Runs a program that must succeed."""
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Loops:
    """A loop device with partitions for each disk; freed at the end."""

    def __init__(self, folder: Path, disks: list[str]) -> None:
        self.devices: dict[str, str] = {}
        for number, disk in enumerate(disks):
            image = folder / f"disk-{number}"
            with image.open("xb") as file:
                file.truncate(DISK_BYTES)
            self.devices[disk] = run("losetup", "--find", "--show", "--partscan", image).strip()

    def rewrite(self, script: str) -> str:
        """The script with the loop devices in place of the disks."""
        for disk, device in self.devices.items():
            # Not the beginning of another disk's name.
            script = re.sub(rf"{re.escape(disk)}(?![\w.:-])", device, script)
        return script

    def free(self) -> None:
        for device in self.devices.values():
            run("losetup", "--detach", device)


@contextmanager
def links_of_our_own() -> Iterator[None]:
    """An empty /dev/disk for this run; the host's own is not seen, and none is left behind."""
    folder = Path("/dev/disk")
    made = not folder.exists()
    folder.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", folder)
    (folder / "by-partlabel").mkdir()
    (folder / "by-label").mkdir()
    try:
        yield
    finally:
        run("umount", folder)
        if made:
            folder.rmdir()


def format_disks(folder: Path, loops: Loops) -> None:
    """Runs disko's script, twice: the second time it has nothing to do and must say so by succeeding."""
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "udevadm").write_text(UDEVADM)
    (folder / "bin" / "udevadm").chmod(0o755)
    script = folder / "format.on-loops"
    script.write_text(loops.rewrite((folder / "format").read_text()))
    environment = os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
    for _ in range(2):
        run("bash", script, env=environment)


def subvolumes(top: Path) -> set[str]:
    """All subvolumes, by path."""
    lines = run("btrfs", "subvolume", "list", top).splitlines()
    return {line.split(" path ", 1)[1] for line in lines}


def profile(top: Path, kind: str) -> str:
    """The block group profile of Data or Metadata."""
    for line in run("btrfs", "filesystem", "df", top).splitlines():
        if line.startswith(f"{kind}, "):
            return line.split(",")[1].split(":")[0].strip().lower()
    raise SystemExit(f"no {kind} in the filesystem")


def differences(filesystem: dict[str, Any], top: Path) -> list[str]:
    """What the installation made otherwise than planned."""
    mounted = {mount["subvolume"] for mount in filesystem["mounts"]}
    found = []
    if (made := subvolumes(top)) != mounted:
        found.append(f"subvolumes: planned {sorted(mounted)}, found {sorted(made)}")
    for kind, key in (("Data", "dataProfile"), ("Metadata", "metadataProfile")):
        if (has := profile(top, kind)) != filesystem[key]:
            found.append(f"{key}: planned {filesystem[key]}, found {has}")
    label = run("btrfs", "filesystem", "label", top).strip()
    if label != filesystem["label"]:
        found.append(f"label: planned {filesystem['label']}, found {label}")
    return found


def device_of(filesystem: dict[str, Any], loops: Loops) -> str:
    """The partition with the filesystem's label, under the name that the plan's mounts use."""
    label = filesystem["label"]
    # Others on this machine may use the label too.
    partitions = [part for loop in loops.devices.values() for part in sorted(Path("/dev").glob(f"{Path(loop).name}p*"))]
    found = [part for part in partitions if run("blkid", "--output", "value", "--match-tag", "LABEL", part).strip() == label]
    if not found:
        raise SystemExit(f"no partition has the label {label}")
    device = str(found[0])
    link = Path(filesystem["device"])
    if not link.is_relative_to("/dev/disk/by-label"):
        raise SystemExit(f"the plan mounts {link}, of which this check knows nothing")
    link.unlink(missing_ok=True)
    link.symlink_to(device)
    return device


def left_to_apply(folder: Path, new: dict[str, dict[str, Any]]) -> list[str]:
    """What `apply` finds missing that the installation had to make."""
    mounted = {mount["subvolume"] for one in new.values() for mount in one["mounts"]}
    # disko makes all with one mode; where another is planned, the step that makes a subvolume sets it.
    mounted -= {volume["path"] for one in new.values() for volume in one["subvolumes"] if volume["mode"] != "0755"}
    command: list[str | Path] = [folder / "podman-btrfs", "apply", "--dry-run", folder / "plan.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        return [f"apply --dry-run: exit {done.returncode}\n{done.stdout}{done.stderr}"]
    wanted = re.findall(r"^wanted +\S+: make the subvolume (\S+)$", done.stdout, re.MULTILINE)
    if "wanted" in done.stdout and not wanted:
        return [f"apply misses no subvolume of a volume, which disko cannot have made:\n{done.stdout}"]
    return [f"apply misses {one}" for one in wanted if one in mounted]


def main(folder: Path) -> None:
    plan = json.loads((folder / "plan.json").read_text())
    new = {name: one for name, one in plan["filesystems"].items() if one["origin"]["kind"] == "new"}
    loops = Loops(folder, [disk for one in new.values() for disk in one["origin"]["disks"]])
    found = []
    try:
        with links_of_our_own():
            format_disks(folder, loops)
            for name, filesystem in new.items():
                top = folder / f"top-{name}"
                top.mkdir()
                run("mount", "-o", "subvol=/", device_of(filesystem, loops), top)
                found += [f"{name}: {difference}" for difference in differences(filesystem, top)]
                run("umount", top)
            found += left_to_apply(folder, new)
    finally:
        loops.free()
    if found:
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
