"""PostgreSQL, MariaDB, Redis and SQLite, of Debian."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .engine import PASSWORD, Engine, Writer
from .host import Host

PG = "/usr/lib/postgresql/17/bin"


class PostgreSql(Engine):
    """Its log is a volume of its own, as some have it on another disk."""

    name = "pg"
    volumes = {"pgdata": "/data/pg", "pgwal": "/data/wal"}
    environment = {"PGHOST": "/tmp"}

    def declared(self) -> dict[str, Any]:
        declared = super().declared()
        declared["pgdata"] |= {"class": "database", "engine": "postgresql"}
        # What makes it a subvolume of its own.
        declared["pgwal"] |= {"class": "write-ahead-log", "limit": "4G"}
        return declared

    def as_owner(self, *command: str) -> tuple[str, ...]:
        return ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command)

    def make(self, host: Host, where: dict[str, Path]) -> None:
        made = self.as_owner(f"{PG}/initdb", "-D", "/data/pg/db", "-X", "/data/wal/log", "-k", "--auth-local=peer", "-U", "postgres")
        text = " ".join(made)
        once(host, where, self, "sh", "-c", f"chown postgres /data/pg /data/wal && {text}")

    def server(self) -> tuple[str, ...]:
        # Checkpoints come often, so that a snapshot falls into one.
        settings = ("-c", "checkpoint_timeout=30s", "-c", "max_wal_size=64MB", "-c", "listen_addresses=")
        return self.as_owner(f"{PG}/postgres", "-D", "/data/pg/db", "-k", "/tmp", *settings)

    def client_options(self) -> tuple[str, ...]:
        return ("--user=postgres",)

    def asks(self) -> tuple[str, ...]:
        return ("psql", "-XqAt", "-c", "SELECT 1")

    def sql(self, host: Host, container: str, text: str) -> str:
        return host.inside(container, "psql", "-XqAt", "-c", text, options=self.client_options()).strip()

    def prepare(self, host: Host) -> None:
        self.sql(host, self.name, "CREATE TABLE numbers (number bigint PRIMARY KEY, filling text)")

    def writer(self, host: Host) -> Writer:
        return Writer(host, self.name, ("psql", "-XqAt"), self.client_options(), self)

    def statement(self, number: int) -> str:
        return f"INSERT INTO numbers VALUES ({number}, repeat(md5('{number}'), 20)) RETURNING number;\n"

    def numbers(self, host: Host, container: str) -> tuple[int, int]:
        count, last = self.sql(host, container, "SELECT count(*), coalesce(max(number), 0) FROM numbers").split("|")
        return int(count), int(last)

    def examine(self, host: Host, container: str, where: dict[str, Path], record: dict[str, Any]) -> None:
        for hook in record["hooks"]:
            if hook["engine"] == "postgresql" and hook["position"]:
                reached = self.sql(host, container, f"SELECT pg_current_wal_lsn() >= '{hook['position']}'")
                assert reached == "t", f"the log does not come to {hook['position']}"
        host.inside(
            container, f"{PG}/pg_amcheck", "--install-missing", "--heapallindexed", "-d", "postgres", options=self.client_options()
        )
        host.podman("stop", "--time=30", container)
        once(host, where, self, *self.as_owner(f"{PG}/pg_checksums", "--check", "-D", "/data/pg/db"))


class MariaDb(Engine):
    """Root has a password, which is in the container's environment."""

    name = "maria"
    volumes = {"mysql": "/var/lib/mysql"}
    environment = {"MARIADB_ROOT_PASSWORD": PASSWORD}

    def declared(self) -> dict[str, Any]:
        declared = super().declared()
        declared["mysql"] |= {"class": "database", "engine": "mariadb"}
        return declared

    def make(self, host: Host, where: dict[str, Path]) -> None:
        made = "mariadb-install-db --user=mysql --auth-root-authentication-method=normal --skip-test-db"
        once(host, where, self, "sh", "-c", f"chown mysql /var/lib/mysql && {made}")

    def server(self) -> tuple[str, ...]:
        server = "mariadbd --user=mysql --log-bin=/var/lib/mysql/binlog --skip-networking"
        return ("sh", "-c", f"mkdir -p /run/mysqld && chown mysql /run/mysqld && exec {server}")

    def asks(self) -> tuple[str, ...]:
        # Refused for its password it answers too.
        return ("mariadb-admin", "ping", "--silent")

    def client(self, *more: str) -> tuple[str, ...]:
        # `env` of the container's own shell, so that the test has no way of its own to give it.
        return ("sh", "-c", 'MYSQL_PWD="$MARIADB_ROOT_PASSWORD" exec "$@"', "sh", *more)

    def sql(self, host: Host, container: str, text: str) -> str:
        return host.inside(container, *self.client("mariadb", "-uroot", "-BN", "-e", text)).strip()

    def prepare(self, host: Host) -> None:
        host.inside(self.name, "mariadb", "-uroot", "-e", f"SET PASSWORD FOR root@localhost = PASSWORD(\"{PASSWORD}\")")
        table = "CREATE DATABASE shop; CREATE TABLE shop.numbers (number BIGINT PRIMARY KEY, filling TEXT) ENGINE=InnoDB"
        self.sql(host, self.name, table)

    def writer(self, host: Host) -> Writer:
        client = self.client("mariadb", "-uroot", "-BN", "--unbuffered", "shop")
        return Writer(host, self.name, client, (), self)

    def statement(self, number: int) -> str:
        return f"INSERT INTO numbers VALUES ({number}, REPEAT(MD5('{number}'), 20)) RETURNING number;\n"

    def numbers(self, host: Host, container: str) -> tuple[int, int]:
        count, last = self.sql(host, container, "SELECT COUNT(*), COALESCE(MAX(number), 0) FROM shop.numbers").split()
        return int(count), int(last)

    def examine(self, host: Host, container: str, where: dict[str, Path], record: dict[str, Any]) -> None:
        said = host.inside(container, *self.client("mariadb-check", "-uroot", "--check", "--extended", "--all-databases"))
        wrong = [line for line in said.splitlines() if line.strip() and not line.rstrip().endswith("OK")]
        assert not wrong, wrong


