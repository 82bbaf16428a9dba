"""Since Linux 6.2 Btrfs mounts with `discard=async` by itself where the device discards."""

import platform
from pathlib import Path

from lab.btrfs import options
from proofs.bench import Bench, Skipped


def prove(bench: Bench) -> None:
    major, minor = (int(number) for number in platform.release().split(".")[:2])
    if (major, minor) < (6, 2):
        raise Skipped(f"Linux {platform.release()} is older than 6.2")
    with bench.btrfs() as filesystem:
        limit = Path("/sys/block", filesystem.device.name, "queue/discard_max_bytes")
        if int(limit.read_text()) == 0:
            raise Skipped("the loop devices of this machine do not discard")
        alone = "discard=async" in options(filesystem.mount("alone"))
        filesystem.unmount()
        # Control: what a mount asks for holds.
        refused = "discard=async" in options(filesystem.mount("refused", "nodiscard"))
    bench.record(without_an_option=alone, with_nodiscard=refused)
    assert alone, "a mount without an option does not discard"
    assert not refused, "`nodiscard` did not hold"
