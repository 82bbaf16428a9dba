# What a monitoring system is told: the unit, node_exporter's flags, and the rules.
{
  lib,
  tools,
}:
with tools; let
  with' = more: (evaluate [../hosts/shop.nix more]).config;
  told = more: with' {services.podmanBtrfs.monitoring = {enable = true;} // more;};
  exporter = {services.prometheus.exporters.node.enable = true;};
  flags = config: config.services.prometheus.exporters.node.extraFlags;
  rules = config: map toString config.services.prometheus.ruleFiles;
  metrics = config: config.systemd.services.podman-btrfs-metrics.serviceConfig;
in {
  metrics-are-collected-on-request = let
    config = told {interval = "1min";};
    execution = (metrics config).ExecStart;
  in
    expect "nobody asked" (shop.config.systemd.services ? podman-btrfs-metrics) false
    ++ holds "it is not what is run: ${execution}" (lib.hasInfix "/bin/podman-btrfs metrics /etc/podman-btrfs/plan.json --textfile /var/lib/podman-btrfs-metrics/podman-btrfs.prom" execution)
    ++ expect "how often" config.systemd.timers.podman-btrfs-metrics.timerConfig.OnUnitActiveSec "1min"
    ++ expect "the timer is started" config.systemd.timers.podman-btrfs-metrics.wantedBy ["timers.target"]
    ++ expect "its directory is made" (metrics config).StateDirectory "podman-btrfs-metrics"
    ++ expect "and everybody's to read" (metrics config).StateDirectoryMode "0755"
    ++ expect "a failed apply is told too" config.systemd.services.podman-btrfs-metrics.requires [];

  sizes-are-recorded-each-day = let
    inherit (shop.config.systemd) services timers;
    recorder = services.podman-btrfs-status.serviceConfig;
  in
    holds "it is not what is run: ${recorder.ExecStart}" (lib.hasSuffix "/bin/podman-btrfs status /etc/podman-btrfs/plan.json --record" recorder.ExecStart)
    ++ expect "how often" timers.podman-btrfs-status.timerConfig.OnCalendar "daily"
    ++ expect "the timer is started" timers.podman-btrfs-status.wantedBy ["timers.target"]
    ++ expect "it writes beside the receipts" recorder.StateDirectory services.podman-btrfs-apply.serviceConfig.StateDirectory
    ++ expect "which stay root's" recorder.StateDirectoryMode "0700";

  metrics-go-where-the-user-has-them = let
    config = told {textfileDirectory = "/var/lib/prometheus-node-exporter";};
  in
    expect "it may write there" (metrics config).ReadWritePaths ["/var/lib/prometheus-node-exporter"]
    ++ expect "and makes no other" ((metrics config) ? StateDirectory) false
    ++ holds "it does not write there" (lib.hasSuffix " /var/lib/prometheus-node-exporter/podman-btrfs.prom" (metrics config).ExecStart);

  node-exporter-reads-them-where-it-runs = let
    asked = more: flags (evaluate [../hosts/shop.nix exporter {services.podmanBtrfs.monitoring = {enable = true;} // more;}]).config;
  in
    expect "it runs" (asked {}) ["--collector.textfile.directory=/var/lib/podman-btrfs-metrics"]
    ++ expect "its flags name one already" (asked {nodeExporter = false;}) []
    ++ expect "it does not run" (flags (told {})) []
    ++ expect "nothing is collected" (flags (with' exporter)) [];

  prometheus-gets-the-rules-on-request = let
    asked = with' {services.podmanBtrfs.monitoring.prometheusRules = true;};
    # The host of a Prometheus that is for others.
    elsewhere = (evaluate []).config.services.podmanBtrfs.monitoring;
    file = lib.head (rules asked ++ [""]);
  in
    expect "nobody asked" (rules (told {})) []
    ++ expect "one file" (lib.length (rules asked)) 1
    ++ holds "it is no file of rules: ${file}" (lib.hasSuffix "/prometheus-rules.yaml" file)
    ++ holds "others cannot read it" (lib.hasSuffix "/prometheus-rules.yaml" (toString elsewhere.rulesFile))
    ++ holds "the dashboard is not" (lib.hasSuffix "/grafana-dashboard.json" (toString elsewhere.dashboardFile));
}
