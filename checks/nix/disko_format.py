"""Runs the script that disko makes of a scenario's disko.nix on loop devices, and holds the result against the plan."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import on_loops
from lab.real_nix import HELPER, REPOSITORY, Nix, Skipped, last_words

INSIDE = Path(__file__).resolve().parent / "format_on_loops.py"
TOOLS = ["sgdisk", "partprobe", "blkid", "losetup", "mkfs.btrfs", "mkfs.vfat", "btrfs"]


def why_not(plan: dict[str, Any]) -> str | None:
    """Why a plan's disks cannot be made here."""
    origins = [filesystem["origin"] for filesystem in plan["filesystems"].values()]
    if any(origin.get("encryption") for origin in origins):
        return "the script of encrypted disks asks for a passphrase on a terminal"
    return None


def format_scenario(nix: Nix, name: str) -> list[str]:
    """Formats the disks of one scenario, and says what came of it otherwise than planned."""
    plan = json.loads((REPOSITORY / "tests" / "scenarios" / name / "plan.json").read_text())
    if why := why_not(plan):
        raise Skipped(why)
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-disko-") as folder:
        work = Path(folder)
        (work / "plan.json").write_text(json.dumps(plan))
        (work / "format").write_text(str(nix.value(f'formatScripts."{name}"')))
        shutil.copy2(HELPER, work / "podman-btrfs")
        return on_loops.failures(TOOLS, INSIDE, work)


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One for each scenario with new disks."""
    names = nix.call("eval", "--json", "formatScripts", "--apply", "builtins.attrNames")
    if names.returncode != 0:
        raise RuntimeError(last_words(names.stderr))
    for name in json.loads(names.stdout):
        yield f"diskos-script-makes-the-planned-disks-{name}", partial(format_scenario, nix, name)
