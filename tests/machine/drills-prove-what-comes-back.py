# Restore drills by the unit as it is restricted: from this host and from a target, in a container of the workload's image; what is
# wrong fails the unit, and of one that is killed nothing stays.

import json

machine.start()
machine.wait_for_unit("multi-user.target")
machine.wait_for_unit("podman-notes.service")
machine.wait_for_file("/srv/data/notes/files/started-notes")

SNAPSHOTS = "/srv/data/.snapshots"
HELPER = "/run/current-system/sw/bin/podman-btrfs"
PLAN = "/etc/podman-btrfs/plan.json"


def known(source: str) -> tuple[str, list[str]]:
    """What is recorded of the last drill from there: how it ended, and what it found."""
    records = json.loads(machine.succeed("cat /var/lib/podman-btrfs/receipts/drills.json"))
    tried = records["copies"]["notes"][source]["tried"]
    return tried["outcome"], [one["kind"] for one in tried["findings"]]


def nothing_left() -> None:
    """Neither beside the snapshots, nor mounted, nor of a container."""
    assert machine.succeed(f"ls -A {SNAPSHOTS}").split() == snapshots
    machine.fail("grep --quiet /run/podman-btrfs /proc/self/mounts")
    assert machine.succeed("podman ps --all --format '{{.Names}}'").split() == ["notes"]


with subtest("a timer is set"):
    machine.wait_for_unit("podman-btrfs-drill.timer")

machine.succeed(
    "printf 'SQLite format 3\\0' > /srv/data/notes/files/notes.db",
    "head --bytes=256M /dev/urandom > /srv/data/notes/files/attachment",
    "mkdir --parents /srv/spare/copies",
    "systemctl start btrbk-daily-data.service",
)
snapshots = machine.succeed(f"ls -A {SNAPSHOTS}").split()
assert len(snapshots) == 1, snapshots

with subtest("the restricted unit proves what is here, and what is at the target"):
    machine.succeed("systemctl start podman-btrfs-drill.service")
    for source in ("host", "spare"):
        assert known(source) == ("proven", []), known(source)
    told = machine.succeed("journalctl --no-pager --unit=podman-btrfs-drill.service")
    # It was started, and the stand-in has no such program.
    assert told.count("the image of notes has no sqlite3") == 2, told
    assert "the same as the snapshot here, byte for byte" in told, told
    assert machine.succeed("stat --format %a /var/lib/podman-btrfs/receipts/drills.json").strip() == "600"
    nothing_left()

with subtest("its age is shown"):
    shown = json.loads(machine.succeed(f"{HELPER} status {PLAN} --format json 2>/dev/null || true"))
    assert shown["restores"]["known"]["notes"]["spare"]["found"] == [], shown["restores"]
    assert "from spare proven 0 min ago" in " ".join(machine.succeed(f"{HELPER} status {PLAN} || true").split())

with subtest("whatever ends it, nothing of it stays"):
    machine.succeed("systemctl start --no-block podman-btrfs-drill.service")
    machine.succeed(f"for _ in $(seq 500); do ls -d {SNAPSHOTS}/.podman-btrfs-drill-* && exit 0; sleep 0.01; done; exit 1")
    machine.succeed("systemctl kill --kill-whom=main --signal=KILL podman-btrfs-drill.service")
    machine.wait_until_fails("systemctl is-active podman-btrfs-drill.service || systemctl show podman-btrfs-drill.service | grep ActiveState=deactivating")
    assert "is deleted" in machine.succeed("journalctl --no-pager --unit=podman-btrfs-drill.service")
    nothing_left()

with subtest("a target that is away fails the unit, and this host is proven all the same"):
    machine.succeed("mv /srv/spare/copies /srv/spare/elsewhere")
    machine.fail("systemctl start podman-btrfs-drill.service")
    assert known("host") == ("proven", []), known("host")
    assert known("spare") == ("failed", ["absent"]), known("spare")
    machine.succeed(f"{HELPER} status {PLAN} | grep --quiet 'found: absent'")
    nothing_left()
