# An image is replaced by one that changes data and fails, on a booted host with a real service manager: the old image and the old data are back
# together, also where the update is killed at many moments, or the machine loses its power in the middle. The same script runs on NixOS.

import time

PROGRAM = "/run/current-system/sw/bin/podman-btrfs"
UPDATE = f"{PROGRAM} update /etc/podman-btrfs/plan.json"
REFERENCE = "localhost/stand-in:1"
PLACES = ("/srv/data/shop/files", "/srv/data/blog/files")
CONTAINERS = ("shop", "blog")

# What both images are made of: busybox, and a `sh` that does something before, or in place of, what it is told.
MAKE = r"""set -e
rm -rf /tmp/image && mkdir -p /tmp/image/bin && cp "$(readlink -f "$(command -v busybox)")" /tmp/image/bin/busybox
for applet in cat date dd ls sleep sync touch; do ln -s busybox /tmp/image/bin/$applet; done
cat > /tmp/image/bin/sh <<'END'
DOES
END
chmod 755 /tmp/image/bin/sh
tar --create --directory /tmp/image --file /tmp/image.tar .
podman import --quiet /tmp/image.tar NAME"""
WRONG = r"""#!/bin/busybox sh
shift 3
for volume in "$@"; do /bin/busybox rm "$volume"/file-*; echo migrated > "$volume/version"; done
/bin/busybox sync
exit 1
"""
GOOD = r"""#!/bin/busybox sh
for volume in "$@"; do last=$volume; done
echo migrated > "$last/version"
exec /bin/busybox sh "$@"
"""


def make(name: str, does: str) -> str:
    """An image; its identity."""
    machine.succeed(MAKE.replace("NAME", name).replace("DOES", does.rstrip()))
    return machine.succeed(f"podman image inspect --format '{{{{.Id}}}}' {name}").strip()


def sums() -> str:
    """The sums of what was filled in."""
    return "".join(machine.succeed(f"cd {place} && sha256sum file-* version") for place in PLACES)


def is_on(image: str) -> bool:
    """Whether both containers run this image, and the reference means it."""
    runs = [machine.succeed(f"podman inspect --format '{{{{.Image}}}}' {name}").strip() for name in CONTAINERS]
    means = machine.succeed(f"podman image inspect --format '{{{{.Id}}}}' {REFERENCE}").strip()
    return runs == [image, image] and means == image


def come_up() -> None:
    """Waits for the containers."""
    for name, place in zip(CONTAINERS, PLACES, strict=True):
        machine.wait_for_unit(f"podman-{name}.service")
        machine.wait_for_file(f"{place}/started-{name}")


machine.start()
machine.wait_for_unit("multi-user.target")
come_up()
for place in PLACES:
    machine.succeed(f"for size in 1 70000 900000; do head --bytes $size /dev/urandom > {place}/file-$size; done; echo 1 > {place}/version")
known = sums()
old = machine.succeed(f"podman image inspect --format '{{{{.Id}}}}' {REFERENCE}").strip()
make("localhost/wrong:1", WRONG)
wrong = f"{UPDATE} shop --health-window 5 --image shop=localhost/wrong:1"

with subtest("an image that changes data and fails goes back with the data, in all that run by its reference"):
    status, told = machine.execute(f"{wrong} 2>&1")
    assert status == 1 and "went back: blog, shop runs on its old image and its old data" in told, told
    assert is_on(old) and sums() == known, told
    machine.succeed("grep --quiet migrated /srv/data/.snapshots/.podman-btrfs-undo-*/files/version")

with subtest("a unit that may be started once an hour is started on the new image and again on the old one"):
    machine.succeed(
        "mkdir --parents /run/systemd/system/podman-shop.service.d",
        "printf '[Unit]\\nStartLimitIntervalSec=1h\\nStartLimitBurst=1\\n' > /run/systemd/system/podman-shop.service.d/limit.conf",
        "systemctl daemon-reload",
    )
    status, told = machine.execute(f"{wrong} 2>&1")
    assert status == 1 and "went back: blog, shop runs on its old image and its old data" in told, told
    come_up()
    assert is_on(old) and sums() == known, told
    machine.succeed("rm -r /run/systemd/system/podman-shop.service.d && systemctl daemon-reload")

with subtest("it is killed at many moments, and ended each time"):
    moments = (3, 10, 17)
    ended = [machine.execute(f"timeout --signal=KILL {tenths / 10} {wrong}")[0] for tenths in moments]
    assert ended.count(137) > 1, f"the kills came too late: {ended}"
    status, told = machine.execute(f"{UPDATE} --resume 2>&1")
    assert status in (0, 1), told
    come_up()
    assert is_on(old) and sums() == known

with subtest("the power goes in the middle, and the next boot ends it"):
    machine.succeed(f"systemd-run --no-block --unit=wrong-update {wrong}")
    time.sleep(2.5)
    machine.crash()
    machine.start()
    machine.wait_for_unit("multi-user.target")
    retry(lambda _: machine.execute("systemctl is-active podman-btrfs-update-resume.service")[1].strip() in ("inactive", "failed"))
    machine.succeed(f"{UPDATE} --resume")
    come_up()
    assert is_on(old) and sums() == known

with subtest("one that does is kept, and can be taken back"):
    new = make("localhost/good:1", GOOD)
    told = machine.execute(f"{UPDATE} shop --health-window 5 --image shop=localhost/good:1 2>&1")[1]
    assert "done: blog, shop runs on what is new" in told, told
    assert is_on(new)
    for place in PLACES:
        assert machine.succeed(f"cat {place}/version") == "migrated\n"
    status, told = machine.execute(f"{UPDATE} shop --back")
    assert status == 1 and is_on(old) and sums() == known, told

machine.shutdown()
