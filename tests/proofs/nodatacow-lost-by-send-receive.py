"""send and receive lose the nodatacow attribute every time; a local snapshot and its writable copy keep it."""

import os

from lab.btrfs import GIB, attributes, is_compressed, snapshot, subvolume
from lab.process import attempt, run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    with bench.btrfs(label="source") as source, bench.btrfs(label="target", size=GIB) as target:
        here, there = source.mount("here"), target.mount("there")
        subvolume(here / "shop")
        (here / "shop" / "pgdata").mkdir()
        run("chattr", "+C", here / "shop" / "pgdata")
        (here / "shop" / "pgdata" / "file").write_bytes(b"a row of a table, much like the next\n" * 30_000)
        frozen = snapshot(here / "shop", here / "frozen")

        # Control: the attribute is there, and a local way back keeps it.
        restored = snapshot(frozen, here / "restored", read_only=False)
        for folder in (frozen, restored):
            assert "C" in attributes(folder / "pgdata"), f"a local snapshot loses the directory's attribute ({folder.name})"
            assert "C" in attributes(folder / "pgdata" / "file"), f"a local snapshot loses a file's ({folder.name})"

        marked = there / "marked"
        marked.mkdir()
        run("chattr", "+C", marked)
        compressing = there / "compressing"
        compressing.mkdir()
        run("btrfs", "property", "set", compressing, "compression", "zstd")
        plain = there / "plain"
        plain.mkdir()

        below_property: set[bool] = set()
        stream = bench.folder / "stream"
        protocols = ["1"] + (["2"] if "--proto" in attempt("btrfs", "send", "--help").stdout else [])
        for protocol in protocols:
            run("btrfs", "send", "-q", *(["--proto", protocol] if protocol != "1" else []), "-f", stream, frozen)
            for folder in (plain, marked, compressing):
                run("btrfs", "receive", "-q", "-f", stream, folder)
                for name in ("pgdata", "pgdata/file"):
                    received = folder / "frozen" / name
                    assert "C" not in attributes(received), (
                        f"protocol {protocol} into {folder.name}: {name} kept the attribute"
                    )
                if folder == compressing:
                    below_property.add(is_compressed(folder / "frozen/pgdata/file"))
                run("btrfs", "subvolume", "delete", folder / "frozen")
        target.unmount(there)
        there = target.mount("there", "compress=zstd:1")
        run("btrfs", "receive", "-q", "-f", stream, there)
        assert is_compressed(there / "frozen/pgdata/file"), "a filesystem that compresses left the received database alone"
        stream.unlink()
        bench.record(
            protocols_tried=", ".join(protocols),
            received_below_compression_property="compressed" if True in below_property else "not compressed",
            received_on_compressing_mount="compressed",
        )
