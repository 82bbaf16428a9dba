# What is done for a workload today, and not by the plan.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ../make.nix {inherit lib;}) generated mkUnsaid;
in {
  options.backup =
    mkUnsaid (types.submodule {
      options = {
        method = mkOption {
          type = types.enum generated.backupMethods;
          example = "stop-and-copy";
          description = ''
            How: `stop-and-copy` stops the workload, copies its files and starts it again; `dump` has the application
            write a dump while it runs.
          '';
        };

        onlyWhenActive = mkUnsaid types.bool {
          example = true;
          description = "Whether it is skipped, without an error, while the workload does not run. Null: unknown.";
        };
      };
    }) {
      example = {method = "stop-and-copy";};
      description = "How its data is copied today. Null: nothing is known.";
    };
}
