"""A snapshot does not descend: a nested subvolume appears in it as an empty directory, without an error."""

from lab.btrfs import attributes, is_subvolume, snapshot, subvolume
from lab.process import run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        shop = subvolume(top / "shop")
        directory = shop / "directory"
        directory.mkdir()
        run("chattr", "+C", directory)
        nested = subvolume(shop / "nested")
        below = subvolume(directory / "below")
        for place in (directory, nested, below):
            (place / "data").write_text("worth keeping\n")

        frozen = snapshot(shop, top / "frozen")
        # Control: what is a directory is in the snapshot, with content and attribute.
        assert (frozen / "directory/data").read_text() == "worth keeping\n", "a directory is missing from the snapshot"
        assert "C" in attributes(frozen / "directory"), "a directory's attribute is missing from the snapshot"

        assert is_subvolume(nested), "the nested subvolume is none"
        for name in ("nested", "directory/below"):
            assert not any((frozen / name).iterdir()), f"{name} is not empty in the snapshot"
            assert not is_subvolume(frozen / name), f"{name} is a subvolume in the snapshot"
        assert "C" not in attributes(below), "a subvolume inherits the attribute of the directory it is made in"
        bench.record(files_lost_without_a_word=2)
