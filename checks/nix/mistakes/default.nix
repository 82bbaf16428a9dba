# What a user sees of each mistake: errors as NixOS throws them, warnings as it prints them. What the module system
# itself refuses throws here too; `checks/nix/mistakes.py` reads that from Nix' own output.
{
  lib,
  evaluate,
}: let
  isMistake = name: kind: kind == "regular" && lib.hasSuffix ".nix" name && !builtins.elem name ["default.nix" "base.nix"];
  names = map (lib.removeSuffix ".nix") (lib.attrNames (lib.filterAttrs isMistake (builtins.readDir ./.)));

  said = name: let
    inherit (evaluate [(./. + "/${name}.nix")]) config;
    failed = map (assertion: assertion.message) (lib.filter (assertion: !assertion.assertion) config.assertions);
  in
    lib.concatMapStrings (warning: "evaluation warning: ${warning}\n") config.warnings
    + lib.optionalString (failed != []) "error:\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}\n";
in
  lib.genAttrs names said
