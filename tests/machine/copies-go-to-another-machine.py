# Weeks of copies from one machine to another over ssh, by the units and with the user, the keys and the rights that the modules make. On
# the way the network is cut, the target is full, copies are deleted by hand, each side is killed, and the receiving machine is rebooted and
# loses power for two weeks. After each the next run goes on by itself. In the end every copy is its snapshot, byte for byte, and so is what
# comes back.
#
# The sender's clock is shifted; the receiving machine's is not.

import json
import os
from collections.abc import Callable

PROGRAM = "/run/current-system/sw/bin/podman-btrfs"
PLAN = "/etc/podman-btrfs/plan.json"
KEY = "/var/lib/btrbk/.ssh/id_ed25519"
HERE = "/srv/data/.snapshots"
THERE = "/srv/backup/shop"
RUN = "btrbk-daily-data.service"
SERIES = ["blog", "shop", "shop+files"]
PLACES = {"blog": "/srv/data/blog/posts", "shop": "/srv/data/shop/db", "shop+files": "/srv/data/shop+files"}
DAY = 24 * 60 * 60
# Further days on which nothing happens, besides the month that all the rest takes.
IDLE_DAYS = int(os.environ.get("IDLE_DAYS", "0"))
AWAY_DAYS = 14
LARGE = 24_000_000

# Names, kinds, modes, owners, times, contents and attributes of a tree, as one sum. Not its own time: whoever receives a difference
# changes that in passing.
TAR = (
    "tar --create --sort=name --numeric-owner --xattrs '--xattrs-include=*' --format=pax"
    " --pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime"
)
DIGEST = (
    f"(cd {{}} && {{{{ {TAR} --no-recursion --mtime=@0 . && find . -mindepth 1 -maxdepth 1 ! -name '{{}}' -print0 |"
    f" sort --zero-terminated | {TAR} --null --files-from=-; }}}} | sha256sum | cut -d ' ' -f 1)"
)
# What a difference must not lose: all kinds of files, hostile names, owners, modes, holes, several names of one file.
KINDS = r"""cd {} && mkdir -p 'a b/$(id)' empty && ln -sfn nowhere link && head --bytes=100000 /dev/urandom > 'a b/$(id)/"q"'
printf 'x\ny' > "$(printf 'new\nline')" && ln -f 'a b/$(id)/"q"' second && truncate --size=5M hole && echo end >> hole
test -p pipe || mkfifo pipe; chown 999:998 second && chmod 4750 second && chmod 1777 empty && touch --date=2001-02-03T04:05:06.789 hole"""

shop.start()
nas.start(allow_reboot=True)
for one in machines:
    one.wait_for_unit("multi-user.target")


def declare(machine: Machine, file: str, placeholder: str, real: str) -> None:
    """What a declaration says, in its place; on NixOS the file is a link into the store, and as declared after each boot."""
    machine.succeed(f"sed --in-place 's|{placeholder}|{real}|' {file}", f"grep --quiet '{real}' {file}")


# Keys, as the chapter about copies and the template have them made.
keys = {"Shop": KEY, "Ledger": f"{KEY}-ledger"}
shop.succeed(*(f"sudo -u btrbk ssh-keygen -q -t ed25519 -N '' -f {key}" for key in keys.values()))
public_keys = {owner: shop.succeed(f"cut -d ' ' -f 2 {key}.pub").strip() for owner, key in keys.items()}


def receives() -> None:
    """The receiving machine is up, knows the keys, and notices soon that a sender vanished: a test waits for it."""
    for unit in ("multi-user.target", "podman-btrfs-receiver.service", "sshd.service"):
        nas.wait_for_unit(unit)
    for owner, public in public_keys.items():
        declare(nas, "/etc/ssh/authorized_keys.d/backup", f"AAAAC3NzaC1lZDI1NTE5AAAAIPutTheKeyOf{owner}[A-Za-z]*", public)
    declare(nas, "/etc/ssh/sshd_config", "ClientAliveInterval 30", "ClientAliveInterval 1")
    nas.succeed("systemctl restart sshd.service")


