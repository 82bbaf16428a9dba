"""To a filesystem whose metadata is full a device can be added, which makes it writable at once; chunks can be balanced then, and the device be removed again."""

from lab.btrfs import MIB, sync
from lab.fill import fill_metadata, half_filled, takes_writes, unallocated
from lab.loop import LoopDevice
from lab.process import run
from proofs.bench import Bench


def prove(bench: Bench) -> None:
    image = bench.folder / "spare.img"
    with image.open("xb") as file:
        file.truncate(256 * MIB)
    spare = LoopDevice(image)
    with bench.btrfs("-d", "single", "-m", "single", size=512 * MIB) as filesystem:
        top = filesystem.mount("top")
        half_filled(top / "bulk")
        fill_metadata(top)
        refused = not takes_writes(top)
        run("btrfs", "device", "add", spare.path, top)
        at_once = takes_writes(top)
        run("btrfs", "balance", "start", "-dusage=60", "--", top)
        run("btrfs", "device", "remove", spare.path, top)
        sync(top)
        left, writable = sum(unallocated(top)) // MIB, takes_writes(top)
    spare.detach()
    image.unlink()
    bench.record(
        refused_before=refused,
        written_with_the_device=at_once,
        written_after_its_removal=writable,
        unallocated_MiB_after_its_removal=left,
    )
    # Control: without the device it was full.
    assert refused, "metadata never got full"
    assert at_once, "with a device added it refuses writes"
    assert writable, "with the device removed it refuses writes again"
    assert left > 16, f"{left} MiB are unallocated"
