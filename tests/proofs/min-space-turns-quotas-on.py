"""`btrfs.min_space` in storage.conf turns quotas on for the whole filesystem as soon as any command of Podman runs."""

from pathlib import Path

from lab.btrfs import GIB, subvolume
from lab.process import attempt
from proofs.bench import Bench
from proofs.podman import Podman


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        podman = Podman(bench, subvolume(top / "store"), "btrfs")
        podman("ps")
        # Control: the same store without the key.
        assert not has_quotas(top), "quotas are on without the key"
        podman.configure('[storage.options.btrfs]\nmin_space = "1M"\n')
        podman("ps")
        assert has_quotas(top), "quotas are off with the key"
        bench.record(quotas_after_podman_ps="on, of the whole filesystem")


def has_quotas(top: Path) -> bool:
    return attempt("btrfs", "qgroup", "show", top).returncode == 0
