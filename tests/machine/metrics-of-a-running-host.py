# What a host tells a monitoring system, by the unit as it is restricted: everything is known, and everybody may read it.

import json

machine.start()
machine.wait_for_unit("multi-user.target")
machine.wait_for_unit("podman-notes.service")

FILE = "/var/lib/podman-btrfs-metrics/podman-btrfs.prom"


def collected() -> dict[str, int]:
    """Values by series, of a run that is over when its unit is."""
    machine.succeed("systemctl start podman-btrfs-metrics.service")
    lines = machine.succeed(f"cat {FILE}").splitlines()
    return {series: int(value) for series, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def of(name: str, values: dict[str, int]) -> list[int]:
    return [value for series, value in values.items() if series.split("{")[0] == f"podman_btrfs_{name}"]


with subtest("a timer collects by itself"):
    machine.wait_for_unit("podman-btrfs-metrics.timer")

with subtest("the restricted unit finds out everything"):
    values = collected()
    assert of("unknown", values) == [], machine.succeed("journalctl --no-pager --unit=podman-btrfs-metrics.service")
    assert of("allocatable_bytes", values)[0] > 0
    assert of("device_errors_total", values) == [0, 0, 0, 0, 0]
    assert of("apply_timestamp_seconds", values)[0] > 0
    assert values['podman_btrfs_apply_steps{state="failed"}'] == 0

with subtest("everybody may read it, and nothing lies beside it"):
    assert machine.succeed(f"stat --format %a {FILE}").strip() == "644"
    assert machine.succeed("ls -A /var/lib/podman-btrfs-metrics").split() == ["podman-btrfs.prom"]

with subtest("a snapshot is seen, and a scrub"):
    assert of("snapshots", values) == [0] and of("snapshot_newest_timestamp_seconds", values) == []
    machine.succeed("systemctl start btrbk-daily-data.service")
    machine.succeed("btrfs scrub start -B /srv/data")
    values = collected()
    assert of("snapshots", values) == [1]
    now = of("collected_timestamp_seconds", values)[0]
    assert 0 <= now - of("snapshot_newest_timestamp_seconds", values)[0] < 120
    assert 0 <= now - of("scrub_end_timestamp_seconds", values)[0] < 120

with subtest("another restricted unit records each day what volumes take"):
    machine.wait_for_unit("podman-btrfs-status.timer")
    machine.succeed("systemctl start podman-btrfs-status.service")
    recorded = machine.succeed("cat /var/lib/podman-btrfs/receipts/space.jsonl").splitlines()
    last = json.loads(recorded[-1])
    assert last["filesystems"]["data"]["data"] >= 0 and last["volumes"] != {}, last
    assert machine.succeed("stat --format %a /var/lib/podman-btrfs/receipts/space.jsonl").strip() == "600"
    shown = json.loads(machine.succeed("/run/current-system/sw/bin/podman-btrfs status /etc/podman-btrfs/plan.json --format json 2>/dev/null || true"))
    sizes = shown["filesystems"]["data"]["sizes"]["known"]
    assert sizes["storedBytes"] == shown["filesystems"]["data"]["space"]["known"]["dataBytes"], shown

with subtest("what is not mounted is unknown, not empty"):
    machine.succeed("systemctl stop podman-notes.service srv-data-.snapshots.mount srv-data.mount")
    values = collected()
    assert of("unknown", values) != []
    assert of("snapshots", values) == [] and of("allocatable_bytes", values) == []
