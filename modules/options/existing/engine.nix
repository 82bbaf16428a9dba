# What the host has of Podman's own storage today, and the plan did not make.
{lib, ...}: let
  inherit (lib) types;
  inherit (import ../make.nix {inherit lib;}) generated mkUnsaid;

  store = {
    options = {
      driver = mkUnsaid (types.enum generated.drivers) {
        example = "overlay";
        description = "Its storage driver, `store.graphDriverName`. Null: unknown.";
      };

      graphRoot = mkUnsaid types.str {
        example = "/var/lib/containers/storage";
        description = "Its graph root, `store.graphRoot`. Null: unknown.";
      };

      runRoot = mkUnsaid types.str {
        example = "/run/containers/storage";
        description = "Its run root, `store.runRoot`. Null: unknown.";
      };

      volumePath = mkUnsaid types.str {
        example = "/var/lib/containers/storage/volumes";
        description = "Where it keeps named volumes, `store.volumePath`. Null: unknown.";
      };
    };
  };
in {
  options = {
    store = mkUnsaid (types.submodule store) {
      example = {driver = "overlay";};
      description = ''
        The system's store that Podman has on this host already, as `podman info` prints it. Podman keeps these four
        values from its first start whatever its configuration says later. Null: there is none.
      '';
    };

    prune =
      mkUnsaid (types.submodule {
        options.all = mkUnsaid types.bool {
          example = true;
          description = "Whether with `--all`: every image that no container uses, not only those without a name. Null: no.";
        };
      }) {
        example = {all = true;};
        description = "What a timer prunes. Null: read from `virtualisation.podman.autoPrune`.";
      };
  };
}
