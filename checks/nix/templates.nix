# What each template's README promises of its host: it names every warning that the host is told.
{
  lib,
  evaluate,
}: let
  directory = ../../templates;
  names = lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir directory));

  codes = text: lib.unique (lib.concatLists (lib.filter lib.isList (builtins.split "(PB[0-9]{3})" text)));

  check = name: let
    inherit ((evaluate [(directory + "/${name}/host.nix")]).config.services.podmanBtrfs) plan;
    told = level: map (finding: finding.code) (lib.filter (finding: finding.level == level) plan.diagnostics);
    named = codes (builtins.readFile (directory + "/${name}/README.md"));
  in
    map (code: "${code} is an error of its host") (told "error")
    ++ map (code: "README.md does not name the warning ${code}") (lib.subtractLists named (told "warn"))
    ++ map (code: "README.md names ${code}, which its host is not told") (lib.subtractLists (told "warn" ++ told "note") named);
in
  lib.listToAttrs (map (name: lib.nameValuePair "template-${name}-names-its-warnings" (check name)) names)
