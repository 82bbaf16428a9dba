"""An extended attribute that only root reads goes along with a send, whole and by parent, if it was set before the snapshot became read-only."""

import errno
import os
from pathlib import Path

from lab.btrfs import snapshot, subvolume
from lab.process import attempt, run
from proofs.bench import Bench

NAME = "trusted.podman-btrfs.snapshot"


def recorded(source: Path, target: Path, text: str) -> Path:
    """A snapshot as a group's member is made: writable, its attribute, read-only, its name."""
    staged = snapshot(source, target.with_name(f".staged-{target.name}"), read_only=False)
    os.setxattr(staged, NAME, text.encode())
    run("btrfs", "property", "set", "-t", "subvol", staged, "ro", "true")
    staged.rename(target)
    return target


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        source = subvolume(top / "source")
        for folder in ("snapshots", "received"):
            (top / folder).mkdir()
        stream = top / "stream"
        texts = {"first": "1" * 3000, "second": "2" * 2500}
        parent: list[str | Path] = []
        for name, text in texts.items():
            (source / name).write_text(text)
            taken = recorded(source, top / "snapshots" / name, text)
            run("btrfs", "send", "-q", *parent, "-f", stream, taken)
            run("btrfs", "receive", "-q", "-f", stream, top / "received")
            parent = ["-p", taken]
            received = top / "received" / name
            assert os.getxattr(received, NAME).decode() == text, f"{name} came without it"
            assert (received / name).read_text() == text
        # Control: afterwards it cannot be set any more, so it is what it was when the snapshot was taken.
        try:
            os.setxattr(top / "snapshots" / "first", NAME, b"another")
            raise AssertionError("control: the attribute of a read-only snapshot was changed")
        except OSError as refused:
            assert refused.errno == errno.EROFS, refused
        # Control: one without it has none at the target.
        plain = snapshot(source, top / "snapshots" / "plain")
        run("btrfs", "send", "-q", "-f", stream, plain)
        run("btrfs", "receive", "-q", "-f", stream, top / "received")
        assert NAME not in os.listxattr(top / "received" / "plain"), "control: it came from nowhere"
        assert attempt("btrfs", "property", "get", "-t", "subvol", top / "received/second", "ro").stdout.strip() == "ro=true"
        bench.record(bytes_whole=len(texts["first"]), bytes_by_parent=len(texts["second"]))
