"""compress-force compresses what is overwritten in small pieces, against the property none; only nodatacow is left alone.

A compressed file lies in pieces of at most 128 KiB, each of which is read and unpacked whole for any page in it.
"""

import os
import random
from pathlib import Path

from lab.btrfs import GIB, MIB, extents, is_compressed, subvolume, sync
from lab.process import run
from proofs.bench import Bench

SIZE = 32 * MIB
PIECE = 128 * 1024
WRITES = 2000
# Half of each page compresses, as pages of databases do.
PAGE = os.urandom(2048) + bytes(2048)


def prove(bench: Bench) -> None:
    forced = databases(bench, "compress-force=zstd:1")
    asked = databases(bench, "compress=zstd:1")
    bench.record(
        compress_force_and_property_none_compressed=forced["none"].compressed,
        compress_force_and_property_none_extents_of_32_MiB=forced["none"].extents,
        compress_and_property_none_compressed=asked["none"].compressed,
        compress_and_property_none_extents_of_32_MiB=asked["none"].extents,
        compress_force_and_nodatacow_compressed=forced["nodatacow"].compressed,
        compress_force_and_nodatacow_extents_after_2000_overwrites=forced["nodatacow"].extents_after,
        compress_force_and_property_none_extents_after_2000_overwrites=forced["none"].extents_after,
    )
    assert forced["plain"].compressed, "compress-force compresses nothing: the experiment is worthless"
    assert forced["none"].compressed, "the property none holds against compress-force"
    assert forced["none"].extents >= SIZE // PIECE, f"a compressed file has only {forced['none'].extents} extents"
    assert not forced["nodatacow"].compressed, "a nodatacow file is compressed"
    assert forced["nodatacow"].extents_after < SIZE // PIECE, "a nodatacow file is scattered by overwrites"
    # Control: with compress in its place the property holds, and the file lies in few pieces.
    assert not asked["none"].compressed, "the property none does not hold against compress either"
    assert asked["none"].extents < SIZE // PIECE // 4, f"uncompressed it has {asked['none'].extents} extents"


class Seen:
    """A file after it was written, and after it was overwritten."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(PAGE * (SIZE // len(PAGE)))
        sync(file.parent)
        self.extents = len(extents(file))
        self.compressed = is_compressed(file)
        overwrite(file)
        self.extents_after = len(extents(file))


def databases(bench: Bench, option: str) -> dict[str, Seen]:
    """A file of each kind under this mount option."""
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top", option)
        for kind in ("plain", "none", "nodatacow"):
            subvolume(top / kind)
        run("btrfs", "property", "set", top / "none", "compression", "none")
        run("chattr", "+C", top / "nodatacow")
        return {kind: Seen(top / kind / "data") for kind in ("plain", "none", "nodatacow")}


def overwrite(file: Path) -> None:
    """What a database does: pages at random places, flushed every now and then."""
    places = random.Random(1)
    with file.open("r+b", buffering=0) as opened:
        for number in range(WRITES):
            opened.seek(places.randrange(SIZE // 4096) * 4096)
            opened.write(PAGE)
            if number % 50 == 0:
                os.fsync(opened.fileno())
    sync(file.parent)
