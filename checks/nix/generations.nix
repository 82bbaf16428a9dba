# Generations of hosts, from real evaluations of the module, as what a machine that is no NixOS can be given: units, mounts,
# files and users. `tests/machine/generations/<test>.nix` holds the modules of each test, by name of the generation; of a
# test with several machines `nodes.<machine>` does.
{
  lib,
  evaluate,
}: let
  directory = ../../tests/machine/generations;
  tests = map (lib.removeSuffix ".nix") (lib.attrNames (builtins.readDir directory));

  # The programs are the machine's own, and in the path that its service manager gives.
  unit = settings: removeAttrs settings ["path"];

  # A script of a package is built, for somebody on the machine runs it by its path.
  script = name: text: let
    built = derivation {
      inherit name text;
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = ["-c" ''printf %s "$text" > "$out" && /bin/chmod 0555 "$out"''];
    };
  in
    builtins.seq (builtins.readFile built) "${built}";

  packages._module.args.pkgs = lib.mkForce (import ./stub-packages.nix
    // {
      coreutils = "/usr";
      util-linux = "/usr";
      writeScript = script;
    });

  # Containers that the test declares itself, as quadlets.
  quadletsOf = test: (lib.importJSON (../machine/hosts + "/${test}.json")).quadlets or [];

  generation = test: module: let
    inherit (evaluate [module (import ./stand-in.nix {quadlets = quadletsOf test;}) packages]) config;
  in {
    errors = map (one: one.message) (lib.filter (one: !one.assertion) config.assertions);
    inherit (config.services.podmanBtrfs) plan;
    units = lib.mapAttrs (_: lib.mapAttrs (_: unit)) {
      service = config.systemd.services;
      timer = config.systemd.timers;
      slice = config.systemd.slices;
    };
    userUnits = lib.mapAttrs (_: unit) config.systemd.user.services;
    mounts = lib.mapAttrs (_: mount: {inherit (mount) device fsType options;}) config.fileSystems;
    files = lib.mapAttrs (_: file: file.text or (builtins.readFile file.source)) config.environment.etc;
    modes = lib.mapAttrs (_: file: file.mode) (lib.filterAttrs (_: file: file ? mode) config.environment.etc);
    tmpfiles = config.systemd.tmpfiles.settings;
    storage = config.virtualisation.containers.storage.settings;
    containersConf = config.virtualisation.containers.containersConf.settings;
  };
  generations = test: lib.mapAttrs (_: generation test);

  ofTest = test: declared:
    if declared ? nodes
    then {nodes = lib.mapAttrs (_: generations test) declared.nodes;}
    else generations test declared;
in
  lib.genAttrs tests (test: ofTest test (import (directory + "/${test}.nix")))
