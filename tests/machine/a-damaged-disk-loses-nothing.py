# One of two mirrored disks forgets what it held while the machine runs: containers go on, every byte is right, and the
# planned scrub makes it whole. The same script runs on NixOS.

DAMAGED = "/dev/disk/by-id/virtio-data-2"
ROWS = "/srv/data/shop/pgdata/rows"

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")
machine.wait_for_file("/srv/data/shop/pgdata/started-shop-db")
machine.succeed(f"head --bytes=64M /dev/urandom > {ROWS}", "btrfs filesystem sync /srv/data")
checksum = machine.succeed(f"sha256sum {ROWS}")
container = machine.succeed("podman inspect --format '{{.State.Pid}}' shop-db")


def errors(kind: str) -> int:
    """What the kernel has counted on all devices."""
    shown = machine.succeed("btrfs device stats /srv/data")
    return sum(int(line.split()[1]) for line in shown.splitlines() if line.split()[0].endswith(f".{kind}"))


with subtest("data and metadata are on both disks"):
    for kind in ("Data", "Metadata"):
        machine.succeed(f"btrfs filesystem df /srv/data | grep --quiet '^{kind}, RAID1'")
    assert errors("corruption_errs") == 0

with subtest("a disk forgets what it held, and everything is read rightly"):
    machine.succeed(f"dd if=/dev/zero of={DAMAGED} bs=1M seek=1 count=1024 oflag=direct conv=notrunc status=none")
    # From the disks, not from memory.
    read = machine.succeed(f"dd if={ROWS} bs=1M iflag=direct status=none | sha256sum")
    assert read.split()[0] == checksum.split()[0]
    assert machine.succeed("podman inspect --format '{{.State.Pid}}' shop-db") == container

with subtest("the planned scrub heals what nobody has read"):
    machine.succeed("systemctl start --wait podman-btrfs-scrub-data.service")
    assert errors("corruption_errs") > 0
    machine.succeed("btrfs scrub start -B /srv/data | grep --quiet 'no errors found'")

with subtest("what the unit is restricted to lets a balance through"):
    unit = "/etc/systemd/system/podman-btrfs-balance-data.service"
    restrictions = f"grep -E '^(Capability|NoNew|Private|Protect|ReadWrite|Restrict|SystemCall)' {unit} | sed 's/^/--property=/'"
    balance = "$(command -v btrfs) balance start -dlimit=1 /srv/data"
    machine.succeed(f'mapfile -t given < <({restrictions}); systemd-run --wait --pipe --quiet "${{given[@]}}" {balance}')
    machine.succeed("systemctl start --wait podman-btrfs-balance-data.service")

with subtest("a lock keeps two of them apart"):
    # Held by somebody else, it is waited for; nothing is done meanwhile.
    machine.succeed("mkdir --parents --mode=0700 /run/podman-btrfs-upkeep")
    upkeep = "timeout 2 /run/current-system/sw/bin/podman-btrfs upkeep /etc/podman-btrfs/plan.json data trim"
    said = machine.fail(f"flock /run/podman-btrfs-upkeep/data.lock {upkeep}")
    assert "waiting for its end" in said, said

with subtest("after a reboot all is there"):
    machine.reboot()
    machine.wait_for_unit("podman-shop-db.service")
    assert machine.succeed(f"sha256sum {ROWS}") == checksum

machine.shutdown()
