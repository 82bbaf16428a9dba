# Each script of tests/machine on NixOS, on the host that checks/machine/hosts gives it: `vm-<script>`.
{pkgs}: let
  inherit (pkgs) lib;
  scripts = ../../tests/machine;
  names = map (lib.removeSuffix ".py") (lib.filter (lib.hasSuffix ".py") (lib.attrNames (builtins.readDir scripts)));

  test = name: let
    host = lib.importJSON (../machine/hosts + "/${name}.json");
  in
    pkgs.testers.runNixOSTest {
      inherit name;
      globalTimeout = 1800;
      nodes.machine.imports = [
        ../../modules
        (../../tests/scenarios + "/${host.scenario}/host.nix")
        (import ./machine.nix host)
      ];
      testScript = builtins.readFile (scripts + "/${name}.py");
    };
in
  lib.listToAttrs (map (name: lib.nameValuePair "vm-${name}" (test name)) names)
