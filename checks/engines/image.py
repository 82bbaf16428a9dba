"""The images that engines run from: Debian's own packages, made once, each in a read-only store that every run's Podman sees."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab.cache import cache, locked
from lab.engine import CONTAINERS_CONF
from lab.process import attempt, run
from lab.rootfs import SUITE

# Raise it when the recipe below changes.
RECIPE = 1
# What no engine reads.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists", "dev", "var/lib/mysql")


@dataclass(frozen=True)
class Image:
    """An image of Debian's packages."""

    name: str
    suite: str
    packages: tuple[str, ...]

    def path(self) -> Path:
        """Where the store with it is or will be."""
        recipe = f"{RECIPE} {self.suite} {' '.join(self.packages)}"
        return cache() / f"engines-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"

    def missing(self) -> str | None:
        """Why it is not there and cannot be made; None when it is there or can be made."""
        if shutil.which("podman") is None:
            return "podman is not installed (Debian package podman)"
        if not self.path().is_dir() and shutil.which("mmdebstrap") is None:
            return "mmdebstrap is not installed (Debian package mmdebstrap)"
        return None

    def ready(self) -> Path:
        """The store, made first if it is not there (two minutes)."""
        target = self.path()
        if target.is_dir():
            return target
        with locked("engines"):
            if not target.is_dir():
                print(f"building {self.name} of Debian {self.suite} in {target}", file=sys.stderr, flush=True)
                temporary = Path(tempfile.mkdtemp(prefix=".engines-", dir=cache()))
                try:
                    self._build(temporary)
                    (temporary / "store").rename(target)
                finally:
                    shutil.rmtree(temporary, ignore_errors=True)
        return target

    def _build(self, folder: Path) -> None:
        """Unpacks the packages, and imports what engines need of them."""
        root = folder / "root"
        # A mirror's state of sid may be older than that is thought to hold; its signature is looked at all the same.
        words = ("--variant=minbase", "--skip=check/qemu", '--aptopt=Acquire::Check-Valid-Until "false"')
        done = attempt("mmdebstrap", *words, f"--include={','.join(self.packages)}", self.suite, root, timeout=1800)
        if done.returncode != 0:
            raise RuntimeError(f"mmdebstrap failed with {done.returncode}:\n{done.stdout}{done.stderr}"[-6000:])
        archive = folder / "image.tar"
        left_out = [f"--exclude=./{name}/*" for name in LEFT_OUT]
        run("tar", "-C", root, *left_out, "-cf", archive, ".", timeout=600)
        environment = configure(folder, folder / "store", folder / "runtime")
        run("podman", "import", archive, self.name, env=environment, timeout=600)
        # Some versions of Podman leave it mounted on itself.
        attempt("umount", "-l", folder / "store" / "overlay")


ENGINES = Image(
    "localhost/engines:1", SUITE, ("postgresql", "postgresql-contrib", "mariadb-server", "redis-server", "sqlite3", "python3")
)
# No release of Debian has it.
MYSQL = Image("localhost/mysql:1", "sid", ("mysql-server-core", "mysql-client-core"))


def configure(folder: Path, store: Path, runtime: Path, images: Path | None = None) -> dict[str, str]:
    """The environment of a Podman with a store and state of its own."""
    more = f'[storage.options]\nadditionalimagestores = ["{images}"]\n' if images else ""
    (folder / "containers.conf").write_text(CONTAINERS_CONF)
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{store}"\nrunroot = "{runtime}"\n{more}'
    )
    return os.environ | {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        "TMPDIR": str(folder),
        "HOME": str(folder),
    }
