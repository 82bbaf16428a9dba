"""A pull for another architecture takes the tag from the image that had it; references by digest and local names for each architecture stay with theirs."""

import json

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench
from proofs.podman import Podman
from proofs.registry import Registry


def prove(bench: Bench) -> None:
    registry = Registry()
    try:
        with bench.btrfs(size=GIB) as filesystem:
            podman = Podman(bench, subvolume(filesystem.mount("top") / "store"), "overlay")
            measure(bench, podman, registry)
    finally:
        registry.close()


def measure(bench: Bench, podman: Podman, registry: Registry) -> None:
    images = {name: registry.image(name, {"of": name.encode()}) for name in ("amd64", "arm64")}
    registry.tag("1", list(images.values()))
    name = f"{registry.host}/app"

    pull(podman, f"{name}:1", "amd64")
    before = architecture(podman, f"{name}:1")
    first = podman("image", "inspect", "--format", "{{.Id}}", f"{name}:1").strip()
    pull(podman, f"{name}:1", "arm64")
    after = architecture(podman, f"{name}:1")
    names = json.loads(podman("image", "inspect", first))[0]["RepoTags"]
    bench.record(tag_after_pull_for_amd64=before, tag_after_pull_for_arm64=after, names_of_the_first=str(names or "none"))
    assert (before, after) == ("amd64", "arm64"), f"the tag led to {before} and then to {after}"
    assert not names, f"the first image still has the names {names}"

    # Controls: by digest each stays what it is, whatever is pulled after it, and so does a local name.
    for of, image in images.items():
        pull(podman, f"{name}@{image['digest']}", of)
        podman("tag", f"{name}@{image['digest']}", f"localhost/app:1-{of}")
    pull(podman, f"{name}:1", "amd64")
    for of, image in images.items():
        by_digest = architecture(podman, f"{name}@{image['digest']}")
        by_name = architecture(podman, f"localhost/app:1-{of}")
        assert by_digest == by_name == of, f"{of}: by digest {by_digest}, by a local name {by_name}"
    bench.record(by_digest_and_by_local_name="each its own")


def pull(podman: Podman, reference: str, architecture: str) -> None:
    podman("pull", "-q", "--tls-verify=false", f"--arch={architecture}", reference)


def architecture(podman: Podman, reference: str) -> str:
    return podman("image", "inspect", "--format", "{{.Architecture}}", reference).strip()
