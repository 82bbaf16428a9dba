"""Installing what the checks need, where that is ours to do: as root on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab.cache import cache

from .programs import log_file

LIST = Path(__file__).resolve().parent.parent / "packages.txt"

# Programs of packages that would start a server where they are installed: taken out of the package, by tier.
TAKEN_OUT = {"usr/bin/promtool": ("prometheus", 3)}


@dataclass(frozen=True)
class Package:
    """A line of packages.txt."""

    name: str
    tiers: frozenset[int]


def listed() -> list[Package]:
    """All packages of the list."""
    found = []
    for line in LIST.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, tiers, _ = line.split(maxsplit=2)
            found.append(Package(name, frozenset(map(int, tiers.split(",")))))
    return found


def install(tiers: set[int]) -> None:
    """Installs what is missing for these tiers, and says what it could not; each check then says what it lacks."""
    wanted = [package.name for package in listed() if package.tiers & tiers]
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        print(f"not Debian: what is missing of these is not installed: {' '.join(wanted)}")
        return
    for file, (package, tier) in TAKEN_OUT.items():
        if tier in tiers:
            take_out(file, package)
    missing = [name for name in wanted if not installed(name)]
    if not missing:
        return
    if os.geteuid() != 0:
        print(f"not root, so not installed: {' '.join(missing)}")
        return
    print(f"installing {' '.join(missing)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    log = log_file(0, "packages")
    with log.open("w") as output:
        # An update can fail for a list that nobody asked for; only the installation counts.
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *missing]):
            code = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, check=False
            ).returncode
    if code != 0:
        print(f"apt-get install failed with {code}: {log}")


def take_out(file: str, package: str) -> None:
    """Puts one program of a package into the cache folder's `tools/bin`, where it is not to be had yet."""
    tools = cache() / "tools" / "bin"
    name = Path(file).name
    if shutil.which(name) or (tools / name).exists() or shutil.which("dpkg-deb") is None:
        return
    print(f"taking {name} out of {package}", flush=True)
    log = log_file(0, name)
    download = ["apt-get", "download", package]
    extract = ["sh", "-c", "dpkg-deb --extract ./*.deb ."]
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-package-") as folder, log.open("w") as output:

        def done(command: list[str]) -> bool:
            ended = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
            return ended.returncode == 0

        # A new machine may have no lists yet.
        if not (done(download) or (done(["apt-get", "update"]) and done(download))) or not done(extract):
            print(f"{package} cannot be had, or not be taken apart: {log}")
            return
        tools.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: it may be looked for meanwhile.
        shutil.copy2(Path(folder, file), tools / f"{name}.new")
        (tools / f"{name}.new").rename(tools / name)


def installed(name: str) -> bool:
    """Whether dpkg has it unpacked and configured."""
    done = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status}", name], capture_output=True, text=True, check=False
    )
    return done.stdout == "installed"
