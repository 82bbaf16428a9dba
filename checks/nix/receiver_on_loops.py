"""Sends copies to a receiver as it is configured, and tries what a sender must not be able to do.

`receiver_on_loops.py FOLDER`: FOLDER holds `receiver.json`, the evaluated texts. Run in a mount namespace of its own.

sshd and sudo are stood in for: the one runs the forced command of the key as sshd does, by a shell with what was asked
for in SSH_ORIGINAL_COMMAND; the other runs what one of the evaluated rules allows, compared as sudo compares.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import subprocess
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lab.stream import file_with, stream, taking  # noqa: E402

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
    if called[0] in (program, os.path.basename(program)) and fnmatch.fnmatchcase(" ".join(called[1:]), pattern):
        os.execvp("{folder}/root" if "receiver-root" in called[0] else called[0], called)
sys.exit("sudo: a password is required: " + " ".join(called))
"""

RAW = """\
    incremental no
    raw_target_compress zstd
    raw_target_encrypt gpg
    gpg_keyring {folder}/keys.gpg
    gpg_recipient {recipient}
"""

GETFATTR = "--absolute-names --no-dereference --encoding=hex --dump '--match=^trusted.podman-btrfs.snapshot$'"

CONFIGURATION = """\
timestamp_format long-iso
lockfile {folder}/lock
backend_remote btrfs-progs-sudo
snapshot_dir {source}/.snapshots
snapshot_preserve_min latest
snapshot_preserve no
{more}
volume {source}
  target {kind}ssh://nas.example.org{path}
    ssh_user backup
    ssh_identity {identity}
    target_preserve_min {least}
    target_preserve no
{of_target}  subvolume shop
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
        root = folder / "root"
        root.write_text(texts["root"])
        root.chmod(0o755)
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

    def key(self) -> str:
        """Makes the key that copies are encrypted for, its public half in a file of its own; its fingerprint."""
        home = self.folder / "gnupg"
        home.mkdir(mode=0o700)
        gpg: list[str | Path] = ["gpg", "--homedir", home, "--batch", "--quiet"]
        run(*gpg, "--passphrase", "", "--quick-generate-key", "copies", "default", "default", "never")
        listed = run(*gpg, "--with-colons", "--list-keys").splitlines()
        recipient = next(line.split(":")[9] for line in listed if line.startswith("fpr:"))
        run(*gpg, "--output", self.folder / "keys.gpg", "--export", recipient)
        return recipient

    def btrbk(self, name: str, least: str = "latest", more: str = "", recipient: str = "") -> subprocess.CompletedProcess[str]:
        """Changes something and sends it."""
        (self.source / "shop" / "order").write_text(f"{time.time_ns()}\n")
        configuration = self.folder / "btrbk.conf"
        values = {"folder": self.folder, "source": self.source, "path": self.path[name], "identity": self.identity(name)}
        of_target = RAW.format(folder=self.folder, recipient=recipient) if recipient else ""
        values |= {"kind": "raw " if recipient else "", "of_target": of_target}
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


def number(path: Path) -> int:
    """Of a subvolume, whatever its name."""
    found = re.search(r"Subvolume ID:\s+(\d+)", run("btrfs", "subvolume", "show", path))
    assert found is not None
    return int(found[1])


def mark(own: str, name: str) -> Path:
    """What says that a copy is being received."""
    return BACKUP / Path(own).relative_to(BACKUP).parent / ".podman-btrfs-receiving" / Path(own).name / name


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


def half(sender: Sender, name: str) -> tuple[str, bytes]:
    """A stream of a new snapshot, and its name."""
    snapshot = sender.source / ".snapshots" / name
    run("btrfs", "subvolume", "snapshot", "-r", sender.source / "shop", snapshot)
    stream = subprocess.run(["btrfs", "send", "-q", str(snapshot)], capture_output=True, check=True).stdout
    run("btrfs", "subvolume", "delete", snapshot)
    return name, stream


def what_comes_back(sender: Sender) -> None:
    """A source reads its own copies, whole or as differences, and what is recorded in them; one that may only add does too."""
    back = sender.folder / "source" / "back"
    back.mkdir()
    for name in ("alone", "adding"):
        own = sender.path[name]
        for copy in copies(own):
            # Where a restore would find it: on a filesystem that knows nothing of it.
            done = sender.say(name, f"sudo -n btrfs send -q '{own}/{copy}'")
            expect(f"{name} did not send {copy}: {done.stderr!r}", done.returncode == 0 and len(done.stdout) > 100)
        received = subprocess.run(["btrfs", "receive", str(back)], input=done.stdout, capture_output=True, check=False)
        expect(f"what came back of {name}: {received.stderr!r}", received.returncode == 0)
        there = Path(own) / copies(own)[-1] / "order"
        expect(f"{name}: not what was sent", (back / copies(own)[-1] / "order").read_text() == there.read_text())
        run("btrfs", "subvolume", "delete", back / copies(own)[-1])
    own = sender.path["adding"]
    first, last = copies(own)[0], copies(own)[-1]
    whole, data = (sender.say("adding", f"btrfs send -q{option} '{own}/{last}'") for option in ("", " --no-data"))
    expect("a stream without data has all of it", 0 < len(data.stdout) <= len(whole.stdout))
    parted = sender.say("adding", f"btrfs send -q -p '{own}/{first}' '{own}/{last}'")
    expect(f"no difference came back: {parted.stderr!r}", parted.returncode == 0 and parted.stdout.startswith(b"btrfs-stream"))
    told = sender.say("adding", f"sudo -n getfattr {GETFATTR} '{own}/{first}' '{own}/{last}'")
    expect(f"records: {told.stderr!r}", told.returncode == 0)
    expect(f"the record did not come along: {told.stdout!r}", told.stdout.count(b"trusted.podman-btrfs.snapshot=0x7b7d") == 2)


def what_breaks(sender: Sender) -> None:
    """A stream that ends in the middle leaves nothing, also where nothing may be deleted; and takes nothing away that was there."""
    for name in ("alone", "adding"):
        own = sender.path[name]
        before = copies(own)
        broken, stream = half(sender, "broken.20261127T000000+0000")
        done = sender.say(name, f"sudo -n btrfs receive '{own}'", stream[: len(stream) // 2])
        expect(f"half a stream was taken for a whole one: {done.stderr!r}", done.returncode != 0)
        expect(f"{name}: half a copy stayed: {copies(own)}", copies(own) == before)
        # The name is taken by something that is not whole either, and that was there before.
        run("btrfs", "subvolume", "create", Path(own) / broken)
        time.sleep(1.1)
        done = sender.say(name, f"sudo -n btrfs receive '{own}'", stream)
        expect(f"it was received over what was there: {done.stderr!r}", done.returncode == 255 and b"is there" in done.stderr)
        expect(f"{name}: what was there is gone", (Path(own) / broken).is_dir())
        run("btrfs", "subvolume", "delete", Path(own) / broken)
        what_is_in_doubt(sender, name)
        what_streams_must_not(sender, name)


def what_is_in_doubt(sender: Sender, source: str) -> None:
    """What a power cut or a kill left is taken away when the sender looks again, and nothing else is."""
    own, look = sender.path[source], f"sudo -n btrfs subvolume list -a -c -u -q -R '{BACKUP}'"
    receive = f"sudo -n btrfs receive '{own}'"
    before = copies(own)
    done = sender.say(source, receive, stream("one", *file_with("file", b"1")))
    expect(f"it was not received: {done.stderr!r}", done.returncode == 0 and copies(own) == sorted([*before, "one"]))
    expect("it is said to be received still", not mark(own, "one").exists())
    found = number(Path(own) / "one")
    # As it was: begun when there was less, or more, or beside what came to its end.
    for what, said, stays in (
        ("what was there before", f"{found}\n", True),
        ("what was received beside it", f"{found - 1}\n{found}\n", True),
        ("what did not begin", "", True),
        ("what is in doubt", f"{found - 1}\n{found + 1}\n", False),
    ):
        mark(own, "one").write_text(said)
        with mark(own, "one").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            sender.say(source, look)
            expect(f"{what}: what is being received was taken away", "one" in copies(own) and mark(own, "one").exists())
        done = sender.say(source, look)
        expect(f"{what}: {copies(own)}: {done.stderr!r}", done.returncode == 0 and ("one" in copies(own)) == stays)
        expect(f"{what}: it is said to be received still", not mark(own, "one").exists())
    # While one is received another comes to its end: the first must not be able to take it for its own.
    first = subprocess.Popen(
        ["ssh", "-i", str(sender.identity(source)), "backup@nas.example.org", receive],
        env=sender.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert first.stdin is not None and first.stderr is not None
    first.stdin.write(stream("first", ends=False))
    first.stdin.flush()
    ends = time.monotonic() + 20
    while "first" not in copies(own):
        expect("it is not received", time.monotonic() < ends)
        time.sleep(0.02)
    refused = sender.say(source, receive, stream("first"))
    expect(f"it was received twice at once: {refused.stderr!r}", refused.returncode == 255 and b"is being received" in refused.stderr)
    expect("beside it none is received", sender.say(source, receive, stream("second")).returncode == 0)
    expect("what came to its end beside it is not noted", f"\n{number(Path(own) / 'second')}\n" in mark(own, "first").read_text())
    first.stdin.write(taking("first", "second"))
    first.stdin.close()
    expect(f"it is whole: {first.stderr.read()!r}", first.wait(timeout=60) != 0)
    expect(f"what came to its end was taken away: {copies(own)}", "first" in copies(own) and not mark(own, "first").exists())
    run("btrfs", "subvolume", "delete", *(Path(own) / one for one in ("first", "away", "given")))
    expect(f"something else was left: {copies(own)}", copies(own) == before)


def what_streams_must_not(sender: Sender, source: str) -> None:
    """What a stream names lies in the source's own directory, and an old copy that it gives its own name to stays."""
    own, other = sender.path[source], sender.path["hand"]
    receive = f"sudo -n btrfs receive '{own}'"
    theirs = copies(other)
    for name in (f"../hand/{source}", "/srv/x", "a/b", ".hidden", "..", "x\ny", "$(id)", "", "n" * 9000):
        before = copies(own)
        done = sender.say(source, receive, stream(name))
        expect(f"a name was taken: {name!r}: {done.stderr!r}", done.returncode == 255 and b"refused" in done.stderr)
        expect(f"{name!r} left something: {copies(own)}", copies(own) == before)
    for data in (b"", b"btrfs-stream\0", os.urandom(5000), stream("x")[:40]):
        done = sender.say(source, receive, data)
        expect(f"it was taken for a copy: {data[:40]!r}: {done.stderr!r}", done.returncode == 255 and b"refused" in done.stderr)
    before = copies(own)
    for number_of, to in enumerate(("../../hand/file", "../../../../../../../tmp/podman-btrfs-escaped", f"..{other}/file", f"{other}/file")):
        name = f"escape-{number_of}"
        sender.say(source, receive, stream(name, *file_with(to, b"1")))
        expect(f"{to} got out", copies(other) == theirs and not Path("/tmp/podman-btrfs-escaped").exists())
        if name in copies(own):
            run("btrfs", "subvolume", "delete", Path(own) / name)
    for stray in set(copies(own)) - set(before):
        Path(own, stray).unlink()
    old = before[0]
    found = number(Path(own) / old)
    given = sender.say(source, receive, stream("thief", taking("thief", old), ends=False))
    expect("a stream without an end was taken for a copy", given.returncode != 0)
    expect(f"an old copy is gone: {copies(own)}", number(Path(own) / "thief") == found)
    (Path(own) / "thief").rename(Path(own) / old)
    run("btrfs", "subvolume", "delete", Path(own) / "away", Path(own) / "given")
    expect(f"something was left: {copies(own)}", copies(own) == before)


