"""With `imagestore` the layers of images are there and those of containers in the graph root; with the btrfs driver all stay in the graph root."""

from pathlib import Path

from lab.btrfs import GIB, is_subvolume, subvolume
from proofs.bench import Bench
from proofs.podman import Podman, newer_debian


def prove(bench: Bench) -> None:
    with newer_debian(bench) as root, bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        images = subvolume(top / "images")
        podman = Podman(bench, subvolume(top / "store"), "overlay", root=root, settings=setting(images))
        podman.import_image({})
        podman.container("one", "true")
        assert layers(images) == 1, f"{layers(images)} layers in the image store"
        assert layers(podman.graph_root) == 1, f"{layers(podman.graph_root)} layers in the graph root"
        podman("start", "--attach", "one")
        podman("commit", "one", "localhost/committed:1")
        bench.record(podman_of_this_proof=podman.version())
        bench.record(layers_in_image_store=layers(images), layers_in_graph_root=layers(podman.graph_root))

        # Control: the same setting with the other driver.
        images = subvolume(top / "images-of-btrfs")
        other = Podman(bench, subvolume(top / "btrfs"), "btrfs", root=root, settings=setting(images))
        other.import_image({})
        apart, together = nested(images), nested(other.graph_root)
        bench.record(btrfs_driver_subvolumes_in_image_store=apart, btrfs_driver_subvolumes_in_graph_root=together)
        assert (apart, together) == (0, 1), f"{apart} subvolumes apart, {together} in the graph root"


def setting(images: Path) -> str:
    return f'imagestore = "{images}"\n'


def layers(store: Path) -> int:
    return sum(len(path.name) == 64 for path in (store / "overlay").iterdir())


def nested(store: Path) -> int:
    return sum(is_subvolume(path) for path in store.rglob("*") if path.is_dir() and not path.is_symlink())
