"""With all space in chunks and the metadata full, nothing can be written though the chunks of data are half empty."""

import errno
import os
from pathlib import Path

from lab.btrfs import GIB, MIB, sync
from lab.fill import fill, space, unallocated
from proofs.bench import Bench

# An attribute as large as this takes a leaf of the metadata.
LARGE = b"x" * 15_000


def prove(bench: Bench) -> None:
    made = {}
    # A small and a larger disk with the same chunks of data: on the larger one there is unallocated space beside them.
    for name, size in (("all given out", 512 * MIB), ("with unallocated space", GIB)):
        with bench.btrfs("-d", "single", "-m", "single", size=size) as filesystem:
            mounted = filesystem.mount("full")
            bulk, small = mounted / "bulk", mounted / "small"
            bulk.mkdir()
            # Made before: what is left of the metadata may be too little for a directory.
            small.mkdir()
            if size == 512 * MIB:
                fill(bulk)
            else:
                for number in range(20):
                    (bulk / f"fill-{number}").write_bytes(b"y" * (16 * MIB))
            sync(mounted)
            # Every other file goes, so that no chunk becomes empty and is given back.
            for number in range(1, len(list(bulk.iterdir())), 2):
                (bulk / f"fill-{number}").unlink(missing_ok=True)
            sync(mounted)
            before = sum(unallocated(mounted)) // MIB
            count, refused = write_attributes(small)
            total, used = space(mounted)["Data"]
            made[name] = (count, refused, (total - used) // MIB)
            bench.record(
                **{
                    f"{name}: unallocated MiB before": before,
                    f"{name}: files written": count,
                    f"{name}: refused": refused,
                    f"{name}: MiB free in chunks of data": (total - used) // MIB,
                }
            )
    full, roomy = made["all given out"], made["with unallocated space"]
    assert full[1], "metadata never got full"
    assert full[2] > 100, f"only {full[2]} MiB were free in the chunks of data"
    # Control: with unallocated space another chunk of metadata is made, and the same files and more are written.
    assert not roomy[1], f"refused after {roomy[0]} files in spite of unallocated space"


def write_attributes(folder: Path, most: int = 6_000) -> tuple[int, bool]:
    """Files with one large attribute each, until the filesystem refuses or it is enough."""
    for number in range(most):
        try:
            (folder / str(number)).touch()
            os.setxattr(folder / str(number), "user.large", LARGE)
        except OSError as why:
            if why.errno != errno.ENOSPC:
                raise
            return number, True
    return most, False
