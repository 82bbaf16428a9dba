"""Puts a plan in place on a Debian machine: what the NixOS module does on NixOS, so that the same test runs on both.

The layout is made here from `plan.json` and not by the tool under test: a mistake of the tool must not hide itself.
Mounts of the system itself (`/`, `/nix`, `/var/log`) are left out, because this machine's root is an overlay.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.btrfs import GIB
from lab.process import run

from .disk import Disk

STAND_IN = "localhost/stand-in:1"
ARCHIVE = "/usr/share/stand-in.tar"

# The name of a machine that is alone, as in NixOS' test driver.
ONLY = "machine"

# The engine needs no more on hosts whose cgroup v2 tree has no controllers; nothing of it concerns storage.
CONTAINERS_CONF = "[containers]\npids_limit = 0\ndefault_sysctls = []\n"

# Every container runs this in place of its image: it says in each of its volumes that it was there, and stays.
COMMAND = (Path(__file__).resolve().parent / "stand-in.sh").read_text().strip()


@dataclass(frozen=True)
class Host:
    """What a test says of its machine, in `checks/machine/hosts/<test>.json`."""

    # Absent: the test's own generations, `tests/machine/generations/<test>.nix`.
    scenario: str | None = None
    # Disks of each filesystem of the plan; one when not named.
    disks: dict[str, int] = field(default_factory=dict)
    size_gib: int = 8
    # Further Btrfs disks, label to mount point, for what the plan takes for granted: the targets of copies.
    others: dict[str, str] = field(default_factory=dict)
    # Containers that the generations declare as quadlets, with images of their own.
    quadlets: list[str] = field(default_factory=list)


def read_hosts(file: Path) -> dict[str, Host]:
    """The machines of a test by name, of one that has several `nodes`; else its `machine`. An unknown key is a mistake."""
    said = json.loads(file.read_text())
    nodes = said["nodes"] if set(said) == {"nodes"} else {ONLY: said}
    return {name: Host(**one) for name, one in nodes.items()}


def make_disks(host: Host, plan: dict[str, Any], folder: Path, *, laid_out: bool) -> list[Disk]:
    """Formats all disks, and lays them out where the machine does not do it itself."""
    disks: list[Disk] = []
    for name, filesystem in plan["filesystems"].items():
        count = host.disks.get(name, 1)
        own = [
            Disk(
                folder / f"{name}-{number}.img",
                host.size_gib * GIB,
                # The further ones by the names that they have in NixOS' virtual machines.
                filesystem["device"] if number == 0 else f"/dev/disk/by-id/virtio-{name}-{number + 1}",
            )
            for number in range(count)
        ]
        kind, identity = filesystem["device"].split("/")[-2:]
        profiles = [
            word
            for option, profile in (("-d", filesystem["dataProfile"]), ("-m", filesystem["metadataProfile"]))
            for word in (option, profile)
            if profile is not None and count > 1
        ]
        run("mkfs.btrfs", "-q", *profiles, "-U" if kind == "by-uuid" else "-L", identity, *(disk.device.path for disk in own))
        if laid_out:
            lay_out(plan, name, own, folder)
        disks += own
    for label in host.others:
        disk = Disk(folder / f"{label}.img", host.size_gib * GIB, f"/dev/disk/by-label/{label}")
        run("mkfs.btrfs", "-q", "-L", label, disk.device.path)
        disks.append(disk)
    return disks


def lay_out(plan: dict[str, Any], name: str, disks: list[Disk], folder: Path) -> None:
    """Subvolumes and volumes of a filesystem, with their attributes."""
    filesystem = plan["filesystems"][name]
    top = folder / "top"
    top.mkdir(exist_ok=True)
    run("mount", "-t", "btrfs", disks[0].device.path, top)
    try:
        for subvolume in filesystem["subvolumes"]:
            if subvolume["owner"] is not None:
                raise NotImplementedError(f"{subvolume['path']} belongs to a user, and this machine has none")
            path = top / subvolume["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            run("btrfs", "subvolume", "create", path)
            path.chmod(int(subvolume["mode"], 8))
        places = {subvolume["path"]: subvolume["hostPath"] for subvolume in filesystem["subvolumes"]}
        for volume in volumes(plan):
            if volume["filesystem"] != name:
                continue
            below = Path(volume["hostPath"]).relative_to(places[volume["subvolume"]])
            path = top / volume["subvolume"] / below
            path.mkdir(parents=True, exist_ok=True)
            if not volume["copyOnWrite"]:
                run("chattr", "+C", path)
            if volume["compression"] is not None:
                run("btrfs", "property", "set", path, "compression", volume["compression"])
        for mount in filesystem["mounts"]:
            # A mount point inside another mount is a directory of that one's subvolume.
            for outer in filesystem["mounts"]:
                inside = mount["mountPoint"].removeprefix(outer["mountPoint"].rstrip("/") + "/")
                if inside != mount["mountPoint"]:
                    (top / outer["subvolume"] / inside).mkdir(parents=True, exist_ok=True)
    finally:
        run("umount", top)


def furnish(host: Host, plan: dict[str, Any], artefacts: Path, root: Path) -> None:
    """Files under /etc, units and the stand-in image."""
    mounts = [
        mount | {"device": filesystem["device"]}
        for filesystem in plan["filesystems"].values()
        for mount in filesystem["mounts"]
        if mount["role"] != "system"
    ]
    lines = [f"{one['device']} {one['mountPoint']} btrfs {','.join(one['options'])} 0 0" for one in mounts]
    lines += [f"/dev/disk/by-label/{label} {place} btrfs noatime 0 0" for label, place in host.others.items()]
    planned = (artefacts / "fstab").read_text().splitlines()
    if absent := [line for line in lines[: len(mounts)] if line not in planned]:
        raise AssertionError(f"plan.json and the artefact fstab differ: {absent}")
    for line in lines:
        write_mount(root, *line.split()[:4])

    (root / "etc/containers").mkdir(exist_ok=True)
    shutil.copy(artefacts / "storage.conf", root / "etc/containers/storage.conf")
    (root / "etc/containers/containers.conf").write_text(CONTAINERS_CONF)
    for tool, target in (("btrbk", "etc/btrbk"), ("snapper", "etc/snapper/configs")):
        (root / target).mkdir(parents=True, exist_ok=True)
        for file in sorted((artefacts / tool).glob("*")):
            shutil.copy(file, root / target / file.name)
    configurations = " ".join(path.name for path in sorted((root / "etc/snapper/configs").iterdir()))
    (root / "etc/default/snapper").write_text(f'SNAPPER_CONFIGS="{configurations}"\n')

    make_stand_in(root)
    write_unit(root, "stand-in-image.service", ["multi-user.target"], stand_in_unit(plan))
    for container, planned_container, found in containers(plan):
        write_unit(root, f"podman-{container}.service", ["multi-user.target"], container_unit(container, planned_container, found))
    for job in plan["protection"]["jobs"]:
        if job["tool"] == "btrbk":
            write_unit(root, f"btrbk-{job['name']}.service", [], btrbk_unit(job))
            write_unit(root, f"btrbk-{job['name']}.timer", ["timers.target"], timer_unit(job))


def volumes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """All volumes of all copies of all workloads."""
    return [
        volume
        for workload in plan["workloads"].values()
        for instance in workload["instances"]
        for volume in instance["volumes"].values()
    ]


def containers(plan: dict[str, Any]) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name of a container, the container, the volumes of its copy."""
    return [
        (name, container, instance["volumes"])
        for workload in plan["workloads"].values()
        for instance in workload["instances"]
        for name, container in instance["containers"].items()
    ]


