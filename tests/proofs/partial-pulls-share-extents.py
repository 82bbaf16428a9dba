"""A zstd:chunked image pulled in parts shares its files with layers that are there: by reflink, or as one inode with hard links.

Any other image is pulled whole, unless it is converted; the btrfs driver pulls everything whole.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.btrfs import GIB, MIB, is_shared, subvolume, sync
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman, newer_debian

COMMON = 8 * MIB
CHUNKED = ("--compression-format", "zstd:chunked")
GZIP = ("--compression-format", "gzip")


def prove(bench: Bench) -> None:
    bench.need("docker-registry", "docker-registry")
    with newer_debian(bench) as root, bench.btrfs(size=2 * GIB) as filesystem, registry(bench) as address:
        top = filesystem.mount("top")
        source = Podman(bench, subvolume(top / "source"), "overlay", root=root)
        common = os.urandom(COMMON)
        for number in (1, 2):
            source.import_image({"common": common, "own": os.urandom(MIB)}, image=f"{IMAGE}-{number}")
            for form, options in (("chunked", CHUNKED), ("gzip", GZIP)):
                target = f"docker://{address}/{form}:{number}"
                source("push", "--quiet", "--tls-verify=false", *options, f"{IMAGE}-{number}", target)
        bench.record(podman_of_this_proof=source.version())

        def second(name: str, form: str, *pull: str, driver: str = "overlay") -> tuple[int, list[Path]]:
            """What the second of two images costs, and where the common file is."""
            lines = "".join(f'{key} = "true"\n' for key in pull)
            settings = f"[storage.options.pull_options]\n{lines}"
            podman = Podman(bench, subvolume(top / name), driver, root=root, settings=settings)
            podman("pull", "--quiet", "--tls-verify=false", f"{address}/{form}:1")
            sync(top)
            before = used(top)
            podman("pull", "--quiet", "--tls-verify=false", f"{address}/{form}:2")
            sync(top)
            cost = used(top) - before
            bench.record(**{f"second image, {name}, KiB": cost // 1024})
            return cost, sorted(podman.graph_root.rglob("common"))

        whole, _ = second("whole", "chunked")
        parts, files = second("in parts", "chunked", "enable_partial_images")
        assert whole > COMMON, f"the second image costs {whole} without partial pulls"
        assert parts < COMMON // 2, f"the second image costs {parts} with partial pulls"
        assert len(files) == 2 and all(map(is_shared, files)), f"nothing is shared: {files}"
        assert len({file.stat().st_ino for file in files}) == 2, "a reflink is one inode"

        linked, files = second("hard links", "chunked", "enable_partial_images", "use_hard_links")
        assert linked < COMMON // 2 and {file.stat().st_nlink for file in files} == {2}, f"{linked}: {files}"

        other, _ = second("gzip", "gzip", "enable_partial_images")
        assert other > COMMON, f"an image in another form costs {other}"
        converted, _ = second("gzip converted", "gzip", "enable_partial_images", "convert_images")
        assert converted < COMMON // 2, f"a converted image costs {converted}"

        driver, _ = second("btrfs driver", "chunked", "enable_partial_images", driver="btrfs")
        assert driver > COMMON, f"the btrfs driver shares: {driver}"


@contextmanager
def registry(bench: Bench) -> Iterator[str]:
    """A registry on a port of its own, with its blobs in the bench's folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = bench.folder / "registry.yml"
    config.write_text(
        "version: 0.1\nlog: {level: error}\n"
        f"storage: {{filesystem: {{rootdirectory: {bench.folder / 'registry'}}}}}\n"
        f"http: {{addr: 127.0.0.1:{port}}}\n"
    )
    server = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def used(place: Path) -> int:
    """Bytes that are taken on the filesystem."""
    numbers = os.statvfs(place)
    return (numbers.f_blocks - numbers.f_bfree) * numbers.f_frsize
