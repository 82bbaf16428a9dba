"""Dumps of real databases under load whose data is in no snapshot: each loads into an empty server, and one that fails keeps the one before."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from .engine import PASSWORD, Engine, Writer
from .host import Host, host
from .image import MYSQL
from .real import MariaDb, MySql, PostgreSql

# What a row must be filled with.
WHOLE = {
    "pg": "SELECT count(*) FROM numbers WHERE filling = repeat(md5(number::text), 20)",
    "maria": "SELECT COUNT(*) FROM shop.numbers WHERE filling = REPEAT(MD5(number), 20)",
    "mysql": "SELECT COUNT(*) FROM shop.numbers WHERE filling = REPEAT(CONCAT(number, ' '), 60)",
}
Sql: TypeAlias = PostgreSql | MariaDb | MySql
PARTIAL = ".podman-btrfs-dump-pg.partial"


class Dumped:
    """Servers that are written to, and plans that dump them."""

    def __init__(self, made: Host, engines: Sequence[Sql]) -> None:
        self.made, self.engines = made, engines
        volumes: dict[str, Any] = {"dumps": {"class": "documents"}}
        for engine in self.engines:
            volumes |= {name: one | {"snapshot": False} for name, one in engine.declared().items()}
        volumes["mysql"]["copyOnWrite"] = False
        containers: dict[str, Any] = {engine.name: {} for engine in self.engines}
        into: dict[str, Any] = {"into": "dumps"}
        for name, of_pg in (("dump", into), ("short", into | {"timeout": "1s", "onError": "fail"})):
            dumps = {engine.name: of_pg if engine.name == "pg" else into for engine in self.engines}
            protection = {"policy": "hourly", "dumps": dumps}
            made.plan(name, {"shop": {"containers": containers, "volumes": volumes, "protection": protection}})
        planned = json.loads(made.plans["dump"].read_text())["workloads"]["shop"]["instances"][0]
        assert [Path(one["hostPath"]) for one in planned["protection"]["members"]] == [made.tank / "shop"], planned
        assert not planned["volumes"]["mysql"]["copyOnWrite"], planned
        self.where = {name: Path(volume["hostPath"]) for name, volume in planned["volumes"].items()}
        for engine in self.engines:
            engine.begin(made, self.where)
        self.writers: dict[str, Writer] = {engine.name: engine.writer(made) for engine in self.engines}

    def is_written_to(self) -> None:
        """Waits until each has something to lose."""
        while min(self.acknowledged().values()) < 50:
            assert all(writer.is_alive() for writer in self.writers.values())
            time.sleep(0.01)

    def acknowledged(self) -> dict[str, int]:
        """By each server."""
        return {name: writer.acknowledged for name, writer in self.writers.items()}

    def files(self) -> dict[str, bytes]:
        """The dumps in the volume."""
        return {engine.name: (self.where["dumps"] / file(engine)).read_bytes() for engine in self.engines}

    def outcomes(self, told: dict[str, Any]) -> dict[str, str]:
        """What each dump came to."""
        return {one["container"]: one["outcome"] for one in told["record"]["dumps"]}

    def end(self) -> None:
        """Ends the writers."""
        for writer in self.writers.values():
            writer.end()


def file(engine: Engine) -> str:
    """What a dump is called."""
    return f"podman-btrfs-dump-{engine.name}.sql"


def dumped(program: Path, folder: Path) -> str:
    """All of it."""
    with host(program, folder / "dumped") as made, under_load(made, (PostgreSql(), MariaDb())) as trial:
        said = loads(trial)
        for fails in (refused, without_tool, held, killed):
            before = trial.files()
            fails(trial, before)
            assert not (trial.where["dumps"] / PARTIAL).exists() or fails is killed
        told = made.snapshot("dump", "shop")
        assert told["outcome"] == "taken" and set(trial.outcomes(told).values()) == {"done"}, told
        names = sorted(entry.name for entry in Path(told["snapshots"][0], "dumps").iterdir())
        assert names == sorted(file(engine) for engine in trial.engines), names
        return said


def dumped_mysql(program: Path, folder: Path) -> str:
    """What is MySQL's own: its tool, and that an empty server of it loads what that wrote."""
    with host(program, folder / "dumped-mysql", MYSQL) as made, under_load(made, (MySql(),)) as trial:
        return loads(trial)


@contextmanager
def under_load(made: Host, engines: Sequence[Sql]) -> Iterator[Dumped]:
    """Servers that are written to meanwhile, to the very end."""
    trial = Dumped(made, engines)
    try:
        trial.is_written_to()
        yield trial
    finally:
        trial.end()
    ended = {name: writer.ended for name, writer in trial.writers.items() if writer.ended}
    assert not ended, ended


