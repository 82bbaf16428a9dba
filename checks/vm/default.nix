# Each script of tests/machine on NixOS, on the host that checks/machine/hosts gives it: `vm-<script>`.
{pkgs}: let
  inherit (pkgs) lib;

  inherit (import ./names.nix {inherit lib;}) nodeName;

  test = name: {
    script,
    nodes,
  }: let
    machines = lib.concatMapAttrs (node: lib.mapAttrs' (generation: lib.nameValuePair (nodeName node generation))) nodes;
    # Only a machine that is alone goes from one generation to another.
    word = built:
      lib.optionalString (nodes ? machine)
      (import ./switch-to.nix {inherit lib;} (lib.mapAttrs (generation: _: built.${nodeName "machine" generation}.system.build.toplevel) nodes.machine));
  in
    pkgs.testers.runNixOSTest {
      inherit name;
      globalTimeout = 1800;
      nodes = machines;
      testScript = {nodes, ...}: word nodes + builtins.readFile script;
    };
in
  lib.mapAttrs' (name: host: lib.nameValuePair "vm-${name}" (test name host)) (import ./hosts.nix {inherit lib;})
