# All that Nix can check without building a system, for `checks/nix/run`. `helper` is a folder with bin/podman-btrfs.
{helper}: let
  inputs = import ./inputs.nix;
in
  import ./all.nix (inputs
    // {
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
