"""VM image: 4 KiB blocks overwritten at random in one large file, synced every 32 (fio)."""

import json
from pathlib import Path

from experiments.work import read_cold
from lab.btrfs import MIB
from lab.process import run

VOLUME = {"class": "vm-image", "mounts": {"app": "/images"}}
WRITES = "IOPS"
READS = "MiB/s"
SIZE = 512
WRITTEN = 12_000


def prepare(place: Path) -> None:
    with (place / "disk.raw").open("wb") as opened:
        for _ in range(SIZE // 8):
            opened.write(bytes(range(256)) * (8 * MIB // 256))


def phase(place: Path, number: int) -> float:
    report = run(
        *("fio", "--name=guest", f"--filename={place / 'disk.raw'}", f"--size={SIZE}M", "--rw=randwrite", "--bs=4k"),
        *("--ioengine=psync", "--fsync=32", f"--number_ios={WRITTEN}", f"--randseed={number + 1}"),
        *("--buffer_compress_percentage=50", "--output-format=json"),
    )
    rate = json.loads(report)["jobs"][0]["write"]["iops"]
    assert isinstance(rate, float)
    return rate


def read(place: Path) -> float:
    return read_cold([place / "disk.raw"])