def loads(trial: Dumped) -> str:
    """Each acknowledged number is in the snapshot's dump, and an empty server has the same rows when it has loaded that."""
    made = trial.made
    before = trial.acknowledged()
    begun = time.monotonic()
    told = made.snapshot("dump", "shop")
    lasted = time.monotonic() - begun
    after = trial.acknowledged()
    assert told["outcome"] == "taken" and set(trial.outcomes(told).values()) == {"done"}, told
    assert told["record"]["frozenMilliseconds"] == 0, told
    sizes = {one["container"]: one["bytes"] for one in told["record"]["dumps"]}
    for engine in trial.engines:
        dump = Path(told["snapshots"][0]) / "dumps" / file(engine)
        assert dump.stat().st_size == sizes[engine.name] and dump.stat().st_mode & 0o777 == 0o600, dump.stat()
        with empty(made, engine) as container:
            load(made, engine, container, dump.read_text())
            count, last = engine.numbers(made, container)
            assert count == last, f"{engine.name}: {count} numbers up to {last}"
            assert before[engine.name] <= last <= after[engine.name] + 1, f"{engine.name}: {last}, {before} before, {after} after"
            whole = engine.sql(made, container, WHOLE[engine.name])
            assert whole == str(count), f"{engine.name}: {whole} of {count} rows are whole"
    return f"dumped in {lasted:.1f} s: {sizes} bytes, {before} acknowledged before"


@contextmanager
def empty(made: Host, engine: Engine) -> Iterator[str]:
    """An empty server of the same image."""
    container, folder = f"empty-{engine.name}", made.tank / f"empty-{engine.name}"
    where = {name: folder / name for name in engine.volumes}
    for place in where.values():
        place.mkdir(parents=True)
    try:
        engine.make(made, where)
        engine.start(made, container, where)
        yield container
    finally:
        made.remove(container)
        shutil.rmtree(folder)


def load(made: Host, engine: Engine, container: str, text: str) -> None:
    """As the chapter of restores says."""
    if engine.name == "pg":
        made.inside(container, "psql", "-X", "-q", "-d", "postgres", stdin=text, options=engine.client_options())
    else:
        client = "mysql" if engine.name == "mysql" else "mariadb"
        made.inside(container, client, "-uroot", stdin=text)
        made.inside(container, client, "-uroot", "-e", "FLUSH PRIVILEGES")


def kept(trial: Dumped, told: dict[str, Any], name: str, why: str, before: dict[str, bytes]) -> None:
    """The snapshot says that a dump failed and why, and has the one before."""
    assert told["outcome"] == "taken-with-less", told
    outcome = trial.outcomes(told)[name]
    assert outcome.startswith("failed: ") and why in outcome, told
    engine = next(one for one in trial.engines if one.name == name)
    taken = (Path(told["snapshots"][0]) / "dumps" / file(engine)).read_bytes()
    assert taken == before[name], f"{name}: {len(taken)} bytes, and not the {len(before[name])} from before"


def refused(trial: Dumped, before: dict[str, bytes]) -> None:
    """The password of the environment is not the server's any more."""
    maria = next(engine for engine in trial.engines if engine.name == "maria")
    maria.sql(trial.made, "maria", "SET PASSWORD FOR root@localhost = PASSWORD('another')")
    told = trial.made.snapshot("dump", "shop")
    change = f'SET PASSWORD FOR root@localhost = PASSWORD("{PASSWORD}")'
    trial.made.inside("maria", "env", "MYSQL_PWD=another", "mariadb", "-uroot", "-e", change)
    kept(trial, told, "maria", "Access denied", before)
    assert trial.outcomes(told)["pg"] == "done", told


def without_tool(trial: Dumped, before: dict[str, bytes]) -> None:
    """The image has no tool."""
    trial.made.inside("pg", "mv", "/usr/bin/pg_dumpall", "/usr/bin/elsewhere")
    told = trial.made.snapshot("dump", "shop")
    trial.made.inside("pg", "mv", "/usr/bin/elsewhere", "/usr/bin/pg_dumpall")
    kept(trial, told, "pg", "pg_dumpall", before)


@contextmanager
def locked(trial: Dumped) -> Iterator[None]:
    """A session holds a table, so that a dump waits for it."""
    client = trial.made.talk("pg", "psql", "-XqAt", options=PostgreSql().client_options())
    assert client.stdin is not None and client.stdout is not None
    client.stdin.write("BEGIN; LOCK TABLE numbers IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n")
    client.stdin.flush()
    answer = client.stdout.readline().strip()
    assert answer == "locked", answer
    try:
        yield
    finally:
        client.stdin.close()
        client.wait()


def held(trial: Dumped, before: dict[str, bytes]) -> None:
    """It takes longer than it may, and no snapshot is to be taken then."""
    snapshots = sorted(trial.made.snapshots.iterdir())
    with locked(trial):
        told = trial.made.snapshot("short", "shop")
    assert told["outcome"] == "abandoned" and "was not done after" in told["because"], told
    assert sorted(trial.made.snapshots.iterdir()) == snapshots and trial.files()["pg"] == before["pg"]


def killed(trial: Dumped, before: dict[str, bytes]) -> None:
    """The command is killed in the middle."""
    snapshots = sorted(trial.made.snapshots.iterdir())
    partial = trial.where["dumps"] / PARTIAL
    with locked(trial):
        words = trial.made.words("dump", "shop")
        command = subprocess.Popen(words, env=trial.made.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not partial.exists() or partial.stat().st_size == 0:
            assert command.poll() is None and time.monotonic() < end, "no dump was met while it was made"
            time.sleep(0.01)
        os.kill(command.pid, signal.SIGKILL)
        command.wait()
    assert partial.exists() and trial.files()["pg"] == before["pg"]
    assert sorted(trial.made.snapshots.iterdir()) == snapshots
