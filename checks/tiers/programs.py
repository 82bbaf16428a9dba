"""Running a check: one program that passes or fails, or one that prints a line for each of its own checks."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .report import Report, Result

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LOGS = REPOSITORY / "target" / "checks"

# What a program of many checks prints for each: `passed NAME`, `failed NAME (1.5 s): why`, `skipped NAME: why`.
LINE = re.compile(r"(passed|failed|skipped) (\S+?)(?: \(([\d.]+) s\))?(?:: (.*))?")

# No colours in logs, no questions, Python's lines as they come.
ENVIRONMENT = {"CARGO_TERM_COLOR": "never", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}


def one(
    report: Report, tier: int, name: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None
) -> bool:
    """A program that is one check: its exit code decides."""
    log = log_file(tier, name)
    began = time.monotonic()
    with log.open("w") as output:
        code = subprocess.run(
            [str(word) for word in command],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | ENVIRONMENT | (env or {}),
            check=False,
        ).returncode
    took = time.monotonic() - began
    if code == 0:
        report.add(Result("passed", tier, name, took, tests_run(log)))
    else:
        report.add(Result("failed", tier, name, took, f"exit {code}", log))
    return code == 0


def many(report: Report, tier: int, program: Path, env: Mapping[str, str] | None = None) -> None:
    """A program that prints a line for each of its checks; each becomes a result."""
    name = program.parent.name
    if not os.access(program, os.X_OK):
        report.add(Result("failed", tier, name, None, f"{program.relative_to(REPOSITORY)} is missing or not executable"))
        return
    log = log_file(tier, name)
    found: list[tuple[str, str, float | None, str]] = []
    with log.open("w") as output, subprocess.Popen(
        [str(program)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | ENVIRONMENT | (env or {}),
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            output.write(line)
            output.flush()
            if match := LINE.fullmatch(line.rstrip("\n")):
                result = (match[1], match[2], float(match[3]) if match[3] else None, match[4] or "")
                found.append(result)
                # A failure is reported at the end, when its log is complete.
                if result[0] != "failed":
                    report.add(Result(result[0], tier, result[1], result[2], result[3]))
    failures = [result for result in found if result[0] == "failed"]
    for outcome, check, seconds, reason in failures:
        report.add(Result(outcome, tier, check, seconds, reason, log))
    if running.returncode != 0 and not failures:
        report.add(Result("failed", tier, name, None, f"exit {running.returncode} without saying which check failed", log))
    elif not found:
        report.add(Result("failed", tier, name, None, "it ran no check", log))


def log_file(tier: int, name: str) -> Path:
    """Where a check's output goes."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{tier}-{name}.log"


def tests_run(log: Path) -> str:
    """How many tests `cargo test` ran, for the line of the check."""
    counts = re.findall(r"^test result: ok\. (\d+) passed", log.read_text(errors="replace"), re.MULTILINE)
    return f"{sum(map(int, counts))} tests" if counts else ""
