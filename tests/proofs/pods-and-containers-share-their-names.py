"""A pod is refused the name of a container, and a container that of a pod."""

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench
from proofs.podman import IMAGE, Podman


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        podman = Podman(bench, subvolume(filesystem.mount("top") / "store"), "overlay")
        podman.import_image({})
        create = ("create", "--network=none", "--cgroups=disabled", "--name")
        podman(*create, "shop", IMAGE, "true")
        podman("pod", "create", "--infra=false", "--name", "blog")

        answers = {
            "a pod named like a container": podman.attempt("pod", "create", "--infra=false", "--name", "shop"),
            "a container named like a pod": podman.attempt(*create, "blog", IMAGE, "true"),
        }
        said = {what: done.stderr.strip().splitlines()[-1] if done.returncode else "made" for what, done in answers.items()}
        bench.record(**{what: text.split(": ")[-1] for what, text in said.items()})
        for what, text in said.items():
            assert "in use" in text, f"{what}: {text}"
        # Control: names of their own are taken.
        podman("pod", "create", "--infra=false", "--name", "shop-pod")
        podman(*create, "blog-web", IMAGE, "true")