receives()
host_key = nas.succeed("cut -d ' ' -f 2 /etc/ssh/ssh_host_ed25519_key.pub").strip()
declare(shop, "/etc/ssh/ssh_known_hosts", "AAAAC3NzaC1lZDI1NTE5AAAAIPutTheHostKeyOfNas[A-Za-z]*", host_key)
# As soon on this side; and who is away is not asked for long.
declare(shop, "/etc/ssh/ssh_config", "ServerAliveInterval 30", "ServerAliveInterval 1")
declare(shop, "/etc/ssh/ssh_config", "ConnectTimeout 15", "ConnectTimeout 4")
shop.succeed("echo 1 > /proc/sys/net/ipv4/neigh/eth1/mcast_solicit")

# A machine that has its clock from others is told another time only where it matters.
FAKETIME = shop.execute("ls /usr/lib/*/faketime/libfaketime.so.1")[1].strip()
SHIFTED = "/run/shifted-clock"
for unit in (RUN, "podman-btrfs-snapshot-daily-data.service"):
    shop.succeed(
        f"mkdir --parents /run/systemd/system/{unit}.d",
        f"printf '[Service]\\nEnvironmentFile={SHIFTED}\\n' > /run/systemd/system/{unit}.d/clock.conf",
    )
# What has its own days would run at each of these.
shop.succeed("systemctl daemon-reload", "systemctl stop 'btrbk-*.timer' 'podman-btrfs-*.timer'")
now = int(shop.succeed("date +%s"))
digests: dict[str, str] = {}
happened: list[str] = []


def next_day() -> None:
    """The sender's clock goes on by a day."""
    global now
    now += DAY
    if FAKETIME:
        shifted = f"LD_PRELOAD={FAKETIME}\\nFAKETIME_FMT=%%s\\nFAKETIME=@{now}\\nDONT_FAKE_MONOTONIC=1\\n"
        shop.succeed(f"printf '{shifted}' > {SHIFTED}")
    else:
        shop.succeed(f"date --set=@{now}", f": > {SHIFTED}")


def sums(machine: Machine, places: list[str], without: str = "") -> list[str]:
    """Of each of these trees; `without` what has such a name directly in it."""
    return machine.succeed("; ".join(DIGEST.format(place, without) for place in places)).split()


def helper(words: str) -> tuple[int, str]:
    """The command, at this moment."""
    return shop.execute(f"env $(cat {SHIFTED}) {PROGRAM} {words} 2>&1")


def copies() -> tuple[list[dict[str, object]], dict[str, str]]:
    """What is told of the target: each series, and of each kind of finding what it says."""
    code, said = shop.execute(f"env $(cat {SHIFTED}) {PROGRAM} copies {PLAN} nas --format json")
    assert code in (0, 1), f"copies ended with {code}: {said}"
    report = json.loads(said)
    return report["targets"][0]["series"], {one["kind"]: one["message"] for one in report["findings"]}


def change(size: int = 20_000) -> None:
    """A day's work: something new in each series, something gone, something renamed."""
    shop.succeed(
        *(
            f"cd {place} && {{ test ! -e new || mv new old; }} && head --bytes=30000 /dev/urandom > new && echo {now} >> log"
            for place in PLACES.values()
        ),
        f"head --bytes={size} /dev/urandom > {PLACES['blog']}/large",
    )


def note() -> None:
    """What each new snapshot holds, while it is here."""
    fresh = [name for name in shop.succeed(f"ls {HERE}").split() if name not in digests]
    if fresh:
        digests.update(zip(fresh, sums(shop, [f"{HERE}/{name}" for name in fresh]), strict=True))


def backup() -> tuple[bool, str]:
    """A run of the planned unit: whether it ended well, and what btrbk said."""
    code, _ = shop.execute(f"systemctl start {RUN}")
    note()
    return code == 0, last_words()


