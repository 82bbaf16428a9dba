"""A swap file is taken on one device in one copy, and refused in two copies, on one device or on two."""

from pathlib import Path

from lab.btrfs import MIB
from lab.process import attempt, run
from proofs.bench import Bench, Skipped

ARMS = {"single": 1, "dup": 1, "raid1": 2}


def prove(bench: Bench) -> None:
    answers = {profile: taken(bench, profile, devices) for profile, devices in ARMS.items()}
    bench.record(**{f"{profile} on {devices}": answers[profile] for profile, devices in ARMS.items()})
    if answers["single"] != "taken":
        raise Skipped(f"this machine takes no swap file at all: {answers['single']}")
    assert answers["dup"] != "taken", "a swap file in two copies on one device was taken"
    assert answers["raid1"] != "taken", "a swap file in two copies on two devices was taken"


def taken(bench: Bench, profile: str, devices: int) -> str:
    """What the kernel said to a swap file in this profile."""
    with bench.btrfs("--data", profile, devices=devices, label=profile) as filesystem:
        file: Path = filesystem.mount("top") / "swapfile"
        file.touch(mode=0o600)
        run("chattr", "+C", file)
        file.write_bytes(bytes(32 * MIB))
        run("mkswap", file)
        done = attempt("swapon", file)
        if done.returncode != 0:
            return done.stderr.strip().rsplit(": ", 1)[-1]
        run("swapoff", file)
        return "taken"
