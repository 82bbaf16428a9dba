"""Podman keeps driver, run root and volume path of its first start whatever storage.conf says later; a store may move only if its path stays.

A driver that differs is a message on stderr and exit code 0; the other two are ignored without a word.
"""

from pathlib import Path

from lab.btrfs import GIB, Btrfs, subvolume
from lab.process import attempt, run
from proofs.bench import Bench, Skipped
from proofs.podman import Podman, newer_debian


def prove(bench: Bench) -> None:
    keeps(bench, None)
    try:
        with newer_debian(bench) as root:
            keeps(bench, root)
    except Skipped:
        # The older Podman has shown it all but the refusal.
        pass


def keeps(bench: Bench, root: Path | None) -> None:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        store = subvolume(top / "store")
        podman = Podman(bench, store, "overlay", root=root)
        version = podman.version()
        podman.import_image({})
        podman("volume", "create", "data")
        podman.container("one", "true")

        driver(bench, podman, top, version)
        ignored(podman, top)
        moves(bench, podman, filesystem, version)


def driver(bench: Bench, podman: Podman, top: Path, version: str) -> None:
    podman.configure(driver="btrfs")
    said = podman.attempt("info", "--format", "{{.Store.GraphDriverName}}")
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == "overlay", f"the driver is {said.stdout}"
    assert "overwritten by graph driver" in said.stderr, f"nothing is said of it: {said.stderr!r}"
    bench.record(**{f"driver after btrfs was configured, {version}": said.stdout.strip()})
    # Control: a store that does not exist yet takes the same setting.
    podman.configure(driver="btrfs", graph_root=subvolume(top / "fresh"))
    fresh = podman("--tmpdir", str(podman.folder / "fresh"), "info", "--format", "{{.Store.GraphDriverName}}").strip()
    assert fresh == "btrfs", f"a new store has {fresh}"
    podman.configure()


def ignored(podman: Podman, top: Path) -> None:
    file = podman.folder / "storage.conf"
    file.write_text(file.read_text().replace('/run"', '/other-run"'))
    engine = podman.folder / "containers.conf"
    before = engine.read_text()
    engine.write_text(f'{before}volume_path = "{top}/other-volumes"\n')
    said = podman.attempt("info", "--format", "{{.Store.RunRoot}} {{.Store.VolumePath}}")
    assert said.stdout.split() == [str(podman.folder / "run"), str(podman.graph_root / "volumes")], said.stdout
    assert said.stderr == "", f"it says {said.stderr!r}"
    engine.write_text(before)
    podman.configure()


def moves(bench: Bench, podman: Podman, filesystem: Btrfs, version: str) -> None:
    store = podman.graph_root
    other = subvolume(store.parent / "other")
    # Podman's own mount of its overlay directory.
    attempt("umount", "-R", store / "overlay")
    run("cp", "--archive", "--reflink=always", f"{store}/.", other)
    podman.configure(graph_root=other)
    found = podman.attempt("ps", "--all")
    # Podman 4 goes on with the store at the old path; later ones refuse.
    refused = found.returncode != 0 and "does not match our static dir" in found.stderr
    bench.record(**{f"copy at another path, {version}": "refused" if refused else "the old path is used"})
    assert refused or not version.startswith("5"), found.stdout
    podman.configure()

    store.rename(store.with_name("covered"))
    other.rename(store)
    assert podman("ps", "--all", "--format", "{{.Names}}").split() == ["one"]
    assert podman("volume", "ls", "--quiet").split() == ["data"]
    podman("start", "--attach", "one")

    # A store whose mount is late: a new one in its place, without a word.
    attempt("umount", "-R", store / "overlay")
    store.rename(store.with_name("late"))
    store.mkdir()
    found = podman.attempt("ps", "--all", "--quiet")
    assert (found.returncode, found.stdout, found.stderr) == (0, "", ""), f"{found.stdout}{found.stderr}"
    assert (store / "overlay").is_dir(), "no new store was made"
    bench.record(**{f"store not mounted, {version}": "a new one in its place"})
