# Snapshots, retention and copies, by the tools that the plan chose. What these need and do not make themselves
# (snapper's `.snapshots`, btrbk's directory of snapshots) is in the plan, and `podman-btrfs apply` makes it.
{
  config,
  lib,
  pkgs,
  utils,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  values = cfg.bundle.nixos.services or {};
  snapper = values.snapper or {};
  jobsOf = tool: lib.filter (job: job.tool == tool) cfg.plan.protection.jobs;

  paths = job: map (subvolume: subvolume.hostPath) job.subvolumes;

  needs = directories: {
    after = ["podman-btrfs-apply.service"];
    requires = ["podman-btrfs-apply.service"];
    unitConfig.RequiresMountsFor = directories;
  };

  snapperUnits = lib.optionalAttrs (jobsOf "snapper" != []) (lib.genAttrs
    ["snapper-timeline" "snapper-cleanup"]
    (_: needs (lib.unique (lib.concatMap paths (jobsOf "snapper")))));

  instances = values.btrbk.instances or {};
  targets = lib.concatMap (job: lib.attrValues job.targets) (jobsOf "btrbk");
  isEncrypted = lib.any (target: target ? encryption) targets;

  runsOf = import ./runs-of.nix {inherit lib cfg;};

  # A disk is pulled when the run is over, and much of what was sent is not on it before the kernel writes it by itself. It may be away.
  localTargets = job: lib.filter (lib.hasPrefix "/") (map (target: target.url) (lib.attrValues job.targets));
  written = path: "-+" + utils.escapeSystemdExecArgs ["${pkgs.coreutils}/bin/sync" "--file-system" "--" path];
  btrbkUnit = job:
    needs [job.volumeDirectory job.snapshotDirectory]
    // lib.optionalAttrs (localTargets job != []) {serviceConfig.ExecStopPost = map written (localTargets job);};

  btrbkUnits =
    lib.listToAttrs (lib.concatMap (job: map (name: lib.nameValuePair "btrbk-${name}" (btrbkUnit job)) (runsOf job.name)) (jobsOf "btrbk"));

  # Who is logged in to, and where: `ssh://user@host:port/path`.
  loginOf = url: let
    found = builtins.match "ssh://(([^@/]+)@)?(\\[([^]/]+)]|([^]/:]+))(:[0-9]+)?/.*" url;
    plain = lib.elemAt found 4;
  in
    lib.optional (found != null) {
      user = lib.elemAt found 1;
      host =
        if plain == null
        then lib.elemAt found 3
        else plain;
    };
  logins = lib.unique (lib.concatMap (target: loginOf target.url) targets);

  # A host that vanishes says nothing any more, and ssh would wait for it for hours, and two minutes at each further login: no
  # further run would begin meanwhile. The receiving side does the same. What else is said of that host comes before, and holds.
  noticed = {
    host,
    user,
  }: ''
    Match originalhost ${host}${lib.optionalString (user != null) " user ${user}"}
      ConnectTimeout 15
      ServerAliveInterval 30
      ServerAliveCountMax 4
  '';
in {
  config = lib.mkIf cfg.enable {
    programs.ssh.extraConfig =
      lib.mkIf (logins != []) (lib.mkAfter (lib.concatMapStrings noticed logins + "Match all\n"));

    services.btrbk = {
      inherit instances;
      # What btrbk runs to write an encrypted copy.
      extraPackages = lib.mkIf isEncrypted [pkgs.gnupg pkgs.zstd];
    };
    # What reads one back.
    environment.systemPackages = lib.mkIf isEncrypted [pkgs.gnupg pkgs.zstd];
    services.snapper = {
      configs = snapper.configs or {};
      snapshotInterval = lib.mkIf (snapper ? snapshotInterval) snapper.snapshotInterval;
    };

    systemd = {
      services = btrbkUnits // snapperUnits;
      timers = cfg.bundle.nixos.systemd.timers or {};
    };
  };
}
