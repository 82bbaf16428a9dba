"""The host that keeps copies: a real sshd, a real sudo, and our guard as the key's forced command."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab.btrfs import Btrfs
from lab.isolate import cover
from lab.power import as_after_power_cut, left
from lab.process import attempt, run

from .network import RECEIVER, Network

MODULE = Path(__file__).resolve().parent.parent.parent / "modules" / "receiver"
USER = "receiver"

VERBS = ("receive", "clear", "send", "records", "describe", "write", "complete", "describe-all", "read", "remove")

SSHD = """\
ListenAddress {address}
HostKey {etc}/host_key
AuthorizedKeysFile {etc}/authorized_keys
PidFile none
UsePAM no
PasswordAuthentication no
StrictModes no
# As the module has them, and sooner: a test waits for it.
ClientAliveInterval 2
ClientAliveCountMax 4
"""

SSH = """\
Host *
  ServerAliveInterval 2
  ServerAliveCountMax 4
"""

# What is received is written to the disk by it; here it says that it was reached, and waits.
SYNC = """\
#!/bin/sh
if test "$1" = --file-system; then
  : > {folder}/reached
  while test -e {folder}/held; do sleep 0.02; done
fi
exec {folder}/sync "$@"
"""


class Receiver:
    """Where copies go: the directory of one source on a Btrfs, and who may do what there."""

    def __init__(self, network: Network, folder: Path, own: Path, encrypted: bool = False) -> None:
        self.own = own
        self.network = network
        own.mkdir(parents=True)
        self.etc = cover(Path("/etc/ssh"), folder / "etc-ssh")
        self.identity = self._keys(folder)
        guard, root = self._scripts(folder)
        self._account(folder)
        self._rights(folder, root)
        files = "--files " if encrypted else ""
        forced = f'restrict,command="{guard} --delete --read {files}{own}"'
        (self.etc / "authorized_keys").write_text(f"{forced} {self.identity.with_suffix('.pub').read_text()}")
        (self.etc / "sshd_config").write_text(SSHD.format(address=RECEIVER, etc=self.etc))
        (self.etc / "ssh_config").write_text(SSH)
        Path("/run/sshd").mkdir(exist_ok=True)
        self.log = folder / "sshd.log"
        self.sshd: subprocess.Popen[str] | None = None
        self.start()

    def _keys(self, folder: Path) -> Path:
        identity = folder / "key"
        for file in (self.etc / "host_key", identity):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file)
        (self.etc / "ssh_known_hosts").write_text(f"{RECEIVER} {(self.etc / 'host_key.pub').read_text()}")
        return identity

    @staticmethod
    def _scripts(folder: Path) -> tuple[Path, Path]:
        root, guard = folder / "receiver-root", folder / "receiver-guard"
        root.write_text((MODULE / "root.sh").read_text())
        guard.write_text((MODULE / "guard.sh").read_text().replace("@root@", str(root)))
        for script in (root, guard):
            script.chmod(0o755)
        return guard, root

    @staticmethod
    def _account(folder: Path) -> None:
        for file, line in (
            ("passwd", f"{USER}:x:64042:64042::/var/empty:/bin/bash"),
            ("group", f"{USER}:x:64042:"),
            ("shadow", f"{USER}:*:20000:0:99999:7:::"),
        ):
            copy = folder / file
            shutil.copy2(f"/etc/{file}", copy)
            with copy.open("a") as opened:
                opened.write(line + "\n")
            run("mount", "--bind", copy, f"/etc/{file}")

    def _rights(self, folder: Path, root: Path) -> None:
        """The module's rules, on this host's paths."""
        btrfs = shutil.which("btrfs")
        commands = [f"{btrfs} {words}" for words in ("subvolume show *", "subvolume list *", "filesystem usage -b *")]
        commands.append(f"{btrfs} subvolume delete --commit-after {self.own}/*")
        commands += [f"{root} {self.own} {verb} *" for verb in VERBS]
        file = folder / "sudoers"
        file.write_text("".join(f"{USER} ALL=(root) NOPASSWD: {command}\n" for command in commands))
        file.chmod(0o440)
        run("visudo", "-c", "-f", file)
        run("mount", "--bind", file, "/etc/sudoers")

    def start(self) -> None:
        """sshd, once it answers."""
        # Into a file: a pipe that nobody reads would hold it up when it is full.
        with self.log.open("a") as log:
            words = self.network.inside("receiver", "/usr/sbin/sshd", "-D", "-e", "-f", self.etc / "sshd_config")
            self.sshd = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True)
        for _ in range(100):
            if attempt(*Network.inside("sender", "ssh-keyscan", "-T", "1", RECEIVER)).stdout:
                return
            time.sleep(0.05)
        raise RuntimeError("sshd does not answer")

    def copies(self) -> list[str]:
        """What lies there, whole or not."""
        return sorted(path.name for path in self.own.iterdir() if not path.name.startswith("."))

    def halves(self) -> list[str]:
        """What was not received to its end."""
        found = []
        for name in self.copies():
            shown = run("btrfs", "subvolume", "show", self.own / name)
            if "readonly" not in shown:
                found.append(name)
        return found

    def being_received(self) -> list[str]:
        """What was begun, and not said to be there."""
        place = self.own.parent / ".podman-btrfs-receiving" / self.own.name
        return sorted(path.name for path in place.iterdir()) if place.exists() else []

    @contextmanager
    def held_before_sync(self, folder: Path) -> Iterator[Path]:
        """What is received is not written to the disk before the end of this; the file is there once that is waited for."""
        folder.mkdir()
        real = shutil.which("sync")
        assert real is not None
        shutil.copy2(real, folder / "sync")
        (folder / "held").touch()
        script = folder / "waiting"
        script.write_text(SYNC.format(folder=folder))
        script.chmod(0o755)
        run("mount", "--bind", script, real)
        try:
            yield folder / "reached"
        finally:
            (folder / "held").unlink()
            run("umount", real)

    def lose_power(self, disk: Btrfs) -> None:
        """Nothing runs any more, and there is what is on the disk now; then it is up again."""
        [cut] = as_after_power_cut(disk.images)
        assert self.sshd is not None
        for number in descendants(self.sshd.pid):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        ends = time.monotonic() + 10
        while attempt("umount", self.own.parent).returncode != 0:
            assert time.monotonic() < ends, f"somebody holds {self.own.parent}"
            time.sleep(0.05)
        left(disk, cut)
        run("mount", "--bind", disk.mount("backup"), self.own.parent)

    def delete(self, name: str) -> None:
        """By hand, on its own host."""
        run("btrfs", "subvolume", "delete", "--commit-after", self.own / name)


def descendants(process: int) -> list[int]:
    """Those that it started, and theirs."""
    found = []
    for word in attempt("ps", "-o", "pid=", "--ppid", str(process)).stdout.split():
        found += [int(word), *descendants(int(word))]
    return found
