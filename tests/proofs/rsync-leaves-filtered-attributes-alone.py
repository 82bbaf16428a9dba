"""An extended attribute that rsync is told to filter is neither copied nor removed, and times of links come over whole only with -1."""

import os
from pathlib import Path

from lab.process import run
from proofs.bench import Bench

FILTERS = ["--filter=-x trusted.podman-btrfs", "--filter=-x btrfs.compression", "--filter=-x system.*"]
OLD = (1_000_000_000_123_456_789, 1_000_000_000_123_456_789)


def copied(source: Path, copy: Path, *more: str) -> None:
    run("rsync", "-aHAXS", "--delete", *more, "--", f"{source}/", f"{copy}/")


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        source, copy, control = top / "source", top / "copy", top / "control"
        for place in (source, copy, control):
            place.mkdir()
            os.setxattr(place, "trusted.podman-btrfs", place.name.encode())
        (source / "file").write_text("x")
        os.setxattr(source / "file", "user.note", b"kept")
        run("btrfs", "property", "set", source, "compression", "zlib")
        for place in (copy, control):
            run("btrfs", "property", "set", place, "compression", "zstd")

        copied(source, copy, *FILTERS)
        assert os.getxattr(copy, "trusted.podman-btrfs") == b"copy", "the copy's own marker is gone"
        assert os.getxattr(copy, "btrfs.compression") == b"zstd", "the copy's own property is gone"
        assert os.getxattr(copy / "file", "user.note") == b"kept", "other attributes are not copied"
        # Control: without the filters the copy becomes the source in this too.
        copied(source, control)
        assert os.getxattr(control, "trusted.podman-btrfs") == b"source", "the filters are not needed for the marker"
        assert os.getxattr(control, "btrfs.compression") == b"zlib", "the filters are not needed for the property"

        # A link whose copy has the same second, and other nanoseconds.
        for place in (source, copy):
            (place / "link").symlink_to("file")
        os.utime(source / "link", ns=OLD, follow_symlinks=False)
        os.utime(copy / "link", ns=(OLD[0], OLD[1] + 1), follow_symlinks=False)
        copied(source, copy, *FILTERS)
        assert (copy / "link").lstat().st_mtime_ns != OLD[1], "control: nanoseconds come over without --modify-window=-1 too"
        copied(source, copy, "--modify-window=-1", *FILTERS)
        assert (copy / "link").lstat().st_mtime_ns == OLD[1], "nanoseconds do not come over with --modify-window=-1"
        bench.record(filtered="neither copied nor removed", nanoseconds_of_links="with --modify-window=-1 only")
