# The receiving side of btrbk: a user, a key for each source that is forced to one directory, and root's rights for what
# receiving takes and no more. It needs nothing else of this module and may be imported alone.
#
# btrbk's own `ssh_filter_btrbk.sh` is not used: it matches the beginning of a command and hands all of it to a shell.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs.receiver;
  sources = lib.attrValues cfg.sources;
  paths = map (source: source.path) sources;

  script = name: file: values:
    pkgs.writeScript "podman-btrfs-receiver-${name}" (lib.replaceStrings
      (["#!/usr/bin/env bash"] ++ lib.attrNames values)
      (["#!${pkgs.runtimeShell}"] ++ lib.attrValues values)
      (builtins.readFile file));

  root = script "root" ./root.sh {};
  guard = script "guard" ./guard.sh {"@root@" = "${root}";};

  forced = source:
    lib.concatStringsSep " " (
      ["${guard}"]
      ++ lib.optional (!source.appendOnly) "--delete"
      ++ lib.optional source.mayRead "--read"
      ++ lib.optional source.encrypted "--files"
      ++ [source.path]
    );
  authorized = source:
    lib.concatStringsSep "," (
      ["restrict" ''command="${forced source}"'']
      ++ lib.optional (source.from != []) ''from="${lib.concatStringsSep "," source.from}"''
    )
    + " ${source.publicKey}";

  # sudo compares arguments as one text, in which `*` matches blanks too: the guard hands over one path at a time, and what takes
  # several words is a script that looks at each of them.
  btrfs = "/run/current-system/sw/bin/btrfs";
  rights =
    map (arguments: "${btrfs} ${arguments}") (
      ["subvolume show *" "subvolume list *" "filesystem usage -b *"]
      ++ map (source: "subvolume delete --commit-after ${source.path}/*") (lib.filter (source: !source.encrypted && !source.appendOnly) sources)
    )
    ++ lib.concatMap (source: map (verb: "${root} ${source.path} ${verb} *") (verbs source)) sources;

  # What root does for a source besides.
  verbs = source:
    if source.encrypted
    then
      ["describe" "write" "complete" "describe-all"]
      ++ lib.optional source.mayRead "read"
      ++ lib.optional (!source.appendOnly) "remove"
    else ["receive" "clear"] ++ lib.optionals source.mayRead ["send" "records"];

  # The key itself, without its comment.
  keyOf = source: lib.concatStringsSep " " (lib.take 2 (lib.splitString " " source.publicKey));
  named = predicate: lib.attrNames (lib.filterAttrs (_: predicate) cfg.sources);

  sameKey = lib.filterAttrs (_: names: lib.length names > 1) (lib.groupBy (name: keyOf cfg.sources.${name}) (lib.attrNames cfg.sources));
  within = outer: named (source: lib.hasPrefix "${outer.path}/" "${source.path}/");
  overlapping = lib.filterAttrs (_: names: lib.length names > 1) (lib.mapAttrs (_: within) cfg.sources);

  together = names: lib.concatMapStringsSep " and " (name: "`${name}`") names;
in {
  _class = "nixos";
  imports = [./options.nix];

  config = lib.mkIf cfg.enable {
    assertions =
      lib.mapAttrsToList (_: names: {
        assertion = false;
        message = ''
          services.podmanBtrfs.receiver.sources: ${together names} have one key, and which of them sends could not be told.
            help: make a key on each source: `ssh-keygen -t ed25519`'';
      })
      sameKey
      ++ lib.mapAttrsToList (name: names: {
        assertion = false;
        message = ''
          services.podmanBtrfs.receiver.sources: ${together names} share ${cfg.sources.${name}.path}, and one could remove what the other sent.
            help: leave `path` out, and each has a directory of its own below ${cfg.path}'';
      })
      overlapping
      ++ [
        {
          assertion = config.security.sudo.enable;
          message = ''
            services.podmanBtrfs.receiver needs `security.sudo.enable`: the rights to receive are rules of sudo with arguments.
              help: services.podmanBtrfs.receiver.enable = false, or sudo in place of what stands in for it'';
        }
      ];

    users.users.${cfg.user} = {
      isSystemUser = true;
      group = cfg.user;
      # Where sshd looks for nothing: keys are in /etc.
      home = "/var/empty";
      # sshd runs the forced command with it.
      shell = pkgs.bashInteractive;
      openssh.authorizedKeys.keys = map authorized sources;
    };
    users.groups.${cfg.user} = {};

    # A source that vanished in the middle is noticed within two minutes, and what it left half is taken away.
    services.openssh.extraConfig = lib.mkAfter ''
      Match User ${cfg.user}
        ClientAliveInterval 30
        ClientAliveCountMax 4
      Match All
    '';

    environment.systemPackages = [pkgs.btrfs-progs pkgs.attr pkgs.gzip pkgs.xz pkgs.zstd pkgs.lz4];

    security.sudo.extraRules = [
      {
        users = [cfg.user];
        commands =
          map (command: {
            inherit command;
            options = ["NOPASSWD"];
          })
          rights;
      }
    ];

    # Made where the filesystem is mounted and nowhere else: receiving into a directory that is not there fails.
    systemd.services.podman-btrfs-receiver = {
      description = "Directories that copies of other hosts are received in";
      wantedBy = ["multi-user.target"];
      unitConfig.RequiresMountsFor = [cfg.path] ++ paths;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart =
          ["${pkgs.util-linux}/bin/findmnt --noheadings --types btrfs --target ${cfg.path}"]
          ++ map (path: "${pkgs.coreutils}/bin/mkdir --parents --mode=0755 ${path}") paths;
        NoNewPrivileges = true;
        PrivateNetwork = true;
        RestrictAddressFamilies = "none";
        RestrictNamespaces = true;
        SystemCallArchitectures = "native";
        CapabilityBoundingSet = ["CAP_DAC_OVERRIDE"];
      };
    };
  };
}
