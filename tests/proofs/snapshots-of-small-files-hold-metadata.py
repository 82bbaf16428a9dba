"""Snapshots of many small files hold on to metadata and to what is deleted: without them the same replacement frees it.

The tree is replaced piece by piece, as upgrades and garbage collection replace a package store.
"""

import shutil
from pathlib import Path

from lab.btrfs import GIB, snapshot, subvolume, sync
from lab.process import run
from proofs.bench import Bench

PACKAGES = 200
FILES = 40
GENERATIONS = 6
REPLACED = PACKAGES // 4


def prove(bench: Bench) -> None:
    kept, before = store(bench, with_snapshots=True)
    bare, _ = store(bench, with_snapshots=False)
    bench.record(
        files=PACKAGES * FILES,
        metadata_at_the_start_KiB=before // 1024,
        metadata_after_6_generations_with_snapshots_KiB=kept // 1024,
        metadata_after_6_generations_without_KiB=bare // 1024,
    )
    # Control: without snapshots it is about as much as at the start.
    assert bare < before * 3 // 2, f"without snapshots the metadata grew from {before} to {bare}"
    assert kept > bare * 3 // 2, f"with snapshots {kept} bytes of metadata, without {bare}"


def store(bench: Bench, *, with_snapshots: bool) -> tuple[int, int]:
    """Metadata in bytes after some generations, and before them."""
    with bench.btrfs("-m", "single", size=2 * GIB) as filesystem:
        top = filesystem.mount("top", "noatime")
        tree = subvolume(top / "nix")
        for number in range(PACKAGES):
            package(tree / f"package-{number}", number)
        sync(top)
        before = metadata(top)
        for generation in range(GENERATIONS):
            if with_snapshots:
                snapshot(tree, top / f"snapshot-{generation}")
            for number in range(REPLACED):
                place = tree / f"package-{(generation * REPLACED + number) % PACKAGES}"
                shutil.rmtree(place)
                package(place, generation)
        # Deleted trees are freed at a commit.
        sync(top)
        sync(top)
        return metadata(top), before


def package(place: Path, content: int) -> None:
    place.mkdir()
    for number in range(FILES):
        (place / f"file-{number}").write_bytes(bytes([content % 256]) * 300)


def metadata(top: Path) -> int:
    """Bytes that metadata takes."""
    for line in run("btrfs", "filesystem", "df", "--raw", top).splitlines():
        if line.startswith("Metadata"):
            return int(line.rsplit("used=", 1)[1])
    raise AssertionError("btrfs filesystem df shows no metadata")
