"""Images of two architectures share no layer, so a file that both hold is stored twice; deduplication of the layers afterwards makes the two one."""

import fcntl
import os
import struct
from pathlib import Path

from lab.btrfs import GIB, MIB, is_shared, subvolume, sync
from proofs.bench import Bench
from proofs.podman import Podman
from proofs.registry import Registry

LARGE = 16 * MIB
# From <linux/fs.h>: FIDEDUPERANGE, struct file_dedupe_range with one struct file_dedupe_range_info.
FIDEDUPERANGE = 0xC0189436
RANGE = struct.Struct("=QQHHIqQQiI")


def prove(bench: Bench) -> None:
    registry = Registry()
    try:
        with bench.btrfs(size=GIB) as filesystem:
            top = filesystem.mount("top")
            store = subvolume(top / "store")
            measure(bench, Podman(bench, store, "overlay"), registry, store)
    finally:
        registry.close()


def measure(bench: Bench, podman: Podman, registry: Registry, store: Path) -> None:
    common = os.urandom(LARGE)
    cost = {}
    for of in ("amd64", "arm64"):
        image = registry.image(of, {"common": common, "own": of.encode()})
        before = used(store)
        podman("pull", "-q", "--tls-verify=false", f"--arch={of}", f"{registry.host}/app@{image['digest']}")
        cost[of] = used(store) - before
    files = sorted((store / "overlay").glob("*/diff/common"))
    bench.record(
        common_MiB=LARGE // MIB,
        first_costs_MiB=round(cost["amd64"] / MIB, 1),
        second_costs_MiB=round(cost["arm64"] / MIB, 1),
    )
    assert len(files) == 2, f"the common file is in {len(files)} layers"
    assert cost["arm64"] > LARGE * 3 // 4, f"the second image cost {cost['arm64']} bytes"
    assert not is_shared(files[1]), "the two files share extents without anybody's doing"

    # Control: the same two files after a deduplication, which only the files' equality allows.
    before = used(store)
    deduplicate(*files)
    freed = before - used(store)
    bench.record(freed_by_deduplication_MiB=round(freed / MIB, 1))
    assert is_shared(files[1]) and freed > LARGE * 3 // 4, f"deduplication freed {freed} bytes"


def deduplicate(first: Path, second: Path) -> None:
    """Asks the kernel to compare the two and to keep one."""
    with first.open("rb") as source, second.open("r+b") as target:
        for start in range(0, LARGE, MIB):
            request = bytearray(RANGE.pack(start, MIB, 1, 0, 0, target.fileno(), start, 0, 0, 0))
            fcntl.ioctl(source, FIDEDUPERANGE, request)


def used(place: Path) -> int:
    """Bytes that are taken on the filesystem."""
    sync(place)
    numbers = os.statvfs(place)
    return (numbers.f_blocks - numbers.f_bfree) * numbers.f_frsize
