# What a monitoring system is told, and by what.
{lib, ...}: let
  inherit (lib) mkOption types;

  file = example: description:
    mkOption {
      inherit example description;
      type = types.path;
      readOnly = true;
    };
in {
  options = {
    enable = lib.mkEnableOption "a textfile of metrics for node_exporter: space, errors of devices, scrubs, ages of snapshots, the last `apply`";

    interval = mkOption {
      type = types.str;
      default = "5min";
      example = "1min";
      description = "How often it is written anew, as a time span of systemd.";
    };

    textfileDirectory = mkOption {
      # It is part of a command line and of a unit's list of paths.
      type = types.strMatching "/[A-Za-z0-9._/-]*[A-Za-z0-9._-]";
      default = "/var/lib/podman-btrfs-metrics";
      example = "/var/lib/prometheus-node-exporter";
      description = "Where `podman-btrfs.prom` is written; any directory but the default one must exist, and be root's.";
    };

    nodeExporter = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = ''
        Whether `services.prometheus.exporters.node`, where it is enabled, is told the directory. False where its flags
        name it already.
      '';
    };

    prometheusRules = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether the Prometheus of this host (`services.prometheus`) gets the rules. They are the same for all hosts, so
        one Prometheus needs them once; one on a host where nothing is planned takes `rulesFile`.
      '';
    };

    rulesFile = file (lib.literalExpression "{ services.prometheus.ruleFiles = [ config.services.podmanBtrfs.monitoring.rulesFile ]; }") "The rules of Prometheus; readable also where the module is not enabled.";

    dashboardFile = file (lib.literalExpression "{ environment.etc.\"grafana/podman-btrfs.json\".source = config.services.podmanBtrfs.monitoring.dashboardFile; }") "The dashboard of Grafana; a provider of `services.grafana.provision.dashboards` takes the directory that it is put into.";
  };
}