def last_words() -> str:
    """What btrbk has said since it was asked last."""
    return shop.succeed(f"journalctl --unit={RUN} --cursor-file=/run/btrbk.cursor --output=cat --no-pager")


def there() -> list[str]:
    """What lies at the target, whole or not."""
    return nas.succeed(f"ls {THERE}").split()


def halves() -> list[str]:
    """What was not received to its end."""
    shown = nas.succeed(f"cd {THERE} && for name in *; do echo $name $(btrfs property get $name ro); done")
    return [line.split()[0] for line in shown.splitlines() if not line.endswith(" ro=true")]


def chained() -> None:
    """Both sides have the newest snapshot of each series, and nothing is half."""
    series, kinds = copies()
    assert [one["series"] for one in series] == SERIES, series
    for one in series:
        assert one["parent"] is not None and one["waiting"] == 0, f"the chain of {one['series']} does not hold: {one}"
    assert not set(kinds) - {"days-missing"}, f"something is wrong after a plain run: {kinds}"


def plain() -> None:
    """A day that nothing disturbs."""
    next_day()
    change()
    well, said = backup()
    assert well and said.count(">>>") >= len(SERIES), f"a plain run: {said}"


def healed(what: str, sends: str = ">>>") -> None:
    """After it the next run goes on by itself, and nobody has anything to do."""
    next_day()
    change()
    well, said = backup()
    assert well and sends in said, f"after {what}: {said}"
    assert halves() == [], f"after {what} half a copy is there: {halves()}"
    assert nas.succeed("find /srv/backup/.podman-btrfs-receiving -type f") == "", f"after {what} something is said to be received"
    chained()
    happened.append(f"{what}: mended by the next run")
    log.info(happened[-1])


def in_the_middle(then: Callable[[], object], slow: str = "40mbit") -> None:
    """Something happens while the newest copy is sent."""
    shop.succeed(f"tc qdisc replace dev eth1 root tbf rate {slow} burst 256kb latency 400ms")
    next_day()
    change(LARGE)
    before = shop.succeed(f"ls {HERE} | grep '^blog'").split()[-1]
    shop.succeed(f"systemctl start --no-block {RUN}")
    shop.succeed(f"until test \"$(ls {HERE} | grep '^blog' | tail -n 1)\" != {before}; do sleep 0.05; done", timeout=60)
    name = shop.succeed(f"ls {HERE} | grep '^blog'").split()[-1]
    size = f"$(stat --format=%s {THERE}/{name}/posts/large 2> /dev/null || echo 0)"
    nas.succeed(f"until test {size} -gt 500000; do sleep 0.02; done", timeout=60)
    assert shop.execute(f"systemctl is-active {RUN}")[1].strip() == "activating", "it was over too soon"
    then()
    shop.succeed("tc qdisc delete dev eth1 root")
    ended()
    shop.succeed(f"systemctl is-failed {RUN}", f"systemctl reset-failed {RUN}")
    note()


def ended() -> None:
    """The run is over."""
    shop.succeed(f'while test "$(systemctl is-active {RUN})" = activating; do sleep 0.1; done', timeout=120)


def nothing_is_received() -> None:
    """Who received has noticed that nobody sends any more, and has done what there was to do."""
    nas.succeed("while test -n \"$(find /proc -maxdepth 1 -user backup 2> /dev/null)\"; do sleep 0.1; done", timeout=60)


next_day()
with subtest("before the first run nothing is wrong, and who lets nobody in is not taken for empty"):
    for place in PLACES.values():
        shop.succeed(KINDS.format(place))
    _, kinds = copies()
    assert list(kinds) == [], kinds
    nas.succeed("usermod --shell $(command -v nologin) backup")
    _, kinds = copies()
    assert list(kinds) == ["target-unknown"], kinds
    nas.succeed("usermod --shell $(command -v bash) backup")

