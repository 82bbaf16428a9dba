# services.podmanBtrfs: the declaration is planned by the helper, and the plan's values go to the options that hold them.
# Each file below does one of these things.
{
  _class = "nixos";

  imports = [
    ./options
    ./host.nix
    ./plan.nix
    ./diagnostics.nix
    ./filesystems.nix
    ./existing.nix
    ./engine.nix
    ./host-settings.nix
    ./containers.nix
    ./protection.nix
    ./apply.nix
    ./ephemeral-root
    ./receiver
  ];
}
