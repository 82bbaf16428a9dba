# What lets a NixOS from before 23.05 stand in for a newer one: its units, files and packages are the real ones, and
# what it lacks is taken from nixos-stubs.nix and named, so that nobody takes a stand-in for the real thing.
#
# Null for a newer NixOS, which needs nothing of this.
{
  lib,
  nixpkgs,
}: let
  oldLib = import (nixpkgs + "/lib");

  isOld = import ./is-old-lib.nix oldLib;

  # The newest library, and from the old one what has been dropped since and its modules still call.
  joined = lib.extend (_: newest: removeAttrs oldLib (lib.attrNames lib) // {types = oldLib.types // newest.types;});

  evaluate = modules:
    import (nixpkgs + "/nixos/lib/eval-config.nix") {
      inherit modules;
      lib = joined;
      system = "x86_64-linux";
    };

  basics = {
    # snapper's keys were other ones.
    disabledModules = ["services/misc/snapper.nix"];
    # The old manual cannot be made with the new library.
    documentation.enable = lib.mkForce false;
    nixpkgs.overlays = [
      (_final: previous: {
        util-linux = previous.util-linux or previous.utillinux;
        qemu-user = previous.qemu-user or previous.qemu;
      })
    ];
  };

  stubs = import ./nixos-stubs.nix {lib = joined;};

  # Set by templates or by the module's rarer parts, which the stubs do without.
  newer = {
    nixpkgs.hostPlatform = anything;
    services.openssh.settings = anything;
    virtualisation.quadlet = anything;
  };
  anything = lib.mkOption {
    type = lib.types.anything;
    default = {};
  };

  # Each option that the real set has nowhere, with a declaration for it.
  missing = path: real: stub:
    if !lib.isOption stub
    then
      lib.concatMap
      (name: missing (path ++ [name]) (real.${name} or null) stub.${name})
      (lib.optionals (!lib.isOption real) (lib.attrNames stub))
    else
      lib.optional (real == null) {
        inherit path;
        option = stub;
      };

  absent = lib.concatMap (missing [] (evaluate [basics]).options) [stubs.options newer];
  isAbsent = path: lib.any (one: one.path == path) absent;

  # Options that are there, of things with names, for whose newer parts there is no option.
  byName = [
    ["swapDevices"]
    ["systemd" "services"]
    ["systemd" "user" "services"]
    ["users" "users"]
    ["virtualisation" "oci-containers" "containers"]
  ];
  open = type: lib.mkOption {type = type (lib.types.submodule {freeformType = lib.types.lazyAttrsOf lib.types.anything;});};
  ofPath = path:
    if path == ["swapDevices"]
    then lib.types.listOf
    else lib.types.attrsOf;

  # What stands in there: the parts in use that are not declared.
  undeclared = evaluated: path: let
    option = lib.getAttrFromPath path evaluated.options;
    declared = option.type.getSubOptions [];
    used = lib.concatMap lib.attrNames (
      if lib.isList option.value
      then option.value
      else lib.attrValues option.value
    );
  in
    map (name: "${lib.showOption path}.*.${name}") (lib.filter (name: !declared ? ${name}) (lib.unique used));

  isSet = evaluated: one: (lib.getAttrFromPath one.path evaluated.options).highestPrio < (lib.mkOptionDefault null).priority;
in
  if !isOld
  then null
  else {
    inherit evaluate;

    modules =
      map (one: {options = lib.setAttrByPath one.path one.option;}) absent
      ++ map (path: {options = lib.setAttrByPath path (open (ofPath path));}) byName
      ++ [
        basics
        {virtualisation.oci-containers.backend = lib.mkDefault "podman";}
        # Its own script before a start is one string, where a newer NixOS has a list that can be joined with another.
        ({config, ...}: {
          systemd.services = lib.mapAttrs' (name: _: lib.nameValuePair "podman-${name}" {preStart = lib.mkForce "";}) config.virtualisation.oci-containers.containers;
        })
        {options.virtualisation.containers.containersConf = open lib.id;}
        (lib.optionalAttrs (isAbsent ["virtualisation" "containers" "storage" "settings"]) {
          inherit (stubs.config) virtualisation;
        })
      ];

    # What of this took effect in a system.
    stoodInFor = evaluated:
      map (one: lib.showOption one.path) (lib.filter (isSet evaluated) absent)
      ++ lib.concatMap (undeclared evaluated) byName
      ++ ["systemd.services.podman-*.preStart" "virtualisation.containers.containersConf.settings"];
  }
