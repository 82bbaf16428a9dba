"""An image that goes through an archive keeps its identity and loses names and digest; the old store's list gives them back to the new store.

The archive has a manifest of its own, with another digest. Control: before the list is written, the image is not found by the old one.
"""

import json
import shutil
from pathlib import Path

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench, Skipped
from proofs.podman import IMAGE, Podman, newer_debian


def prove(bench: Bench) -> None:
    through(bench, None)
    try:
        with newer_debian(bench) as root:
            through(bench, root)
    except Skipped:
        # The older Podman has shown all of it.
        pass


def through(bench: Bench, root: Path | None) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        old = Podman(bench, subvolume(top / "old"), "overlay", root=root)
        version = old.version()
        old.import_image({"file": b"of the image"})
        old("tag", IMAGE, "localhost/second:2")
        known = told(old)
        identity, digest = known[0][:2]
        archive = top / "image.tar"
        old("save", "--quiet", "--format", "docker-archive", "--output", str(archive), identity)

        new = Podman(bench, subvolume(top / "new"), "btrfs", root=root)
        new("load", "--quiet", "--input", str(archive))
        loaded = told(new)
        assert [row[0] for row in loaded] == [identity], f"the identity is another one: {loaded}"
        assert loaded[0][1] != digest, "the digest is the same"
        assert loaded[0][2] == [], f"it has names: {loaded}"
        by_digest = f"{IMAGE.rsplit(':', 1)[0]}@{digest}"
        assert new.attempt("image", "exists", by_digest).returncode == 1, "it is found by the old digest"

        take_over(old.graph_root / "overlay-images", new.graph_root / "btrfs-images")
        assert told(new) == known, f"{told(new)} is not {known}"
        new("image", "exists", by_digest)
        new("create", "--pull=never", "--network=none", by_digest, "true")
    bench.record(
        **{
            f"identity, names and digest after an archive, {version}": "the same, none, another",
            f"after the old list was taken over, {version}": "the same, the same, the same",
        }
    )


def told(podman: Podman) -> list[tuple[str, str, list[str]]]:
    """Identity, digest and names of each image."""
    rows = json.loads(podman("images", "--all", "--format", "json"))
    return sorted({row["Id"]: (row["Id"], row["Digest"], sorted(row.get("Names") or [])) for row in rows}.values())


def take_over(old: Path, new: Path) -> None:
    """Names, manifests and all that is known of each image, with the layer that the new store has."""
    layers = {image["id"]: image["layer"] for image in json.loads((new / "images.json").read_text())}
    images = [image | {"layer": layers[image["id"]]} for image in json.loads((old / "images.json").read_text())]
    for image in images:
        shutil.rmtree(new / image["id"])
        shutil.copytree(old / image["id"], new / image["id"])
    (new / "images.json").write_text(json.dumps(images))
