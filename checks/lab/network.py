"""Hosts on one Ethernet: network namespaces of the kernel, each with a cable to one switch, which can be pulled out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .process import Argument, attempt, run

SWITCH = "switch"
# As the machines of NixOS' test driver have it.
INTERFACE = "eth1"
PLACE = Path("/run/netns")


def inside(name: str, *arguments: Argument) -> list[str]:
    """The command that runs another one on a host that is up."""
    return ["nsenter", f"--net={PLACE / name}", "--", *map(str, arguments)]


class Port:
    """One host's place on the network: its name, its address, and the cable."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.address = f"192.168.1.{number}"
        # The same at each boot, so that nobody waits for what the others remember of it.
        self._card = f"52:54:00:12:01:{number:02x}"
        self._blocked = False

    @property
    def namespace(self) -> Path:
        """The namespace of the host that is up."""
        return PLACE / self.name

    def come_up(self) -> None:
        """A host that boots: its card, without anything of the time before."""
        run("ip", "netns", "add", self.name)
        peer = ["peer", "name", INTERFACE, "address", self._card, "netns", self.name]
        run("ip", "-n", SWITCH, "link", "add", self.name, "type", "veth", *peer)
        run("ip", "-n", SWITCH, "link", "set", self.name, "master", SWITCH)
        run("ip", "-n", self.name, "link", "set", "lo", "up")
        run("ip", "-n", self.name, "address", "add", f"{self.address}/24", "dev", INTERFACE)
        run("ip", "-n", self.name, "link", "set", INTERFACE, "up")
        if not self._blocked:
            self.unblock()

    def go_down(self) -> None:
        """A host that is down. Its card goes at once: what the kernel still wanted to send for it never leaves it."""
        attempt("ip", "-n", SWITCH, "link", "delete", self.name)
        attempt("ip", "netns", "delete", self.name)

    def block(self) -> None:
        """Pulls the cable out: nothing goes over it, and no host is told anything else."""
        self._blocked = True
        run("ip", "-n", SWITCH, "link", "set", self.name, "down")

    def unblock(self) -> None:
        """Puts it in again."""
        self._blocked = False
        run("ip", "-n", SWITCH, "link", "set", self.name, "up")


class Network:
    """A switch, and a port of it for each name, in their order."""

    def __init__(self, names: Iterable[str]) -> None:
        # In this mount namespace only: the names of the namespaces end with it.
        PLACE.mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", PLACE)
        run("ip", "netns", "add", SWITCH)
        run("ip", "-n", SWITCH, "link", "add", SWITCH, "type", "bridge")
        run("ip", "-n", SWITCH, "link", "set", SWITCH, "up")
        self.ports = {name: Port(name, number) for number, name in enumerate(sorted(names), start=1)}

    def hosts(self) -> str:
        """/etc/hosts of each of them."""
        lines = ["127.0.0.1 localhost", *(f"{port.address} {name}" for name, port in self.ports.items())]
        return "".join(f"{line}\n" for line in lines)

    def close(self) -> None:
        """Takes all of it away; the hosts must be down."""
        for port in self.ports.values():
            port.go_down()
        run("ip", "netns", "delete", SWITCH)
        run("umount", PLACE)
