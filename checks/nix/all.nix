# Every check of the module, as a list of failures; and what the drivers of checks/nix build and run besides.
#
# `nixpkgs` is a whole nixpkgs, or null where there is only its `lib`.
{
  lib,
  disko,
  nixpkgs,
  helper,
}: let
  module = import ./cases.nix {inherit lib disko helper;};
  scenarios = import ./scenarios.nix {
    inherit lib disko;
    inherit (module) evaluate;
  };
  documented =
    lib.filter
    (option: lib.hasPrefix "services.podmanBtrfs." option.name && option.visible && !option.internal)
    (lib.optionAttrSetToDocList (module.evaluate []).options);
in {
  inherit (module) builds;
  mistakes = import ./mistakes {
    inherit lib;
    inherit (module) evaluate;
  };
  inherit (scenarios) formatScripts;
  cases = module.cases // scenarios.cases // import ./ways-in.nix {inherit lib;};
  systems = import ./systems.nix {inherit lib disko nixpkgs helper;};

  # For the reference, and the comparison with the helper's schema.
  optionDocs =
    map (option: {
      inherit (option) name type;
      description = option.description or null;
      default = option.default.text or null;
      example = option.example.text or null;
      readOnly = option.readOnly or false;
    })
    documented;
  optionNames = map (option: option.name) documented;
}
