# A host whose declaration changes while it runs: what is new is made and started, what changed is restarted, and every
# other container goes on as if nothing had happened. The same script runs on NixOS.

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")


def pids(*containers: str) -> dict[str, str]:
    """What tells one run of a container from the next."""
    ask = "podman inspect --format '{{{{.Id}}}} {{{{.State.Pid}}}}' {}"
    return {name: machine.succeed(ask.format(name)).strip() for name in containers}


def wait_for(*containers: str) -> None:
    for name in containers:
        machine.wait_for_unit(f"podman-{name}.service")


def options_of(mount_point: str) -> list[str]:
    shown = machine.succeed(f"findmnt --noheadings --output OPTIONS --mountpoint {mount_point}")
    return shown.strip().split(",")


wait_for("shop-db", "notes")
machine.wait_for_file("/srv/data/shop/pgdata/started-shop-db")
machine.succeed("echo 'worth keeping' > /srv/data/shop/pgdata/row")

with subtest("the first boot laid out an empty filesystem"):
    for path in ("", "/shop", "/notes+files", "/.snapshots"):
        # The inode of a subvolume's root.
        assert machine.succeed(f"stat --format %i '/srv/data{path}'").strip() == "256", path
    machine.succeed("btrfs property get /srv/data/shop/pgdata compression | grep --quiet none")

with subtest("mounts come after what makes their subvolumes, containers need it"):
    # By what is declared: on a quick machine the right order may come about by itself.
    for unit, kind in (("srv-data.mount", "After"), ("podman-notes.service", "After"), ("podman-notes.service", "Requires")):
        machine.succeed(f"systemctl show --value --property={kind} {unit} | grep --quiet podman-btrfs-apply.service")

with subtest("a workload is added: its place is made before it starts, the others go on"):
    before = pids("shop-db", "notes")
    switch_to("added")
    wait_for("wiki")
    machine.wait_for_file("/srv/data/wiki/pages/started-wiki")
    assert pids("shop-db", "notes") == before

with subtest("a volume is added: only the container that mounts it is restarted"):
    before = pids("shop-db", "notes")
    wiki = pids("wiki")
    switch_to("more-volumes")
    wait_for("wiki")
    machine.wait_for_file("/srv/data/wiki/uploads/started-wiki")
    assert pids("shop-db", "notes") == before
    assert pids("wiki") != wiki

with subtest("a limit is raised: nothing is restarted, and the new one holds"):
    before = pids("shop-db", "notes", "wiki")
    switch_to("higher-limit")
    assert pids("shop-db", "notes", "wiki") == before
    shown = machine.succeed("btrfs qgroup show -r --raw '/srv/data/notes+files'")
    assert str(2 * 1024**3) in shown, shown

with subtest("a policy changes: its timer is another one, and no container is restarted"):
    before = pids("shop-db", "notes", "wiki")
    switch_to("hourly")
    assert pids("shop-db", "notes", "wiki") == before
    timer = machine.succeed("systemctl show --property=TimersCalendar btrbk-daily-data.timer")
    assert "*-*-* *:00:00" in timer, timer

with subtest("options of the whole filesystem change on all mounts alike, and no container is restarted"):
    before = pids("shop-db", "notes", "wiki")
    assert "compress=zstd:1" in options_of("/srv/data")
    switch_to("other-options")
    for mount_point in ("/srv/data", "/srv/data/.snapshots", "/var/lib/containers"):
        found = options_of(mount_point)
        assert "compress=zstd:3" in found and "noatime" in found, (mount_point, found)
    assert pids("shop-db", "notes", "wiki") == before

with subtest("a workload is removed: its container stops, its data stays, the others go on"):
    before = pids("shop-db", "notes")
    switch_to("removed")
    machine.fail("systemctl is-active --quiet podman-wiki.service")
    machine.fail("podman container exists wiki")
    machine.succeed("test -e /srv/data/wiki/pages/started-wiki")
    assert pids("shop-db", "notes") == before

with subtest("nothing was lost"):
    machine.succeed("grep --quiet 'worth keeping' /srv/data/shop/pgdata/row")
    machine.succeed("btrfs scrub start -B /srv/data")

machine.shutdown()
