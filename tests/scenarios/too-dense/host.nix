# Functions as containers, a copy for each customer: more than the machine holds, whatever it is told.
{
  services.podmanBtrfs = {
    enable = true;

    host = {
      platform = "linux/amd64";
      memory = "32G";
      cpus = 16;
    };

    filesystems.fast = {
      disks = ["/dev/disk/by-id/nvme-SAMSUNG_MZQL23T8HCLS-00A07_S64HNE0T222222"];
      media = "nvme";
      capacity = "1T";
    };

    workloads.function = {
      replicas = 20000;
      containers.function-runner.image = "ghcr.io/openfaas/of-watchdog:0.10.9";
      volumes.state = {
        mounts.function-runner = "/state";
        class = "documents";
        size = "20M";
      };
      protection.policy = "quick";
    };

    policies.quick = {
      rpo = "5min";
      keep = {
        hourly = 24;
        daily = 7;
      };
    };
  };
}
