# What the module must do, as a list of failures for each case: an empty list passes.
{
  lib,
  helper,
  disko,
  modules ? ../../modules,
}: let
  evaluateRaw = more:
    lib.evalModules {
      class = "nixos";
      modules = [./nixos-stubs.nix] ++ more;
    };

  evaluate = more:
    evaluateRaw ([
        modules
        {
          services.podmanBtrfs.package = helper;
          services.podmanBtrfs.planner = helper;
        }
      ]
      ++ more);

  diskoModule =
    if disko == null
    then null
    else disko + "/module.nix";

  failedAssertions = evaluated:
    map (assertion: assertion.message) (lib.filter (assertion: !assertion.assertion) evaluated.config.assertions);

  expect = what: actual: expected:
    lib.optional (actual != expected)
    "${what}: expected ${builtins.toJSON expected}, found ${builtins.toJSON actual}";

  holds = what: condition: lib.optional (!condition) what;

  shop = evaluate [./hosts/shop.nix];
  # The committed bundle is the one that build mode built.
  committed = bundle: {
    services.podmanBtrfs.planFile = bundle;
  };
  shopBundle = shop.config.system.build.podmanBtrfsBundle;

  # What every file of cases works with.
  tools = {inherit modules evaluate evaluateRaw diskoModule failedAssertions expect holds shop committed shopBundle;};
  subjects = ["host" "planning" "filesystems" "podman" "containers" "users" "places" "mapping" "snapshots" "update" "upkeep" "boot" "monitoring" "drill" "importing"];
in {
  inherit evaluate evaluateRaw failedAssertions shop committed;

  cases = lib.mergeAttrsList (map (subject: import (./cases + "/${subject}.nix") {inherit lib tools;}) subjects);

  # What systemd is told of each unit of ours on a host that has them all, for `systemd-analyze security`.
  units =
    lib.mapAttrs (_: unit: unit.serviceConfig)
    (lib.filterAttrs (name: _: lib.hasPrefix "podman-btrfs-" name) (evaluate [./hosts/everything.nix]).config.systemd.services);

  # Derivations that the driver builds, with what must come of it.
  builds = {
    inherit shopBundle;
    current = lib.last (evaluate [./hosts/shop.nix (committed shopBundle)]).config.system.checks;
    stale =
      lib.last
      (evaluate [
        ./hosts/shop.nix
        (committed shopBundle)
        {services.podmanBtrfs.filesystems.tank.mountPoint = lib.mkForce "/srv/elsewhere";}
      ])
      .config
      .system
      .checks;
  };
}
