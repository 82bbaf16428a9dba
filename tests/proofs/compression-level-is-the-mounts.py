"""The level written into a compression property is not used: the mount's is, or 3 where the mount names none."""

import random
from pathlib import Path

from lab.btrfs import MIB, sync
from lab.process import run
from proofs.bench import Bench

SIZE = 12 * MIB


def prove(bench: Bench) -> None:
    content = text()
    sizes = {
        "mount zstd:1": stored(bench, content, "compress=zstd:1"),
        "mount zstd:3": stored(bench, content, "compress=zstd:3"),
        "property zstd:1": stored(bench, content, property="zstd:1"),
        "property zstd:9": stored(bench, content, property="zstd:9"),
        "mount zstd:1, property zstd:9": stored(bench, content, "compress=zstd:1", property="zstd:9"),
    }
    bench.record(**{f"{name} KiB": size >> 10 for name, size in sizes.items()})
    near = 0.01 * sizes["mount zstd:1"]
    assert abs(sizes["property zstd:9"] - sizes["property zstd:1"]) < near, f"the property's level counts: {sizes}"
    assert abs(sizes["property zstd:9"] - sizes["mount zstd:3"]) < near, f"without a mount's level it is not 3: {sizes}"
    both = sizes["mount zstd:1, property zstd:9"]
    assert abs(both - sizes["mount zstd:1"]) < near, f"a property hides the level of the mount: {sizes}"
    # Control: the level does matter where it is the mount's.
    assert sizes["mount zstd:3"] < 0.95 * sizes["mount zstd:1"], f"the levels of the mount make no difference: {sizes}"


def stored(bench: Bench, content: bytes, *options: str, property: str | None = None) -> int:
    """The bytes that a file takes."""
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top", *options)
        folder = top / "folder"
        folder.mkdir()
        if property is not None:
            run("btrfs", "property", "set", folder, "compression", property)
        before = used(top)
        (folder / "file").write_bytes(content)
        sync(top)
        return used(top) - before


def used(top: Path) -> int:
    """Bytes of data given out."""
    for line in run("btrfs", "filesystem", "df", "--raw", top).splitlines():
        if line.startswith("Data"):
            return int(line.rsplit("used=", 1)[1])
    raise AssertionError("no line of data")


def text() -> bytes:
    """Words and numbers, on which levels differ."""
    chosen = random.Random(1)
    words = [bytes(chosen.choices(b"abcdefghijklmnopqrstuvwxyz", k=chosen.randrange(3, 11))) for _ in range(4000)]
    parts: list[bytes] = []
    size = 0
    while size < SIZE:
        word = chosen.choice(words) if chosen.random() < 0.85 else str(chosen.randrange(10**6)).encode()
        parts.append(word)
        size += len(word) + 1
    return b" ".join(parts)[:SIZE]
