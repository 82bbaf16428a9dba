"""A subvolume mounted at two places is one: what is deleted or filled at one place is so at the other."""

from lab.btrfs import subvolume
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        subvolume(top / "@data")
        subvolume(top / "@other")
        first = filesystem.mount("first", subvolume="@data")
        second = filesystem.mount("second", subvolume="@data")
        other = filesystem.mount("other", subvolume="@other")
        for place in (first, other):
            (place / "file").write_text("worth keeping\n")
        assert (second / "file").read_text() == "worth keeping\n", "the second mount shows another subvolume"

        (second / "file").unlink()
        assert not (first / "file").exists(), "a file deleted at one place is there at the other"
        # Control: a subvolume of its own is not touched.
        assert (other / "file").exists(), "deleting in one subvolume deleted in another"
        bench.record(files_left_at_the_first_place=len(list(first.iterdir())))
