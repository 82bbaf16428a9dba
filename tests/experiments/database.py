"""Database: PostgreSQL with page checksums under pgbench, four clients."""

import re
import shutil
from pathlib import Path

from experiments.work import timed
from lab.btrfs import MIB, drop_caches
from lab.process import run

VOLUME = {
    "class": "database",
    "engine": "postgresql",
    "engineChecksums": True,
    "mounts": {"app": "/var/lib/postgresql/data"},
}
WRITES = "transactions/s"
READS = "MiB/s"
SCALE = 20
TRANSACTIONS = 800


def programs() -> Path:
    """Where Debian keeps the server's programs, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "no PostgreSQL is installed (Debian package postgresql)"
    return found[-1]


def as_postgres(program: str, *arguments: object) -> str:
    """One of the programs as the user that must not be root."""
    return run("runuser", "-u", "postgres", "--", programs() / program, *(str(argument) for argument in arguments))


def server(place: Path, action: str) -> None:
    """Starts or stops it; its socket and its log are beside the data."""
    options = f"-k {place} -c listen_addresses= -c shared_buffers=64MB -c checkpoint_timeout=30s"
    as_postgres("pg_ctl", "-D", place / "pg", "-w", "-o", options, "-l", place / "log", action)


def prepare(place: Path) -> None:
    shutil.chown(place, "postgres", "postgres")
    as_postgres("initdb", "-D", place / "pg", "--data-checksums", "--no-sync", "-A", "trust")
    server(place, "start")
    as_postgres("pgbench", "-h", place, "-i", "-q", "-s", SCALE, "postgres")


def phase(place: Path, number: int) -> float:
    said = as_postgres(
        *("pgbench", "-h", place, "-c", 4, "-j", 2, "-t", TRANSACTIONS, "--random-seed", number + 1, "postgres")
    )
    found = re.search(r"tps = ([0-9.]+)", said)
    assert found, said
    return float(found[1])


def read(place: Path) -> float:
    server(place, "stop")
    drop_caches()
    server(place, "start")
    size = int(as_postgres("psql", "-h", place, "-Atc", "SELECT pg_table_size('pgbench_accounts')", "postgres")) / MIB
    rate = timed(
        size, lambda: as_postgres("psql", "-h", place, "-Atc", "SELECT sum(abalance) FROM pgbench_accounts", "postgres")
    )
    server(place, "stop")
    return rate