def uuids(text: str) -> set[str]:
    """All that are named in it."""
    return set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))


def what_is_told_of_others(sender: Sender) -> None:
    """A source learns the UUIDs of its own copies, and of nothing else: with one it could have what another source sent."""
    own, other = sender.path["alone"], sender.path["adding"]
    secret = stream("secret", *file_with("file", b"of another"))
    expect("it was not received", sender.say("adding", f"sudo -n btrfs receive '{other}'", secret).returncode == 0)
    shown = run("btrfs", "subvolume", "show", Path(other) / "secret")
    theirs = uuids(run("btrfs", "subvolume", "show", BACKUP)).union(*(uuids(run("btrfs", "subvolume", "show", one)) for one in Path(other).iterdir()))
    mine = set[str]().union(*(uuids(run("btrfs", "subvolume", "show", one)) for one in Path(own).iterdir()))
    told = ""
    for words in (
        *(f"list -a -c -u -q -R '{place}'" for place in ("/srv/backup", own)),
        f"list -p -u -q -R '{own}'",
        f"list -u '{own}'",
        *(f"show '{place}'" for place in ("/", "/srv", "/srv/backup", own, f"{own}/{copies(own)[0]}")),
    ):
        told += sender.say("alone", f"sudo -n btrfs subvolume {words}").stdout.decode()
    expect("nothing is told of its own", mine & uuids(told) == mine and len(mine) > 1)
    expect("that others are there is not told", "adding/secret" in told and "00000000-0000-4000-8000-" in told)
    expect(f"UUIDs of others are told: {(theirs - mine) & uuids(told)}", not (theirs - mine) & uuids(told))
    # Control: who knows it has all that is in it.
    for number_of, known in enumerate(sorted(uuids(shown) & theirs - mine)):
        sender.say("alone", f"sudo -n btrfs receive '{own}'", stream(f"taken-{number_of}", parent=uuid.UUID(known)))
    taken = [one for one in copies(own) if one.startswith("taken-")]
    expect("control: a UUID is no key any more", any((Path(own) / one / "file").exists() for one in taken))
    run("btrfs", "subvolume", "delete", Path(other) / "secret", *(Path(own) / one for one in taken))


