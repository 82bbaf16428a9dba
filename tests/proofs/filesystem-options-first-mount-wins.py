"""compress, nodatacow and autodefrag hold for the whole filesystem: the first mount wins, later mounts are silently ignored.

noatime is the contrast: it belongs to each mount.
"""

from pathlib import Path

from lab.btrfs import Btrfs, attributes, is_compressed, options, subvolume, sync
from proofs.bench import Bench

TEXT = b"the same line, so that it compresses well\n" * 20_000


def prove(bench: Bench) -> None:
    shown = second_mount(bench, first=("compress=zstd:1",), second=("nodatacow",))
    assert "compress=zstd:1" in shown.options, f"the second mount lost the first one's compression: {shown.options}"
    assert "nodatacow" not in shown.options, "nodatacow on the second mount took effect"
    assert shown.compressed, "a file under the second mount is not compressed although the first mount asked for it"
    bench.record(second_mount_asked_nodatacow_got=shown.relevant)

    shown = second_mount(bench, first=("nodatacow",), second=("compress=zstd:1",))
    assert "nodatacow" in shown.options, "the second mount ended nodatacow"
    assert not shown.compressed, "compression on the second mount took effect"
    assert "C" in shown.attributes, "a new file under a nodatacow filesystem keeps copy on write"
    bench.record(second_mount_asked_zstd_1_got=shown.relevant)

    shown = second_mount(bench, first=("defaults",), second=("compress=zstd:3", "autodefrag"))
    assert not shown.relevant, f"options of a second mount took effect: {shown.relevant}"
    assert not shown.compressed, "compression on the second mount took effect"

    shown = second_mount(bench, first=("compress=zstd:1",), second=("compress=zstd:5",))
    assert "compress=zstd:1" in shown.options, f"the level of the second mount took effect: {shown.options}"
    bench.record(second_mount_asked_zstd_5_got=shown.relevant)

    shown = second_mount(bench, first=("noatime",), second=("relatime",))
    assert "relatime" in shown.options and "noatime" not in shown.options, "noatime is not an option of each mount"

    # Control: the same option as the only mount does take effect, so the silence above means something.
    with bench.btrfs() as filesystem:
        only = look(filesystem, filesystem.mount("only", "compress=zstd:5"))
    assert "compress=zstd:5" in only.options and only.compressed, "compress=zstd:5 on the first mount has no effect"


class Shown:
    """What the kernel says of a mount and does with a file below it."""

    def __init__(self, mounted: set[str], compressed: bool, letters: str) -> None:
        self.options = mounted
        self.compressed = compressed
        self.attributes = letters
        words = ("compress", "nodatacow", "nodatasum", "autodefrag")
        self.relevant = ",".join(sorted(option for option in mounted if option.startswith(words)))


def second_mount(bench: Bench, first: tuple[str, ...], second: tuple[str, ...]) -> Shown:
    """Two subvolumes of one filesystem mounted with different options; the second one is looked at."""
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        subvolume(top / "@")
        subvolume(top / "@db")
        filesystem.unmount(top)
        filesystem.mount("first", *first, subvolume="@")
        return look(filesystem, filesystem.mount("second", *second, subvolume="@db"))


def look(filesystem: Btrfs, place: Path) -> Shown:
    file = place / "file"
    file.write_bytes(TEXT)
    sync(place)
    return Shown(options(place), is_compressed(file), attributes(file))
