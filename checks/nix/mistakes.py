"""What a user sees of each mistake in checks/nix/mistakes, against the text beside it. `UPDATE=1` writes the texts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache, partial

from lab.real_nix import DEFINITIONS, REPOSITORY, Nix

FOLDER = DEFINITIONS / "mistakes"
# Null where the module system itself refuses: what it says goes to the standard error stream.
SAID = "builtins.mapAttrs (_: text: let said = builtins.tryEval text; in if said.success then said.value else null)"


@cache
def texts(nix: Nix) -> dict[str, str]:
    """By mistake, all that Nix says of it: one evaluation for all of them, made when the first is asked for."""
    said = nix.value("mistakes", SAID)
    assert isinstance(said, dict)
    return {name: plain(text if text is not None else refused(nix, name)) for name, text in said.items()}


def refused(nix: Nix, name: str) -> str:
    """The error of the module system, without the way by which the evaluation came to it."""
    lines = nix.call("eval", "--raw", f"mistakes.{name}").stderr.splitlines()
    starts = [number for number, line in enumerate(lines) if line.strip().startswith("error:")]
    last = lines[starts[-1] :] if starts else lines
    return "\n".join(line.removeprefix("       ") for line in last).strip() + "\n"


def plain(text: str) -> str:
    """Without the place of the repository on this machine."""
    return text.replace(f"{REPOSITORY}/", "")


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One check a mistake."""
    for name in nix.names("mistakes"):
        yield f"mistake-{name}", partial(mistake, nix, name)


def mistake(nix: Nix, name: str) -> list[str]:
    """What is wrong with one; the texts are evaluated when the first is asked for."""
    return differences(name, texts(nix)[name])


def differences(name: str, text: str) -> list[str]:
    """What is wrong with what is said of one mistake."""
    expected = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE"):
        expected.write_text(text)
    if not expected.exists():
        return [f"{expected.name} is missing: UPDATE=1 writes it"]
    found = [] if expected.read_text() == text else [f"it is not what {expected.name} says:\n{text}"]
    if "checks/nix/mistakes/" not in text:
        found.append(f"no place is named: {text}")
    return found
