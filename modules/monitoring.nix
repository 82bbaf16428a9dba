# What a monitoring system is told of this host: a textfile for node_exporter, written by a timer; and, on request,
# rules for the Prometheus of this host.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (cfg) monitoring;

  # Of our own directory systemd takes care; anybody else's is there already.
  own = "/var/lib/podman-btrfs-metrics";
  place =
    if monitoring.textfileDirectory == own
    then {
      StateDirectory = "podman-btrfs-metrics";
      StateDirectoryMode = "0755";
    }
    else {ReadWritePaths = [monitoring.textfileDirectory];};
in {
  config = lib.mkMerge [
    {
      services.podmanBtrfs.monitoring = {
        rulesFile = ../rust/emit/src/monitoring/prometheus-rules.yaml;
        dashboardFile = ../rust/emit/src/monitoring/grafana-dashboard.json;
      };
    }

    (lib.mkIf (cfg.enable && monitoring.prometheusRules) {
      services.prometheus.ruleFiles = [monitoring.rulesFile];
    })

    (lib.mkIf (cfg.enable && monitoring.enable) {
      services.prometheus.exporters.node.extraFlags =
        lib.mkIf (config.services.prometheus.exporters.node.enable && monitoring.nodeExporter)
        ["--collector.textfile.directory=${monitoring.textfileDirectory}"];

      systemd.services.podman-btrfs-metrics = {
        description = "Metrics of the planned Btrfs filesystems";
        documentation = ["man:podman-btrfs(1)"];
        # That it failed is told too, so it is not required.
        after = ["podman-btrfs-apply.service"];
        unitConfig.RequiresMountsFor = [monitoring.textfileDirectory];

        # The last two for what is otherwise than planned: owners, and the state of units.
        path = [pkgs.btrfs-progs pkgs.getent config.systemd.package];

        serviceConfig =
          import ./hardening.nix
          // place
          // {
            Type = "oneshot";
            # By a path that stays: each plan would be another unit with its own.
            ExecStart = "${cfg.package}/bin/podman-btrfs metrics /etc/podman-btrfs/plan.json --textfile ${monitoring.textfileDirectory}/podman-btrfs.prom";
            # 1: something could not be found out, which the values say, and an alert.
            SuccessExitStatus = 1;
            Nice = 10;
            IOSchedulingClass = "idle";

            # Snapshots and receipts are not everybody's.
            CapabilityBoundingSet = ["CAP_DAC_READ_SEARCH" "CAP_SYS_ADMIN"];
            # Which filesystem is mounted is told by the names and numbers of the host's devices; none of them is opened.
            DevicePolicy = "closed";
            PrivateTmp = true;
            # The service manager tells the state of units by its socket.
            RestrictAddressFamilies = ["AF_UNIX"];
            SystemCallFilter = ["@system-service" "~@resources"];
          };
      };

      systemd.timers.podman-btrfs-metrics = {
        description = "Metrics of the planned Btrfs filesystems";
        wantedBy = ["timers.target"];
        timerConfig = {
          OnBootSec = "1min";
          OnUnitActiveSec = monitoring.interval;
          AccuracySec = "10s";
        };
      };
    })
  ];
}
