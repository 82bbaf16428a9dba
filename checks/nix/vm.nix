# The machines of checks/vm, as far as they can be had without a whole nixpkgs: each is evaluated with what they set
# declared in place of NixOS' own options, so that a mistake in them is not first seen where there is KVM.
{
  lib,
  evaluate,
}: let
  hosts = import ../vm/hosts.nix {inherit lib;};
  inherit (import ../vm/names.nix {inherit lib;}) planName;
  switchTo = import ../vm/switch-to.nix {inherit lib;};

  mkAny = default:
    lib.mkOption {
      inherit default;
      type = lib.types.anything;
    };

  standIns = {
    options.services.dockerRegistry.enable = mkAny false;
    options.virtualisation = {
      memorySize = mkAny 1024;
      emptyDiskImages = mkAny [];
      fileSystems = mkAny {};
      podman.enable = mkAny false;
      oci-containers.backend = mkAny null;
      oci-containers.containers = lib.mkOption {
        type = lib.types.attrsOf (lib.types.submodule {
          options = lib.genAttrs ["imageFile" "hostname" "cmd" "extraOptions"] (_: mkAny null);
        });
      };
    };
  };

  machine = name: module: let
    # Whatever would plan them would have to be built, and `nix flake check --no-build` could not evaluate them.
    unplanned.services.podmanBtrfs.planner = lib.mkForce (throw "${name} is planned while it is evaluated");
    inherit (evaluate [module standIns unplanned]) config;
    containers = config.virtualisation.oci-containers.containers;
    whole = {
      inherit (config.virtualisation) emptyDiskImages fileSystems;
      inherit containers;
      inherit (config.systemd.services) make-disks;
    };
    quadlets = lib.filter (lib.hasPrefix "containers/systemd/") (lib.attrNames config.environment.etc);
    refused = map (one: one.message) (lib.filter (one: !one.assertion) config.assertions);
  in
    refused
    ++ lib.optional (builtins.deepSeq whole containers == {} && quadlets == [] && config.services.podmanBtrfs.workloads != {}) "${name} has no containers"
    ++ lib.optional (config.virtualisation.emptyDiskImages == []) "${name} has no disks";

  check = _: host:
    lib.concatLists (lib.concatLists (lib.mapAttrsToList (node: lib.mapAttrsToList (name: machine "${node} ${name}")) host.nodes))
    ++ lib.optional (host.nodes ? machine && !lib.hasInfix "switch_to" (switchTo (lib.mapAttrs (name: _: "/${name}") host.nodes.machine))) "no word for switching";

  # As it is planned now, whatever is committed.
  bundle = module: let
    planned = evaluate [module standIns {services.podmanBtrfs.planFile = lib.mkForce null;}];
  in
    builtins.readFile planned.config.system.build.podmanBtrfsBundle;
  planned = host: lib.concatMapAttrs (node: lib.mapAttrs' (name: one: lib.nameValuePair (planName node name) (bundle one))) host.nodes;
in {
  plans = lib.mapAttrs (_: planned) hosts;
  cases = lib.mapAttrs' (name: host: lib.nameValuePair "the-machines-of-vm-${name}-evaluate" (check name host)) hosts;
}
