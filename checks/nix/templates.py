"""Templates as a user meets them: three edits, stated and marked; a README of one screen; what `nix flake init` makes."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from lab.real_nix import REPOSITORY, Nix, Skipped, last_words

FOLDER = REPOSITORY / "templates"
FILES = {"README.md", "flake.nix", "host.nix", "system.nix"}
EDITS = 3
SCREEN = 50


def names() -> list[str]:
    """Every template's folder."""
    return sorted(entry.name for entry in FOLDER.iterdir() if entry.is_dir())


def marked(template: Path) -> dict[int, list[str]]:
    """The files in which each edit is marked."""
    found: dict[int, list[str]] = {}
    for file in sorted(template.glob("*.nix")):
        for number in re.findall(r"# EDIT (\d+):", file.read_text()):
            found.setdefault(int(number), []).append(file.name)
    return found


def three_edits(template: Path) -> list[str]:
    """What is wrong with the marks, the README's list of them, and the README's length."""
    expected = range(1, EDITS + 1)
    marks = marked(template)
    failures = [f"{sorted(marks)} are marked in place of {list(expected)}"] if sorted(marks) != list(expected) else []
    failures += [f"EDIT {number} is marked in {files}" for number, files in marks.items() if len(files) != 1]
    text = (template / "README.md").read_text()
    section = re.search(r"^## Three edits$(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    listed = re.findall(r"^(\d+)\. `([^`]+)`: ", section.group(1) if section else "", re.MULTILINE)
    stated = {int(number): [file] for number, file in listed}
    if len(listed) != EDITS or stated != marks:
        failures.append(f"README.md lists {listed}, and marked are {marks}")
    if len(text.splitlines()) > SCREEN:
        failures.append(f"README.md is longer than {SCREEN} lines")
    files = {file.name for file in template.iterdir()}
    return failures + ([f"its files are {sorted(files)}"] if files != FILES else [])


def initialised(nix: Nix, name: str) -> list[str]:
    """What `nix flake init` makes in an empty folder, against the template."""
    if not (REPOSITORY / ".git").exists() or not shutil.which("git"):
        raise Skipped("the repository is no git work tree, so Nix would copy everything that lies in it")
    template = FOLDER / name
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-template-") as folder:
        done = nix.program("flake", "init", "--template", f"git+file://{REPOSITORY}#{name}", cwd=Path(folder))
        if done.returncode != 0:
            return [last_words(done.stderr)]
        made = {file.name: file.read_bytes() for file in Path(folder).iterdir()}
    wanted = {file.name: file.read_bytes() for file in template.iterdir()}
    failures = [f"{file} is not made" for file in sorted(wanted.keys() - made.keys())]
    failures += [f"{file} is made and is no part of it" for file in sorted(made.keys() - wanted.keys())]
    failures += [f"{file} differs" for file in sorted(wanted.keys() & made.keys()) if wanted[file] != made[file]]
    # The description and the first words are read from the same list.
    if "README.md" not in done.stderr:
        failures.append(f"the welcome does not lead to README.md: {done.stderr.strip()[-300:]}")
    return failures


def listed() -> list[str]:
    """The flake offers every folder, and nothing else."""
    offered = set(re.findall(r"path = \./([a-z0-9-]+);", (FOLDER / "default.nix").read_text()))
    return [f"{name} is a folder or in default.nix, not both" for name in sorted(offered ^ set(names()))]


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Two for each template, and one for their list."""
    yield "templates-are-all-offered", listed
    for name in names():
        yield f"template-{name}-states-three-edits", functools.partial(three_edits, FOLDER / name)
        yield f"template-{name}-is-made-by-nix-flake-init", functools.partial(initialised, nix, name)
