"""A compress option added to the first mount and remounted holds at once for the whole filesystem, for what is written from then on."""

from lab.btrfs import is_compressed, subvolume, sync
from lab.process import run
from proofs.bench import Bench

TEXT = b"the same line, so that it compresses well\n" * 20_000


def prove(bench: Bench) -> None:
    with bench.btrfs() as filesystem:
        top = filesystem.mount("top")
        subvolume(top / "@root")
        subvolume(top / "@home")
        filesystem.unmount(top)
        root = filesystem.mount("root", subvolume="@root")
        home = filesystem.mount("home", "compress=zstd", subvolume="@home")

        def write(name: str) -> bool:
            file = home / name
            file.write_bytes(TEXT)
            sync(home)
            return is_compressed(file)

        # Control: before, the option on the second mount has no effect.
        assert not write("before"), "the second mount's option has an effect by itself"
        run("mount", "-o", "remount,compress=zstd", root)
        assert write("after"), "after the remount of the first mount nothing is compressed"
        assert not is_compressed(home / "before"), "what was written before has been compressed"
        bench.record(new_file_compressed=True, old_file_compressed=False)