class MySql(Engine):
    """As MariaDB, and a tool of its own for each."""

    name = "mysql"
    volumes = {"mysql": "/var/lib/mysql"}
    environment = {"MYSQL_ROOT_PASSWORD": PASSWORD}
    # Nobody of that name is in the image.
    as_root = ("mysqld", "--user=root", "--datadir=/var/lib/mysql", "--secure-file-priv=NULL")

    def declared(self) -> dict[str, Any]:
        declared = super().declared()
        declared["mysql"] |= {"class": "database", "engine": "mysql"}
        return declared

    def make(self, host: Host, where: dict[str, Path]) -> None:
        once(host, where, self, *self.as_root, "--initialize-insecure")

    def server(self) -> tuple[str, ...]:
        server = " ".join((*self.as_root, "--skip-networking", "--mysqlx=OFF", "--log-bin=/var/lib/mysql/binlog"))
        return ("sh", "-c", f"mkdir -p /run/mysqld && exec {server}")

    def asks(self) -> tuple[str, ...]:
        # Refused for its password it answers too.
        return ("mysqladmin", "ping", "--silent")

    def client(self, *more: str) -> tuple[str, ...]:
        # `env` of the container's own shell, so that the test has no way of its own to give it.
        return ("sh", "-c", 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec "$@"', "sh", "mysql", "-uroot", "-BN", *more)

    def sql(self, host: Host, container: str, text: str) -> str:
        return host.inside(container, *self.client("-e", text)).strip()

    def prepare(self, host: Host) -> None:
        host.inside(self.name, "mysql", "-uroot", "-e", f"ALTER USER root@localhost IDENTIFIED BY \"{PASSWORD}\"")
        table = "CREATE DATABASE shop; CREATE TABLE shop.numbers (number BIGINT PRIMARY KEY, filling TEXT) ENGINE=InnoDB"
        self.sql(host, self.name, table)

    def writer(self, host: Host) -> Writer:
        return Writer(host, self.name, self.client("--unbuffered", "shop"), (), self)

    def statement(self, number: int) -> str:
        # Where the first is refused the client ends.
        return f"INSERT INTO numbers VALUES ({number}, REPEAT('{number} ', 60)); SELECT {number};\n"

    def numbers(self, host: Host, container: str) -> tuple[int, int]:
        count, last = self.sql(host, container, "SELECT COUNT(*), COALESCE(MAX(number), 0) FROM shop.numbers").split()
        return int(count), int(last)

    def examine(self, host: Host, container: str, where: dict[str, Path], record: dict[str, Any]) -> None:
        if record["reached"] == "application":
            held = [hook for hook in record["hooks"] if hook["engine"] == "mysql"]
            assert held and held[0]["position"], record
        said = self.sql(host, container, "CHECK TABLE shop.numbers, mysql.user EXTENDED")
        wrong = [line for line in said.splitlines() if not line.endswith("\tstatus\tOK")]
        assert said and not wrong, said


class Redis(Engine):
    """Nothing of it is on the disk but what a save puts there."""

    name = "redis"
    volumes = {"redis": "/data"}
    environment = {"REDIS_PASSWORD": PASSWORD, "REDISCLI_AUTH": PASSWORD}

    def declared(self) -> dict[str, Any]:
        declared = super().declared()
        declared["redis"] |= {"class": "key-value", "engine": "redis"}
        return declared

    def make(self, host: Host, where: dict[str, Path]) -> None:
        pass

    def server(self) -> tuple[str, ...]:
        return ("redis-server", "--dir", "/data", "--save", "", "--appendonly", "no", "--requirepass", PASSWORD)

    def asks(self) -> tuple[str, ...]:
        # It answers also while it reads its data, by saying so.
        return ("sh", "-c", "redis-cli PING | grep -q PONG")

    def prepare(self, host: Host) -> None:
        pass

    def writer(self, host: Host) -> Writer:
        return Writer(host, self.name, ("redis-cli",), (), self)

    def statement(self, number: int) -> str:
        return f"RPUSH numbers {number}\n"

    def numbers(self, host: Host, container: str) -> tuple[int, int]:
        count = int(host.inside(container, "redis-cli", "LLEN", "numbers"))
        last = host.inside(container, "redis-cli", "LINDEX", "numbers", "-1").strip()
        return count, int(last or 0)

    def examine(self, host: Host, container: str, where: dict[str, Path], record: dict[str, Any]) -> None:
        dump = where["redis"] / "dump.rdb"
        if record["reached"] == "application" or dump.exists():
            host.inside(container, "redis-check-rdb", "/data/dump.rdb")


class LoggedRedis(Redis):
    """Each command goes to a log."""

    name = "logged"
    volumes = {"rlog": "/data"}

    def declared(self) -> dict[str, Any]:
        return {"rlog": {"mounts": {self.name: "/data"}, "class": "key-value", "engine": "redis"}}

    def server(self) -> tuple[str, ...]:
        return ("redis-server", "--dir", "/data", "--save", "", "--appendonly", "yes", "--requirepass", PASSWORD)

    def examine(self, host: Host, container: str, where: dict[str, Path], record: dict[str, Any]) -> None:
        host.inside(container, "redis-check-aof", "/data/appendonlydir/appendonly.aof.manifest")


WRITE = """
import sqlite3, sys
base = sqlite3.connect("/data/shop.db", isolation_level=None)
for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 20000"):
    base.execute(f"PRAGMA {pragma}").fetchall()
for line in sys.stdin:
    base.execute("INSERT INTO numbers VALUES (?, ?)", (int(line), "x" * 600))
    print(int(line), flush=True)
"""


class SqLite(Engine):
    """A program that has a database open, with a write-ahead log."""

    name = "lite"
    volumes = {"lite": "/data"}

    def declared(self) -> dict[str, Any]:
        declared = super().declared()
        declared["lite"] |= {"class": "embedded-database", "engine": "sqlite"}
        return declared

    def make(self, host: Host, where: dict[str, Path]) -> None:
        pass

    def server(self) -> tuple[str, ...]:
        return ("sleep", "infinity")

    def asks(self) -> tuple[str, ...]:
        return ("true",)

    def sql(self, host: Host, container: str, text: str) -> str:
        return host.inside(container, "sqlite3", "/data/shop.db", text).strip()

    def prepare(self, host: Host) -> None:
        self.sql(host, self.name, "PRAGMA journal_mode = WAL; CREATE TABLE numbers (number INTEGER PRIMARY KEY, filling TEXT)")

    def writer(self, host: Host) -> Writer:
        return Writer(host, self.name, ("python3", "-u", "-c", WRITE), (), self)

    def statement(self, number: int) -> str:
        return f"{number}\n"

    def numbers(self, host: Host, container: str) -> tuple[int, int]:
        count, last = self.sql(host, container, "SELECT count(*), coalesce(max(number), 0) FROM numbers").split("|")
        return int(count), int(last)

    def examine(self, host: Host, container: str, where: dict[str, Path], record: dict[str, Any]) -> None:
        said = self.sql(host, container, "PRAGMA integrity_check")
        assert said == "ok", said


def once(host: Host, where: dict[str, Path], engine: Engine, *command: str) -> str:
    """A program on the data of an engine that does not run."""
    return host.podman("run", "--rm", "--network=none", "--privileged", *engine.options(where), host.image.name, *command)


ENGINES: tuple[Engine, ...] = (PostgreSql(), MariaDb(), Redis(), LoggedRedis(), SqLite())
