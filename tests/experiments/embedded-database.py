"""Embedded database: SQLite in WAL mode with full synchronisation, single rows updated at random."""

import random
import sqlite3
from pathlib import Path

from experiments.work import text, timed
from lab.btrfs import MIB, drop_caches

VOLUME = {"class": "embedded-database", "engine": "sqlite", "mounts": {"app": "/data"}}
WRITES = "transactions/s"
READS = "MiB/s"
ROWS = 100_000
UPDATES = 2000
VALUES = [text(1000, number) for number in range(64)]


def connect(place: Path) -> sqlite3.Connection:
    """Each statement is a transaction of its own."""
    opened = sqlite3.connect(place / "app.db", isolation_level=None)
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("PRAGMA synchronous = FULL")
    return opened


def prepare(place: Path) -> None:
    opened = connect(place)
    opened.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, value BLOB)")
    opened.execute("BEGIN")
    rows = ((number, VALUES[number % len(VALUES)]) for number in range(ROWS))
    opened.executemany("INSERT INTO item VALUES (?, ?)", rows)
    opened.execute("COMMIT")
    opened.close()


def phase(place: Path, number: int) -> float:
    opened = connect(place)
    chosen = random.Random(number)

    def work() -> None:
        for step in range(UPDATES):
            value = VALUES[step % len(VALUES)]
            opened.execute("UPDATE item SET value = ? WHERE id = ?", (value, chosen.randrange(ROWS)))

    rate = timed(UPDATES, work)
    opened.close()
    return rate


def read(place: Path) -> float:
    drop_caches()
    opened = connect(place)
    size = (place / "app.db").stat().st_size / MIB
    rate = timed(size, lambda: opened.execute("SELECT sum(length(value)) FROM item").fetchone())
    opened.close()
    return rate
