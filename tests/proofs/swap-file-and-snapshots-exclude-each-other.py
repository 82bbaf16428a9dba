"""A swap file must be without copy on write, and while it is in use its subvolume cannot be snapshotted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.btrfs import MIB, subvolume
from lab.process import attempt, run
from proofs.bench import Bench, Skipped


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        swap, data = subvolume(top / "@swap"), subvolume(top / "@volumes")
        copied = make(top / "copied", copy_on_write=True)
        refused = attempt("swapon", copied)
        assert refused.returncode != 0, "a swap file with copy on write was taken"

        with in_use(make(swap / "swapfile", copy_on_write=False)):
            blocked = attempt("btrfs", "subvolume", "snapshot", "-r", swap, top / "kept")
            assert blocked.returncode != 0, "a subvolume with a swap file in use was snapshotted"
            # Control: another subvolume of the same filesystem is snapshotted as ever.
            run("btrfs", "subvolume", "snapshot", "-r", data, top / "kept-data")
        run("btrfs", "subvolume", "snapshot", "-r", swap, top / "kept-after")
        shared = attempt("swapon", swap / "swapfile")
        bench.record(
            with_copy_on_write=refused.stderr.strip().rsplit(": ", 1)[-1],
            snapshot_while_in_use=blocked.stderr.strip().rsplit(": ", 1)[-1],
            swapon_after_a_snapshot=shared.stderr.strip().rsplit(": ", 1)[-1] or "accepted",
        )
        if shared.returncode == 0:
            run("swapoff", swap / "swapfile")
        assert shared.returncode != 0, "a swap file whose blocks a snapshot shares was taken"


def make(file: Path, *, copy_on_write: bool) -> Path:
    file.touch(mode=0o600)
    if not copy_on_write:
        run("chattr", "+C", file)
    file.write_bytes(bytes(32 * MIB))
    run("mkswap", file)
    return file


@contextmanager
def in_use(file: Path) -> Iterator[None]:
    """The system's swap for as long as the block lasts."""
    done = attempt("swapon", file)
    if done.returncode != 0:
        raise Skipped(f"this machine takes no swap file: {done.stderr.strip()}")
    try:
        yield
    finally:
        run("swapoff", file)
