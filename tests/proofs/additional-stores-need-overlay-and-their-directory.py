"""A read-only snapshot of an overlay store serves another one as an additional image store; while it is missing, every command fails.

With the btrfs driver the option itself ends every command.
"""

from lab.btrfs import GIB, snapshot, subvolume
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        filled = Podman(bench, subvolume(top / "filled"), "overlay")
        filled.import_image({})
        images = snapshot(filled.graph_root, top / "images")

        settings = f'[storage.options]\nadditionalimagestores = ["{images}"]\n'
        reader = Podman(bench, subvolume(top / "reader"), "overlay", settings=settings)
        assert reader("images", "--format", "{{.ReadOnly}}").split() == ["true"]
        assert reader("run", "--rm", "--network=none", "--cgroups=disabled", IMAGE, "echo", "ran").strip() == "ran"
        removed = reader.attempt("rmi", "--force", IMAGE)
        assert removed.returncode != 0 and "read-only" in removed.stderr, removed.stderr

        reader.configure(f'[storage.options]\nadditionalimagestores = ["{top}/missing"]\n')
        for command in (("ps",), ("volume", "ls"), ("info",)):
            failed = reader.attempt(*command)
            assert failed.returncode != 0 and "missing" in failed.stderr, f"{command}: {failed.stdout}{failed.stderr}"

        other = Podman(bench, subvolume(top / "other"), "btrfs", settings=settings)
        refused = other.attempt("ps")
        assert refused.returncode != 0 and "unknown option btrfs.imagestore" in refused.stderr, refused.stderr
        # Control: without the option the same driver works.
        other.configure()
        other("ps")

        copies = Podman(bench, subvolume(top / "copies"), "vfs", settings=settings)
        written = copies.attempt("ps")
        bench.record(
            overlay="reads it",
            overlay_without_the_directory="every command fails",
            btrfs_driver="every command fails",
            vfs_driver="reads it" if written.returncode == 0 else "every command fails: it writes there",
        )
