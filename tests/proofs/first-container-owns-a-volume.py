"""The first container that uses a named volume gives it an owner and a mode, unless the volume was made with an owner; its data stays.

Later Podmans leave a volume alone that something is in. Control: a volume that a container has used already keeps what it is
given afterwards.
"""

import os
from pathlib import Path

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench, Skipped
from proofs.podman import Podman, newer_debian

GIVEN = (5, 6, 0o711)


def prove(bench: Bench) -> None:
    owned(bench, None)
    try:
        with newer_debian(bench) as root:
            owned(bench, root)
    except Skipped:
        # The older Podman has shown all of it.
        pass


def owned(bench: Bench, root: Path | None) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        podman = Podman(bench, subvolume(top / "store"), "overlay", root=root)
        version = podman.version()
        podman.import_image({"data/file": b"of the image"})
        podman("volume", "create", "used")
        use(podman, "used")
        podman("volume", "create", "empty")
        podman("volume", "create", "filled")
        podman("volume", "create", "--opt", "o=uid=5,gid=6", "owned")
        found = {}
        for name in ("used", "empty", "filled", "owned"):
            data = podman.graph_root / "volumes" / name / "_data"
            if name != "empty":
                (data / "file").write_text("ours")
            os.chown(data, *GIVEN[:2])
            data.chmod(GIVEN[2])
            use(podman, name)
            is_ours = name == "empty" or (data / "file").read_text() == "ours"
            assert is_ours, f"{name}: the image's file is in the place of ours"
            state = data.stat()
            found[name] = (state.st_uid, state.st_gid, state.st_mode & 0o7777)
        assert found["used"] == GIVEN, f"one that was used has {found['used']}"
        assert found["owned"] == GIVEN, f"one that was made with an owner has {found['owned']}"
        assert found["empty"] != GIVEN, "a new one keeps what it was given"
    bench.record(
        **{f"{name} volume, {version}": "kept" if is_kept == GIVEN else "changed" for name, is_kept in found.items()}
    )


def use(podman: Podman, volume: str) -> None:
    podman.container(f"of-{volume}-{os.urandom(4).hex()}", "true", options=("--volume", f"{volume}:/data"))
