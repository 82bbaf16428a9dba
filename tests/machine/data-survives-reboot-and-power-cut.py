# The scenario `existing-filesystem` as it runs: containers on their volumes, btrbk's snapshot and its copy to another
# disk, a reboot, a power cut. The same script runs on NixOS.

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")
machine.wait_for_unit("podman-cloud-db.service")
machine.wait_for_unit("podman-cloud-web.service")

volumes = {"mysql": "cloud-db", "html": "cloud-web", "files": "cloud-web"}

with subtest("every planned mount is the subvolume that the plan says"):
    mounts = {"/srv/data": "@volumes", "/srv/data/.snapshots": "@snapshots", "/var/lib/containers": "@containers"}
    for mount_point, subvolume in mounts.items():
        machine.succeed(f"findmnt --noheadings --output FSROOT {mount_point} | grep --fixed-strings --line-regexp /{subvolume}")

with subtest("the engine's store is on Btrfs, by the planned driver"):
    assert machine.succeed("podman info --format '{{.Store.GraphDriverName}}'").strip() == "overlay"
    assert machine.succeed("stat --file-system --format %T /var/lib/containers/storage").strip() == "btrfs"

with subtest("each container wrote to its volumes"):
    for volume, container in volumes.items():
        machine.wait_for_file(f"/srv/data/cloud/{volume}/started-{container}")

with subtest("btrbk takes the planned snapshot and copies it to the target"):
    machine.require_unit_state("btrbk-nightly-data.timer")
    machine.succeed("echo 'worth keeping' > /srv/data/cloud/mysql/row")
    machine.succeed("mkdir -p /mnt/usb-backup/cloud")
    machine.succeed("systemctl start btrbk-nightly-data.service")
    snapshot = machine.succeed("ls --directory /srv/data/.snapshots/cloud.*").split()
    assert len(snapshot) == 1, snapshot
    machine.succeed(f"grep --quiet 'worth keeping' {snapshot[0]}/mysql/row")
    machine.fail(f"touch {snapshot[0]}/mysql/other")
    machine.succeed("grep --quiet 'worth keeping' /mnt/usb-backup/cloud/cloud.*/mysql/row")

with subtest("after a reboot the data is there and the containers run"):
    before = machine.succeed("cat /proc/sys/kernel/random/boot_id; cat /srv/data/cloud/mysql/started-cloud-db")
    machine.sleep(1)
    machine.reboot()
    machine.wait_for_unit("podman-cloud-db.service")
    machine.wait_until_succeeds(
        f"test \"$(cat /srv/data/cloud/mysql/started-cloud-db)\" != {before.split()[1]}", timeout=60
    )
    machine.succeed("grep --quiet 'worth keeping' /srv/data/cloud/mysql/row")

with subtest("a power cut loses what was not synced and nothing else"):
    machine.succeed("echo 'on disk' > /srv/data/cloud/mysql/synced; sync --file-system /srv/data")
    machine.succeed("echo 'in memory' > /srv/data/cloud/mysql/unsynced")
    machine.crash()
    machine.start()
    machine.wait_for_unit("podman-cloud-db.service")
    machine.succeed("grep --quiet 'on disk' /srv/data/cloud/mysql/synced")
    machine.succeed("grep --quiet 'worth keeping' /srv/data/cloud/mysql/row")
    machine.fail("grep --quiet 'in memory' /srv/data/cloud/mysql/unsynced")
    machine.succeed("btrfs scrub start -B /srv/data")

machine.shutdown()
