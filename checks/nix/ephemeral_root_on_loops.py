"""Boots a root that is begun anew: five times, in both kinds of initial ram disk, and cut off before each command.

`ephemeral_root_on_loops.py FOLDER`: FOLDER holds `root.json`, the evaluated texts. Run in a mount namespace of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

# What systemd makes subvolumes of in a root that is one.
SYSTEMD = ["tmp", "var/lib/machines", "var/lib/portables"]
KEEP = 2

# Ends the shell before its command of this number, as a cut does: nothing of it cleans up.
CUT = """
set -T
commands=0
trap 'commands=$((commands + 1)); if [ "$commands" -ge {number} ]; then kill -KILL $$; fi' DEBUG
"""


def run(*arguments: str | Path) -> str:
    """Runs a program that must succeed."""
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(what: str, condition: bool) -> None:
    if not condition:
        raise SystemExit(what)


class Machine:
    """A filesystem with a root and a subvolume beside it."""

    def __init__(self, folder: Path) -> None:
        self.texts = json.loads((folder / "root.json").read_text())
        self.top = folder / "top"
        self.top.mkdir()
        image = folder / "disk.img"
        with image.open("xb") as file:
            file.truncate(512 << 20)
        run("mkfs.btrfs", "-q", image)
        self.device = run("losetup", "--find", "--show", image).strip()
        self.place = Path(self.texts["environment"]["PLACE"])
        run("mount", self.device, self.top)
        for name in ("@", "@persist"):
            run("btrfs", "subvolume", "create", self.top / name)
        (self.top / "@persist/data").write_text("worth keeping\n")

    def close(self) -> None:
        run("umount", self.top)
        run("losetup", "--detach", self.device)

    def use(self, mark: str) -> None:
        """What a running system leaves in its root."""
        root = self.top / "@"
        (root / "mark").write_text(mark)
        for name in SYSTEMD:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            run("btrfs", "subvolume", "create", root / name)
        (root / "tmp/scratch").write_text("of no worth\n")

    def boot(self, cut: int | None = None, *, scripted: bool = False, keep: int = KEEP) -> bool:
        """Runs the script; whether it came to its end."""
        values = self.texts["environment"] | {"DEVICE": self.device, "KEEP": str(keep)}
        text = self.texts["script"]
        if scripted:
            # Its values are in the text, and `sh` is not bash.
            text = self.texts["scripted"].replace(self.texts["environment"]["DEVICE"], self.device)
            values = {}
        shell = ["sh" if scripted else "bash", "-c", (CUT.format(number=cut) if cut else "") + text]
        done = subprocess.run(shell, env={"PATH": os.environ["PATH"]} | values, capture_output=True, text=True, check=False)
        if done.returncode != 0 and cut is None:
            raise SystemExit(f"exit {done.returncode}: {done.stdout}{done.stderr}")
        # The power is off: what was mounted is not.
        if os.path.ismount(self.place):
            run("umount", self.place)
        expect(f"what was beside the root: {self.top}", (self.top / "@persist/data").read_text() == "worth keeping\n")
        return done.returncode == 0

    def old(self) -> dict[str, str]:
        """What is marked in each old root."""
        marks = {one.name: one / "mark" for one in (self.top / "@old-roots").iterdir()}
        return {name: mark.read_text() if mark.exists() else "" for name, mark in marks.items()}

    def fresh(self) -> None:
        left = [one.name for one in (self.top / "@").iterdir()]
        expect(f"the root holds {left}", left == [])
        expect("it is no subvolume", (self.top / "@").stat().st_ino == 256)
        expect("the next root is still there", not (self.top / "@next-root").exists())


def five_boots(machine: Machine) -> None:
    """The last roots are kept, by number, whatever the clock says."""
    for number in range(1, 6):
        machine.use(f"boot {number}")
        machine.boot()
        machine.fresh()
    kept = sorted(machine.old().values())
    expect(f"kept are {kept}", kept == ["boot 4", "boot 5"])


def what_holds_data_stays(machine: Machine) -> None:
    """A subvolume with something in it keeps its root from being deleted; once it is empty, the root goes."""
    machine.use("with a machine in it")
    box = machine.top / "@/var/lib/machines/box"
    run("btrfs", "subvolume", "create", box)
    (box / "data").write_text("worth keeping\n")
    for number in range(4):
        machine.use(f"later {number}") if number else None
        machine.boot()
    holders = [name for name, mark in machine.old().items() if mark == "with a machine in it"]
    expect(f"it is gone: {machine.old()}", len(holders) == 1)
    kept = machine.top / "@old-roots" / holders[0] / "var/lib/machines/box"
    expect("what it held is not what it was", (kept / "data").read_text() == "worth keeping\n")
    run("btrfs", "subvolume", "delete", kept)
    machine.boot()
    expect("it stays without need", "with a machine in it" not in machine.old().values())


def cut_before_each_command(machine: Machine) -> None:
    """One more command each time, until it comes to its end: the next boot always goes on, and no root is lost."""
    number = 0
    ended = False
    while not ended:
        number += 1
        machine.use(f"cut {number}")
        ended = machine.boot(cut=number)
        aside = [mark for mark in machine.old().values() if mark == f"cut {number}"] if (machine.top / "@old-roots").exists() else []
        still = machine.top / "@/mark"
        # At every moment, what was the root is in exactly one place.
        here = int(still.exists() and still.read_text() == f"cut {number}")
        expect(f"cut {number}: {here} here, {aside} aside", here + len(aside) == 1)
        machine.boot()
        machine.fresh()
        marks = list(machine.old().values())
        expect(f"cut {number}: not once in {marks}", marks.count(f"cut {number}") == 1)
        expect(f"cut {number}: too many are kept: {marks}", len(marks) <= KEEP)
    expect(f"only {number} commands were seen", number > 20)
    print(f"{number - 1} cuts")


def without_a_service_manager(machine: Machine) -> None:
    machine.use("scripted")
    machine.boot(scripted=True)
    machine.fresh()
    expect("the root was not put aside", "scripted" in machine.old().values())
    # A failure ends the script and not the boot.
    device, machine.device = machine.device, "/nowhere"
    machine.use("not aside")
    machine.boot(scripted=True)
    machine.device = device
    expect("the root was touched", (machine.top / "@/mark").read_text() == "not aside")


def main(folder: Path) -> None:
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    machine = Machine(folder)
    try:
        five_boots(machine)
        what_holds_data_stays(machine)
        cut_before_each_command(machine)
        without_a_service_manager(machine)
    finally:
        machine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
