"""An image must fit in /var/tmp, or in `image_copy_tmp_dir`, before it reaches the store; Podman 5 takes `storage` for a directory it does not make."""

import os
from pathlib import Path

from lab.btrfs import GIB, MIB, subvolume
from lab.process import attempt, run
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman, newer_debian


def prove(bench: Bench) -> None:
    with newer_debian(bench) as root, bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        source = Podman(bench, subvolume(top / "source"), "overlay", root=root)
        # What does not compress needs its size.
        source.import_image({"large": os.urandom(8 * MIB)})
        archive = top / "image.tar"
        source("save", "--output", str(archive), IMAGE)
        # A root filesystem with no room.
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", root / "var/tmp")

        copies = top / "tmp"
        copies.mkdir(mode=0o1777)
        plain = load(bench, top, root, archive, "plain", "")
        assert "no space left" in plain, f"an image of 8 MiB went through 1 MiB: {plain}"
        elsewhere = load(bench, top, root, archive, "elsewhere", f'image_copy_tmp_dir = "{copies}"\n')
        assert elsewhere == "", elsewhere
        missing = load(bench, top, root, archive, "storage", 'image_copy_tmp_dir = "storage"\n')
        assert "no such file or directory" in missing, f"`storage` works: {missing}"
        (top / "storage/tmp").mkdir()
        made = load(bench, top, root, archive, "storage", None)
        assert made == "", made
        bench.record(
            podman_of_this_proof=source.version(),
            var_tmp_of_1_MiB="no space left",
            image_copy_tmp_dir_by_path="loaded",
            image_copy_tmp_dir_storage="no such directory",
        )


def load(bench: Bench, top: Path, root: Path, archive: Path, name: str, engine: str | None) -> str:
    """Loads the image into a store of that name, and returns the complaint."""
    if engine is not None:
        STORES[name] = Podman(bench, subvolume(top / name), "overlay", root=root, engine=engine)
    podman = STORES[name]
    # The bench's own TMPDIR would win over all of it.
    environment = {key: value for key, value in podman.environment.items() if key != "TMPDIR"}
    done = attempt(*podman.command("load", "--quiet", "--input", str(archive)), env=environment)
    return done.stderr if done.returncode != 0 else ""


STORES: dict[str, Podman] = {}