with subtest("day 1: the first copies are whole ones"):
    change()
    well, said = backup()
    assert well and said.count("***") >= len(SERIES), said
    chained()

with subtest("further days: differences"):
    for day in range(2 + IDLE_DAYS):
        plain()
    chained()

with subtest("the network is cut in the middle of a send: both sides give up by themselves"):

    def cut() -> None:
        nas.block()
        ended()
        nothing_is_received()
        nas.unblock()

    in_the_middle(cut)
    assert halves() == [], f"half a copy stayed: {halves()}"
    healed("the network cut in the middle of a send")

with subtest("btrbk is killed, and the process that receives"):
    in_the_middle(lambda: shop.succeed(f"systemctl kill --kill-whom=main --signal=KILL {RUN}"))
    nothing_is_received()
    assert halves() == [], f"half a copy stayed: {halves()}"
    healed("btrbk killed in the middle of a send")
    in_the_middle(lambda: nas.succeed("kill -KILL $(grep --files-with-matches --line-regexp btrfs /proc/[0-9]*/comm | cut -d / -f 3)"))
    nothing_is_received()
    assert halves() == [], f"half a copy stayed: {halves()}"
    healed("btrfs receive killed in the middle of a send")

with subtest("the target is full"):
    # What little is left takes a plain day, and not a large one.
    nas.succeed("for size in 64M 4M; do while fallocate --length $size /srv/backup/ballast-$((i = ${i:-0} + 1)); do :; done; done")
    next_day()
    change(LARGE)
    well, said = backup()
    _, kinds = copies()
    assert not well, f"it found room: {said}"
    assert "target-nearly-full" in kinds, f"that the target is full is not said: {kinds}"
    assert halves() == [], f"half a copy stayed: {halves()}"
    nas.succeed("rm /srv/backup/ballast-*", "btrfs filesystem sync /srv/backup")
    healed("a full target")

with subtest("copies are deleted by hand: the newest, one in the middle, then all that both sides have"):
    blogs = [name for name in there() if name.startswith("blog.")]
    here = shop.succeed(f"ls {HERE}").split()
    old = next(name for name in blogs[1:] if name not in here)
    nas.succeed(f"btrfs subvolume delete --commit-after {THERE}/{blogs[-1]} {THERE}/{old}")
    _, kinds = copies()
    assert "days-missing" in kinds and "chain-broken" not in kinds, f"that a day is gone is not said: {kinds}"
    healed("the newest copy and one in the middle deleted by hand")
    here = shop.succeed(f"ls {HERE}").split()
    common = [name for name in there() if name.startswith("blog.") and name in here]
    nas.succeed(f"btrfs subvolume delete --commit-after {' '.join(f'{THERE}/{name}' for name in common)}")
    _, kinds = copies()
    assert "chain-broken" in kinds, f"that the chain is broken is not said: {kinds}"
    assert "whole" in kinds["chain-broken"], kinds
    healed("all common copies deleted by hand", sends="***")

with subtest("the receiving machine is rebooted in the middle"):

    def reboot() -> None:
        nas.reboot()
        receives()

    in_the_middle(reboot)
    healed("the receiving machine rebooted in the middle of a send")

with subtest("it loses power in the middle, and is away for two weeks"):
    in_the_middle(nas.crash)
    for day in range(AWAY_DAYS):
        next_day()
        change()
        well, said = backup()
        assert not well, f"it was sent to nobody: {said}"
    _, kinds = copies()
    assert list(kinds) == ["target-absent"] and f"{AWAY_DAYS + 1} days ago" in kinds["target-absent"], kinds
    before = len(shop.succeed(f"ls {HERE}").split())
    assert before >= AWAY_DAYS * len(SERIES), f"something was thinned meanwhile: {before}"
    nas.start(allow_reboot=True)
    receives()
    seen = set(there())
    healed(f"a power cut in the middle of a send, and {AWAY_DAYS} days without the target")
    new = len(set(there()) - seen)
    assert new >= AWAY_DAYS * len(SERIES), f"only {new} of the two weeks came after"
    left = len(shop.succeed(f"ls {HERE}").split())
    assert left <= 6 * len(SERIES), f"{left} snapshots are still here: they were not thinned when the target was back"

