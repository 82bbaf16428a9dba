"""While the metadata is full no chunk of data can be balanced, though half of each is free; once some metadata was freed, it can."""

import os
import shutil

from lab.btrfs import MIB, snapshot, subvolume, sync
from lab.fill import fill_metadata, half_filled, takes_writes, unallocated
from lab.process import attempt, run
from proofs.bench import Bench

HELD = 600


def prove(bench: Bench) -> None:
    with bench.btrfs("-d", "single", "-m", "single", size=512 * MIB) as filesystem:
        top = filesystem.mount("top")
        source = subvolume(top / "source")
        (source / "held").mkdir()
        for number in range(HELD):
            (source / "held" / str(number)).touch()
            os.setxattr(source / "held" / str(number), "user.large", b"x" * 15_000)
        held = snapshot(source, top / "snapshot")
        shutil.rmtree(source / "held")
        half_filled(top / "bulk")
        fill_metadata(top)
        assert not takes_writes(top), "metadata never got full"
        balance = ("btrfs", "balance", "start", "-dusage=60,limit=1", "--", top)
        full = attempt(*balance)
        run("btrfs", "subvolume", "delete", "-c", held)
        run("btrfs", "subvolume", "sync", top)
        sync(top)
        before = sum(unallocated(top)) // MIB
        # Control: the same balance.
        freed = attempt(*balance)
        after = sum(unallocated(top)) // MIB
    bench.record(
        balance_with_full_metadata="refused" if full.returncode else "done",
        balance_with_some_metadata_free="refused" if freed.returncode else "done",
        unallocated_MiB_before=before,
        unallocated_MiB_after=after,
    )
    assert full.returncode != 0, "chunks were balanced with full metadata"
    assert "No space left on device" in full.stderr, full.stderr
    assert freed.returncode == 0, freed.stderr
    assert after > before + 16, f"{before} MiB were unallocated, then {after}"
