# A host that uses every option of NixOS which the module sets: an existing filesystem and a new disk, Podman 6 with a
# rootless user, both tools, images of several platforms, so many copies that the kernel and the timers are told, and
# a container of each kind.
{
  imports = [./shop.nix];

  services.prometheus.exporters.node.enable = true;

  services.podmanBtrfs = {
    monitoring = {
      enable = true;
      prometheusRules = true;
    };
    drill.enable = true;

    update.enable = true;

    host = {
      platform = "linux/amd64";
      podman = "6.0";
      memory = "256G";
      cpus = 32;
    };

    filesystems.build = {
      disks = ["/dev/disk/by-id/nvme-b"];
      mountPoint = "/srv/build";
    };
    engine = {
      filesystem = "tank";
      users.alice = {};
    };

    workloads = {
      shop = {
        filesystem = "tank";
        injectVolumes = true;
      };
      notes = {
        filesystem = "tank";
        injectVolumes = true;
      };
      # A group over two filesystems that stands still, with every occasion.
      blog = {
        filesystem = "tank";
        containers.blog.image = "docker.io/library/mariadb:11";
        volumes = {
          files.mounts.blog = "/files";
          data = {
            filesystem = "build";
            mounts.blog = "/var/lib/mysql";
          };
        };
        protection = {
          policy = "gold";
          consistency = "application";
          hooks.blog = {
            freeze = ["sync"];
            timeout = "5s";
            onError = "fail";
          };
          dumps.blog = {
            into = "files";
            engine = "mariadb";
            timeout = "2h";
            onError = "fail";
          };
          freezeBudget = "3s";
          snapshotOn = {
            stop = true;
            imageUpdate = true;
            activation = true;
          };
        };
      };
      tenant = {
        filesystem = "tank";
        replicas = 200;
        containers.tenant.image = "docker.io/vaultwarden/server:1.34.1";
        volumes.data = {
          mounts.tenant = "/data";
          class = "embedded-database";
          engine = "sqlite";
        };
        protection.policy = "gold";
      };
      functions = {
        filesystem = "tank";
        user = "alice";
        replicas = 160;
        containers.function.image = "ghcr.io/openfaas/of-watchdog:0.10.9";
        volumes.cache.mounts.function = "/cache";
      };
      builder = {
        filesystem = "build";
        pod = "building";
        platforms = ["linux/amd64" "linux/arm64"];
        emulated = ["linux/arm64"];
        containers.builder.image = "quay.io/buildah/stable:v1.41";
        volumes.layers.mounts.builder = "/var/lib/containers";
      };
    };
  };

  users.users.alice.uid = 1000;
}
