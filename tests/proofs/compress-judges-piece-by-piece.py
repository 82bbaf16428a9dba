"""Plain `compress` judges a file piece by piece: text behind noise is compressed, the noise is not."""

import os
from pathlib import Path

from lab.btrfs import MIB, extents, sync
from proofs.bench import Bench

NOISE = os.urandom(4 * MIB)
TEXT = b"words that shrink well " * 182_361
COMPRESSED = 0x8


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top", "compress=zstd:3")
        file = top / "file"
        with file.open("wb") as opened:
            for content in (NOISE, TEXT):
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
        sync(top)
        noise, text = shares(file)
    with bench.btrfs() as filesystem:
        # Control: nothing is compressed where nobody asks for it.
        top = filesystem.mount("top")
        file = top / "file"
        file.write_bytes(TEXT)
        sync(top)
        unasked = sum(length for _, length, flags in extents(file) if flags & COMPRESSED)
    bench.record(noise_compressed=f"{noise:.0%}", text_behind_it_compressed=f"{text:.0%}")
    assert noise < 0.05, f"{noise:.0%} of the noise was compressed"
    assert text > 0.95, f"only {text:.0%} of the text behind noise was compressed"
    assert unasked == 0, "text was compressed without the option"


def shares(file: Path) -> tuple[float, float]:
    """How much of the noise and of the text lies in compressed extents."""
    place = noise = text = 0
    for _, length, flags in extents(file):
        if flags & COMPRESSED and place < len(NOISE):
            noise += length
        elif flags & COMPRESSED:
            text += length
        place += length
    return noise / len(NOISE), text / len(TEXT)
