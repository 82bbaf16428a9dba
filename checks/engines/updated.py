"""Wrong updates of a real PostgreSQL image, under load: both end on the old version with everything that was acknowledged."""

from __future__ import annotations

import os
from pathlib import Path

from lab.process import attempt

from .host import Host, host
from .image import ENGINES
from .real import PG, PostgreSql

REFERENCE = "localhost/postgresql:1"

AS_OWNER = "setpriv --reuid=postgres --regid=postgres --init-groups"
SERVER = f"{AS_OWNER} {PG}/postgres -D /data/pg/db -k /tmp -c listen_addresses="

# As the unit of NixOS runs it: made anew by its reference at each start, removed when it stops.
SYSTEMCTL = """#!/bin/sh
verb=$1
while [ "$1" != -- ]; do shift; done
shift
for name in "$@"; do
  case $verb in
    show)
      load=not-found; state=inactive
      if [ "$name" = podman-pg.service ]; then
        load=loaded
        [ -e FOLDER/started ] && state=failed
        [ "$(podman container inspect --format '{{.State.Running}}' pg 2> /dev/null)" = true ] && state=active
      fi
      printf 'Id=%s\\nLoadState=%s\\nActiveState=%s\\nSourcePath=\\nRequiredBy=\\nBoundBy=\\nConsistsOf=\\n\\n' "$name" "$load" "$state" ;;
    start)
      touch FOLDER/started
      podman run --detach --rm --replace --name pg --network none --privileged VOLUMES REFERENCE > /dev/null || exit 1 ;;
    stop)
      rm -f FOLDER/started
      podman stop --ignore --time 20 pg > /dev/null; podman rm --force --ignore pg > /dev/null ;;
  esac
done
"""

# What is wrong with each new version.
WRONG = {
    # PostgreSQL 16 took this setting away, and a server refuses what it does not know.
    "refuses": f"exec {SERVER} -c vacuum_defer_cleanup_age=0",
    "migrates": f"""{SERVER} &
until {AS_OWNER} psql -XqAt -c 'SELECT 1' > /dev/null 2>&1; do sleep 0.1; done
{AS_OWNER} psql -Xq -c 'ALTER TABLE numbers DROP COLUMN filling' -c 'DELETE FROM numbers WHERE number % 2 = 0' \
  -c 'ALTER TABLE numbers RENAME TO counted' -c 'CHECKPOINT'
touch /data/pg/migrated
kill -INT $!
wait
exit 1""",
}


class Updated(PostgreSql):
    """PostgreSQL in an image of its own, run by a unit."""

    def __init__(self, made: Host) -> None:
        self.made = made
        self.where = {"pgdata": made.tank / "shop" / "pgdata", "pgwal": made.tank / "shop+pgwal"}
        protection = {"policy": "hourly", "consistency": "application"}
        workload = {"containers": {self.name: {"image": REFERENCE}}, "volumes": self.declared(), "protection": protection}
        made.plan("updated", {"shop": workload})
        tools = made.folder / "bin"
        tools.mkdir()
        volumes = " ".join(self.options(self.where))
        text = SYSTEMCTL.replace("VOLUMES", volumes).replace("REFERENCE", REFERENCE).replace("FOLDER", str(made.folder))
        (tools / "systemctl").write_text(text)
        (tools / "systemctl").chmod(0o755)
        made.environment["PATH"] = f"{tools}:{os.environ['PATH']}"

    def image(self, does: str) -> str:
        """An image of the reference that does this; its identity."""
        context = self.made.folder / "context"
        context.mkdir(exist_ok=True)
        (context / "serve").write_text(f"{does}\n")
        recipe = f"FROM {ENGINES.name}\nCOPY serve /serve\nENV PGUSER=postgres\nSTOPSIGNAL SIGINT\nCMD [\"sh\", \"/serve\"]\n"
        (context / "Containerfile").write_text(recipe)
        self.made.podman("build", "--quiet", "--isolation=chroot", "--pull-never", f"--tag={REFERENCE}", str(context))
        return self.identity()

    def identity(self) -> str:
        """What the reference means."""
        return self.made.podman("image", "inspect", "--format={{.Id}}", REFERENCE).strip()

    def up(self) -> None:
        """Starts its unit, and waits."""
        attempt("systemctl", "start", "--", "podman-pg.service", env=self.made.environment)
        self.made.wait(self.name, *self.asks(), options=self.client_options())


def updated(program: Path, folder: Path, kind: str) -> str:
    """One wrong update, while a client writes until the server goes away."""
    with host(program, folder / f"update-{kind}") as made:
        engine = Updated(made)
        old = engine.image(f"exec {SERVER}")
        engine.make(made, engine.where)
        engine.up()
        engine.prepare(made)
        writer = engine.writer(made)
        try:
            while writer.acknowledged < 50:
                assert writer.is_alive(), writer.ended
            new = engine.image(WRONG[kind])
            fixed = ("--receipts", made.folder / "receipts", "--work-directory", made.work, "--health-window", "5")
            done = attempt(program, "update", made.plans["updated"], "shop", *fixed, env=made.environment)
        finally:
            writer.end()
        told = f"{done.stdout}{done.stderr}"
        assert done.returncode == 1, f"exit {done.returncode}: {told}"
        assert "went back: shop runs on its old image and its old data" in done.stdout, told
        inspect = ("podman", "container", "inspect", "--format={{if .State.Running}}{{.Image}}{{end}}", "pg")
        runs = attempt(*inspect, env=made.environment).stdout.strip()
        assert runs == old == engine.identity(), f"`{runs}` runs, and not {old}: {told}"
        failed = made.podman("image", "inspect", "--format={{.Id}}", "localhost/podman-btrfs/failed:pg").strip()
        assert failed == new, f"{failed} is kept, and not {new}"
        made.wait("pg", *engine.asks(), options=engine.client_options())
        count, last = engine.numbers(made, "pg")
        assert count == last, f"{count} numbers up to {last}"
        assert writer.acknowledged <= last <= writer.acknowledged + 1, f"{last}, of {writer.acknowledged} acknowledged"
        filled = engine.sql(made, "pg", "SELECT count(*) FROM numbers WHERE length(filling) = 640")
        assert filled == str(count), f"{filled} of {count} rows are whole"
        kept = [place for place in made.snapshots.iterdir() if place.name.startswith(".podman-btrfs-undo-")]
        migrated = [place for place in kept if (place / "pgdata" / "migrated").exists()]
        assert len(kept) == 2 and bool(migrated) == (kind == "migrates"), f"{kept}: {migrated}"
        assert not (engine.where["pgdata"] / "migrated").exists()
        engine.examine(made, "pg", engine.where, {"hooks": []})
        return f"{last} rows, {writer.acknowledged} of them acknowledged; {' '.join(done.stdout.splitlines()[-1].split())}"
