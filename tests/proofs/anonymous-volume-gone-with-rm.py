"""A VOLUME path without a mount is an anonymous volume, and `--rm` deletes it with its data when the container ends."""

from pathlib import Path

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench
from proofs.podman import Podman

WRITE = ("sh", "-c", "echo precious > /data/file")


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        podman = Podman(bench, subvolume(top / "store"), "overlay")
        podman.import_image({}, "VOLUME /data")

        podman.container("removed", *WRITE, options=("--rm",))
        after_rm = kept(podman)
        # Control: the same container without --rm leaves the volume and what was written to it.
        podman.container("kept", *WRITE)
        without_rm = kept(podman)
        # Control: a mount at the path keeps it whatever happens to the container.
        mounted = subvolume(top / "mounted")
        podman.container("mounted", *WRITE, options=("--rm", f"--volume={mounted}:/data"))
        in_mount = (mounted / "file").read_text()

    bench.record(files_left_with_rm=len(after_rm), files_left_without_rm=len(without_rm))
    assert after_rm == [], f"--rm left {after_rm}"
    assert without_rm == ["precious\n"], f"without --rm the anonymous volume holds {without_rm}"
    assert in_mount == "precious\n", f"the mounted subvolume holds {in_mount!r}"


def kept(podman: Podman) -> list[str]:
    """What is in the file of each volume that Podman knows."""
    names = podman("volume", "ls", "--quiet").split()
    places = [Path(podman("volume", "inspect", "--format", "{{.Mountpoint}}", name).strip()) for name in names]
    return [(place / "file").read_text() for place in places]
