# Who runs a container is said in two places, here and where it is declared: the same has to be said, or it would run
# with another store than the planned one, and its volumes would belong to somebody else.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./planned-containers.nix {inherit config lib options;}) oci;
  inherit (import ./positions.nix {inherit config lib options;}) positionOf;

  ofDeclaration = name: let
    podman = oci.${name}.podman or null;
  in
    if podman == null
    then "root"
    else podman.user or "root";

  assertionsOf = workloadName: workload: let
    wanted =
      if workload.user == null
      then "root"
      else workload.user;
    position = positionOf ["workloads" workloadName "user"];
  in
    map (name: {
      assertion = ofDeclaration name == wanted;
      message = ''
        The container `${name}` is run by ${ofDeclaration name} in virtualisation.oci-containers.containers.${name}.podman.user, and by ${wanted} here.
          at services.podmanBtrfs.workloads.${workloadName}.user${lib.optionalString (position != null) " (${position})"}
          help: write the same user in both places'';
    })
    (lib.filter (name: oci ? ${name}) (lib.attrNames workload.containers));
in {
  config.assertions = lib.mkIf cfg.enable (lib.concatLists (lib.mapAttrsToList assertionsOf cfg.workloads));
}
