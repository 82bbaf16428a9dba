"""A snapshot shows one moment of one subvolume; two subvolumes snapshotted one after another show two moments.

A writer counts in two files, the second always after the first is on disk. A moment shows the second equal to the first
or one behind it. A second file that is ahead of the first is a state that never was: a database whose log is younger
than its data.
"""

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from lab.btrfs import GIB, snapshot, subvolume
from lab.process import run
from proofs.bench import Bench

TRIES = 40


def prove(bench: Bench) -> None:
    together = violations(bench, one_subvolume=True)
    apart = violations(bench, one_subvolume=False)
    bench.record(
        one_subvolume=f"{together} of {TRIES} snapshots impossible",
        two_subvolumes=f"{apart} of {TRIES} pairs of snapshots impossible",
    )
    assert together == 0, f"{together} of {TRIES} snapshots of one subvolume show a state that never was"
    # Control: the same writer, and snapshots as a tool takes them that does not know of the group.
    assert apart > 0, "two subvolumes snapshotted one after another never showed an impossible state"


def violations(bench: Bench, *, one_subvolume: bool) -> int:
    with bench.btrfs(size=GIB) as filesystem:
        top = filesystem.mount("top")
        group = subvolume(top / "group")
        folders = group / "data", group / "log"
        for folder in folders:
            if one_subvolume:
                folder.mkdir()
            else:
                subvolume(folder)
        counter: Synchronized[int] = multiprocessing.Value("q", 0)
        pid = os.fork()
        if pid == 0:
            count_forever(folders, counter)
        try:
            moments = random.Random(7)
            while counter.value < 10:
                time.sleep(0.001)
            impossible = 0
            for number in range(TRIES):
                time.sleep(moments.uniform(0, 0.02))
                before = counter.value
                if one_subvolume:
                    taken = snapshot(group, top / f"snapshot-{number}")
                    seen = [taken / folder.name for folder in folders]
                else:
                    seen = [snapshot(folder, top / f"{folder.name}-{number}") for folder in folders]
                first, second = (int((place / "counter").read_bytes()[:20]) for place in seen)
                assert first >= before - 1, f"the snapshot shows {first}, and {before} was on disk before it"
                impossible += not 0 <= first - second <= 1
            assert counter.value > 2 * TRIES, f"the writer came only to {counter.value}: nothing was at stake"
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        run("btrfs", "filesystem", "sync", top)
        return impossible


def count_forever(folders: tuple[Path, Path], counter: "Synchronized[int]") -> None:
    """The writer; ends with its process."""
    files = [os.open(folder / "counter", os.O_CREAT | os.O_RDWR) for folder in folders]
    number = 0
    while True:
        for file in files:
            # A whole block, so that the data is an extent of its own and not part of the metadata.
            os.pwrite(file, f"{number:020}".encode().ljust(8192, b"."), 0)
            os.fsync(file)
        counter.value = number
        number += 1
