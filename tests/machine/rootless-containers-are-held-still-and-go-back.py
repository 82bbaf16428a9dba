# Containers of users without root's rights on a booted host: a group snapshot holds them still, the watchdog lets them go on, a restore keeps
# the owners, and a wrong image goes back with the data. `alice` has a service manager of her own, which makes her containers a cgroup each: one is run
# by a unit of the system, one by a quadlet of hers. `bob` has none, and his is held still by its unit. The same script runs on NixOS.

import json
from typing import Any

PROGRAM = "/run/current-system/sw/bin/podman-btrfs"
PLAN = "/etc/podman-btrfs/plan.json"
REFERENCE = "localhost/stand-in:1"
# Each workload is called as the container that is declared: its owner, how Podman calls it, how its service manager is asked for its unit.
OWNERS = {"notes": ("alice", 1000), "links": ("bob", 1001), "pages": ("alice", 1000)}
CALLED = {"notes": "notes", "links": "links", "pages": "systemd-pages"}
UNITS = {"notes": "podman-notes.service", "links": "podman-links.service", "pages": "--user --machine=alice@.host pages.service"}
# One has a hook.
REACHED = {"notes": "crash", "links": "crash", "pages": "application"}

MAKE = r"""set -e
rm -rf /tmp/image && mkdir -p /tmp/image/bin && cp "$(readlink -f "$(command -v busybox)")" /tmp/image/bin/busybox
cat > /tmp/image/bin/sh <<'END'
DOES
END
chmod 755 /tmp/image/bin/sh
tar --create --directory /tmp/image --file /tmp/image.tar .
chmod 644 /tmp/image.tar"""
# Counts in both volumes, each number in the first one before the second one. A file is of a user of the container.
WRITER = r"""#!/bin/busybox sh
trap exit TERM
shift 3
/bin/busybox touch $1/of-a-user
/bin/busybox chown 33:33 $1/of-a-user
number=$(/bin/busybox tail -n 1 $1/lines || echo 0)
while :; do
  number=$((number + 1))
  echo $number >> $1/lines
  echo $number >> $2/lines
  /bin/busybox usleep 2000
done
"""
WRONG = r"""#!/bin/busybox sh
shift 3
for volume in "$@"; do /bin/busybox rm $volume/lines; echo migrated > $volume/version; done
/bin/busybox sync
exit 1
"""
# Ends the command when the container's processes stand still; for how many milliseconds they do so afterwards.
KILL = r"""for try in $(seq 50); do
  /run/current-system/sw/bin/podman-btrfs snapshot /etc/podman-btrfs/plan.json NAME > /dev/null 2>&1 & command=$!
  while kill -0 $command 2> /dev/null; do
    mapfile events < EVENTS
    case "${events[*]}" in *"frozen 1"*) break;; esac
  done
  kill -STOP $command 2> /dev/null || true
  mapfile events < EVENTS
  case "${events[*]}" in *"frozen 1"*) ;; *) kill -CONT $command 2> /dev/null || true; wait $command || true; continue;; esac
  ALSO
  begun=$(date +%s%3N)
  kill -KILL $command
  wait $command || true
  while mapfile events < EVENTS; case "${events[*]}" in *"frozen 1"*) ;; *) false;; esac do sleep 0.01; done
  echo $(($(date +%s%3N) - begun))
  exit 0
done
exit 1"""

FAILS_ONCE = """'[Service]' "ExecStartPre=+/bin/sh -c 'test -e /run/once || { : > /run/once; exit 1; }'\""""


def podman(name: str, words: str) -> str:
    """What the Podman of a container's owner says."""
    user, number = OWNERS[name]
    state = f"$(test -d /run/user/{number} && echo XDG_RUNTIME_DIR=/run/user/{number})"
    return machine.succeed(f"runuser --user {user} -- env --chdir=/ HOME=/home/{user} {state} podman {words} 2>/dev/null").strip()


