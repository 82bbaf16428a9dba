"""Documents: many small files of text, added and read."""

from pathlib import Path

from experiments.work import read_cold, text, timed, write_out

VOLUME = {"class": "documents", "mounts": {"app": "/documents"}}
WRITES = "files/s"
READS = "MiB/s"
FILES = 1500


def prepare(place: Path) -> None:
    add(place / "before", 0)


def phase(place: Path, number: int) -> float:
    return timed(FILES, lambda: add(place / f"phase-{number}", number + 1))


def read(place: Path) -> float:
    return read_cold([path for path in place.rglob("*") if path.is_file()])


def add(folder: Path, seed: int) -> None:
    """Files of 2 to 32 KiB, written out together."""
    folder.mkdir()
    for number in range(FILES):
        content = text(2048 + (number * 7919 + seed) % 30_720, seed * FILES + number) if number < 40 else b""
        # Forty different texts are enough: no compressor looks beyond one file.
        (folder / f"{number}.txt").write_bytes(content or SAMPLES[number % len(SAMPLES)])
    write_out(folder)


SAMPLES = [text(2048 + number * 768, number) for number in range(40)]
