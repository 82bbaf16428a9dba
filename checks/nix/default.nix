# All that Nix can check without building a system. `helper` is a folder with bin/podman-btrfs.
{helper}: let
  inputs = import ./inputs.nix;
  inherit (inputs) lib disko;

  helperPackage = {
    type = "derivation";
    name = "podman-btrfs";
    system = builtins.currentSystem;
    outPath = builtins.path {
      path = helper;
      name = "podman-btrfs";
    };
  };

  module = import ./cases.nix {
    inherit lib disko;
    helper = helperPackage;
  };

  scenarios = import ./scenarios.nix {
    inherit lib disko;
    inherit (module) evaluate;
  };

  systems = import ./systems.nix {
    inherit lib disko;
    inherit (inputs) nixpkgs;
    helper = helperPackage;
  };
in {
  inherit (module) builds;
  inherit (scenarios) formatScripts;
  cases = module.cases // scenarios.cases // systems.cases;

  # For the comparison with the helper's schema.
  optionNames =
    map (option: option.name)
    (lib.filter
      (option: lib.hasPrefix "services.podmanBtrfs." option.name && option.visible && !option.internal)
      (lib.optionAttrSetToDocList (module.evaluate []).options));
}
