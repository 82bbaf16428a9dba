# A Debian server that has run Podman 4.3 for years, with the btrfs driver, and gets a filesystem of its own for containers.
{
  services.podmanBtrfs = {
    enable = true;

    host = {
      podman = "4.3.1";
      kernel = "6.1";
    };

    filesystems.data = {
      device = "/dev/disk/by-uuid/7d3b5d0c-5f6e-4d1a-9a36-0f5c1f6b2a44";
      media = "ssd";
      capacity = "2T";
    };

    # What `podman info` prints there.
    engine.existing.store = {
      driver = "btrfs";
      graphRoot = "/var/lib/containers/storage";
      runRoot = "/run/containers/storage";
      volumePath = "/var/lib/containers/storage/volumes";
    };

    workloads.forum = {
      containers = {
        forum-web.image = "docker.io/library/ghost:5";
        forum-mysql.image = "docker.io/library/mysql:8.4";
      };
      volumes = {
        content.mounts.forum-web = "/var/lib/ghost/content";
        mysql.mounts.forum-mysql = "/var/lib/mysql";
      };
      protection.policy = "hourly";
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
