# Generations of a host, from real evaluations of the module, as what a machine that is no NixOS can be given: units,
# mounts and files. `tests/machine/generations/<test>.nix` holds the modules of each test, by name of the generation.
{
  lib,
  evaluate,
}: let
  directory = ../../tests/machine/generations;
  tests = map (lib.removeSuffix ".nix") (lib.attrNames (builtins.readDir directory));

  # The programs are the machine's own, and in the path that its service manager gives.
  unit = settings: removeAttrs settings ["path"];

  # Containers that the test declares itself, as quadlets.
  quadletsOf = test: (lib.importJSON (../machine/hosts + "/${test}.json")).quadlets or [];

  generation = test: module: let
    inherit (evaluate [module (import ./stand-in.nix {quadlets = quadletsOf test;})]) config;
  in {
    errors = map (one: one.message) (lib.filter (one: !one.assertion) config.assertions);
    inherit (config.services.podmanBtrfs) plan;
    units = lib.mapAttrs (_: lib.mapAttrs (_: unit)) {
      service = config.systemd.services;
      timer = config.systemd.timers;
      slice = config.systemd.slices;
    };
    mounts = lib.mapAttrs (_: mount: {inherit (mount) device fsType options;}) config.fileSystems;
    files = lib.mapAttrs (_: file: file.text or (builtins.readFile file.source)) config.environment.etc;
    tmpfiles = config.systemd.tmpfiles.settings;
    storage = config.virtualisation.containers.storage.settings;
    containersConf = config.virtualisation.containers.containersConf.settings;
  };
in
  lib.genAttrs tests (test: lib.mapAttrs (_: generation test) (import (directory + "/${test}.nix")))
