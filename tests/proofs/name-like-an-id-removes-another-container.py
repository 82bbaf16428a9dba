"""A container's name of hexadecimal digits is taken for the beginning of an id: `--replace` and `rm` remove another container."""

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        podman = Podman(bench, subvolume(filesystem.mount("top") / "store"), "overlay")
        podman.import_image({})

        beginning = victim(podman)
        podman("create", "--replace", "--name", beginning, IMAGE, "true")
        assert names(podman) == {beginning}, f"--replace left {names(podman)}"
        podman("rm", "--force", beginning)

        beginning = victim(podman)
        podman("rm", "--force", beginning)
        assert names(podman) == set(), f"rm --force left {names(podman)}"

        # Control: a name with another letter begins no id.
        beginning = victim(podman)
        podman("create", "--replace", "--name", f"{beginning}-1", IMAGE, "true")
        assert names(podman) == {"victim", f"{beginning}-1"}, f"{names(podman)}"
    gone = "another container is gone"
    bench.record(id_beginning_after_create_replace=gone, id_beginning_after_rm_force=gone)


def victim(podman: Podman) -> str:
    """A container, and how its id begins."""
    return podman("create", "--name", "victim", IMAGE, "true").strip()[:3]


def names(podman: Podman) -> set[str]:
    return set(podman("ps", "--all", "--format", "{{.Names}}").split())
