# All that Nix can check without building a system, for `checks/nix/run`. `helper` is a folder with bin/podman-btrfs.
{
  helper,
  # Another copy of the module, for checks that break it.
  modules ? ../../modules,
}: let
  inputs = import ./inputs.nix;
in
  import ./all.nix (inputs
    // {
      inherit modules;
      helper = {
        type = "derivation";
        name = "podman-btrfs";
        system = builtins.currentSystem;
        outPath = builtins.path {
          path = helper;
          name = "podman-btrfs";
        };
      };
    })
