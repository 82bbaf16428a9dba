"""The same host, with volumes that are moved: one is made anew in its place, one goes to another place."""

from __future__ import annotations

import os
import random
from pathlib import Path

from kill.host import Host, Image, Run, checksum, disks_of, plan_of, workload
from lab.process import run

# No container of these volumes is a unit of this machine. What systemd itself does in a move is tried on a booted machine.
SYSTEMCTL = """#!/bin/sh
[ "$1" = show ] || exit 1
while [ "$1" != -- ]; do shift; done
shift
for unit; do printf 'Id=%s\\nLoadState=not-found\\nActiveState=inactive\\n\\n' "$unit"; done
"""

BOTH = ("letters", "files")


def declared(letters: dict[str, object], files: dict[str, object]) -> dict[str, object]:
    """A workload whose volumes are declared so."""
    shop = workload("letters", "files", "more")
    shop["volumes"]["letters"] |= letters
    shop["volumes"]["files"] |= files
    return {"shop": shop}


BEFORE = declared({}, {"snapshot": False, "copyOnWrite": True})
# Out of the group into a subvolume of its own; in its place, with the other attribute.
AFTER = declared({"snapshot": False, "copyOnWrite": True}, {"snapshot": False, "copyOnWrite": False})
PLACES = {"letters": ("@volumes/shop/letters", "@volumes/shop+letters"), "files": ("@volumes/shop+files",) * 2}


class MigratingHost(Host):
    """One host, and the volume of it that is moved."""

    volume = BOTH[0]

    def choose(self, number: int) -> int:
        """Each run takes the other volume."""
        self.volume = BOTH[number % 2]
        self.image.select(self.volume)
        return number // 2

    def words(self, plan: Path) -> list[str]:
        """The command."""
        command = [str(self.image.program), "migrate", str(plan), f"shop/{self.volume}"]
        return [*command, "--receipts", str(self.state), "--work-directory", str(self.work)]

    def apply(self, plan: Path | None = None) -> tuple[int, str]:
        """A run to its end: exit status and what it told."""
        return self.start(plan).to_the_end()

    def complete(self) -> None:
        """The next run ends well, so does the move of the other volume, and nothing holds `apply` back any more."""
        first = self.volume
        for volume in (first, *(other for other in BOTH if other != first)):
            self.volume = volume
            status, told = self.apply()
            assert status == 0, told
        self.volume = first
        status, told = Run(super().words(self.image.plan)).to_the_end()
        assert status == 0, told

    def quiet(self) -> None:
        """One more run has nothing to do, and `apply` has neither."""
        status, told = self.apply()
        assert status == 0 and told.startswith("already"), told
        words = super().words(self.image.plan)
        status, told = Run(words).to_the_end()
        steps = [line for line in told.splitlines()[:-1] if not line.startswith("already")]
        assert status == 0 and not steps, told

    def intact(self, *, rolled_back: bool = False) -> None:
        """Every file of both volumes is at its new place, and the same in the source that is kept; no third copy is left."""
        beside = [*(self.top / "@volumes").glob("**/.podman-btrfs-migrating-*")]
        assert len(beside) == 1, f"one source is kept beside its volume, and nothing else: {beside}"
        for volume in BOTH:
            old, new = PLACES[volume]
            for place in (self.top / new, beside[0] if old == new else self.top / old):
                self.same(volume, place)

    def same(self, volume: str, place: Path) -> None:
        """All of its files are there and are what they were."""
        known = {name: value for name, value in self.image.files.items() if name.startswith(f"{volume}/")}
        found = {f"{volume}/{file.relative_to(place)}": checksum(file) for file in place.rglob("*") if file.is_file()}
        assert found == known, f"{place} is not what {volume} was: {sorted(set(found) ^ set(known))}"


class MigratingImage(Image):
    """How many parts each move tells, and how long it takes."""

    trials: dict[str, tuple[int, float]]

    def make_host(self) -> Host:
        """A host on copies of the disks."""
        return MigratingHost(self)

    def select(self, volume: str) -> None:
        """Its parts and its time are those of the run."""
        self.steps, self.seconds = self.trials[volume]


def prepared_migration(program: Path, parent: Path, number: int) -> Image:
    """A host that holds the first declaration, and data whose plan is another one."""
    folder = parent / f"moves-{number}"
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "systemctl").write_text(SYSTEMCTL)
    (programs / "systemctl").chmod(0o755)
    if str(programs) not in os.environ["PATH"]:
        os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    disks, device = disks_of(folder, number), Path(f"/dev/{parent.name}")
    before, after = (plan_of(program, folder, name, of, device) for name, of in (("before", BEFORE), ("after", AFTER)))
    image = MigratingImage(program, folder, disks, before, {}, before)
    host = Host(image, in_place=True)
    run("btrfs", "subvolume", "create", host.top / "@state")
    status, told = host.apply()
    assert status == 0, told
    chance = random.Random(1)
    for volume in BOTH:
        for index in range(24):
            name = f"{volume}/directory-{index % 3}/file-{index}"
            file = host.top / PLACES[volume][0] / name.removeprefix(f"{volume}/")
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(chance.randbytes(chance.randrange(1, 400_000)))
            image.files[name] = checksum(file)
    host.end()
    image.plan, image.trials = after, {}
    for index, volume in enumerate(BOTH):
        image.trials[volume] = (0, 0.0)
        with image.host() as trial:
            trial.choose(index)
            image.trials[volume] = trial.measure()
    return image