def what_files_do(sender: Sender) -> None:
    """Encrypted files come, are thinned where that is allowed, and come back; what is there stays as it is."""
    recipient = sender.key()
    for name, kept in (("files", 1), ("keeping", 3)):
        for _ in range(3):
            done = sender.btrbk(name, "latest" if kept == 1 else "all", recipient=recipient)
            expect(f"btrbk to {name}: exit {done.returncode}\n{done.stderr}", done.returncode == 0)
        found = [one for one in copies(sender.path[name]) if one.endswith(".gpg")]
        expect(f"{name} holds {found}", len(found) == 1 if kept == 1 else len(found) >= kept)
        expect(f"not all of {name} are described", copies(sender.path[name]) == sorted([*found, *(f"{one}.info" for one in found)]))
        newest = sender.say(name, f"cat {sender.path[name]}/{found[-1]}")
        back = sender.folder / "source" / "decrypted"
        back.mkdir()
        words = f"gpg --homedir {sender.folder}/gnupg --batch --quiet --decrypt | zstd -q -d | btrfs receive -q {back}"
        subprocess.run(["bash", "-o", "pipefail", "-c", words], input=newest.stdout, check=True)
        order = back / found[-1].partition(".btrfs")[0] / "order"
        expect(f"{name}: not what was sent", order.read_text() == (sender.source / "shop" / "order").read_text())
        run("btrfs", "subvolume", "delete", order.parent)
        back.rmdir()
    done = sender.btrbk("keeping", "latest", recipient=recipient)
    expect(f"a source that may only add removed files: {done.stderr}", done.returncode != 0 and "refused" in done.stderr)
    what_files_break(sender)
    what_files_must_not(sender)


