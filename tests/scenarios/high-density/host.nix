# A dense host: 200 copies of one tenant's application.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.fast = {
      disks = ["/dev/disk/by-id/nvme-SAMSUNG_MZQL23T8HCLS-00A07_S64HNE0T111111"];
      media = "nvme";
      capacity = "4T";
    };

    workloads.tenant = {
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

    policies.tenants = {
      rpo = "1h";
      keep = {
        hourly = 12;
        daily = 7;
      };
    };
  };
}
