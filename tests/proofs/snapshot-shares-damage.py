"""A snapshot shares its blocks with the data: damage on the device makes both unreadable at once."""

import os
from pathlib import Path

from lab.btrfs import MIB, drop_caches, find, snapshot, subvolume
from proofs.bench import Bench

CONTENT = os.urandom(4 * MIB)


def prove(bench: Bench) -> None:
    with bench.btrfs("-d", "single") as filesystem:
        top = filesystem.mount("top")
        data = subvolume(top / "data")
        (data / "file").write_bytes(CONTENT)
        snapshot(data, top / "snapshot")
        filesystem.unmount(top)
        places = find(filesystem, CONTENT[:4096])
        assert len(places) == 1, f"with a snapshot the data is there {len(places)} times"

        # What a copy is: the same bytes in blocks of their own.
        top = filesystem.mount("top")
        (top / "copy").write_bytes(CONTENT)
        filesystem.unmount(top)
        image, place = places[0]
        with image.open("r+b") as opened:
            opened.seek(place)
            opened.write(bytes(4096))
        drop_caches()

        top = filesystem.mount("top")
        readable = {name: is_readable(top / name) for name in ("data/file", "snapshot/file", "copy")}
    bench.record(snapshot_readable=readable["snapshot/file"], copy_readable=readable["copy"])
    assert not readable["data/file"], "the damage hit nothing"
    assert not readable["snapshot/file"], "the snapshot has blocks of its own"
    # Control: blocks of their own are not hit.
    assert readable["copy"], "the damage hit the copy too: it shows nothing"


def is_readable(file: Path) -> bool:
    try:
        return file.read_bytes() == CONTENT
    except OSError:
        return False
