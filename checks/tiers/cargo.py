"""The first tier: what needs nothing but cargo, and linters."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import nix_lint, scripts
from .programs import REPOSITORY, one
from .report import Report, Result

TIER = 1

# The drivers, for mypy: the programs have no `.py`, the tests have hyphens in their names.
PACKAGES = ("engines", "experiments", "kill", "lab", "machine", "offhost", "proofs", "retention", "tiers")
PROGRAMS = (
    "run",
    "machine/run",
    "machine/nix",
    "machine/rootfs",
    "proofs/run",
    "host/run",
    "kill/run",
    "engines/run",
    "space/run",
    "retention/run",
    "offhost/run",
    "offhost/encrypted",
    "restore/times",
    "experiments/run",
    "monitoring/run",
    "nix/run",
    "nix/mutations",
    "nix/cost",
)


def check(report: Report) -> None:
    """Format, lints, tests, generated files, and the types of these drivers."""
    if component(report, "format", "rustfmt", "cargo-fmt"):
        one(report, TIER, "format", ["cargo", "fmt", "--all", "--check"])
    if component(report, "lints", "clippy", "cargo-clippy"):
        one(
            report,
            TIER,
            "lints",
            ["cargo", "clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
        )
    one(report, TIER, "tests", ["cargo", "test", "--workspace", "--locked", "--no-fail-fast"])
    one(report, TIER, "generated-files", ["cargo", "xtask", "generate", "--check"])
    one(report, TIER, "nix-format", ["cargo", "xtask", "fmt-nix", "--check"])
    one(report, TIER, "mutations-fit", [REPOSITORY / "checks" / "nix" / "mutations", "--fit"])
    nix_lint.check(report)
    driver_types(report)
    scripts.check(report)


def component(report: Report, name: str, needed: str, program: str) -> bool:
    """Whether a part of the toolchain is there, after trying to add it."""
    # rustup's stand-in for a part is there also when the part is not; only running it tells.
    if works(program):
        return True
    if shutil.which("rustup") is not None:
        subprocess.run(["rustup", "component", "add", needed], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if works(program):
            return True
    report.add(Result("skipped", TIER, name, None, f"{needed} is not installed and rustup could not add it"))
    return False


def works(program: str) -> bool:
    """Whether a part of the toolchain answers."""
    if shutil.which(program) is None:
        return False
    words = [program, program.removeprefix("cargo-"), "--version"]
    return subprocess.run(words, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def driver_types(report: Report) -> None:
    """The drivers under checks/ are typed strictly."""
    if shutil.which("mypy") is None:
        report.add(Result("skipped", TIER, "driver-types", None, "mypy is not installed (Debian package mypy)"))
        return
    checks = REPOSITORY / "checks"
    options = ["--strict", "--no-error-summary", f"--cache-dir={REPOSITORY / 'target' / 'mypy'}"]
    words: list[str | Path] = ["env", f"MYPYPATH={checks}:{checks / 'nix'}", "mypy", *options]
    for package in PACKAGES:
        words += ["--package", package]
    if one(report, TIER, "driver-types", words):
        for program in PROGRAMS:
            one(report, TIER, f"driver-types-{program.replace('/', '-')}", [*words[:2], "mypy", *options, checks / program])
