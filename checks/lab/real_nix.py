"""Real Nix on checks/nix/default.nix: found in PATH, or taken from the root file system of checks/machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from .cache import cache

REPOSITORY = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = REPOSITORY / "checks" / "nix"
HELPER = Path(os.environ.get("PODMAN_BTRFS") or REPOSITORY / "target" / "release" / "podman-btrfs")


class Skipped(Exception):
    """Why a check cannot be made here."""


class Nix:
    """Nix, from PATH or from the Debian root file system of checks/machine."""

    def __init__(self, folder: Path) -> None:
        if not HELPER.exists():
            raise Skipped(f"there is no helper at {HELPER}: cargo build --release")
        self._program = self._find()
        # A folder of its own: the helper's file is what the plan depends on, not what lies beside it.
        self.helper = folder / "helper"
        (self.helper / "bin").mkdir(parents=True)
        shutil.copy2(HELPER, self.helper / "bin" / "podman-btrfs")

    @property
    def store(self) -> Path:
        """Where the files of /nix/store are on this host."""
        return Path("/nix/store") if shutil.which("nix") else cache() / "nix" / "store"

    @staticmethod
    def _find() -> list[str]:
        if found := shutil.which("nix"):
            return [found, "--extra-experimental-features", "nix-command flakes", "--option", "sandbox", "false"]
        wrapper = REPOSITORY / "checks" / "machine" / "nix"
        if not wrapper.exists():
            raise Skipped("nix is not in PATH")
        if os.geteuid() != 0:
            raise Skipped("nix is not in PATH, and only root can run it from a root file system of its own")
        return [str(wrapper), "nix"]

    def call(self, *arguments: str, modules: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs Nix on checks/nix/default.nix, with another copy of the module where one is given."""
        command = [*self._program, arguments[0], "--impure", "-f", str(DEFINITIONS), "--arg", "helper", str(self.helper)]
        if modules is not None:
            command += ["--arg", "modules", str(modules)]
        return subprocess.run([*command, *arguments[1:]], capture_output=True, text=True, check=False)

    def program(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs Nix on whatever the arguments say, in some folder."""
        return subprocess.run([*self._program, *arguments], cwd=cwd, capture_output=True, text=True, check=False)

    def script(self, file: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Runs a script of bash where `nix` is in the path."""
        wrapper = [] if shutil.which("nix") else self._program[:1]
        words = [*wrapper, "bash", str(file), *arguments]
        return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)

    def value(self, attribute: str, apply: str | None = None, modules: Path | None = None) -> object:
        """Evaluates one attribute, or what a function makes of it."""
        done = self.call("eval", "--json", attribute, *(["--apply", apply] if apply else []), modules=modules)
        if done.returncode != 0:
            why = last_words(done.stderr)
            if "download" in why:
                raise Skipped(f"nixpkgs' lib or disko is neither in NIX_PATH nor in the store: {why}")
            raise RuntimeError(why)
        return json.loads(done.stdout)

    def names(self, attribute: str) -> list[str]:
        """The names in an attribute set, of which nothing is evaluated."""
        found = self.value(attribute, "builtins.attrNames")
        assert isinstance(found, list)
        return found


def last_words(text: str) -> str:
    """The end of what Nix said, on one line: it puts the cause last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [number for number, line in enumerate(lines) if line.startswith("error:")]
    return " / ".join(lines[causes[-1] if causes else -3 :])[:1500]
