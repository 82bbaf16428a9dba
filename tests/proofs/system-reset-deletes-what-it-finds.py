"""`podman system reset` deletes all below the graph root, subvolumes too, and the subvolume of the graph root itself unless it is mounted.

What a volume binds from elsewhere stays; what is mounted over a volume's directory does not.
"""

from pathlib import Path

from lab.btrfs import GIB, is_subvolume, subvolume
from lab.process import attempt, run
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        podman = start(bench, top, "nested")
        store = podman.graph_root
        inside = subvolume(store / "volumes/data/_data/inside")
        (inside / "file").write_text("precious")
        reset(podman)
        assert not inside.exists(), "a subvolume inside a volume is left"
        assert not (store.exists() and is_subvolume(store)), "the subvolume of the graph root is left"

        subvolume(top / "mounted")
        place = filesystem.mount("own", subvolume="mounted")
        podman = Podman(bench, place, "overlay")
        podman.import_image({})
        podman("volume", "create", "over")
        elsewhere = subvolume(top / "elsewhere")
        (elsewhere / "file").write_text("precious")
        over = subvolume(top / "over")
        (over / "file").write_text("precious")
        run("mount", "--bind", over, place / "volumes/over/_data")
        bind = ("--opt", "type=none", "--opt", "o=bind", "--opt", f"device={elsewhere}")
        podman("volume", "create", *bind, "bound")
        podman("create", "--name", "user", "--volume", "bound:/bound", "--volume", f"{elsewhere}:/path", IMAGE, "true")
        reset(podman)
        assert is_subvolume(place), "the mounted graph root is no subvolume any more"
        assert not (place / "overlay").exists() or not any((place / "overlay").glob("*/diff")), "layers are left"
        # Control: what is bound by path or by a volume's options is not below the graph root.
        assert (elsewhere / "file").exists(), "what a volume binds from elsewhere is deleted"
        lost = not (over / "file").exists()
        assert lost, "what was mounted over a volume's directory is left"
        attempt("umount", place / "volumes/over/_data")
    bench.record(
        nested_graph_root="deleted with the subvolumes in it",
        mounted_graph_root="emptied",
        mounted_over_a_volume="emptied",
        bound_by_path="left",
    )


def start(bench: Bench, top: Path, name: str) -> Podman:
    podman = Podman(bench, subvolume(top / name), "overlay")
    podman.import_image({})
    podman("volume", "create", "data")
    return podman


def reset(podman: Podman) -> None:
    """With the overlay driver only: Podman 4.3 with the btrfs driver deletes the working directory."""
    assert podman.driver == "overlay"
    podman.attempt("system", "reset", "--force")
