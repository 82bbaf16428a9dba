"""Two hosts with a wire between them: network namespaces of the kernel, joined by a veth pair."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from lab.process import Argument, run

SENDER = "192.168.77.1"
RECEIVER = "192.168.77.2"


class Network:
    """The wire, which can be cut, and programs that run on either side of it."""

    def __init__(self) -> None:
        # In this mount namespace only: the names of the namespaces end with it.
        Path("/run/netns").mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
        for side, address in (("sender", SENDER), ("receiver", RECEIVER)):
            run("ip", "netns", "add", side)
            if side == "receiver":
                run("ip", "-n", "sender", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", "receiver")
            run("ip", "-n", side, "link", "set", "lo", "up")
        for side, address in (("sender", SENDER), ("receiver", RECEIVER)):
            run("ip", "-n", side, "address", "add", f"{address}/24", "dev", "wire")
            run("ip", "-n", side, "link", "set", "wire", "up")

    @staticmethod
    def inside(side: str, *arguments: Argument) -> list[str]:
        """The command that runs another one on a side."""
        return ["nsenter", f"--net=/run/netns/{side}", "--", *map(str, arguments)]

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

    @staticmethod
    def cut() -> None:
        """Nothing goes over the wire any more, and neither side is told why."""
        run("ip", "-n", "receiver", "link", "set", "wire", "down")

    @staticmethod
    def mend() -> None:
        """It does again."""
        run("ip", "-n", "receiver", "link", "set", "wire", "up")
