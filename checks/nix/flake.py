"""The flake as a whole, as `nix flake check --no-build` and `nix flake show` see it.

nixpkgs is the one that NIX_PATH names where our package can be made with it; else only its `lib` is real, and packages are
derivations with the right names (stand-in-packages.nix): what passes then is our flake's own structure.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lab.real_nix import DEFINITIONS, REPOSITORY, Nix, Skipped, last_words

STAND_IN = """\
{{
  outputs = _: let
    definitions = {definitions};
    inherit (import (definitions + "/inputs.nix")) lib;
  in {{
    inherit lib;
    legacyPackages = lib.genAttrs ["x86_64-linux" "aarch64-linux"] (system:
      import (definitions + "/stand-in-packages.nix") {{inherit lib system;}});
  }};
}}
"""
SYSTEMS = ("x86_64-linux", "aarch64-linux")

# Everything that the flake offers, by the path in what `nix flake show` prints; {} stands for a system.
OFFERED = (
    "apps.{}.plan",
    "apps.{}.refresh",
    "checks.{}.clippy",
    "checks.{}.module",
    "checks.{}.package",
    "checks.{}.rustfmt",
    "checks.{}.vm-switch-touches-only-what-changed",
    "devShells.{}.default",
    "formatter.{}",
    "nixosModules.default",
    "nixosModules.podmanBtrfs",
    "nixosModules.receiver",
    "overlays.default",
    "packages.{}.default",
    "packages.{}.podman-btrfs",
    "packages.{}.podman-btrfs-static",
)


class Flake:
    """This repository's flake, with an nixpkgs that is at hand."""

    def __init__(self, nix: Nix, folder: Path) -> None:
        self._nix = nix
        self.stood_in = ""
        source = self._real()
        if source is None:
            self.stood_in = "stood in for: the packages of nixpkgs"
            source = folder / "nixpkgs"
            source.mkdir()
            (source / "flake.nix").write_text(STAND_IN.format(definitions=DEFINITIONS))
        self._source = source

    def _real(self) -> Path | None:
        """A nixpkgs in NIX_PATH that is recent enough to build our package."""
        found = self._nix.program("eval", "--impure", "--raw", "--expr", f"toString (import {DEFINITIONS}/inputs.nix).nixpkgs")
        if found.returncode != 0 or not found.stdout:
            return None
        path = Path(found.stdout)
        recent = (path / "flake.nix").exists() and (path / "lib" / "fileset").is_dir()
        return path if recent else None

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `nix flake` command on it. Nothing is locked anew and nothing is built."""
        with_input = ["--impure", "--no-write-lock-file", "--override-input", "nixpkgs", f"path:{self._source}"]
        done = self._nix.program("flake", *arguments, *with_input, str(REPOSITORY))
        if done.returncode != 0 and "unable to download" in done.stderr:
            raise Skipped(f"an input is not at hand: {last_words(done.stderr)}")
        return done


def it_checks_without_building(flake: Flake) -> list[str]:
    """Every output is of the right kind and evaluates, for every system, while nothing can be built."""
    done = flake.call("check", "--no-build", "--all-systems")
    return [last_words(done.stderr)] if done.returncode != 0 else []


def it_shows_what_it_offers(flake: Flake) -> list[str]:
    """`nix flake show` prints every output by name, and evaluates each."""
    done = flake.call("show", "--json", "--all-systems")
    if done.returncode != 0:
        return [last_words(done.stderr)]
    shown = json.loads(done.stdout)
    offered = [name.format(system) for name in OFFERED for system in (SYSTEMS if "{}" in name else SYSTEMS[:1])]
    failures = [f"there is no {name}" for name in offered if not leaf(shown, name)]
    templates = {path.parent.name for path in (REPOSITORY / "templates").glob("*/flake.nix")}
    return failures + [f"the template {name} is not offered" for name in sorted(templates - set(shown.get("templates", {})))]


def leaf(shown: object, name: str) -> bool:
    """Whether the tree has something of a known kind there."""
    for step in name.split("."):
        if not isinstance(shown, dict) or step not in shown:
            return False
        shown = shown[step]
    return isinstance(shown, dict) and "type" in shown


def outcome(check: Callable[[Flake], list[str]], flake: Flake, notes: list[str]) -> list[str]:
    """The failures of one check; what stood in goes to the notes."""
    if not (REPOSITORY / "flake.lock").exists():
        raise Skipped("the repository is not here as a flake: these are the sources of the flake's check `module`")
    if flake.stood_in:
        notes.append(flake.stood_in)
    return check(flake)


def checks(nix: Nix, folder: Path, notes: list[str]) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """The checks, by name."""
    flake = Flake(nix, folder)
    for check in (it_checks_without_building, it_shows_what_it_offers):
        name = "the-flake-" + check.__name__.removeprefix("it_").replace("_", "-")
        yield name, partial(outcome, check, flake, notes)
