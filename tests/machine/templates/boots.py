# A host as its template declares it boots, with a stand-in in place of every image: what is planned is made, its
# containers run, and all that they mount lies where it was planned. On NixOS only: each is a machine of `nix flake check`.

PLAN = "/etc/podman-btrfs/plan.json"

machine.start()
machine.wait_for_unit("multi-user.target")

with subtest("what is planned is made, and nothing is left to do"):
    machine.wait_for_unit("podman-btrfs-apply.service")
    assert machine.get_unit_property("podman-btrfs-apply.service", "ExecMainStatus") == "0"
    said = machine.succeed(f"podman-btrfs apply --dry-run {PLAN}")
    assert "wanted" not in said, said

with subtest("its containers run"):
    wanted = machine.get_unit_property("multi-user.target", "Wants").split()
    ours = [unit for unit in wanted if unit.startswith("podman-") and not unit.startswith("podman-btrfs-")]
    for unit in ours:
        machine.wait_for_unit(unit)

with subtest("all that they mount lies where it was planned"):
    machine.succeed(f"podman-btrfs verify {PLAN}")

with subtest("nothing that was started has failed"):
    # There is no network to pull images from.
    shown = machine.succeed("systemctl list-units --failed --plain --no-legend")
    failed = [line.split()[0] for line in shown.splitlines() if "podman-btrfs-prefetch" not in line]
    assert not failed, failed

machine.shutdown()
