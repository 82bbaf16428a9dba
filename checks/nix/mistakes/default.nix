# What a user sees of each mistake: errors as NixOS throws them, warnings as it prints them. What the module system
# itself refuses throws here too; `checks/nix/mistakes.py` reads that from Nix' own output.
{
  lib,
  evaluate,
  failedAssertions,
}: let
  isMistake = name: kind: kind == "regular" && lib.hasSuffix ".nix" name && !builtins.elem name ["default.nix" "base.nix"];
  names = map (lib.removeSuffix ".nix") (lib.attrNames (lib.filterAttrs isMistake (builtins.readDir ./.)));

  said = name: let
    evaluated = evaluate [(./. + "/${name}.nix")];
    failed = failedAssertions evaluated;
  in
    lib.concatMapStrings (warning: "evaluation warning: ${warning}\n") evaluated.config.warnings
    + lib.optionalString (failed != []) "error:\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}\n";
in
  lib.genAttrs names said
