# Prometheus, Loki and Grafana.
{
  services.podmanBtrfs = {
    enable = true;

    host = {
      memory = "32G";
      cpus = 8;
      timeZone = "Europe/Berlin";
    };

    filesystems.metrics = {
      disks = ["/dev/disk/by-id/nvme-WD_BLACK_SN850X_2000GB_23380N800001"];
      media = "nvme";
      capacity = "2T";
    };

    workloads = {
      observe = {
        containers = {
          observe-prometheus.image = "docker.io/prom/prometheus:v3.5.0";
          observe-loki.image = "docker.io/grafana/loki:3.5.3";
        };
        volumes = {
          series = {
            mounts.observe-prometheus = "/prometheus";
            size = "300G";
            growth = "512M/day";
            churn = "12G/day";
          };
          logs = {
            mounts.observe-loki = "/loki";
            size = "400G";
            growth = "1G/day";
            churn = "6G/day";
          };
        };
        protection.policy = "three-days";
      };

      dashboards = {
        containers.dashboards-grafana.image = "docker.io/grafana/grafana:12.1.0";
        volumes.state = {
          mounts.dashboards-grafana = "/var/lib/grafana";
          size = "2G";
        };
        protection.policy = "a-month";
      };
    };

    policies = {
      three-days = {
        rpo = "6h";
        keep.daily = 3;
      };
      a-month.keep = {
        daily = 30;
        monthly = 6;
      };
    };
  };
}