def make(name: str, image: str, does: str) -> str:
    """An image in the store of a container's owner; its identity."""
    machine.succeed(MAKE.replace("DOES", does.rstrip()))
    podman(name, f"import --quiet /tmp/image.tar {image}")
    return podman(name, f"image inspect --format '{{{{.Id}}}}' {image}")


def places(name: str) -> tuple[str, str]:
    """Its volumes."""
    return f"/srv/data/{name}/files", f"/srv/data/{name}+more"


def come_up(name: str) -> None:
    """Waits for a container. Its unit now and then takes a second start: systemd ignores what a process said to it that has ended meanwhile."""
    machine.wait_until_succeeds(f"systemctl is-active {UNITS[name]}", timeout=60)
    machine.wait_until_succeeds(f"test -s {places(name)[1]}/lines", timeout=30)


def last(file: str) -> int:
    """The last whole line."""
    return int(machine.succeed(f"tail -n 2 {file} | head -n 1"))


def apart(first: str, second: str) -> int:
    """How far the first file is ahead of the second one."""
    return int(machine.succeed(f"grep -c . {first}")) - int(machine.succeed(f"grep -c . {second}"))


def snapshot(name: str) -> dict[str, Any]:
    """Takes one."""
    told = json.loads(machine.succeed(f"{PROGRAM} snapshot {PLAN} {name} --format json"))
    one: dict[str, Any] = told[0]
    return one


def cgroup(name: str) -> str:
    """Where a container's processes are."""
    process = podman(name, f"inspect --format '{{{{.State.Pid}}}}' {CALLED[name]}")
    return machine.succeed(f"sed -n s/^0:://p /proc/{process}/cgroup").strip()


def goes_on(name: str) -> None:
    """It writes."""
    file = places(name)[1] + "/lines"
    was = last(file)
    machine.wait_until_succeeds(f"test $(tail -n 2 {file} | head -n 1) -gt {was}", timeout=20)


machine.start()
machine.wait_for_unit("multi-user.target")
# A rootless quadlet waits for it, and nothing else here does.
machine.succeed("systemctl start network-online.target")
# One for each store.
for name in ("notes", "links"):
    make(name, REFERENCE, WRITER)
for name in OWNERS:
    machine.execute(f"systemctl restart {UNITS[name]}")
for name in OWNERS:
    come_up(name)

with subtest("those of alice have cgroups of their own, that of bob shares its unit's"):
    for name in ("notes", "pages"):
        assert "/user@1000.service/" in cgroup(name) and "libpod-" in cgroup(name), cgroup(name)
    assert cgroup("links").endswith("/podman-links.service"), cgroup("links")

with subtest("a group snapshot shows one moment, and two that others take do not"):
    for name in OWNERS:
        for _ in range(2):
            taken = snapshot(name)
            record = taken["record"]
            assert taken["outcome"] == "taken" and record["reached"] == REACHED[name] and taken["pauses"] == [name], taken
            assert record["frozenMilliseconds"] > 0, taken
            first, second = taken["snapshots"]
            assert apart(f"{first}/files/lines", f"{second}/lines") in (0, 1), taken
            assert machine.execute(f"test -e {first}/files/held")[0] == (REACHED[name] == "crash"), "the hook was run, or was not"
            machine.fail(f"test -e {places(name)[0]}/held")
            goes_on(name)
        first, second = places(name)
        machine.succeed(
            f"btrfs subvolume snapshot -r {first}/.. /srv/data/.snapshots/x",
            f"sleep 0.1; btrfs subvolume snapshot -r {second} /srv/data/.snapshots/y",
        )
        assert apart("/srv/data/.snapshots/x/files/lines", "/srv/data/.snapshots/y/lines") < 0
        machine.succeed("btrfs subvolume delete /srv/data/.snapshots/x /srv/data/.snapshots/y")

with subtest("the unit of the schedule may do all that it takes"):
    machine.succeed("systemctl start podman-btrfs-snapshot-hourly-data.service")
    said = machine.succeed("journalctl --output=cat --unit podman-btrfs-snapshot-hourly-data.service")
    for name in OWNERS:
        assert f"taken: {name}, 2 subvolumes, " in said and "not taken" not in said, said
        goes_on(name)

