# Podman's store gets the driver that is declared now, on a booted host with a real service manager: its containers stop shortly and
# run again from the new store, whose images and named volumes are the old one's; killed at many moments, and rebooted afterwards.
# The same script runs on NixOS.

MIGRATE = "/run/current-system/sw/bin/podman-btrfs migrate-store /etc/podman-btrfs/plan.json"
DOCTOR = "/run/current-system/sw/bin/podman-btrfs doctor /etc/podman-btrfs/plan.json"
LETTERS = "/var/lib/containers/storage/volumes/letters/_data"
CONTAINERS = ("shop", "blog")

machine.start()
machine.wait_for_unit("multi-user.target")


def are_up() -> None:
    """Both containers run, and have their volumes."""
    for container in CONTAINERS:
        machine.wait_for_unit(f"podman-{container}.service")
        machine.wait_for_file(f"/srv/data/{container}/files/started-{container}")
        machine.succeed(f"podman inspect --format '{{{{.State.Running}}}}' {container} | grep --quiet true")


def driver() -> str:
    """The one that Podman uses."""
    return machine.succeed("podman info --format '{{.Store.GraphDriverName}}' 2> /dev/null").strip()


def images() -> str:
    """All images with their names and digests."""
    row = "{{.ID}} {{.Repository}}:{{.Tag}} {{.Digest}}"
    return machine.succeed(f"podman images --all --no-trunc --format '{row}' 2> /dev/null | sort")


def letters() -> str:
    """What is in the named volume, and whose it is."""
    return machine.succeed(f"cd {LETTERS} && sha256sum file-* && stat --format '%n %u %g %a' . file-*")


def use_letters() -> None:
    """A container of the image that all have uses the named volume."""
    image = machine.succeed("podman inspect --format '{{.Image}}' shop").strip()
    machine.succeed(f"podman run --rm --network none --volume letters:/data --entrypoint /bin/sh {image} -c true")


are_up()
known = images()
machine.succeed("podman volume create letters")
use_letters()
machine.succeed(f"for size in 1 4096 3000000; do head --bytes $size /dev/urandom > {LETTERS}/file-$size; done")
machine.succeed(f"chown 33:44 {LETTERS} {LETTERS}/file-1 && chmod 2750 {LETTERS}")
written = letters()

with subtest("another declaration moves nothing by itself, and says what does"):
    switch_to("btrfs")
    assert driver() == "overlay"
    status, told = machine.execute(DOCTOR)
    assert status == 1 and "migrate-store" in told, told

with subtest("it is said beforehand what it takes"):
    told = machine.succeed(f"{MIGRATE} --dry-run")
    for word in ("from overlay to btrfs", "podman-shop.service", "podman-blog.service"):
        assert word in told, told
    are_up()

with subtest("the move is killed at many moments and gone on with"):
    moments = (1, 2, 4, 6, 9, 13, 18, 24)
    ended = [machine.execute(f"timeout --signal=KILL {tenths / 10} {MIGRATE}")[0] for tenths in moments]
    assert ended.count(137) > 3, f"the kills came too late: {ended}"
    machine.succeed(MIGRATE)
    are_up()
    assert driver() == "btrfs"
    assert images() == known
    assert letters() == written
    # Where Podman took the volume for a new one, the first container that uses it would give it another owner and mode.
    use_letters()
    assert letters() == written

with subtest("after a boot all is as it was"):
    machine.shutdown()
    machine.start()
    machine.wait_for_unit("multi-user.target")
    switch_to("btrfs")
    are_up()
    assert driver() == "btrfs" and images() == known and letters() == written
    assert machine.succeed(MIGRATE).startswith("already")
    assert "PB843" not in machine.execute(DOCTOR)[1]

machine.shutdown()
