"""mkfs.btrfs refuses a mirrored profile for which there are too few devices; raid0 it makes on a single one."""

from lab.process import attempt
from proofs.bench import MIB, Bench

# Profile and the devices that it needs.
NEEDS = {"raid1": 2, "raid10": 2, "raid1c3": 3, "raid1c4": 4}


def prove(bench: Bench) -> None:
    refused: list[str] = []
    for profile, devices in NEEDS.items():
        assert make(bench, profile, devices), f"{profile} was refused with {devices} devices"
        assert not make(bench, profile, devices - 1), f"{profile} was made with {devices - 1} devices"
        refused.append(f"{profile} with {devices - 1}")
    # Control: striping over one device protects nothing less than one device does, and is let through.
    assert make(bench, "raid0", 1), "raid0 was refused with one device"
    bench.record(refused=", ".join(refused), made="raid0 with 1")


def make(bench: Bench, profile: str, devices: int) -> bool:
    """Whether mkfs.btrfs makes a filesystem of that profile on so many fresh images."""
    images = []
    for number in range(devices):
        image = bench.folder / f"{profile}-{devices}-{number}"
        with image.open("wb") as opened:
            opened.truncate(256 * MIB)
        images.append(image)
    done = attempt("mkfs.btrfs", "--quiet", "--data", profile, "--metadata", profile, *images)
    for image in images:
        image.unlink()
    return done.returncode == 0
