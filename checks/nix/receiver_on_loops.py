"""Sends copies to a receiver as it is configured, and tries what a sender must not be able to do.

`receiver_on_loops.py FOLDER`: FOLDER holds `receiver.json`, the evaluated texts. Run in a mount namespace of its own.

sshd and sudo are stood in for: the one runs the forced command of the key as sshd does, by a shell with what was asked
for in SSH_ORIGINAL_COMMAND; the other runs what one of the evaluated rules allows, compared as sudo compares.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

BACKUP = Path("/srv/backup")

SSH = """#!/usr/bin/env python3
import os, re, sys
words = sys.argv[1:]
identity = words[words.index("-i") + 1]
asked = words[[number for number, word in enumerate(words) if word.endswith("nas.example.org")][0] + 1:]
line = open(identity).read()
forced = re.search(r'command="([^"]*)"', line).group(1)
os.environ["SSH_ORIGINAL_COMMAND"] = " ".join(asked)
os.execv("/bin/bash", ["bash", "-c", forced])
"""

SUDO = """#!/usr/bin/env python3
import fnmatch, json, os, sys
assert sys.argv[1] == "-n", sys.argv
called = sys.argv[2:]
for rule in json.load(open("{folder}/receiver.json"))["rights"]:
    program, _, pattern = rule.partition(" ")
    if os.path.basename(program) == called[0] and fnmatch.fnmatchcase(" ".join(called[1:]), pattern):
        os.execvp(called[0], called)
sys.exit("sudo: a password is required: " + " ".join(called))
"""

CONFIGURATION = """\
timestamp_format long-iso
lockfile {folder}/lock
backend_remote btrfs-progs-sudo
snapshot_dir {source}/.snapshots
snapshot_preserve_min latest
snapshot_preserve no
{more}
volume {source}
  target ssh://nas.example.org{path}
    ssh_user backup
    ssh_identity {identity}
    target_preserve_min {least}
    target_preserve no
  subvolume shop
