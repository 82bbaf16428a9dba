"""A user's flake with several hosts, by real Nix: its committed plans are written by the app, its mistakes have places."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.real_nix import DEFINITIONS, HELPER, REPOSITORY, Nix, Skipped, last_words

SCRIPT = REPOSITORY / "nix" / "refresh.sh"
HOSTS = DEFINITIONS / "hosts"

FLAKE = """\
{{
  outputs = _: let
    inherit (import {inputs}) lib;
    host = planFile: more:
      lib.evalModules {{
        class = "nixos";
        modules = [
          {stubs}
          {modules}
          {host}
          more
          {{
            services.podmanBtrfs = {{
              inherit planFile;
              package = helper;
              planner = helper;
            }};
          }}
        ];
      }};
    helper = {{
      type = "derivation";
      system = builtins.currentSystem;
      outPath = builtins.path {{
        path = {helper};
        name = "podman-btrfs";
      }};
    }};
  in {{
    nixosConfigurations = {{
      one = host ./hosts/one.json {{}};
      two = host ./two.json {{}};
      plain = host null {{}};
      wrong = host null ./hosts/wrong.nix;
    }};
  }};
}}
"""


# The policy stands below `mkIf` and `mkForce`, on its own line.
WRONG = """\
{lib, ...}: {
  services.podmanBtrfs.workloads.shop = lib.mkIf true {
    protection.policy =
      lib.mkForce "platinum";
  };
}
"""


@contextmanager
def flake() -> Iterator[Path]:
    """The user's folder: under git, as flakes mostly are."""
    if not shutil.which("git"):
        raise Skipped("git is not installed")
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-flake-") as name:
        folder = Path(name)
        (folder / "helper" / "bin").mkdir(parents=True)
        shutil.copy2(HELPER, folder / "helper" / "bin" / "podman-btrfs")
        home = folder / "flake"
        (home / "hosts").mkdir(parents=True)
        (home / "flake.nix").write_text(
            FLAKE.format(
                inputs=DEFINITIONS / "inputs.nix",
                stubs=DEFINITIONS / "nixos-stubs.nix",
                modules=REPOSITORY / "modules",
                host=HOSTS / "shop.nix",
                helper=folder / "helper",
            )
        )
        (home / "hosts" / "wrong.nix").write_text(WRONG)
        for file in ("hosts/one.json", "two.json"):
            (home / file).write_text("{}\n")
        for words in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *words], cwd=home, check=True, capture_output=True)
        yield home


def places(nix: Nix) -> list[str]:
    """A mistake in a file of a flake is told by the file's place in the flake, not by a path of the store."""
    with flake() as home:
        asked = "map (one: one.message) (builtins.filter (one: !one.assertion) it.config.assertions)"
        done = nix.program(
            "eval", "--impure", "--json", ".#nixosConfigurations.wrong", "--apply", f"it: {asked}", cwd=home
        )
    if done.returncode != 0:
        return [last_words(done.stderr)]
    messages = json.loads(done.stdout)
    wanted = "at services.podmanBtrfs.workloads.shop.protection.policy (hosts/wrong.nix:3:5)"
    return [] if len(messages) == 1 and wanted in messages[0] else [f"`{wanted}` is not what it says: {messages}"]


def refresh(nix: Nix) -> list[str]:
    """A stale file is written, a current one is left, and only what is named is touched."""
    with flake() as home:
        return failures(nix, home, home / "hosts" / "one.json", home / "two.json")


def failures(nix: Nix, home: Path, one: Path, two: Path) -> list[str]:
    """What the app did otherwise than it should."""
    wrong = []
    first = nix.script(SCRIPT, "one", cwd=home)
    if first.returncode != 0:
        return [f"it failed: {last_words(first.stderr)}"]
    if '"planVersion"' not in one.read_text():
        wrong.append("what was named is not written")
    if two.read_text() != "{}\n":
        wrong.append("what was not named is written")
    every = nix.script(SCRIPT, cwd=home)
    if every.stdout != "one: hosts/one.json is current\ntwo: two.json is written; look at what changed, and commit it\n":
        wrong.append(f"of both it says: {every.stdout!r} {last_words(every.stderr)}")
    if two.read_text() != one.read_text():
        wrong.append("both hosts have the same declaration, and other plans")
    nobody = nix.script(SCRIPT, "plain", cwd=home)
    if nobody.returncode == 0 or "no host here of that name has" not in nobody.stderr:
        wrong.append(f"of a host without a file it says: {nobody.stdout!r} {nobody.stderr!r}")
    return wrong + [f"{file.name} is left over" for file in home.rglob("*.new")]


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One of the app, one of places."""
    yield "a-mistake-in-a-flake-has-its-place-in-the-flake", lambda: places(nix)
    yield "committed-plans-are-written-anew-by-the-app", lambda: refresh(nix)
