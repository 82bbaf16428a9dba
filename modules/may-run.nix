# Asked before each run of btrbk that sends: whether what lies here continues the copies at the targets. On a new host in the place of a
# lost one it does not, and a run would thin the good copies there to make room for empty volumes.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  runsOf = import ./runs-of.nix {inherit lib cfg;};
  sending = lib.filter (job: job.tool == "btrbk" && job.targets != {}) cfg.plan.protection.jobs;

  unit = job: run:
    lib.nameValuePair "podman-btrfs-may-run-${run}" {
      description = "Whether what lies here continues the copies of ${run}";
      documentation = ["man:podman-btrfs(1)"];
      # Required: where it says no, or cannot tell what lies here, nothing is sent and nothing is thinned.
      requiredBy = ["btrbk-${run}.service"];
      before = ["btrbk-${run}.service"];
      after = ["podman-btrfs-apply.service" "network-online.target"];
      wants = ["network-online.target"];
      requires = ["podman-btrfs-apply.service"];
      unitConfig.RequiresMountsFor = [job.volumeDirectory job.snapshotDirectory];
      # A switch does not ask.
      restartIfChanged = false;

      # What targets are reached with.
      path = [pkgs.btrfs-progs pkgs.getent pkgs.openssh pkgs.util-linux];

      serviceConfig =
        removeAttrs (import ./hardening.nix) ["PrivateNetwork"]
        // {
          Type = "oneshot";
          # By a path that stays: each plan would be another unit with its own.
          ExecStart = "${cfg.package}/bin/podman-btrfs copies /etc/podman-btrfs/plan.json --may-run ${run}";
          # A target that does not answer is given up after two minutes, and keeps no run from beginning.
          TimeoutStartSec = "15min";

          # What was said to be meant to begin anew is read there.
          StateDirectory = "podman-btrfs";
          StateDirectoryMode = "0700";

          # The trees of subvolumes are told to CAP_SYS_ADMIN alone; the key that copies are sent with is btrbk's.
          CapabilityBoundingSet = ["CAP_DAC_READ_SEARCH" "CAP_SYS_ADMIN"];
          PrivateTmp = true;
          RestrictAddressFamilies = ["AF_UNIX" "AF_INET" "AF_INET6"];
          SystemCallFilter = ["@system-service" "~@resources"];
        };
    };
in {
  config.systemd.services = lib.mkIf cfg.enable (lib.listToAttrs (lib.concatMap (job: map (unit job) (runsOf job.name)) sending));
}
