"""A host is lost, and a new one gets everything back before its first boot, by the commands of the chapter (nix/docs/src/recover.md).

`recovered_on_loops.py FOLDER`: FOLDER holds `planned`, disko's scripts `format` and `mount`, and the helper. Run in a mount namespace of its own.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from format_on_loops import Loops, device_of, format_disks, links_of_our_own, run

# The installer's place of the new system.
NEW = Path("/mnt")
USB = Path("/media/usb")
USB_BYTES = 1 << 30
# Enough for extents of its own.
LARGE = 5_000_000


class Lost:
    """The plan, the disk of the moment, and the one with the copies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan = json.loads((folder / "planned" / "plan.json").read_text())
        (self.filesystem,) = self.plan["filesystems"].values()
        self.mounts = [one for one in self.filesystem["mounts"] if one["role"] in ("volumes", "snapshots")]
        volumes = [one for workload in self.plan["workloads"].values() for one in workload["instances"][0]["volumes"].values()]
        self.places = [Path(one["hostPath"]) for one in volumes]
        self.volatile = {Path(one["hostPath"]) for one in volumes if not one["snapshot"]}

    def helper(self, *words: str | Path) -> str:
        return run(self.folder / "podman-btrfs", *words)

    def mounted(self) -> None:
        """As the host has it when it is up."""
        for mount in self.mounts:
            Path(mount["mountPoint"]).mkdir(parents=True, exist_ok=True)
            run("mount", "-o", ",".join(mount["options"]), self.filesystem["device"], mount["mountPoint"])

    def unmounted(self) -> None:
        for mount in reversed(self.mounts):
            run("umount", mount["mountPoint"])

    def backup(self) -> list[str]:
        """The planned run; what it did, a line each."""
        (job,) = self.plan["protection"]["jobs"]
        self.helper("copies", self.folder / "planned" / "plan.json", "--may-run", job["name"], "--receipts", self.folder / "receipts")
        configuration = self.folder / "planned" / "btrbk" / f"{job['name']}.conf"
        return [line.split()[0] for line in run("btrbk", "-c", configuration, "run").splitlines() if line[:3] in (">>>", "***")]


def tree(top: Path, own: Path) -> dict[str, Any]:
    """What is in a volume, as a container sees it, and the attributes that its files are born with."""
    found: dict[str, Any] = {}
    for path in sorted([own, *own.rglob("*")]):
        about = path.lstat()
        kind: str | bytes = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        attributes = "" if path.is_symlink() else run("lsattr", "-d", path).split()[0]
        found[str(path.relative_to(top))] = (about.st_mode, about.st_uid, about.st_gid, kind, attributes)
    return found


def trees(lost: Lost, root: Path) -> dict[str, Any]:
    """Of all volumes that are in snapshots, below the root of a system."""
    found: dict[str, Any] = {}
    for place in lost.places:
        if place not in lost.volatile:
            below = root / place.relative_to("/")
            found |= tree(root, below)
    return found


def live(lost: Lost) -> dict[str, Any]:
    """The old host, up to its last backup; what it holds then."""
    lost.mounted()
    lost.helper("apply", lost.folder / "planned" / "plan.json", "--receipts", lost.folder / "receipts")
    for number, place in enumerate(lost.places):
        (place / "large").write_bytes(os.urandom(LARGE))
        (place / "folder").mkdir(mode=0o750)
        (place / "folder" / "small").write_text(f"{place}\n")
        os.chown(place / "folder" / "small", 1000 + number, 999)
        (place / "link").symlink_to("folder/small")
    assert set(lost.backup()) == {"***"}, "the first copies are not whole ones"
    for place in lost.places:
        (place / "second").write_text("of the second run\n")
    assert set(lost.backup()) == {">>>"}, "the second copies are no differences"
    held = trees(lost, Path("/"))
    lost.unmounted()
    return held


def recovered(lost: Lost, loops: Loops, held: dict[str, Any]) -> None:
    """The chapter's commands, in its order, after disko's."""
    text = loops.rewrite((lost.folder / "mount").read_text())
    if "vfat" not in Path("/proc/filesystems").read_text().split():
        # Nothing that is looked at here lies on the boot partition.
        text, count = re.subn(r'mount "[^"]+-esp"(.*\\\n)*.*', "true", text)
        assert count == 1, "disko's script mounts the boot partition in another way"
    script = lost.folder / "mount.on-loops"
    script.write_text(text)
    run("bash", script)
    plan, receipts = lost.folder / "planned" / "plan.json", NEW / "var/lib/podman-btrfs/receipts"
    lost.helper("apply", plan, "--receipts", receipts)
    asked: list[str | Path] = ["recover", plan, "--receipts", receipts, "--from", "usb"]
    before = trees(lost, NEW)
    told = lost.helper(*asked, "--dry-run")
    assert told.count("comes back") >= len(lost.plan["workloads"]), told
    assert trees(lost, NEW) == before, "a look changed something"
    lost.helper(*asked)
    back = trees(lost, NEW)
    wrong = sorted(path for path in held.keys() | back.keys() if held.get(path) != back.get(path))
    assert not wrong, f"these came back as something else: {wrong[:5]}"
    run("umount", "--recursive", NEW)
    # Its first boot: the new system's own records are there.
    run("mount", "-o", "subvol=/@", lost.filesystem["device"], NEW)
    lost.mounted()
    lost.helper("apply", plan, "--receipts", receipts)
    assert trees(lost, Path("/")) == held, "the first boot changed something"
    for place in lost.places:
        (place / "third").write_text("of the new host\n")
    assert set(lost.backup()) == {">>>"}, "after the recovery copies are no differences"
    lost.unmounted()
    run("umount", NEW)


def main(folder: Path) -> None:
    for place in ("/srv", "/mnt", "/media", "/run"):
        run("mount", "-t", "tmpfs", "tmpfs", place)
    lost = Lost(folder)
    disks = lost.filesystem["origin"]["disks"]
    image = folder / "usb"
    with image.open("xb") as file:
        file.truncate(USB_BYTES)
    run("mkfs.btrfs", "--quiet", image)
    USB.mkdir()
    run("mount", "-o", "loop", image, USB)
    (USB / "copies").mkdir()
    try:
        with links_of_our_own():
            for number, act in enumerate(("lived", "recovered")):
                (folder / act).mkdir()
                loops = Loops(folder / act, disks)
                try:
                    format_disks(folder, loops)
                    device_of(lost.filesystem, loops)
                    if number == 0:
                        held = live(lost)
                    else:
                        recovered(lost, loops, held)
                finally:
                    loops.free()
    finally:
        run("umount", USB)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
