"""A disk of this host that copies are sent to, and that is pulled the moment btrbk is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.btrfs import GIB, MIB, Btrfs, scratch
from lab.power import as_after_power_cut, left
from lab.process import run

from .network import Network
from .sender import Sender, declaration, digest


@dataclass
class Disk:
    """Where copies go."""

    own: Path
    identity: Path


def pulled(program: Path, network: Network, folder: Path, begins: int) -> str:
    """Without `flushoncommit` what is left looks whole and is not, and it is said before; with it all is there, and nothing is said."""
    both: tuple[tuple[str, ...], ...] = ((), ("flushoncommit",))
    lost = {options: copies_lost(program, network, folder / f"disk-{len(options)}", begins, options) for options in both}
    assert lost[()] > 0, "control: nothing was lost without `flushoncommit`"
    assert lost[("flushoncommit",)] == 0, f"{lost[('flushoncommit',)]} copies are not what was sent, with `flushoncommit`"
    return f"a disk pulled after a run lost {lost[()]} of 2 copies, and none with flushoncommit"


def copies_lost(program: Path, network: Network, folder: Path, begins: int, options: tuple[str, ...]) -> int:
    """How many of those that look whole are not what was sent."""
    folder.mkdir()
    with scratch(folder, size=GIB, label="tank") as tank, scratch(folder, size=GIB, label="usb") as usb:
        own = usb.mount("usb", *options) / "copies"
        own.mkdir()
        run("btrfs", "filesystem", "sync", own)
        host = declaration(tank.mount("tank"), own)
        host["targets"]["nas"]["url"] = str(own)
        sender = Sender(program, network, Disk(own, folder / "no-key"), folder, folder / "mnt" / "tank", begins, host)
        _, kinds = sender.copies()
        assert ("commits-before-data" in kinds) == (not options), f"with {options} it says {kinds}"
        sender.change(32 * MIB)
        running = sender.start()
        said, _ = running.communicate(timeout=120)
        [cut] = as_after_power_cut(usb.images)
        left(usb, cut)
        place = usb.mount("usb", *options) / "copies"
        assert running.returncode == 0, said
        sender.note()
        for path in place.iterdir():
            assert "readonly" in run("btrfs", "subvolume", "show", path), f"{path} does not look whole"
        assert len(list(place.iterdir())) == len(sender.series), list(place.iterdir())
        if options:
            comes_back(sender, tank, next(path.name for path in place.iterdir() if path.name.startswith(f"{sender.series[0]}.")))
        return sum(digest(path) != sender.digests[path.name] for path in place.iterdir())


def comes_back(sender: Sender, tank: Btrfs, name: str) -> None:
    """This host loses power the moment a copy has come back."""
    back = sender.tank / "back"
    back.mkdir()
    running = sender.fetch(name, back)
    said, _ = running.communicate(timeout=120)
    [cut] = as_after_power_cut(tank.images)
    assert running.returncode == 0, said
    left(tank, cut)
    tank.mount("tank")
    # The notes may be there again: whoever asks for it then gets it once more.
    assert [path.name for path in back.iterdir() if not path.name.startswith(".")] == [name], list(back.iterdir())
    assert digest(back / name) == sender.digests[name], f"{name} came back, and is not what it was"

