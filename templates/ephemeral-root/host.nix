# A root that is begun anew at each boot; data and stores lie beside it.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.main = {
      # EDIT 1: the disk, and its size.
      disks = ["/dev/disk/by-id/nvme-Samsung_SSD_990_PRO_2TB_S7KHNJ0X111111"];
      media = "nvme";
      capacity = "2T";
      encryption = "luks";
      system = true;
      ephemeralRoot = true;
    };

    engine.users.ci = {};

    workloads = {
      forge = {
        containers.forgejo.image = "codeberg.org/forgejo/forgejo:9";
        volumes.data.mounts.forgejo = "/data";
        protection.policy = "hourly";
      };

      runner = {
        user = "ci";
        containers.runner.image = "code.forgejo.org/forgejo/runner:6.0.1";
        volumes.cache = {
          mounts.runner = "/cache";
          class = "build";
        };
      };
    };

    policies.hourly = {
      rpo = "1h";
      keep = {
        hourly = 24;
        daily = 14;
      };
    };
  };
}
