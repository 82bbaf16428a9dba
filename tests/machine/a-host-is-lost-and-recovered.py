# The whole story of a host, on a booted one with a real service manager: it is installed and its copies go to another disk; an update
# fails and goes back; data is deleted and restored; the host is lost, and comes back on an empty disk from the copies, once before its first boot and once after it.
# The same script runs on NixOS.

PROGRAM = "/run/current-system/sw/bin/podman-btrfs"
PLAN = "/etc/podman-btrfs/plan.json"
RECOVER = f"{PROGRAM} recover {PLAN} --from usb"
PLACES = ("/srv/data/shop/db", "/srv/data/shop+files", "/srv/data/blog/posts")
CONTAINERS = {"shop": "/srv/data/shop/db", "blog": "/srv/data/blog/posts"}
# Everything of the host that is on the lost disk, and what it knew of it.
LOSE = r"""systemctl stop podman-shop.service podman-blog.service podman-btrfs-snapshot-at-stop-shop.service
systemctl stop stand-in-image.service 2> /dev/null || true
device=$(realpath /dev/disk/by-label/data)
umount --all --types btrfs
mkfs.btrfs --quiet --force --label data $device
rm --recursive --force /var/lib/podman-btrfs /run/containers /run/libpod"""
# An image whose containers take away what they find, and fail.
WRONG = r"""set -e
rm -rf /tmp/image && mkdir -p /tmp/image/bin && cp "$(readlink -f "$(command -v busybox)")" /tmp/image/bin/busybox
cat > /tmp/image/bin/sh <<'END'
#!/bin/busybox sh
shift 3
for volume in "$@"; do /bin/busybox rm "$volume"/file-*; done
/bin/busybox sync
exit 1
END
chmod 755 /tmp/image/bin/sh
tar --create --directory /tmp/image --file /tmp/image.tar .
podman import --quiet /tmp/image.tar localhost/wrong:1"""

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")


def other_disk() -> None:
    """The disk with the copies, which on NixOS is mounted at boot."""
    machine.succeed("mountpoint --quiet /mnt/usb || { mkdir --parents /mnt/usb && mount /dev/disk/by-label/usb /mnt/usb; }")


def run_up() -> None:
    """Each container runs on its volumes."""
    for container, place in CONTAINERS.items():
        machine.wait_for_unit(f"podman-{container}.service")
        machine.wait_for_file(f"{place}/started-{container}")


def sums() -> str:
    """The sums of all that was filled in."""
    return machine.succeed(*(f"cd {place} && find . -name 'file-*' | sort | xargs --no-run-if-empty sha256sum" for place in PLACES))


def backup() -> str:
    """A run of the planned backup; what each series was sent as."""
    machine.sleep(1)
    machine.succeed("systemctl start btrbk-daily-data.service")
    return machine.succeed("ls /mnt/usb/copies")


def is_as_planned() -> None:
    """The attributes that sending loses are there again, and nothing is otherwise than planned."""
    assert "C" in machine.succeed("lsattr -d /srv/data/shop/db").split()[0]
    assert "C" in machine.succeed("lsattr /srv/data/shop/db/file-4096").split()[0]
    machine.succeed(f"{PROGRAM} verify {PLAN}")


with subtest("day 1: it is installed, and what it holds is copied to another disk"):
    run_up()
    other_disk()
    machine.succeed("mkdir --parents /mnt/usb/copies")
    machine.succeed(
        *(f"for size in 1 4096 9000000; do head --bytes $size /dev/urandom > {place}/file-$size; done" for place in PLACES),
        "chown 999:999 /srv/data/blog/posts/file-1 && chmod 640 /srv/data/blog/posts/file-1",
    )
    first = sums()
    assert len(first.splitlines()) == 9, first
    copies = backup().split()
    assert sorted({name.split(".")[0] for name in copies}) == ["blog", "shop", "shop+files"], copies

