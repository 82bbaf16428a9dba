"""btrbk takes read-only snapshots into a folder that is another mount of the same filesystem, and thins them as told.

`volume` is the mount of one subvolume, `snapshot_dir` the mount of another below it: the layout of a plan.
"""

import datetime
from pathlib import Path

from lab.btrfs import GIB, is_subvolume, subvolume
from lab.process import attempt, run
from proofs.bench import Bench

CONFIGURATION = """\
timestamp_format long
lockfile {folder}/lock
transaction_log no
volume {volumes}
  snapshot_dir .snapshots
  snapshot_preserve_min 2h
  snapshot_preserve 3h 2d
  subvolume shop
    snapshot_name shop
    snapshot_create always
"""

# Faked snapshots, by age in hours; a new one is taken by the run itself.
AGES = [1, 3, 5, 30, 54, 200]


def prove(bench: Bench) -> None:
    bench.need("btrbk", "btrbk")
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        for name in ("@volumes", "@snapshots", "@volumes/shop"):
            subvolume(top / name)
        (top / "@volumes/.snapshots").mkdir()
        volumes = filesystem.mount("volumes", subvolume="@volumes")
        snapshots = filesystem.mount("volumes/.snapshots", subvolume="@snapshots")
        (volumes / "shop/order").write_text("one book\n")
        configuration = bench.folder / "btrbk.conf"
        configuration.write_text(CONFIGURATION.format(folder=bench.folder, volumes=volumes))

        run("btrbk", "-c", configuration, "config", "print")
        run("btrbk", "-c", configuration, "run")
        taken = names(snapshots)
        assert len(taken) == 1, f"after one run there are {taken}"
        frozen = snapshots / taken[0]
        assert is_subvolume(frozen) and (frozen / "order").read_text() == "one book\n", "the snapshot lacks the data"
        assert "true" in run("btrfs", "property", "get", "-ts", frozen, "ro"), "the snapshot is not read-only"

        for age in AGES:
            run("btrfs", "subvolume", "snapshot", "-r", volumes / "shop", snapshots / stamp(age))
        run("btrbk", "-c", configuration, "run")
        kept = names(snapshots)
        expected_gone = stamp(200)
        assert expected_gone not in kept, f"the snapshot of 200 hours ago is still there: {kept}"
        assert stamp(1) in kept, "the snapshot of one hour ago is within preserve_min and is gone"
        assert len(kept) < len(AGES) + 2, "nothing was thinned"
        bench.record(before=len(AGES) + 2, kept=len(kept), preserve="2h min, 3h 2d")

        # Control: without the separate mount the same run takes its snapshot inside the volumes' own subvolume.
        filesystem.unmount(snapshots)
        run("btrbk", "-c", configuration, "run")
        assert len(names(volumes / ".snapshots")) == 1, "btrbk minds where the snapshot folder is"

        # And btrbk does not make the folder.
        filesystem.unmount()
        volumes = filesystem.mount("volumes", subvolume="@volumes")
        configuration.write_text(configuration.read_text().replace(".snapshots", ".missing"))
        refused = attempt("btrbk", "-c", configuration, "run")
        assert refused.returncode != 0, "btrbk made a missing snapshot folder itself"
        bench.record(exit_code_without_the_folder=refused.returncode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def stamp(hours: int) -> str:
    """The name of a snapshot of so many hours ago, as btrbk gives it."""
    moment = datetime.datetime.now() - datetime.timedelta(hours=hours)
    return f"shop.{moment:%Y%m%dT%H%M}"
