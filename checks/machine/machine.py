"""A machine with the methods of the NixOS test driver's `Machine`, their names and their meaning."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from lab import cgroup
from lab.process import run

from .backdoor import FOLDER, SERVICE, Backdoor, Closed
from .disk import Disk, as_after_power_cut
from .log import Log, RequestedAssertionFailed, retry

BOOT_TIMEOUT = 120
SHUTDOWN_TIMEOUT = 60


class Machine:
    """A Debian machine on systemd-nspawn: an overlay of the root file system, and disks of its own."""

    def __init__(self, name: str, folder: Path, tree: Path, disks: list[Disk], log: Log) -> None:
        self.name = name
        self.log_output = log
        self.disks = disks
        self.folder = folder
        self.booted = False
        self._process: subprocess.Popen[bytes] | None = None
        self._cgroup: Path | None = None
        for part in ("upper", "work", "root"):
            (folder / part).mkdir()
        self.root = folder / "root"
        layers = f"lowerdir={tree},upperdir={folder / 'upper'},workdir={folder / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        self._backdoor = Backdoor(folder / "backdoor")
        self._furnish()

    def _furnish(self) -> None:
        """What every machine has before its first boot."""
        units = self.root / "etc/systemd/system"
        (units / "backdoor.service").write_text(SERVICE)
        wanted = units / "basic.target.wants"
        wanted.mkdir(exist_ok=True)
        (wanted / "backdoor.service").symlink_to("../backdoor.service")
        (self.root / "etc/hostname").write_text(f"{self.name}\n")
        (self.root / "var/log/journal").mkdir(parents=True, exist_ok=True)

    # Life

    def start(self, allow_reboot: bool = False) -> None:
        """Boots the machine; returns before it is up, as the NixOS driver's does."""
        del allow_reboot  # a reboot is always allowed here
        if self.booted:
            return
        self._cgroup = cgroup.make()
        binds = [f"--bind={disk.device.path}:{disk.appears}" for disk in self.disks]
        if self.disks:
            # The kernel must know all devices of a filesystem before one of them is mounted; udev does it on a real host.
            run("btrfs", "device", "scan", *(disk.device.path for disk in self.disks))
        command = [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--capability=all",
            "--system-call-filter=add_key keyctl bpf @keyring", "--console=pipe", "--link-journal=no",
            f"--directory={self.root}", f"--machine={self.name}", f"--bind={self._backdoor.folder}:{FOLDER}",
            *binds, "--boot", "systemd.show_status=1",
        ]  # fmt: skip
        group = self._cgroup
        self.log("starting")
        with (self.folder / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                preexec_fn=lambda: cgroup.enter(group),
                # A Ctrl-C is for the driver, which then ends its machines itself.
                start_new_session=True,
            )
        self.booted = True

    def connect(self) -> None:
        """Waits until the machine's shell answers."""
        if self._backdoor.connected:
            return
        self.start()
        began = time.monotonic()
        while not self._backdoor.accept(0.5):
            assert self._process is not None
            if self._process.poll() is not None:
                raise self._failure(f"the machine ended while booting, exit {self._process.returncode}")
            if time.monotonic() - began > BOOT_TIMEOUT:
                raise self._failure(f"no shell after {BOOT_TIMEOUT} s")
        self.log(f"connected ({time.monotonic() - began:.1f} s)")

    def shutdown(self) -> None:
        """Shuts down in order."""
        if not self.booted:
            return
        self.connect()
        self._backdoor.send("systemctl poweroff")
        self._wait_down()

    def reboot(self) -> None:
        """Shuts down in order and boots again."""
        self.connect()
        self._backdoor.send("systemctl poweroff")
        self._wait_down()
        self.start()

    def crash(self) -> None:
        """Cuts the power: every disk stays as it is at this moment, what was not synced is lost.

        The root file system is an overlay in memory and keeps what was written to it.
        """
        if not self.booted:
            return
        copies = as_after_power_cut(self.disks)
        self._kill()
        for disk, copy in zip(self.disks, copies, strict=True):
            disk.replace(copy)
        self.log("power cut")

    def wait_for_shutdown(self) -> None:
        """Waits until the machine is down by itself."""
        if self.booted:
            self._wait_down()

    def release(self) -> None:
        """Ends the machine, whatever state it is in, and removes all of it."""
        self._kill()
        self._backdoor.close()
        run("umount", "-R", self.root)
        for disk in self.disks:
            disk.remove()

    def _wait_down(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(SHUTDOWN_TIMEOUT)
        except subprocess.TimeoutExpired:
            failure = self._failure(f"not down after {SHUTDOWN_TIMEOUT} s")
            self._kill()
            raise failure from None
        self._down()

    def _kill(self) -> None:
        if self._process is not None:
            # Killing nspawn is not enough: the machine's processes are ended by their cgroup, all at once.
            if self._cgroup is not None and (self._cgroup / "cgroup.kill").exists():
                (self._cgroup / "cgroup.kill").write_text("1")
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        self._down()

    def _down(self) -> None:
        self._backdoor.hang_up()
        if self._cgroup is not None:
            cgroup.remove(self._cgroup)
        self._process, self._cgroup, self.booted = None, None, False

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

        def active(_: bool) -> bool:
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

    # Words

    def sleep(self, secs: int) -> None:
        """Lets time pass, in the machine as on the host."""
        time.sleep(secs)

    def log(self, msg: str) -> None:
        """A line in the test's log."""
        self.log_output.line(f"{self.name}: {msg}")

    def nested(self, msg: str) -> AbstractContextManager[None]:
        """A step in the test's log, with the time it took."""
        return self.log_output.nested(f"{self.name}: {msg}")

    def _retry(self, done: Callable[[bool], bool], timeout: int, what: str) -> None:
        try:
            retry(done, timeout)
        except TimeoutError:
            raise self._failure(f"{what} after {timeout} s") from None

    def _failure(self, text: str) -> RequestedAssertionFailed:
        return RequestedAssertionFailed(f"{self.name}: {text}")

    def journal(self) -> str:
        """The journal as it is on disk, also of a machine that is down."""
        done = subprocess.run(
            ["chroot", str(self.root), "journalctl", "--no-pager", "-D", "/var/log/journal", "-n", "300", "-o", "short-monotonic"],
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        return done.stdout + done.stderr
