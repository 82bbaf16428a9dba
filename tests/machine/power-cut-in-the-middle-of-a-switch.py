# The power fails while a switch makes sixty subvolumes: the machine boots, what was there is there, and the rest is made.
# The same script runs on NixOS.

PARTS = [f"/srv/data/archive+part{number}" for number in range(100, 160)]

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")
machine.wait_for_file("/srv/data/shop/pgdata/started-shop-db")
machine.succeed("echo 'worth keeping' > /srv/data/shop/pgdata/row")

with subtest("the power fails when some of the subvolumes are made and on disk"):
    # It is held there, or it would be done before anybody can pull the plug.
    hold = f"until test -e {PARTS[9]}; do sleep 0.001; done; systemctl kill --signal=STOP podman-btrfs-apply.service"
    machine.execute(f"{hold}; touch /run/held", check_return=False)
    switch_to("many", begin=True)
    machine.wait_for_file("/run/held")
    machine.succeed("btrfs filesystem sync /srv/data")
    made = int(machine.succeed("ls --directory /srv/data/archive+part* | wc --lines"))
    assert 10 <= made < 60, f"{made} of 60 are made, which is not the middle"
    machine.crash()
    machine.start()

with subtest("it boots, and all is made and runs"):
    machine.wait_for_unit("multi-user.target")
    # On NixOS a test's machine boots the generation that it began with.
    switch_to("many")
    machine.wait_for_unit("podman-archive.service")
    inodes = machine.succeed(f"stat --format %i {' '.join(PARTS)}").split()
    assert inodes == ["256"] * 60, inodes
    for part in PARTS:
        machine.wait_for_file(f"{part}/started-archive")
    # 1 would mean that something is left for a person.
    assert machine.get_unit_property("podman-btrfs-apply.service", "ExecMainStatus") == "0"

with subtest("what was there is there"):
    machine.succeed("grep --quiet 'worth keeping' /srv/data/shop/pgdata/row")
    machine.wait_for_unit("podman-shop-db.service")
    machine.succeed("btrfs scrub start -B /srv/data")

machine.shutdown()
