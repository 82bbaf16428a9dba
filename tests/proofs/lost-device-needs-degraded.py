"""A mirrored filesystem that lost a device is not mounted as usual, nor told to be ready; with `degraded` all is there."""

from pathlib import Path

from lab.btrfs import Btrfs
from lab.process import attempt, run
from proofs.bench import Bench

CONTENT = "kept in two copies"


def prove(bench: Bench) -> None:
    with bench.btrfs("--data", "raid1", "--metadata", "raid1", devices=2) as filesystem:
        (filesystem.mount("whole") / "file").write_text(CONTENT)
        filesystem.unmount()
        forget(filesystem)
        run("btrfs", "device", "scan", *(loop.path for loop in filesystem.loops))
        # Control: with both devices it is ready and needs no option.
        assert is_ready(filesystem), "with all its devices it is not ready"
        assert mounted(filesystem) == CONTENT, "with all its devices it is not mounted"

        forget(filesystem)
        filesystem.loops[1].detach()
        run("btrfs", "device", "scan", filesystem.device)
        ready, plain, degraded = is_ready(filesystem), mounted(filesystem), mounted(filesystem, "degraded")
        bench.record(
            ready=ready,
            mounted_as_usual=plain == CONTENT,
            mounted_with_degraded=degraded == CONTENT,
        )
    assert not ready, "it is ready without one of its devices"
    assert plain is None, "it was mounted without one of its devices, and nobody said `degraded`"
    assert degraded == CONTENT, f"with `degraded` its file reads {degraded!r}"


def forget(filesystem: Btrfs) -> None:
    """Takes the devices out of the kernel's list, as after a boot."""
    run("btrfs", "device", "scan", "--forget", *(loop.path for loop in filesystem.loops))


def is_ready(filesystem: Btrfs) -> bool:
    """What udev asks before systemd may mount it."""
    return attempt("btrfs", "device", "ready", filesystem.device).returncode == 0


def mounted(filesystem: Btrfs, *options: str) -> str | None:
    """What the file holds; `None` when the mount is refused."""
    place: Path = filesystem.folder / "again"
    place.mkdir(exist_ok=True)
    if attempt("mount", "-t", "btrfs", *(["-o", ",".join(options)] if options else []), filesystem.device, place).returncode != 0:
        return None
    try:
        return (place / "file").read_text()
    finally:
        run("umount", place)
