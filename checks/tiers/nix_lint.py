"""Lints of the Nix files: statix and deadnix, from PATH or from the cache folder's `tools/bin`.

Neither is a Debian package and each takes minutes to build, so nothing is installed here; what is missing is named.
"""

from __future__ import annotations

import shutil

from lab.cache import cache

from .programs import REPOSITORY, one
from .report import Report, Result

TIER = 1
PLACES = ("flake.nix", "default.nix", "modules", "nix", "templates", "checks")
STATIX = ["check", "--format", "errfmt", "--config", str(REPOSITORY / "checks" / "nix" / "statix.toml")]
INSTALL = {
    "statix": "--git https://github.com/oppiliappan/statix statix",
    "deadnix": "deadnix",
}


def check(report: Report) -> None:
    """A result for each of the two."""
    places = [place for place in PLACES if (REPOSITORY / place).exists()]
    if deadnix := program(report, "deadnix"):
        one(report, TIER, "deadnix", [deadnix, "--fail", *places])
    if statix := program(report, "statix"):
        # It takes one place at a time.
        for place in places:
            one(report, TIER, f"statix-{place.removesuffix('.nix')}", [statix, *STATIX, place])


def program(report: Report, name: str) -> str | None:
    """Where a linter is; without one the check is skipped."""
    tools = cache() / "tools"
    found = shutil.which(name) or shutil.which(name, path=str(tools / "bin"))
    if found is None:
        install = f"cargo install --locked --root {tools} {INSTALL[name]}"
        report.add(Result("skipped", TIER, name, None, f"not in PATH nor in the cache folder: {install}"))
    return found
