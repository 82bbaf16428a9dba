"""btrbk prunes and sends snapshots that it did not take, told not to take any: series of the same times stay of the same times.

Two subvolumes, snapshots of both that others took under btrbk's names, with one time for both; a target on another filesystem.
"""

import datetime
import os
from pathlib import Path

from lab.btrfs import GIB, subvolume
from lab.process import run
from proofs.bench import Bench

CONFIGURATION = """\
timestamp_format long-iso
lockfile {folder}/lock
transaction_log no
volume {volumes}
  snapshot_dir .snapshots
  snapshot_preserve_min 2h
  snapshot_preserve 3h 2d
  target_preserve_min latest
  target_preserve 4d
  target {target}
  subvolume shop
    snapshot_create no
  subvolume shop+cache
    snapshot_create no
"""

SERIES = ("shop", "shop+cache")
# By age in hours.
AGES = (200, 100, 54, 30, 5, 3, 1, 0)
MARK = "trusted.podman-btrfs.snapshot"


def prove(bench: Bench) -> None:
    bench.need("btrbk", "btrbk")
    with bench.btrfs(size=GIB) as filesystem, bench.btrfs(size=GIB) as elsewhere:
        volumes = filesystem.mount("volumes")
        target = elsewhere.mount("target")
        (volumes / ".snapshots").mkdir()
        for name in SERIES:
            subvolume(volumes / name)
        for age in AGES:
            for name in SERIES:
                (volumes / name / "order").write_text(f"{age} hours\n")
                take(volumes, name, age)
        configuration = bench.folder / "btrbk.conf"
        text = CONFIGURATION.format(folder=bench.folder, volumes=volumes, target=target)
        configuration.write_text(text)
        run("btrbk", "-q", "-c", configuration, "run")

        kept = [times(volumes / ".snapshots", name) for name in SERIES]
        sent = [times(target, name) for name in SERIES]
        assert kept[0] == kept[1], f"the series are kept differently: {kept}"
        assert sent[0] == sent[1], f"the series are sent differently: {sent}"
        assert kept[0] <= {stamp(age) for age in AGES}, f"btrbk took one itself: {kept}"
        assert 1 < len(kept[0]) < len(AGES), f"nothing was thinned, or nothing left: {kept}"
        assert stamp(0) in kept[0] & sent[0], f"the newest was not kept, or not sent: {kept}, {sent}"
        copy = target / f"shop.{stamp(0)}"
        assert (copy / "order").read_text() == "0 hours\n", "the copy holds something else"
        assert os.getxattr(copy, MARK) == b"{}", "the attribute of its root was not sent"

        # Each next one is sent as a difference to the one before.
        for name in SERIES:
            take(volumes, name, -1)
        run("btrbk", "-q", "-c", configuration, "run")
        shown = run("btrfs", "subvolume", "show", target / f"shop.{stamp(-1)}")
        parent = next(line.split()[-1] for line in shown.splitlines() if "Parent UUID" in line)
        assert parent != "-", "the second copy was sent in full"
        bench.record(before=len(AGES), kept=len(kept[0]), sent=len(sent[0]), preserve="2h min, 3h 2d; 4d there")

        # Control: not told so, btrbk takes one of each itself, at a time of its own.
        configuration.write_text(text.replace("    snapshot_create no\n", ""))
        run("btrbk", "-q", "-c", configuration, "run")
        own = times(volumes / ".snapshots", "shop") - {stamp(age) for age in (*AGES, -1)}
        assert len(own) == 1, f"btrbk took {own}"


NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(hours=2)


def stamp(hours: int) -> str:
    """The time in the name of a snapshot of so many hours ago, as btrbk writes it in UTC."""
    return f"{NOW - datetime.timedelta(hours=hours):%Y%m%dT%H%M%S+0000}"


def take(volumes: Path, name: str, hours: int) -> None:
    """What we do: a snapshot that can be written to, its attribute, and then read-only."""
    snapshot = volumes / ".snapshots" / f"{name}.{stamp(hours)}"
    run("btrfs", "subvolume", "snapshot", volumes / name, snapshot)
    os.setxattr(snapshot, MARK, b"{}")
    run("btrfs", "property", "set", "-ts", snapshot, "ro", "true")


def times(folder: Path, name: str) -> set[str]:
    """The times in the names of a series."""
    return {path.name.removeprefix(f"{name}.") for path in folder.iterdir() if path.name.startswith(f"{name}.")}
