# The scenario `home-server` as it runs: snapper's own service finds the planned configurations and their places, takes
# snapshots that hold the data, and what its clean-up leaves is what the plan keeps. The same script runs on NixOS.

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")
for container in ("photos-web", "photos-db", "photos-ml", "vaultwarden", "homepage"):
    machine.wait_for_unit(f"podman-{container}.service")

groups = ("photos", "passwords", "dashboard")

with subtest("snapper knows the planned configurations, by its service"):
    machine.succeed("busctl status org.opensuse.Snapper > /dev/null || systemctl start snapperd.service")
    known = machine.succeed("snapper --csvout list-configs")
    for group in groups:
        assert f"{group},/srv/main/{group}" in known, known

with subtest("a snapshot of a group holds all its volumes and cannot be changed"):
    machine.wait_for_file("/srv/main/photos/pgdata/started-photos-db")
    machine.succeed("echo 'worth keeping' > /srv/main/photos/pgdata/row; echo picture > /srv/main/photos/library/picture")
    for group in groups:
        machine.succeed(f"snapper --config {group} create --cleanup-algorithm timeline --description test")
    snapshot = "/srv/main/photos/.snapshots/1/snapshot"
    machine.succeed(f"grep --quiet 'worth keeping' {snapshot}/pgdata/row", f"test -e {snapshot}/library/picture")
    machine.fail(f"touch {snapshot}/pgdata/other")
    machine.succeed("btrfs subvolume show /srv/main/photos/.snapshots/1/snapshot | grep --quiet readonly")

with subtest("what is lost comes back from the snapshot"):
    machine.succeed("systemctl stop podman-photos-db.service", "rm -r /srv/main/photos/pgdata/row")
    machine.succeed(f"cp --archive {snapshot}/pgdata/row /srv/main/photos/pgdata/row")
    machine.succeed("systemctl start podman-photos-db.service")
    machine.succeed("grep --quiet 'worth keeping' /srv/main/photos/pgdata/row")

with subtest("clean-up keeps what is young"):
    machine.succeed("snapper --config photos cleanup timeline")
    machine.succeed(f"test -d {snapshot}/pgdata")

with subtest("after a reboot the snapshots are known and the containers run"):
    machine.reboot()
    machine.wait_for_unit("podman-photos-db.service")
    listed = machine.succeed("snapper --csvout --config photos list")
    assert ",test," in listed, listed

machine.shutdown()
