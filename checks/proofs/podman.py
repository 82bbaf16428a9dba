"""A Podman of the proof's own: its store, its configuration and an image made on the spot; nothing of the host's is touched."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import rootfs
from lab.engine import CONTAINERS_CONF
from lab.isolate import unify_cgroups
from lab.process import attempt, run

from .bench import Bench, Skipped

IMAGE = "localhost/proof:1"


class Podman:
    """Podman with a store in `graph_root`.

    `settings` is added to its storage.conf, `engine` to the `[engine]` section of its containers.conf. With a `root`
    (see `newer_debian`) it is the Podman of that root file system, which sees the bench's folder at its own path.
    """

    def __init__(
        self,
        bench: Bench,
        graph_root: Path,
        driver: str,
        *,
        settings: str = "",
        engine: str = "",
        root: Path | None = None,
    ) -> None:
        if root is None:
            bench.need("podman", "podman")
        unify_cgroups()
        self.root = root
        self.driver = driver
        self.graph_root = graph_root
        # Podman refuses a `--runroot` of more than 50 characters, and its own clean-up of a container is such a call:
        # with a longer one from storage.conf every container seems to run on for 20 seconds. So the path is short.
        self.folder = next(free for number in itertools.count() if not (free := bench.folder / f"p{number}").exists())
        self.folder.mkdir()
        (self.folder / "containers.conf").write_text(CONTAINERS_CONF + engine)
        self.configure(settings)
        self.environment = os.environ | {
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "TMPDIR": str(self.folder),
            # What Podman keeps for a user is not the business of the one who runs the proof.
            "HOME": str(self.folder),
        }

    def configure(self, settings: str = "", *, driver: str | None = None, graph_root: Path | None = None) -> None:
        """Writes storage.conf; `settings` come after the keys of `[storage]`."""
        (self.folder / "storage.conf").write_text(
            f'[storage]\ndriver = "{driver or self.driver}"\ngraphroot = "{graph_root or self.graph_root}"\n'
            f'runroot = "{self.folder / "run"}"\n{settings}'
        )

    def __call__(self, *arguments: str) -> str:
        return run(*self.command(*arguments), env=self.environment)

    def version(self) -> str:
        """Its version; proofs with a newer Podman record it, because that of the run is another."""
        return self("--version").split()[-1]

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command whose failure is an answer too."""
        return attempt(*self.command(*arguments), env=self.environment)

    def command(self, *arguments: str) -> list[str]:
        inside = [] if self.root is None else ["chroot", str(self.root)]
        return [*inside, "podman", "--tmpdir", str(self.folder / "libpod"), *arguments]

    def import_image(self, extra: dict[str, bytes], *changes: str, image: str = IMAGE) -> None:
        """Makes an image: a static busybox with its applets, files of the caller's, and instructions like `VOLUME /data`."""
        busybox = shutil.which("busybox")
        if busybox is None:
            raise Skipped("busybox is not installed (Debian package busybox-static)")
        root = self.folder / "image"
        (root / "bin").mkdir(parents=True)
        shutil.copy(busybox, root / "bin" / "busybox")
        for applet in ("sh", "cat", "chmod", "dd", "echo", "sleep", "sync", "true"):
            (root / "bin" / applet).symlink_to("busybox")
        for name, content in extra.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        archive = self.folder / "image.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(root, arcname=".")
        self("import", *(f"--change={change}" for change in changes), str(archive), image)
        archive.unlink()
        shutil.rmtree(root)

    def container(self, name: str, *command: str, options: tuple[str, ...] = ()) -> None:
        """Runs a command in a container that is kept, unless the options say otherwise."""
        self("run", "--name", name, "--network=none", "--cgroups=disabled", *options, IMAGE, *command)


@contextmanager
def newer_debian(bench: Bench) -> Iterator[Path]:
    """A throw-away copy of the machine tests' root file system, whose Podman is newer than that of Debian 12.

    It sees the bench's folder, and what is mounted there later, at its own path.
    """
    lower = rootfs.path()
    if not lower.is_dir():
        raise Skipped("the Debian root file system of the machine tests is not there; `checks/run 3` makes it")
    unify_cgroups()
    # Outside of the bench's folder, which would otherwise be mounted inside itself.
    folder = Path(tempfile.mkdtemp(prefix="proofs-newer-"))
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
    try:
        for name in ("upper", "work", "root"):
            (folder / name).mkdir()
        layers = f"lowerdir={lower},upperdir={folder / 'upper'},workdir={folder / 'work'}"
        root = folder / "root"
        run("mount", "-t", "overlay", "-o", layers, "newer", root)
        run("mount", "--make-shared", bench.folder)
        for place in ("/proc", "/dev", "/sys", str(bench.folder)):
            (root / place[1:]).mkdir(parents=True, exist_ok=True)
            run("mount", "--rbind", place, root / place[1:])
        yield root
    finally:
        # What is unmounted here is to stay mounted there.
        run("mount", "--make-rprivate", folder)
        run("umount", "-R", "-l", folder)
        folder.rmdir()
