"""After a boot a transient store knows no container and no named volume, though the volumes' data and the containers' layers are still there."""

from pathlib import Path

from lab.btrfs import GIB, subvolume
from lab.process import attempt, run
from proofs.bench import Bench
from proofs.podman import Podman, newer_debian


def prove(bench: Bench) -> None:
    with newer_debian(bench) as root, bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        forgets(bench, top, root)
        # Control: a store that is not transient knows all of it after the same.
        podman = Podman(bench, subvolume(top / "kept"), "overlay", root=root)
        fill(podman)
        boot(podman)
        assert podman("volume", "ls", "--quiet").split() == ["data"]
        assert podman("ps", "--all", "--format", "{{.Names}}").split() == ["one"]


def forgets(bench: Bench, top: Path, root: Path) -> None:
    podman = Podman(bench, subvolume(top / "store"), "overlay", root=root, settings="transient_store = true\n")
    fill(podman)
    before = layers(podman)
    boot(podman)
    assert podman("volume", "ls", "--quiet").split() == [], "the volume is known"
    assert podman("ps", "--all", "--quiet").split() == [], "the container is known"
    assert (podman.graph_root / "volumes/data/_data").is_dir(), "the volume's data is gone"
    assert podman("images", "--quiet").split(), "the image is gone"
    left = layers(podman)
    assert left == before, f"{before} layers before, {left} after"
    podman("system", "prune", "--external", "--force")
    pruned = layers(podman)
    assert pruned == left - 1, f"{left} layers before the prune, {pruned} after"
    bench.record(
        podman_of_this_proof=podman.version(),
        layers_with_one_container=before,
        layers_after_a_boot=left,
        layers_after_prune_external=pruned,
        volumes_known_after_a_boot=0,
    )


def fill(podman: Podman) -> None:
    for name in ("run", "libpod"):
        (podman.folder / name).mkdir()
        run("mount", "-t", "tmpfs", "tmpfs", podman.folder / name)
    podman.import_image({})
    podman("volume", "create", "data")
    podman.container("one", "true")


def boot(podman: Podman) -> None:
    """What a boot does to a store: its mounts and all that is in memory are gone."""
    attempt("umount", "-R", podman.graph_root / "overlay")
    for name in ("run", "libpod"):
        run("umount", "-R", "-l", podman.folder / name)
        run("mount", "-t", "tmpfs", "tmpfs", podman.folder / name)


def layers(podman: Podman) -> int:
    """Layers on the disk, of images and of containers."""
    return sum(len(path.name) == 64 for path in (podman.graph_root / "overlay").iterdir())
