"""A compression property on an empty directory compresses new files below it although the mount does not compress.

`compression none` marks a directory as never to be compressed, and then chattr +C is refused.
"""

from lab.btrfs import attributes, is_compressed, subvolume, sync
from lab.process import attempt, run
from proofs.bench import Bench

TEXT = b"the same line, so that it compresses well\n" * 20_000


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        for name, value in (("asked", "zstd:3"), ("unasked", None), ("late", None)):
            (top / name).mkdir()
            if value:
                run("btrfs", "property", "set", top / name, "compression", value)
        (top / "asked" / "deeper").mkdir()
        nested = subvolume(top / "asked" / "nested")
        files = {
            "asked": top / "asked/file",
            "deeper": top / "asked/deeper/file",
            "nested": nested / "file",
            "unasked": top / "unasked/file",
            "late": top / "late/file",
        }
        for file in files.values():
            file.write_bytes(TEXT)
        run("btrfs", "property", "set", top / "late", "compression", "zstd")
        sync(top)
        compressed = {name: is_compressed(file) for name, file in files.items()}
        assert compressed["asked"], "a new file below the property is not compressed"
        assert compressed["deeper"], "a new file two levels below the property is not compressed"
        assert not compressed["unasked"], "control: a file without the property is compressed too"
        assert not compressed["late"], "the property reached a file that was there before"
        bench.record(subvolume_made_below_inherits=compressed["nested"])

        read_back = run("btrfs", "property", "get", files["asked"], "compression").strip()
        bench.record(directory_set_to_zstd_3_file_reads_back=read_back)

        never = top / "never"
        never.mkdir()
        run("btrfs", "property", "set", never, "compression", "none")
        assert "m" in attributes(never), "compression none does not set the attribute m"
        refused = attempt("chattr", "+C", never)
        assert refused.returncode != 0, "chattr +C was accepted on a directory with compression none"
        bench.record(chattr_after_compression_none=refused.stderr.split(": ")[1].split(" while")[0])

    with bench.btrfs() as filesystem:
        # The other direction: on a filesystem that compresses, the property keeps a directory out.
        top = filesystem.mount("top", "compress=zstd:1")
        (top / "never").mkdir()
        run("btrfs", "property", "set", top / "never", "compression", "none")
        for file in (top / "never/file", top / "file"):
            file.write_bytes(TEXT)
        sync(top)
        assert is_compressed(top / "file"), "control: the filesystem does not compress"
        assert not is_compressed(top / "never/file"), "compression none did not keep a file from being compressed"
