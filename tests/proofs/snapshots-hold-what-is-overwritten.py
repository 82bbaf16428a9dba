"""Between two snapshots that are kept, what was overwritten is held once; it is given back with the snapshot that holds it.

A file of large extents is worse: an extent is given back as a whole, so overwriting a part of it frees nothing, snapshot or not.
"""

import os

from lab.btrfs import GIB, MIB, snapshot, subvolume, sync
from lab.fill import space
from lab.process import run
from proofs.bench import Bench

FILE = 48 * MIB


def prove(bench: Bench) -> None:
    with bench.btrfs("-d", "single", size=2 * GIB) as filesystem:
        top = filesystem.mount("top")
        live = subvolume(top / "live")

        def used() -> int:
            sync(top)
            return space(top)["Data"][1] // MIB

        def write(name: str, mebibytes: int, *, times: int = 1) -> None:
            """From the beginning, in extents of one MiB."""
            for _ in range(times):
                opened = os.open(live / name, os.O_RDWR | os.O_CREAT)
                for number in range(mebibytes):
                    os.pwrite(opened, os.urandom(MIB), number * MIB)
                    os.fsync(opened)
                os.close(opened)

        # One large extent: what was overwritten stays, though no snapshot holds it.
        (live / "large").write_bytes(os.urandom(FILE))
        large = used()
        write("large", 16)
        bench.record(MiB_held_by_a_large_extent_without_a_snapshot=used() - large)
        assert abs(used() - large - 16) <= 2, f"{used() - large} MiB after overwriting 16 of a large extent"
        (live / "large").unlink()

        write("data", FILE // MIB)
        alone = used()
        # Control: without a snapshot nothing is held.
        write("data", 16, times=2)
        assert abs(used() - alone) <= 2, f"{used()} MiB after overwriting without a snapshot, {alone} before"

        snapshot(live, top / "first")
        write("data", 16, times=3)
        after_first = used()
        snapshot(live, top / "second")
        write("data", 32)
        after_second = used()
        assert abs(after_first - alone - 16) <= 2, f"16 MiB overwritten three times hold {after_first - alone} MiB"
        assert abs(after_second - alone - 48) <= 2, f"16 and 32 MiB hold {after_second - alone} MiB"

        # What was overwritten between the two goes with the first; the rest stays with the second.
        run("btrfs", "subvolume", "delete", "-C", top / "first")
        run("btrfs", "subvolume", "sync", top)
        without_first = used()
        run("btrfs", "subvolume", "delete", "-C", top / "second")
        run("btrfs", "subvolume", "sync", top)
        assert abs(without_first - alone - 32) <= 2, f"{without_first - alone} MiB are held by the second snapshot"
        assert abs(used() - alone) <= 2, f"{used() - alone} MiB are held by nothing"
        bench.record(
            MiB_of_the_file=FILE // MIB,
            MiB_held_after_16_were_overwritten_three_times=after_first - alone,
            MiB_held_after_32_more=after_second - alone,
            MiB_held_without_the_first_snapshot=without_first - alone,
        )
