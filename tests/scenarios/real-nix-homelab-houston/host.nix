# A server as a public configuration has it: containers on ext4, each stopped while rsync copies its data.
{
  services.podmanBtrfs = {
    enable = true;

    # The disk that the containers would move to; the host has ext4 only.
    filesystems.data = {
      disks = ["/dev/disk/by-id/nvme-planned"];
      media = "nvme";
    };

    policies.apps = {
      rpo = "1d";
      keep = {
        daily = 7;
        weekly = 4;
      };
      targets = ["backup"];
    };
    targets.backup.url = "ssh://backup@nas/srv/backup/houston";

    workloads = {
      grist = {
        containers.grist.image = "docker.io/gristlabs/grist:1.7.7";
        existing.backup = {
          method = "stop-and-copy";
          onlyWhenActive = true;
        };
        protection.policy = "apps";
        volumes = {
          persist = {
            mounts.grist = "/persist";
            class = "embedded-database";
            engine = "sqlite";
            size = "2G";
            existing = {
              path = "/data/podman/grist/persist";
              filesystemType = "ext4";
            };
          };
        };
      };

      linkding = {
        containers.linkding.image = "ghcr.io/sissbruecker/linkding:1.41.0-plus";
        existing.backup = {
          method = "stop-and-copy";
          onlyWhenActive = true;
        };
        protection.policy = "apps";
        volumes = {
          data = {
            mounts.linkding = "/etc/linkding/data";
            class = "embedded-database";
            engine = "sqlite";
            existing = {
              path = "/data/podman/linkding/data";
              filesystemType = "ext4";
            };
          };
        };
      };

      dokuwiki = {
        containers.dokuwiki.image = "docker.io/linuxserver/dokuwiki:version-2025-05-14b";
        existing.backup = {
          method = "stop-and-copy";
          onlyWhenActive = true;
        };
        protection.policy = "apps";
        volumes = {
          config = {
            mounts.dokuwiki = "/config";
            class = "documents";
            size = "3G";
            existing = {
              path = "/data/podman/dokuwiki/config";
              filesystemType = "ext4";
            };
          };
        };
      };

      shaarli = {
        containers.shaarli.image = "docker.io/shaarli/shaarli:v0.12.2";
        existing.backup = {
          method = "stop-and-copy";
          onlyWhenActive = true;
        };
        protection.policy = "apps";
        volumes = {
          data = {
            mounts.shaarli = "/var/www/shaarli/data";
            class = "documents";
            size = "1G";
            existing = {
              path = "/data/podman/shaarli/data";
              filesystemType = "ext4";
            };
          };
          cache = {
            mounts.shaarli = "/var/www/shaarli/cache";
            size = "1G";
            existing = {
              path = "/data/podman/shaarli/cache";
              filesystemType = "ext4";
            };
          };
        };
      };

      pawtunes = {
        containers.pawtunes.image = "docker.io/jackyprahec/pawtunes:1.0.6";
        protection.policy = "apps";
        volumes = {
          config = {
            mounts.pawtunes = "/var/www/html/inc/config";
            class = "configuration";
            existing = {
              path = "/data/podman/pawtunes/inc/config";
              filesystemType = "ext4";
            };
          };
          locale = {
            mounts.pawtunes = "/var/www/html/inc/locale";
            class = "configuration";
            existing = {
              path = "/data/podman/pawtunes/inc/locale";
              filesystemType = "ext4";
            };
          };
          data = {
            mounts.pawtunes = "/var/www/html/data";
            class = "documents";
            existing = {
              path = "/data/podman/pawtunes/data";
              filesystemType = "ext4";
            };
          };
        };
      };

      it-tools.containers.it-tools.image = "ghcr.io/corentinth/it-tools:2024.10.22-7ca5933";
    };
  };
}