def described(file: str, more: str = "INCOMPLETE=1") -> bytes:
    """What btrbk says of a copy that begins."""
    return f"#btrbk\nTYPE=raw\nFILE={file}\nRECEIVED_UUID=4f075531-af04-7540-abaa-54ae8c528f1f\n{more}\n".encode()


def what_files_break(sender: Sender) -> None:
    """What did not come to its end is no copy, is taken away when nobody touches it, and no earlier; another is not touched by it."""
    own, half = sender.path["keeping"], "broken.20261127T000000+0000.btrfs.zst.gpg"
    before = copies(own)
    look = f"find '{own}' -maxdepth 1 -type f ! -size 0 -name \\*.btrfs.\\*info -exec echo INFO_FILE=\\{{\\}} \\; -exec cat \\{{\\}} \\;"
    expect("it was not begun", sender.say("keeping", f"cat > '{own}/{half}.info'", described(half)).returncode == 0)
    sender.say("keeping", look)
    expect("what was announced a moment ago was taken away", f"{half}.info" in copies(own))
    expect("it was not written", sender.say("keeping", f"dd status=none bs=128K of='{own}/{half}'", b"half").returncode == 0)
    again = sender.say("keeping", f"dd status=none bs=128K of='{own}/{half}'", b"other")
    expect("it was written twice", again.returncode != 0 and Path(f"{own}/{half}").read_bytes() == b"half")
    what_is_announced_at_once(sender)
    told = sender.say("keeping", look)
    expect(f"what is being written was taken away: {told.stderr!r}", half in copies(own) and half.encode() in told.stdout)
    for file in (f"{own}/{half}.info", f"{own}/{half}"):
        expect(f"what was written a moment ago was taken away before {file} was old", half in copies(own))
        os.utime(file, (time.time() - 3600,) * 2)
        if file.endswith(".info"):
            sender.say("keeping", look)
    with Path(f"{own}/{half}.info").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        sender.say("keeping", look)
        expect("what somebody writes was taken away", half in copies(own))
    told = sender.say("keeping", look)
    expect("what broke is still there", copies(own) == before and half.encode() not in told.stdout)
    expect("what is whole is not told", told.stdout.count(b"INFO_FILE=") == len(before) // 2)


def what_is_announced_at_once(sender: Sender) -> None:
    """Of two that announce the same copy one is first, and what it said stays."""
    info = Path(sender.path["keeping"]) / "twice.20261127T000000+0000.btrfs.gpg.info"
    words = f"cat > '{info}'"
    begun = subprocess.Popen(
        ["ssh", "-i", str(sender.identity("keeping")), "backup@nas.example.org", words],
        env=sender.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert begun.stdin is not None
    # Until it has looked whether there is one, and waits for what is said.
    time.sleep(1)
    expect("the second was not announced", sender.say("keeping", words, described(info.stem)).returncode == 0)
    begun.stdin.write(described(info.stem, "INCOMPLETE=1\nX=other"))
    begun.stdin.close()
    expect("it was announced twice", begun.wait(timeout=30) != 0 and "X=other" not in info.read_text())
    info.unlink()


def what_files_must_not(sender: Sender) -> None:
    """Each is refused, changes nothing, and runs nothing."""
    own, other = sender.path["keeping"], sender.path["files"]
    mine, theirs = f"{own}/{copies(own)[0]}", f"{other}/{copies(other)[0]}"
    ran, new = sender.folder / "ran", f"{own}/new.20261127T000000+0000.btrfs.zst.gpg"
    link = Path(own) / "link.20261127T000000+0000.btrfs.gpg"
    link.symlink_to(theirs)
    digests = run("sha256sum", *(f"{own}/{one}" for one in copies(own)))
    attacks = [
        (f"dd status=none bs=128K of='{mine}'", b"x"),
        (f"dd status=none bs=128K of='{new}'", b"not described before"),
        (f"dd status=none bs=128K of='{link}'", b"x"),
        (f"dd status=none bs=128K of='{theirs}'", b"x"),
        (f"dd status=none bs=128K of='{own}/../files/x.btrfs'", b"x"),
        (f"dd status=none bs=128K of='{own}/x'", b"x"),
        (f"dd status=none bs=128K if='{mine}' of='{new}'", b"x"),
        (f"dd status=none bs=128K of='{new}' conv=notrunc", b"x"),
        (f"cat > '{mine}.info'", described(Path(mine).name)),
        (f"cat > '{link}.info'", described(link.name)),
        (f"cat > '{theirs}.info'", described(Path(theirs).name)),
        (f"cat > '{mine}'", b"x"),
        (f"cat > '{new}.info'", described("other.20261127T000000+0000.btrfs.zst.gpg")),
        (f"cat > '{new}.info'", described(Path(new).name, "INCOMPLETE=0")),
        (f"cat > '{new}.info'", described(Path(new).name, "INCOMPLETE=1\nX=\x1b[2J$(id)")),
        (f"cat >> '{mine}.info'", b"INCOMPLETE=1\n"),
        (f"cat >> '{mine}.info'", b"INCOMPLETE=0\n"),
        (f"cat >> '{new}.info'", b"INCOMPLETE=0\n"),
        (f"cat >> '{mine}'", b"x"),
        (f"rm -f '{mine}' '{mine}'.info", b""),
        (f"cat '{theirs}'", b""),
        (f"cat '{link}'", b""),
        (f"cat '{mine}' > {ran}", b""),
        (f"cat '{mine}' /etc/shadow", b""),
        (f"cat '{mine}.info'", b""),
        (f"test -s '{theirs}'", b""),
        (f"find '{other}' -maxdepth 1 -type f -name '*.btrfs*' -printf '%s %f\\n'", b""),
        (f"find {own} -maxdepth 1 -type f -name '*.btrfs*' -printf '%s %f\\n' -exec touch {ran} ';'", b""),
        (f"find '{own}' -delete", b""),
        (f"sudo -n btrfs receive '{own}'", b""),
        (f"sudo -n btrfs subvolume delete '{own}'", b""),
        (f"dd status=none bs=128K of='{new}'\ntouch {ran}", b""),
        (f"dd status=none bs=128K of='{own}/$(touch {ran}).btrfs'", b""),
        (f"mv '{mine}' '{new}'", b""),
        (f"split -b 1M - '{new}.split_'", b"x"),
        (f"sh -c 'touch {ran}'", b""),
    ]
    before = (copies(own), copies(other))
    for words, stdin in attacks:
        done = sender.say("keeping", words, stdin)
        expect(f"not refused: {words!r}: {done.stdout!r} {done.stderr!r}", done.returncode == 255 and b"refused" in done.stderr)
        expect(f"it ran: {words!r}", not ran.exists())
        expect(f"it changed something: {words!r}", (copies(own), copies(other)) == before)
    expect("a copy is another one", run("sha256sum", *(f"{own}/{one}" for one in copies(own))) == digests)
    mine = f"{other}/{copies(other)[0]}"
    removals = ["-f '{other}/../keeping/x.btrfs' '{mine}'.info", "-f '{mine}' '{mine}'.info /etc/passwd", "-rf '{mine}' '{mine}'.info"]
    for words in (f"rm {words.format(other=other, mine=mine)}" for words in removals):
        expect(f"not refused: {words!r}", sender.say("files", words).returncode == 255)
    script = json.loads((sender.folder / "receiver.json").read_text())["rootPath"]
    for verb in (["remove", Path(mine).name], ["read", "../files/x.btrfs"], ["write", "../x.btrfs"], ["describe", "x"], ["send", "x"]):
        done = subprocess.run(["sudo", "-n", script, own, *verb], env=sender.environment(), capture_output=True, check=False)
        expect(f"root did it: {verb}", done.returncode != 0 and not done.stdout)
    link.unlink()


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
        f"sudo -n btrfs send -q -p '{theirs}' '{mine}'",
        f"sudo -n btrfs send -q -p '{mine}' '{theirs}'",
        f"sudo -n btrfs send '{own}'",
        f"sudo -n btrfs send '{own}/'",
        f"sudo -n btrfs send '{own}/link'",
        f"sudo -n btrfs send -p '{own}/link' '{mine}'",
        f"sudo -n btrfs send '{own}/../adding/{Path(theirs).name}'",
        f"sudo -n btrfs send '{mine}/order'",
        f"sudo -n btrfs send -f {ran} '{mine}'",
        f"sudo -n btrfs send -f{ran} '{mine}'",
        f"sudo -n btrfs send -c '{theirs}' '{mine}'",
        f"sudo -n btrfs send '{mine}' '{theirs}'",
        f"sudo -n btrfs send '{mine}' | tee {ran}",
        f"sudo -n btrfs send '{mine}' > {ran}",
        f"sudo -n btrfs send '{own}/$(touch {ran})'",
        f"sudo -n btrfs send -q '{mine}'\ntouch {ran}",
        f"sudo -n btrfs send -p -f{ran} '{mine}'",
        f"sudo -n getfattr --dump '{mine}'",
        f"sudo -n getfattr {GETFATTR} '{theirs}'",
        f"sudo -n getfattr {GETFATTR} '{mine}' '{theirs}'",
        f"sudo -n getfattr {GETFATTR} '{mine}' --restore={ran}",
        f"sudo -n getfattr {GETFATTR.replace('podman-btrfs.snapshot', 'overlay.*')} '{mine}'",
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
    hand = sender.path["hand"]
    refused = sender.say("hand", f"sudo -n btrfs send '{hand}/{copies(hand)[0]}'")
    expect("a source that may not read was sent a copy", refused.returncode == 255 and not refused.stdout)
    what_root_refuses(sender, own, Path(mine).name)
    (Path(own) / "link").unlink()


def what_root_refuses(sender: Sender, own: str, mine: str) -> None:
    """Whoever got past the guard: the script that sudo allows looks again, and sudo allows no other place."""
    script = json.loads((sender.folder / "receiver.json").read_text())["rootPath"]
    for words in (
        [own, "send", f"../adding/{mine}"],
        [own, "send", "link"],
        [own, "send", ".."],
        [own, "send", "-f/tmp/x"],
        [own, "send", mine, "-f", "/tmp/x"],
        [own, "records", "../../../etc"],
        [own, "receive", "now"],
        ["/srv", "receive", "now"],
        ["/srv", "clear", "now"],
        [own, "unfinished", mine, "0"],
        [sender.path["hand"], "send", mine],
        [own, "shell", mine],
    ):
        before = copies(own)
        done = subprocess.run(["sudo", "-n", script, *words], env=sender.environment(), capture_output=True, check=False)
        expect(f"root did it: {words}: {done.stdout!r}", done.returncode != 0 and not done.stdout)
        said = done.stderr.decode()
        expect(f"root was not asked or did not say why: {words}: {said}", "refused" in said or "password is required" in said)
        expect(f"it changed something: {words}", copies(own) == before)


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
        # What a group snapshot carries, here on what is taken.
        os.setxattr(folder / "source" / "shop", "trusted.podman-btrfs.snapshot", b"{}")
        sender = Sender(folder)
        for path in sender.path.values():
            Path(path).mkdir(parents=True)
        what_must_work(sender)
        what_comes_back(sender)
        what_breaks(sender)
        what_is_told_of_others(sender)
        what_must_not(sender)
        what_files_do(sender)
    finally:
        # Its agent would hold this namespace, and with it the mounts.
        subprocess.run(["gpgconf", "--homedir", str(folder / "gnupg"), "--kill", "all"], check=False)
        # Lazily: where something failed, somebody may still receive.
        for place in mounts:
            run("umount", "--lazy", place)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
