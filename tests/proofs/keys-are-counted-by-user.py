"""A user who is not root holds at most `kernel.keys.maxkeys` keys and `kernel.keys.maxbytes` bytes of them; one more is refused with "Disk quota exceeded"."""

import ctypes
import errno
import os
import platform
from pathlib import Path

from proofs.bench import Bench, Skipped

# add_key(2), by machine; -3 is KEY_SPEC_SESSION_KEYRING of a new session.
ADD_KEY = {"x86_64": 248, "aarch64": 217}
KEYCTL = {"x86_64": 250, "aarch64": 219}
JOIN_SESSION_KEYRING = 1
SESSION = -3
NOBODYS = 64123


def prove(bench: Bench) -> None:
    if platform.machine() not in ADD_KEY:
        raise Skipped(f"the number of add_key on {platform.machine()} is not known here")
    most = int(Path("/proc/sys/kernel/keys/maxkeys").read_text())
    most_bytes = int(Path("/proc/sys/kernel/keys/maxbytes").read_text())
    wanted = most + 50
    small, why_small = keys(NOBODYS, payload=1, wanted=wanted)
    large, why_large = keys(NOBODYS + 1, payload=1000, wanted=wanted)
    # Control: the same for root, who has limits of its own.
    root, why_root = keys(0, payload=1, wanted=wanted)

    bench.record(
        maxkeys=most,
        maxbytes=most_bytes,
        small_keys_of_a_user=small,
        keys_of_1000_bytes_of_a_user=large,
        keys_of_root=f"{root} and more",
        message=os.strerror(why_small),
    )
    assert why_small == errno.EDQUOT and small <= most, f"a user held {small} keys of {most}: {os.strerror(why_small)}"
    assert small > most - 10, f"a user held only {small} keys of {most}"
    assert why_large == errno.EDQUOT and large * 1000 <= most_bytes, f"{large} large keys: {os.strerror(why_large)}"
    assert why_root == 0 and root == wanted, f"root was refused after {root} keys: {os.strerror(why_root)}"


def keys(user: int, payload: int, wanted: int) -> tuple[int, int]:
    """How many keys a process of this user makes in a session of its own, and the error that ended it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setresuid(user, user, user)
        os.write(writing, b"%d %d" % make(payload, wanted))
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        made, error = answer.read().split()
    return int(made), int(error)


def make(payload: int, wanted: int) -> tuple[int, int]:
    libc = ctypes.CDLL(None, use_errno=True)
    machine = platform.machine()
    libc.syscall(KEYCTL[machine], JOIN_SESSION_KEYRING, None)
    for number in range(wanted):
        name = f"proof:{number}".encode()
        if libc.syscall(ADD_KEY[machine], b"user", name, b"x" * payload, ctypes.c_size_t(payload), SESSION) < 0:
            return number, ctypes.get_errno()
    return wanted, 0
