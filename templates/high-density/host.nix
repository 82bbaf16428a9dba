# A dense host: 200 copies of one tenant's application, and 160 functions of a rootless user.
{
  services.podmanBtrfs = {
    enable = true;

    host = {
      platform = "linux/amd64";
      memory = "256G";
      cpus = 32;
    };

    filesystems.fast = {
      # EDIT 1: the disk, and its size.
      disks = ["/dev/disk/by-id/nvme-SAMSUNG_MZQL23T8HCLS-00A07_S64HNE0T111111"];
      media = "nvme";
      capacity = "4T";
      system = true;
    };

    workloads.tenant = {
      # EDIT 3: how many copies; system.nix makes as many containers.
      replicas = 200;
      containers.tenant-app.image = "docker.io/vaultwarden/server:1.34.1";
      volumes = {
        data = {
          mounts.tenant-app = "/data";
          class = "embedded-database";
          engine = "sqlite";
          size = "10G";
        };
        tmp.mounts.tenant-app = "/tmp";
      };
      protection.policy = "tenants";
    };

    # Rootless, and nothing of theirs is kept.
    engine.users.edge.uid = 1000;
    workloads.function = {
      user = "edge";
      replicas = 160;
      containers.edge-function.image = "ghcr.io/openfaas/of-watchdog:0.10.9";
    };

    policies.tenants = {
      rpo = "1h";
      keep = {
        hourly = 12;
        daily = 7;
      };
    };
  };
}
