"""Group snapshots of a workload of all engines, each restored and examined."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.btrfs import snapshot

from .engine import Engine, Writer
from .host import Host
from .real import ENGINES, Redis


class Shop:
    """The workload, written to."""

    # Each kind of group snapshot, and the consistency that its plan asks for.
    KINDS = {"application": "application", "crash": "crash"}

    def __init__(self, host: Host, engines: tuple[Engine, ...] = ENGINES) -> None:
        self.host, self.engines = host, engines
        volumes: dict[str, Any] = {}
        for engine in engines:
            volumes |= engine.declared()
        for kind, consistency in self.KINDS.items():
            containers: dict[str, Any] = {engine.name: {} for engine in engines}
            # On a busy machine ten seconds are not enough for five engines, and what is looked at here is not the time.
            protection = {"policy": "hourly", "consistency": consistency, "freezeBudget": "60s"}
            host.plan(kind, {"shop": {"containers": containers, "volumes": volumes, "protection": protection}})
        self.where = self.places(host.tank / "shop", host.tank / "shop+pgwal")
        self.writers: dict[str, Writer] = {}
        at_once(engines, lambda engine: engine.begin(host, self.where))
        for engine in engines:
            self.writers[engine.name] = engine.writer(host)

    def places(self, group: Path, wal: Path) -> dict[str, Path]:
        """Where each volume is."""
        names = [name for engine in self.engines for name in engine.volumes]
        return {name: wal if name == "pgwal" else group / name for name in names}

    def end(self) -> None:
        """Ends the writers."""
        for writer in self.writers.values():
            writer.end()

    def several(self, kind: str, runs: int, chance: random.Random) -> str:
        """So many group snapshots at random moments."""
        frozen: list[int] = []
        for number in range(runs):
            time.sleep(chance.uniform(0, 0.5))
            before = {name: writer.acknowledged for name, writer in self.writers.items()}
            told = self.host.snapshot(kind, "shop")
            after = {name: writer.acknowledged for name, writer in self.writers.items()}
            record = told["record"]
            assert told["outcome"] == "taken" and record["reached"] == self.KINDS[kind], f"run {number}: {told}"
            frozen.append(record["frozenMilliseconds"])
            try:
                self.restore(told, before, after)
            except AssertionError as why:
                raise AssertionError(f"run {number}: {why}; the snapshot says {record}") from why
            self.host.delete(*(Path(path) for path in told["snapshots"]))
            assert not [name for name in self.ended()], self.ended()
        frozen.sort()
        last = {name: writer.acknowledged for name, writer in self.writers.items()}
        return f"{runs} runs, held up {frozen[len(frozen) // 2]} ms, at most {frozen[-1]} ms; written {last}"

    def ended(self) -> list[str]:
        """Writers that were not acknowledged."""
        return [writer.ended for writer in self.writers.values() if writer.ended]

    def restore(self, told: dict[str, Any], before: dict[str, int], after: dict[str, int]) -> None:
        """Starts all engines on what is restored."""
        folder = self.host.tank / "restored"
        folder.mkdir()
        # The group's own subvolume first.
        taken = sorted((Path(path) for path in told["snapshots"]), key=lambda path: "+" in path.name)
        restored = [snapshot(path, folder / f"member{number}", read_only=False) for number, path in enumerate(taken)]
        where = self.places(restored[0], restored[-1])
        names = [f"restored-{engine.name}" for engine in self.engines]
        try:
            at_once(self.engines, lambda engine: self.examine(engine, where, told["record"], before, after))
        finally:
            self.host.remove(*names)
            self.host.delete(*restored)
            shutil.rmtree(folder)

    def examine(
        self, engine: Engine, where: dict[str, Path], record: dict[str, Any], before: dict[str, int], after: dict[str, int]
    ) -> None:
        """One engine: everything acknowledged before is there, nothing else is, and it finds nothing wrong."""
        container = f"restored-{engine.name}"
        engine.start(self.host, container, where)
        count, last = engine.numbers(self.host, container)
        least, most = before[engine.name], after[engine.name] + 1
        # After a power cut it is as its manual says: what was not saved is gone.
        if type(engine) is Redis and record["reached"] == "crash":
            least = 0
        assert count == last, f"{engine.name}: {count} numbers up to {last}"
        assert least <= last <= most, f"{engine.name}: {last}, of {least} acknowledged before and {most} at most after"
        engine.examine(self.host, container, where, record)


def at_once(engines: tuple[Engine, ...], act: Callable[[Engine], None]) -> None:
    """The same for all engines; the first that fails is told."""
    wrong: list[BaseException] = []

    def one(engine: Engine) -> None:
        try:
            act(engine)
        except BaseException as why:
            wrong.append(why)

    threads = [threading.Thread(target=one, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise AssertionError(f"{type(wrong[0]).__name__}: {wrong[0]}") from wrong[0]
