"""Runs the script that disko makes of a scenario's disko.nix on loop devices, and holds the result against the plan."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from lab.real_nix import HELPER, REPOSITORY, Nix, Skipped, last_words

INSIDE = Path(__file__).resolve().parent / "format_on_loops.py"
TOOLS = ["sgdisk", "partprobe", "blkid", "losetup", "mkfs.btrfs", "mkfs.vfat", "btrfs"]


def runner() -> list[str]:
    """What runs a program beside disko's tools, in a mount namespace of its own."""
    if os.geteuid() != 0:
        raise Skipped("only root can make loop devices")
    if all(shutil.which(tool) for tool in TOOLS):
        return ["unshare", "--mount", "--propagation", "private"]
    wrapper = REPOSITORY / "checks" / "machine" / "nix"
    if not wrapper.exists():
        missing = ", ".join(tool for tool in TOOLS if not shutil.which(tool))
        raise Skipped(f"not in PATH: {missing}")
    return [str(wrapper)]


def why_not(plan: dict) -> str | None:
    """Why a plan's disks cannot be made here."""
    origins = [filesystem["origin"] for filesystem in plan["filesystems"].values()]
    if any(origin.get("encryption") for origin in origins):
        return "the script of encrypted disks asks for a passphrase on a terminal"
    return None


def format_scenario(nix: Nix, name: str) -> list[str]:
    """Formats the disks of one scenario, and says what came of it otherwise than planned."""
    command = runner()
    plan = json.loads((REPOSITORY / "tests" / "scenarios" / name / "plan.json").read_text())
    if why := why_not(plan):
        raise Skipped(why)
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-disko-") as folder:
        work = Path(folder)
        (work / "plan.json").write_text(json.dumps(plan))
        (work / "format").write_text(str(nix.value(f'formatScripts."{name}"')))
        shutil.copy2(HELPER, work / "podman-btrfs")
        done = subprocess.run([*command, "python3", INSIDE, work], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [done.stderr.strip()[-1500:]]


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One for each scenario with new disks."""
    names = nix.call("eval", "--json", "formatScripts", "--apply", "builtins.attrNames")
    if names.returncode != 0:
        raise RuntimeError(last_words(names.stderr))
    for name in json.loads(names.stdout):
        yield f"diskos-script-makes-the-planned-disks-{name}", lambda name=name: format_scenario(nix, name)
