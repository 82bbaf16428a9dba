"""A subvolume that holds its own snapshots cannot be deleted until they are, and a snapshot of it shows them as empty directories."""

from lab.btrfs import snapshot, subvolume
from lab.process import attempt, run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        inside = subvolume(top / "inside")
        beside = subvolume(top / "beside")
        for place in (inside, beside):
            (place / "file").write_text("worth keeping\n")
        kept = snapshot(inside, inside / "snapshot-1")
        snapshot(beside, top / "beside-snapshot-1")

        second = snapshot(inside, inside / "snapshot-2")
        assert not any((second / "snapshot-1").iterdir()), "a snapshot holds the snapshots before it"

        refused = attempt("btrfs", "subvolume", "delete", inside)
        assert refused.returncode != 0 and kept.is_dir(), "the subvolume was deleted with its snapshots"
        # Control: with its snapshots beside it the other one goes, and they stay.
        run("btrfs", "subvolume", "delete", beside)
        assert (top / "beside-snapshot-1/file").read_text() == "worth keeping\n", "a snapshot beside it went with it"
        bench.record(delete_says=" ".join(refused.stderr.split(":")[-1].split()))
