"""A container whose bind source is below a mount that did not come writes to the filesystem above, and the mount hides it later.

Podman refuses a source that is not there; a directory that something made once, or makes at boot, passes.
"""

from lab.btrfs import subvolume
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman


def prove(bench: Bench) -> None:
    with bench.btrfs() as above, bench.btrfs(label="apps") as apps:
        top = above.mount("top")
        podman = Podman(bench, subvolume(top / "store"), "overlay")
        podman.import_image({})
        # Inside the filesystem of the root, so that it is the bare directory while nothing is mounted on it.
        place = apps.folder / "mnt" / "apps"
        place.mkdir(parents=True)
        source = place / "wiki"

        def write(name: str, text: str) -> str:
            command = f"echo {text} > /data/{name}"
            return podman(
                "run",
                "--rm",
                "--network=none",
                "--cgroups=disabled",
                "-v",
                f"{source}:/data",
                IMAGE,
                "sh",
                "-c",
                command,
            )

        refused = False
        try:
            write("page", "none")
        except Exception as why:  # noqa: BLE001 - whatever Podman says
            refused = "no such file" in str(why)
        assert refused, "podman run made a source that is not there"

        source.mkdir()
        write("page", "unmounted")
        assert (source / "page").read_text() == "unmounted\n", "the container wrote elsewhere"

        apps.mount("apps")
        assert not source.exists(), "what was written before the mount is still to be seen"
        # Control: with the mount the same command writes to the filesystem that was meant.
        source.mkdir()
        write("page", "mounted")
        apps.unmount(place)
        assert (source / "page").read_text() == "unmounted\n", "the second write went above, too"
        bench.record(missing_source="refused", bare_directory="written to", after_the_mount="hidden")
