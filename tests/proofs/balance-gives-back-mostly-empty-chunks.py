"""To balance chunks of data that are mostly empty gives unallocated space back, and leaves metadata alone."""

import re
from pathlib import Path

from lab.btrfs import GIB, MIB, sync
from lab.fill import fill, space, unallocated
from lab.process import run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs("-d", "single", "-m", "dup", size=2 * GIB) as filesystem:
        top = filesystem.mount("top")
        fill(top)
        sync(top)
        # Control: from chunks that are full there is nothing to be had.
        moved_full = balance(top, 50)
        files = sorted(top.glob("fill-*"), key=lambda file: int(file.name.removeprefix("fill-")))
        # One file in sixteen stays, so that chunks hold a little and are not given back by themselves.
        for number, file in enumerate(files):
            if number % 16 != 0:
                file.unlink()
        sync(top)
        before, metadata = sum(unallocated(top)), space(top)["Metadata"][0]
        moved = balance(top, 50)
        sync(top)
        after = sum(unallocated(top))
        bench.record(
            unallocated_MiB_before=before // MIB,
            unallocated_MiB_after=after // MIB,
            chunks_moved_while_full=moved_full,
            chunks_moved=moved,
            metadata_chunks_before_MiB=metadata // MIB,
            metadata_chunks_after_MiB=space(top)["Metadata"][0] // MIB,
        )
        assert moved_full == 0, f"{moved_full} full chunks were moved"
        assert moved > 2, f"{moved} chunks were moved"
        assert after - before > GIB, f"{before} bytes were unallocated, then {after}"
        assert space(top)["Metadata"][0] == metadata, "metadata was moved"


def balance(top: Path, usage: int) -> int:
    """How many chunks were moved."""
    said = run("btrfs", "balance", "start", f"-dusage={usage}", top)
    found = re.search(r"had to relocate (\d+) out of \d+ chunks", said)
    assert found is not None, f"btrfs balance said `{said}`"
    return int(found[1])
