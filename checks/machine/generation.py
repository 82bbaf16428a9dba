"""A generation of a host, as an evaluation of the module has it, on a machine that is no NixOS.

The module's units, mounts and files become what NixOS makes of them: unit files and links, an fstab that systemd's own
generator turns into mount units, and files below /etc. Kernel settings are left out, for the kernel is the host's.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.process import run

from . import units
from .toml import toml
from .units import Unit

UNITS = "etc/systemd/system"
# What the generator made of the fstab; a generator of ours gives it to systemd, which does not run its own in a container.
MOUNTS = "etc/planned-mounts"
GENERATOR = "etc/systemd/system-generators/planned-mounts"

# The engine needs no more on hosts whose cgroup v2 tree has no controllers; nothing of it concerns storage.
ENGINE = {"containers": {"pids_limit": 0, "default_sysctls": []}}


@dataclass(frozen=True)
class Mount:
    """A line of the fstab."""

    place: str
    device: str
    kind: str
    options: tuple[str, ...]

    @property
    def line(self) -> str:
        """As it stands there."""
        return f"{self.device} {self.place} {self.kind} {','.join(self.options)} 0 0"

    @property
    def unit(self) -> str:
        """Its unit's name."""
        return run("systemd-escape", "--path", "--suffix=mount", self.place).strip()


@dataclass(frozen=True)
class Generation:
    """What one declaration gives the host."""

    plan: dict[str, Any]
    units: dict[str, Unit]
    mounts: dict[str, Mount]
    # Below /etc.
    files: dict[str, str]
    # Of those that have another than most.
    modes: dict[str, int] = field(default_factory=dict)


def read(values: dict[str, Any]) -> Generation:
    """A generation of `checks/nix/generations.nix`."""
    if values["errors"]:
        raise AssertionError("the module refuses the declaration: " + "; ".join(values["errors"]))
    found = [units.read(kind, name, one) for kind, named in values["units"].items() for name, one in named.items()]
    mounts = [
        Mount(place, one["device"], one["fsType"], tuple(one["options"])) for place, one in values["mounts"].items()
    ]
    containers_conf = ENGINE | {section: ENGINE.get(section, {}) | keys for section, keys in values["containersConf"].items()}
    files = {
        "fstab": "".join(f"{mount.line}\n" for mount in mounts),
        "containers/storage.conf": toml(values["storage"]),
        "containers/containers.conf": toml(containers_conf),
        **{f"tmpfiles.d/{name}.conf": tmpfiles(rules) for name, rules in values["tmpfiles"].items()},
        **values["files"],
    }
    for name, one in values["userUnits"].items():
        unit = units.read("service", name, one)
        files[f"systemd/user/{unit.file}"] = unit.text
    return Generation(
        values["plan"],
        {unit.name: unit for unit in found},
        {mount.place: mount for mount in mounts},
        files,
        {name: int(mode, 8) for name, mode in values["modes"].items()},
    )


def tmpfiles(rules: dict[str, dict[str, dict[str, str]]]) -> str:
    """Lines of systemd-tmpfiles: path, kind, what it sets."""
    lines = []
    for path, kinds in rules.items():
        for kind, one in kinds.items():
            words = [one.get(key, "-") for key in ("mode", "user", "group", "age")]
            lines.append(" ".join([kind, json.dumps(path), *words, one.get("argument", "-")]))
    return "".join(f"{line}\n" for line in lines)


def put_in_place(generation: Generation, old: Generation | None, root: Path) -> None:
    """Writes all files of a generation, and removes those that only the old one had."""
    if old is not None:
        for file in files(old).keys() - files(generation).keys():
            (root / file).unlink()
        for unit in old.units.values():
            for link in unit.links:
                (root / UNITS / link).unlink()
    for file, text in files(generation).items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, mode in generation.modes.items():
        (root / "etc" / name).chmod(mode)
    # Users that it has and the machine has not.
    run("chroot", root, "systemd-sysusers")
    for unit in generation.units.values():
        for link in unit.links:
            path = root / UNITS / link
            path.parent.mkdir(exist_ok=True)
            path.symlink_to(Path("..", unit.file))
    generate_mounts(generation, root)


def files(generation: Generation) -> dict[str, str]:
    """All files of a generation, from the root."""
    etc = {f"etc/{file}": text for file, text in generation.files.items()}
    return etc | {f"{UNITS}/{unit.file}": unit.text for unit in generation.units.values()}


def generate_mounts(generation: Generation, root: Path) -> None:
    """Has systemd's own generator read the fstab; in the machine, which is a container, it would leave devices out."""
    target = root / MOUNTS
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    program = "/usr/lib/systemd/system-generators/systemd-fstab-generator"
    run("chroot", root, program, *[f"/{MOUNTS}"] * 3, env={"SYSTEMD_IN_INITRD": "0", "PATH": "/usr/bin:/usr/sbin"})
    if missing := [mount.place for mount in generation.mounts.values() if not (target / mount.unit).exists()]:
        raise RuntimeError(f"systemd-fstab-generator left out {', '.join(missing)}: is the driver in a container itself?")
    generator = root / GENERATOR
    generator.parent.mkdir(exist_ok=True)
    generator.write_text(f'#!/bin/sh\nexec cp --archive /{MOUNTS}/. "$1"\n')
    generator.chmod(0o755)
