# A server with Podman 6, root's containers and those of two users, and images that a build host fills.
{
  services.podmanBtrfs = {
    enable = true;

    host = {
      podman = "6.0.1";
      kernel = "6.12";
    };

    filesystems.tank = {
      disks = ["/dev/disk/by-id/nvme-Samsung_SSD_980_PRO_1TB_S5GXNX0T611111"];
      media = "nvme";
      capacity = "1T";
    };

    engine = {
      imageStore = true;
      additionalImageStores = ["/srv/shared-images"];
      pullOptions.convertImages = true;
      users = {
        alice.uid = 1000;
        bob = {};
      };
    };

    workloads = {
      wiki = {
        containers.wiki-web.image = "docker.io/requarks/wiki:2.5";
        volumes.uploads.mounts.wiki-web = "/wiki/data/content";
        protection.policy = "daily";
      };
      notes = {
        user = "alice";
        containers.notes-web.image = "docker.io/gristlabs/grist:1.5";
        volumes.documents.mounts.notes-web = "/persist";
        protection.policy = "daily";
      };
    };

    policies.daily = {
      rpo = "1d";
      keep.daily = 14;
    };
  };
}
