# One host for `checks/nix/cost`: what is evaluated of it depends on the arm alone. `out` is what is measured.
{
  # A path of the store.
  helper,
  # without, imported, enabled, containers, build, file
  arm,
  # How many workloads, of one container and one volume each.
  count,
  # A whole NixOS system to its derivation, or the options that the module sets, declared by nixos-stubs.nix.
  whole,
  # The committed plan of the arm `file`.
  planFile ? null,
}: let
  inherit (import ./inputs.nix) lib nixpkgs;
  old = import ./old-nixpkgs.nix {inherit lib nixpkgs;};

  package = {
    type = "derivation";
    name = "podman-btrfs";
    system = builtins.currentSystem;
    # In the store already, as a package is: to read the program in would cost more than all else.
    outPath = builtins.storePath helper;
  };

  names = map toString (lib.range 1 count);
  image = "docker.io/library/postgres:17";

  containers.virtualisation.oci-containers.containers =
    lib.listToAttrs (map (name: lib.nameValuePair "db-${name}" {inherit image;}) names);

  ours.services.podmanBtrfs = {
    enable = true;
    inherit package;
    planner = package;
    filesystems.tank = {
      device = "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11";
      mountPoint = "/srv/tank";
    };
    policies.daily = {
      rpo = "1d";
      keep.daily = 7;
    };
    workloads = lib.listToAttrs (map (name:
      lib.nameValuePair "shop-${name}" {
        containers."db-${name}" = {};
        volumes.data.mounts."db-${name}" = "/var/lib/postgresql/data";
        protection.policy = "daily";
      })
    names);
  };

  module = ../../modules;
  built = (evaluate [module containers ours]).config.system.build.podmanBtrfsBundle;
  modules =
    {
      without = [];
      imported = [module];
      enabled = [module ours];
      containers = [containers];
      build = [module containers ours];
      file = [module containers ours {services.podmanBtrfs = {inherit planFile;};}];
    }
    .${
      arm
    };

  # A host of few services.
  small = {
    fileSystems."/" = {
      device = "/dev/disk/by-label/root";
      fsType = "ext4";
    };
    boot.loader.grub.device = "/dev/sda";
    networking.hostName = "small";
    services.openssh.enable = true;
    virtualisation.oci-containers.backend = "podman";
    system.stateVersion = "20.09";
  };

  evaluate =
    if !whole
    then modules: lib.evalModules {modules = [./nixos-stubs.nix] ++ modules;}
    else if old != null
    then modules: old.evaluate (old.modules ++ [small] ++ modules)
    else
      modules:
        import (nixpkgs + "/nixos/lib/eval-config.nix") {
          system = null;
          modules = [small {nixpkgs.hostPlatform = "x86_64-linux";}] ++ modules;
        };

  inherit (evaluate modules) config;
  unit = one: {inherit (one) after requires unitConfig serviceConfig;};
in {
  bundle = built;
  out =
    if whole
    then config.system.build.toplevel.drvPath
    else
      builtins.deepSeq [
        config.fileSystems
        (lib.mapAttrs (_: unit) config.systemd.services)
        (map (one: one.assertion) config.assertions)
        config.warnings
        config.environment.etc
      ] "done";
  nixos =
    if nixpkgs == null
    then null
    else (import (nixpkgs + "/lib")).trivial.release;
}
