"""Build: a tree of many small files made, read and thrown away, again and again."""

import shutil
from pathlib import Path

from experiments.work import read_cold, text, timed, write_out

VOLUME = {"class": "build", "mounts": {"app": "/cache"}}
WRITES = "files/s"
READS = "MiB/s"
FILES = 3000
SAMPLES = [text(512 + number * 512, number) for number in range(24)]


def prepare(place: Path) -> None:
    tree(place / "tree-before")


def phase(place: Path, number: int) -> float:
    old = max(place.glob("tree-*"), key=lambda path: path.stat().st_mtime)

    def work() -> None:
        tree(place / f"tree-{number}")
        shutil.rmtree(old)
        write_out(place)

    return timed(2 * FILES, work)


def read(place: Path) -> float:
    return read_cold([path for path in place.rglob("*") if path.is_file()])


def tree(folder: Path) -> None:
    """Sources and objects in a hundred folders."""
    for number in range(100):
        (folder / f"{number}").mkdir(parents=True)
    for number in range(FILES):
        (folder / f"{number % 100}" / f"{number}.o").write_bytes(SAMPLES[number % len(SAMPLES)])
