"""A mirrored chunk takes the two devices with most unallocated space; what only one device has left is never used."""

from lab.btrfs import GIB
from lab.fill import fill, unallocated
from proofs.bench import Bench

MIRROR = ("-d", "raid1", "-m", "raid1")


def prove(bench: Bench) -> None:
    found = {}
    for sizes in ((40, 10, 10), (30, 20, 10), (20, 20, 20)):
        # Sparse images and files that are only reserved: next to nothing is written.
        with bench.btrfs(*MIRROR, sizes=[size * GIB for size in sizes]) as filesystem:
            mounted = filesystem.mount("full")
            found[sizes] = (fill(mounted, GIB) / GIB, [left / GIB for left in unallocated(mounted)])
    for sizes, (held, left) in found.items():
        name = " + ".join(map(str, sizes)) + " GiB"
        bench.record(
            **{f"{name}: GiB of files": round(held, 1), f"{name}: GiB on the first disk that nothing uses": round(left[0], 1)}
        )

    held, left = found[40, 10, 10]
    assert held < 20, f"{held} GiB fit, more than the two small disks can mirror"
    assert left[0] > 19 and max(left[1:]) < 0.1, f"the space was left elsewhere: {left}"
    # Control: as many gibibytes, but every chunk finds a partner.
    for sizes in ((30, 20, 10), (20, 20, 20)):
        held, left = found[sizes]
        assert held > 25 and sum(left) < 6, f"{sizes} hold {held} GiB and leave {left}"
