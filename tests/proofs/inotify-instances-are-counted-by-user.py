"""Inotify instances are counted by user over all processes of the host, containers or not, and root is counted too: the one above `fs.inotify.max_user_instances` is refused."""

import ctypes
import errno
import os
import signal
from pathlib import Path

from proofs.bench import Bench

ONE, ANOTHER, ROOT = 64125, 64126, 0


def prove(bench: Bench) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_user_instances").read_text())
    first = Holder(ONE, most // 2)
    second = Holder(ONE, most + 1)
    # Controls: another user has instances of its own, and the end of a process gives its instances back.
    other = Holder(ANOTHER, 1)
    root = Holder(ROOT, most + 1)
    got, why, of_root = second.got, second.error, root.error
    for holder in (first, second, other, root):
        holder.end()
    again = Holder(ONE, most)
    again.end()

    bench.record(
        max_user_instances=most,
        two_processes_of_one_user=f"{first.got} and {got}",
        then=os.strerror(why),
        for_root=os.strerror(of_root),
    )
    assert first.got + got == most, f"one user's processes got {first.got} and {got} instances of {most}"
    assert why == errno.EMFILE, f"the next one ends in {os.strerror(why)}"
    assert other.got == 1, "another user got none: they are not counted by user"
    assert of_root == errno.EMFILE, "root is not counted"
    assert again.got == most, f"after the end of the others the user got {again.got} of {most}"


class Holder:
    """A process of a user that takes inotify instances and holds them."""

    def __init__(self, user: int, wanted: int) -> None:
        answer, told = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.setresuid(user, user, user)
            os.write(told, b"%d %d" % take(wanted))
            os.close(told)
            signal.pause()
        os.close(told)
        with os.fdopen(answer) as text:
            got, error = text.read().split()
        self.got, self.error = int(got), int(error)

    def end(self) -> None:
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)


def take(wanted: int) -> tuple[int, int]:
    libc = ctypes.CDLL(None, use_errno=True)
    for number in range(wanted):
        if libc.inotify_init1(os.O_CLOEXEC) < 0:
            return number, ctypes.get_errno()
    return wanted, 0
