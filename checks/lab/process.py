"""Running programs: an argument list goes in, text comes out, and a failure says what was run and what it said."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

Argument = str | Path


class ProgramFailed(Exception):
    """A program that had to succeed did not."""


def attempt(
    *arguments: Argument,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = 300,
) -> subprocess.CompletedProcess[str]:
    """Runs a program whose failure is an answer too. Output that is not UTF-8 is kept readable, not fatal."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        errors="replace",
        env=env,
        timeout=timeout,
        check=False,
    )


def run(
    *arguments: Argument,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = 300,
) -> str:
    """Runs a program that must succeed and returns what it printed."""
    done = attempt(*arguments, stdin=stdin, env=env, timeout=timeout)
    if done.returncode != 0:
        raise ProgramFailed(f"{show(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def show(arguments: Sequence[Argument]) -> str:
    """The command as a person would read it; long arguments are cut, for messages only."""
    words = [str(argument) for argument in arguments]
    return " ".join(word if len(word) < 120 else f"{word[:117]}..." for word in words)
