# What the plan tells the user: errors as assertions, warnings as warnings, all at once.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./positions.nix {inherit config lib options;}) positionOf;

  showPath = path: let
    showStep = step:
      if builtins.isInt step
      then "[${toString step}]"
      else ".${lib.showOption [step]}";
  in
    "services.podmanBtrfs" + lib.concatMapStrings showStep path;

  place = path: let
    position = positionOf path;
  in
    showPath path
    + (
      if position != null
      then " (${position})"
      else " (not set)"
    );

  show = diagnostic:
    lib.concatStringsSep "\n" ([
        "${diagnostic.code} ${diagnostic.level}: ${diagnostic.message}"
        "  at ${place diagnostic.at}"
      ]
      ++ map (path: "  see ${place path}") diagnostic.related
      ++ [
        "  help: ${diagnostic.help}"
        "  more: podman-btrfs explain ${diagnostic.code}"
      ]);

  ofLevel = level: lib.filter (diagnostic: diagnostic.level == level) cfg.plan.diagnostics;
in {
  config = lib.mkIf cfg.enable {
    assertions =
      map (diagnostic: {
        assertion = false;
        message = show diagnostic;
      })
      (ofLevel "error");
    warnings = map show (ofLevel "warn");
  };
}
