"""The fifth tier: the scripts of tests/machine on NixOS, where Nix, KVM and the flake's inputs are."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess

from .programs import REPOSITORY, one
from .report import Report, Result

TIER = 5
UNREACHABLE = re.compile(r"unable to download|could not resolve host|cannot connect|failed to fetch", re.IGNORECASE)


def check(report: Report) -> None:
    """Builds each VM test of the flake."""
    if shutil.which("nix") is None:
        return skip(report, "nix is not installed")
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return skip(report, "/dev/kvm is missing or not ours")
    tests = f".#legacyPackages.{platform.machine()}-linux.vmTests"
    flakes = ["nix", "--extra-experimental-features", "nix-command flakes"]
    listed = subprocess.run(
        [*flakes, "eval", "--json", tests, "--apply", "builtins.attrNames"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        last = " ".join(listed.stderr.split())[-200:]
        if UNREACHABLE.search(listed.stderr):
            return skip(report, f"the flake's inputs cannot be had: {last}")
        return report.add(Result("failed", TIER, "vm", None, f"the flake's VM tests cannot be listed: {last}"))
    for name in json.loads(listed.stdout):
        one(report, TIER, name, [*flakes, "build", "--no-link", "--print-build-logs", f"{tests}.{name}"])
    return None


def skip(report: Report, why: str) -> None:
    """The whole tier, with the reason."""
    report.add(Result("skipped", TIER, "vm", None, why))
