"""A subvolume has the generation in which its newest snapshot was made for as long as nothing of it changes, and a later one afterwards."""

from pathlib import Path

from lab.btrfs import snapshot, subvolume, sync
from lab.process import run
from proofs.bench import Bench


def generations(path: Path) -> tuple[int, int]:
    """The last one, and the one that it was made in."""
    lines = [line.strip() for line in run("btrfs", "subvolume", "show", path).splitlines()]
    values = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(values["Generation"]), int(values["Gen at creation"])


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top", "noatime")
        sources = [subvolume(top / name) for name in ("one", "other")]
        for source in sources:
            (source / "file").write_text("before")
        sync(top)
        taken = [snapshot(source, top / f"of-{source.name}", read_only=False) for source in sources]
        for number, snapshotted in enumerate(taken):
            # What is done to the snapshot itself changes nothing of that.
            (snapshotted / "more").write_text("x")
            run("btrfs", "property", "set", "-t", "subvol", snapshotted, "ro", "true")
            sync(top)
            assert generations(sources[number])[0] == generations(snapshotted)[1], "unchanged, and it does not look so"
        (sources[0] / "file").read_text()
        (sources[1] / "file").write_text("after!")
        # Control: what lies only in memory has no generation yet.
        assert generations(sources[1])[0] == generations(taken[1])[1], "control: it looked changed before it was written out"
        sync(top)
        assert generations(sources[0])[0] == generations(taken[0])[1], "read without atime it looks changed"
        assert generations(sources[1])[0] > generations(taken[1])[1], "changed, and it does not look so"
        bench.record(subvolumes=len(sources))
