"""With `relatime`, only reading files after a snapshot copies their metadata; with `noatime` it writes nothing."""

import os
import time
from pathlib import Path

from lab.btrfs import snapshot, subvolume, sync
from lab.process import run
from proofs.bench import Bench

FILES = 10_000


def prove(bench: Bench) -> None:
    relatime, noatime = grown(bench, "relatime"), grown(bench, "noatime")
    bench.record(files_read=FILES, metadata_written_relatime_KiB=relatime >> 10, metadata_written_noatime_KiB=noatime >> 10)
    assert relatime > 1 << 20, f"reading {FILES} files with relatime took {relatime} bytes of metadata only"
    # Control: the same reading without times of access.
    assert noatime < relatime / 10, f"with noatime reading took {noatime} bytes of metadata, with relatime {relatime}"


def grown(bench: Bench, option: str) -> int:
    """How much metadata reading every file of a snapshotted subvolume adds."""
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top", option)
        data = subvolume(top / "data")
        for number in range(FILES):
            file = data / f"{number}"
            file.write_bytes(b"a few bytes")
            # Read last before it was written last, so that relatime has a reason.
            os.utime(file, (time.time() - 172_800, time.time() - 86_400))
        snapshot(data, top / "kept")
        sync(top)
        before = metadata(top)
        for number in range(FILES):
            (data / f"{number}").read_bytes()
        sync(top)
        return metadata(top) - before


def metadata(top: Path) -> int:
    """Bytes of metadata given out."""
    for line in run("btrfs", "filesystem", "df", "--raw", top).splitlines():
        if line.startswith("Metadata"):
            return int(line.rsplit("used=", 1)[1])
    raise AssertionError("no line of metadata")
