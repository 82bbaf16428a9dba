# One mail server on two mirrored SSDs.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.mail = {
      disks = [
        "/dev/disk/by-id/ata-INTEL_SSDSC2KB038T8_PHYF100001"
        "/dev/disk/by-id/ata-INTEL_SSDSC2KB038T8_PHYF100002"
      ];
      media = "ssd";
      capacity = "3840G";
      system = true;
    };

    workloads.mail = {
      containers = {
        mail-server.image = "docker.io/mailserver/docker-mailserver:15";
        mail-redis.image = "docker.io/library/redis:8";
      };
      volumes = {
        boxes = {
          mounts.mail-server = "/var/mail";
          class = "documents";
          size = "400G";
          growth = "300M/day";
          churn = "1G/day";
        };
        state = {
          mounts.mail-server = "/var/mail-state";
          class = "documents";
        };
        config = {
          mounts.mail-server = "/tmp/docker-mailserver";
          class = "configuration";
        };
        certificates = {
          mounts.mail-server = "/etc/letsencrypt";
          class = "secrets";
        };
        logs = {
          mounts.mail-server = "/var/log/mail";
          class = "logs";
        };
        statistics.mounts.mail-redis = "/data";
      };
      protection.policy = "gold";
    };

    policies.gold = {
      rpo = "15min";
      keep = {
        hourly = 24;
        daily = 30;
        monthly = 12;
      };
      targets = ["house"];
    };

    targets.house = {
      url = "ssh://backup@house.example.org:2222/backup/mail";
      keep = {
        daily = 90;
        yearly = 5;
      };
    };
  };
}