with subtest("every copy is its snapshot, byte for byte"):
    names = there()
    found = sums(nas, [f"{THERE}/{name}" for name in names])
    different = [name for name, digest in zip(names, found, strict=True) if digests[name] != digest]
    assert not different, f"not what was sent: {different}"
    assert len(names) > 20 * len(SERIES), f"only {len(names)} copies are there"

with subtest("what comes back is the same, and what does not travel is set again"):
    code, said = helper(f"drill {PLAN} --from nas")
    assert code == 0 and "proven" in said, f"it was not proven: {said}"
    # Without the file that a container writes at each of its starts.
    places = list(PLACES.values())
    live = sums(shop, places, without="started-*")
    shop.succeed(*(f"find {place} -mindepth 1 -delete" for place in places))
    for workload in ("blog", "shop"):
        code, said = helper(f"restore {PLAN} {workload} --from nas")
        assert code == 0, f"{workload} did not come back: {said}"
        shop.wait_for_unit(f"podman-{workload}.service")
    back = sums(shop, places, without="started-*")
    assert back == live, f"something else came back: {places}: {back}, not {live}"
    assert "C" in shop.succeed("lsattr -d /srv/data/shop/db").split()[0], "nodatacow was not set again"
    shop.succeed(f"{PROGRAM} verify {PLAN}")
    healed("a restore from the target")

with subtest("a sender's key is good for its own copies and for nothing else"):
    newest = there()[-1]
    log.info(
        shop.succeed(
            f"btrfs send -q {HERE}/{newest} | sudo -u btrbk ssh -i {keys['Ledger']} backup@nas \"sudo -n btrfs receive '/srv/backup/ledger/'\" 2>&1"
        )
    )
    theirs = f"/srv/backup/ledger/{newest}"
    state = f"ls -R --ignore=.snapshots {THERE} /srv/backup/ledger | sha256sum; btrfs subvolume list /srv/backup | wc --lines"
    untouched = nas.succeed(state)

    def refused(owner: str, words: str) -> None:
        """Nothing happens, and it is said that it is refused; of a subsystem sshd hands on nothing that is said so."""
        code, said = shop.execute(f"sudo -u btrbk ssh -o BatchMode=yes -i {keys[owner]} backup@nas {words} < /dev/null 2>&1")
        assert code == 255 and ("refused" in said or words.startswith("-s ")), f"{owner} was not refused `{words}`: {code}: {said}"

    for words in (
        "",
        "id",
        "sh -c id",
        "sudo -n sh",
        "cat /etc/shadow",
        "scp -t /tmp",
        f"btrfs send {theirs}",
        "sudo -n btrfs receive /srv/backup/ledger",
        f"sudo -n btrfs subvolume delete {theirs}",
        f"sudo -n btrfs subvolume delete {THERE}/../ledger/{newest}",
        f"sudo -n btrfs subvolume show {theirs}",
    ):
        refused("Shop", words)
    refused("Ledger", f"sudo -n btrfs subvolume delete {theirs}")
    refused("Shop", "-s sftp")
    forwarded = f"timeout 20 sudo -u btrbk ssh -N -o BatchMode=yes -o ExitOnForwardFailure=yes -i {KEY} -R 5555:localhost:22 backup@nas 2>&1"
    code, said = shop.execute(forwarded)
    assert code == 255 and "forwarding failed" in said, f"a port was forwarded: {code}: {said}"
    # Nor is whoever gets past the guard root.
    nas.fail("sudo -u backup sudo -n sh -c id", f"sudo -u backup sudo -n btrfs subvolume delete --commit-after {theirs}")
    assert nas.succeed(state) == untouched, "what was refused changed something"

log.info("; ".join(happened))
