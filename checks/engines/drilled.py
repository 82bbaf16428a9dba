"""Drills of real engines under load: what is sound is proven, and each engine finds what is planted into its files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from lab.process import attempt, run

from .host import Host
from .real import PostgreSql
from .restored import Shop

# A container of a drill is as others are, and here only a privileged one can be made.
WRAPPER = """\
#!/bin/sh
[ "$1" = run ] || exec {podman} "$@"
shift
exec {podman} run --privileged "$@"
"""


def proven(shop: Shop) -> tuple[list[Path], dict[str, Any]]:
    """A group snapshot that each engine finds sound, and what the drill said."""
    told = shop.host.snapshot("application", "shop")
    assert told["record"]["reached"] == "application", told
    sound = drill(shop.host, 0)
    for engine in shop.engines:
        of_it = [proof for proof in sound["proofs"] if f" in {engine.name}: " in proof]
        assert len(of_it) == 1, f"{engine.name}: {sound}"
    return [Path(path) for path in told["snapshots"]], sound


def only_proven(shop: Shop) -> str:
    """A point that is proven."""
    taken, sound = proven(shop)
    shop.host.delete(*taken)
    return f"proven in {sound['seconds']} s"


def drilled(shop: Shop) -> str:
    """A point that is proven, and one in which each engine's files are damaged."""
    host = shop.host
    taken, sound = proven(shop)
    group = next(path for path in taken if path.name.startswith("shop."))
    where = shop.places(group, group.parent / group.name.replace("shop.", "shop+pgwal."))
    run("btrfs", "property", "set", "-f", group, "ro", "false")
    for file, at in planted(shop, where):
        damage(file, at)
    run("btrfs", "property", "set", group, "ro", "true")
    found = drill(host, 1)
    kinds = {(one["volume"], one["kind"]) for one in found["findings"]}
    assert kinds == {(volume, "engine") for volume in ("pgdata", "mysql", "redis", "rlog", "lite")}, found
    known = json.loads((host.folder / "receipts" / "drills.json").read_text())["copies"]["shop"]["host"]
    assert known["proven"]["when"] == sound["started"] and known["tried"]["outcome"] == "failed", known
    left = [name for name in host.states() if name.startswith("podman-btrfs-drill")]
    left += [path.name for path in host.snapshots.iterdir() if path.name.startswith(".podman-btrfs-drill")]
    assert not left, left
    host.delete(*taken)
    assert not shop.ended(), shop.ended()
    return f"proven in {sound['seconds']} s, found in {found['seconds']} s"


def planted(shop: Shop, where: dict[str, Path]) -> list[tuple[Path, int]]:
    """Files with a place in each: behind their first pages, which nobody wrote to since the log that is replayed began."""
    sql = PostgreSql().sql(shop.host, "pg", "SELECT pg_relation_filepath('numbers')")
    dump = where["redis"] / "dump.rdb"
    logs = sorted((where["rlog"] / "appendonlydir").glob("*.incr.aof"))
    # Not the table that is written to: recovery makes its pages anew from the log.
    table = where["mysql"] / "mysql" / "help_topic.MAD"
    return [
        (where["pgdata"] / "db" / sql, 8192),
        (table, table.stat().st_size // 2),
        (dump, dump.stat().st_size // 2),
        (logs[0], logs[0].stat().st_size // 2),
        (where["lite"] / "shop.db", 3 * 4096),
    ]


def damage(file: Path, at: int) -> None:
    """Other bytes in place of some."""
    with file.open("r+b") as opened:
        opened.seek(at)
        found = opened.read(512)
        assert len(found) > 16, f"{file} ends before {at}"
        opened.seek(at)
        opened.write(bytes(255 - byte for byte in found))


def drill(host: Host, status: int) -> dict[str, Any]:
    """The command, which ends so; what it tells of the one copy."""
    wrappers = host.folder / "bin"
    wrappers.mkdir(exist_ok=True)
    podman = wrappers / "podman"
    podman.write_text(WRAPPER.format(podman=shutil.which("podman")))
    podman.chmod(0o755)
    environment = host.environment | {"PATH": f"{wrappers}:{host.environment['PATH']}"}
    fixed: list[str | Path] = ["--receipts", host.folder / "receipts", "--work-directory", host.work, "--format=json"]
    done = attempt(host.program, "drill", host.plans["application"], "shop", *fixed, env=environment, timeout=600)
    assert done.returncode == status, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    told: dict[str, Any] = json.loads(done.stdout)["drills"][0]
    return told
