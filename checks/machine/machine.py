"""A machine with the methods of the NixOS test driver's `Machine`, their names and their meaning."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

from .backdoor import FOLDER, Closed
from .booted import Booted
from .log import retry


class Machine(Booted):
    """What a test script does with a machine."""

    # Commands

    def execute(
        self,
        command: str,
        check_return: bool = True,
        check_output: bool = True,
        timeout: int | None = 900,
    ) -> tuple[int, str]:
        """Runs a shell command; its exit code and standard output."""
        self.connect()
        if not check_return:
            self._backdoor.send(f"( {command} ) < /dev/null > /dev/null &")
            return -2, ""
        try:
            code, output = self._backdoor.execute(command, timeout, patience=(timeout or 86_400) + 30)
        except Closed:
            raise self._failure(f"the machine went down during `{command}`") from None
        return code, output if check_output else ""

    def succeed(self, *commands: str, timeout: int | None = None) -> str:
        """Runs commands that must succeed; what they printed."""
        output = ""
        for command in commands:
            with self.nested(f"must succeed: {command}"):
                code, out = self.execute(command, timeout=timeout)
                if code != 0:
                    self.log(f"output: {out}")
                    raise self._failure(f"command `{command}` failed (exit code {code})\n{out}".rstrip())
                output += out
        return output

    def fail(self, *commands: str, timeout: int | None = None) -> str:
        """Runs commands that must fail; what they printed."""
        output = ""
        for command in commands:
            with self.nested(f"must fail: {command}"):
                code, out = self.execute(command, timeout=timeout)
                if code == 0:
                    raise self._failure(f"command `{command}` unexpectedly succeeded\n{out}".rstrip())
                output += out
        return output

    def wait_until_succeeds(self, command: str, timeout: int = 900) -> str:
        """Repeats a command each second until it succeeds."""
        output = ""

        def succeeded(_: bool) -> bool:
            nonlocal output
            code, output = self.execute(command, timeout=timeout)
            return code == 0

        with self.nested(f"waiting for success: {command}"):
            self._retry(succeeded, timeout, f"command `{command}` still fails")
        return output

    def wait_until_fails(self, command: str, timeout: int = 900) -> str:
        """Repeats a command each second until it fails."""
        output = ""

        def failed(_: bool) -> bool:
            nonlocal output
            code, output = self.execute(command, timeout=timeout)
            return code != 0

        with self.nested(f"waiting for failure: {command}"):
            self._retry(failed, timeout, f"command `{command}` still succeeds")
        return output

    # Units and files

    def systemctl(self, q: str, user: str | None = None) -> tuple[int, str]:
        """Runs systemctl with these words."""
        if user is None:
            return self.execute(f"systemctl {q}")
        return self.execute(
            f"su -l {shlex.quote(user)} --shell /bin/sh -c "
            f"{shlex.quote(f'XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user {q}')}"
        )

    def get_unit_info(self, unit: str, user: str | None = None) -> dict[str, str]:
        """All properties of a unit."""
        code, lines = self.systemctl(f"--no-pager show {shlex.quote(unit)}", user)
        if code != 0:
            raise self._failure(f"retrieving systemctl info for {unit} failed with exit code {code}")
        return dict(line.split("=", 1) for line in lines.splitlines() if "=" in line)

    def get_unit_property(self, unit: str, property: str, user: str | None = None) -> str:
        """One property of a unit."""
        return self.get_unit_info(unit, user)[property]

    def require_unit_state(self, unit: str, require_state: str = "active") -> None:
        """Fails when the unit is in another state."""
        with self.nested(f"checking if unit {unit} has reached state '{require_state}'"):
            state = self.get_unit_info(unit)["ActiveState"]
            if state != require_state:
                raise self._failure(f"expected unit {unit} to be in state '{require_state}' but it is in state '{state}'")

    def wait_for_unit(self, unit: str, user: str | None = None, timeout: int = 900) -> None:
        """Waits until a unit is active; fails at once when it failed, or is inactive with nothing queued."""

        def active(last_try: bool) -> bool:
            del last_try  # the answer is the same each time
            info = self.get_unit_info(unit, user)
            state = info["ActiveState"]
            if state == "failed":
                _, status = self.systemctl(f"status --no-pager --full --lines=30 {shlex.quote(unit)}", user)
                raise self._failure(f"unit {unit} reached state 'failed'\n{status}".rstrip())
            if state == "inactive":
                _, jobs = self.systemctl("list-jobs --full", user)
                if "No jobs" in jobs and self.get_unit_info(unit, user)["ActiveState"] == state:
                    raise self._failure(f"unit {unit} is inactive and there are no pending jobs")
            return state == "active"

        with self.nested(f"waiting for unit {unit}"):
            self._retry(active, timeout, f"unit {unit} is not active")

    def start_job(self, jobname: str, user: str | None = None) -> tuple[int, str]:
        """systemctl start."""
        return self.systemctl(f"start {jobname}", user)

    def stop_job(self, jobname: str, user: str | None = None) -> tuple[int, str]:
        """systemctl stop."""
        return self.systemctl(f"stop {jobname}", user)

    def wait_for_file(self, filename: str, timeout: int = 900) -> None:
        """Waits until a file exists."""

        def exists(_: bool) -> bool:
            return self.execute(f"test -e {shlex.quote(filename)}")[0] == 0

        with self.nested(f"waiting for file '{filename}'"):
            self._retry(exists, timeout, f"file {filename} is not there")

    def copy_from_host(self, source: str, target: str) -> None:
        """Copies a file or folder of the host into the running machine."""
        self.connect()
        place = self._backdoor.folder / f"copy-{os.urandom(4).hex()}"
        if Path(source).is_dir():
            shutil.copytree(source, place, symlinks=True)
        else:
            shutil.copy(source, place)
        inside = f"{FOLDER}/{place.name}"
        self.succeed(
            f"mkdir -p {shlex.quote(os.path.dirname(target) or '/')}",
            f"cp -r {inside} {shlex.quote(target)}",
            f"rm -r {inside}",
        )

    def _retry(self, done: Callable[[bool], bool], timeout: int, what: str) -> None:
        try:
            retry(done, timeout)
        except TimeoutError:
            raise self._failure(f"{what} after {timeout} s") from None
