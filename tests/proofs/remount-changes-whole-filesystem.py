"""A remount of one subvolume with other options changes them for the whole filesystem, without a word.

`nixos-rebuild switch` remounts where the options of a mount changed.
"""

from lab.btrfs import attributes, is_compressed, options, subvolume, sync
from lab.process import run
from proofs.bench import Bench

TEXT = b"the same line, so that it compresses well\n" * 20_000


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        subvolume(top / "@")
        subvolume(top / "@db")
        filesystem.unmount(top)
        system = filesystem.mount("system", "compress=zstd:1", subvolume="@")
        database = filesystem.mount("database", "compress=zstd:1", subvolume="@db")

        def new_file(name: str) -> tuple[str, bool]:
            file = system / name
            file.write_bytes(TEXT)
            sync(system)
            return attributes(file), is_compressed(file)

        # Control: before any remount the neighbour is compressed and has checksums.
        assert new_file("before") == ("", True), "the starting point is not a compressing, copying filesystem"

        run("mount", "-o", "remount,compress=zstd:5", database)
        assert "compress=zstd:5" in options(system), f"the neighbour kept its level: {options(system)}"

        run("mount", "-o", "remount,noatime", database)
        assert "noatime" not in options(system), "noatime spread to the neighbour: it should be each mount's own"

        run("mount", "-o", "remount,nodatacow", database)
        assert "nodatacow" in options(system), f"the neighbour kept copy on write: {options(system)}"
        letters, compressed = new_file("after")
        assert "C" in letters and not compressed, f"a new file of the neighbour is still copied on write ({letters!r})"
        bench.record(neighbour_after_remount=",".join(sorted(options(system) & {"nodatacow", "nodatasum"})))
