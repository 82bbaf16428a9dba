"""podman system prune deletes the image that a tag has left; with --all also one that has a tag and no container.

So after an update there is no image to go back to, unless its reference can be pulled again.
"""

from proofs.bench import Bench
from proofs.podman import IMAGE, Podman


def prove(bench: Bench) -> None:
    # Not on a filesystem of the proof's own: a container that ends late would keep it from being unmounted.
    podman = Podman(bench, bench.folder / "prune-store", "overlay")

    def update(release: str) -> str:
        """A new image under the tag, as a pull of a moving tag brings it."""
        podman.import_image({"release": release.encode()})
        return podman("image", "inspect", "--format", "{{.Id}}", IMAGE).strip()

    def images() -> set[str]:
        return set(podman("images", "--all", "--quiet", "--no-trunc").replace("sha256:", "").split())

    try:
        old = update("1")
        podman("tag", old, "localhost/release:1")
        new = update("2")
        podman("run", "--detach", "--name=app", "--network=none", "--cgroups=disabled", IMAGE, "sleep", "600")

        # Control: as long as the old image has a tag of its own, prune without --all keeps it.
        podman("system", "prune", "--force")
        assert {old, new} <= images(), "prune without --all deleted an image with a tag"
        podman("system", "prune", "--all", "--force")
        assert old not in images(), "prune --all kept an image with a tag and no container"
        assert new in images(), "prune --all deleted the image of a running container"

        third = update("3")
        update("4")
        assert third in images(), "a moved tag deleted the image"
        podman("system", "prune", "--force")
        assert third not in images(), "prune kept the image that its tag has left"
    finally:
        podman("rm", "--all", "--force", "--time=0")
    bench.record(left_by_its_tag="deleted by prune", with_a_tag_and_no_container="deleted by prune --all")
