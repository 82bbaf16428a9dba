"""Of raw copies that are differences btrbk deletes none, whatever is to be kept; whole ones are thinned as told, and each stands alone.

A raw copy is a file with a stream. A stream that is a difference is received only where all before it was. So btrbk marks every copy of a
chain as one to be kept. `incremental strict` begins no chain, and sends nothing. With `target_preserve_min no` a snapshot that the target
would not keep is not sent at all.
"""

from pathlib import Path

from lab.btrfs import GIB, Btrfs, subvolume
from lab.process import attempt
from proofs.bench import Bench
from retention.shifted import at, library

DAY = 24 * 60 * 60
BEGINS = 1_800_000_000
DAYS = 8

CONFIGURATION = """\
timestamp_format long-iso
lockfile {folder}/lock
transaction_log no
snapshot_dir .snapshots
snapshot_preserve_min latest
snapshot_preserve 30d
volume {tank}
  subvolume {series}
    target raw {copies}
      incremental {incremental}
      raw_target_compress zstd
      target_preserve_min no
      target_preserve 3d
"""


class Series:
    """A subvolume that is sent to a directory of plain files."""

    def __init__(self, bench: Bench, tank: Path, incremental: str) -> None:
        self.place = subvolume(tank / incremental)
        self.copies = bench.folder / f"copies-{incremental}"
        self.copies.mkdir()
        self.configuration = bench.folder / f"{incremental}.conf"
        values = {"folder": bench.folder, "tank": tank, "series": incremental, "copies": self.copies}
        self.configuration.write_text(CONFIGURATION.format(**values, incremental=incremental))

    def run(self, moment: int) -> str:
        """A run of that moment."""
        (self.place / f"at-{moment}").write_bytes(bytes(range(256)) * 400)
        done = attempt("btrbk", "-c", self.configuration, "run", env=at(moment))
        assert done.returncode in (0, 10), done.stdout + done.stderr
        return done.stdout + done.stderr

    def files(self) -> list[Path]:
        """The streams, by their time."""
        return sorted(path for path in self.copies.iterdir() if path.suffix == ".zst")


def receive(file: Path, into: Path) -> int:
    """The exit code of receiving one, as somebody without btrbk would."""
    return attempt("sh", "-c", 'zstd -d -c "$1" | btrfs receive -q "$2"', "sh", file, into).returncode


def prove(bench: Bench) -> None:
    bench.need("btrbk", "btrbk")
    bench.need("zstd", "zstd")
    assert library() is not None, "libfaketime is not installed (Debian package faketime)"
    with bench.btrfs(size=GIB) as filesystem, bench.btrfs(size=GIB, label="empty") as elsewhere:
        tank = filesystem.mount("tank")
        (tank / ".snapshots").mkdir()
        chain, strict, whole = (Series(bench, tank, incremental) for incremental in ("yes", "strict", "no"))
        for day in range(DAYS):
            # Twice a day, of which one a day is to be kept.
            for half in (0, DAY // 2):
                for series in (chain, strict, whole):
                    series.run(BEGINS + day * DAY + half)
        assert not strict.files(), f"`incremental strict` sent {strict.files()}"
        kept = chain.files()
        assert len(kept) >= DAYS, f"of the chain only {len(kept)} are left: {kept}"
        differences = sum("RECEIVED_PARENT_UUID" in Path(f"{file}.info").read_text() for file in kept)
        assert differences == len(kept) - 1, f"{differences} of {len(kept)} are differences"
        alone = whole.files()
        assert len(alone) in (3, 4), f"whole copies of 3 days: {alone}"

        received, lost = elsewhere.mount("received"), received_without(elsewhere, kept)
        for file in alone:
            assert receive(file, received) == 0, f"{file} did not come back by itself"
        bench.record(
            days=DAYS,
            kept_days=3,
            left_of_a_chain=len(kept),
            left_of_whole_ones=len(alone),
            sent_by_strict=0,
            received_behind_a_lost_one=lost,
        )


def received_without(elsewhere: Btrfs, kept: list[Path]) -> int:
    """How many of a chain come back whose second file is lost: none behind it."""
    place = elsewhere.mount("chain")
    codes = [receive(file, place) for number, file in enumerate(kept) if number != 1]
    assert codes[0] == 0, "the first of the chain is whole"
    return codes[1:].count(0)