def make_stand_in(root: Path) -> None:
    """The archive of an image that is nothing but busybox, taken from the machine itself."""
    busybox = root / "usr/bin/busybox"
    with tarfile.open(root / ARCHIVE.lstrip("/"), "w") as archive:
        archive.add(busybox, "bin/busybox")
        for applet in ("sh", "cat", "date", "dd", "ls", "sleep", "sync", "touch"):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)


def stand_in_unit(plan: dict[str, Any]) -> str:
    store = plan["engine"]["system"]["graphRoot"]
    return (
        f"[Unit]\nRequiresMountsFor={word(store)}\n[Service]\nType=oneshot\nRemainAfterExit=yes\n"
        f"ExecStart=/bin/sh -c 'podman image exists {STAND_IN} || podman import {ARCHIVE} {STAND_IN}'\n"
    )


def container_unit(name: str, container: dict[str, Any], found: dict[str, Any]) -> str:
    needed = " ".join(word(path) for path in container["requiresMountsFor"])
    arguments = ["/usr/bin/podman", "run", "--rm", "--replace", f"--name={name}", f"--hostname={name}", "--network=none"]
    for volume, place in container["mounts"].items():
        arguments.append(f"--volume={found[volume]['hostPath']}:{place}")
    arguments += [STAND_IN, "sh", "-c", COMMAND, "sh", *container["mounts"].values()]
    return (
        f"[Unit]\nRequiresMountsFor={needed}\nRequires=stand-in-image.service\nAfter=stand-in-image.service\n"
        f"[Service]\nType=exec\nExecStart={' '.join(map(word, arguments))}\n"
        f"ExecStop=/usr/bin/podman stop --ignore --time=5 {word(name)}\n"
    )


def btrbk_unit(job: dict[str, Any]) -> str:
    needed = f"{word(job['volumeDirectory'])} {word(job['snapshotDirectory'])}"
    return (
        f"[Unit]\nRequiresMountsFor={needed}\n[Service]\nType=oneshot\n"
        f"ExecStart=/usr/bin/btrbk -c {word('/etc/btrbk/' + job['name'] + '.conf')} run\n"
    )


def timer_unit(job: dict[str, Any]) -> str:
    return f"[Timer]\nOnCalendar={job['schedule']['onCalendar']}\nPersistent=yes\n"


def write_unit(root: Path, name: str, wanted_by: list[str], text: str) -> None:
    units = root / "etc/systemd/system"
    (units / name).write_text(text)
    for target in wanted_by:
        (units / f"{target}.wants").mkdir(exist_ok=True)
        (units / f"{target}.wants" / name).symlink_to(f"../{name}")


def write_mount(root: Path, device: str, place: str, kind: str, options: str) -> None:
    """A mount unit; in a container systemd's own generator leaves devices of fstab out."""
    name = run("systemd-escape", "--path", "--suffix=mount", place).strip()
    write_unit(root, name, [], f"[Mount]\nWhat={device}\nWhere={place}\nType={kind}\nOptions={options}\n")
    required = root / "etc/systemd/system/local-fs.target.requires"
    required.mkdir(exist_ok=True)
    (required / name).symlink_to(f"../{name}")


def word(text: str) -> str:
    """A word of a unit file: systemd splits at blanks and expands `%`, `$` and backslashes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
