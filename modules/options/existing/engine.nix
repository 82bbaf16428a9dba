# What is done with Podman's own storage today, and not by the plan.
{lib, ...}: let
  inherit (lib) types;
  inherit (import ../make.nix {inherit lib;}) mkUnsaid;
in {
  options.prune = mkUnsaid (types.submodule {
    options.all = mkUnsaid types.bool {
      example = true;
      description = "Whether with `--all`: every image that no container uses, not only those without a name. Null: no.";
    };
  }) {
    example = {all = true;};
    description = "What a timer prunes. Null: read from `virtualisation.podman.autoPrune`.";
  };
}
