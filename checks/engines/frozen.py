"""How long writers are held up, and that they go on whatever ends us."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from lab.btrfs import snapshot

from .host import Host, host

BUDGET = 10.0

# Volumes, and containers that write to them.
SIZES = ((1, 1), (5, 1), (5, 5), (20, 1), (20, 20))

# Counts in a file of each volume, each number in all of them before the next.
WRITE = """
import os, sys
files = [os.open(f"/data/{name}/counter", os.O_CREAT | os.O_RDWR) for name in sorted(os.listdir("/data"))]
number = 0
while True:
    for file in files:
        os.pwrite(file, f"{number:020}".encode().ljust(8192, b"."), 0)
        os.fsync(file)
    number += 1
"""


def declared(volumes: int, containers: int, consistency: str) -> dict[str, Any]:
    """A workload of so many subvolumes, written to by so many containers, each by one if there are as many."""
    names = [f"v{number}" for number in range(volumes)]
    of: dict[str, Any] = {}
    for number, name in enumerate(names):
        of[name] = {"mounts": {f"w{number % containers}": f"/data/{name}"}}
        if number:
            of[name]["limit"] = "1G"
    protection = {"policy": "hourly", "consistency": consistency}
    return {"shop": {"containers": {f"w{number}": {} for number in range(containers)}, "volumes": of, "protection": protection}}


def start(made: Host, volumes: int, containers: int, **plans: str) -> None:
    """Plans it, with each consistency that is asked for, and starts the writers."""
    for name, consistency in (plans or {"plan": "crash"}).items():
        made.plan(name, declared(volumes, containers, consistency))
    for container in range(containers):
        mounts = []
        for number in range(container, volumes, containers):
            name = f"v{number}"
            place = made.tank / "shop" / name if number == 0 else made.tank / f"shop+{name}"
            mounts.append(f"--volume={place}:/data/{name}")
        made.start(f"w{container}", "python3", "-c", WRITE, options=tuple(mounts))


def counters(program: Path, folder: Path, count: int, chance: random.Random) -> str:
    """One writer counts in two subvolumes: no group snapshot shows a state that never was, and two snapshots as others take them do."""
    with host(program, folder / "counters") as made:
        start(made, 2, 1, plan="crash", apart="none")
        time.sleep(0.5)
        impossible = dict.fromkeys(("frozen", "apart", "one after the other"), 0)
        for _ in range(count):
            time.sleep(chance.uniform(0, 0.05))
            for plan, kind, reached in (("plan", "frozen", "crash"), ("apart", "apart", "none")):
                told = made.snapshot(plan, "shop")
                assert told["outcome"] == "taken" and told["record"]["reached"] == reached, told
                assert list(told["record"]["images"].values()) == [made.image_identity()], told
                impossible[kind] += never_was(*(Path(path) for path in told["snapshots"]))
                if kind == "frozen":
                    said = os.getxattr(told["snapshots"][1], "trusted.podman-btrfs.snapshot")
                    assert json.loads(said) == told["record"], said
                made.delete(*(Path(path) for path in told["snapshots"]))
        # Control: as a tool takes them that does not know of the group.
        for _ in range(4 * count):
            time.sleep(chance.uniform(0, 0.02))
            taken = [snapshot(made.tank / source, made.tank / f"control-{source}") for source in ("shop", "shop+v1")]
            impossible["one after the other"] += never_was(*taken)
            made.delete(*taken)
        assert impossible["frozen"] == 0, f"of {count} group snapshots some show a state that never was: {impossible}"
        assert impossible["one after the other"] > 0, "snapshots one after the other never showed an impossible state"
        return f"{count} group snapshots, {4 * count} pairs; impossible: {impossible}"


def never_was(first: Path, second: Path) -> bool:
    """Whether the second counter is not the first one or one behind."""
    numbers = [int((place / "counter").read_bytes()[:20]) for place in (first / "v0", second)]
    return not 0 <= numbers[0] - numbers[1] <= 1


def times(program: Path, folder: Path, count: int) -> None:
    """Prints how long writers were held up, and the whole command took."""
    print("| volumes | containers | held up, median ms | worst ms | command, median ms |")
    print("|---|---|---|---|---|")
    for volumes, containers in SIZES:
        with host(program, folder / f"times-{volumes}-{containers}") as made:
            start(made, volumes, containers)
            held, took = [], []
            for _ in range(count):
                begun = time.monotonic()
                told = made.snapshot("plan", "shop")
                took.append((time.monotonic() - begun) * 1000)
                assert told["outcome"] == "taken", told
                held.append(told["record"]["frozenMilliseconds"])
                made.delete(*(Path(path) for path in told["snapshots"]))
            row = f"| {volumes} | {containers} | {median(held):.0f} | {max(held)} | {median(took):.0f} |"
            print(row, flush=True)


class Trial:
    """A group snapshot that goes on, and the processes of it."""

    def __init__(self, made: Host) -> None:
        self.made = made
        self.process = subprocess.Popen(
            made.words("plan", "shop"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=made.environment, text=True,
        )

    def watchdog(self) -> int | None:
        """Its process."""
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and b"watch-freeze" in (entry / "cmdline").read_bytes():
                    return int(entry.name)
        return None

    def kill(self, *processes: int | None) -> None:
        """Ends them as nothing can prevent, the first first."""
        for process in processes:
            if process is not None:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


def main_killed(trial: Trial) -> None:
    trial.kill(trial.process.pid)


def watchdog_killed(trial: Trial) -> None:
    trial.kill(trial.watchdog())
    os.kill(trial.process.pid, signal.SIGCONT)
    assert trial.process.wait(timeout=BUDGET) in (0, 1, 2)


def both_killed(trial: Trial) -> None:
    trial.kill(trial.watchdog(), trial.process.pid)
    trial.process.wait()
    # What the unit's ExecStopPost does, and systemd's timer.
    trial.made.thaw()


def main_stopped(trial: Trial) -> None:
    """It does not die, and does not go on: only the budget ends it."""
    os.kill(trial.process.pid, signal.SIGSTOP)


KILLS: dict[str, Callable[[Trial], None]] = {
    "main-killed": main_killed,
    "watchdog-killed": watchdog_killed,
    "both-killed": both_killed,
    "main-halted": main_stopped,
}


def kinds_of_kill() -> list[str]:
    """Their names."""
    return list(KILLS)


def killed(program: Path, folder: Path, kind: str, count: int, chance: random.Random) -> str:
    """Ends processes at random moments; every time all containers go on within the budget, and the next run completes."""
    with host(program, folder / kind) as made:
        start(made, 3, 3)
        begun = time.monotonic()
        told = made.snapshot("plan", "shop")
        lasts = time.monotonic() - begun
        made.delete(*(Path(path) for path in told["snapshots"]))
        slowest, stood_still = 0.0, 0
        for number in range(count):
            trial = under_way(made, None if number % 2 == 0 else chance.uniform(0, lasts))
            stood_still += is_paused(made)
            ended = time.monotonic()
            KILLS[kind](trial)
            while is_paused(made):
                assert time.monotonic() - ended < BUDGET, f"run {number}: {made.states()} after {BUDGET} s"
                time.sleep(0.01)
            slowest = max(slowest, time.monotonic() - ended)
            trial.kill(trial.process.pid)
            trial.process.communicate()
            completes(made, number)
        return f"{count} kills, {stood_still} while containers stood still; all went on after {slowest:.1f} s at most"


def under_way(made: Host, after: float | None) -> Trial:
    """A group snapshot that goes on: while something stands still, or so many seconds after its begin."""
    for _ in range(100):
        trial = Trial(made)
        if after is None:
            # That is a small part of the time, and looking takes longer than it lasts.
            while trial.process.poll() is None and not is_paused(made):
                pass
            with suppress(ProcessLookupError):
                os.kill(trial.process.pid, signal.SIGSTOP)
        else:
            time.sleep(after)
        if trial.process.poll() is None and (after is not None or is_paused(made)):
            return trial
        # It came to its end before.
        with suppress(ProcessLookupError):
            os.kill(trial.process.pid, signal.SIGCONT)
        trial.process.communicate()
        if after is not None:
            after /= 2
    raise AssertionError("no group snapshot was met while it went on")


def is_paused(made: Host) -> bool:
    """Whether a container stands still."""
    return "paused" in made.states().values()


def completes(made: Host, number: int) -> None:
    """One more run takes one, and nothing of the one before is left."""
    told = made.snapshot("plan", "shop")
    assert told["outcome"] == "taken", f"run {number}: {json.dumps(told)}"
    assert set(made.states().values()) == {"running"}, f"run {number}: {made.states()}"
    left = [entry.name for entry in made.snapshots.iterdir() if entry.name.startswith(".podman-btrfs-")]
    frozen = list((made.work / "frozen").iterdir())
    assert not left and not frozen, f"run {number}: {left} {frozen} left"
    whole: dict[str, int] = {}
    snapshots = [entry for entry in made.snapshots.iterdir() if entry.name.startswith("shop")]
    for entry in snapshots:
        time_of = entry.name.rsplit(".", 1)[1]
        whole[time_of] = whole.get(time_of, 0) + 1
    assert set(whole.values()) == {3}, f"run {number}: of one time there are {whole}"
    made.delete(*snapshots)
