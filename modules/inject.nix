# The volumes of a workload that asks for it, in the declarations of its containers.
#
# The declaration of the option is extended in place of a definition: it applies to those containers only that somebody
# else declares, makes none, and so the planner can read their names and images while their volumes come from the plan.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (lib) types;
  planned = import ./planned-containers.nix {inherit config lib options;};
  injected = lib.filter (container: container.inject) planned.containers;
  volumesOf = lib.listToAttrs (map (container: lib.nameValuePair container.name container.volumeArguments) injected);

  # `/host:/data:ro` → `/data`
  targetOf = argument: builtins.elemAt (lib.splitString ":" argument) 1;
  twice = container: let
    volumes = planned.oci.${container.name}.volumes;
    targets = map targetOf (lib.filter (volume: lib.length (lib.splitString ":" volume) > 1) volumes);
  in
    lib.filter (target: lib.count (other: other == target) targets > 1) (lib.unique targets);
in {
  options.virtualisation.oci-containers.containers = lib.mkOption {
    type = types.attrsOf (types.submodule ({name, ...}: {
      config.volumes = lib.mkIf (cfg.enable && volumesOf ? ${name}) volumesOf.${name};
    }));
  };

  config.assertions = lib.mkIf cfg.enable (
    map (container: {
      assertion = twice container == [];
      message = ''
        The container `${container.name}` mounts ${lib.concatStringsSep ", " (twice container)} twice: its workload's `injectVolumes` is on, and something else sets it.
          help: leave it out of virtualisation.oci-containers.containers.${container.name}.volumes, or switch `injectVolumes` off'';
    })
    (lib.filter (container: container.declarer == "oci") injected)
    ++ map (container: {
      assertion = cfg.host.podman == null || lib.versionAtLeast cfg.host.podman "5.0";
      message = ''
        The volumes of `${container.name}` are to be injected into a quadlet, and Podman ${toString cfg.host.podman} reads no drop-ins of quadlets: it needs 5.0.
          help: switch its workload's `injectVolumes` off and write services.podmanBtrfs.containerVolumes.${container.name} into its Volume= lines'';
    })
    (lib.filter (container: container.declarer != "oci") injected)
  );
}
