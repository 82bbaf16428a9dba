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

  differences = expected: found: path:
    if expected == found
    then []
    else if builtins.isAttrs expected && builtins.isAttrs found
    then
      lib.concatMap
      (name: differences (expected.${name} or "absent") (found.${name} or "absent") (path ++ [name]))
      (lib.attrNames (expected // found))
    else if builtins.isList expected && builtins.isList found && lib.length expected == lib.length found
    then
      lib.concatLists
      (lib.imap0 (index: one: differences one (builtins.elemAt found index) (path ++ [(toString index)])) expected)
    else ["${lib.concatStringsSep "." path}: expected ${short expected}, found ${short found}"];

  short = value: builtins.substring 0 120 (builtins.toJSON value);

  # disko writes `subvol=` without the slash, and puts it last.
  sameOptions = options:
    lib.naturalSort (map (lib.replaceStrings ["subvol=/"] ["subvol="])
      (lib.filter (option: !lib.hasPrefix "x-systemd." option) options));

  mountDifferences = planned: found:
    differences
    {
      fsType = "btrfs";
      options = sameOptions planned.options;
      inherit (planned) neededForBoot;
    }
    {
      options = sameOptions found.options;
      inherit (found) fsType neededForBoot;
    }
    [planned.mountPoint];

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
  scripts = which: lib.genAttrs (withFile "artefacts/disko.nix") (name: (diskoDevices (directory + "/${name}/artefacts/disko.nix")).${which});
in {
  cases =
    forEach "the-module-plans-as-the-command-line-does" "plan.json"
    (scenario: lib.take 5 (differences (lib.importJSON (scenario + "/plan.json")) (planOf (scenario + "/host.nix")) []))
    // forEach "disko-accepts" "artefacts/disko.nix" (scenario: let
      devices = diskoDevices (scenario + "/artefacts/disko.nix");
    in
      lib.optional (devices.disk == {}) "no disks"
      ++ lib.optional (builtins.stringLength "${devices._create}${devices._mount}" == 0) "no script"
      ++ lib.optional (builtins.deepSeq devices._config devices._config == {}) "no configuration")
    // forEach "with-disko-each-mount-is-as-planned" "plan.json" (scenario: let
      inherit (evaluate [(disko + "/module.nix") (asModule (scenario + "/host.nix")) switchedOn]) config;
      planned = lib.concatMap (filesystem: filesystem.mounts) (lib.attrValues config.services.podmanBtrfs.plan.filesystems);
    in
      lib.concatMap (mount: mountDifferences mount config.fileSystems.${mount.mountPoint}) planned);

  # The scripts that partition and format, and that mount, as text; checks run them on loop devices.
  formatScripts = scripts "_create";
  mountScripts = scripts "_mount";
}
