"""Each template as a whole NixOS system, and what stood in for the real thing where the nixpkgs is an old one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from lab.real_nix import Nix, Skipped

NAME = "templates-are-whole-systems"


def without_nixpkgs() -> list[str]:
    """Nothing can be evaluated."""
    raise Skipped("no nixpkgs in NIX_PATH")


def outcome(nix: Nix, name: str, notes: list[str]) -> list[str]:
    """The failures of one system; what stood in goes to the notes."""
    found = nix.value(f'systems."{name}"')
    assert isinstance(found, dict)
    if found["stoodInFor"]:
        notes.append(f"stood in for: {', '.join(found['stoodInFor'])}")
    return list(found["failures"])


def checks(nix: Nix, notes: list[str]) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Two for each template's ways of planning, and one for what its files say."""
    found = nix.names("systems")
    if not found:
        yield NAME, without_nixpkgs
    for name in found:
        yield name, partial(outcome, nix, name, notes)
