"""Runs a script of this folder as root on loop devices, in a mount namespace of its own, beside the tools it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.real_nix import REPOSITORY, Skipped


def runner(tools: Sequence[str]) -> list[str]:
    """What a command is put behind: the host where it has the tools, else the root file system of checks/machine."""
    if os.geteuid() != 0:
        raise Skipped("only root can make loop devices")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if not missing:
        return ["unshare", "--mount", "--propagation", "private"]
    wrapper = REPOSITORY / "checks" / "machine" / "nix"
    if not wrapper.exists():
        raise Skipped(f"not in PATH: {', '.join(missing)}")
    return [str(wrapper)]


def failures(tools: Sequence[str], script: Path, folder: Path) -> list[str]:
    """Runs the script on a folder that holds what it needs; the end of what it said where it failed."""
    done = subprocess.run([*runner(tools), "python3", script, folder], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [(done.stdout + done.stderr).strip()[-1500:]]
