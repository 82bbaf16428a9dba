"""Results: one line each, the log of what failed, and the closing line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

TAIL = 80


@dataclass(frozen=True)
class Result:
    """What came of one check."""

    outcome: str
    tier: int
    name: str
    seconds: float | None = None
    reason: str = ""
    log: Path | None = None


@dataclass
class Report:
    """All results so far."""

    results: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Keeps a result and prints it; of a failure also the end of its log."""
        self.results.append(result)
        took = f"({result.seconds:.1f} s)" if result.seconds is not None else ""
        line = f"{result.outcome}  {result.tier}  {result.name:<50} {took:>9}  {result.reason}"
        print(line.rstrip(), flush=True)
        if result.outcome == "failed" and result.log is not None:
            lines = result.log.read_text(errors="replace").splitlines()
            print("\n".join(f"    {line}" for line in lines[-TAIL:]))
            print(f"    the whole log, {len(lines)} lines: {result.log}", flush=True)

    def count(self, outcome: str) -> int:
        """How many came out so."""
        return sum(result.outcome == outcome for result in self.results)

    def close(self) -> int:
        """Prints what was skipped and what failed once more, in short, and the closing line; the exit code."""
        for outcome in ("skipped", "failed"):
            for result in self.results:
                if result.outcome == outcome:
                    print(f"{outcome}: tier {result.tier}, {result.name}: {result.reason[:120]}".rstrip(": "))
        print(f"{self.count('passed')} passed, {self.count('failed')} failed, {self.count('skipped')} skipped", flush=True)
        return 1 if self.count("failed") else 0
