# Scripts of tests/machine with their hosts, and each template with one script for all: for each machine of a script and each
# generation of it the modules. A machine that is alone is called `machine`. Each has its plan committed, so that `nix flake check --no-build` and `nix flake show` evaluate
# it without building anything; `UPDATE=1 checks/nix/run the-plans-of-the-machines-are-current` writes them.
{lib}: let
  inherit (import ./names.nix {inherit lib;}) planName;

  scripts = ../../tests/machine;
  templates = ../../templates;

  # One declaration, or one for each generation; a machine begins with the first. Of several machines, for each of them.
  declarations = name: host:
    if host ? scenario
    then {first = ../../tests/scenarios + "/${host.scenario}/host.nix";}
    else import (scripts + "/generations/${name}.nix");

  machine = name: node: host: generation: declaration: {
    imports = [
      ../../modules
      declaration
      (import ./machine.nix (removeAttrs host ["scenario"]))
    ];
    services.podmanBtrfs.planFile = ./plans + "/${name}/${planName node generation}.json";
  };

  ofScript = name: let
    host = lib.importJSON (../machine/hosts + "/${name}.json");
    several = lib.mapAttrs (node: lib.mapAttrs (machine name node host.nodes.${node})) (declarations name host).nodes;
  in {
    script = scripts + "/${name}.py";
    nodes =
      if host ? nodes
      then several
      else {machine = lib.mapAttrs (machine name "machine" host) (declarations name host);};
  };

  # What a template takes for granted beside its own disks, and what is too large for a machine of a test.
  ofTemplates = {
    # The machine's root is its own, and no Btrfs.
    ephemeral-root.module.boot.initrd.systemd.services.podman-btrfs-begin-root.enable = lib.mkForce false;
    existing-host.host.others.usb = "/mnt/usb-backup";
    high-density.module.services.podmanBtrfs.workloads = {
      tenant.replicas = lib.mkForce 3;
      function.replicas = lib.mkForce 2;
    };
  };

  ofTemplate = template: let
    name = "template-${template}-boots";
    own = ofTemplates.${template} or {};
    declaration.imports = [(templates + "/${template}/host.nix") (own.module or {})];
  in
    lib.nameValuePair name {
      script = scripts + "/templates/boots.py";
      nodes.machine.first = machine name "machine" (own.host or {}) "first" declaration;
    };

  named = kind: directory: lib.attrNames (lib.filterAttrs (_: found: found == kind) (builtins.readDir directory));
in
  lib.genAttrs (map (lib.removeSuffix ".py") (lib.filter (lib.hasSuffix ".py") (named "regular" scripts))) ofScript
  // lib.listToAttrs (map ofTemplate (named "directory" templates))
