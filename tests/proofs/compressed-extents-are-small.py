"""A compressed extent holds at most 128 KiB of a file; forced, what does not shrink is cut into pieces of 512 KiB and less too."""

import os
import re
from pathlib import Path

from lab.btrfs import MIB, is_compressed, sync
from lab.process import run
from proofs.bench import Bench

SIZE = 32 * MIB
PIECE = 128 << 10
FORCED = 512 << 10
TEXT = b"the same few words again and again " * 4096


def prove(bench: Bench) -> None:
    plain_text, plain_noise = largest(bench)
    text, noise = largest(bench, "compress=zstd:3")
    forced_text, forced_noise = largest(bench, "compress-force=zstd:3")
    bench.record(
        largest_extent_of_text_KiB=f"{plain_text >> 10} plain, {text >> 10} compress, {forced_text >> 10} compress-force",
        largest_extent_of_noise_KiB=f"{plain_noise >> 10} plain, {noise >> 10} compress, {forced_noise >> 10} compress-force",
    )
    assert text <= PIECE and forced_text <= PIECE, f"compressed extents of {text} and {forced_text} bytes"
    assert forced_noise <= FORCED, f"forced compression left an extent of {forced_noise} bytes of noise"
    # Control: without compression, and where plain `compress` leaves noise alone, extents are large.
    large = min(plain_text, plain_noise, noise)
    assert large > 4 * FORCED, f"an extent of {large} bytes only"


def largest(bench: Bench, *options: str) -> tuple[int, int]:
    """The largest extents of a file of text and of one of noise."""
    with bench.btrfs(size=512 * MIB) as filesystem:
        top = filesystem.mount("top", *options)
        text = write(top / "text", (TEXT * (SIZE // len(TEXT) + 1))[:SIZE])
        noise = write(top / "noise", os.urandom(SIZE))
        assert is_compressed(text) == bool(options), "the text is not compressed exactly where it is asked"
        inodes = text.stat().st_ino, noise.stat().st_ino
        filesystem.unmount()
        tree = run("btrfs", "inspect-internal", "dump-tree", "-t", "5", filesystem.device)
        return longest(tree, inodes[0]), longest(tree, inodes[1])


def longest(tree: str, inode: int) -> int:
    """The longest extent of a file, from the items of the tree: what is read through the mount joins neighbours."""
    items = re.findall(rf"key \({inode} EXTENT_DATA \d+\).*?extent data offset \d+ nr (\d+)", tree, re.DOTALL)
    return max(int(length) for length in items)


def write(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    sync(file.parent)
    return file
