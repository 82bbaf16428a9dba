# All that Nix can check without building a system. `helper` is a folder with bin/podman-btrfs.
{helper}: let
  inputs = import ./inputs.nix;
  inherit (inputs) lib;

  module = import ./cases.nix (inputs
    // {
      helper = {
        type = "derivation";
        name = "podman-btrfs";
        outPath = builtins.path {
          path = helper;
          name = "podman-btrfs";
        };
      };
    });

  scenarios = import ./scenarios.nix {
    inherit lib;
    inherit (inputs) disko;
    inherit (module) evaluate;
  };
in {
  inherit (module) builds;
  inherit (scenarios) formatScripts;
  cases = module.cases // scenarios.cases;

  # For the comparison with the helper's schema.
  optionNames =
    map (option: option.name)
    (lib.filter
      (option: lib.hasPrefix "services.podmanBtrfs." option.name && option.visible && !option.internal)
      (lib.optionAttrSetToDocList (module.evaluate []).options));
}
