"""The committed plans of the machines of checks/vm, against what is planned now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from lab.real_nix import REPOSITORY, Nix

FOLDER = REPOSITORY / "checks" / "vm" / "plans"


def stale(nix: Nix) -> list[str]:
    """The files that are missing, differ or belong to no machine; with UPDATE=1 they are written and removed."""
    planned = nix.value("vmPlans")
    assert isinstance(planned, dict)
    wanted = {FOLDER / host / f"{one}.json": text for host, generations in planned.items() for one, text in generations.items()}
    committed = set(FOLDER.glob("*/*.json"))
    differing = [file for file, text in wanted.items() if file not in committed or file.read_text() != text]
    nobodys = sorted(committed - wanted.keys())
    if os.environ.get("UPDATE") == "1":
        for file in differing:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(wanted[file])
        for file in nobodys:
            file.unlink()
        return []
    return [f"{file.relative_to(REPOSITORY)} is not what is planned now: UPDATE=1 writes it" for file in (*differing, *nobodys)]


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One, of all files."""
    yield "the-plans-of-the-machines-are-current", lambda: stale(nix)
