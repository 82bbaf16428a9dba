# services.podmanBtrfs: the declaration is planned by the helper, and the plan's values go to the options that hold them.
# Each file below does one of these things.
{
  _class = "nixos";

  # Two flakes may bring a copy each, from two paths: the first is taken.
  key = "podman-btrfs";

  imports = [
    ./options
    ./host.nix
    ./plan.nix
    ./diagnostics.nix
    ./filesystems.nix
    ./boot.nix
    ./existing.nix
    ./engine.nix
    ./host-settings.nix
    ./containers.nix
    ./inject.nix
    ./owners.nix
    ./users.nix
    ./places.nix
    ./protection.nix
    ./may-run.nix
    ./snapshots.nix
    ./upkeep.nix
    ./monitoring.nix
    ./status.nix
    ./drill.nix
    ./update.nix
    ./apply.nix
    ./ephemeral-root
    ./receiver
  ];
}
