# Vaultwarden, a document archive and an identity provider.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.vault = {
      disks = [
        "/dev/disk/by-id/ata-KINGSTON_SEDC600M960G_50026B7686B00001"
        "/dev/disk/by-id/ata-KINGSTON_SEDC600M960G_50026B7686B00002"
        "/dev/disk/by-id/ata-KINGSTON_SEDC600M960G_50026B7686B00003"
      ];
      dataProfile = "raid1c3";
      media = "ssd";
      capacity = "960G";
      encryption = "luks";
      system = true;
    };

    workloads = {
      passwords = {
        containers.passwords-web.image = "docker.io/vaultwarden/server:1.34.3";
        volumes.data = {
          mounts.passwords-web = "/data";
          class = "embedded-database";
        };
        protection.policy = "forever";
      };

      papers = {
        containers.papers-web.image = "ghcr.io/paperless-ngx/paperless-ngx:2.18";
        volumes = {
          data.mounts.papers-web = "/usr/src/paperless/data";
          media.mounts.papers-web = "/usr/src/paperless/media";
          consume = {
            mounts.papers-web = "/usr/src/paperless/consume";
            snapshot = false;
          };
        };
        protection.policy = "forever";
      };
    };

    policies.forever = {
      rpo = "1h";
      keep = {
        hourly = 48;
        daily = 30;
        monthly = 24;
        yearly = 10;
      };
      targets = ["elsewhere"];
    };

    targets.elsewhere.url = "ssh://vault@elsewhere.example.org/srv/vault";
  };
}
