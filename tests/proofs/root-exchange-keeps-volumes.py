"""A root that is put aside and made anew leaves flat subvolumes where they were, and takes nested ones away with it."""

from lab.btrfs import is_subvolume, subvolume
from lab.process import attempt, run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        root, volumes = subvolume(top / "@"), subvolume(top / "@volumes")
        nested = subvolume(root / "containers")
        shop = subvolume(volumes / "shop")
        for place in (root, nested, shop):
            (place / "data").write_text("worth keeping\n")
        filesystem.unmount(top)

        top = filesystem.mount("top")
        aside = subvolume(top / "@old-roots") / "1"
        (top / "@").rename(aside)
        subvolume(top / "@")
        filesystem.unmount(top)

        root = filesystem.mount("root", subvolume="@")
        volumes = filesystem.mount("volumes", subvolume="@volumes")
        assert not any(root.iterdir()), "the new root is not empty"
        assert (volumes / "shop/data").read_text() == "worth keeping\n", "a flat subvolume is not where it was"
        # Control: what was nested in the root is gone from where it was, and went aside with it.
        assert not (root / "containers").exists(), "a nested subvolume outlived the exchange of its root"
        top = filesystem.mount("top")
        old = top / "@old-roots/1"
        assert is_subvolume(old / "containers"), "the nested subvolume is not in the old root"
        # An old root with something nested in it cannot be deleted by its name alone, so nothing is lost by that.
        refused = attempt("btrfs", "subvolume", "delete", old)
        assert refused.returncode != 0, "a subvolume was deleted with what is nested in it"
        assert (old / "containers/data").read_text() == "worth keeping\n", "the nested subvolume lost its content"
        run("btrfs", "subvolume", "delete", old / "containers", old)
        assert (volumes / "shop/data").read_text() == "worth keeping\n", "deleting the old root took a flat subvolume along"
        bench.record(flat_subvolumes_kept="1 of 1", nested_subvolumes_kept="0 of 1")
