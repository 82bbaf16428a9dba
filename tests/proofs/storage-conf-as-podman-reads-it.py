"""Podman 4 and 5 read every storage.conf and containers.conf of the scenarios without a word, warn of unknown keys, and refuse wrong types.

Each scenario's files are read by the Podman here and by that of the machine tests, in place of the version that the
scenario names where that is one of the same major number; files for Podman 6 are for no Podman that is here.
"""

import json
import tomllib
from pathlib import Path

from lab.btrfs import GIB, subvolume
from proofs.bench import Bench, Skipped
from proofs.podman import Podman, newer_debian

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"

# Below [storage], and what Podman makes of it on Btrfs.
UNKNOWN = ("overlay", '[storage.options.overlay]\nsync = "filesystem"\n')
DEADLY = (
    ("overlay", "[storage.options.pull_options]\nenable_partial_images = true\n", "incompatible types"),
    ("overlay", "[storage.options.overlay]\nskip_mount_home = true\n", "incompatible types"),
    ("overlay", '[storage.options.overlay]\nsize = "1G"\n', "only supported for backingFS XFS"),
    ("btrfs", '[storage.options.btrfs]\nsize = "1G"\n', "unknown option btrfs.size"),
    ("btrfs", '[storage.options]\nmountopt = "nodev"\n', "does not support mount options"),
)


def prove(bench: Bench) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        reads(bench, top, None)
        try:
            with newer_debian(bench) as root:
                reads(bench, top, root)
        except Skipped:
            # The Podman that is here has shown it for its version.
            pass


def reads(bench: Bench, top: Path, root: Path | None) -> None:
    name = "here" if root is None else "newer"
    podman = Podman(bench, subvolume(top / f"{name}-overlay"), "overlay", root=root)
    podman("ps")
    version = podman.version()
    scenarios(podman)
    bench.record(**{f"files of the scenarios, {version}": "read without a word"})

    _, settings = UNKNOWN
    podman.configure(settings)
    warned = podman.attempt("ps")
    assert warned.returncode == 0 and "Failed to decode the keys" in warned.stderr, warned.stderr
    stores = {"overlay": podman, "btrfs": Podman(bench, subvolume(top / f"{name}-btrfs"), "btrfs", root=root)}
    for driver, settings, complaint in DEADLY:
        stores[driver].configure(settings)
        failed = stores[driver].attempt("ps")
        assert failed.returncode != 0 and complaint in failed.stderr + failed.stdout, f"{settings}: {failed.stderr}"
    # Control: the same stores with nothing of it.
    for store in stores.values():
        store.configure()
        assert store.attempt("ps").stderr == ""
    file = podman.folder / "storage.conf"
    file.write_text("".join(line for line in file.read_text().splitlines(True) if not line.startswith("graphroot")))
    if version.startswith("4"):
        assert "graphroot must be set" in podman.attempt("ps").stderr
    bench.record(**{f"settings that end every command of {version}": len(DEADLY)})


def scenarios(podman: Podman) -> None:
    """Reads the files of every scenario whose Podman is this one, an older one of its major number, or unknown."""
    count = 0
    wanted = podman.version().split(".")
    for plan in sorted(SCENARIOS.glob("*/plan.json")):
        engine = json.loads(plan.read_text())["engine"]
        conf = engine["storageConf"]
        named = (conf or {}).get("podman")
        if conf is None or (named is not None and named.split(".")[0] != wanted[0]):
            continue
        if named is not None and [int(part) for part in named.split(".")[:2]] > [int(part) for part in wanted[:2]]:
            continue
        if conf["driver"] != podman.driver or conf["additionalImageStores"]:
            continue
        place(podman, plan.parent / "artefacts")
        said = podman.attempt("info", "--format", "{{.Store.GraphDriverName}}")
        assert (said.returncode, said.stderr) == (0, ""), f"{plan.parent.name}: {said.stdout}{said.stderr}"
        count += 1
    assert count > 0, "no scenario is for this Podman"


def place(podman: Podman, artefacts: Path) -> None:
    """Puts a scenario's files in place of the proof's own, with the places of the proof's store."""
    text = (artefacts / "storage.conf").read_text()
    for key, here in (
        ("graphroot", podman.graph_root),
        ("runroot", podman.folder / "run"),
        ("imagestore", podman.folder / "images"),
    ):
        there = tomllib.loads(text)["storage"].get(key)
        if there is not None:
            text = text.replace(f'{key} = "{there}"', f'{key} = "{here}"')
    (podman.folder / "storage.conf").write_text(text)
    conf = artefacts / "containers.conf"
    own = conf.read_text() if conf.exists() else "[engine]\n"
    (podman.folder / "containers.conf").write_text(own + 'cgroup_manager = "cgroupfs"\nevents_logger = "none"\n')
