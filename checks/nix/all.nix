# Every check of the module, as a list of failures; and what the drivers of checks/nix build and run besides.
#
# `nixpkgs` is a whole nixpkgs, or null where there is only its `lib`.
{
  lib,
  disko,
  nixpkgs,
  helper,
  modules ? ../../modules,
}: let
  module = import ./cases.nix {inherit lib disko helper modules;};
  scenarios = import ./scenarios.nix {
    inherit lib disko;
    inherit (module) evaluate;
  };
  templates = import ./templates.nix {
    inherit lib;
    inherit (module) evaluate;
  };
  receiver = import ./receiver.nix {
    inherit lib modules;
    inherit (module) evaluateRaw;
  };
  ephemeral = import ./ephemeral-root.nix {
    inherit lib;
    inherit (module) evaluate;
  };
  vm = import ./vm.nix {
    inherit lib;
    inherit (module) evaluate;
  };
in {
  inherit (module) builds units;
  vmPlans = vm.plans;
  mistakes = import ./mistakes {
    inherit lib;
    inherit (module) evaluate failedAssertions;
  };
  inherit (scenarios) formatScripts mountScripts;
  receiver = receiver.texts;
  ephemeralRoot = ephemeral.texts;

  # For the machines of checks/machine.
  generations = import ./generations.nix {
    inherit lib;
    inherit (module) evaluate;
  };
  cases =
    module.cases
    // scenarios.cases
    // templates
    // receiver.cases
    // ephemeral.cases
    // import ./ways-in.nix {inherit lib;}
    // vm.cases;
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
    (lib.filter
      (option: lib.hasPrefix "services.podmanBtrfs." option.name && option.visible && !option.internal)
      (lib.optionAttrSetToDocList (module.evaluate []).options));
}