"""


def run(*arguments: str | Path) -> str:
    """Runs a program that must succeed."""
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Sender:
    """A host with one subvolume, and a key for each source of the receiver."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        texts = json.loads((folder / "receiver.json").read_text())
        guard = folder / "guard"
        guard.write_text(texts["guard"])
        guard.chmod(0o755)
        self.path: dict[str, str] = {}
        for line in texts["keys"]:
            words = shlex.split(re.search(r'command="([^"]*)"', line)[1])  # type: ignore[index]
            name = Path(words[-1]).name
            self.path[name] = words[-1]
            self.identity(name).write_text(line.replace(words[0], str(guard), 1))
        (folder / "bin").mkdir()
        for program, text in (("ssh", SSH), ("sudo", SUDO.replace("{folder}", str(folder)))):
            (folder / "bin" / program).write_text(text)
            (folder / "bin" / program).chmod(0o755)

    def identity(self, name: str) -> Path:
        return self.folder / f"key-{name}"

    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nowhere"}

    def btrbk(self, name: str, least: str = "latest", more: str = "") -> subprocess.CompletedProcess[str]:
        """Changes something and sends it."""
        (self.source / "shop" / "order").write_text(f"{time.time_ns()}\n")
        configuration = self.folder / "btrbk.conf"
        values = {"folder": self.folder, "source": self.source, "path": self.path[name], "identity": self.identity(name)}
        configuration.write_text(CONFIGURATION.format(**values, least=least, more=more))
        # Names have seconds.
        time.sleep(1.1)
        return subprocess.run(
            ["btrbk", "--quiet", "-c", configuration, "run"], env=self.environment(), capture_output=True, text=True, check=False
        )

    def say(self, name: str, words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Something that btrbk would not say."""
        command = ["ssh", "-i", str(self.identity(name)), "backup@nas.example.org", words]
        return subprocess.run(command, env=self.environment(), input=stdin, capture_output=True, check=False)


def copies(path: str) -> list[str]:
    return sorted(entry.name for entry in Path(path).iterdir())


def expect(what: str, condition: bool) -> None:
    if not condition:
        raise SystemExit(what)


def what_must_work(sender: Sender) -> None:
    """Three runs to each kind of source: the second and third send differences."""
    for name, kept in (("alone", 1), ("hand", 1), ("adding", 3)):
        for _ in range(3):
            done = sender.btrbk(name, "latest" if kept == 1 else "all")
            expect(f"btrbk to {name}: exit {done.returncode}\n{done.stderr}", done.returncode == 0)
        found = copies(sender.path[name])
        # btrbk also sends the snapshot that an earlier run took for another target.
        expect(f"{name} holds {found}", len(found) == 1 if kept == 1 else len(found) >= kept)
        newest = Path(sender.path[name]) / found[-1] / "order"
        expect(f"{name}: not what was sent", newest.read_text() == (sender.source / "shop" / "order").read_text())
    done = sender.btrbk("alone", more="stream_compress gzip")
    expect(f"a compressed stream: {done.stderr}", done.returncode == 0)
    before = copies(sender.path["adding"])
    done = sender.btrbk("adding", "latest")
    expect("a source that may only add removed its copies", set(before) <= set(copies(sender.path["adding"])))
    expect(f"and btrbk was told nothing of it: {done.stderr}", done.returncode != 0 and "refused" in done.stderr)


def what_must_not(sender: Sender) -> None:
    """Each is refused, changes nothing, and runs nothing."""
    own, other = sender.path["alone"], sender.path["adding"]
    mine, theirs = f"{own}/{copies(own)[0]}", f"{other}/{copies(other)[0]}"
    ran = sender.folder / "ran"
    (Path(own) / "link").symlink_to(theirs)
    attacks = [
        "",
        "sh",
        f"touch {ran}",
        f"sudo -n btrfs receive '{other}/'",
        f"sudo -n btrfs receive '{own}/..'",
        f"sudo -n btrfs receive '{own}/../adding'",
        f"sudo -n btrfs receive '{own}/' '{other}/'",
        f"sudo -n btrfs receive '{own}/' -f /etc/passwd",
        f"sudo -n btrfs receive '{mine}'",
        f"sudo -n btrfs send '{theirs}'",
        f"sudo -n btrfs subvolume snapshot '{theirs}' '{own}/taken'",
        f"sudo -n btrfs subvolume delete '{theirs}'",
        f"sudo -n btrfs subvolume delete '{own}'",
        f"sudo -n btrfs subvolume delete '{mine}' '{theirs}'",
        f"sudo -n btrfs subvolume delete '{own}/link'",
        f"sudo -n btrfs subvolume delete '{own}/../adding/{Path(theirs).name}'",
        f"sudo -n btrfs subvolume show '{theirs}'",
        f"sudo -n btrfs subvolume show --recursive '{own}'",
        f"sudo -n readlink '{own}' | touch {ran}",
        f"sudo -n readlink -v -e '{own}' | touch {ran}",
        f"sudo -n readlink -v -e '{own}'\ntouch {ran}",
        f"sudo -n readlink -v -e '{own}';touch {ran}",
        f"sudo -n readlink -v -e '{own}$(touch {ran})'",
        f"cat /proc/self/mountinfo\ntouch {ran}",
        "cat /proc/self/mountinfo /etc/shadow",
        f"gzip -d -c | touch {ran} | sudo -n btrfs receive '{own}/'",
        f"sudo -n btrfs receive '{own}/' | touch {ran}",
        f"sudo -n mkdir -p '{own}/x'",
        f"sudo -n btrfs filesystem usage '{own}' | touch {ran}",
    ]
    before = (copies(own), copies(other))
    for words in attacks:
        done = sender.say("alone", words)
        expect(f"not refused: {words!r}: {done.stdout!r} {done.stderr!r}", done.returncode == 255 and b"refused" in done.stderr)
        expect(f"it ran: {words!r}", not ran.exists())
        expect(f"it changed something: {words!r}", (copies(own), copies(other)) == before)
    refused = sender.say("adding", f"sudo -n btrfs subvolume delete '{theirs}'")
    expect("a source that may only add was allowed to delete", refused.returncode == 255)
    (Path(own) / "link").unlink()


def main(folder: Path) -> None:
    run("mount", "-t", "tmpfs", "tmpfs", "/srv")
    mounts = []
    try:
        for name, place in (("source", folder / "source"), ("backup", BACKUP)):
            image = folder / f"{name}.img"
            with image.open("xb") as file:
                file.truncate(512 << 20)
            run("mkfs.btrfs", "-q", image)
            place.mkdir()
            run("mount", "-o", "loop", image, place)
            mounts.append(place)
        run("btrfs", "subvolume", "create", folder / "source" / "shop")
        (folder / "source" / ".snapshots").mkdir()
        sender = Sender(folder)
        for path in sender.path.values():
            Path(path).mkdir(parents=True)
        what_must_work(sender)
        what_must_not(sender)
    finally:
        for place in mounts:
            run("umount", place)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