with subtest("one that shares the cgroup of others is refused, with what to do"):
    first, second = places("links")
    machine.succeed("systemctl stop podman-links.service")
    podman("links", f"run --detach --name=links --network=none --volume={first}:/data --volume={second}:/more {REFERENCE} sh -c - sh /data /more")
    status, told = machine.execute(f"{PROGRAM} snapshot {PLAN} links 2>&1")
    assert status == 2 and "nothing can hold it still" in told and "loginctl enable-linger bob" in told, told
    podman("links", "rm --force --time=1 links")
    machine.execute(f"systemctl start {UNITS['links']}")
    come_up("links")

with subtest("killed while they stand still, it is the watchdog that lets them go on; with it, the timer"):
    for name in OWNERS:
        events = f"/sys/fs/cgroup{cgroup(name)}/cgroup.events"
        watchdog = "pkill --signal KILL --parent $command --full [w]atch-freeze"
        for also, limit in [("", 3000)] + [(watchdog, 8000)] * (name == "links"):
            lasted = machine.succeed(KILL.replace("EVENTS", events).replace("NAME", name).replace("ALSO", also))
            assert int(lasted) < limit, f"{name} stood still for {lasted} ms after the kill"
            goes_on(name)
            machine.wait_until_fails(f"test -e {places(name)[0]}/held", timeout=5)
        assert snapshot(name)["outcome"] == "taken"

with subtest("a restore brings the data back, and its owners, also where the first start of a unit fails"):
    machine.succeed(
        "mkdir --parents /run/systemd/system/podman-links.service.d",
        f"printf '%s\\n' {FAILS_ONCE} > /run/systemd/system/podman-links.service.d/once.conf",
        "systemctl daemon-reload",
    )
    for name in ("links", "pages"):
        first = places(name)[0]
        taken = snapshot(name)
        owners = machine.succeed(f"cd {first} && stat --format '%n %u %g' of-a-user lines")
        assert "of-a-user 1" in owners and f"lines {OWNERS[name][1]} " in owners, owners
        known = machine.succeed(f"cat {taken['snapshots'][0]}/files/lines | sha256sum")
        count = int(machine.succeed(f"wc --lines < {taken['snapshots'][0]}/files/lines"))
        goes_on(name)
        podman(name, f"exec {CALLED[name]} /bin/busybox rm /data/of-a-user")
        said = machine.succeed(f"{PROGRAM} restore {PLAN} {name} --snapshot {taken['record']['id']} 2>&1")
        come_up(name)
        goes_on(name)
        assert machine.succeed(f"head --lines {count} {first}/lines | sha256sum") == known, said
        assert machine.succeed(f"cd {first} && stat --format '%n %u %g' of-a-user lines") == owners, said
    machine.succeed("test -e /run/once")

with subtest("an image that changes data and fails goes back with the data, in both that alice runs by its reference, by the unit that updates"):
    old = podman("notes", f"image inspect --format '{{{{.Id}}}}' {REFERENCE}")
    make("notes", REFERENCE, WRONG)
    was = {name: last(f"{places(name)[1]}/lines") for name in ("notes", "pages")}
    machine.fail("systemctl start podman-btrfs-update.service")
    said = machine.succeed("journalctl --output=cat --unit podman-btrfs-update.service")
    assert "went back: notes, pages runs on its old image and its old data" in said, said
    assert podman("notes", f"image inspect --format '{{{{.Id}}}}' {REFERENCE}") == old, said
    for name, number in was.items():
        come_up(name)
        goes_on(name)
        assert podman(name, f"inspect --format '{{{{.Image}}}}' {CALLED[name]}") == old, said
        # All that was written before is there, and nothing was begun anew.
        assert machine.succeed(f"sed -n {number}p {places(name)[0]}/lines").strip() == str(number), said
        machine.fail(f"test -e {places(name)[0]}/version")
        machine.succeed(f"grep --quiet migrated /srv/data/.snapshots/.podman-btrfs-undo-*-{name}/files/version")

machine.shutdown()
