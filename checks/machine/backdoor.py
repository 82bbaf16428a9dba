"""The shell inside a machine through which a test acts, as in the NixOS test driver.

The machine has a folder of the host with a socket in it. A service connects to it at boot and runs bash on the connection,
so commands are children of that service: with the machine's own cgroups, devices and environment.
"""

from __future__ import annotations

import base64
import shlex
import socket
import time
from pathlib import Path

FOLDER = "/run/backdoor"

SERVICE = f"""\
[Unit]
Description=Shell of the test driver
DefaultDependencies=no
Requires=dbus.socket
After=dbus.socket systemd-tmpfiles-setup.service
Before=shutdown.target
Conflicts=shutdown.target

[Service]
ExecStart=/usr/bin/python3 -c "import os, socket; s = socket.socket(socket.AF_UNIX); s.connect('{FOLDER}/socket'); \
[os.dup2(s.fileno(), n) for n in (0, 1)]; os.chdir('/root'); os.execv('/bin/bash', ['bash', '--norc', '-s'])"
Environment=HOME=/root USER=root LANG=C.UTF-8 PAGER=
KillSignal=SIGHUP

[Install]
WantedBy=basic.target
"""


class Closed(Exception):
    """The machine ended the connection: it went down."""


class Backdoor:
    """The host's end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "socket").unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "socket"))
        self._listener.listen()
        self._connection: socket.socket | None = None
        self._rest = b""

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def accept(self, timeout: float) -> bool:
        """Waits for the machine's service to connect."""
        self._listener.settimeout(timeout)
        try:
            self._connection = self._listener.accept()[0]
        except TimeoutError:
            return False
        self._rest = b""
        return True

    def hang_up(self) -> None:
        """Ends the connection, as a machine that went down does."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Ends the connection and the listening."""
        self.hang_up()
        self._listener.close()

    def send(self, line: str) -> None:
        """A line for the shell, without waiting for an answer."""
        assert self._connection is not None
        self._connection.sendall(line.encode() + b"\n")

    def execute(self, command: str, timeout: int | None, patience: float) -> tuple[int, str]:
        """Runs a command; its exit code and what it printed on standard output."""
        limit = f"timeout {timeout} " if timeout is not None else ""
        whole = f"{limit}bash -c {shlex.quote(f'set -euo pipefail; {command}')}"
        # Base64, so that whatever the command prints cannot be taken for the driver's own lines.
        self.send(f"( {whole} ) < /dev/null | (base64 -w 0; echo); echo ${{PIPESTATUS[0]}}")
        end = time.monotonic() + patience
        output = base64.b64decode(self._line(end)).decode(errors="replace")
        return int(self._line(end)), output

    def _line(self, end: float) -> bytes:
        assert self._connection is not None
        while b"\n" not in self._rest:
            self._connection.settimeout(max(0.1, end - time.monotonic()))
            try:
                more = self._connection.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                raise Closed
            self._rest += more
        line, self._rest = self._rest.split(b"\n", 1)
        return line
