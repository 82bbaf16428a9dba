"""An owner outside a container's user namespace is nobody there, and its root reads only what the mode gives to others."""

import os
from pathlib import Path

from lab.btrfs import GIB, subvolume
from lab.process import ProgramFailed
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman

MAP = ["--uidmap=0:100000:65536", "--gidmap=0:100000:65536"]


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        podman = Podman(bench, subvolume(top / "store"), "overlay")
        podman.import_image({})
        media = subvolume(top / "media")
        of_root, of_rootless = file(media / "of-root", 1000), file(media / "of-rootless", 101000)

        def inside(*command: str) -> str:
            volume = f"--volume={media}:/media"
            options = ["run", "--rm", "--network=none", "--cgroups=disabled", *MAP, volume]
            return podman(*options, IMAGE, "/bin/busybox", *command).strip()

        def is_readable(name: str) -> bool:
            try:
                return inside("cat", f"/media/{name}") == "worth sharing"
            except ProgramFailed:
                return False

        overflow = Path("/proc/sys/fs/overflowuid").read_text().strip()
        shown = inside("stat", "-c", "%u", f"/media/{of_root.name}")
        assert shown == overflow, f"an owner that is not mapped is shown as {shown}"
        assert not is_readable(of_root.name), "a file of an owner that is not mapped can be read"
        # Control: an owner that is mapped has a number, and the namespace's root may read its files.
        mapped = inside("stat", "-c", "%u", f"/media/{of_rootless.name}")
        assert mapped == "1000", f"an owner that is mapped is shown as {mapped}"
        assert is_readable(of_rootless.name), "a file of an owner that is mapped cannot be read"
        # Control: rights for others let everybody in.
        of_root.chmod(0o644)
        assert is_readable(of_root.name), "a file that others may read cannot be read"
        bench.record(owner_1000_is_shown_as=int(shown))


def file(place: Path, owner: int) -> Path:
    place.write_text("worth sharing\n")
    place.chmod(0o600)
    os.chown(place, owner, owner)
    return place
