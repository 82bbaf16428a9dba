# Each script of tests/machine on NixOS, on the host that checks/machine/hosts gives it: `vm-<script>`.
{pkgs}: let
  inherit (pkgs) lib;

  # A further generation is a machine of its own, of which only the system is used. Names of machines are Python's too.
  nodeName = generation:
    if generation == "first"
    then "machine"
    else "generation_${lib.replaceStrings ["-"] ["_"] generation}";

  test = name: {
    script,
    generations,
  }:
    pkgs.testers.runNixOSTest {
      inherit name;
      globalTimeout = 1800;
      nodes = lib.mapAttrs' (generation: lib.nameValuePair (nodeName generation)) generations;
      testScript = {nodes, ...}:
        import ./switch-to.nix {inherit lib;} (lib.mapAttrs (generation: _: nodes.${nodeName generation}.system.build.toplevel) generations)
        + builtins.readFile script;
    };
in
  lib.mapAttrs' (name: host: lib.nameValuePair "vm-${name}" (test name host)) (import ./hosts.nix {inherit lib;})
