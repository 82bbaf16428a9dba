"""What the helper plans for a volume: the arms are what it says, not what somebody wrote down."""

from __future__ import annotations

import json
from pathlib import Path

from lab.process import run

from .workplace import Arm, Attributes

# One disk and a policy as many hosts have it; the second declaration differs in the policy only.
DISK = {"disks": ["/dev/disk/by-id/experiment"], "media": "ssd"}
POLICY = {"rpo": "1h", "keep": {"hourly": 24, "daily": 7}}


def declaration(volume: dict[str, object], *, snapshots: bool) -> dict[str, object]:
    """A host with this volume alone."""
    workload: dict[str, object] = {"containers": {"app": {}}, "volumes": {"data": volume}}
    if snapshots:
        workload["protection"] = {"policy": "hourly"}
    host = {"platform": "linux/amd64", "kernel": "6.12", "btrfsProgs": "6.12"}
    return {
        "host": host,
        "filesystems": {"tank": DISK},
        "policies": {"hourly": POLICY},
        "workloads": {"app": workload},
    }


def attributes(helper: Path, volume: dict[str, object], *, snapshots: bool) -> Attributes:
    """What the plan gives it."""
    declared = declaration(volume, snapshots=snapshots)
    plan = json.loads(run(helper, "plan", "-", "--format", "json", stdin=json.dumps(declared)))
    planned = plan["workloads"]["app"]["instances"][0]["volumes"]["data"]
    return Attributes(
        mount_options=tuple(plan["filesystems"]["tank"]["mountOptions"]),
        copy_on_write=planned["copyOnWrite"],
        compression=planned["compression"],
        declaration=declared,
    )


def arms(helper: Path, volume: dict[str, object]) -> list[Arm]:
    """ext4, Btrfs as it comes and as planned; Btrfs with snapshots between the phases and without."""
    return [
        Arm("ext4", "ext4"),
        Arm("btrfs", "btrfs"),
        Arm("planned", "btrfs", attributes=attributes(helper, volume, snapshots=False)),
        Arm("btrfs, snapshots", "btrfs", snapshots=True),
        Arm("planned, snapshots", "btrfs", snapshots=True, attributes=attributes(helper, volume, snapshots=True)),
    ]
