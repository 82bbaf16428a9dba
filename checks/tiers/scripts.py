"""The scripts of tests/machine, typed as NixOS' test driver types them before it runs one.

Here the machine is that of checks/machine, whose methods have the driver's names and meaning: a script that passes uses
nothing that only one of the two has.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .programs import LOGS, REPOSITORY, one
from .report import Report, Result

TIER = 1
SCRIPTS = REPOSITORY / "tests" / "machine"
HOSTS = REPOSITORY / "checks" / "machine" / "hosts"

# What a driver gives to a script.
NAMES = '''\
from collections.abc import Callable
from contextlib import AbstractContextManager

from machine.log import Log, retry as retry
from machine.machine import Machine

machines: list[Machine]
log: Log
start_all: Callable[[], None]
subtest: Callable[[str], AbstractContextManager[None]]
'''
# To one whose machine is alone.
ALONE = '''

def switch_to(name: str, fails: bool = False, begin: bool = False) -> str:
    raise NotImplementedError


'''


def check(report: Report) -> None:
    """One result a script."""
    if shutil.which("mypy") is None:
        report.add(Result("skipped", TIER, "script-types", None, "mypy is not installed (Debian package mypy)"))
        return
    folder = LOGS / "scripts"
    folder.mkdir(parents=True, exist_ok=True)
    for script in sorted([*SCRIPTS.glob("*.py"), *SCRIPTS.glob("*/*.py")]):
        one(report, TIER, f"script-types-{script.stem}", command(whole(script, folder)))


def whole(script: Path, folder: Path) -> Path:
    """The script behind the names that it knows, as a module that mypy can read."""
    file = folder / f"{script.stem.replace('-', '_')}.py"
    nodes = several(script)
    own = "".join(f"{name}: Machine\n" for name in nodes or ["machine"])
    file.write_text(NAMES + own + ("" if nodes else ALONE) + script.read_text())
    return file


def several(script: Path) -> list[str]:
    """The machines of a script that has several, by name."""
    host = HOSTS / f"{script.stem}.json"
    return sorted(json.loads(host.read_text()).get("nodes", {})) if host.exists() else []


def command(file: Path) -> list[str | Path]:
    """The type check of one file."""
    options = ["--strict", "--no-error-summary", f"--cache-dir={REPOSITORY / 'target' / 'mypy'}"]
    return ["env", f"MYPYPATH={REPOSITORY / 'checks'}", "mypy", *options, file]