with subtest("day 2: an update fails, and image and data go back together"):
    image = machine.succeed("podman inspect --format '{{.Image}}' shop")
    machine.succeed(WRONG)
    status, told = machine.execute(f"{PROGRAM} update {PLAN} shop --health-window 5 --image shop=localhost/wrong:1 2>&1")
    assert status == 1 and "runs on its old image and its old data" in told, told
    run_up()
    assert machine.succeed("podman inspect --format '{{.Image}}' shop") == image
    assert sums() == first, told
    # What stopped it keeps the data: the snapshot at its stop is left to it, and holds nobody up.
    machine.succeed("journalctl --unit=podman-btrfs-snapshot-at-stop-shop.service | grep --quiet 'not taken: shop'")
    machine.fail("systemctl is-failed podman-btrfs-snapshot-at-stop-shop.service")
    kept = "find /srv/data/.snapshots/.podman-btrfs-undo-* -name started-shop"
    assert machine.succeed(kept), "what the wrong image left is not kept"

with subtest("day 3: data is deleted, and restored"):
    machine.succeed("rm /srv/data/blog/posts/file-*")
    assert sums() != first
    machine.succeed(f"{PROGRAM} restore {PLAN} blog")
    run_up()
    assert sums() == first
    machine.succeed("echo 'day 3' > /srv/data/shop+files/file-day3")
    last = sums()
    assert len(backup().split()) > len(copies)

with subtest("day 4: the host is lost, and recovered on an empty disk before its containers start"):
    machine.succeed("echo 'after the last copy' > /srv/data/blog/posts/file-lost")
    machine.succeed(LOSE)
    other_disk()
    machine.succeed(f"{PROGRAM} apply {PLAN}")
    # What a boot does for Podman's store.
    machine.succeed("systemctl start var-lib-containers.mount && systemd-tmpfiles --create --prefix=/var/lib/containers")
    told = machine.succeed(f"{RECOVER} --dry-run")
    assert "shop" in told and "blog" in told and "comes back" in told, told
    killed = [machine.execute(f"timeout --signal=KILL {tenths / 10} {RECOVER}")[0] for tenths in (1, 2, 4)]
    assert 137 in killed, f"the kills came too late: {killed}"
    machine.succeed("umount --recursive /run/podman-btrfs/* 2> /dev/null || true")
    machine.succeed(RECOVER)
    run_up()
    assert sums() == last
    machine.reboot()
    machine.wait_for_unit("multi-user.target")
    other_disk()
    run_up()
    assert sums() == last
    assert machine.succeed("stat --format '%u:%g %a' /srv/data/blog/posts/file-1").strip() == "999:999 640"
    is_as_planned()

with subtest("the next backup sends differences"):
    machine.succeed("echo 'day 5' > /srv/data/blog/posts/file-day5")
    last = sums()
    backup()
    told = machine.execute(f"{PROGRAM} copies {PLAN} usb")[1]
    assert "chain-broken" not in told and told.count("nothing waits") == 3, told

with subtest("the new host booted before: what containers began anew is not replaced unasked, and kept"):
    machine.succeed(LOSE)
    machine.reboot()
    machine.wait_for_unit("multi-user.target")
    other_disk()
    run_up()
    status, told = machine.execute(RECOVER)
    assert status == 1 and told.count("data is here already") == 2, told
    assert sums() == "", "what came back was not asked for"
    there = machine.succeed("ls /mnt/usb/copies")
    machine.fail("systemctl start btrbk-daily-data.service")
    machine.succeed("journalctl --boot --unit=podman-btrfs-may-run-daily-data.service | grep --quiet 'recover PLAN shop --from usb'")
    assert machine.succeed("ls /mnt/usb/copies") == there, "empty volumes were sent"
    machine.succeed(f"{RECOVER} --replace-fresh")
    run_up()
    assert sums() == last
    is_as_planned()
    assert machine.succeed("ls --all /srv/data/.snapshots | grep --count podman-btrfs-undo").strip() == "3"
    machine.succeed(f"{RECOVER} | grep --quiet 'was back already'")
    assert backup() != there, "what is back is not sent"

machine.shutdown()
