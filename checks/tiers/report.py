"""Results: one line each, the log of what failed, and the closing line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

TAIL = 80
# What is said of each failure once more at the end, where who keeps only the end of all that was printed finds it.
EXCERPT = 25


@dataclass(frozen=True)
class Result:
    """What came of one check."""

    outcome: str
    tier: int
    name: str
    seconds: float | None = None
    reason: str = ""
    log: Path | None = None

    def excerpt(self) -> list[str]:
        """The lines of its log that speak of it: from where a test's own output begins, or the last ones."""
        if self.log is None:
            return []
        lines = self.log.read_text(errors="replace").splitlines()
        heads = [number for number, line in enumerate(lines) if f"---- {self.name} stdout ----" in line]
        if heads:
            return [line[:2000] for line in lines[heads[-1] : heads[-1] + EXCERPT]]
        return [line[:2000] for line in lines[-EXCERPT:]]


@dataclass
class Report:
    """All results so far."""

    results: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Keeps a result and prints it; of a failure also the end of its log, once where several share one."""
        is_new = all(other.log != result.log for other in self.results)
        self.results.append(result)
        took = f"({result.seconds:.1f} s)" if result.seconds is not None else ""
        line = f"{result.outcome}  {result.tier}  {result.name:<50} {took:>9}  {result.reason}"
        print(line.rstrip(), flush=True)
        if result.outcome == "failed" and result.log is not None and is_new:
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
                    for line in result.excerpt() if outcome == "failed" else []:
                        print(f"    {line}")
        print(f"{self.count('passed')} passed, {self.count('failed')} failed, {self.count('skipped')} skipped", flush=True)
        return 1 if self.count("failed") else 0
