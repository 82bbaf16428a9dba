"""The life of a machine: boot, shutdown, reboot, power cut, and that nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path

from lab import cgroup
from lab.network import Port
from lab.power import as_after_power_cut
from lab.process import run

from .backdoor import FOLDER, SERVICE, Backdoor
from .disk import Disk
from .log import Log, RequestedAssertionFailed

BOOT_TIMEOUT = 120
SHUTDOWN_TIMEOUT = 60


class Booted:
    """A Debian machine on systemd-nspawn: an overlay of the root file system, and disks of its own."""

    def __init__(
        self,
        name: str,
        folder: Path,
        tree: Path,
        disks: list[Disk],
        log: Log,
        store: Path | None = None,
        port: Port | None = None,
    ) -> None:
        """`store`: the folder that is /nix/store in the machine, whose units name files of it. `port`: where it is on a network."""
        self.name = name
        self.port = port
        self.log_output = log
        self.disks = disks
        self.folder = folder
        self.store = store
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
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost {self.name}\n")
        (self.root / "var/log/journal").mkdir(parents=True, exist_ok=True)

    # Life

    def start(self, allow_reboot: bool = False) -> None:
        """Boots the machine; returns before it is up, as the NixOS driver's does."""
        del allow_reboot  # a reboot is always allowed here
        if self.booted:
            return
        self._cgroup = cgroup.make()
        # What the kernel says of its Btrfs filesystems, which systemd-nspawn leaves out of the machine's /sys.
        binds = ["--bind-ro=/sys/fs/btrfs"]
        for disk in self.disks:
            # By its own path too: so the kernel opens the further devices of a filesystem.
            binds += [f"--bind={disk.device.path}:{disk.appears}", f"--bind={disk.device.path}"]
        if self.store is not None:
            binds.append(f"--bind-ro={self.store}:/nix/store")
        if self.disks:
            # The kernel must know all devices of a filesystem before one of them is mounted; udev does it on a real host.
            run("btrfs", "device", "scan", *(disk.device.path for disk in self.disks))
        network, more = "--private-network", {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        if self.port is not None:
            self.port.come_up()
            network = f"--network-namespace-path={self.port.namespace}"
            # The kernel's settings of a network that is the machine's own, as a machine can change them.
            more["SYSTEMD_NSPAWN_API_VFS_WRITABLE"] = "network"
        command = [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", network, "--capability=all",
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
                env=os.environ | more,
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
        if self.port is not None:
            # First of all: nobody hears what its kernel would say for processes that are killed.
            self.port.go_down()
        copies = as_after_power_cut([disk.image for disk in self.disks])
        self._kill()
        for disk, copy in zip(self.disks, copies, strict=True):
            disk.replace(copy)
        self.log("power cut")

    def block(self) -> None:
        """Pulls out the cable that connects the machine to the other machines."""
        self._cable().block()

    def unblock(self) -> None:
        """Puts it in again."""
        self._cable().unblock()

    def _cable(self) -> Port:
        if self.port is None or not self.booted:
            raise self._failure("it is not up on a network")
        return self.port

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
        if self.port is not None:
            self.port.go_down()
        self._process, self._cgroup, self.booted = None, None, False

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

    def _failure(self, text: str) -> RequestedAssertionFailed:
        return RequestedAssertionFailed(f"{self.name}: {text}")

    def console(self) -> str:
        """What it wrote there, at each of its boots."""
        file = self.folder / "console.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def journal(self) -> str:
        """The journal as it is on disk, also of a machine that is down."""
        done = subprocess.run(
            ["chroot", str(self.root), "journalctl", "--no-pager", "-D", "/var/log/journal", "-n", "300", "-o", "short-monotonic"],
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        return done.stdout + done.stderr
