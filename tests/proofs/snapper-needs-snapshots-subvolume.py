"""snapper takes no snapshot until .snapshots is a subvolume, and it makes none for a configuration that was written by others.

With a subvolume made for it, a configuration file written by us is enough; no D-Bus is needed.
"""

from pathlib import Path

from lab.btrfs import GIB, is_subvolume, subvolume
from lab.isolate import cover
from lab.process import attempt, run
from proofs.bench import Bench

CONFIGURATION = """\
SUBVOLUME="{subvolume}"
FSTYPE="btrfs"
TIMELINE_CREATE="yes"
TIMELINE_CLEANUP="yes"
TIMELINE_LIMIT_HOURLY="24"
"""


def prove(bench: Bench) -> None:
    bench.need("snapper", "snapper")
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        shop = subvolume(top / "shop")
        (shop / "order").write_text("one book\n")
        # snapper reads fixed paths; they are covered for this process alone.
        configs = cover(Path("/etc/snapper"), bench.folder / "etc-snapper") / "configs"
        configs.mkdir()
        (configs / "shop").write_text(CONFIGURATION.format(subvolume=shop))
        known = cover(Path("/etc/default"), bench.folder / "etc-default") / "snapper"
        known.write_text('SNAPPER_CONFIGS="shop"\n')
        create = ("snapper", "--no-dbus", "-c", "shop", "create", "--description", "proof")

        refused = attempt(*create)
        assert refused.returncode != 0, "snapper took a snapshot without .snapshots"
        bench.record(without_snapshots_folder=" ".join((refused.stdout + refused.stderr).split()))

        (shop / ".snapshots").mkdir()
        refused = attempt(*create)
        assert refused.returncode != 0, "snapper took a snapshot with .snapshots as a plain directory"
        bench.record(with_a_plain_directory=" ".join((refused.stdout + refused.stderr).split()))
        (shop / ".snapshots").rmdir()

        subvolume(shop / ".snapshots")
        run(*create)
        frozen = shop / ".snapshots/1/snapshot"
        assert is_subvolume(frozen) and (frozen / "order").read_text() == "one book\n", "the snapshot lacks the data"
        assert "true" in run("btrfs", "property", "get", "-ts", frozen, "ro"), "the snapshot is not read-only"
        listed = run("snapper", "--no-dbus", "--machine-readable", "csv", "-c", "shop", "list")
        assert "proof" in listed, f"snapper does not list its snapshot: {listed}"

        # Control: a configuration that SNAPPER_CONFIGS does not name is not found, so the file above was read.
        known.write_text('SNAPPER_CONFIGS=""\n')
        listed = run("snapper", "--no-dbus", "list-configs")
        bench.record(configuration_not_in_SNAPPER_CONFIGS="listed" if "shop" in listed else "not listed")
