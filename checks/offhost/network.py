"""Two hosts with a wire between them, and programs that run on either side of it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from lab import network
from lab.process import Argument, run

RECEIVER = "192.168.1.1"


class Network(network.Network):
    """The wire, which can be cut."""

    def __init__(self) -> None:
        super().__init__(("receiver", "sender"))
        for port in self.ports.values():
            port.come_up()
        assert self.ports["receiver"].address == RECEIVER, self.ports["receiver"].address

    @staticmethod
    def inside(side: str, *arguments: Argument) -> list[str]:
        """The command that runs another one on a side."""
        return network.inside(side, *arguments)

    def start(self, side: str, *arguments: Argument, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Starts a program on a side; what it says is kept."""
        return subprocess.Popen(
            self.inside(side, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
        )

    def cut(self) -> None:
        """Nothing goes over the wire any more, and neither side is told why."""
        self.ports["receiver"].block()

    def mend(self) -> None:
        """It does again."""
        self.ports["receiver"].unblock()

    @staticmethod
    def sender_down(*, down: bool) -> None:
        """The sender's own card is off, so that it knows at once that nobody is there."""
        run("ip", "-n", "sender", "link", "set", network.INTERFACE, "down" if down else "up")
