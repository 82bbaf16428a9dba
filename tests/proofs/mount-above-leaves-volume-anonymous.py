"""A mount above a VOLUME path does not cover it: what is written there goes to an anonymous volume all the same."""

from pathlib import Path

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench
from proofs.podman import Podman

WRITE = ("sh", "-c", "echo outer > /data/file; echo inner > /data/inner/file")


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        podman = Podman(bench, subvolume(top / "store"), "overlay")
        podman.import_image({}, "VOLUME /data/inner")

        above = subvolume(top / "above")
        podman.container("above", *WRITE, options=(f"--volume={above}:/data",))
        written_above = files(above)
        anonymous = podman("volume", "ls", "--quiet").split()
        place = podman("volume", "inspect", "--format", "{{.Mountpoint}}", *anonymous).strip()
        written_anonymous = files(Path(place))
        # Control: a mount at the very path takes the place of the anonymous volume, and gets what is written there.
        exact = subvolume(top / "exact")
        podman.container("exact", *WRITE, options=(f"--volume={above}:/data", f"--volume={exact}:/data/inner"))
        written_exact = files(exact)
        further = len(podman("volume", "ls", "--quiet").split()) - len(anonymous)

    bench.record(anonymous_volumes_below_a_mount=len(anonymous), with_a_mount_at_the_path=further)
    assert written_above == ["file"], f"the mount above holds {written_above}"
    assert written_anonymous == ["file"], f"the anonymous volume holds {written_anonymous}"
    assert written_exact == ["file"], f"the mount at the path holds {written_exact}"
    assert (len(anonymous), further) == (1, 0), f"{len(anonymous)} anonymous volumes, then {further} more"


def files(place: Path) -> list[str]:
    """Files below a directory; the mount point that Podman makes for the inner path is a directory."""
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())
