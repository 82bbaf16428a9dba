# Every scenario's host through the module, against the plan that the command line makes of the same file, and every
# scenario's disko.nix through disko's own types.
{
  lib,
  disko,
  evaluate,
}: let
  directory = ../../tests/scenarios;
  names = lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir directory));

  withFile = file: lib.filter (name: builtins.pathExists (directory + "/${name}/${file}")) names;

  forEach = prefix: file: check:
    lib.listToAttrs (map (name: lib.nameValuePair "${prefix}-${name}" (check (directory + "/${name}"))) (withFile file));

  # A host is a module, or the declaration alone.
  asModule = host: let
    content = import host;
  in
    if builtins.isFunction content || content ? services
    then host
    else {
      _file = toString host;
      services.podmanBtrfs = content;
    };

  # The helper takes a declaration for switched on.
  switchedOn = {services.podmanBtrfs.enable = lib.mkOverride 1400 true;};

  # The command line has no containers of NixOS to read an image from.
  planOf = host: (evaluate [(asModule host) switchedOn]).config.services.podmanBtrfs.plan;

  firstDifference = expected: found: path:
    if expected == found
    then []
    else if builtins.isAttrs expected && builtins.isAttrs found
    then
      lib.concatMap
      (name: firstDifference (expected.${name} or "absent") (found.${name} or "absent") (path ++ [name]))
      (lib.attrNames (expected // found))
    else if builtins.isList expected && builtins.isList found && lib.length expected == lib.length found
    then
      lib.concatLists
      (lib.imap0 (index: one: firstDifference one (builtins.elemAt found index) (path ++ [(toString index)])) expected)
    else ["${lib.concatStringsSep "." path}: expected ${builtins.toJSON expected}, found ${builtins.toJSON found}"];

  diskoLib = import (disko + "/lib") {
    inherit lib;
    rootMountPoint = "/mnt";
  };

  diskoDevices = file:
    (lib.evalModules {
      modules = [
        {options.disko.devices = lib.mkOption {type = diskoLib.toplevel;};}
        {config = import file;}
      ];
    })
    .config
    .disko
    .devices;
in {
  cases =
    forEach "the-module-plans-as-the-command-line-does" "plan.json"
    (scenario: firstDifference (lib.importJSON (scenario + "/plan.json")) (planOf (scenario + "/host.nix")) [])
    // forEach "disko-accepts" "disko.nix" (scenario: let
      devices = diskoDevices (scenario + "/disko.nix");
    in
      lib.optional (devices.disk == {}) "no disks"
      ++ lib.optional (builtins.stringLength "${devices._create}${devices._mount}" == 0) "no script"
      ++ lib.optional (builtins.deepSeq devices._config devices._config == {}) "no configuration");

  # The script that partitions and formats, as text; `checks/nix/disko-format` runs it on loop devices.
  formatScripts = lib.genAttrs (withFile "disko.nix") (name: (diskoDevices (directory + "/${name}/disko.nix"))._create);
}
