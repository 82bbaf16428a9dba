"""A Podman of the proof's own: its store, its configuration and an image made on the spot; nothing of the host's is touched."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from lab.isolate import unify_cgroups
from lab.process import run

from .bench import Bench, Skipped

IMAGE = "localhost/proof:1"

# Enough for a container on hosts whose cgroup v2 tree has no controllers; nothing of it concerns storage.
CONTAINERS_CONF = """\
[containers]
pids_limit = 0
default_sysctls = []
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
"""


class Podman:
    """Podman with a store in `graph_root`, by a storage.conf that the caller writes."""

    def __init__(self, bench: Bench, graph_root: Path, driver: str) -> None:
        bench.need("podman", "podman")
        unify_cgroups()
        # Podman refuses a `--runroot` of more than 50 characters, and its own clean-up of a container is such a call:
        # with a longer one from storage.conf every container seems to run on for 20 seconds. So the path is short.
        self.folder = Path(tempfile.mkdtemp(dir=bench.folder))
        (self.folder / "containers.conf").write_text(CONTAINERS_CONF)
        (self.folder / "storage.conf").write_text(
            f'[storage]\ndriver = "{driver}"\ngraphroot = "{graph_root}"\nrunroot = "{self.folder / "run"}"\n'
        )
        self.environment = os.environ | {
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "TMPDIR": str(self.folder),
        }

    def __call__(self, *arguments: str) -> str:
        return run("podman", "--tmpdir", str(self.folder / "libpod"), *arguments, env=self.environment)

    def import_image(self, extra: dict[str, bytes]) -> None:
        """Makes the image: a static busybox with its applets, and files of the caller's."""
        busybox = shutil.which("busybox")
        if busybox is None:
            raise Skipped("busybox is not installed (Debian package busybox-static)")
        root = self.folder / "image"
        (root / "bin").mkdir(parents=True)
        shutil.copy(busybox, root / "bin" / "busybox")
        for applet in ("sh", "cat", "chmod", "dd", "echo", "sleep", "sync", "true"):
            (root / "bin" / applet).symlink_to("busybox")
        for name, content in extra.items():
            (root / name).write_bytes(content)
        archive = self.folder / "image.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(root, arcname=".")
        self("import", str(archive), IMAGE)
        archive.unlink()
        shutil.rmtree(root)

    def container(self, name: str, *command: str) -> None:
        """Runs a command in a container that is kept."""
        self("run", "--name", name, "--network=none", "--cgroups=disabled", IMAGE, *command)
