"""chattr +C works on empty targets only: on a file with data it exits 0 and does nothing, and a compression property refuses it.

New files in a +C directory get it; a file moved into one keeps copy on write.
"""

import os

from lab.btrfs import attributes, subvolume
from lab.process import attempt, run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top", "compress=zstd:1")

        # The order that works, on a filesystem that compresses.
        database = top / "database"
        database.mkdir()
        run("chattr", "+C", database)
        (database / "new").write_bytes(os.urandom(65536))
        assert "C" in attributes(database / "new"), "a new file in a +C directory does not inherit it"
        deeper = database / "deeper"
        deeper.mkdir()
        assert "C" in attributes(deeper), "a new directory in a +C directory does not inherit it"

        # A file with data.
        full = top / "full"
        full.write_bytes(os.urandom(65536))
        outcome = attempt("chattr", "+C", full)
        assert "C" not in attributes(full), "chattr +C took effect on a file with data"
        bench.record(chattr_on_file_with_data=f"exit {outcome.returncode}, attribute not set")
        assert outcome.returncode == 0, "chattr now reports the failure: the page says that it is silent"
        empty = top / "empty"
        empty.touch()
        run("chattr", "+C", empty)
        assert "C" in attributes(empty), "control: chattr +C has no effect on an empty file either"

        # A file that comes from elsewhere.
        full.rename(database / "moved")
        assert "C" not in attributes(database / "moved"), "a moved file became nodatacow"
        source = top / "source"
        source.write_bytes(os.urandom(65536))
        assert attempt("cp", "--reflink=always", source, database / "linked").returncode != 0, (
            "a reflink from a copy-on-write file into a +C directory was accepted"
        )
        run("cp", "--reflink=auto", source, database / "copied")
        assert "C" in attributes(database / "copied"), "a copy into a +C directory is not nodatacow"

        # Properties and the attribute exclude each other, in both orders.
        for value in ("none", "zstd"):
            both = top / f"both-{value}"
            both.mkdir()
            run("btrfs", "property", "set", both, "compression", value)
            refused = attempt("chattr", "+C", both)
            assert refused.returncode != 0, f"chattr +C was accepted on a directory with compression={value}"
            bench.record(**{f"chattr_after_compression_{value}": refused.stderr.split(": ")[1].split(" while")[0]})
        unmarked = top / "both-none"
        run("chattr", "-m", unmarked)
        run("chattr", "+C", unmarked)
        assert "C" in attributes(unmarked), "after chattr -m, chattr +C still has no effect"
        assert attempt("btrfs", "property", "set", database, "compression", "zstd").returncode != 0, (
            "compression=zstd was accepted on a +C directory"
        )

        # The attribute does not reach a subvolume made inside.
        nested = subvolume(database / "nested")
        assert "C" not in attributes(nested), "a subvolume made in a +C directory inherits the attribute"
