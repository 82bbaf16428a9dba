"""Processes and threads share the numbers below `kernel.pid_max`: when they are used up, the next process or thread is refused."""

import platform
import re

from lab.process import attempt
from proofs.bench import Bench, Skipped

MOST = 400
# The first process of a PID namespace of its own: sets the bound there, then starts processes or threads until one is refused.
SCRIPT = """\
import os, signal, sys, threading
open("/proc/sys/kernel/pid_max", "w").write(sys.argv[1])
count, wait = 1, threading.Event()
try:
    while count < 2 * int(sys.argv[1]):
        if sys.argv[2] == "processes":
            if os.fork() == 0:
                signal.pause()
        else:
            threading.Thread(target=wait.wait, daemon=True).start()
        count += 1
    print(count, "and more")
except (OSError, RuntimeError) as why:
    print(count, why)
sys.stdout.flush()
os._exit(0)
"""


def prove(bench: Bench) -> None:
    major, minor = map(int, re.findall(r"\d+", platform.release())[:2])
    if (major, minor) < (6, 14):
        raise Skipped("before Linux 6.14 pid_max is one for the whole host")
    processes, threads = start("processes", MOST), start("threads", MOST)
    # Control: with twice the bound there is room for more.
    more = start("processes", 2 * MOST)
    bench.record(pid_max=MOST, processes=processes, threads=threads, with_twice_the_bound=more)
    for kind, answer in (("processes", processes), ("threads", threads)):
        count = int(answer.split()[0])
        assert MOST - 10 <= count <= MOST, f"{kind}: {answer} with a bound of {MOST}"
    assert int(more.split()[0]) > MOST, f"with twice the bound: {more}"


def start(kind: str, most: int) -> str:
    done = attempt("unshare", "--pid", "--fork", "--mount-proc", "python3", "-c", SCRIPT, str(most), kind)
    assert done.stdout.strip(), done.stderr
    return done.stdout.strip()
