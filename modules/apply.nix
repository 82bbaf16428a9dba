# The unit that makes the plan true before anything needs it.
{
  config,
  lib,
  pkgs,
  utils,
  ...
}: let
  cfg = config.services.podmanBtrfs;

  # It names no path of the store, so a file of the evaluator's own will do, and nothing is built for it.
  planFile = builtins.toFile "podman-btrfs-plan.json" (builtins.toJSON cfg.plan);

  apply = "${cfg.package}/bin/podman-btrfs apply ${planFile}";

  devices = lib.unique (map
    (filesystem: "${utils.escapeSystemdPath filesystem.device}.device")
    (lib.attrValues cfg.plan.filesystems));
in {
  config = lib.mkIf cfg.enable {
    # What is run by hand: `migrate` copies with rsync, `copies` and `restore --from` read a directory's copies with getfattr.
    environment.systemPackages = [cfg.package pkgs.attr pkgs.rsync];
    environment.etc."podman-btrfs/plan.json".source = planFile;

    systemd.services.podman-btrfs-apply = {
      description = "Planned Btrfs subvolumes and attributes of Podman workloads";
      documentation = ["man:podman-btrfs(1)"];

      # It comes before the mounts that it makes the subvolumes of, so it cannot wait for the system to be up. Those
      # mounts are ordered after it and do not require it: where it fails and every subvolume is there, the machine
      # boots as before. A mount whose subvolume is missing fails, as it would without it. Containers require it.
      unitConfig.DefaultDependencies = false;
      wantedBy = ["local-fs.target"];
      before = ["local-fs.target" "shutdown.target"];
      conflicts = ["shutdown.target"];
      wants = devices;
      after = devices ++ ["systemd-remount-fs.service"];

      # A restart would stop the containers that require it; a reload does the same work and stops nothing.
      reloadIfChanged = true;

      path = [pkgs.btrfs-progs pkgs.e2fsprogs pkgs.getent pkgs.util-linux];

      serviceConfig =
        import ./hardening.nix
        // {
          Type = "oneshot";
          RemainAfterExit = true;
          # 1: something is left for a person to decide, and nothing was done about it. What is there holds data, and the
          # containers that use it go on.
          SuccessExitStatus = 1;
          ExecStart = apply;
          ExecReload = apply;

          # Receipts.
          StateDirectory = "podman-btrfs";
          StateDirectoryMode = "0700";

          # It mounts the top level of each filesystem there, for itself alone.
          RuntimeDirectory = "podman-btrfs";
          RuntimeDirectoryMode = "0700";
          CapabilityBoundingSet = [
            "CAP_CHOWN"
            "CAP_DAC_OVERRIDE"
            "CAP_DAC_READ_SEARCH"
            "CAP_FOWNER"
            "CAP_FSETID"
            "CAP_LINUX_IMMUTABLE"
            "CAP_SYS_ADMIN"
          ];
          # Not PrivateTmp, which waits for mounts that wait for this. Disks are what it mounts; ProtectClock alone would
          # forbid all of them.
          DevicePolicy = "closed";
          DeviceAllow = ["block-* rw"];
          RestrictNamespaces = "mnt";
          SystemCallFilter = ["@system-service" "@mount"];
        };
    };
  };
}
