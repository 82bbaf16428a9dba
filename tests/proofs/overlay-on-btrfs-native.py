"""Podman's overlay driver works natively on Btrfs and copies up by reference; the btrfs driver makes a subvolume a layer.

So a snapshot of an overlay store holds the layers, and one of a btrfs driver's store holds empty directories.
"""

import os
from pathlib import Path

from lab.btrfs import GIB, MIB, Btrfs, is_shared, is_subvolume, snapshot, subvolume, sync
from proofs.bench import Bench
from proofs.podman import Podman

LARGE = 32 * MIB


def prove(bench: Bench) -> None:
    with bench.btrfs(size=2 * GIB) as filesystem:
        overlay(bench, filesystem)
    with bench.btrfs(size=2 * GIB) as filesystem:
        btrfs(bench, filesystem)


def overlay(bench: Bench, filesystem: Btrfs) -> None:
    podman, store, top = start(bench, filesystem, "overlay")
    status = podman("info", "--format", '{{index .Store.GraphStatus "Native Overlay Diff"}}').strip()
    assert status == "true", f"Native Overlay Diff is {status!r}"
    bench.record(overlay_native_diff=status)

    sync(top)
    before = used(top)
    podman.container("changed", "chmod", "0600", "/large")
    sync(top)
    cost = used(top) - before
    layer = next(path for path in (store / "overlay").glob("*/diff/large") if path.stat().st_mode & 0o777 == 0o600)
    bench.record(overlay_copy_up_of_32_MiB_costs_KiB=cost // 1024)
    assert is_shared(layer), "the file that was copied up shares nothing with the image"
    assert cost < LARGE // 4, f"copying up {LARGE} bytes cost {cost}"
    # Control: writing the same amount costs it, so the measure can tell the difference.
    before = used(top)
    podman.container("written", "dd", "if=/dev/urandom", "of=/other", "bs=1048576", "count=32")
    sync(top)
    assert used(top) - before > LARGE * 3 // 4, "writing 32 MiB costs nothing: the measure is worthless"

    assert nested(store) == 0, "overlay made subvolumes"
    frozen = snapshot(store, top / "frozen")
    assert any((frozen / "overlay").glob("*/diff/large")), "the snapshot of an overlay store lacks the layers"


def btrfs(bench: Bench, filesystem: Btrfs) -> None:
    podman, store, top = start(bench, filesystem, "btrfs")
    for number in range(3):
        podman.container(f"container-{number}", "true")
    made = nested(store)
    frozen = snapshot(store, top / "frozen")
    layers = list((frozen / "btrfs/subvolumes").iterdir())
    empty = sum(not any(layer.iterdir()) for layer in layers)
    bench.record(btrfs_driver_subvolumes_for_1_image_3_containers=made, empty_in_a_snapshot=f"{empty} of {len(layers)}")
    assert made == 4, f"one image and three containers are {made} subvolumes"
    assert empty == len(layers) == made, f"{empty} of {len(layers)} layers are empty in a snapshot of the store"


def start(bench: Bench, filesystem: Btrfs, driver: str) -> tuple[Podman, Path, Path]:
    top = filesystem.mount("top")
    store = subvolume(top / "store")
    podman = Podman(bench, store, driver)
    podman.import_image({"large": os.urandom(LARGE)})
    return podman, store, top


def used(place: Path) -> int:
    """Bytes that are taken on the filesystem."""
    numbers = os.statvfs(place)
    return (numbers.f_blocks - numbers.f_bfree) * numbers.f_frsize


def nested(store: Path) -> int:
    """Subvolumes inside the store."""
    return sum(is_subvolume(path) for path in store.rglob("*") if path.is_dir() and not path.is_symlink())
