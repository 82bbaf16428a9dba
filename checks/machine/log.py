"""What a run writes down, and the words of the NixOS test driver that belong to no machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class RequestedAssertionFailed(AssertionError):
    """A step of a test came out otherwise than it must."""


class Log:
    """The log of one test: a file, and the terminal where it is asked for."""

    def __init__(self, file: Path, *, aloud: bool) -> None:
        self._file = file.open("w")
        self._aloud = aloud
        self._depth = 0

    def line(self, text: str) -> None:
        """One entry."""
        for part in text.splitlines() or [""]:
            line = f"{'  ' * self._depth}{part}"
            print(line, file=self._file, flush=True)
            if self._aloud:
                print(line, flush=True)

    @contextmanager
    def nested(self, text: str) -> Iterator[None]:
        """A step, with the time that it took."""
        self.line(text)
        began = time.monotonic()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self.line(f"(finished: {text.splitlines()[0]}, in {time.monotonic() - began:.2f} seconds)")

    # The names that test scripts know of the NixOS driver's logger.

    def info(self, text: str) -> None:
        """An entry."""
        self.line(text)

    def warning(self, text: str) -> None:
        """An entry that stands out."""
        self.line(f"warning: {text}")

    def close(self) -> None:
        """Ends the file."""
        self._file.close()


def retry(done: Callable[[bool], bool], timeout: int = 900) -> None:
    """Asks each second until the answer is yes; the last time the question is told so."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if done(False):
            return
        time.sleep(1)
    if not done(True):
        raise TimeoutError(f"action timed out after {timeout} seconds")
