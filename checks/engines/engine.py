"""The engines: how each is begun, written to by a client that keeps what was acknowledged, and examined after a restore."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from .host import Host

# Seconds between two numbers.
PAUSE = 0.002

PASSWORD = "in the container's environment alone"


class Writer(threading.Thread):
    """A client that writes one number after the other, each after the one before was acknowledged."""

    def __init__(self, host: Host, name: str, command: tuple[str, ...], options: tuple[str, ...], engine: Engine) -> None:
        super().__init__(daemon=True)
        self._client = host.talk(name, *command, options=options)
        self._engine = engine
        self._log = (host.folder / f"{engine.name}.log").open("a")
        self.acknowledged = 0
        self.ended: str | None = None
        self._goes_on = True
        self.start()

    def run(self) -> None:
        """Writes until it is ended."""
        assert self._client.stdin is not None and self._client.stdout is not None
        number = self.acknowledged
        try:
            while self._goes_on:
                number += 1
                self._client.stdin.write(self._engine.statement(number))
                self._client.stdin.flush()
                answer = self._client.stdout.readline().strip()
                if answer != self._engine.answer(number):
                    self.ended = f"{self._engine.name} answered {answer!r} to number {number}"
                    return
                # Outside of what is snapshotted, and before it counts.
                print(number, file=self._log, flush=True)
                self.acknowledged = number
                # A load, and not all that the machine can do: what is restored is examined meanwhile.
                time.sleep(PAUSE)
        except OSError as why:
            self.ended = f"{self._engine.name}: {why}"

    def end(self) -> None:
        """No more writes."""
        self._goes_on = False
        self.join(timeout=30)
        self._client.kill()
        self._client.wait()
        self._log.close()


class Engine(ABC):
    """One engine in a container of its name."""

    name: str
    volumes: dict[str, str]
    environment: dict[str, str] = {}

    def declared(self) -> dict[str, Any]:
        """Its part of the workload's declaration: volumes."""
        return {volume: {"mounts": {self.name: inside}} for volume, inside in self.volumes.items()}

    def options(self, where: dict[str, Path]) -> tuple[str, ...]:
        """What its container is given: mounts and environment."""
        mounts = [f"--volume={where[volume]}:{inside}" for volume, inside in self.volumes.items()]
        return (*mounts, *(f"--env={name}={value}" for name, value in self.environment.items()))

    def begin(self, host: Host, where: dict[str, Path]) -> None:
        """Makes its data, and starts it."""
        self.make(host, where)
        self.start(host, self.name, where)
        self.prepare(host)

    def start(self, host: Host, container: str, where: dict[str, Path]) -> None:
        """Starts a container on its data, and waits until it answers."""
        host.start(container, *self.server(), options=self.options(where))
        host.wait(container, *self.asks(), options=self.client_options())

    def client_options(self) -> tuple[str, ...]:
        """Of programs in the container."""
        return ()

    @abstractmethod
    def make(self, host: Host, where: dict[str, Path]) -> None:
        """Makes its data."""

    @abstractmethod
    def server(self) -> tuple[str, ...]:
        """The command of its container."""

    @abstractmethod
    def asks(self) -> tuple[str, ...]:
        """A program that succeeds when it answers."""

    @abstractmethod
    def prepare(self, host: Host) -> None:
        """Makes what is written to."""

    @abstractmethod
    def writer(self, host: Host) -> Writer:
        """A client that writes."""

    @abstractmethod
    def statement(self, number: int) -> str:
        """What writes a number."""

    def answer(self, number: int) -> str:
        """How that is acknowledged."""
        return str(number)

    @abstractmethod
    def numbers(self, host: Host, container: str) -> tuple[int, int]:
        """How many numbers there are, and the last one."""

    @abstractmethod
    def examine(self, host: Host, container: str, where: dict[str, Path], record: dict[str, Any]) -> None:
        """Its own check, which finds nothing."""
