"""What an incremental copy starts from is not thinned: not while its target is away, and not while it takes nothing.

A run of btrbk whose target is away or full thins no snapshot of that subvolume, however long; when the target is back, all of it is sent
as differences, and the next run thins as told. A thinning that does not know the target loses the parent.
"""

import shutil
from pathlib import Path

from lab.btrfs import GIB, MIB, Btrfs, subvolume
from lab.process import attempt, run
from proofs.bench import Bench
from retention.shifted import at, library

DAY = 24 * 60 * 60
BEGINS = 1_800_000_000

CONFIGURATION = """\
timestamp_format long-iso
lockfile {folder}/lock
transaction_log no
snapshot_dir .snapshots
snapshot_preserve_min latest
snapshot_preserve 3d
volume {tank}
  subvolume shop
"""
TARGET = """\
    target {copies}
      target_preserve_min latest
      target_preserve 60d
"""


class Host:
    """A subvolume, a target that comes and goes, and a day at a time."""

    def __init__(self, bench: Bench, filesystem: Btrfs, target: Btrfs) -> None:
        self.tank, self.target = filesystem.mount("tank"), target
        subvolume(self.tank / "shop")
        (self.tank / ".snapshots").mkdir()
        self.copies = target.mount("usb") / "copies"
        self.copies.mkdir()
        self.with_target = bench.folder / "with.conf"
        self.without = bench.folder / "without.conf"
        text = CONFIGURATION.format(folder=bench.folder, tank=self.tank)
        self.without.write_text(text)
        self.with_target.write_text(text + TARGET.format(copies=self.copies))
        self.day = 0

    def run(self, configuration: Path, what: str = "run") -> tuple[int, str]:
        """The next day's run."""
        self.day += 1
        (self.tank / "shop" / f"day-{self.day}").write_bytes(bytes(200_000))
        done = attempt("btrbk", "-c", configuration, what, env=at(BEGINS + self.day * DAY))
        return done.returncode, done.stdout + done.stderr

    def here(self) -> int:
        return len(list((self.tank / ".snapshots").iterdir()))

    def leave(self) -> None:
        self.target.unmount(self.copies.parent)

    def come_back(self) -> None:
        assert self.target.mount("usb") == self.copies.parent


def prove(bench: Bench) -> None:
    bench.need("btrbk", "btrbk")
    assert library() is not None, "libfaketime is not installed (Debian package faketime)"
    with bench.btrfs(size=GIB) as filesystem, bench.btrfs(size=GIB, label="usb") as target:
        host = Host(bench, filesystem, target)
        for _ in range(6):
            code, said = host.run(host.with_target)
            assert code == 0, said
        thinned = host.here()
        assert thinned <= 4, f"{thinned} snapshots are here, though three days are kept"

        # Away for three weeks, seven times as long as anything is kept.
        host.leave()
        for _ in range(21):
            code, said = host.run(host.with_target)
            assert code != 0 and "Skipping cleanup of snapshots" in said, f"it thinned while its target was away:\n{said}"
        waiting = host.here()
        assert waiting == thinned + 21, f"{waiting} snapshots are here"
        host.come_back()
        code, said = host.run(host.with_target)
        assert code == 0 and "***" not in counted(said), f"a copy was sent whole:\n{said}"
        sent = counted(said).count(">>>")
        assert sent == 22, f"{sent} differences were sent:\n{said}"
        assert host.here() <= 4, "it did not thin when the target was back"

        # There, and full.
        ballast = host.copies.parent / "ballast"
        with ballast.open("wb") as file:
            free = shutil.disk_usage(host.copies).free
            file.write(bytes(max(free - 8 * MIB, 0)))
        run("btrfs", "filesystem", "sync", host.copies)
        (host.tank / "shop" / "large").write_bytes(bytes(range(256)) * (64 * MIB // 256))
        before = host.here()
        for _ in range(5):
            code, said = host.run(host.with_target)
            assert code != 0, f"the full target took it:\n{said}"
        assert host.here() == before + 5, "it thinned while its target took nothing"
        ballast.unlink()
        run("btrfs", "filesystem", "sync", host.copies)
        code, said = host.run(host.with_target)
        assert code == 0 and "***" not in counted(said), f"a copy was sent whole:\n{said}"

        # Control: who thins without knowing the target loses what the next copy would start from.
        for _ in range(6):
            code, said = host.run(host.without)
            assert code == 0, said
        code, said = host.run(host.with_target)
        assert code == 0 and "***" in counted(said), f"the parent was held by something else:\n{said}"
        bench.record(days_away=21, kept_days=3, sent_as_differences=sent, waiting_meanwhile=waiting)


def counted(said: str) -> str:
    """The lines of what was sent, without the legend."""
    return "\n".join(line for line in said.splitlines() if line.startswith((">>>", "***")) and "/" in line)
