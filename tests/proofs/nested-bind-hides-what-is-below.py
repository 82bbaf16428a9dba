"""A volume mounted below another one hides what the outer holds there: outside the container and in snapshots it is empty.

Podman mounts the outer one first, in whatever order the two are given, and makes the directory even in one that is read-only.
"""

from pathlib import Path

from lab.btrfs import GIB, snapshot, subvolume
from lab.process import ProgramFailed
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        podman = Podman(bench, subvolume(top / "store"), "overlay")
        podman.import_image({})
        for order in ("outer first", "inner first"):
            outer = subvolume(top / f"{order} app".replace(" ", "-"))
            inner = subvolume(top / f"{order} data".replace(" ", "-"))
            volumes = [f"--volume={outer}:/app", f"--volume={inner}:/app/data"]
            write(podman, volumes if order == "outer first" else volumes[::-1])
            assert (inner / "file").read_text() == "inner\n", f"{order}: the inner volume was not the one that was written"
            assert (outer / "file").read_text() == "outer\n", f"{order}: the outer volume was not written"
            frozen = snapshot(outer, top / f"{outer.name}-frozen")
            assert not any((frozen / "data").iterdir()), f"{order}: the snapshot of the outer volume holds the inner one"

        # Control: with one volume the same file is in its snapshot.
        alone = subvolume(top / "alone")
        write(podman, [f"--volume={alone}:/app"])
        frozen = snapshot(alone, top / "alone-frozen")
        assert (frozen / "data/file").read_text() == "inner\n", "a file of the only volume is missing from its snapshot"

        below_read_only(podman, top)
        bench.record(orders_tried=2, files_of_the_inner_volume_in_snapshots_of_the_outer=0)


def write(podman: Podman, volumes: list[str]) -> None:
    script = "mkdir -p /app/data && echo outer > /app/file && echo inner > /app/data/file"
    podman("run", "--rm", "--network=none", "--cgroups=disabled", *volumes, IMAGE, "/bin/busybox", "sh", "-c", script)


def below_read_only(podman: Podman, top: Path) -> None:
    outer, inner = subvolume(top / "read-only"), subvolume(top / "thumbs")
    start = ["run", "--rm", "--network=none", "--cgroups=disabled", f"--volume={outer}:/app:ro", f"--volume={inner}:/app/data"]
    podman(*start, IMAGE, "/bin/busybox", "true")
    assert (outer / "data").is_dir(), "no directory was made in the volume that is mounted read-only"
    # Control: the container itself can make none.
    try:
        podman(*start, IMAGE, "/bin/busybox", "mkdir", "/app/other")
    except ProgramFailed:
        pass
    else:
        raise AssertionError("a container wrote to a volume that it mounts read-only")
