# Changes of a declaration that mean another place for a volume: its container must not come up with an empty one, and what
# the message says to do is all that has to be done. The same script runs on NixOS.

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")
for volume, container in {"shop/pgdata": "shop-db", "notes/files": "notes", "wiki/pages": "wiki"}.items():
    machine.wait_for_file(f"/srv/data/{volume}/started-{container}")
    machine.succeed(f"echo 'worth keeping' > /srv/data/{volume}/row")


def run_of(container: str) -> str:
    """What tells one run of a container from the next."""
    return machine.succeed(f"podman inspect --format '{{{{.Id}}}}' {container}")


with subtest("a volume whose place changes: its container stays down, and the data where it is"):
    before = run_of("shop-db")
    switch_to("limited", fails=True)
    assert run_of("shop-db") == before
    machine.fail("systemctl is-active --quiet podman-notes.service")
    machine.fail("test -e '/srv/data/notes+files'")
    machine.succeed("grep --quiet 'worth keeping' /srv/data/notes/files/row")
    told = machine.succeed("journalctl --unit podman-btrfs-apply.service --output cat")
    assert "make the subvolume @volumes/notes+files and move what is in @volumes/notes/files into it" in told, told

with subtest("it is not forgotten at a reboot"):
    machine.reboot()
    machine.wait_for_unit("multi-user.target")
    # On NixOS a test's machine boots the generation that it began with.
    switch_to("limited", fails=True)
    machine.fail("test -e '/srv/data/notes+files'")
    machine.wait_for_unit("podman-shop-db.service")

with subtest("after what the message says it runs on its data, with its limit"):
    machine.succeed("btrfs subvolume create '/srv/data/notes+files'", "mv /srv/data/notes/files/* '/srv/data/notes+files/'")
    machine.succeed("systemctl reload podman-btrfs-apply.service", "systemctl restart podman-notes.service")
    machine.wait_for_unit("podman-notes.service")
    machine.succeed("grep --quiet 'worth keeping' '/srv/data/notes+files/row'")
    machine.succeed("btrfs qgroup show -r --raw '/srv/data/notes+files' | grep --quiet 1073741824")

with subtest("a workload that is renamed keeps its data, and what runs beside it goes on"):
    before = run_of("shop-db")
    switch_to("renamed")
    machine.wait_for_unit("podman-wiki.service")
    machine.succeed("grep --quiet 'worth keeping' /srv/data/handbook/pages/row")
    machine.fail("test -e /srv/data/wiki")
    assert run_of("shop-db") == before

with subtest("one that is taken out of the declaration stays, with a last snapshot, until it is ended by its name"):
    switch_to("removed")
    assert run_of("shop-db") == before
    machine.succeed("grep --quiet 'worth keeping' /srv/data/.snapshots/.podman-btrfs-last/handbook.*/pages/row")
    told = machine.succeed("/run/current-system/sw/bin/podman-btrfs retire /etc/podman-btrfs/plan.json --confirm handbook --dry-run 2>&1 || true")
    machine.succeed("grep --quiet 'worth keeping' /srv/data/handbook/pages/row")
    assert "grace time" in told, told
    found = machine.succeed("/run/current-system/sw/bin/podman-btrfs doctor /etc/podman-btrfs/plan.json 2>&1 || true")
    assert "@volumes/handbook" in found, found
    print(found)

machine.shutdown()
