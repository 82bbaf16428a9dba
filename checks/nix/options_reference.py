"""The reference of options, nix/docs/src/options.md, against the module. `UPDATE=1` writes it."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from lab.real_nix import REPOSITORY, Nix
from option_coverage import PREFIX

PAGE = REPOSITORY / "nix" / "docs" / "src" / "options.md"
HEADER = """\
<!-- written by `UPDATE=1 checks/nix/run the-reference-of-options-is-current`; do not edit -->

# Options

All of `services.podmanBtrfs`. Null is *not said*: the helper decides, and gives its reason.
"""


def differences(nix: Nix) -> list[str]:
    """What is not documented, and whether the page is as the module has it."""
    options = documented(nix)
    found = [f"{option['name']} has no description" for option in options if not option["description"]]
    text = page(options)
    if os.environ.get("UPDATE"):
        PAGE.write_text(text)
    if not PAGE.exists() or PAGE.read_text() != text:
        found.append("nix/docs/src/options.md is not as the module has it: UPDATE=1 writes it")
    return found


@cache
def documented(nix: Nix) -> list[dict[str, Any]]:
    """Every option, with what its declaration says."""
    options = nix.value("optionDocs")
    assert isinstance(options, list)
    return options


def page(options: list[dict[str, Any]]) -> str:
    """The whole page: a section for each first name, in the order of the alphabet."""
    sections: dict[str, list[str]] = {}
    for option in sorted(options, key=lambda option: str(option["name"])):
        name = option["name"].removeprefix(PREFIX)
        sections.setdefault(name.split(".")[0], []).append(entry(name, option))
    return HEADER + "".join(f"\n## {first}\n{''.join(entries)}" for first, entries in sections.items())


def entry(name: str, option: dict[str, Any]) -> str:
    """One option."""
    facts = [f"Type: {option['type']}"]
    if option["readOnly"]:
        facts.append("set by the module, for other modules to read")
    elif option["default"] not in (None, "null"):
        facts.append(f"default: {code(option['default'])}")
    if option["example"] is not None:
        facts.append(f"example: {code(option['example'])}")
    description = " ".join((option["description"] or "").split())
    return f"\n### `{name}`\n\n{description}\n\n{'; '.join(facts)}.\n"


def code(text: str) -> str:
    """Nix on one line."""
    return f"`{' '.join(text.split())}`"
