"""After a power cut a copy that `btrfs receive` had ended shows its UUID and that it is read-only, and lacks its data, unless that was flushed.

The last things that `btrfs receive` does are to set the UUID and to make the copy read-only. Each commits a transaction, and none of these
flushes the data that was written a moment before. So nobody has to be unlucky: what a power cut leaves right after a receive is always
such a copy, until the kernel has written the data by itself. With `sync --file-system`, with a read-only snapshot of the copy (which keeps its
UUID), or on a filesystem that is mounted with `flushoncommit`, what is there is what was sent.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from lab.btrfs import MIB, snapshot, subvolume
from lab.power import as_after_power_cut, left
from lab.process import run
from proofs.bench import Bench

FILES = 200
# How often a way to have the data on the disk is tried.
TIMES = 5


def contents(tree: Path) -> dict[str, str]:
    """What each file holds."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tree.iterdir()}


class Sent:
    """Two snapshots: one that is sent whole, and one that is sent as the difference from it."""

    def __init__(self, bench: Bench) -> None:
        with bench.btrfs(label="source") as filesystem:
            top = filesystem.mount("top")
            source = subvolume(top / "source")
            self.streams, self.contents = {}, {}
            parent: list[str | Path] = []
            for name in ("first", "second"):
                for number in range(FILES):
                    (source / f"{number}").write_bytes(f"{name} {number} ".encode() * 2000)
                (source / "large").write_bytes(name.encode() * MIB)
                taken = snapshot(source, top / name)
                self.streams[name] = bench.folder / f"{name}.stream"
                run("btrfs", "send", "-q", *parent, "-f", self.streams[name], taken)
                self.contents[name] = contents(taken)
                parent = ["-p", taken]

    def lost(self, bench: Bench, options: tuple[str, ...] = (), then: Callable[[Path], str] = lambda _: "second") -> int:
        """Receives both, the power is cut right after the second and what `then` does to it; how many files of that are not what was sent."""
        with bench.btrfs(label="target") as filesystem:
            target = filesystem.mount("target", *options)
            run("btrfs", "receive", "-q", "-f", self.streams["first"], target)
            run("btrfs", "filesystem", "sync", target)
            run("btrfs", "receive", "-q", "-f", self.streams["second"], target)
            name = then(target)
            [cut] = as_after_power_cut(filesystem.images)
            left(filesystem, cut)
            place = filesystem.mount("after")
            shown = run("btrfs", "subvolume", "show", place / name)
            said = {line.split(":")[0].strip(): line.split()[-1] for line in shown.splitlines() if ":" in line}
            assert said["Received UUID"] != "-" and said["Flags"] == "readonly", f"it does not look whole: {shown}"
            # Control: what was on the disk before is what it was.
            assert contents(place / "first") == self.contents["first"], "control: the copy before it is not what was sent"
            found = contents(place / name)
            return sum(found.get(file) != content for file, content in self.contents["second"].items())


def synced(target: Path) -> str:
    """All of it is written."""
    run("sync", "--file-system", target)
    return "second"


def taken_again(target: Path) -> str:
    """A read-only snapshot of it."""
    return snapshot(target / "second", target / "published").name


def prove(bench: Bench) -> None:
    sent = Sent(bench)
    lost = [sent.lost(bench) for _ in range(TIMES)]
    assert all(lost), f"nothing was lost: {lost}"
    ways = {
        "sync": [sent.lost(bench, then=synced) for _ in range(TIMES)],
        "snapshot": [sent.lost(bench, then=taken_again) for _ in range(TIMES)],
        "flushoncommit": [sent.lost(bench, ("flushoncommit",)) for _ in range(TIMES)],
    }
    for way, found in ways.items():
        assert not any(found), f"with {way} files were lost all the same: {found}"
    bench.record(
        files=FILES + 1,
        power_cuts_of_each_kind=TIMES,
        files_lost_right_after_receive=min(lost),
        files_lost_after_sync=max(ways["sync"]),
        files_lost_of_a_read_only_snapshot=max(ways["snapshot"]),
        files_lost_with_flushoncommit=max(ways["flushoncommit"]),
    )
